"""Who may do what with which patient: the one place that decides, for pages and API alike.

Each permission is a rule: the role (and the key's scope) grants it, and for what belongs to a patient the
person treats that patient. A record that is not there and one that is somebody else's look the same: NotHere.
"""

from typing import TypeVar
from uuid import UUID

import rules
from django.db import models

from microrelief.web.patients.models import CareRelation, Patient
from microrelief.web.people.actor import Actor
from microrelief.web.people.permissions import Permission
from microrelief.web.refusals import NotAllowed, NotHere

OF_A_PATIENT = frozenset(
    {
        Permission.SEE_PATIENTS,
        Permission.EDIT_PATIENTS,
        Permission.MERGE_PATIENTS,
        Permission.EXPORT_PATIENT,
        Permission.ERASE_PATIENT,
        Permission.HOLD_PATIENT,
        Permission.CHANGE_CARE_TEAM,
        Permission.SEE_PHOTOS,
        Permission.SEE_ORIGINALS,
        Permission.ADD_PHOTOS,
        Permission.MOVE_PHOTOS,
        Permission.RECORD_CONSENT,
        Permission.WITHDRAW_CONSENT,
    }
)
Found = TypeVar("Found", bound=models.Model)


@rules.predicate  # type: ignore[untyped-decorator]
def treats(actor: Actor, patient: Patient | None) -> bool:
    """A relation in force, to the record itself or to the one it was merged into."""
    if patient is None:
        return False
    return (
        CareRelation.objects.in_force()
        .filter(patient_id=patient.surviving_id or patient.pk, person=actor.person)
        .exists()
    )


@rules.predicate  # type: ignore[untyped-decorator]
def not_erased(actor: Actor, patient: Patient | None) -> bool:
    """Whether there is still something to see."""
    return patient is not None and patient.erased_at is None


@rules.predicate  # type: ignore[untyped-decorator]
def not_restricted(actor: Actor, patient: Patient | None) -> bool:
    """Restricted records are closed but for whoever may lift the restriction."""
    return patient is not None and (patient.restricted_at is None or actor.may(Permission.HOLD_PATIENT))


def _granted(permission: Permission) -> rules.predicates.Predicate:
    @rules.predicate(f"granted:{permission}")  # type: ignore[untyped-decorator]
    def granted(actor: Actor) -> bool:
        return actor.may(permission)

    return granted


for _permission in Permission:
    _rule = _granted(_permission)
    if _permission in OF_A_PATIENT:
        _rule = _rule & treats & not_erased & not_restricted
    rules.add_rule(_permission, _rule)


def allowed(actor: Actor, permission: Permission, patient: Patient | None = None) -> bool:
    """Whether this person may do it, to this patient where it belongs to one."""
    return bool(rules.test_rule(permission, actor, patient))


def require(actor: Actor, permission: Permission, patient: Patient | None = None) -> None:
    """NotHere where the patient is none of theirs, NotAllowed where their role does not go so far."""
    if allowed(actor, permission, patient):
        return
    if permission in OF_A_PATIENT and (
        patient is None or not allowed(actor, Permission.SEE_PATIENTS, patient)
    ):
        raise NotHere("The address is wrong, the record is gone, or you do not treat this patient.")
    raise NotAllowed("If you need it for your work, ask the owner of the clinic.")


def patient_for(actor: Actor, patient_id: UUID, permission: Permission = Permission.SEE_PATIENTS) -> Patient:
    """The patient, if this person may do this with them."""
    patient = Patient.objects.for_user(actor).filter(pk=patient_id).first()
    if patient is None:
        raise NotHere("The address is wrong, the record is gone, or you do not treat this patient.")
    require(actor, permission, patient)
    return patient


def of_patients(actor: Actor, records: models.QuerySet[Found]) -> models.QuerySet[Found]:
    """Those records whose patient this person sees, also those of merged patients."""
    seen = Patient.objects.for_user(actor)
    return records.filter(
        models.Q(patient__in=seen) | models.Q(patient__surviving__in=seen), patient__erased_at=None
    )
