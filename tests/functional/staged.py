"""A clinic half a year old: `python -m tests.functional.staged DATA` makes it and prints its places as JSON.

The rules begin in November 2026 and nothing is signed before them: run it, and what opens the clinic, by
`AHEAD`. Anna is through her sessions and has a result, Ben was deferred, Clara is new, Dora's record is the
double of another. All goes through the site's own actions and pages, on the days on which it would happen.
"""

import argparse
import io
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from tests.web.running import CLOCK

LIBRARY = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)
"""Of Debian's faketime. Its command would stand between us and the server and keep signals to itself."""


def ahead(days: int) -> tuple[str, ...]:
    """In front of a command: lets it believe that it is so many days later.

    The monotonic clock stays as it is: shifted, each wait of a thread would last as many days, and background
    work would never wake for what is asked of it.
    """
    shift = f"FAKETIME=+{days}d", "FAKETIME_DONT_FAKE_MONOTONIC=1"
    return ("env", f"LD_PRELOAD={LIBRARY}", *shift, f"PYTHONPATH={CLOCK}")


AHEAD = ahead(200)
"""Leaves room for a past of five months."""
REAL_NOW = timezone.now
PASSWORD = "violet harbour nine lamps"
PICTURES = Path(__file__).parents[2] / "src/microrelief/phantom/demo"
BEFORE, AFTER = PICTURES / "before.jpg", PICTURES / "after.jpg"


class Clock:
    """Says what day it is; set before Django's models take their defaults from it."""

    def __init__(self) -> None:
        self.days = 0
        timezone.now = lambda: REAL_NOW() + timedelta(days=self.days)

    def date(self, days: int = 0) -> date:
        return timezone.localdate() + timedelta(days=days)

    def iso(self, days: int = 0) -> str:
        return self.date(days).isoformat()


@dataclass
class Stage:
    """Who works here, and one record of each kind that an address may name."""

    clock: Clock
    owner: Any = None
    records: dict[str, list[Any]] = field(default_factory=dict)

    def keep(self, kind: str, record: Any) -> Any:
        self.records.setdefault(kind, []).append(record)
        return record

    def browser(self) -> Any:
        """The owner's, who has just given password and second factor."""
        from django.test import Client

        client = Client(headers={"host": "localhost"})
        client.cookies["session"] = self.session()
        return client

    def session(self) -> str:
        from django.conf import settings
        from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
        from django.contrib.sessions.backends.db import SessionStore

        session = SessionStore()
        session[SESSION_KEY] = str(self.owner.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[1]
        session[HASH_SESSION_KEY] = self.owner.get_session_auth_hash()
        password = {"method": "password", "at": time.time(), "reauthenticated": True}
        session["account_authentication_methods"] = [password]
        session["account_authentication_methods_user"] = str(self.owner.pk)
        session.create()
        return str(session.session_key)


def staged(data: Path) -> dict[str, Any]:
    clock = Clock()
    clock.days = -150  # opening the clinic writes into the trail, too
    from microrelief.web.start import open_site

    open_site(data, create=True)
    from microrelief.web.consents.actions import bring_texts

    stage = Stage(clock)
    bring_texts()
    people(stage)
    course(stage)
    deferred(stage)
    result(stage)
    newcomers(stage)
    clock.days = 0
    set_up(stage)
    return {"session": stage.session(), "places": places(stage)}


def people(stage: Stage) -> None:
    from allauth.mfa.models import Authenticator
    from django.db import transaction

    from microrelief.web.api.actions import make_key, possible_scopes
    from microrelief.web.audit.trail import record
    from microrelief.web.clinic.actions import change_clinic
    from microrelief.web.clinic.models import the_clinic
    from microrelief.web.people.actions import invite_person
    from microrelief.web.people.actor import Actor
    from microrelief.web.people.models import Invitation, Person

    for name, email, role in (
        ("Dr Miriam Berg", "berg", "owner"),
        ("Rosa Haas", "haas", "clinician"),
        ("Kim Lee", "lee", "assistant"),
    ):
        with transaction.atomic():
            person = Person(email=f"{email}@clinic.example", name=name, role=role)
            person.set_password(PASSWORD)
            person.save()
            secret = {"secret": "none"}
            Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data=secret)
            record("person.joined", by=Actor(person), about=person, facts={"role": role})
        stage.keep("person", person)
    stage.owner = stage.records["person"][0]
    owner = Actor(stage.owner)
    invite_person(by=owner, role="assistant", email="new@clinic.example")
    stage.keep("link", Invitation.objects.get())
    make_key(by=owner, name="Research export", scopes=possible_scopes(owner), days=30)
    named = {"name": "Skin Clinic at the Park", "phone": "+44 20 7946 0018"}
    change_clinic(by=owner, version=the_clinic().version, **named)


