"""A set captured with Chromium's fake camera and compared, in the real browser, on the real server.

The camera shows the demonstration's after photograph; the baseline is its before photograph. Nothing is mocked:
frames are checked, photographs kept and the pair measured by the same processes as in a clinic.
"""

import json
import os
import threading
import time
from datetime import timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest
from django.db import close_old_connections, connections
from django.urls import reverse
from django.utils import timezone

from microrelief.web.background.worker import work_off
from microrelief.web.comparisons.models import Comparison
from microrelief.web.measuring.process import stop_all
from microrelief.web.photosets.models import PhotoSet, SetView
from tests.web.conftest import AFTER, BEFORE, person, sign_in
from tests.web.conftest import patient as new_patient
from tests.web.test_photosets import take

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is missing: apt-get install chromium"),
    pytest.mark.django_db(transaction=True),
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


@pytest.fixture
def working():
    """The background work, as `serve` runs it."""
    over = threading.Event()

    def work():
        while not over.is_set():
            close_old_connections()
            work_off()
            over.wait(0.3)
        connections.close_all()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    yield
    over.set()
    thread.join(60)
    stop_all()


@pytest.fixture
def chromium(tmp_path, monkeypatch):
    """A browser with a camera that shows the after photograph; `open(size)` gives a page that is watched."""
    from playwright.sync_api import sync_playwright

    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # playwright's loop runs in the thread of the test
    camera = y4m(AFTER, tmp_path / "camera.y4m")
    switches = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    fake = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={camera}"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=[*switches, *fake])
        yield browser
        browser.close()


def watched(browser, live_server, who, *, camera=True, size=(820, 1180)):
    """A page of somebody who is signed in, and the complaints of the browser."""
    session = sign_in(who).cookies["session"].value
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, permissions=["camera"] if camera else []
    )
    context.add_cookies([{"name": "session", "value": session, "url": live_server.url}])
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
    page.on("console", lambda told: complaints.append(told.text) if told.type == "error" else None)
    return page, complaints


def shot(page, name):
    folder = os.environ.get("MICRORELIEF_SCREENSHOTS")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.fixture
def clinic(live_server):
    from datetime import date
    from types import SimpleNamespace

    from microrelief.web.people.actor import Actor

    bob = person("Bob", "clinician")
    anna = new_patient(bob, "Sommer", "Anna", date(1991, 4, 12))
    return SimpleNamespace(bob=bob, anna=anna, actor=lambda name: Actor(bob))


def baseline(clinic) -> PhotoSet:
    taken = take(clinic, BEFORE.read_bytes(), set_key="baseline-0")
    PhotoSet.objects.update(day=timezone.localdate() - timedelta(days=98), finished_at=timezone.now())
    return PhotoSet.objects.get(pk=taken.photo_set_id)


