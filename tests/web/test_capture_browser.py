"""A set captured with Chromium's fake camera and compared, in the real browser, on the real server.

The camera shows the demonstration's after photograph; the baseline is its before photograph. Nothing is
mocked: frames are checked, photographs kept and the pair measured by the same processes as in a clinic.
"""

import json
import os
import signal
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.web.conftest import AFTER, BEFORE
from tests.web.server import Server, python

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is missing: apt-get install chromium"),
]
PATIENCE = 240_000
"""Milliseconds: many times what it takes on a computer that does nothing else."""


def y4m(photo: Path, out: Path) -> Path:
    """One frame as raw video that Chromium takes for a camera."""
    picture = cv2.resize(cv2.imread(str(photo)), (960, 1200), interpolation=cv2.INTER_AREA)
    planes = cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420)
    frame = b"FRAME\n" + np.ascontiguousarray(planes).tobytes()
    out.write_bytes(b"YUV4MPEG2 W960 H1200 F10:1 Ip A1:1 C420jpeg\n" + 3 * frame)
    return out


SEED = """
import io, json, sys, time
from datetime import date, timedelta
from pathlib import Path
from microrelief.web.start import open_site
open_site(Path(sys.argv[1]), create=True)
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone
from microrelief.web.patients.actions import add_patient
from microrelief.web.people.actor import Actor
from microrelief.web.people.models import Person
from microrelief.web.photosets.actions import finish_set, take_view
from microrelief.web.photosets.models import PhotoSet
bob = Person(email="bob@clinic.example", name="Bob", role="clinician")
bob.set_unusable_password()
bob.save()
Authenticator.objects.create(user=bob, type=Authenticator.Type.TOTP, data={"secret": "none"})
identity = {"family_name": "Sommer", "given_name": "Anna", "birth_date": date(1991, 4, 12)}
anna = add_patient(by=Actor(bob), key="patient-0001", identity=identity)
if len(sys.argv) > 2:
    content = Path(sys.argv[2]).read_bytes()
    taken = take_view(by=Actor(bob), patient=anna, set_key="baseline-0001", key="photo-000001", view="front",
                      upload=io.BytesIO(content), size=len(content))
    finish_set(by=Actor(bob), photo_set=taken.photo_set)
    PhotoSet.objects.update(day=timezone.localdate() - timedelta(days=98))
browser = Client()
browser.force_login(bob, backend="allauth.account.auth_backends.AuthenticationBackend")
session = browser.session
session["account_authentication_methods"] = [
    {"method": "password", "at": time.time(), "reauthenticated": True}]
session["account_authentication_methods_user"] = str(bob.pk)
session.save()
print(json.dumps({"session": session.session_key, "patient": str(anna.pk)}))
"""

TOLD = """
import json, sys
from pathlib import Path
from microrelief.web.start import open_site
open_site(Path(sys.argv[1]))
from microrelief.web.comparisons.models import Comparison
from microrelief.web.photosets.models import PhotoSet
print(json.dumps({
    "comparisons": [[one.state, one.grade, one.attempts] for one in Comparison.objects.all()],
    "sets": [[one.is_baseline, one.finished_at is not None, [v.view for v in one.taken()],
              sorted({v.skipped for v in one.in_order() if v.photo is None})]
             for one in PhotoSet.objects.order_by("made_at")],
    "names": [v.photo.file_name for one in PhotoSet.objects.all() for v in one.taken()],
}))
"""


class Clinic:
    """`microrelief serve` on a data folder with Bob, who treats Anna, and perhaps her baseline."""

    def __init__(self, folder: Path, *, baseline: bool) -> None:
        self.data, self.folder = folder / "clinic", folder
        seeded = json.loads(python(SEED, self.data, *([BEFORE] if baseline else [])))
        self.session, self.patient = seeded["session"], f"/patients/{seeded['patient']}/"
        self.start()

    def start(self) -> None:
        """Open the site; a new one after it was killed."""
        self.server = Server(self.data, self.folder / "server.log")
        self.address = self.server.address

    def told(self) -> dict:
        """What the records hold."""
        return json.loads(python(TOLD, self.data))


