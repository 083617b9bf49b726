"""A straightforward case, from a new patient to a signed session, as a clinic does it."""

import pytest

from tests.functional import first_story as story

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
    clinic.tap("a:has-text('Sommer, Anna')")
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
    clinic.page.wait_for_selector("#blocks .note.good", timeout=20_000)
    clinic.press("Begin needling")
    clinic.sees("Begun at")
    story.needle(clinic)
    story.end(clinic)
    clinic.page.wait_for_selector("#missing .note.good", timeout=20_000)
    clinic.press("Sign as")
    clinic.sees("Session 1")


def test_the_lot_is_found_again_and_nothing_was_blocked(clinic):
    clinic.go("/recall/?lot=L42")
    clinic.sees("1 of your patients on L42")
    assert clinic.troubles == []
