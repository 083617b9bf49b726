"""From the code on the screen to the red flag at the top of the day and its end; a phone on bad wifi."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from tests.functional import red_flag_story as story
from tests.functional.conftest import CHROMIUM, LISTEN, Browser, open_clinic
from tests.web.conftest import BEFORE
from tests.web.server import Server

CACHED = """async () => {
  const found = [];
  for (const name of await caches.keys())
    for (const one of await (await caches.open(name)).keys()) found.push(new URL(one.url).pathname);
  return found;
}"""
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@dataclass
class Story:
    """The clinic, Chidi's phone, and where his pages are."""

    clinic: Browser
    phone: Browser
    chidi: story.Chidi
    address: str = ""

    @property
    def server(self) -> Server:
        return self.clinic.server

    def waiting(self) -> int:
        return self.phone.page.evaluate("async () => (await outbox.all('diary')).length")

    def restart(self) -> None:
        was = self.server
        self.clinic.server = Server(was.data, was.log, port=was.port)


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    if not CHROMIUM.is_file():
        pytest.skip(f"there is no Chromium at {CHROMIUM}: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        clinic, chromium = open_clinic(playwright, tmp_path_factory.mktemp("red"), width=820)
        clinic.server.stop()
        chidi = story.seed(clinic.server.data)
        context = chromium.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
        context.add_init_script(LISTEN)
        page = context.new_page()
        page.set_default_timeout(90_000)
        made = Story(clinic, Browser(page, clinic.server, clinic.camera), chidi)
        made.restart()
        yield made
        chromium.close()
        made.server.stop()


def read_code(page) -> str:
    """What a phone's camera reads in the code on the screen."""
    cv2 = pytest.importorskip("cv2")
    import numpy as np

    shot = page.locator(".linkcard .code svg").screenshot()
    return cv2.QRCodeDetector().detectAndDecode(cv2.imdecode(np.frombuffer(shot, np.uint8), 1))[0]


def test_the_code_on_the_screen_opens_the_diary_without_leaving_its_token_anywhere(told):
    clinic, page = told.clinic, told.phone.page
    clinic.go(told.chidi.session)
    clinic.press("Diary link for the patient")
    told.address = clinic.page.locator("#address").input_value()
    assert read_code(clinic.page) == told.address
    sent = []
    page.on("request", lambda request: sent.append(request.headers.get("referer", "")))
    page.goto(told.address)
    token = told.address.rstrip("/").rsplit("/", 1)[-1]
    assert page.url == f"{told.server.address}/diary/"
    told.phone.sees("Chidi, how is your skin?")
    assert "Okafor" not in page.content()
    page.reload()
    assert not [one for one in [*sent, page.content(), told.server.said] if token in one]
    page.go_back()
    assert token not in page.url


def test_blisters_on_day_4_tell_the_patient_to_call_and_stand_first_on_the_clinics_day(told):
    clinic, phone = told.clinic, told.phone
    phone.go("/diary/")
    assert (
        phone.page.locator("#entry fieldset.card legend").first.inner_text().startswith("Does the skin feel")
    )
    story.day_4(phone.page)
    phone.page.set_input_files("#photo", str(BEFORE))
    phone.page.click(".send")
    phone.sees("Call the clinic now")
    phone.sees("Do not open the blisters")
    assert phone.page.locator("a.call").get_attribute("href") == "tel:+49301234567"
    assert told.waiting() == 0
    clinic.go("/today/")
    first = clinic.page.locator("main .list li").first
    assert "urgent" in first.get_attribute("class")
    assert "Okafor, Chidi: same day" in first.inner_text()
    first.locator("a").click()
    clinic.sees("Small blisters in a group")
    photo = clinic.page.locator(".entry img")
    photo.scroll_into_view_if_needed()  # it is loaded once it is near
    assert photo.evaluate("async (one) => { await one.decode(); return one.naturalWidth; }") > 0


def test_the_red_flag_leaves_the_list_when_somebody_wrote_what_was_done(told):
    clinic = told.clinic
    page = clinic.page
    page.locator(".alarm select[name=did]").select_option("seen")
    page.locator(".alarm [name=says]").fill("Herpes; antiviral given by Dr Berg")
    clinic.tap(".alarm button:has-text('Write it down')")
    clinic.sees("Herpes; antiviral given by Dr Berg")
    assert page.locator(".alarm").count() == 0
    clinic.go("/today/")
    assert "same day" not in page.inner_text("main")
    clinic.go(told.chidi.patient)
    clinic.sees("Diary, day 4")


def test_nothing_is_sent_while_a_question_that_is_shown_is_open(told):
    phone = told.phone
    phone.go("/diary/")
    page = phone.page

    def complete() -> bool:
        return page.evaluate("document.querySelector('#entry').checkValidity()")

    for sign in ("warmth", "swelling", "redness"):
        story.feel(page, sign, "None")
    story.feel(page, "pain", "Clearly")
    page.locator("#others label:has-text('None of these')").click()
    assert not complete()  # which way the pain goes
    story.feel(page, "pain", "Clearly", "Getting less")
    assert complete()
    page.locator("#others label:has-text('None of these')").click()
    assert not complete()  # neither what is there nor that nothing is
    page.locator("#others label:has-text('Pus')").click()
    assert complete()


def test_an_entry_on_bad_wifi_is_kept_on_the_phone_and_sent_once_when_it_is_back(told):
    phone, context = told.phone, told.phone.page.context
    phone.go("/diary/")
    context.set_offline(True)
    story.well(phone.page)
    phone.page.locator(".send").dblclick()
    phone.sees("Kept on this phone")
    assert told.waiting() == 1
    phone.page.close()  # the browser is closed, the connection comes back, the diary is opened again
    context.set_offline(False)
    phone.page = context.new_page()
    phone.go("/diary/")
    phone.sees("What this phone kept was sent")
    assert told.waiting() == 0
    told.clinic.go(f"{told.chidi.session}recovery/")
    assert told.clinic.page.locator(".entry").count() == 2


def test_a_kept_entry_with_an_impossible_number_arrives_with_its_photograph(told):
    phone, context = told.phone, told.phone.page.context
    phone.go("/diary/")
    context.set_offline(True)
    story.well(phone.page)
    phone.page.locator("#others label:has-text('feverish')").click()
    phone.page.fill("#temperature", "98")
    phone.page.set_input_files("#photo", str(BEFORE))
    phone.page.click(".send")
    phone.sees("Kept on this phone")
    context.set_offline(False)
    phone.go("/diary/")
    phone.sees("What this phone kept was sent")
    told.clinic.go(f"{told.chidi.session}recovery/")
    assert told.clinic.page.locator(".entry:has-text('98 °C') img").count() == 1


def test_without_the_clinics_computer_the_questions_open_all_the_same_and_a_red_flag_is_said(told):
    phone = told.phone
    phone.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    told.server.stop()
    phone.go("/diary/")
    phone.sees("There is no connection")
    assert "Chidi" not in phone.page.content()
    story.day_4(phone.page)
    phone.page.click(".send")
    phone.sees("Call the clinic now")
    assert told.waiting() == 1
    kept = phone.page.evaluate(CACHED)
    assert all(one.startswith("/static/") or one == "/diary/offline/" for one in kept)
    told.restart()
    phone.go("/diary/")
    phone.sees("What this phone kept was sent")
    told.clinic.go("/today/")
    assert "Okafor, Chidi: same day" in told.clinic.page.locator("main .list li").first.inner_text()


def test_T13_fifty_times_at_once_is_one_entry(told):
    cookies = {one["name"]: one["value"] for one in told.phone.page.context.cookies()}
    header = "; ".join(f"{name}={value}" for name, value in cookies.items())

    def ask(place: str, body: bytes | None = None) -> bytes:
        headers = {"Cookie": header, "Accept": "application/json", "Origin": told.server.address}
        return urlopen(Request(f"{told.server.address}{place}", body, headers), timeout=120).read()

    csrf = json.loads(ask("/diary/open/"))["csrf"]
    fields = {"csrfmiddlewaretoken": csrf, "key": "fifty-times-at-once", "how_pain": "1", "note": "once"}
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: ask("/diary/", urlencode(fields).encode()), range(50)))
    assert {json.loads(one)["url"] for one in answers} == {"/diary/said/"}
    told.clinic.go(f"{told.chidi.session}recovery/")
    assert told.clinic.page.locator(".entry:has-text('once')").count() == 1


