"""What a clinic sets, and what follows from it on the pages of the day."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from microrelief.pathway.limits import limits_of
from microrelief.pathway.session import check_session
from microrelief.web.audit import seal
from microrelief.web.audit.models import Entry
from microrelief.web.audit.verify import verify_trail
from microrelief.web.clinic.models import Clinic, the_clinic
from microrelief.web.clinic_rules.actions import rule_today
from microrelief.web.clinic_rules.models import Limits, OwnLimit
from microrelief.web.clinic_rules.words import own_limit
from microrelief.web.comparisons import course
from microrelief.web.consultations.actions import begin_consultation
from microrelief.web.consultations.judged import judged
from microrelief.web.consultations.models import Consultation
from microrelief.web.leaflets.models import Leaflet
from microrelief.web.patients.models import Patient
from microrelief.web.people.models import Person
from microrelief.web.plans.actions import begin_plan
from microrelief.web.sheets.answers import the_book
from microrelief.web.stock.forms import RULE_ZONES
from microrelief.web.stock.models import StockItem
from microrelief.web.treatments.judged import check
from microrelief.web.treatments.models import Treatment
from tests.web.conftest import sign_in

WHO = {
    "name": "Haut am Markt",
    "phone": "+49 30 1234",
    "address": "Markt 1\nBerlin",
    "opening_hours": "Mon to Fri, 9 to 17",
}


def test_what_patients_read_of_the_clinic_is_kept_with_its_history(cast):
    alice = sign_in(cast.alice)
    sent = alice.post(reverse("clinic_details"), WHO | {"version": "1"})
    assert sent.status_code == 302
    assert the_clinic().opening_hours == WHO["opening_hours"]
    assert Clinic.history.latest().history_user == cast.alice
    assert Entry.objects.filter(kind="clinic.changed").exists()
    index = alice.get(reverse("clinic_settings")).content.decode()
    assert "Haut am Markt" in index


def test_two_owners_who_change_the_clinic_at_once_see_each_other(cast):
    alice = sign_in(cast.alice)
    alice.post(reverse("clinic_details"), WHO | {"version": "1"})
    late = alice.post(reverse("clinic_details"), WHO | {"name": "Other", "version": "1"})
    assert late.status_code == 409
    assert the_clinic().name == "Haut am Markt"
    assert "Haut am Markt" in late.content.decode()


def test_the_day_is_the_clinics_and_not_greenwichs(cast, monkeypatch):
    """Half past ten in the evening in London is the next morning in Auckland."""
    Clinic.objects.create(pk=1, time_zone="Pacific/Auckland")
    monkeypatch.setattr("django.utils.timezone.now", lambda: datetime(2026, 11, 28, 22, 30, tzinfo=UTC))
    page = sign_in(cast.bob).get(reverse("today")).content.decode()
    assert "29 November" in page
    assert "28 November" not in page


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd"])
def test_a_zone_that_is_none_leaves_the_site_standing(cast, zone):
    Clinic.objects.create(pk=1, time_zone=zone)
    assert sign_in(cast.bob).get(reverse("today")).status_code == 200
    alice = sign_in(cast.alice)
    assert (
        alice.post(reverse("clinic_time"), {"time_zone": zone, "language": "en", "version": "1"}).status_code
        == 422
    )


def test_each_person_and_each_patient_has_a_language(cast):
    bob = sign_in(cast.bob)
    assert bob.post(reverse("choose_language"), {"language": "de"}).status_code == 302
    bob.post(reverse("choose_language"), {"language": "tlh"})
    assert Person.objects.get(pk=cast.bob.pk).language == "de"
    same = {"family_name": "Sommer", "given_name": "Anna", "birth_date": "1991-04-12", "version": "1"}
    assert (
        bob.post(reverse("change_patient", args=[cast.anna.pk]), same | {"language": "de"}).status_code == 302
    )
    assert Patient.objects.get(pk=cast.anna.pk).language == "de"


def test_rows_that_were_sealed_before_a_column_existed_still_fit(cast, monkeypatch):
    """A new version must not accuse the old rows; a value that somebody slips in later must be found."""
    columns = seal.sealed_columns
    with monkeypatch.context() as before:
        before.setattr(
            seal, "sealed_columns", lambda model: tuple(c for c in columns(model) if c != "language")
        )
        sign_in(cast.alice).post(reverse("clinic_details"), WHO | {"version": "1"})
    assert verify_trail().whole
    Clinic.objects.filter(pk=1).update(language="de")
    found = verify_trail()
    assert not found.whole
    assert "clinic.clinic" in found.says


# --- what is on the shelf

PEN = {
    "name": "Pen 3",
    "limits": "",
    "a_device": "pen",
    "a_device_serial": "SN-7",
    "a_strokes_per_second": "116.7",
}
PEN |= {"a_device_evidence_cap_mm": "2.5", "a_device_evidence_file": "IFU rev. 4"}


def shelf(cast, kind: str, **sent) -> StockItem:
    made = sign_in(cast.alice).post(reverse("new_stock_item", args=[kind]), {"limits": ""} | sent)
    assert made.status_code == 302, made.content.decode()[-2000:]
    return StockItem.objects.get(name=sent["name"])


def session_with(client, cast, **sent) -> Treatment:
    """What the page of a session sends when a button of the shelf is pressed."""
    sheet = Treatment.objects.open().filter(patient=cast.anna).first()
    if sheet is None:
        client.post(reverse("begin_treatment", args=[cast.anna.pk]))
        sheet = Treatment.objects.open().get(patient=cast.anna)
    known = {name: value for name, value in sheet.answers.items() if not isinstance(value, list)}
    depths = {f"depth_{one['zone']}": one["mm"] for one in sheet.zones}
    passes = {f"passes_{one['zone']}": one["passes"] for one in sheet.zones}
    client.post(
        reverse("treatment", args=[sheet.pk]), known | depths | passes | {"version": sheet.version} | sent
    )
    return Treatment.objects.get(pk=sheet.pk)


def test_a_picked_device_fills_the_answers_and_typing_stays_possible(cast):
    pen, bob = shelf(cast, "device", **PEN), sign_in(cast.bob)
    sheet = session_with(bob, cast, device="roller", drum_width_cm="2", use=str(pen.pk))
    assert sheet.answers["device_name"] == "Pen 3"
    assert sheet.answers["device_serial"] == "SN-7"
    assert sheet.answers["device"] == "pen"
    assert "drum_width_cm" not in sheet.answers, "the roller's drum stayed on the pen"
    assert sheet.device == "SN-7", "a recall must find it"
    sheet = session_with(bob, cast, device_name="Borrowed pen")
    assert sheet.answers["device_name"] == "Borrowed pen"


def test_what_is_retired_is_offered_no_more_and_old_records_keep_it(cast):
    pen, bob = shelf(cast, "device", **PEN), sign_in(cast.bob)
    before = session_with(bob, cast, use=str(pen.pk))
    address = reverse("treatment", args=[before.pk])
    assert f'value="{pen.pk}"' in bob.get(address).content.decode()
    sign_in(cast.alice).post(reverse("retire_stock_item", args=[pen.pk]))
    after = bob.get(address).content.decode()
    assert f'value="{pen.pk}"' not in after
    assert "SN-7" in after
    again = session_with(bob, cast, device_name="", use=str(pen.pk))
    assert "device_name" not in again.answers, "a stale page brought a retired device back"


def test_the_usual_depths_fill_only_zones_in_use_that_hold_nothing_yet(cast):
    rows = {zone: at for at, zone in enumerate(RULE_ZONES)}
    cheek, chin = rows["cheek"], rows["chin"]
    sent = {
        "a_needles": "12",
        f"mm_{cheek}": "1.5",
        f"passes_{cheek}": "6",
        f"mm_{chin}": "1",
        f"passes_{chin}": "4",
    }
    tip = shelf(cast, "cartridge", name="12 pin", **sent)
    Clinic.objects.update_or_create(pk=1, defaults={"zones_left_out": ["chin"]})
    sent = {"depth_cheek-left": "0.5", "passes_cheek-left": "2", "use_depths": str(tip.pk)}
    sheet = session_with(sign_in(cast.bob), cast, **sent)
    assert {one["zone"]: (one["mm"], one["passes"]) for one in sheet.zones} == {
        "cheek-left": (0.5, 2), "cheek-right": (1.5, 6),
    }  # fmt: skip


def test_two_owners_who_change_a_cartridge_at_once_read_words_and_not_columns(cast):
    cheek = list(RULE_ZONES).index("cheek")
    sent = {"a_needles": "12", f"mm_{cheek}": "1.5", f"passes_{cheek}": "6"}
    tip = shelf(cast, "cartridge", name="12 pin", **sent)
    alice, page = sign_in(cast.alice), reverse("stock_item", args=[tip.pk])
    same = {"name": "12 pin", "limits": "", "version": "1"} | sent
    assert alice.post(page, same | {f"mm_{cheek}": "1.25"}).status_code == 302
    late = alice.post(page, same | {"a_needles": "14"})
    assert late.status_code == 409
    told = late.content.decode().split('role="alert"')[1].split("</section>")[0]
    assert "How many needles does the tip or drum hold?" in told
    assert "1.25 mm, 6 passes" in told
    assert "1.5 mm, 6 passes" in told
    assert "{" not in told, "a column of the database"
    assert "12 pin" not in told, "both call it so"


def test_a_compounded_cream_brings_its_strength_to_the_rules(cast):
    strong = shelf(cast, "cream", name="Pharmacy 23 %", a_product="compounded", a_lidocaine_percent="23")
    sheet = session_with(sign_in(cast.bob), cast, use=str(strong.pk))
    said = [one.says for one in check(sheet).numbing.outcome.findings]
    assert any("23" in one for one in said), said


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        ("device", PEN | {"a_device_serial": ""}),
        ("device", PEN | {"a_strokes_per_second": "9000"}),
        ("cartridge", {"name": "Tip", "a_needles": "12", "mm_0": "1.5"}),
        ("cartridge", {"name": "Tip", "a_needles": "12", "mm_0": "9", "passes_0": "2"}),
        ("cream", {"name": "Cream", "a_product": "none"}),
        ("cream", {"name": "", "a_product": "lidocaine 4%"}),
    ],
)
def test_what_cannot_be_on_a_shelf_is_refused(cast, kind, sent):
    answer = sign_in(cast.alice).post(reverse("new_stock_item", args=[kind]), {"limits": ""} | sent)
    assert answer.status_code == 422
    assert not StockItem.objects.exists()


# --- the clinic's own limits


def limit(cast, rule: str, why: str, on=None, knowingly="", **values):
    """What the page of a rule sends."""
    found = rule_today(rule)
    sent = {f"v_{name}": values.get(name, found.number(name)) for name in limits_of(found)}
    sent |= {
        "since": str(on or date.today()),
        "why": why,
        "knowingly": knowingly,
        "level": values.get("level", ""),
    }
    return sign_in(cast.alice).post(reverse("clinic_rule", args=[rule]), sent)


def interval_after(days: int, on: date):
    """The verdict on a session so many days after the last one, by the clinic's rules of that day."""
    facts = {"visit_on": on, "last_session_on": on - timedelta(days=days)}
    outcome = check_session(facts, the_book(on))
    return next(one for one in outcome.findings if one.rule.id == "session.interval")