def patient(stage: Stage, family_name: str, given_name: str, born: date, **more: str) -> Any:
    from microrelief.web.patients.actions import add_patient
    from microrelief.web.people.actor import Actor
    from microrelief.web.people.once import new_key

    identity = {"family_name": family_name, "given_name": given_name, "birth_date": born, **more}
    team = [one.pk for one in stage.records["person"][1:]]
    by = Actor(stage.owner)
    return add_patient(by=by, key=new_key(), identity=identity, team=team, although_similar=True)


def send(stage: Stage, address: str, sheet: Any, answers: dict[str, str], client: Any = None) -> Any:
    from django.urls import reverse

    sheet.refresh_from_db()
    page = reverse(address, args=[sheet.pk])
    done = (client or stage.browser()).post(page, {**answers, "version": sheet.version})
    assert done.status_code == 302, done.content.decode()
    sheet.refresh_from_db()
    return sheet


def consultation(stage: Stage, who: Any, answers: dict[str, str], *, sign: bool = True) -> Any:
    from microrelief.web.consultations.actions import begin_consultation
    from microrelief.web.people.actor import Actor

    sheet = stage.keep("consultation", begin_consultation(by=Actor(stage.owner), patient=who))
    return send(stage, "sign_consultation" if sign else "consultation", sheet, answers)


def agree(stage: Stage, who: Any, purpose: str, **more: Any) -> Any:
    from microrelief.web.consents.actions import record_consent
    from microrelief.web.people.actor import Actor

    given = {"answer": "given", "how": "tablet", "signed_on": stage.clock.date(), **more}
    if given["how"] == "tablet":
        given["signature"] = "M 40 60 L 60 30 L 80 70 L 110 40 L 140 66 L 190 44 "
    key = f"staged-{who.family_name}-{purpose}"
    consent = record_consent(by=Actor(stage.owner), patient=who, key=key, purpose=purpose, **given)
    return stage.keep("consent", consent)


def photo_set(
    stage: Stage, who: Any, front: bytes, *, finish: bool = True, skip: tuple[str, ...] = ()
) -> Any:
    from microrelief.web.people.actor import Actor
    from microrelief.web.photosets.actions import finish_set, skip_view, take_view

    by, key = Actor(stage.owner), f"staged-{who.family_name}-{stage.clock.iso()}"
    taken = take_view(
        by=by, patient=who, set_key=key, key=f"{key}-front", view="front",
        upload=io.BytesIO(front), size=len(front), file_name="front.jpg",
    )  # fmt: skip
    stage.keep("set view", taken)
    stage.keep("photo", taken.photo)
    for view in skip:
        skip_view(by=by, patient=who, set_key=key, view=view, reason="not needed today")
    if finish:
        finish_set(by=by, photo_set=taken.photo_set)
    return stage.keep("photo set", taken.photo_set)


def session(stage: Stage, who: Any, serial: str, *, sign: bool = True, **more: str) -> Any:
    from microrelief.web.people.actor import Actor
    from microrelief.web.treatments.actions import begin_treatment
    from tests.web.answers import SESSION

    answers = {
        **SESSION, "expires_on": stage.clock.iso(300), "cartridge_expires_on": stage.clock.iso(400),
        "cartridge_serial": serial, "why-preparation.retinoid": "Last used two weeks ago", **more,
    }  # fmt: skip
    sheet = stage.keep("treatment", begin_treatment(by=Actor(stage.owner), patient=who))
    if not sign:
        return send(stage, "treatment", sheet, answers)
    send(stage, "start_treatment", sheet, answers)
    return send(stage, "sign_treatment", sheet, answers)


