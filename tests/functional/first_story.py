"""The rulebook's first story (docs/tutorial/pathway-straightforward.md) as steps on the pages.

Anna has rolling scars on both cheeks and brown skin. Each step begins where the one before ended.
"""

from datetime import date, timedelta

from tests.functional.conftest import Browser

TODAY = date.today()


def day(days: int) -> str:
    return (TODAY + timedelta(days=days)).isoformat()


def new_patient(anna: Browser) -> None:
    anna.go("/today/")
    anna.press("New patient")
    for name, value in {"family_name": "Sommer", "given_name": "Anna", "birth_date": "1991-04-12"}.items():
        anna.fill(name, value)
    anna.press("Save")


def consult(anna: Browser) -> None:
    anna.press("Consultation")
    anna.fill("wish", "Smoother cheeks")
    page = anna.page
    page.locator("[data-zone=cheek-right]").scroll_into_view_if_needed()
    for zone in ("cheek-right", "cheek-left"):
        anna.taps += 1
        page.locator(f"[data-zone={zone}]").click()
    anna.saved()
    for group in ("field", "health"):
        anna.tap(f"[name=rest][value={group}]")
    anna.answer("fitzpatrick", "IV")
    anna.fill("tanned_on", day(-90))
    anna.tap("[name=rest][value=skin]")
    for name in ("expects_scar_free", "dysmorphia_concern", "home_roller", "under_us_label"):
        anna.answer(name)
    anna.answer("device_authorised_for_acne_scars", "yes")
    anna.saved()


def decide(anna: Browser) -> None:
    anna.answer("does", "treat")
    anna.press("Sign as")


def plan(anna: Browser) -> None:
    anna.press("Make a plan")
    anna.page.locator("[name=first_session_on]").fill(day(0))
    anna.taps += 1
    anna.answer("uses", "retinoid")
    anna.tap("[name=rest][value=before]")
    for product, days in {"retinoid": -10, "sun": -90}.items():  # whose days to stop have passed
        anna.fill(f"last_{product}", day(days))


def sign_consent(anna: Browser) -> None:
    """On the tablet: the answer, strokes with the pointer."""
    page = anna.page
    anna.answer("answer", "given")
    page.locator("#pad").scroll_into_view_if_needed()
    box = page.locator("#pad").bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 80, steps=6)
    page.mouse.up()
    anna.taps += 1
    anna.press("Write it down")


def photograph(anna: Browser) -> None:
    """The front view from the camera; the others are left out, with a reason."""
    page = anna.page
    anna.tap(".tabs a:has-text('Photo sets')")
    anna.press("Take photographs")
    page.wait_for_selector("#live.on")
    anna.tap("#shutter:not([disabled])")
    page.wait_for_selector('[data-view="left_45"][aria-current="step"]')
    anna.tap("#done:not([disabled])")
    anna.tap('[data-reason="not needed today"]')
    page.wait_for_url("**/sets/**")


def numb(anna: Browser) -> None:
    for name, value in {"product": "lidocaine 2.5% + prilocaine 2.5%", "label": "UK"}.items():
        if anna.page.locator(f"select[name={name}]").count():
            anna.taps += 1
            anna.page.select_option(f"[name={name}]", value)
        else:
            anna.answer(name, value)
    fields = {"grams": "30", "area_cm2": "220", "weight_kg": "64", "batch": "B204", "expires_on": day(300)}
    fields |= {"applied_at": "09:00", "removed_at": "10:15"}
    for name, value in fields.items():
        anna.fill(name, value)
    for name in ("skin_intact", "occluded", "all_removed_before_needling"):
        anna.answer(name, "yes")
    for name in ("heat_applied", "second_anaesthetic", "applied_to_needled_skin"):
        anna.answer(name)


def as_before(anna: Browser) -> None:
    """What is asked anew although the last session was copied."""
    anna.answer("kept_to_sheet", "yes")
    anna.answer("photos_before_numbing", "yes")
    for name, value in {
        "batch": "B204",
        "expires_on": day(300),
        "applied_at": "09:00",
        "removed_at": "10:15",
    }.items():
        anna.fill(name, value)
    for name in ("skin_intact", "all_removed_before_needling"):
        anna.answer(name, "yes")
    for name in ("heat_applied", "second_anaesthetic", "applied_to_needled_skin"):
        anna.answer(name)
    anna.fill("scan", f"(17){(TODAY + timedelta(days=400)):%y%m%d}(10)L42(21)8")
    anna.answer("sterile_pack_intact", "yes")
    anna.answer("cartridge_used_before")


def cartridge(anna: Browser) -> None:
    anna.fill("scan", f"(17){(TODAY + timedelta(days=400)):%y%m%d}(10)L42(21)7")
    anna.answer("sterile_pack_intact", "yes")
    anna.answer("cartridge_used_before")


def device(anna: Browser) -> None:
    anna.answer("device", "pen")
    for name, value in {"device_name": "Pen A", "device_serial": "P-001"}.items():
        anna.fill(name, value)


def needle(anna: Browser) -> None:
    page = anna.page
    page.locator("#tool-depth").fill("1.25")
    page.locator("#tool-passes").fill("6")
    anna.taps += 2
    for zone in ("cheek-right", "cheek-left"):
        anna.taps += 1
        page.locator(f"[data-zone={zone}]").click()


def end(anna: Browser) -> None:
    # no tap of the clinic: at night the minute that the button wrote would lie before the cream came off
    anna.page.locator("[name=needling_at]").fill("10:25")
    if not anna.page.locator("[name=topicals]").input_value():
        anna.fill("topicals", "sterile saline")
    for name, value in {
        "endpoint": "even redness",
        "stop_signs": "nothing",
        "pigment_consent": "yes",
    }.items():
        anna.answer(name, value)
    anna.answer("discarded_in_sharps", "yes")