def test_a_set_is_captured_against_the_baseline_and_compared(chromium, live_server, clinic, working):
    baseline(clinic)
    page, complaints = watched(chromium, live_server, clinic.bob)
    page.goto(live_server.url + reverse("patient", args=[clinic.anna.pk]))
    page.click("text=Photo sets")
    page.click("text=Take photographs")
    page.wait_for_selector("#live.on")
    assert page.eval_on_selector("#ghost", "one => !one.hidden && one.naturalWidth > 0 || !one.complete")
    page.wait_for_selector('[data-tick="pose"][data-ok="yes"]')
    ticks = page.eval_on_selector_all("#ticks [data-tick]", "all => all.map(one => [one.dataset.tick, one.dataset.ok])")
    assert dict(ticks)["face"] == "yes"
    assert dict(ticks)["expression"] == "yes"
    shot(page, "capture-820")
    page.click("#shutter")
    page.wait_for_selector('[data-view="front"] .step-state:not(:text("sending"))')
    assert page.get_attribute('[data-view="left_45"]', "aria-current") == "step"
    # the grade while the patient still sits there
    page.wait_for_selector('[data-view="front"] .grade:not([hidden])')
    shot(page, "capture-graded-820")
    page.click("#done")
    page.click('[data-reason="not needed today"]')
    page.wait_for_url("**/sets/**")
    latest = PhotoSet.objects.exclude(is_baseline=True).get()
    assert [one.view for one in latest.taken()] == ["front"]
    assert {one.skipped for one in SetView.objects.filter(photo_set=latest, photo=None)} == {"not needed today"}
    assert latest.finished_at is not None
    page.wait_for_selector("[data-says] a")
    shot(page, "set-820")
    page.click("text=Compare with the baseline")
    page.wait_for_selector(".viewer.on")
    found = Comparison.objects.get()
    assert found.state == Comparison.DONE
    for mode in ("slider", "overlay", "flicker", "difference", "side"):
        page.click(f'button[data-mode="{mode}"]')
        assert page.get_attribute("#viewer", "data-mode") == mode
    loaded = "all => all.every(one => one.complete && one.naturalWidth > 0)"
    assert page.eval_on_selector_all(".slot-before img, .slot-after img", loaded)
    shot(page, "comparison-820")
    page.click("text=Series")
    page.wait_for_selector("svg.chart")
    shot(page, "series-820")
    page.goto(live_server.url + reverse("comparison_summary", args=[found.pk]))
    shot(page, "summary-820")
    for width, height in ((390, 844), (1280, 900)):
        page.set_viewport_size({"width": width, "height": height})
        for name, address in (
            ("sets", reverse("photo_sets", args=[clinic.anna.pk])),
            ("set", reverse("photo_set", args=[latest.pk])),
            ("comparison", reverse("comparison", args=[found.pk])),
            ("series", reverse("series", args=[clinic.anna.pk])),
            ("summary", reverse("comparison_summary", args=[found.pk])),
            ("import", reverse("import_photos", args=[clinic.anna.pk])),
            ("capture", reverse("capture", args=[clinic.anna.pk])),
        ):
            page.goto(live_server.url + address)
            if name == "capture":
                page.wait_for_selector('[data-tick="face"][data-ok="yes"]')
            overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert page.evaluate(overflow) <= 0, f"{name} is wider than {width}"
            shot(page, f"{name}-{width}")
    assert complaints == []


def test_seconds_and_taps(chromium, live_server, clinic, working, record_property):
    """Counts for the speed targets; printed, never asserted."""
    baseline(clinic)
    page, complaints = watched(chromium, live_server, clinic.bob)
    taps, seconds = {}, {}
    page.goto(live_server.url + reverse("patient", args=[clinic.anna.pk]))
    begin = time.monotonic()
    page.click("text=Photo sets")
    page.click("text=Take photographs")
    page.wait_for_selector("#live.on")
    page.click("#shutter")
    page.wait_for_function("document.querySelector('[data-view=front] .step-state').textContent !== 'sending…'")
    taps["first photo"], seconds["first photo"] = 3, time.monotonic() - begin
    for view in ("left_45", "right_45", "left_90", "right_90"):
        page.wait_for_selector(f'[data-view="{view}"][aria-current="step"]')
        page.wait_for_function("!document.querySelector('#shutter').disabled")
        page.click("#shutter")
    page.wait_for_function(
        "[...document.querySelectorAll('#steps [data-view]')].slice(0, 5).every(one => "
        "!/sending|to take|waits/.test(one.querySelector('.step-state').textContent))"
    )
    page.click("#done")
    page.wait_for_url("**/sets/**")
    taps["five views"], seconds["five views"] = 8, time.monotonic() - begin
    latest = PhotoSet.objects.exclude(is_baseline=True).get()
    assert len(latest.taken()) == 5
    page.wait_for_function("!document.querySelector('[data-set-view] [data-says]').textContent.includes('being')")
    page.wait_for_function("document.querySelector('[data-set-view] [data-says]').textContent !== ''")
    begin = time.monotonic()
    page.click("text=Compare with the baseline")
    page.wait_for_selector(".viewer.on")
    taps["compare"], seconds["compare"] = 1, time.monotonic() - begin
    print(json.dumps({"taps": taps, "seconds": {name: round(value, 1) for name, value in seconds.items()}}))
    assert complaints == []


def test_a_camera_that_is_refused_or_missing_leaves_files_as_the_way_in(chromium, live_server, clinic):
    page, complaints = watched(chromium, live_server, clinic.bob, camera=False, size=(390, 844))
    page.goto(live_server.url + reverse("capture", args=[clinic.anna.pk]))
    page.wait_for_selector("#refused:not([hidden])")
    assert "was not allowed" in page.inner_text("#refused-title")
    shot(page, "refused-390")
    page.set_input_files("#file", str(BEFORE))
    page.wait_for_function("document.querySelector('[data-view=front] .step-state').textContent === 'kept'")
    taken = SetView.objects.get()
    assert taken.photo.file_name == "before.jpg"
    assert complaints == []
