"""The rulebook's second story (pathway-deferred.md): Ben is sunburnt, and a question is still open."""

from datetime import date, timedelta

import pytest

from tests.functional.first_story import day

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_ben_is_deferred_to_the_first_free_day_and_what_is_open_is_asked_for(clinic):
    page = clinic.page
    clinic.go("/today/")
    clinic.press("New patient")
    for name, value in {"family_name": "Winter", "given_name": "Ben", "birth_date": "2002-11-02"}.items():
        clinic.fill(name, value)
    clinic.press("Save")
    clinic.press("Consultation")
    clinic.fill("wish", "Fewer pits on the temples")
    page.locator("[data-face=scars] [data-zone=cheek-left]").click()
    for name, value in {"herpes_history": "yes", "isotretinoin": "before"}.items():
        clinic.answer(name, value)
    clinic.fill("isotretinoin_stopped_on", day(-90))
    clinic.fill("sunburnt_on", day(-6))
    clinic.answer("fitzpatrick", "II")
    clinic.saved()
    for group in ("field", "health", "skin"):
        clinic.tap(f"[name=rest][value={group}]")
    for name in ("expects_scar_free", "dysmorphia_concern", "home_roller", "under_us_label"):
        clinic.answer(name)
    clinic.answer("device_authorised_for_acne_scars", "yes")
    clinic.tap("[name=keloid_tendency][value=no]")  # pressed again: nobody has asked him yet
    assert page.locator("[name=keloid_tendency]:checked").count() == 0
    clinic.sees("Suitability: defer", "#beside")
    clinic.sees("Sunburnt skin recovers before needling. 6 days have passed", "#beside")
    clinic.sees("a prescriber decides on antiviral cover", "#beside")
    page.wait_for_selector("#beside li:has-text('keloids or raised scars?')", state="attached")
    clinic.answer("does", "defer")
    clinic.saved()
    clinic.press("Sign as")
    clinic.sees("Signed.")


def test_a_session_meets_the_same_stop_and_the_plan_moves_for_a_cream_used_too_late(clinic):
    page = clinic.page
    clinic.go("/patients/")
    clinic.tap("#found a.row")
    patient = page.url
    clinic.press("Session")
    clinic.sees("Do not begin yet")
    clinic.press("Begin needling")
    clinic.sees("Do not begin:")
    clinic.tap(".tabs a:has-text('Plan')")
    clinic.press("Make a plan")
    clinic.fill("first_session_on", day(1))
    clinic.answer("uses", "retinoid")
    clinic.answer("shaves", "yes")
    clinic.answer("antiviral_decision", "prescribed")
    clinic.saved()
    clinic.tap("[name=rest][value=before]")
    clinic.fill("last_retinoid", day(0))
    clinic.fill("last_sun", day(-34))
    clinic.sees("Missed: stop retinoid", "#beside")
    moved = date.today() + timedelta(days=3)
    clinic.sees(f"move the session to {moved} or later", "#beside")
    clinic.press("Agree")
    clinic.sees("reason")
    assert "/plans/" in page.url
    clinic.fill("first_session_on", day(3))
    clinic.saved()
    clinic.press("Agree")
    clinic.sees("Agreed on")
    clinic.go(patient.removeprefix(clinic.address))
    clinic.sees("Session planned", "#spine")
    assert clinic.troubles == []
