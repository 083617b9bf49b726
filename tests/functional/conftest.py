"""A clinic that is served by the real command, and its owner's browser with a passkey of its own."""

import time
from pathlib import Path

import pytest

from tests.functional.opened import ARGUMENTS, CHROMIUM, LISTEN, note_troubles
from tests.functional.staged import LIBRARY, ahead
from tests.web.conftest import BEFORE, PASSWORD
from tests.web.server import Server
from tests.web.test_capture_browser import y4m

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Browser:
    """One page, with its taps counted and its troubles noted."""

    def __init__(self, page, server: Server, camera: Path) -> None:
        self.page, self.server, self.camera = page, server, camera
        self.address = server.address
        self.troubles: list[str] = []
        self.taps, self.typed, self.began = 0, 0, time.monotonic()
        note_troubles(page, self.troubles)

    def go(self, place: str) -> None:
        self.page.goto(f"{self.address}{place}")

    def tap(self, what: str, nth: int = 0) -> None:
        """One tap, then the page stands still."""
        self.taps += 1
        self.page.locator(what).nth(nth).click()
        self.page.wait_for_load_state()

    def press(self, words: str) -> None:
        """A button or a link that looks like one, by its words."""
        self.tap(f"main button:has-text('{words}'):visible, main a.button:has-text('{words}'):visible")
        if "/account/confirm/" in self.page.url:  # a slow machine: the sign-in lies minutes back
            self.page.fill("[name=password]", PASSWORD)
            self.page.click("main button:has-text('Confirm')")

    def answer(self, name: str, value: str = "no") -> None:
        """Press one of the answers to a question."""
        self.taps += 1
        self.page.locator(f"[name='{name}'][value='{value}']").check()

    def fill(self, name: str, value: str) -> None:
        self.taps, self.typed = self.taps + 1, self.typed + len(value)
        self.page.locator(f"[name='{name}']").first.fill(value)

    def saved(self) -> None:
        """Until the draft was saved by itself."""
        self.page.wait_for_selector("#saved:has-text('Saved as a draft')", timeout=90_000)

    def sees(self, words: str, where: str = "main") -> None:
        for _ in range(600):  # a press may wait for the draft to be saved first
            shown = " ".join(self.page.inner_text(where).split())
            if words in shown:
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{words!r} is not on {self.page.url}: {shown}")

    def later(self, days: int) -> None:
        """So many days later in the clinic; its owner signs in again, with the passkey."""
        if LIBRARY is None:
            pytest.skip("faketime is not installed: apt-get install faketime")
        was = self.server
        was.stop()
        self.server = Server(was.data, was.log, ahead(days), was.port)
        self.go("/today/")
        self.page.click("#passkey_login")
        self.page.wait_for_url(f"{self.address}/today/")  # the sign-in's own address only ends like it

    def count(self) -> tuple[int, float]:
        """Taps and seconds since the last count."""
        counted = self.taps, time.monotonic() - self.began
        self.taps, self.typed, self.began = 0, 0, time.monotonic()
        return counted


def open_clinic(playwright, folder: Path, width: int = 1024) -> tuple[Browser, object]:
    """Serve an empty clinic and make its owner's account."""
    server = Server(folder / "clinic", folder / "server.log")
    camera = y4m(BEFORE, folder / "camera.y4m")
    fake = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={camera}"]
    chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=[*ARGUMENTS, *fake])
    context = chromium.new_context(viewport={"width": width, "height": 900}, permissions=["camera"])
    context.add_init_script(LISTEN)
    page = context.new_page()
    page.set_default_timeout(90_000)
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    browser = Browser(page, server, camera)
    page.goto(server.link)
    for name, value in {"name": "Dr Berg", "email": "berg@clinic.example"}.items():
        page.fill(f"[name={name}]", value)
    for name in ("password", "again"):
        page.fill(f"[name={name}]", PASSWORD)
    browser.press("Go on")
    browser.press("Add a passkey")
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/recovery-codes/**")
    browser.press("I have them")
    return browser, chromium


@pytest.fixture(scope="module")
def clinic(tmp_path_factory):
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    if not CHROMIUM.is_file():
        pytest.skip(f"there is no Chromium at {CHROMIUM}: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        browser, chromium = open_clinic(playwright, tmp_path_factory.mktemp("clinic"))
        yield browser
        chromium.close()
        browser.server.stop()
