"""The record: a draft may be half, what is signed is whole, what the rulebook forbids needs a reason."""

import io
import re
import zipfile
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from microrelief.web.audit.models import Entry
from microrelief.web.audit.verify import verify_trail
from microrelief.web.comparisons.course import session_days
from microrelief.web.consents.actions import record_consent
from microrelief.web.consultations.models import Consultation
from microrelief.web.people.once import new_key
from microrelief.web.plans.models import Plan
from microrelief.web.treatments.gs1 import read_package
from microrelief.web.treatments.models import Treatment
from microrelief.web.visits.models import Visit
from tests.web.answers import PLAN, SESSION, SUITABLE
from tests.web.conftest import patient, sign_in
from tests.web.test_photos import add


def send(client, name, sheet, data, **more):
    sheet.refresh_from_db()
    return client.post(reverse(name, args=[sheet.pk]), {**data, "version": sheet.version}, **more)


def later(days):
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def signed_consultation(client, who, **more):
    client.post(reverse("begin_consultation", args=[who.pk]))
    sheet = Consultation.objects.get(patient=who, signed_at=None)
    answer = send(client, "sign_consultation", sheet, {**SUITABLE, **more})
    assert answer.status_code == 302, said(answer)
    return Consultation.objects.get(pk=sheet.pk)


def signed_plan(client, who, **more):
    client.post(reverse("plan_of", args=[who.pk]))
    sheet = Plan.objects.get(patient=who, signed_at=None)
    answer = send(client, "sign_plan", sheet, {**PLAN, "first_session_on": later(28), **more})
    assert answer.status_code == 302, said(answer)
    return Plan.objects.get(pk=sheet.pk)


def agree(cast, whom, purpose="treatment"):
    return record_consent(
        by=cast.actor("bob"),
        patient=whom,
        key=new_key(),
        purpose=purpose,
        answer="given",
        how="paper",
        signed_on=timezone.localdate(),
    )


def session(client, who):
    client.post(reverse("begin_treatment", args=[who.pk]))
    return Treatment.objects.get(patient=who, signed_at=None)


def said(answer) -> str:
    text = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return " ".join(text.split())


@pytest.fixture
def bob(cast):
    return sign_in(cast.bob)


def test_a_half_filled_consultation_is_a_draft_and_never_more(cast, bob):
    bob.post(reverse("begin_consultation", args=[cast.anna.pk]))
    sheet = Consultation.objects.get()
    assert send(bob, "consultation", sheet, {"pregnant_or_nursing": "no"}).status_code == 302
    sheet.refresh_from_db()
    assert (sheet.answers, sheet.signed_at) == ({"pregnant_or_nursing": False}, None)
    refused = send(bob, "sign_consultation", sheet, {"pregnant_or_nursing": "no", "does": "treat"})
    assert refused.status_code == 422
    assert "Give a reason for setting this aside" in said(refused)
    assert Consultation.objects.get().signed_at is None
    bob.post(reverse("begin_consultation", args=[cast.anna.pk]))
    assert Consultation.objects.count() == 1  # the same draft, not a second


def test_what_the_consultation_finds_stands_beside_it_with_reason_and_source(cast, bob):
    bob.post(reverse("begin_consultation", args=[cast.anna.pk]))
    sheet = Consultation.objects.get()
    data = {**SUITABLE, "isotretinoin": "now", "isotretinoin_stopped_on": ""}
    answer = send(bob, "consultation", sheet, data, headers={"X-Partial": "parts"})
    words = said(answer)
    assert "Why" in words
    assert "Confidence" in words
    assert "suitability.isotretinoin_now" in words
    assert 'data-version="2"' in answer.content.decode()
    assert "<html" not in answer.content.decode()


def test_a_decision_beyond_the_findings_needs_its_reason(cast, bob):
    bob.post(reverse("begin_consultation", args=[cast.anna.pk]))
    sheet = Consultation.objects.get()
    data = {**SUITABLE, "bleeding_disorder": "yes"}
    assert send(bob, "sign_consultation", sheet, data).status_code == 422
    reasons = {"why-suitability.bleeding_disorder": "Haematologist agreed, letter of May", "why": "Mild form"}
    assert send(bob, "sign_consultation", sheet, {**data, **reasons}).status_code == 302
    sheet = Consultation.objects.get()
    assert sheet.overrides == {"suitability.bleeding_disorder": "Haematologist agreed, letter of May"}
    assert sheet.said["suitability"]["decision"]["by"] == "Bob"
    entry = Entry.objects.get(kind="consultation.signed")
    assert entry.told["facts"] == {"overridden": "suitability.bleeding_disorder"}