def test_a_stricter_limit_judges_from_its_day_on_and_says_whose_it_is(cast):
    today = date.today()
    assert interval_after(18, today).level == "warning"
    Clinic.objects.create(pk=1, name="Haut am Markt")
    assert limit(cast, "session.interval", "Three weeks, as we teach", block_below=21).status_code == 302
    found = interval_after(18, today)
    assert found.level == "stop"
    assert own_limit(found.rule) == (
        "Your clinic's limit: Stop below 21, instead of 14 (days). Because: Three weeks, as we teach"
    )
    assert interval_after(18, today - timedelta(days=1)).level == "warning", "an old visit was judged anew"
    assert own_limit(interval_after(18, today - timedelta(days=1)).rule) == ""


def test_the_page_of_a_consultation_says_that_the_limit_is_the_clinics(cast):
    limit(cast, "suitability.herpes_history", "We defer until antivirals are there", level="exclude")
    bob = sign_in(cast.bob)
    bob.post(reverse("begin_consultation", args=[cast.anna.pk]))
    sheet = Consultation.objects.get()
    sent = {"herpes_history": "yes", "version": sheet.version}
    bob.post(reverse("consultation", args=[sheet.pk]), sent)
    page = bob.get(reverse("consultation", args=[sheet.pk])).content.decode()
    assert "We defer until antivirals are there" in page
    assert judged(Consultation.objects.get()).outcome.verdict == "exclude"


