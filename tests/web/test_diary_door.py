"""The patient's door: one link, one diary; nothing of anybody else, nothing left behind, nobody guesses."""

import base64
import io
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from microrelief.errors import StorageFull
from microrelief.web.audit.models import Entry
from microrelief.web.clinic.actions import change_clinic
from microrelief.web.clinic.models import the_clinic
from microrelief.web.people.once import new_key
from microrelief.web.photos.actions import move_photo
from microrelief.web.photos.models import Photo
from microrelief.web.recovery import actions as recovery_actions
from microrelief.web.recovery import door, today
from microrelief.web.recovery.actions import follow_up, make_link, revoke_diary_link, write_entry
from microrelief.web.recovery.models import DiaryEntry, DiaryLink
from microrelief.web.refusals import Unusable
from tests.web.conftest import BEFORE, sign_in
from tests.web.test_consents import answer
from tests.web.test_recovery import session, token_of

PHONE = "+49 30 1234567"
WELL = {
    **{f"how_{sign}": "0" for sign in ("redness", "warmth", "pain", "swelling")},
    "none_of_these": "on",
    "asked": ["grouped_blisters", "pus", "allergy_signs"],
}


@pytest.fixture(autouse=True)
def _clean(db):
    cache.clear()


@pytest.fixture
def anna(cast):
    """Anna's phone, with her link opened; and the clinic has a telephone."""
    change_clinic(by=cast.actor("alice"), version=the_clinic().version, phone=PHONE)
    _, address = make_link(by=cast.actor("bob"), treatment=session(cast))
    phone = Client()
    phone.token = token_of(address)
    phone.opened = phone.get(reverse("open_diary", args=[phone.token]))
    return phone


def page(phone: Client, place: str = "diary", **more) -> tuple[int, str]:
    answer = phone.get(reverse(place), **more)
    return answer.status_code, answer.content.decode()


def test_T12_the_token_is_exchanged_for_a_cookie_of_this_door_alone(anna):
    answer = anna.opened
    assert (answer.status_code, answer["Location"]) == (302, "/diary/")
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Cache-Control"] == "no-store, private"
    (cookie,) = answer.cookies.values()
    assert (cookie.key, cookie["path"], cookie["samesite"]) == (door.COOKIE, "/diary/", "Lax")
    assert cookie["httponly"]
    assert 0 < int(cookie["max-age"]) <= door.COOKIE_LASTS.total_seconds()
    assert anna.token not in cookie.value
    assert anna.token not in "".join(Entry.objects.values_list("event", flat=True))


def test_T12_a_token_has_256_bits_and_none_comes_twice():
    from microrelief.web.people.models import new_token

    tokens = {new_token() for _ in range(10_000)}
    assert len(tokens) == 10_000
    assert {len(base64.urlsafe_b64decode(token + "=")) for token in tokens} == {32}


def test_it_shows_the_first_name_and_nothing_else_of_the_record(cast, anna):
    status, shown = page(anna)
    assert status == 200
    assert "Anna" in shown
    for hidden in ("Sommer", "1991-04-12", "April 1991", "000001", "Ben", "Winter", "Bob"):
        assert hidden not in shown


def test_a_link_of_anna_never_shows_or_writes_ben(cast, anna):
    _, address = make_link(by=cast.actor("erin"), treatment=session(cast, "ben", "erin"))
    ben = Client()
    ben.get(reverse("open_diary", args=[token_of(address)]))
    anna.post(reverse("diary"), {**WELL, "key": new_key(), "note": "Zwiebelkuchen"})
    assert "Zwiebelkuchen" not in page(ben)[1] + page(ben, "diary_said", follow=True)[1]
    bens = ben.get(reverse("diary_is_open")).json()["diary"]
    refused = anna.post(reverse("diary"), {**WELL, "key": new_key(), "diary": bens})
    assert refused.status_code == 409
    assert {one.patient for one in DiaryEntry.objects.all()} == {cast.anna}


def test_the_diary_opens_no_other_page(anna):
    for place in ("patients", "today", "you"):
        assert anna.get(reverse(place)).status_code == 302  # to the sign-in
    treatment = DiaryLink.objects.get().treatment_id
    assert anna.get(reverse("recovery", args=[treatment])).status_code == 302


