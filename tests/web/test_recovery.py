"""The diary after a session: whose it is, what the rules say, who is called, and that nothing is lost."""

import io
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from microrelief.web.audit.models import Entry
from microrelief.web.audit.trail import record
from microrelief.web.audit.verify import verify_trail
from microrelief.web.people.once import new_key
from microrelief.web.recovery import today
from microrelief.web.recovery.actions import (
    ByLink,
    LinkClosed,
    follow_up,
    make_link,
    open_link,
    revoke_diary_link,
    write_entry,
    write_event,
)
from microrelief.web.recovery.models import AdverseEvent, DiaryEntry, DiaryLink
from microrelief.web.recovery.timeline import entries
from microrelief.web.refusals import KeyReused, NotAllowed, NotHere, Unusable
from microrelief.web.treatments.models import Treatment
from tests.web.conftest import BEFORE, sign_in

NOTHING_ELSE = {
    "grouped_blisters": False,
    "pus": False,
    "numbing_toxicity_signs": False,
    "allergy_signs": False,
    "bumps": False,
    "draining_bumps": False,
    "tracks": False,
    "new_brown_patch": False,
    "raised_scar": False,
}
DAY_1 = {
    **NOTHING_ELSE,
    "redness": "none",
    "warmth": "less",
    "pain": "less",
    "swelling": "same",
    "temperature_celsius": 36.8,
}
DAY_4 = {**DAY_1, "warmth": "more", "pain": "more", "swelling": "less", "grouped_blisters": True}


def session(cast, who="anna", by="bob", days_ago=4, signed=True) -> Treatment:
    """A session as it stands in the record; how it got there is test_record's."""
    from microrelief.web.patients.record import save_new

    on = timezone.localdate() - timedelta(days=days_ago)
    made = Treatment(patient=getattr(cast, who), on=on, began_by=getattr(cast, by))
    made.answers = {"device": "pen"}
    made.zones = [{"zone": "cheek-left", "mm": 1.25, "passes": 4}]
    made.started_at = timezone.now() - timedelta(days=days_ago)
    if signed:
        made.signed_at, made.signed_by = made.started_at, getattr(cast, by)
    with transaction.atomic():
        save_new(made, by=cast.actor(by))
        record("treatment.signed", by=cast.actor(by), about=made, patient=made.patient_id)
    return made


def write(cast, treatment, answers=DAY_4, by=None, **more) -> DiaryEntry:
    more.setdefault("key", new_key())
    return write_entry(by=by or cast.actor("bob"), treatment=treatment, answers=answers, **more)


def token_of(address: str) -> str:
    return address.rstrip("/").rsplit("/", 1)[-1]


def test_the_rules_story_of_day_1_and_day_4_is_triaged_as_the_book_says(cast):
    treatment = session(cast)
    first = write(cast, treatment, DAY_1, at=timezone.now() - timedelta(days=3))
    fourth = write(cast, treatment)
    assert (first.level, fourth.level) == ("fine", "same day")
    rules = [one["rule"] for one in fourth.said["findings"] if one["level"] == "same day"]
    assert rules == ["recovery.red_blisters", "recovery.red_infection"]
    assert fourth.facts == {"device": "pen", "needle_length_mm": 1.25}


def test_a_red_flag_stays_first_on_the_list_until_somebody_spoke_with_the_patient(cast):
    bob, treatment = cast.actor("bob"), session(cast)
    entry = write(cast, treatment)
    write(cast, session(cast, days_ago=5), {**DAY_1, "redness": "same"})
    assert [one.urgent for one in today.items(bob, timezone.localdate())] == [True, False]
    with pytest.raises(Unusable, match="in a few words"):
        follow_up(by=bob, entry=entry, key=new_key(), did="called")
    for did, red in (("not_reached", 1), ("looked", 1), ("called", 0)):
        follow_up(by=bob, entry=entry, key=new_key(), did=did, says="Comes at four")
        assert DiaryEntry.objects.red().count() == red
    later = write(cast, treatment)
    assert [one.pk for one in DiaryEntry.objects.red()] == [later.pk]
    badges = [one.badge for one in entries(bob, cast.anna) if one.kind == "diary"]
    assert badges.count("open: same day") == 1
    assert verify_trail().whole


