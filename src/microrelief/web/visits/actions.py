"""What plans visits and says how far they have come. Each is atomic and writes the trail."""

from datetime import date, time, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from microrelief.web.audit.trail import record
from microrelief.web.patients.access import require
from microrelief.web.patients.models import Patient
from microrelief.web.patients.record import save_change, save_new
from microrelief.web.people.actor import Actor
from microrelief.web.people.once import once
from microrelief.web.people.permissions import Permission
from microrelief.web.refusals import NotHere, Unusable
from microrelief.web.visits.models import Visit

FARTHEST = timedelta(days=366 * 2)


@transaction.atomic
def plan_visit(
    *, by: Actor, patient: Patient, key: str, on: date, purpose: str, at: time | None = None, note: str = ""
) -> Visit:
    """Put a visit into the days. The same key, or the same purpose on one day: the same visit."""
    require(by, Permission.WRITE_RECORD, patient)
    sent = once(by=by, action="visit.plan", key=key, content=[str(patient.pk), on, purpose, at, note])
    if sent.made:
        return Visit.objects.get(pk=sent.made)
    if purpose not in dict(Visit.PURPOSES):
        raise Unusable("Choose what the visit is for.")
    if not timezone.localdate() - FARTHEST <= on <= timezone.localdate() + FARTHEST:
        raise Unusable("This day lies too far away: check the year.")
    found = Visit.objects.filter(patient_id__in=patient.all_ids(), on=on, purpose=purpose).first()
    if found is None:
        found = Visit(patient=patient, on=on, at=at, purpose=purpose, added_by=by.person)
        found.note = note.strip()
        save_new(found, by=by)
        record("visit.planned", by=by, about=found, patient=patient.pk, facts={"on": on, "for": purpose})
    sent.settle(found.pk)
    return found


@transaction.atomic
def set_state(*, by: Actor, visit: Visit, version: int, state: str) -> None:
    """Here, done, did not come, or expected again."""
    require(by, Permission.WRITE_RECORD, visit.patient)
    if state not in dict(Visit.STATES):
        raise Unusable("Choose how far the visit has come.")
    save_change(visit, by=by, version=version, state=state)
    record(
        "visit.changed", by=by, about=visit, patient=visit.patient_id, facts={"on": visit.on, "state": state}
    )


@transaction.atomic
def move_visit(*, by: Actor, visit: Visit, version: int, on: date, at: time | None) -> None:
    """Another day; it is expected again."""
    require(by, Permission.WRITE_RECORD, visit.patient)
    if not timezone.localdate() <= on <= timezone.localdate() + FARTHEST:
        raise Unusable("A visit is moved to a day from today on.")
    save_change(visit, by=by, version=version, on=on, at=at, state=Visit.EXPECTED)
    record("visit.moved", by=by, about=visit, patient=visit.patient_id, facts={"on": on})


def visit_for(actor: Actor, visit_id: UUID, permission: Permission) -> Visit:
    """The visit, if this person may do this with it."""
    visit = Visit.objects.for_user(actor).select_related("patient").filter(pk=visit_id).first()
    if visit is None:
        raise NotHere("The address is wrong, the record is gone, or you do not treat this patient.")
    require(actor, permission, visit.patient)
    return visit


def done_today(*, by: Actor, patient: Patient, purpose: str, on: date) -> None:
    """What was written about the day ends its visit, where one was planned. Call it in the transaction."""
    for visit in Visit.objects.filter(patient_id__in=patient.all_ids(), on=on, purpose=purpose):
        if visit.state in (Visit.EXPECTED, Visit.HERE):
            set_state(by=by, visit=visit, version=visit.version, state=Visit.DONE)