def course(stage: Stage) -> None:
    """Anna: three sessions four weeks apart, photographs before the first."""
    from microrelief.web.people.actor import Actor
    from microrelief.web.plans.actions import begin_plan
    from tests.web.answers import PLAN, SUITABLE

    clock = stage.clock
    more = {"phone": "+44 20 7946 0991", "email": "anna@mail.example", "note": "Prefers the afternoon."}
    anna = stage.keep("patient", patient(stage, "Sommer", "Anna", date(1991, 4, 12), **more))
    consultation(stage, anna, SUITABLE)
    plan = stage.keep("plan", begin_plan(by=Actor(stage.owner), patient=anna))
    answers = {**PLAN, "uses": "nothing", "first_session_on": clock.iso(10), "last_sun": clock.iso(-60)}
    send(stage, "sign_plan", plan, answers)
    for purpose in ("treatment", "record", "comparison"):
        agree(stage, anna, purpose)
    agree(stage, anna, "teaching", answer="refused")
    for number, days in enumerate((-140, -112, -85)):
        clock.days = days
        if number == 0:
            photo_set(stage, anna, BEFORE.read_bytes(), skip=("left_90", "right_90"))
        session(stage, anna, str(7 + number))


def result(stage: Stage) -> None:
    """Anna today: photographs, a consent that ends soon, a consultation and a session that were begun."""
    from microrelief.web.visits.models import Visit

    clock, anna = stage.clock, stage.records["patient"][0]
    clock.days = 0
    photo_set(stage, anna, AFTER.read_bytes(), skip=("left_90", "right_90"))
    agree(stage, anna, "website", channels=("website",), photos=(stage.records["photo"][0].pk,),
          expires_on=clock.date(20))  # fmt: skip
    consultation(stage, anna, {"wish": "Looks at her result"}, sign=False)
    session(stage, anna, "11", sign=False)
    stage.keep("visit", Visit.objects.filter(patient=anna).first())


def deferred(stage: Stage) -> None:
    """Ben: sunburnt, cold sores, and a question nobody has asked yet."""
    from microrelief.web.people.actor import Actor
    from microrelief.web.visits.actions import plan_visit
    from tests.web.answers import SUITABLE

    clock = stage.clock
    clock.days = -3
    ben = patient(stage, "Winter", "Ben", date(2002, 11, 2))
    more = {"fitzpatrick": "II", "herpes_history": "yes", "sunburnt_on": clock.iso(-6)}
    answers = {**SUITABLE, **more, "does": "defer", "why": "Sunburnt last week"}
    del answers["sunburnt_on_never"]
    consultation(stage, ben, answers)
    clock.days = 0
    plan_visit(by=Actor(stage.owner), patient=ben, key="staged-ben", on=clock.date(), purpose="consultation")


def newcomers(stage: Stage) -> None:
    """Clara comes for the first time; Dora's record is held and has a double; a glass is broken."""
    from datetime import time as hour

    from microrelief.web.api.models import ApiKey
    from microrelief.web.patients.actions import break_glass, merge_patients, put_on_hold
    from microrelief.web.patients.models import CareRelation
    from microrelief.web.people.actor import Actor
    from microrelief.web.photos.actions import remove_photo
    from microrelief.web.visits.actions import plan_visit

    owner = Actor(stage.owner)
    clara = patient(stage, "Okonkwo-Herbstreuther", "Clara Chidinma", date(1998, 2, 27))
    stage.keep("patient", clara)
    plan_visit(by=owner, patient=clara, key="staged-clara", on=stage.clock.date(), purpose="consultation",
               at=hour(10, 30), note="first time, speaks little English")  # fmt: skip
    dora = patient(stage, "Frost", "Dora", date(1975, 6, 1))
    double = patient(stage, "Frost", "D.", date(1975, 6, 1))
    merge_patients(by=owner, duplicate=double, into=dora, birth_date=dora.birth_date)
    stage.keep("merged", double)
    put_on_hold(by=owner, patient=dora, reason="A claim is open until spring")
    photo_set(stage, dora, AFTER.read_bytes(), finish=False)
    removed = stage.records["photo"].pop()
    remove_photo(by=owner, photo=removed, version=removed.version)
    stage.keep("removed photo", removed)
    other = Actor(stage.records["person"][1])
    erin = add_only_for(other, date(1960, 1, 1))
    why = "Her clinician is away today"
    break_glass(by=owner, number=str(erin.number), birth_date=erin.birth_date, reason=why)
    stage.keep("glass", CareRelation.objects.get(kind=CareRelation.BROKE_GLASS))
    stage.keep("number", stage.records["patient"][0].number)
    stage.keep("key", ApiKey.objects.get())


