"""T14, T17: what staff do in any order. No edit is lost, every write and every original is in the trail, and
what failed left nothing.

`MICRORELIEF_REQUESTS=10000 python -m pytest tests/web/test_random_day.py` does it at length.
"""

import json
import os
import random
from collections import Counter

import pytest
from django.db.models import IntegerField
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from microrelief.errors import StorageFull
from microrelief.vault import chain
from microrelief.vault.photo_store import FolderStore
from microrelief.web.audit.models import Entry
from microrelief.web.audit.seal import sealed_models, version_models
from microrelief.web.audit.verify import verify_trail
from microrelief.web.patients.models import CareRelation, Hold, Patient
from microrelief.web.patients.record import open_version
from microrelief.web.people.once import new_key
from microrelief.web.photos.models import Photo
from tests.web.conftest import BEFORE, api_key, patient, sign_in
from tests.web.test_photos import add

REQUESTS = int(os.environ.get("MICRORELIEF_REQUESTS", "120"))
VERIFIED_EVERY = 500
PEOPLE = ("alice", "bob", "carol", "erin", "dan")
LOOKS = {"patient.viewed", "audit.read", "audit.verified", "photo.original_viewed", "brake.noticed"}
"""Kinds of entries that tell of reading."""


class Day:
    """One request after the other, by anybody, of anybody; now and then the disk or the trail fails."""

    def __init__(self, cast, seed: int) -> None:
        self.cast, self.draw = cast, random.Random(seed)
        self.clients = {who: sign_in(getattr(cast, who)) for who in PEOPLE}
        self.done: Counter[str] = Counter()
        self.originals = 0

    def anybody(self) -> Client:
        return self.clients[self.draw.choice(PEOPLE)]

    def whom(self) -> Patient:
        return Patient.objects.get(pk=self.draw.choice((self.cast.anna.pk, self.cast.ben.pk)))

    def photo(self) -> Photo:
        return self.draw.choice(list(Photo.objects.all()))

    def correct(self):
        whom = self.whom()
        said = {"family_name": "Sommer", "given_name": "Plantedword", "birth_date": "1991-04-12"}
        said |= {"note": f"note {self.draw.random()}", "version": whom.version - self.draw.choice((0, 0, 1))}
        return self.anybody().post(reverse("change_patient", args=[whom.pk]), said)

    def describe(self):
        photo = self.photo()
        said = {"view": self.draw.choice(("front", "other")), "note": "Plantedword", "version": photo.version}
        return self.anybody().post(reverse("describe_photo", args=[photo.pk]), said)

    def upload(self):
        content = self.draw.choice((BEFORE.read_bytes(), b"no photograph"))
        with open_bytes(content) as file:
            said = {"photo": file, "view": "front", "note": "Plantedword", "key": new_key()}
            return self.anybody().post(reverse("photos", args=[self.whom().pk]), said)

    def consent(self):
        said = {"how": "spoken", "witness": "Plantedword", "answer": self.draw.choice(("given", "refused"))}
        said |= {"signed_on": timezone.localdate().isoformat(), "signer": "patient", "key": new_key()}
        purpose = self.draw.choice(("treatment", "comparison"))
        return self.anybody().post(reverse("ask_consent", args=[self.whom().pk, purpose]), said)

    def hold(self):
        whom = self.whom()
        standing = Hold.objects.filter(patient=whom, lifted_at=None).first()
        said = {"lift": str(standing.pk)} if standing else {"reason": "Plantedword has a claim"}
        return self.anybody().post(reverse("hold_patient", args=[whom.pk]), said)

    def glass(self):
        whom = self.whom()
        said = {
            "number": whom.number,
            "birth_date": str(whom.birth_date),
            "reason": "Plantedword is away",
        }
        return self.anybody().post(reverse("break_glass"), said)

    def see_glass(self):
        glass = CareRelation.objects.filter(kind="broke_glass").order_by("?").first()
        if glass is None:
            return None
        return self.anybody().post(reverse("note_glass", args=[glass.pk]))

    def visit(self):
        said = {"on": timezone.localdate().isoformat(), "purpose": "review", "note": "Plantedword"}
        return self.anybody().post(reverse("new_visit", args=[self.whom().pk]), said | {"key": new_key()})

    def open_record(self):
        return self.anybody().get(reverse("patient", args=[self.whom().pk]))

    def open_original(self):
        return self.anybody().get(reverse("photo_original", args=[self.photo().pk]))

    def look(self):
        return self.anybody().get(reverse("photo_copy", args=[self.photo().pk, "screen"]))


WRITES = ("correct", "describe", "upload", "consent", "hold", "glass", "see_glass", "visit")
READS = ("open_record", "open_original", "look")


def open_bytes(content: bytes):
    import io

    file = io.BytesIO(content)
    file.name = "Plantedword.jpg"
    return file


def counted() -> dict[str, int]:
    """Rows and the sum of their versions: what a change cannot leave as it was."""
    found = {}
    for model in (*sealed_models(), *version_models()):
        rows = model._base_manager
        found[model._meta.label] = rows.count()
        if any(one.name == "version" and isinstance(one, IntegerField) for one in model._meta.fields):
            found[f"{model._meta.label} versions"] = sum(rows.values_list("version", flat=True))
    return found