def test_what_is_signed_is_never_changed_but_corrected(cast, bob):
    sheet = signed_consultation(bob, cast.anna)
    assert sheet.answers["fitzpatrick_entered_by"] == "Bob"
    assert send(bob, "consultation", sheet, {"does": "refer"}).status_code == 409
    bob.post(reverse("correct_consultation", args=[sheet.pk]))
    draft = Consultation.objects.get(signed_at=None)
    assert (draft.corrects_id, draft.answers) == (sheet.pk, sheet.answers)
    assert list(Consultation.objects.signed()) == [sheet]  # the old one counts until the new one is signed
    assert send(bob, "sign_consultation", draft, {**SUITABLE, "wish": "Another"}).status_code == 302
    assert list(Consultation.objects.signed()) == [draft]


def test_copy_forward_is_marked_and_gone_through_before_signing(cast, bob):
    signed_consultation(bob, cast.anna)
    bob.post(reverse("begin_consultation", args=[cast.anna.pk]))
    sheet = Consultation.objects.get(signed_at=None)
    assert send(bob, "copy_consultation", sheet, {}).status_code == 302
    sheet.refresh_from_db()
    assert sheet.answers["keloid_tendency"] is False
    assert "pregnant_or_nursing" not in sheet.answers  # what may differ from day to day is asked anew
    assert "keloid_tendency" in sheet.copied
    refused = send(bob, "sign_consultation", sheet, SUITABLE)
    assert refused.status_code == 422
    assert "gone through" in said(refused)
    assert send(bob, "consultation", sheet, {**SUITABLE, "confirm": "1"}).status_code == 302
    assert send(bob, "sign_consultation", sheet, SUITABLE).status_code == 302


def test_two_people_on_one_draft_both_versions_are_shown(cast, bob):
    bob.post(reverse("begin_consultation", args=[cast.anna.pk]))
    sheet = Consultation.objects.get()
    carol = sign_in(cast.carol)
    mine = carol.post(reverse("consultation", args=[sheet.pk]), {"version": 1, "diabetes": "no"})
    assert mine.status_code == 302
    theirs = bob.post(reverse("consultation", args=[sheet.pk]), {"version": 1, "diabetes": "yes"})
    assert theirs.status_code == 409
    assert "As it stands" in said(theirs)
    sheet.refresh_from_db()
    assert sheet.answers == {"diabetes": False}  # nothing of Carol's was lost


def test_an_assistant_writes_and_does_not_sign(cast):
    carol = sign_in(cast.carol)
    carol.post(reverse("begin_consultation", args=[cast.anna.pk]))
    sheet = Consultation.objects.get()
    assert send(carol, "consultation", sheet, SUITABLE).status_code == 302
    assert send(carol, "sign_consultation", sheet, SUITABLE).status_code == 403


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hba1c_percent", "999"),
        ("hba1c_percent", "six"),
        ("sunburnt_on", "2999-01-01"),
        ("diabetes", "perhaps"),
    ],
)
def test_what_cannot_be_is_kept_as_typed_and_said(cast, bob, name, value):
    bob.post(reverse("begin_consultation", args=[cast.anna.pk]))
    sheet = Consultation.objects.get()
    answer = send(bob, "consultation", sheet, {name: value, **({"diabetes": "yes"} if "hba" in name else {})})
    assert answer.status_code == 302
    page = bob.get(reverse("consultation", args=[sheet.pk])).content.decode()
    sheet.refresh_from_db()
    if name == "diabetes":
        assert name not in sheet.answers
    else:
        assert "is not accepted" in page or "lies after the day" in page
        assert value in page


def test_a_plan_puts_its_sessions_into_the_days_and_prints(cast, bob):
    signed_consultation(bob, cast.anna)
    plan = signed_plan(bob, cast.anna)
    visits = list(Visit.objects.order_by("on").values_list("purpose", flat=True))
    assert visits == ["session", "session", "session", "review"]
    sheet = said(bob.get(reverse("preparation_sheet", args=[plan.pk])))
    assert "Stop retinoid" in sheet
    care = said(bob.get(reverse("aftercare_sheet", args=[plan.pk])))
    assert "Call an emergency number" in care
    calendar = bob.get(reverse("plan_calendar", args=[plan.pk]))
    assert calendar["Content-Type"].startswith("text/calendar")
    text = calendar.content.decode()
    assert text.count("BEGIN:VEVENT") >= 10
    assert "Sommer" not in text


def test_a_plan_still_says_its_days_after_the_first_session(cast, bob):
    signed_consultation(bob, cast.anna)
    signed_plan(bob, cast.anna)
    agree(cast, cast.anna)
    add(cast)
    whole = {**SESSION, "expires_on": later(200), "cartridge_expires_on": later(300)}
    assert send(bob, "sign_treatment", session(bob, cast.anna), whole).status_code == 302
    Treatment.objects.update(on=timezone.localdate() + timedelta(days=28))
    page = said(bob.get(reverse("plan_of", args=[cast.anna.pk]), follow=True))
    assert "Course: ok" in page


