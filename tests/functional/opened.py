"""The staged clinic, served and looked at by its owner in a real browser."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.functional.staged import AHEAD, LIBRARY
from tests.web.server import Server, environment

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
LISTEN = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error("POLICY " + event.violatedDirective + " " + event.blockedURI));
"""
REFUSAL = "Failed to load resource: the server responded with a status of 4"
SCREENS = {390: 844, 820: 1180, 1280: 900}
"""Width and height of a phone, a tablet, a desk, in CSS pixels."""
IDLE = "new Promise((ready) => requestIdleCallback(() => requestAnimationFrame(ready), { timeout: 2000 }))"
SETTLED = 100
"""Looks, 50 ms apart: a page that polls is never quiet."""
MEASURED = 240
"""Seconds until the comparison is there, many times what it takes."""


def why_not() -> str:
    """What the machine lacks for it."""
    if not CHROMIUM.is_file():
        return f"there is no Chromium at {CHROMIUM}: apt-get install chromium"
    if LIBRARY is None:
        return "faketime is not installed: apt-get install faketime"
    return ""


@dataclass
class Opened:
    """A page of the owner's browser, the places of the clinic, and what the browser complained of."""

    page: Any
    address: str
    places: dict[str, list[str]]
    troubles: list[str] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    """What each place answers, asked once."""
    asked: set[Any] = field(default_factory=set)
    """Requests of the page that are on their way."""

    def pages(self) -> Iterator[tuple[str, str]]:
        """A name for each picture, and where it is."""
        for name, places in self.places.items():
            for number, place in enumerate(places):
                yield (f"{name}-{number}" if len(places) > 1 else name), place

    def open(self, place: str) -> bool:
        """Whether it is a page; files and data are left alone."""
        if place not in self.kinds:
            answer = self.page.request.get(f"{self.address}{place}")
            self.kinds[place] = answer.headers.get("content-type", "")
        if "text/html" not in self.kinds[place]:
            return False
        self.asked.clear()  # of the page before
        self.page.goto(f"{self.address}{place}")
        self.settle()
        return True

    def settle(self) -> None:
        """Until the page's scripts have run and nothing that they asked for is on its way.

        Playwright's "networkidle" waits half a second more on every page.
        """
        for _ in range(SETTLED):
            self.page.evaluate(IDLE)
            if not self.asked:
                return
            self.page.wait_for_timeout(50)

    def measured(self) -> None:
        """Wait until the comparison is."""
        place = self.places["comparison"][0]
        for _ in range(MEASURED):
            said = self.page.request.get(f"{self.address}{place}").text()
            if "Being compared" not in said:
                assert 'class="viewer"' in said, "the comparison came to nothing"
                return
            self.page.wait_for_timeout(1000)
        raise AssertionError("the comparison was not measured")

    def listen(self, page: Any) -> None:
        """Note what the browser complains of."""
        note_troubles(page, self.troubles)

        def asked(request: Any) -> None:
            self.asked.add(request)
            if not request.url.startswith((self.address, "blob:", "data:")):
                self.troubles.append(f"asked of another host: {request.url}")

        page.on("request", asked)

        def ended(request: Any) -> None:  # Playwright marks what it calls, which a set's own method forbids
            self.asked.discard(request)

        page.on("requestfinished", ended)
        page.on("requestfailed", ended)


def note_troubles(page: Any, troubles: list[str]) -> None:
    """What the browser complains of, with the page it was on; questions of the page are answered with yes."""

    def heard(message: Any) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(REFUSAL):
            troubles.append(f"{page.url}: {message.text}")

    page.on("console", heard)
    page.on("pageerror", lambda error: troubles.append(f"{page.url}: {error}"))
    page.on("dialog", lambda dialog: dialog.accept())


def staged(data: Path) -> dict[str, Any]:
    """Made by a process of its own, some hundred days ahead."""
    command = [*AHEAD, sys.executable, "-m", "tests.functional.staged", str(data)]
    made = subprocess.run(
        command, capture_output=True, text=True, timeout=1800, check=False, cwd=Path(__file__).parents[2],
        env=environment(),
    )  # fmt: skip
    assert made.returncode == 0, made.stderr[-4000:]
    return dict(json.loads(made.stdout))


@contextmanager
def opened(folder: Path, more: tuple[str, ...] = ()) -> Iterator[Opened]:
    """Stage a clinic, serve it, open a browser as its owner."""
    from playwright.sync_api import sync_playwright

    data = folder / "clinic"
    told = staged(data)
    server = Server(data, folder / "server.log", before=AHEAD)
    try:
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=[*ARGUMENTS, *more])
            context = chromium.new_context(viewport={"width": 1280, "height": 900})
            context.add_init_script(LISTEN)
            context.add_cookies([{"name": "session", "value": told["session"], "url": server.address}])
            page = context.new_page()
            page.set_default_timeout(30_000)
            clinic = Opened(page, server.address, told["places"])
            clinic.listen(page)
            yield clinic
            chromium.close()
    finally:
        server.stop()