@pytest.fixture
def failing(monkeypatch):
    """The next write meets a full disk, or a trail that cannot be written."""
    what = {"now": ""}
    entry, put = chain.next_entry, FolderStore.put

    def next_entry(*given):
        if what["now"] == "trail":
            raise StorageFull("no room")
        return entry(*given)

    def full(store, *given):
        if what["now"] == "disk":
            raise StorageFull("no room")
        return put(store, *given)

    monkeypatch.setattr(chain, "next_entry", next_entry)
    monkeypatch.setattr(FolderStore, "put", full)
    return what


def test_T17_whatever_is_done_is_in_the_trail_and_what_failed_left_nothing(cast, failing, capsys):
    day = Day(cast, seed=17)
    add(cast), add(cast, who="erin", whom=cast.ben)
    served, wrong = 0, []
    for number in range(REQUESTS):
        what = day.draw.choice((*WRITES, *READS))
        failing["now"] = day.draw.choice(("", "", "", "", "disk", "trail"))
        last, before = Entry.objects.count(), counted()
        for client in day.clients.values():
            client.raise_request_exception = False
        response = getattr(day, what)()
        failing["now"] = ""
        if response is None:
            continue
        body = b"".join(response.streaming_content) if response.streaming else response.content
        day.done[f"{what} {response.status_code}"] += 1
        served += what == "open_original" and response.status_code == 200 and body == BEFORE.read_bytes()
        kinds = list(Entry.objects.filter(sequence__gt=last).values_list("kind", flat=True))
        wrote = [kind for kind in kinds if kind not in LOOKS]
        changed = counted() != before
        if response.status_code not in (200, 302, 403, 404, 409, 422, 429, 507):
            wrong.append(f"{number} {what}: {response.status_code}")
        if changed != bool(wrote) or (response.status_code >= 400 and changed):
            wrong.append(f"{number} {what} {response.status_code}: changed {changed}, entries {kinds}")
        if number % VERIFIED_EVERY == VERIFIED_EVERY - 1 and not verify_trail().whole:
            wrong.append(f"{number}: {verify_trail().says}")
    finding = verify_trail()
    writes = sum(count for name, count in day.done.items() if name.endswith(" 302"))
    with capsys.disabled():
        print(
            f"\nT17: {sum(day.done.values())} requests, {writes} writes, {served} originals, "
            f"{len(wrong)} wrong"
        )
    assert wrong == []
    assert finding.whole, finding.says
    assert Entry.objects.filter(kind="photo.original_viewed").count() == served
    assert writes >= REQUESTS / 20
    assert "Plantedword" not in "".join(Entry.objects.values_list("event", flat=True))


def test_T14_no_accepted_edit_is_lost_and_every_conflict_is_shown(cast):
    """Two browsers and a program, each with the version it saw last, in any order."""
    headers = api_key(cast.bob)
    browsers = [sign_in(cast.bob), sign_in(cast.carol)]
    born = iter(range(10**6))

    class Edits(RuleBasedStateMachine):
        @initialize()
        def begin(self):
            number = next(born)
            name = f"Edit{''.join(chr(97 + int(digit)) for digit in str(number))}"
            self.whom = patient(cast.bob, name, "", cast.anna.birth_date, team=(cast.carol,))
            self.said = {"family_name": name, "given_name": "", "birth_date": "1991-04-12", "phone": ""}
            self.seen = [1, 1, 1]
            self.accepted = [""]

        @rule(who=st.sampled_from((0, 1, 2)))
        def look(self, who):
            self.seen[who] = Patient.objects.get(pk=self.whom.pk).version

        @rule(who=st.sampled_from((0, 1, 2)), text=st.text("abc", min_size=1, max_size=4))
        def save(self, who, text):
            said = self.said | {"email": "", "note": text, "version": self.seen[who]}
            if who == 2:
                url = f"/api/v1/patients/{self.whom.pk}"
                answer = Client().put(url, json.dumps(said), content_type="application/json", headers=headers)
            else:
                answer = browsers[who].post(reverse("change_patient", args=[self.whom.pk]), said)
            if self.seen[who] == len(self.accepted):
                assert answer.status_code in (200, 302), answer.content[:300]
                self.accepted.append(text)
                if who == 2:
                    self.seen[who] = answer.json()["version"]
            else:
                assert answer.status_code == 409
                theirs = answer.json()["theirs"]["note"] if who == 2 else answer.content.decode()
                assert self.accepted[-1] in theirs
                assert text in answer.content.decode()

        @invariant()
        def history_is_the_sum_of_what_was_accepted(self):
            versions = Patient.history.filter(id=self.whom.pk).order_by("history_id")
            assert [open_version(one).get("note") or "" for one in versions] == self.accepted

    long = REQUESTS > 1000
    steps = settings(
        max_examples=REQUESTS // 20 if long else 6,
        stateful_step_count=20 if long else 12,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Edits, settings=steps)
    assert next(born) >= 3
    assert verify_trail().whole
