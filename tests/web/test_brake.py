"""T20: a script that downloads as fast as it can, as each role, gets no more than fifty photographs."""

import copy
import io
import itertools
import time
import zipfile
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from microrelief.vault.envelope import Kind, encrypted
from microrelief.vault.photo_store import new_name
from microrelief.web.audit.models import Entry
from microrelief.web.audit.trail import record
from microrelief.web.audit.verify import verify_trail
from microrelief.web.brake import actions as brake
from microrelief.web.brake import counted, today
from microrelief.web.brake.counted import Count, Stopped, Wait, counts
from microrelief.web.brake.models import Stop
from microrelief.web.custody.export import Protection, export_patient
from microrelief.web.keyring import photo_store
from microrelief.web.patients.models import CareRelation
from microrelief.web.patients.record import save_new
from microrelief.web.photos.models import Blob, Photo
from microrelief.web.refusals import TooMany
from tests.web.conftest import api_key, patient, sign_in
from tests.web.test_photos import add

MOST = 50
PLAIN = Protection(plain=True)


def many(cast, count: int, whom, who="erin") -> list[Photo]:
    """So many photographs of somebody, without decoding each."""
    model, made = add(cast, who=who, whom=whom), []
    for number in range(count):
        photo = copy.copy(model)
        photo.pk, photo._state = uuid4(), copy.copy(model._state)
        photo._state.adding = True
        photo.__dict__.pop("_opened", None)
        photo.contents = b""
        photo.wrapped_key = whom.key().new_photo_key(str(photo.pk))
        save_new(photo, by=cast.actor(who))
        blobs = []
        for kind in (Kind.ORIGINAL, Kind.THUMBNAIL, Kind.SCREEN):
            content = f"picture {number}".encode()
            kept = photo_store().put(new_name(), encrypted(photo.photo_key(), kind, content))
            facts = {"name": kept.name, "size": kept.size, "sha256": kept.sha256}
            blobs.append(Blob.objects.create(photo=photo, kind=kind, **facts))
        record("photo.added", by=cast.actor(who), about=[photo, *blobs], patient=whom.pk)
        made.append(photo)
    return [model, *made]


@pytest.fixture
def crowd(cast, monkeypatch):
    """Sixty photographs that Erin took, of a patient whom everybody treats."""
    seconds = itertools.count(0.0, 0.2)  # five requests a second, however slow this computer is
    monkeypatch.setattr(brake, "seconds_now", lambda: next(seconds))
    whom = patient(cast.erin, "Viel", "Vera", cast.ben.birth_date, team=(cast.alice, cast.bob, cast.carol))
    cast.vera, cast.photos = whom, many(cast, 59, whom)
    return cast


def got(response) -> bool:
    return response.streaming and bool(b"".join(response.streaming_content))


@pytest.mark.parametrize("role", ["alice", "bob", "carol", "dan"])
def test_T20_a_fast_script_gets_fifty_photographs_at_most_as_each_role(crowd, role):
    client, leaked, answers = sign_in(getattr(crowd, role)), set(), []
    for photo in crowd.photos * 2:  # and keeps asking for what it did not get
        for url in (
            reverse("photo_copy", args=[photo.pk, "thumbnail"]),
            reverse("photo_original", args=[photo.pk]),
        ):
            response = client.get(url)
            answers.append(response.status_code)
            if got(response):
                leaked.add(photo.pk)
    exported = client.post(reverse("export_patient", args=[crowd.vera.pk]), {"how": "plain"})
    if exported.status_code == 200:
        archive = zipfile.ZipFile(io.BytesIO(b"".join(exported.streaming_content)))
        leaked |= {name for name in archive.namelist() if name.startswith("originals/")}
    assert len(leaked) <= MOST
    if role == "dan":
        assert not leaked
        return
    assert len(leaked) >= 15
    assert 429 in answers
    stops = Stop.objects.all()
    assert {stop.person for stop in stops} == {getattr(crowd, role)}
    assert Entry.objects.filter(kind="brake.stopped").count() == len(stops) <= 2
    assert verify_trail().whole
    page = sign_in(crowd.alice).get(reverse("today")).content.decode()
    assert ("You were stopped" if role == "alice" else f"{role.capitalize()} was stopped") in page


def test_T20_a_fast_program_gets_fifty_at_most(crowd):
    headers, leaked = api_key(crowd.bob), set()
    for photo in crowd.photos:
        for what in ("screen", "original"):
            if got(Client().get(f"/api/v1/photos/{photo.pk}/{what}", headers=headers)):
                leaked.add(photo.pk)
    refused = Client().get(f"/api/v1/patients/{crowd.vera.pk}/export?plain=true", headers=headers)
    assert refused.status_code == 429
    assert "owner" in refused.json()["says"]
    assert 20 <= len(leaked) <= MOST