def add_only_for(by: Any, born: date) -> Any:
    from microrelief.web.patients.actions import add_patient

    identity = {"family_name": "Aster", "given_name": "Eva", "birth_date": born}
    return add_patient(by=by, key="staged-aster", identity=identity, team=[])


def set_up(stage: Stage) -> None:
    """The settings with something in them: a shelf, a limit of the clinic's own, a round of volunteers."""
    from PIL import Image

    from microrelief.web.clinic_rules.actions import set_limit
    from microrelief.web.people.actor import Actor
    from microrelief.web.retests.actions import begin_retest, keep_conclusion
    from microrelief.web.retests.models import RetestPair
    from microrelief.web.stock.actions import add_item

    by = Actor(stage.owner)
    depths = {"cheek": {"mm": 1.5, "passes": 6}}
    tip = add_item(by=by, kind="cartridge", name="12 pin", limits="", answers={"needles": 12}, depths=depths)
    stage.keep("stock item", tip)
    stage.keep("kind of stock", "device")
    set_limit(
        by=by, rule_id="session.interval", values={"block_below": 21}, level="",
        why="Three weeks at least, as we teach", since=timezone.localdate(), knowingly=False,
    )  # fmt: skip
    stage.keep("rule", "session.interval")
    done, plot = begin_retest(by=by), io.BytesIO()
    Image.new("RGB", (900, 300), "white").save(plot, "PNG")
    figures = {"coefficient_percent": 11.0, "detectable_percent": 16.0, "pairs": 10, "people": 10}
    measures = [{"measure": "relief", **figures, "factor": 1.3, "steady": True}]
    keep_conclusion(done, document="{}", measures=measures, plot=plot.getvalue())
    stage.keep("retest", done)
    refused = {"comparable": False, "reasons": ["light direction"], "grade": "D"}
    RetestPair.objects.create(
        retest=begin_retest(by=by), number=1, consented=True, added_by=stage.owner, state="compared",
        compared=refused,
    )  # fmt: skip


MORE: dict[str, Callable[[Any], list[Any]]] = {
    "photo_copy": lambda one: [one.pk, "screen"],
    "comparison_layer": lambda one: [one.pk, "before"],
    "ask_consent": lambda one: [one.pk, "website"],
    "take_merge_back": lambda one: [one.surviving_id, one.pk],
}
NOT_FOR_US = (
    "join",
    "open_diary",
    "open_plan",
    "open_plan_calendar",
    "mfa_edit_webauthn",
    "mfa_remove_webauthn",
    "account_logout",
)


def places(stage: Stage) -> dict[str, list[str]]:
    """Every address that answers a GET, for each record of its kind."""
    from django.urls import reverse

    from microrelief.web.comparisons.models import Comparison
    from tests.web.addresses import pages

    stage.records["comparison"] = list(Comparison.objects.all())
    found = {}
    for name, address in pages().items():
        if "GET" not in address.methods or name in NOT_FOR_US:
            continue
        if address.about and address.about not in stage.records:
            raise SystemExit(f"Give the staged clinic a {address.about}: the page {name} needs one.")
        records = stage.records[address.about] if address.about else [None]
        found[name] = [reverse(name, args=arguments(name, address.about, one)) for one in records]
    return found


def arguments(name: str, about: str, record: Any) -> list[Any]:
    if name in MORE:
        return MORE[name](record)
    plain = about in ("number", "kind of stock", "rule")
    return [] if record is None else [record if plain else record.pk]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    json.dump(staged(parser.parse_args().data), sys.stdout)