def test_an_entry_answers_with_what_to_do_and_is_in_the_trail(anna):
    key = new_key()
    for _ in range(3):
        answer = anna.post(reverse("diary"), {**WELL, "key": key}, follow=True)
    assert "Nothing in your answers needs the clinic at once" in answer.content.decode()
    entry = DiaryEntry.objects.get()
    assert (entry.level, entry.answers["grouped_blisters"], entry.strength["pain"]) == ("fine", False, 0)
    assert "tracks" not in entry.answers  # not asked yet on day 4
    kinds = list(Entry.objects.filter(kind__startswith="diary.").values_list("kind", flat=True))
    assert sorted(kinds) == ["diary.link_made", "diary.opened", "diary.written"]


def test_a_red_flag_says_whom_to_call_with_a_number_to_tap(anna):
    answer = anna.post(
        reverse("diary"), {**WELL, "none_of_these": "", "pus": "on", "key": new_key()}, follow=True
    )
    shown = answer.content.decode()
    assert "Call the clinic now" in shown
    assert 'href="tel:+49301234567"' in shown


def test_fever_that_was_not_measured_is_asked_for_and_on_the_list(anna):
    sent = {**WELL, "none_of_these": "", "feverish": "on", "key": new_key()}
    shown = anna.post(reverse("diary"), sent, follow=True).content.decode()
    assert "measure your temperature" in shown
    assert DiaryEntry.objects.to_look_at().count() == 1


def test_a_skipped_trend_stays_unsaid_and_the_rules_take_it_to_stay_the_same(anna):
    anna.post(
        reverse("diary"),
        {**WELL, "how_redness": "2", "how_warmth": "1", "trend_warmth": "less", "key": new_key()},
    )
    entry = DiaryEntry.objects.get()
    assert ("redness" in entry.answers, entry.strength["redness"]) == (False, 2)
    assert entry.level == "contact the clinic"  # redness on day 4, whichever way it goes


@pytest.mark.parametrize("skipped", ["none_of_these", "how_redness", "trend_pain"])
def test_what_was_left_open_is_not_fine_and_reaches_somebody(cast, anna, skipped):
    sent = {**WELL, "how_pain": "1", "trend_pain": "less", "how_warmth": "0", "key": new_key()}
    sent.pop(skipped)
    shown = anna.post(reverse("diary"), sent, follow=True).content.decode()
    assert "Some questions were left open" in shown
    assert DiaryEntry.objects.get().level == "ask"
    assert "left questions open" in today.items(cast.actor("bob"), timezone.localdate())[0].title


def test_a_note_or_a_photograph_is_on_the_list_until_somebody_looked(cast, anna):
    bob = cast.actor("bob")
    anna.post(reverse("diary"), {**WELL, "key": new_key()})
    assert today.items(bob, timezone.localdate()) == []
    shown = anna.post(reverse("diary"), {**WELL, "key": new_key(), "note": "37 and a bit"}, follow=True)
    assert "Somebody at the clinic will look" in shown.content.decode()
    assert "wrote a note" in today.items(bob, timezone.localdate())[0].title
    with BEFORE.open("rb") as photo:
        anna.post(reverse("diary"), {**WELL, "key": new_key(), "photo": photo})
    (line,) = today.items(bob, timezone.localdate())
    assert "sent a photograph" in line.title
    last = DiaryEntry.objects.order_by("came_at").last()
    follow_up(by=bob, entry=last, key=new_key(), did="looked")
    assert today.items(bob, timezone.localdate()) == []


def test_an_entry_that_waited_on_the_phone_stands_at_its_own_hour(anna):
    anna.post(reverse("diary"), {**WELL, "key": new_key(), "waited": "7200"})
    waited = DiaryEntry.objects.get().came_at - DiaryEntry.objects.get().at
    assert timedelta(hours=1, minutes=59) < waited < timedelta(hours=2, minutes=1)


