"""What changes patients and who treats them. Each is atomic and writes the trail together with the change."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from microrelief.web.audit.trail import record, wait_for_turn
from microrelief.web.clinic.models import the_clinic
from microrelief.web.patients.access import patient_for, require
from microrelief.web.patients.keys import make_key
from microrelief.web.patients.models import CareRelation, Hold, Patient
from microrelief.web.patients.record import save_change, save_new
from microrelief.web.patients.search import similar
from microrelief.web.people.actor import Actor
from microrelief.web.people.models import Person
from microrelief.web.people.once import once
from microrelief.web.people.permissions import ROLES, Permission
from microrelief.web.refusals import NotHere, OnHold, Refusal, Unusable

IDENTITY = ("family_name", "given_name", "birth_date", "phone", "email", "note", "language")
OLDEST = 130
"""Years; nobody older was ever documented (Calment, 122)."""


class PerhapsHere(Refusal):
    """The new patient may be here already. `alike` are those the asker may see, `hidden` the others."""

    status = 409
    title = "This patient may be here already"

    def __init__(self, alike: list[Patient], hidden: list[Patient]) -> None:
        self.alike, self.hidden = alike, hidden
        super().__init__("Look whether one of these is the same person; if not, say so and save again.")


@transaction.atomic
def add_patient(
    *,
    by: Actor,
    key: str,
    identity: Mapping[str, Any],
    team: list[UUID] | None = None,
    although_similar: bool = False,
) -> Patient:
    """A new patient with two identifiers, treated by the asker and those named. Same key, same patient.

    Raises PerhapsHere unless `although_similar`.
    """
    require(by, Permission.ADD_PATIENTS)
    values = _identity(identity)
    sent = once(by=by, action="patient.add", key=key, content=[values, team, although_similar])
    if sent.made:
        return patient_for(by, sent.made)
    if not although_similar:
        _refuse_double(by, values)
    wait_for_turn()
    last = Patient.objects.aggregate(last=Max("number"))["last"] or 0
    patient = Patient(number=last + 1, created_by=by.person)
    key_row = make_key(patient.pk)
    for name, value in values.items():
        setattr(patient, name, value)
    save_new(patient, by=by)
    colleagues = Person.objects.filter(pk__in=team or [], is_active=True).exclude(pk=by.person.pk)
    relations = [_treats(by, patient, person) for person in [by.person, *colleagues] if _may_treat(person)]
    sent.settle(patient.pk)
    record("patient.added", by=by, about=[patient, key_row, *relations], patient=patient.pk)
    return patient


@transaction.atomic
def change_patient(*, by: Actor, patient: Patient, version: int, identity: Mapping[str, Any]) -> None:
    """Correct who somebody is; the old values stay in the history. Raises EditConflict."""
    require(by, Permission.EDIT_PATIENTS, patient)
    values = _identity(identity)
    changed = [name for name, value in values.items() if getattr(patient, name) != value]
    save_change(patient, by=by, version=version, **values)
    record("patient.changed", by=by, about=patient, patient=patient.pk, facts={"fields": ",".join(changed)})


@transaction.atomic
def add_to_care_team(*, by: Actor, patient: Patient, person: Person) -> None:
    """A colleague sees the patient from now on."""
    require(by, Permission.CHANGE_CARE_TEAM, patient)
    if not person.is_active or not _may_treat(person):
        raise Unusable(
            f"{person.name} treats nobody in their role: choose a clinician, an assistant or an owner."
        )
    if (
        CareRelation.objects.in_force()
        .filter(patient=patient, person=person, kind=CareRelation.TREATS)
        .exists()
    ):
        return
    relation = _treats(by, patient, person)
    record("patient.team_added", by=by, about=relation, patient=patient.pk, facts={"person": str(person.pk)})


@transaction.atomic
def remove_from_care_team(*, by: Actor, patient: Patient, relation_id: UUID) -> None:
    """A colleague does not see the patient any more. Somebody must stay."""
    require(by, Permission.CHANGE_CARE_TEAM, patient)
    relation = CareRelation.objects.in_force().filter(pk=relation_id, patient=patient).first()
    if relation is None:
        raise NotHere("This relation has ended already.")
    others = (
        CareRelation.objects.in_force()
        .filter(patient=patient, kind=CareRelation.TREATS)
        .exclude(pk=relation.pk)
    )
    if relation.kind == CareRelation.TREATS and not others.exists():
        raise Unusable("Nobody would treat this patient: add a colleague first.")
    save_change(relation, by=by, version=relation.version, ended_at=timezone.now())
    record(
        "patient.team_removed",
        by=by,
        about=relation,
        patient=patient.pk,
        facts={"person": str(relation.person_id)},
    )


@transaction.atomic
def break_glass(*, by: Actor, number: str, birth_date: date, reason: str) -> Patient:
    """See somebody else's patient for a while, with a reason that the owner reads.

    Both identifiers must be right; which one was wrong is not said.
    """
    require(by, Permission.BREAK_GLASS)
    if len(reason.strip()) < 10:
        raise Unusable("Say in a sentence why you need this record now: the owner reads it.")
    patient = Patient.objects.filter(
        number=int(number) if number.isdecimal() and len(number) <= 9 else -1,
        erased_at=None,
        restricted_at=None,
        merged_into=None,
    ).first()
    if patient is None or patient.birth_date != birth_date:
        raise NotHere("No patient has this number and this birth date: check both.")
    relation = CareRelation(
        patient=patient,
        person=by.person,
        kind=CareRelation.BROKE_GLASS,
        until=timezone.now() + timedelta(hours=the_clinic().glass_hours),
        added_by=by.person,
    )
    relation.reason = reason.strip()
    save_new(relation, by=by)
    record("patient.glass_broken", by=by, about=relation, patient=patient.pk)
    return patient


@transaction.atomic
def note_broken_glass(*, by: Actor, relation_id: UUID) -> None:
    """The owner has seen it."""
    require(by, Permission.READ_AUDIT)
    relation = CareRelation.objects.filter(pk=relation_id, kind=CareRelation.BROKE_GLASS).first()
    if relation is None:
        raise NotHere("There is nothing to look at.")
    if relation.seen_by_owner_at is None:
        save_change(relation, by=by, version=relation.version, seen_by_owner_at=timezone.now())
        record("patient.glass_noted", by=by, about=relation, patient=relation.patient_id)


@transaction.atomic
def merge_patients(*, by: Actor, duplicate: Patient, into: Patient, birth_date: date | None) -> None:
    """File a duplicate under the record that stays. Nothing is rewritten, so it can be taken back whole.

    `birth_date` confirms the record that stays by its second identifier.
    """
    for patient in (duplicate, into):
        require(by, Permission.MERGE_PATIENTS, patient)
    if duplicate.pk == into.pk:
        raise Unusable("These are the same record: choose another.")
    if into.merged_into_id or duplicate.merged_into_id:
        raise Unusable("One of the two is merged already: take that back first.")
    _confirmed(into, birth_date)
    _refuse_held(duplicate)
    if duplicate.restricted_at or into.restricted_at:
        raise OnHold("One of the two is restricted: open it again first.")
    below = list(duplicate.all_merged.all())
    save_change(duplicate, by=by, version=duplicate.version, merged_into=into, surviving=into)
    for one in below:
        save_change(one, by=by, version=one.version, surviving=into)
    record(
        "patient.merged",
        by=by,
        about=[duplicate, *below],
        patient=into.pk,
        facts={"duplicate": str(duplicate.pk)},
    )


@transaction.atomic
def take_merge_back(*, by: Actor, duplicate_id: UUID, patient: Patient) -> Patient:
    """The duplicate stands alone again, with everything it had."""
    require(by, Permission.MERGE_PATIENTS, patient)
    duplicate = patient.merged.filter(pk=duplicate_id).first()
    if duplicate is None:
        raise NotHere("This record was not merged into the patient.")
    below = [one for one in patient.all_merged.exclude(pk=duplicate.pk) if _under(one, duplicate)]
    save_change(duplicate, by=by, version=duplicate.version, merged_into=None, surviving=None)
    for one in below:
        save_change(one, by=by, version=one.version, surviving=duplicate)
    record(
        "patient.merge_undone",
        by=by,
        about=[duplicate, *below],
        patient=patient.pk,
        facts={"duplicate": str(duplicate.pk)},
    )
    return duplicate


@transaction.atomic
def put_on_hold(*, by: Actor, patient: Patient, reason: str) -> Hold:
    """Nothing of this record is erased until the hold is lifted."""
    require(by, Permission.HOLD_PATIENT, patient)
    if not reason.strip():
        raise Unusable("Say why the record must be kept.")
    hold = Hold(patient=patient, made_by=by.person)
    hold.reason = reason.strip()
    save_new(hold, by=by)
    record("patient.held", by=by, about=hold, patient=patient.pk)
    return hold


@transaction.atomic
def lift_hold(*, by: Actor, patient: Patient, hold_id: UUID) -> None:
    """The reason to keep the record is over."""
    require(by, Permission.HOLD_PATIENT, patient)
    hold = Hold.objects.filter(pk=hold_id, patient=patient, lifted_at=None).first()
    if hold is None:
        raise NotHere("This hold is lifted already.")
    save_change(hold, by=by, version=hold.version, lifted_at=timezone.now(), lifted_by=by.person)
    record("patient.hold_lifted", by=by, about=hold, patient=patient.pk)


@transaction.atomic
def restrict(*, by: Actor, patient: Patient, version: int, restricted: bool) -> None:
    """Close the record to everybody but the owner (GDPR Art 18), or open it again."""
    require(by, Permission.HOLD_PATIENT, patient)
    save_change(patient, by=by, version=version, restricted_at=timezone.now() if restricted else None)
    record("patient.restricted" if restricted else "patient.opened", by=by, about=patient, patient=patient.pk)


def confirmed_by(patient: Patient, birth_date: date | None) -> None:
    """The second identifier, typed by whoever files something under this patient."""
    _confirmed(patient, birth_date)


def _confirmed(patient: Patient, birth_date: date | None) -> None:
    if birth_date is None or patient.birth_date != birth_date:
        raise Unusable(
            "The birth date is not that of the patient you named: check that it is the right person."
        )


def _identity(given: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: given.get(name) for name in IDENTITY}
    for name in IDENTITY:
        if name != "birth_date":
            values[name] = (
                " ".join(str(values[name] or "").split())
                if name != "note"
                else str(values[name] or "").strip()
            )
    born = values["birth_date"]
    if not values["family_name"] or not isinstance(born, date):
        raise Unusable("A patient needs two identifiers: the name and the date of birth.")
    today = timezone.localdate()
    if not today.replace(year=today.year - OLDEST, day=1) <= born <= today:
        raise Unusable("This date of birth cannot be: check the year.")
    if values["language"] not in ("", *dict(settings.LANGUAGES)):
        raise Unusable("Choose one of the languages of the list, or none for the clinic's.")
    return values


def _refuse_double(by: Actor, values: Mapping[str, Any]) -> None:
    everybody = Patient.objects.filter(erased_at=None, merged_into=None)
    alike = similar(everybody, f"{values['family_name']} {values['given_name']}", values["birth_date"])
    if alike:
        seen = set(
            Patient.objects.for_user(by).filter(pk__in=[one.pk for one in alike]).values_list("pk", flat=True)
        )
        raise PerhapsHere(
            [one for one in alike if one.pk in seen], [one for one in alike if one.pk not in seen]
        )


def _treats(by: Actor, patient: Patient, person: Person) -> CareRelation:
    relation = CareRelation(patient=patient, person=person, kind=CareRelation.TREATS, added_by=by.person)
    save_new(relation, by=by)
    return relation


def _may_treat(person: Person) -> bool:
    return Permission.SEE_PATIENTS in ROLES[person.role].may


def _refuse_held(patient: Patient) -> None:
    if patient.holds.filter(lifted_at=None).exists():
        raise OnHold("This record is on hold: lift the hold first.")


def _under(patient: Patient, above: Patient) -> bool:
    walked: Patient | None = patient
    while walked is not None:
        if walked.merged_into_id == above.pk:
            return True
        walked = walked.merged_into
    return False