def test_of_several_open_entries_the_gravest_is_said_with_the_fever_beside_it(cast):
    bob, treatment = cast.actor("bob"), session(cast)
    gravest = write(cast, treatment, {**DAY_1, "allergy_signs": True}, at=timezone.now() - timedelta(hours=9))
    without = {name: value for name, value in DAY_4.items() if name != "temperature_celsius"}
    write(cast, treatment, without, asks_fever=True)
    (line,) = today.items(bob, timezone.localdate())
    assert line.title == "Sommer, Anna: emergency"
    assert str(gravest.pk) in line.url
    page = sign_in(cast.bob).get(reverse("recovery", args=[treatment.pk])).content.decode()
    assert "Emergency: written" in page
    follow_up(by=bob, entry=gravest, key=new_key(), did="called", says="An ambulance went")
    (line,) = today.items(bob, timezone.localdate())
    assert line.title == "Sommer, Anna: same day, feels feverish, not measured"


def test_an_early_entry_that_came_late_from_a_phone_is_not_closed_by_an_older_call(cast):
    treatment = session(cast)
    follow_up(by=cast.actor("bob"), entry=write(cast, treatment), key=new_key(), did="called", says="Better")
    late = write(cast, treatment, at=timezone.now() - timedelta(hours=5))
    assert list(DiaryEntry.objects.red()) == [late]


def test_a_diary_without_a_word_for_two_days_is_on_the_list(cast):
    bob = cast.actor("bob")
    treatment = session(cast, days_ago=2)
    assert today.items(bob, timezone.localdate()) == []
    make_link(by=bob, treatment=treatment)
    assert "silent" in today.items(bob, timezone.localdate())[0].title
    write(cast, treatment, DAY_1)
    assert today.items(bob, timezone.localdate()) == []


def test_T12_a_link_opens_until_it_expires_or_is_taken_back(cast, monkeypatch):
    bob, treatment = cast.actor("bob"), session(cast)
    link, address = make_link(by=bob, treatment=treatment)
    token = token_of(address)
    assert open_link(token=token).treatment == treatment
    assert token not in str(DiaryLink.objects.values())
    real = timezone.now
    with monkeypatch.context() as moved:
        moved.setattr(timezone, "now", lambda: real() + timedelta(days=10, minutes=1))
        with pytest.raises(LinkClosed) as closed:
            open_link(token=token)
        assert closed.value.why == "expired"
    by = ByLink(open_link(token=token))
    write(cast, treatment, DAY_1, by=by)
    revoke_diary_link(by=bob, link=link)
    for refused in (lambda: open_link(token=token), lambda: write(cast, treatment, DAY_1, by=by)):
        with pytest.raises(LinkClosed) as closed:
            refused()
        assert closed.value.why == "revoked"
    assert DiaryEntry.objects.count() == 1


def test_a_new_link_takes_the_place_of_the_old_one(cast):
    treatment = session(cast)
    old = token_of(make_link(by=cast.actor("bob"), treatment=treatment)[1])
    new = token_of(make_link(by=cast.actor("carol"), treatment=treatment)[1])
    open_link(token=new)
    with pytest.raises(LinkClosed):
        open_link(token=old)


def test_a_link_of_anna_writes_nothing_for_ben(cast):
    annas, bens = session(cast), session(cast, "ben", "erin")
    link, _ = make_link(by=cast.actor("bob"), treatment=annas)
    with pytest.raises(NotHere):
        write(cast, bens, DAY_1, by=ByLink(link))
    assert not DiaryEntry.objects.exists()


def test_who_may_not_makes_no_link_and_writes_nothing(cast):
    treatment = session(cast, "ben", "erin")
    for who, refusal in (("bob", NotHere), ("dan", NotHere)):
        with pytest.raises((refusal, NotAllowed)):
            make_link(by=cast.actor(who), treatment=treatment)
        with pytest.raises((refusal, NotAllowed)):
            write(cast, treatment, by=cast.actor(who))
    with pytest.raises(Unusable, match="signed"):
        make_link(by=cast.actor("bob"), treatment=session(cast, signed=False))


def test_T13_fifty_times_the_same_is_one_entry_with_one_photograph(cast):
    treatment, key = session(cast), new_key()
    link, _ = make_link(by=cast.actor("bob"), treatment=treatment)
    made = {
        write(
            cast, treatment, by=ByLink(link), key=key, photo=io.BytesIO(BEFORE.read_bytes()), photo_bytes=9
        ).pk
        for _ in range(50)
    }
    assert len(made) == DiaryEntry.objects.count() == 1
    entry = DiaryEntry.objects.get()
    assert entry.photo.from_diary
    assert entry.photo.added_by is None
    assert entry.photo.blobs.count() == 3
    assert Entry.objects.filter(kind="diary.written").count() == 1
    with pytest.raises(KeyReused):
        write(cast, treatment, DAY_1, by=ByLink(link), key=key)
    assert verify_trail().whole