def test_what_the_form_cannot_be_is_said_and_nothing_is_kept(anna):
    answer = anna.post(reverse("diary"), {**WELL, "key": new_key(), "temperature_celsius": "98"})
    assert answer.status_code == 422
    assert "from 30 to 45" in answer.content.decode()
    assert not DiaryEntry.objects.exists()


def test_a_form_of_another_site_is_refused(anna):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = anna.cookies
    assert strict.post(reverse("diary"), {**WELL, "key": new_key()}).status_code == 403
    assert not DiaryEntry.objects.exists()


@pytest.mark.parametrize("how", ["expired", "revoked"])
def test_T12_a_link_that_is_over_is_closed_at_once_with_the_number_to_call(cast, anna, monkeypatch, how):
    if how == "revoked":
        revoke_diary_link(by=cast.actor("bob"), link=DiaryLink.objects.get())
    else:
        real = timezone.now
        monkeypatch.setattr(timezone, "now", lambda: real() + timedelta(days=10, minutes=1))
    for place in (reverse("diary"), reverse("open_diary", args=[anna.token])):
        answer = anna.get(place)
        assert answer.status_code == 410
        assert PHONE in answer.content.decode()
    whys = [one.told["facts"]["why"] for one in Entry.objects.filter(kind="diary.refused")]
    assert whys == [how, how]


def test_unknown_and_revoked_look_the_same(cast, anna):
    revoke_diary_link(by=cast.actor("bob"), link=DiaryLink.objects.get())
    shown = {Client().get(reverse("open_diary", args=[token])).content for token in (anna.token, "x" * 43)}
    assert len(shown) == 1


def test_whoever_tries_links_waits_and_then_not_even_the_right_one_opens(anna):
    stranger = Client()
    for number in range(door.MOST_REFUSED):
        assert stranger.get(reverse("open_diary", args=[f"{number:043d}"])).status_code == 410
    for token in ("y" * 43, anna.token):
        assert stranger.get(reverse("open_diary", args=[token])).status_code == 429
    assert Entry.objects.filter(kind="diary.locked").count() == 1
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert elsewhere.get(reverse("open_diary", args=[anna.token])).status_code == 302


def test_a_restricted_record_closes_the_diary(cast, anna):
    type(cast.anna).objects.filter(pk=cast.anna.pk).update(restricted_at=timezone.now())
    assert page(anna)[0] == 410


def test_warmth_and_pain_come_first_where_redness_is_easily_missed(cast):
    from microrelief.web.recovery.asked import asked

    on = timezone.localdate()
    assert [one.name for one in asked(on, 90, "VI").signs] == ["warmth", "pain", "swelling", "redness"]
    assert "own usual colour" in asked(on, 90, "VI").signs[-1].helps
    assert asked(on, 90, "II").signs[0].name == "redness"
    assert "new_brown_patch" not in [one.name for one in asked(on, 90, "II").others]
    assert "new_brown_patch" in [one.name for one in asked(on, 15 * 24, "II").others]
    assert "numbing_toxicity_signs" not in [one.name for one in asked(on, 90, "II").others]
    assert asked(on, 90).signs[0].name == "warmth"  # nobody wrote the type down: careful
    assert not any(one.only_with_others for one in asked(on, 90).signs)


def test_bruise_and_flaking_are_asked_for_once_they_should_have_gone(cast):
    from microrelief.web.recovery.asked import asked

    def late(hours: float) -> list[str]:
        found = [one.name for one in asked(timezone.localdate(), hours, "II").others]
        return [name for name in found if name in ("bruise", "flaking")]

    assert (late(7 * 24), late(7 * 24 + 1), late(10 * 24 + 1)) == ([], ["flaking"], ["bruise", "flaking"])
    old = session(cast, days_ago=11)
    assert (
        write_entry(by=cast.actor("bob"), treatment=old, key=new_key(), answers={"bruise": True}).level
        == "contact the clinic"
    )


def german(patient) -> None:
    patient.language = "de"
    patient.save()