def test_T20_the_owner_lets_somebody_go_on_with_a_reason_and_others_do_not(crowd):
    bob, bobs = crowd.actor("bob"), sign_in(crowd.bob)
    with pytest.raises(TooMany):
        export_patient(by=bob, patient=crowd.vera, protection=PLAIN)  # 60 originals at once
    stop = Stop.objects.get()
    assert b"Too many originals" in bobs.get(reverse("patients")).content
    looked = bobs.get(reverse("photo_copy", args=[crowd.photos[0].pk, "screen"]))
    assert got(looked), "the work with patients goes on"
    url = reverse("answer_stop", args=[stop.pk])
    assert bobs.post(url, {"reason": "handing_out"}).status_code == 403
    assert sign_in(crowd.alice).post(url, {"reason": "because"}).status_code == 422
    assert sign_in(crowd.alice).post(url, {"reason": "handing_out"}).status_code == 302
    assert sum(len(piece) for piece in export_patient(by=bob, patient=crowd.vera, protection=PLAIN)) > 1000
    said = Entry.objects.get(kind="brake.released").told
    assert (said["by"], said["facts"]["reason"]) == (str(crowd.alice.pk), "handing_out")
    assert sign_in(crowd.alice).post(url, {"reason": "handing_out"}).status_code == 404


def test_T20_the_owner_confirms_for_herself_only_after_proving_who_she_is(crowd):
    with pytest.raises(TooMany):
        export_patient(by=crowd.actor("alice"), patient=crowd.vera, protection=PLAIN)
    client = sign_in(crowd.alice)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time() - 7200}]
    session.save()
    url = reverse("answer_stop", args=[Stop.objects.get().pk])
    assert "/account/confirm/" in client.post(url, {"reason": "moving"}).url
    assert Stop.objects.get().ended_at is None


def test_what_one_took_in_oneself_is_not_counted(crowd):
    erin = crowd.actor("erin")
    assert CareRelation.objects.filter(person=crowd.erin).exists()
    assert sum(len(piece) for piece in export_patient(by=erin, patient=crowd.vera, protection=PLAIN)) > 1000
    with counts.of(crowd.erin.pk) as count:
        assert not count.looks


def leafing(patients: int, photos: int, every_seconds: float) -> Count:
    """Somebody opens one patient after the other, each with so many photographs."""
    count = Count()
    for number in range(patients):
        began = number * every_seconds
        for photo in range(photos):
            count.take([(uuid4(), "copy")], began + photo / 10)
    return count


@pytest.mark.parametrize(
    ("patients", "photos", "minutes"), [(40, 12, 2), (30, 20, 4), (12, 30, 5), (3, 13, 0.1), (24, 25, 15)]
)
def test_the_days_work_is_not_hindered(patients, photos, minutes):
    leafing(patients, photos, minutes * 60)


def asked(count: Count, look, now: float) -> str:
    try:
        count.take([look], now)
    except Wait:
        return "wait"
    except Stopped:
        return "stopped"
    return "out"


def test_a_page_with_too_many_waits_and_whoever_keeps_asking_is_stopped():
    count = Count()
    looks = [(uuid4(), "copy") for _ in range(200)]
    page = [asked(count, look, 0.0) for look in looks[:70]]
    assert (page.count("out"), page.count("wait")) == (40, 30)
    assert asked(count, looks[0], 1.0) == "out", "again, for nothing"
    assert asked(count, looks[69], 7.0) == "out", "a little later the next one"
    more = [asked(count, look, 8.0) for look in looks[70:]]
    assert more[0] == "stopped"
    assert len(count.looks) <= MOST


def test_a_slow_script_is_told_of_and_stopped_within_the_hour():
    count, noticed = Count(), []
    answers = []
    for number in range(1000):
        now = number * 6.5
        answers.append(asked(count, (uuid4(), "copy"), now))
        found = count.noticeable(now)
        noticed += [number + 1] if found else []
        assert found is None or found.hours == 1
    assert answers.index("stopped") == counted.MOST_AN_HOUR
    assert noticed[0] == counted.NOTICED_AN_HOUR


def test_a_whole_day_of_few_photographs_an_hour_is_told_of_as_a_day(cast, monkeypatch):
    count = Count()
    for number in range(counted.NOTICED_A_DAY - 1):
        count.take([(uuid4(), "copy")], number * 20.0)
        assert count.noticeable(number * 20.0) is None
    monkeypatch.setattr(brake, "seconds_now", lambda: counted.NOTICED_A_DAY * 20.0)
    monkeypatch.setitem(counted.counts._counts, cast.bob.pk, count)
    brake.let_out(by=cast.actor("bob"), photos=[uuid4()], as_what="copy")
    (line,) = today.items(cast.actor("alice"), timezone.localdate())
    assert line.line == "600 photographs within a day"
    assert Entry.objects.filter(kind="brake.noticed_in_a_day").count() == 1


def test_photographs_of_an_hour_ago_count_anew():
    count, look = Count(), (uuid4(), "copy")
    count.take([look], 0.0)
    count.take([look], 3601.0)
    assert len(count.times) == 2