def test_what_is_no_photograph_costs_the_photograph_and_not_the_entry(cast):
    entry = write(cast, session(cast), photo=io.BytesIO(b"no picture at all"), photo_bytes=17)
    assert entry.photo is None
    assert entry.remark


def test_a_patients_photograph_is_no_baseline_and_no_photograph_of_the_visit(cast):
    from microrelief.web.treatments.judged import has_photos

    write(cast, session(cast), photo=io.BytesIO(BEFORE.read_bytes()), photo_bytes=9)
    assert not has_photos(cast.anna)


def test_an_adverse_event_is_graded_dated_and_belongs_to_the_session(cast):
    bob, treatment = cast.actor("bob"), session(cast)
    entry, on = write(cast, treatment), timezone.localdate()
    more = {"by": bob, "treatment": treatment, "kind": "herpes", "grade": "moderate"}
    write_event(key=new_key(), on=on, entry=entry, says="Left cheek", **more)
    with pytest.raises(Unusable, match="from the session until today"):
        write_event(key=new_key(), on=on - timedelta(days=30), **more)
    assert AdverseEvent.objects.get().entry == entry
    assert "Event: cold sores or blisters" in [one.title for one in entries(bob, cast.anna)]


def test_sent_twice_is_written_once_and_nothing_else_goes_under_the_same_key(cast):
    bob, treatment, key = cast.actor("bob"), session(cast), new_key()
    entry, on = write(cast, treatment), timezone.localdate()
    done = {"by": bob, "entry": entry, "key": key, "did": "called"}
    event = {"by": bob, "treatment": treatment, "key": key, "on": on, "kind": "herpes", "grade": "severe"}
    assert follow_up(**done, says="Better") == follow_up(**done, says="Better")
    assert write_event(**event) == write_event(**event)
    with pytest.raises(KeyReused):
        follow_up(**done, says="Worse")
    with pytest.raises(KeyReused):
        write_event(**event, says="Left cheek")


def test_what_went_wrong_and_how_badly_is_in_no_column_and_in_no_entry_of_the_trail(cast):
    on = timezone.localdate()
    write_event(
        by=cast.actor("bob"), treatment=session(cast), key=new_key(), on=on, kind="herpes", grade="severe"
    )
    told = "".join(Entry.objects.values_list("event", flat=True))
    with connection.cursor() as cursor:
        for table in ("recovery_adverseevent", "recovery_historicaladverseevent"):
            cursor.execute(f"SELECT * FROM {table}")
            told += str(
                [str(bytes(one)) if isinstance(one, bytes) else str(one) for one in cursor.fetchone()]
            )
    assert "herpes" not in told
    assert "severe" not in told
    assert verify_trail().whole


def test_a_corrected_session_keeps_its_diary(cast):
    from microrelief.web.recovery.session import first_of, last_of
    from microrelief.web.sheets.actions import correct, sign

    bob, treatment = cast.actor("bob"), session(cast)
    draft = correct(by=bob, sheet=treatment)
    draft.zones = [{"zone": "chin", "mm": 2.0, "passes": 2}]
    sign(by=bob, sheet=draft, version=draft.version, zones=draft.zones)
    draft.refresh_from_db()
    assert last_of(treatment) == draft
    entry = write(cast, draft, DAY_1)
    assert entry.treatment == treatment == first_of(draft)
    assert entry.facts["needle_length_mm"] == 2.0


def test_an_old_session_keeps_its_pages_and_an_entry_before_the_book_began_is_refused_in_words(cast):
    from microrelief.web.recovery.judged import now

    old = session(cast, days_ago=400)
    with pytest.raises(Unusable, match="begins on"):
        write(cast, old, DAY_1, at=old.started_at + timedelta(days=1))
    assert now(old, timezone.now()).day == 400


def test_everything_is_encrypted_under_the_patients_key(cast):
    write(cast, session(cast), note="Zwiebelkuchen")
    with connection.cursor() as cursor:
        cursor.execute("SELECT contents FROM recovery_diaryentry")
        assert b"Zwiebelkuchen" not in bytes(cursor.fetchone()[0])