@pytest.mark.parametrize(
    ("rule", "values", "why", "knowingly"),
    [
        ("session.interval", {"block_below": 7}, "Published at one week, see our file of 2026-11", ""),
        ("session.interval", {"block_below": 7}, "Published somewhere", "on"),
        ("session.depth_cap", {"cap": 3}, "We go deeper", "on"),
        ("session.interval", {"block_below": 21}, "why", ""),
        ("session.interval", {}, "Nothing is changed by this at all, whatever it says", "on"),
        ("suitability.wound", {"level": "caution"}, "Wounds are no problem here, we say", "on"),
    ],
    ids=["not knowingly", "hard, short reason", "hard cap", "no reason", "no change", "milder level"],
)
def test_what_loosens_a_safety_stop_or_gives_no_reason_is_refused(cast, rule, values, why, knowingly):
    assert limit(cast, rule, why, knowingly=knowingly, **values).status_code == 422
    assert not OwnLimit.objects.exists()


def test_a_safety_stop_is_loosened_only_knowingly_and_with_its_evidence(cast):
    why = "The maker's file of 2026-11 shows 2.5 mm on the cheek with this pen, no scars in 212 people"
    assert limit(cast, "session.depth_cap", why, knowingly="on", cap=2.5).status_code == 302
    assert OwnLimit.objects.get().loosens
    assert Entry.objects.filter(kind="limit.set", event__contains='"loosens":"yes"').exists()
    assert "less strict" in sign_in(cast.alice).get(reverse("clinic_settings")).content.decode()


