"""A straightforward case, from a new patient to a signed session, as a clinic does it."""

import pytest

from tests.functional import first_story as story
from tests.web.conftest import AFTER
from tests.web.test_capture_browser import PATIENCE, y4m

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_anna_comes_is_judged_and_the_decision_is_signed(clinic):
    story.new_patient(clinic)
    clinic.sees("Sommer, Anna")
    story.consult(clinic)
    assert clinic.page.locator(".point").count() == 2
    clinic.sees("Suitability: caution", "#beside")
    clinic.sees("dark marks are talked through", "#beside")
    story.decide(clinic)
    clinic.sees("Signed")


def test_the_plan_is_agreed_and_consent_is_signed_on_the_tablet(clinic):
    story.plan(clinic)
    clinic.press("Agree")
    clinic.sees("Agreed on")
    clinic.press("Sign: Treatment")
    story.sign_consent(clinic)
    assert clinic.page.locator(".tag.good:has-text('given')").count() == 1
    clinic.press("Preparation sheet")
    clinic.sees("Stop retinoid")


def test_the_session_is_blocked_until_it_may_begin_and_signed_when_it_is_whole(clinic):
    clinic.go("/today/")
    clinic.tap("strong > a:has-text('Sommer, Anna')")
    clinic.press("Session")
    clinic.sees("Do not begin yet")
    clinic.sees("There are no photographs")
    story.photograph(clinic)
    clinic.tap(".who h1 a")
    clinic.press("Session")
    clinic.tap("[name=rest][value=since]")
    clinic.answer("kept_to_sheet", "yes")
    clinic.answer("photos_before_numbing", "yes")
    story.numb(clinic)
    story.device(clinic)
    story.cartridge(clinic)
    clinic.page.wait_for_selector("#blocks .note.good", timeout=90_000)
    clinic.press("Begin needling")
    clinic.sees("Begun at")
    story.needle(clinic)
    story.end(clinic)
    clinic.page.wait_for_selector("#missing .note.good", timeout=90_000)
    clinic.press("Sign as")
    clinic.sees("Session 1")


def test_the_next_session_copies_the_last_and_goes_on_too_early_only_with_a_reason(clinic):
    clinic.count()
    clinic.press("Session")
    clinic.press("Copy last session")
    clinic.sees("Copied from the last session")
    assert clinic.page.locator("[name='depth_cheek-left']").input_value() == "1.25"
    assert clinic.page.locator("[name=cartridge_lot]").input_value() == ""
    clinic.tap("[name=rest][value=since]")
    story.as_before(clinic)
    clinic.sees("Four weeks or more lie between sessions. Only 0 days have passed.", "#blocks")
    clinic.fill("why-session.interval", "The left cheek was left out this morning")
    clinic.press("Begin needling")
    clinic.sees("Begun at")
    story.end(clinic)
    clinic.page.wait_for_selector("#missing .note.good", timeout=90_000)
    clinic.press("Sign as")
    clinic.sees("Session 2")
    taps, _ = clinic.count()
    assert taps <= 24


def test_the_face_map_obeys_the_keyboard_and_its_list(clinic):
    clinic.go("/today/")
    clinic.tap("strong > a:has-text('Sommer, Anna')")
    clinic.press("Consultation")
    page = clinic.page
    page.locator("[data-zone=chin]").focus()
    page.keyboard.press("Enter")
    point = page.locator(".point[data-number='1']")
    before = point.locator("circle").get_attribute("cx")
    point.focus()
    page.keyboard.press("ArrowRight")
    assert float(point.locator("circle").get_attribute("cx")) > float(before)
    assert page.locator("[name=scar_zone]").first.input_value() == "chin"
    page.locator("[name=scar_kind]").first.select_option("icepick")
    assert "icepick" in point.get_attribute("aria-label")
    page.locator(".point[data-number='1']").focus()
    page.keyboard.press("Delete")
    assert page.locator(".point").count() == 0
    clinic.saved()
    clinic.press("Put aside")
    clinic.sees("The draft was put aside")


def test_a_page_that_lost_the_race_shows_both_and_loses_nothing(clinic):
    clinic.press("Consultation")
    page, other = clinic.page, clinic.page.context.new_page()
    other.goto(page.url)
    page.locator("[name=wish]").fill("Smoother")
    clinic.saved()
    other.locator("[name=wish]").fill("Other words")
    other.wait_for_selector("#conflict table")
    shown = other.inner_text("#conflict")
    assert "Smoother" in shown
    assert "Other words" in shown
    other.locator("#conflict button").click()
    other.wait_for_selector("text=Saved as a draft")
    assert other.locator("[name=wish]").input_value() == "Other words"
    other.close()


NAMELESS = """[...document.querySelectorAll("input, select, textarea, button, [role=button]")]
  .filter((one) => one.type !== "hidden" && !one.labels?.length && !one.getAttribute("aria-label"))
  .filter((one) => !one.textContent.trim()).map((one) => one.outerHTML.slice(0, 120))"""
TWICE = """[...document.querySelectorAll("[id]")].map((one) => one.id)
  .filter((id, at, all) => all.indexOf(id) !== at)"""


def test_every_control_has_a_name_and_no_id_stands_twice(clinic):
    page = clinic.page
    here = page.url.removeprefix(clinic.address)
    clinic.go("/today/")
    clinic.tap("strong > a:has-text('Sommer, Anna')")
    patient = page.url.removeprefix(clinic.address)
    clinic.press("Session")
    session = page.url.removeprefix(clinic.address)
    for place in (
        "/today/",
        patient,
        here,
        session,
        f"{patient}plan/",
        f"{patient}visits/new/",
        "/recall/?lot=L42",
    ):
        clinic.go(place)
        assert page.evaluate(NAMELESS) == [], place
        assert page.evaluate(TWICE) == [], place


def test_every_width_fits(clinic):
    page = clinic.page
    for place in ("/today/", page.url.removeprefix(clinic.address), "/recall/?lot=L42"):
        clinic.go(place)
        for width in (390, 820, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (place, width)


def test_the_lot_is_found_again_and_nothing_was_blocked(clinic):
    clinic.go("/recall/?lot=L42")
    clinic.sees("2 of your patients on L42")
    assert clinic.troubles == []


def test_a_hundred_days_later_the_result_is_measured_and_handed_out(clinic):
    """Comparable photographs, late enough: the page of the result, the series, a page for the patient."""
    y4m(AFTER, clinic.camera)
    clinic.later(100)
    clinic.go("/patients/")
    clinic.tap("#found a.row")
    patient = clinic.page.url
    story.photograph(clinic)
    clinic.page.goto(patient)
    clinic.count()
    clinic.tap("#spine a:has-text('Compared with')")
    clinic.page.wait_for_selector(".viewer.on", timeout=PATIENCE)
    clinic.sees("Scars read shallower", "body")
    clinic.sees("after the last session", "body")
    assert "Too early" not in clinic.page.inner_text("body")
    strip = clinic.page.inner_text(".strip")
    assert "Comparability A" in strip
    assert "detectable" in strip
    clinic.tap("nav a:has-text('Series')")
    clinic.page.wait_for_selector("svg.chart")
    clinic.sees("shallower; detectable from")
    clinic.page.go_back()
    clinic.tap("nav a:has-text('For the patient')")
    clinic.sees("Your skin in two photographs")
    clinic.sees("not a promise for the next session")
    assert clinic.troubles == []