def test_a_plan_against_a_stop_needs_a_reason(cast, bob):
    signed_consultation(bob, cast.anna, scar_kind="keloid", why="Asked for", **{"why-x": ""})
    bob.post(reverse("plan_of", args=[cast.anna.pk]))
    plan = Plan.objects.get()
    data = {
        "first_session_on": later(28),
        "sessions_planned": "3",
        "interval_days": "7",
        "uses": "nothing",
        "prescribed_aspirin": "no",
        "photosensitising_drug": "no",
        "could_be_pregnant": "no",
        "shaves": "no",
    }
    refused = send(bob, "sign_plan", plan, data)
    assert refused.status_code == 422
    assert "Give a reason" in said(refused)


def test_a_session_without_consent_or_photographs_is_blocked_until_a_reason_is_written(cast, bob):
    signed_consultation(bob, cast.anna)
    sheet = session(bob, cast.anna)
    blocked = send(bob, "start_treatment", sheet, {**SESSION, "expires_on": later(200)})
    assert blocked.status_code == 422
    words = said(blocked)
    assert "There is no consent to the treatment." in words
    assert "There are no photographs" in words
    sheet.refresh_from_db()
    assert sheet.started_at is None
    reasons = {
        "why-record.consent": "Signed on paper, scanned tomorrow",
        "why-record.baseline": "Camera broken",
    }
    data = {**SESSION, **reasons, "expires_on": later(200)}
    assert send(sign_in(cast.carol), "start_treatment", sheet, data).status_code == 403  # not hers to decide
    assert send(bob, "start_treatment", sheet, data).status_code == 302
    entry = Entry.objects.get(kind="treatment.started")
    assert entry.told["facts"] == {"overridden": "record.baseline,record.consent"}


def test_a_session_is_signed_only_when_whole_and_its_lot_is_found_again(cast, bob):
    signed_consultation(bob, cast.anna)
    agree(cast, cast.anna)
    add(cast)
    sheet = session(bob, cast.anna)
    half = {**SESSION, "expires_on": later(200)}
    refused = send(bob, "sign_treatment", sheet, half)
    assert refused.status_code == 422
    assert "Not ready to sign" in said(refused)
    whole = {**half, "cartridge_expires_on": later(300)}
    assert send(bob, "start_treatment", sheet, whole).status_code == 302
    answer = send(bob, "sign_treatment", sheet, whole)
    assert answer.status_code == 302, said(answer)
    sheet.refresh_from_db()
    assert sheet.said["session"]["verdict"] in ("ok", "warning")
    found = said(bob.get(reverse("recall"), {"lot": " l42"}))
    assert "1 of your patients" in found
    assert "Sommer" in found
    for other in ("B204", "p-001"):
        assert "Sommer" in said(bob.get(reverse("recall"), {"lot": other}))
    hidden = said(sign_in(cast.erin).get(reverse("recall"), {"lot": "L42"}))
    assert "Sommer" not in hidden
    assert cast.anna.record_number in hidden
    assert verify_trail().whole


def test_a_cartridge_is_never_used_twice_and_two_weeks_are_too_soon(cast, bob):
    signed_consultation(bob, cast.anna)
    agree(cast, cast.anna)
    add(cast)
    whole = {**SESSION, "expires_on": later(200), "cartridge_expires_on": later(300)}
    sheet = session(bob, cast.anna)
    assert send(bob, "sign_treatment", sheet, whole).status_code == 302
    Treatment.objects.update(on=timezone.localdate() - timedelta(days=1))
    again = session(bob, cast.anna)
    assert send(bob, "copy_treatment", again, {}).status_code == 302
    again.refresh_from_db()
    assert again.zones == sheet.zones or len(again.zones) == 2
    assert "cartridge_lot" not in again.answers
    blocked = said(send(bob, "start_treatment", again, whole))
    assert "stands in an earlier record" in blocked
    assert "Only 1 days have passed" in blocked


def test_a_session_counts_from_its_first_needle_on_and_a_draft_does_not(cast, bob):
    signed_consultation(bob, cast.anna)
    agree(cast, cast.anna)
    add(cast)
    sheet = session(bob, cast.anna)
    assert session_days(cast.actor("bob"), cast.anna) == []
    whole = {**SESSION, "expires_on": later(200), "cartridge_expires_on": later(300)}
    assert send(bob, "start_treatment", sheet, whole).status_code == 302
    assert session_days(cast.actor("bob"), cast.anna) == [timezone.localdate()]