def test_nothing_is_dated_back_and_the_book_comes_back_at_once(cast):
    yesterday = date.today() - timedelta(days=1)
    assert (
        limit(cast, "session.interval", "Three weeks, as we teach", on=yesterday, block_below=21).status_code
        == 422
    )
    limit(cast, "session.interval", "Three weeks, as we teach", block_below=21)
    limit(cast, "session.interval", "Four weeks, as we learnt", block_below=28)
    assert interval_after(25, date.today()).level == "stop"
    first, second = OwnLimit.objects.order_by("signed_at")
    assert first.never_held
    assert second.until is None
    sign_in(cast.alice).post(reverse("end_limit", args=[second.pk]))
    assert interval_after(18, date.today()).level == "warning"
    assert verify_trail().whole


def test_a_limit_for_later_leaves_todays_until_its_day_and_both_can_be_ended(cast):
    today, later = date.today(), date.today() + timedelta(days=5)
    limit(cast, "session.interval", "Three weeks, as we teach", block_below=21)
    limit(cast, "session.interval", "Four weeks, as we learnt", on=later, block_below=28)
    assert interval_after(25, today).level == "warning"
    assert interval_after(25, later).level == "stop"
    assert interval_after(18, later - timedelta(days=1)).level == "stop"
    alice = sign_in(cast.alice)
    assert "Three weeks, as we teach" in alice.get(reverse("clinic_rules")).content.decode()
    for one in OwnLimit.objects.all():
        alice.post(reverse("end_limit", args=[one.pk]))
    assert interval_after(18, today).level == "warning"
    assert interval_after(25, later).level == "warning"