@pytest.fixture
def clinic(tmp_path):
    made = Clinic(tmp_path, baseline=True)
    yield made
    made.server.stop()


@pytest.fixture
def chromium(tmp_path):
    """A browser with a camera that shows the after photograph."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    camera = y4m(AFTER, tmp_path / "camera.y4m")
    switches = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    fake = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={camera}"]
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=[*switches, *fake])
        yield browser
        browser.close()


def watched(browser, clinic, *, camera=True, size=(820, 1180)):
    """A page of Bob, who is signed in, and the complaints of the browser."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, permissions=["camera"] if camera else []
    )
    context.add_cookies([{"name": "session", "value": clinic.session, "url": clinic.address}])
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
    page.on("console", lambda told: complaints.append(told.text) if told.type == "error" else None)
    return page, complaints


def until(page, condition: str) -> None:
    """Wait for it; playwright's own way evaluates a string in the page, which our policy forbids."""
    for _ in range(PATIENCE // 100):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never came true: {condition}")


def shot(page, name):
    folder = os.environ.get("MICRORELIEF_SCREENSHOTS")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_a_set_is_captured_against_the_baseline_and_compared(chromium, clinic):
    page, complaints = watched(chromium, clinic)
    page.goto(clinic.address + clinic.patient)
    page.click(".tabs >> text=Photo sets")
    page.click("text=Take photographs")
    page.wait_for_selector("#live.on")
    until(page, "document.querySelector('#ghost').naturalWidth > 0")
    page.wait_for_selector('[data-tick="pose"][data-ok="yes"]')
    ticks = "all => Object.fromEntries(all.map(one => [one.dataset.tick, one.dataset.ok]))"
    shown = page.eval_on_selector_all("#ticks [data-tick]", ticks)
    assert (shown["face"], shown["distance"], shown["expression"]) == ("yes", "yes", "yes")
    shot(page, "capture-820")
    page.click("#shutter")
    page.wait_for_selector('[data-view="left_45"][aria-current="step"]')
    # the grade while the patient still sits there
    page.wait_for_selector('[data-view="front"] .grade:not([hidden])')
    shot(page, "capture-graded-820")
    page.click("#done")
    page.click('[data-reason="not needed today"]')
    page.wait_for_url("**/sets/**")
    the_set = page.url
    assert clinic.told()["sets"][1] == [False, True, ["front"], ["not needed today"]]
    page.wait_for_selector("[data-says] a")
    shot(page, "set-820")
    page.click("text=Compare with the baseline")
    page.wait_for_selector(".viewer.on")
    assert clinic.told()["comparisons"][0][0] == "done"
    for mode in ("slider", "overlay", "flicker", "difference", "side"):
        page.click(f'button[data-mode="{mode}"]')
        assert page.get_attribute("#viewer", "data-mode") == mode
    until(
        page,
        "[...document.querySelectorAll('.slot-before img, .slot-after img')]"
        ".every(one => one.naturalWidth > 0)",
    )
    shot(page, "comparison-820")
    the_comparison = page.url
    page.click("nav >> text=Series")
    page.wait_for_selector("svg.chart")
    shot(page, "series-820")
    page.goto(f"{the_comparison}summary/")
    page.wait_for_load_state("networkidle")
    shot(page, "summary-820")
    patient = clinic.address + clinic.patient
    pages = {
        "sets": f"{patient}sets/",
        "set": the_set,
        "comparison": the_comparison,
        "series": f"{patient}series/",
        "summary": f"{the_comparison}summary/",
        "import": f"{patient}import/",
        "capture": f"{patient}capture/",
    }
    for width, height in ((390, 844), (1280, 900)):
        page.set_viewport_size({"width": width, "height": height})
        for name, address in pages.items():
            page.goto(address)
            if name == "capture":
                page.wait_for_selector('[data-tick="face"][data-ok="yes"]')
            wider = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wider <= 0, f"{name} is wider than {width}"
            shot(page, f"{name}-{width}")
    assert complaints == []


def test_seconds_and_taps(chromium, clinic):
    """Counts for the speed targets: printed, never asserted."""
    page, complaints = watched(chromium, clinic)
    page.goto(clinic.address + clinic.patient)
    begin = time.monotonic()
    page.click(".tabs >> text=Photo sets")
    page.click("text=Take photographs")
    page.wait_for_selector("#live.on")
    page.click("#shutter")
    sent = (
        "!/sending|to take|waits/.test(document.querySelector('[data-view=front] .step-state').textContent)"
    )
    until(page, sent)
    counts = {"first photo": (3, time.monotonic() - begin)}
    for view in ("left_45", "right_45", "left_90", "right_90"):
        page.wait_for_selector(f'[data-view="{view}"][aria-current="step"]')
        page.click("#shutter:not([disabled])")
    page.wait_for_selector('[data-view="close_up"][aria-current="step"]')
    page.click("#done:not([disabled])")
    page.wait_for_url("**/sets/**")
    counts["five views"] = (8, time.monotonic() - begin)
    assert len(clinic.told()["sets"][1][2]) == 5
    page.wait_for_selector("[data-says] a")
    until(page, "!document.querySelector('[data-says] a').textContent.includes('being')")
    begin = time.monotonic()
    page.click("text=Compare with the baseline")
    page.wait_for_selector(".viewer.on")
    counts["compare, measured already"] = (1, time.monotonic() - begin)
    print(
        json.dumps({name: {"taps": taps, "seconds": round(took, 1)} for name, (taps, took) in counts.items()})
    )
    assert complaints == []


def test_a_comparison_outlives_the_server_that_began_it(chromium, clinic):
    page, _ = watched(chromium, clinic)
    page.goto(f"{clinic.address}{clinic.patient}capture/")
    page.set_input_files("#file", str(AFTER))
    page.wait_for_selector("#done:not([disabled])")
    begun = False
    for _ in range(600):
        begun = any(attempts == 1 for _, _, attempts in clinic.told()["comparisons"])
        if begun:
            break
        time.sleep(0.2)
    assert begun, "the comparison never began"
    clinic.server.stop(signal.SIGKILL)
    assert clinic.told()["comparisons"] == [["waiting", "", 1]]
    clinic.start()
    for _ in range(600):
        told = clinic.told()["comparisons"]
        if told[0][0] != "waiting":
            break
        time.sleep(0.5)
    assert (told[0][0], told[0][2]) == ("done", 2)


def test_a_camera_that_is_refused_leaves_files_as_the_way_in(chromium, clinic):
    page, complaints = watched(chromium, clinic, camera=False, size=(390, 844))
    page.goto(f"{clinic.address}{clinic.patient}capture/")
    page.wait_for_selector("#refused:not([hidden])")
    assert "was not allowed" in page.inner_text("#refused-title")
    shot(page, "refused-390")
    page.set_input_files("#file", str(AFTER))
    page.wait_for_selector("#done:not([disabled])")
    assert "after.jpg" in clinic.told()["names"]
    assert complaints == []


WAITING = "async () => (await outbox.all('{}')).length"


def test_a_photograph_waits_while_the_computer_is_busy_and_while_nobody_is_signed_in(chromium, clinic):
    """Only a refusal of the photograph itself may let it go: the patient has left the chair by then."""
    page, _ = watched(chromium, clinic, camera=False)
    page.goto(f"{clinic.address}{clinic.patient}capture/")
    answers = [
        (503, "busy"),
        (429, json.dumps({"says": "Wait a minute."})),
        (408, "<h1>A proxy waited</h1>"),
        (403, "<h1>Sign in</h1>"),
    ]
    heard = []

    def answer(route):
        status, body = answers[min(len(heard), 3)]
        heard.append((status, page.inner_text('[data-view="front"] .step-state')))
        route.fulfill(status=status, body=body)

    page.route("**/capture/take/", answer)
    page.set_input_files("#file", str(AFTER))
    page.wait_for_selector(".step-state:has-text('sign in again')")
    assert [status for status, _ in heard] == [503, 429, 408, 403]
    assert "busy" in heard[1][1]
    assert heard[2][1] == "Wait a minute."
    assert page.evaluate(WAITING.format("photo")) == 1
    page.unroute("**/capture/take/")
    page.reload()
    page.wait_for_selector(".step-state:has-text('kept')")
    assert page.evaluate(WAITING.format("photo")) == 0
    assert "after.jpg" in clinic.told()["names"]


def test_a_draft_that_waited_is_what_the_question_asks_about(chromium, clinic):
    """Somebody else was faster: the page shows the draft, and keeps it until one of both is chosen."""
    page, _ = watched(chromium, clinic, camera=False)
    page.goto(clinic.address + clinic.patient)
    page.click("text=Consultation")
    page.wait_for_selector("[name=wish]")
    other, _ = watched(chromium, clinic, camera=False)  # another computer
    other.goto(page.url)
    page.route("**/consultations/*/", lambda route: route.abort())
    page.fill("[name=wish]", "Smoother cheeks")
    page.wait_for_selector("#saved:has-text('No connection')")
    page.goto("about:blank")  # its way to the clinic stays cut: a slow machine has time to send again
    other.fill("[name=wish]", "Less red")
    other.wait_for_selector("#saved:has-text('Saved as a draft')")

    busy = page.context.new_page()
    posts = []
    busy.route("**/consultations/*/", lambda route: _once_busy(route, posts))
    busy.goto(other.url)
    busy.wait_for_selector("#saved:has-text('No connection')")
    assert busy.evaluate("document.querySelector('form[data-autosave]').inert")
    busy.wait_for_selector("[data-stop]")
    until(busy, "document.querySelector('[name=wish]').value === 'Smoother cheeks'")
    busy.click("text=Save mine over theirs")
    until(busy, "!document.querySelector('[data-stop]')")
    assert busy.input_value("[name=wish]") == "Smoother cheeks"
    assert busy.evaluate(WAITING.format("sheet")) == 0


def test_what_one_tab_saves_takes_nothing_from_another_that_still_waits(chromium, clinic):
    page, _ = watched(chromium, clinic, camera=False)
    page.goto(clinic.address + clinic.patient)
    page.click("text=Consultation")
    page.wait_for_selector("[name=wish]")
    second = page.context.new_page()
    second.goto(page.url)
    page.route("**/consultations/*/", lambda route: route.abort())
    page.fill("[name=wish]", "Fewer marks")
    page.wait_for_selector("#saved:has-text('No connection')")
    second.fill("[name=wish]", "Calmer skin")
    second.wait_for_selector("#saved:has-text('Saved as a draft')")
    assert second.evaluate(WAITING.format("sheet")) == 1
    page.unroute("**/consultations/*/")
    page.wait_for_selector("[data-stop]")  # the first is asked, and holds its own
    page.goto("about:blank")

    # a page that is too old to be sent, for one signed in again beside it
    second.route("**/consultations/*/", lambda route: route.fulfill(status=403, body="<h1>No</h1>"))
    second.fill("[name=wish]", "Calm skin")
    second.wait_for_selector("#saved:has-text('reload the page')")
    second.unroute("**/consultations/*/")
    loaded = []

    def note(page):  # playwright marks what it calls
        loaded.append(page.url)

    second.on("load", note)
    second.reload()
    for _ in range(PATIENCE // 100):  # it sends what waited, and loads itself once more
        if len(loaded) == 2:
            break
        second.wait_for_timeout(100)
    assert second.input_value("[name=wish]") == "Calm skin"
    assert second.evaluate(WAITING.format("sheet")) == 0


def _once_busy(route, posts: list) -> None:
    """The first thing that is sent meets a busy computer."""
    if route.request.method == "POST" and not posts:
        posts.append(route.request.url)
        route.fulfill(status=503, body="busy")
    else:
        route.continue_()