def test_a_link_that_was_taken_back_is_closed_at_once_also_where_it_is_open(told):
    clinic, phone = told.clinic, told.phone
    clinic.go(f"{told.chidi.session}recovery/")
    clinic.press("Take it back")
    phone.go("/diary/offline/")
    story.well(phone.page)
    phone.page.click(".send")
    phone.sees("Kept on this phone. This link does not open any more. Call the clinic")
    for place in ("/diary/", told.address.removeprefix(told.server.address)):
        phone.go(place)
        phone.sees("The diary is closed")
        phone.sees("+49 30 1234567")
    assert [one for one in clinic.troubles if "POLICY" in one] == []
    assert [one for one in phone.troubles if "POLICY" in one] == []


def nothing_waits(page, kind: str) -> bool:
    """Whether the browser's store of unsent things empties; the page may load anew meanwhile."""
    from playwright.sync_api import Error

    for _ in range(200):
        try:
            if page.evaluate(f"async () => (await outbox.all('{kind}')).length") == 0:
                return True
        except Error:
            pass
        page.wait_for_timeout(100)
    return False


def test_a_sheet_and_a_photograph_on_bad_wifi_survive_a_closed_page(told):
    clinic, context = told.clinic, told.clinic.page.context
    page = clinic.page
    clinic.go(told.chidi.patient)
    clinic.press("Consultation")
    sheet = page.url
    context.set_offline(True)
    page.fill("[name=wish]", "Smoother cheeks")
    page.wait_for_selector("#saved:has-text('No connection')")
    page.close()
    page = clinic.page = context.new_page()
    context.set_offline(False)
    page.goto(sheet)
    for _ in range(300):
        if page.input_value("[name=wish]") == "Smoother cheeks":
            break
        page.wait_for_timeout(100)
    assert page.input_value("[name=wish]") == "Smoother cheeks"
    assert nothing_waits(page, "sheet")

    clinic.go(f"{told.chidi.patient}capture/")
    page.wait_for_selector("#shutter:not([disabled])")
    context.set_offline(True)
    page.click("#shutter")
    page.wait_for_selector(".step-state:has-text('waits for the connection')")
    page.close()
    page = clinic.page = context.new_page()
    context.set_offline(False)
    clinic.go("/today/")
    page.click("#said a:has-text('Send them now')")
    page.wait_for_selector(".step-state:has-text('kept')")
    assert nothing_waits(page, "photo")
    clinic.go(f"{told.chidi.patient}photos/")
    assert page.locator(".photos li").count() == 1


def test_every_page_of_a_recovery_fits(told):
    page = told.clinic.page
    for place in (
        f"{told.chidi.session}recovery/",
        f"{told.chidi.session}recovery/write/",
        "/diary/offline/",
    ):
        told.clinic.go(place)
        for width in (390, 820, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (place, width)
