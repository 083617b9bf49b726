"""A clinic that is served by the real command, and its owner's browser with a passkey of its own."""

import time
from pathlib import Path

import pytest

from tests.web.conftest import PASSWORD
from tests.web.server import Server

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
LISTEN = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error("POLICY " + event.violatedDirective + " " + event.blockedURI));
"""
REFUSAL = "Failed to load resource: the server responded with a status of 4"


class Browser:
    """One page, with its taps counted and its troubles noted."""

    def __init__(self, page, address: str) -> None:
        self.page, self.address = page, address
        self.troubles: list[str] = []
        self.taps, self.began = 0, time.monotonic()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.troubles.append(f"{page.url}: {error}"))
        page.on("dialog", lambda dialog: dialog.accept())

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

    def answer(self, name: str, value: str = "no") -> None:
        """Press one of the answers to a question."""
        self.taps += 1
        self.page.locator(f"[name='{name}'][value='{value}']").check()

    def fill(self, name: str, value: str) -> None:
        self.taps += 1
        self.page.locator(f"[name='{name}']").first.fill(value)

    def saved(self) -> None:
        """Until the draft was saved by itself."""
        self.page.wait_for_selector("#saved:has-text('Saved as a draft')", timeout=20_000)

    def sees(self, words: str, where: str = "main") -> None:
        for _ in range(100):  # a press may wait for the draft to be saved first
            shown = " ".join(self.page.inner_text(where).split())
            if words in shown:
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{words!r} is not on {self.page.url}: {shown}")

    def count(self) -> tuple[int, float]:
        """Taps and seconds since the last count."""
        counted = self.taps, time.monotonic() - self.began
        self.taps, self.began = 0, time.monotonic()
        return counted

    def _heard(self, message) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(REFUSAL):
            self.troubles.append(f"{self.page.url}: {message.text}")


def open_clinic(playwright, folder: Path, width: int = 1024) -> tuple[Server, Browser, object]:
    """Serve an empty clinic and make its owner's account."""
    server = Server(folder / "clinic", folder / "server.log")
    chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
    context = chromium.new_context(viewport={"width": width, "height": 900})
    context.add_init_script(LISTEN)
    page = context.new_page()
    page.set_default_timeout(20_000)
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    browser = Browser(page, server.address)
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
    return server, browser, chromium


@pytest.fixture(scope="module")
def clinic(tmp_path_factory):
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    if not CHROMIUM.is_file():
        pytest.skip(f"there is no Chromium at {CHROMIUM}: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        server, browser, chromium = open_clinic(playwright, tmp_path_factory.mktemp("clinic"))
        yield browser
        chromium.close()
        server.stop()
