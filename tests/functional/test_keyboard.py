"""The clinic's day by keyboard alone: sign-in, patient, consultation with the face map, plan and its link,
consent, photograph, photo set, session, diary. Focus is seen at every stop, is never lost, nothing lies over
it."""

from datetime import date, timedelta

import pytest

from tests.functional.keys import Keys
from tests.web.answers import SESSION
from tests.web.conftest import BEFORE

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def keys(clinic):
    # whoever listens late, on a busy machine, misses the chooser that a key opened
    clinic.page.on("filechooser", lambda chooser: None)
    return Keys(clinic.page)


def test_signing_in_and_the_way_past_the_menu(clinic, keys):
    page = clinic.page
    clinic.go("/account/sign-out/")
    keys.go("main button")
    clinic.go("/account/sign-in/")
    keys.to("#passkey_login")
    keys.press("Enter")
    page.wait_for_url(f"{clinic.address}/today/")
    clinic.go("/today/")
    keys.press("Tab")
    assert keys.stand(".skip")["reached"]
    keys.press("Enter")
    keys.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_a_new_patient_and_a_consultation_with_the_face_map(clinic, keys):
    page = clinic.page
    keys.go("a[href='/patients/new/']")
    for name, value in {"family_name": "Sommer", "given_name": "Anna", "birth_date": "1991-04-12"}.items():
        keys.write(name, value)
    keys.go("main form button")
    clinic.sees("Sommer, Anna")
    keys.go("form[action*='consultation'] button")
    keys.to("[data-face=scars] [data-zone='cheek-right']")
    keys.press("Enter", 2)
    page.wait_for_selector(".point[data-number='2']")
    keys.to(".point[data-number='2']")
    keys.press("ArrowUp", 3)
    assert keys.stand(".point[data-number='2']")["reached"]  # it was drawn anew under the focus
    keys.press("Delete")
    assert keys.stand(".point[data-number='1']")["reached"]
    for group in ("field", "health", "skin"):
        keys.go(f"[name=rest][value={group}]")
    keys.choose("fitzpatrick", "II")
    keys.press("Delete")
    assert page.locator("[name=fitzpatrick]:checked").count() == 0
    keys.choose("fitzpatrick", "IV")
    for name in ("expects_scar_free", "dysmorphia_concern"):
        keys.choose(name)
    keys.choose("device_authorised_for_acne_scars", "yes")
    for name in ("under_us_label", "home_roller"):
        keys.choose(name)
    keys.choose("does", "treat")
    keys.go("button[formaction$='/sign/']")
    clinic.sees("Signed.")


def test_a_plan_and_the_patients_link_to_it(clinic, keys):
    page = clinic.page
    keys.go(".who h1 a")
    keys.go(".tabs a[href$='/plan/']")
    keys.go("main form button")
    keys.write("first_session_on", (date.today() + timedelta(days=30)).isoformat())
    keys.choose("uses", "retinoid")
    for name in ("prescribed_aspirin", "photosensitising_drug", "could_be_pregnant", "shaves"):
        keys.choose(name)
    keys.go("button[formaction$='/sign/']")
    clinic.sees("Agreed on")
    plan = page.url
    keys.go("form[action$='/link/'] button")
    keys.to("#address")
    page.goto(page.input_value("#address"))
    clinic.sees("your plan")
    keys.to("main a.button")
    page.goto(plan)


def test_consent_with_a_typed_name_and_a_photograph(clinic, keys):
    page = clinic.page
    keys.go(".tabs a[href$='/consents/']")
    keys.go("a[href$='/consents/treatment/']")
    keys.choose("answer", "given")
    keys.write("signer_name", "Anna Sommer")
    keys.to("[name=how]")
    page.keyboard.type("name typed")
    keys.go("main form button:not([type=button])")
    clinic.sees("Written down.")
    keys.go(".tabs a[href$='/photos/']")
    keys.to("[name=photo]")
    with page.expect_file_chooser() as chosen:
        keys.press("Space")
    chosen.value.set_files(str(BEFORE))
    keys.go("main form button")
    page.wait_for_selector(".photos img")


def test_a_photo_set_from_the_camera(clinic, keys):
    page = clinic.page
    keys.go(".tabs a[href$='/sets/']")
    keys.go("main a[href$='/capture/']")
    page.wait_for_selector("#shutter:not([disabled])")
    keys.to("#shutter")
    keys.press("Space")
    page.wait_for_selector('[data-view="left_45"][aria-current="step"]')
    keys.to("#done")
    keys.press("Enter")
    keys.to('[data-reason="not needed today"]')
    with page.expect_navigation():
        keys.press("Enter")
    page.wait_for_selector("main img")


def test_a_session_from_the_first_question_to_the_signature(clinic, keys):
    page = clinic.page
    keys.go(".who h1 a")
    keys.go("form[action$='/sessions/begin/'] button")
    keys.go("[name=rest][value=since]")
    keys.choose("kept_to_sheet", "yes")
    keys.choose("photos_before_numbing", "yes")
    keys.choose("product", "none")
    keys.choose("second_anaesthetic")
    keys.write("scan", f"(17){date.today() + timedelta(days=400):%y%m%d}(10)L42(21)7")
    keys.choose("device", "pen")
    for name in ("device_name", "device_serial"):
        keys.write(name, SESSION[name])
    keys.choose("sterile_pack_intact", "yes")
    keys.choose("cartridge_used_before")
    page.wait_for_selector("#blocks .note.good", timeout=90_000)
    keys.go("button[formaction$='/start/']")
    clinic.sees("Begun at")
    for name, value in {"#tool-depth": "1.25", "#tool-passes": "6"}.items():
        keys.to(name)
        page.keyboard.type(value)
    keys.to("[data-face=needles] [data-zone='cheek-right']")
    keys.press("Enter")
    keys.write("topicals", "sterile saline")
    keys.choose("endpoint", "even redness")
    keys.choose("stop_signs", "nothing")
    keys.choose("pigment_consent", "yes")
    keys.choose("discarded_in_sharps", "yes")
    clinic.sees("The record is whole.", "#missing")
    keys.go("button[formaction$='/sign/']")
    clinic.sees("Session 1")


def test_the_patients_diary(clinic, keys):
    page = clinic.page
    keys.go("main a[href*='/sessions/']")
    keys.go("main a[href$='/recovery/']")
    keys.go("form[action$='/recovery/link/'] button")
    keys.to("#address")
    page.goto(page.input_value("#address"))
    signs = "(all) => all.map((one) => one.dataset.sign)"
    for sign in page.eval_on_selector_all("[data-sign]:not([data-with-others])", signs):
        keys.choose(f"how_{sign}", "1")
        keys.choose(f"trend_{sign}", "same")
    for sign in page.eval_on_selector_all("[data-sign][data-with-others]", signs):
        keys.choose(f"how_{sign}", "0")
    keys.choose("none_of_these", "on")
    keys.go("#entry .send")
    clinic.sees("Thank you", "body")


def test_the_browser_complained_of_nothing_and_focus_was_always_seen(clinic, keys):
    assert not keys.faults, "\n".join(dict.fromkeys(keys.faults))
    assert clinic.troubles == []