def test_a_limit_between_one_that_runs_and_one_that_is_to_come_ends_both(cast):
    """Two limits of one day cannot be judged by: every page that judges would fail."""
    today, later = date.today(), date.today() + timedelta(days=5)
    limit(cast, "session.interval", "Three weeks, as we teach", block_below=21)
    limit(cast, "session.interval", "Four weeks, as we learnt", on=later, block_below=28)
    alice = sign_in(cast.alice)
    assert "2 of your own" in alice.get(reverse("clinic_settings")).content.decode()
    assert limit(cast, "session.interval", "Five weeks, to be safe", block_below=35).status_code == 302
    assert interval_after(30, today).level == "stop"
    assert interval_after(30, later).level == "stop"
    assert "1 of your own" in alice.get(reverse("clinic_settings")).content.decode()
    past = alice.get(reverse("clinic_rule", args=["session.interval"])).content.decode()
    assert "its first day" in past, "the first one stood this morning"
    assert "taken back before it held" in past
    assert verify_trail().whole


def test_two_limits_of_one_day_are_refused_before_they_are_kept(cast, monkeypatch):
    """Two owners at once on PostgreSQL: the second saw nothing that it should end."""
    limit(cast, "session.interval", "Three weeks, as we teach", block_below=21)
    monkeypatch.setattr(Limits, "running", lambda limits, _: limits.none())
    assert limit(cast, "session.interval", "Four weeks, as we learnt", block_below=28).status_code == 422
    assert OwnLimit.objects.count() == 1


# --- the clinic's words on the sheets


def test_new_words_stand_on_drafts_and_never_on_a_plan_that_was_signed(cast):
    alice, bob = sign_in(cast.alice), sign_in(cast.bob)
    words = {"sheet": "preparation", "language": "en"}
    alice.post(reverse("leaflets"), words | {"text": "Come by the back door."})
    plan = begin_plan(by=cast.actor("bob"), patient=cast.anna)
    plan.signed_at, plan.signed_by = timezone.now(), cast.bob
    plan.save()
    alice.post(reverse("leaflets"), words | {"text": "Come by the front door."})
    draft = begin_plan(by=cast.actor("erin"), patient=cast.ben)
    signed_sheet = bob.get(reverse("preparation_sheet", args=[plan.pk])).content.decode()
    assert "back door" in signed_sheet
    assert "front door" not in signed_sheet
    newer = sign_in(cast.erin).get(reverse("preparation_sheet", args=[draft.pk])).content.decode()
    assert "front door" in newer
    assert [one.number for one in Leaflet.objects.all()] == [2, 1]


def test_a_sheet_speaks_the_patients_language_where_the_clinic_wrote_in_it(cast):
    alice = sign_in(cast.alice)
    for language, text in (("en", "Ring the bell."), ("de", "Bitte klingeln.")):
        alice.post(reverse("leaflets"), {"sheet": "aftercare", "language": language, "text": text})
    plan = begin_plan(by=cast.actor("bob"), patient=cast.anna)
    address, bob = reverse("aftercare_sheet", args=[plan.pk]), sign_in(cast.bob)
    assert "Ring the bell." in bob.get(address).content.decode()
    same = {"family_name": "Sommer", "given_name": "Anna", "birth_date": "1991-04-12", "version": "1"}
    bob.post(reverse("change_patient", args=[cast.anna.pk]), same | {"language": "de"})
    assert "Bitte klingeln." in bob.get(address).content.decode()


def test_a_signed_grade_stands_beside_the_measures(cast):
    sheet = begin_consultation(by=cast.actor("bob"), patient=cast.anna)
    score = {"value": 3, "highest": 4, "better": "lower"}
    sheet.scores = {"goodman_baron_qualitative": score}
    sheet.save()
    assert course.grades(cast.actor("bob"), cast.anna) == []
    sheet.signed_at, sheet.signed_by = timezone.now(), cast.bob
    sheet.save()
    (grade,) = course.grades(cast.actor("bob"), cast.anna)
    assert grade.says == "3 of 4, lower is better"
    assert course.grades(cast.actor("erin"), cast.anna) == []