def test_the_diary_and_its_printed_sheet_speak_the_patients_language(cast, anna):
    german(cast.anna)
    english = {"HTTP_ACCEPT_LANGUAGE": "en"}
    assert '<html lang="de"' in page(anna, **english)[1]
    answer = anna.post(reverse("diary"), {**WELL, "key": new_key()}, follow=True, **english)
    assert "Schreiben Sie morgen wieder" in answer.content.decode()
    link = sign_in(cast.bob).post(reverse("new_diary_link", args=[DiaryLink.objects.get().treatment_id]))
    staff, sheet = link.content.decode().split('id="sheet"')
    assert "The patient’s link" in staff
    assert 'lang="de"' in sheet
    assert "Nach Ihrer Sitzung" in sheet


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+49 (0)30 123-45", "+493012345"),
        ("0049 (0) 30 12345", "00493012345"),
        ("(030) 12345", "03012345"),
        ("(+49) 30 12345", "+493012345"),
        ("Praxis (Büro) 030 12345", "03012345"),
        ("Tel. 030/12345, mobil 0170 5", "03012345"),
        ("nach 8 Uhr", "8"),
        ("", ""),
    ],
)
def test_a_number_is_dialled_as_a_telephone_needs_it(written, number):
    from microrelief.web.recovery.words import dialled

    assert dialled(written) == number


def test_a_merge_into_a_restricted_record_closes_the_diary(cast, anna):
    everybody = type(cast.anna).objects
    everybody.filter(pk=cast.anna.pk).update(merged_into=cast.ben, surviving=cast.ben)
    assert page(anna)[0] == 200
    everybody.filter(pk=cast.ben.pk).update(restricted_at=timezone.now())
    assert page(anna)[0] == 410


def test_a_phone_that_asks_whether_a_closed_diary_is_open_stands_in_the_trail_and_is_told_why(cast, anna):
    revoke_diary_link(by=cast.actor("bob"), link=DiaryLink.objects.get())
    answer = anna.get(reverse("diary_is_open"), HTTP_ACCEPT="application/json")
    assert answer.status_code == 410
    assert "Call the clinic" in answer.json()["says"]
    assert [one.told["facts"]["why"] for one in Entry.objects.filter(kind="diary.refused")] == ["revoked"]


def test_a_link_takes_no_more_than_so_many_entries(anna, monkeypatch):
    from microrelief.web.recovery import actions

    monkeypatch.setattr(actions, "MOST_ENTRIES", 1)
    key = new_key()
    anna.post(reverse("diary"), {**WELL, "key": key})
    answer = anna.post(reverse("diary"), {**WELL, "key": new_key()})
    assert (answer.status_code, DiaryEntry.objects.count()) == (422, 1)
    assert "call the clinic" in answer.content.decode()
    assert anna.post(reverse("diary"), {**WELL, "key": key}).status_code == 302  # it is kept already


def test_a_photograph_that_the_phone_could_not_send_is_said(anna):
    sent = {**WELL, "key": new_key(), "photo_lost": "on"}
    shown = anna.post(reverse("diary"), sent, follow=True).content.decode()
    assert "the photograph was not: It was too large" in shown


def test_who_said_no_to_photographs_gives_none_in_the_diary_and_the_entry_stands(cast, anna):
    assert 'name="photo"' in page(anna)[1]
    answer(cast, "record", said="refused")
    assert 'name="photo"' not in page(anna)[1]
    with BEFORE.open("rb") as photo:  # from a page that was opened before
        sent = {**WELL, "key": new_key(), "photo": photo}
        shown = anna.post(reverse("diary"), sent, follow=True).content.decode()
    assert "the photograph was not: The consent to photographs was refused" in shown
    assert (DiaryEntry.objects.get().photo, Photo.objects.count()) == (None, 0)


def test_why_a_photograph_was_not_kept_is_said_to_each_in_their_own_language(cast, anna):
    german(cast.anna)
    sent = {**WELL, "key": new_key(), "photo": io.BytesIO(b"no photograph " * 9)}
    told = anna.post(reverse("diary"), sent, follow=True).content.decode()
    assert "das Foto nicht: Es ließ sich nicht als Foto lesen." in told
    answer(cast, "record", said="refused")
    sent = {**WELL, "key": new_key(), "photo": io.BytesIO(b"another")}
    told = anna.post(reverse("diary"), sent, follow=True).content.decode()
    assert "Die Einwilligung in Fotos wurde verweigert" in told
    recovery = reverse("recovery", args=[DiaryLink.objects.get().treatment_id])
    assert "The consent to photographs was refused" in sign_in(cast.bob).get(recovery).content.decode()