def test_nothing_new_says_no_to_what_is_new_and_keeps_medicines(cast, bob):
    signed_consultation(bob, cast.anna, isotretinoin="before", isotretinoin_stopped_on="2025-01-01")
    sheet = session(bob, cast.anna)
    assert send(bob, "treatment", sheet, {"rest": "since"}).status_code == 302
    sheet.refresh_from_db()
    assert sheet.answers["wound_in_field"] is False
    assert sheet.answers["isotretinoin"] == "before"
    assert sheet.answers["isotretinoin_stopped_on"] == "2025-01-01"
    assert sheet.answers["sunburnt_on"] == "never"


@pytest.mark.parametrize(
    "code",
    ["(01)04012345678901(17)280131(10)L42(21)7", "]d201040123456789011728013110L42\x1d217"],
)
def test_a_scanned_package_gives_lot_serial_and_expiry(code):
    package = read_package(code)
    assert (package.lot, package.serial, package.expires_on) == ("L42", "7", "2028-01-31")
    assert read_package("just a word") is None
    assert read_package("(17)280200(10)A").expires_on == "2028-02-29"


def test_today_says_who_comes_and_what_each_visit_needs(cast, bob):
    bob.post(
        reverse("new_visit", args=[cast.anna.pk]),
        {"purpose": "session", "on": timezone.localdate(), "at": "10:30", "key": new_key()},
    )
    page = said(bob.get(reverse("today")))
    for word in ("Sommer, Anna", "10:30", "Consultation", "Consent: treatment", "Plan", "Photographs"):
        assert word in page
    visit = Visit.objects.get()
    bob.post(reverse("visit_state", args=[visit.pk]), {"state": "here", "version": 1})
    visit.refresh_from_db()
    assert visit.state == "here"
    assert "Sommer" not in said(sign_in(cast.erin).get(reverse("today")))


def test_the_spine_holds_all_and_two_photo_sets_can_be_ticked(cast, bob, settings):
    signed_consultation(bob, cast.anna)
    signed_plan(bob, cast.anna)
    agree(cast, cast.anna)
    settings.TIMELINE_APPS = [*settings.TIMELINE_APPS, "tests.web.photo_sets"]
    page = bob.get(reverse("patient", args=[cast.anna.pk])).content.decode()
    for word in ("Consultation", "Plan", "Consent: treatment", "Session planned", "Baseline"):
        assert word in page
    # two sets can be ticked, and the form goes to where comparisons begin
    assert f'action="{reverse("compare_sets", args=[cast.anna.pk])}"' in page
    assert page.count('name="set"') == 2


def test_nothing_of_a_record_stands_plain_in_the_database(cast, bob):
    from tests.web.conftest import DATA

    signed_consultation(bob, cast.anna, wish="Sehnlich glatte Wangen")
    raw = b"".join(one.read_bytes() for one in DATA.glob("test.sqlite3*"))
    row = Consultation.objects.values_list("contents", flat=True).get()
    assert b"Sehnlich" not in raw
    assert b"Sehnlich" not in bytes(row)


def test_a_merged_patients_record_goes_on(cast, bob):
    from microrelief.web.patients.actions import merge_patients

    double = patient(cast.bob, "Sommer", "A.", date(1991, 4, 13))
    old = signed_consultation(bob, double)
    merge_patients(by=cast.actor("bob"), duplicate=double, into=cast.anna, birth_date=cast.anna.birth_date)
    assert (
        reverse("consultation", args=[old.pk])
        in bob.get(reverse("patient", args=[cast.anna.pk])).content.decode()
    )
    assert bob.get(reverse("consultation", args=[old.pk])).status_code == 200


def test_the_whole_record_is_handed_out_and_erased_with_the_patient(cast, bob):
    from microrelief.web.custody.erasure import erase_patient

    signed_consultation(bob, cast.anna, wish="Smoother cheeks")
    bob.post(
        reverse("new_visit", args=[cast.anna.pk]),
        {"purpose": "review", "on": later(3), "at": "10:30", "key": new_key(), "note": "Bring the sheet"},
    )
    handed = bob.post(reverse("export_patient", args=[cast.anna.pk]), {"how": "plain"})
    assert handed.status_code == 200
    with zipfile.ZipFile(io.BytesIO(b"".join(handed.streaming_content))) as packed:
        text = b"".join(packed.read(name) for name in packed.namelist() if name.endswith(".json")).decode()
    assert "Smoother cheeks" in text
    assert "Bring the sheet" in text
    erase_patient(
        by=cast.actor("alice"), patient=cast.anna, version=1, number=str(cast.anna.number), basis="law"
    )
    kept = [
        *Consultation.objects.all(),
        *Consultation.history.all(),
        *Visit.objects.all(),
        *Visit.history.all(),
    ]
    assert len(kept) >= 4
    assert not any(bytes(row.contents) for row in kept)
    assert bob.get(reverse("today")).status_code == 200
