"""T30: the first run and every page in a real browser with a virtual passkey: nothing is blocked, nothing is
inline, nothing is asked of another host, nothing overflows."""

from pathlib import Path

import pytest

from tests.web.conftest import AFTER, BEFORE, PASSWORD
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
EXPECTED = (
    "Failed to load resource: the server responded with a status of 4"  # a refusal that the test asked for
)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chromium():
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    if not CHROMIUM.is_file():
        pytest.skip(f"there is no Chromium at {CHROMIUM}: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def clinic(tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser")
    running = Server(folder / "clinic", folder / "server.log")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def troubles():
    return []


@pytest.fixture(scope="module")
def owner(chromium, clinic, troubles):
    """Alice's browser, with a passkey of its own."""
    context = chromium.new_context(viewport={"width": 1024, "height": 768})
    context.add_init_script(LISTEN)
    page = context.new_page()
    watch(page, clinic, troubles)
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    yield page
    context.close()


def watch(page, clinic, troubles):
    def heard(message):
        if message.type in ("error", "warning") and not message.text.startswith(EXPECTED):
            troubles.append(f"{page.url}: {message.text}")

    def asked(request):
        if not request.url.startswith((clinic.address, "blob:")):
            troubles.append(f"asked of another host: {request.url}")

    page.on("console", heard)
    page.on("pageerror", lambda error: troubles.append(f"{page.url}: {error}"))
    page.on("request", asked)
    page.on("dialog", lambda dialog: dialog.accept())


def press(page, words: str) -> None:
    page.click(f"main button:has-text('{words}'), main a.button:has-text('{words}')")
    page.wait_for_load_state()


def test_the_first_run_with_a_passkey(owner, clinic):
    owner.goto(clinic.link)
    assert "/join/" in owner.url
    assert len(owner.url.rsplit("/join/")[1]) == 0  # the token is not in the address any more
    for field, value in {"name": "Dr Alice", "email": "alice@clinic.example"}.items():
        owner.fill(f"[name={field}]", value)
    for field in ("password", "again"):
        owner.fill(f"[name={field}]", PASSWORD)
    press(owner, "Go on")
    assert owner.url.endswith("/account/second-factor/")
    owner.goto(f"{clinic.address}/patients/")
    assert owner.url.endswith("/account/second-factor/")  # a password alone opens nothing
    press(owner, "Add a passkey")
    owner.click("#mfa_webauthn_add")
    owner.wait_for_url("**/recovery-codes/**")
    press(owner, "I have them")
    assert owner.url.endswith("/today/")
    owner.goto(f"{clinic.address}/account/sign-out/")
    press(owner, "Sign out")
    owner.click("#passkey_login")
    owner.wait_for_url("**/today/")


def test_from_a_new_patient_to_a_withdrawn_consent(owner, clinic):
    owner.goto(f"{clinic.address}/patients/")
    press(owner, "New patient")
    fields = {"family_name": "Núñez-O'Neil", "given_name": "Ana <b>", "birth_date": "1991-04-12"}
    for field, value in fields.items():
        owner.fill(f"[name={field}]", value)
    press(owner, "Save")
    assert "Núñez-O'Neil" in owner.inner_text("h1")
    press(owner, "All, and add")
    for picture, view in ((BEFORE, "front"), (AFTER, "left_45")):
        owner.set_input_files("[name=photo]", str(picture))
        owner.select_option("[name=view]", view)
        press(owner, "Keep it")
    owner.wait_for_load_state("networkidle")
    assert owner.evaluate("[...document.images].every((image) => image.naturalWidth > 0)")
    assert owner.locator(".photos img").count() == 2
    owner.set_input_files("[name=photo]", __file__)
    press(owner, "Keep it")
    assert "not a picture" in owner.inner_text(".wrongs")
    owner.click(".tabs a:has-text('Consent')")
    owner.click("a.button:has-text('Ask') >> nth=5")
    owner.check("[name=answer][value=given]")
    owner.check("[name=channels][value=website]")
    owner.check("[name=photos] >> nth=0")
    owner.locator("#pad").scroll_into_view_if_needed()
    box = owner.locator("#pad").bounding_box()
    owner.mouse.move(box["x"] + 40, box["y"] + 40)
    owner.mouse.down()
    owner.mouse.move(box["x"] + 200, box["y"] + 80, steps=6)
    owner.mouse.up()
    press(owner, "Write it down")
    assert owner.locator(".tag.good", has_text="given").count() == 1
    press(owner, "Withdraw")
    assert owner.locator(".tag", has_text="withdrawn").count() == 1


def test_two_tabs_edit_one_patient_and_nothing_is_lost(owner, clinic):
    owner.goto(f"{clinic.address}/patients/")
    owner.click("#found a.row")
    press(owner, "Correct")
    other = owner.context.new_page()
    other.goto(owner.url)
    owner.fill("[name=phone]", "0111")
    press(owner, "Save")
    other.fill("[name=phone]", "0222")
    press(other, "Save")
    conflict = other.inner_text(".note.warn")
    assert "0111" in conflict
    assert "0222" in conflict
    press(other, "Save mine over theirs")
    assert "0222" in other.inner_text("main")
    other.close()


def test_the_search_answers_while_one_types(owner, clinic):
    owner.goto(f"{clinic.address}/patients/")
    owner.fill("#q", "nobody")
    owner.wait_for_selector("#found:has-text('Nobody you treat')")
    owner.fill("#q", "nun")
    owner.wait_for_selector("#found a.row")


PLACES = (
    "patients/", "patients/new/", "patients/break-glass/", "audit/", "audit/patients/1/", "staff/",
    "settings/", "settings/clinic/", "settings/time/", "settings/consent-texts/",
    "settings/zones/", "settings/stock/", "settings/stock/new/cartridge/", "settings/rules/",
    "settings/rules/session.interval/", "settings/sheets/", "settings/repeatability/",
    "account/", "account/keys/", "account/sessions/",
    "account/password/", "account/second-factor/", "account/second-factor/webauthn/",
    "account/second-factor/totp/activate/", "account/second-factor/recovery-codes/", "account/confirm/",
    "account/sign-out/", "nothing/here/",
)  # fmt: skip
OF_A_PATIENT = ("", "change/", "photos/", "consents/", "consents/record/", "care-team/", "merge/", "custody/")


WIDTHS = (390, 820, 1280)


def test_T30_every_page(owner, clinic, troubles):
    owner.goto(f"{clinic.address}/patients/")
    patient = owner.get_attribute("#found a.row", "href").strip("/")
    owner.goto(f"{clinic.address}/{patient}/photos/")
    photo = owner.get_attribute(".photos a", "href").strip("/")
    places = [*PLACES, *(f"{patient}/{place}" for place in OF_A_PATIENT), f"{photo}/"]
    seen, wide = 0, []
    for place in places:
        owner.goto(f"{clinic.address}/{place}")
        assert owner.locator("h1").count() == 1, place
        for width in WIDTHS:
            owner.set_viewport_size({"width": width, "height": 844})
            if owner.evaluate("document.documentElement.scrollWidth") > width:
                wide.append((place, width))
        seen += 1
    assert not wide
    assert seen >= 27
    assert not troubles