def test_a_full_disk_keeps_no_red_flag_from_the_clinic(cast, anna, monkeypatch):
    def full(**_):
        raise StorageFull("The disk is full")

    monkeypatch.setattr(recovery_actions, "diary_photo", full)
    for level, status in ((WELL, 507), ({**WELL, "pus": "on", "none_of_these": ""}, 302)):
        with BEFORE.open("rb") as photo:
            answered = anna.post(reverse("diary"), {**level, "key": new_key(), "photo": photo})
        assert answered.status_code == status
    assert [one.is_red for one in DiaryEntry.objects.all()] == [True]
    assert "There was no room for it" in anna.get(reverse("diary_said")).content.decode()


def test_a_photograph_of_the_diary_stays_with_its_entry_and_can_be_brought_back(cast, anna):
    with BEFORE.open("rb") as file:
        anna.post(reverse("diary"), {**WELL, "key": new_key(), "photo": file})
    photo, alice = Photo.objects.get(), sign_in(cast.alice)
    with pytest.raises(Unusable, match="stays with it"):
        move_photo(by=cast.actor("alice"), photo=photo, to=cast.anna, version=photo.version, birth_date=None)
    move = reverse("move_photo", args=[photo.pk])
    assert move not in alice.get(reverse("photo", args=[photo.pk])).content.decode()
    alice.post(reverse("remove_photo", args=[photo.pk]))
    recovery = reverse("recovery", args=[DiaryLink.objects.get().treatment_id])
    assert "taken out of sight" in alice.get(recovery).content.decode()
    back = reverse("take_photo_back", args=[photo.pk])
    assert back in alice.get(reverse("photos", args=[cast.anna.pk])).content.decode()
    alice.post(back)
    assert "taken out of sight" not in alice.get(recovery).content.decode()


def test_what_was_refused_stands_in_the_form_again(cast, anna):
    sent = {
        **WELL,
        "how_pain": "2",
        "trend_pain": "more",
        "note": "Zwiebelkuchen",
        "temperature_celsius": "98",
    }
    write = reverse("write_diary", args=[DiaryLink.objects.get().treatment_id])
    for again in (
        anna.post(reverse("diary"), {**sent, "key": new_key()}),
        sign_in(cast.bob).post(write, {**sent, "key": new_key(), "at": "2026-11-20T10:00"}),
    ):
        assert again.status_code == 422
        shown = again.content.decode()
        for kept in (
            'name="how_pain" value="2" checked',
            'name="trend_pain" value="more" checked',
            'name="none_of_these" value="on" checked',
            'value="98"',
            "Zwiebelkuchen</textarea>",
        ):
            assert kept in shown
        assert 'name="pus" value="on" checked' not in shown
    assert 'value="2026-11-20T10:00"' in shown


def test_what_a_phone_may_keep_names_nobody(cast, anna):
    for place in (
        "diary_offline",
        "diary_manifest",
        "diary_worker",
        "site_offline",
        "site_manifest",
        "site_worker",
    ):
        status, shown = page(anna, place)
        assert status == 200
        assert "Anna" not in shown


def test_the_clinics_pages_of_a_recovery_open(cast, anna):
    bob, treatment = sign_in(cast.bob), DiaryLink.objects.get().treatment_id
    anna.post(reverse("diary"), {**WELL, "none_of_these": "", "pus": "on", "key": new_key()})
    shown = bob.get(reverse("recovery", args=[treatment])).content.decode()
    assert "What was done" in shown
    written = bob.post(reverse("write_diary", args=[treatment]), {**WELL, "key": new_key(), "at": ""})
    assert written.status_code == 302
    assert DiaryEntry.objects.filter(written_by=cast.bob).count() == 1
    link = bob.post(reverse("new_diary_link", args=[treatment])).content.decode()
    assert "<svg" in link
    assert page(anna)[0] == 410  # the new one took the old one's place
