"""Sessions that wait to be signed, and what a visit for one needs."""

from datetime import date

from django.urls import reverse

from microrelief.web.people.actor import Actor
from microrelief.web.photos.models import Photo
from microrelief.web.treatments.models import Treatment
from microrelief.web.visits.models import Visit
from microrelief.web.visits.need import Need
from microrelief.web.visits.timeline_entry import TodayItem


def items(actor: Actor, day: date) -> list[TodayItem]:
    """Drafts; one of an earlier day is urgent, for memory fades."""
    found = Treatment.objects.for_user(actor).open().select_related("patient", "began_by")
    return [
        TodayItem(
            kind="session",
            urgent=one.on < day and one.started_at is not None,
            title=f"Session of {one.patient.name} is not signed",
            line=f"{one.on:%-d %B}, {'needled' if one.started_at else 'not begun'}, by {one.began_by.name}",
            url=reverse("treatment", args=[one.pk]),
        )
        for one in found
    ]


def needs(actor: Actor, visit: Visit) -> list[Need]:
    """Photographs of the day, then the session."""
    patient_id = visit.patient_id
    clinics = Photo.objects.filter(patient_id=patient_id, removed_at=None, from_diary=False)
    taken = clinics.filter(added_at__date=visit.on).exists()
    photos = Need("Photographs", reverse("photos", args=[patient_id]), done=taken)
    if visit.purpose != Visit.SESSION:
        return [] if visit.purpose == Visit.CONSULTATION else [photos]
    found = Treatment.objects.for_user(actor).filter(patient_id=patient_id)
    signed = found.signed().filter(on=visit.on).first()
    if signed is not None:
        return [photos, Need("Session", reverse("treatment", args=[signed.pk]), done=True)]
    draft = found.open().first()
    if draft is not None:
        return [photos, Need("Session", reverse("treatment", args=[draft.pk]))]
    return [photos, Need("Session", reverse("begin_treatment", args=[patient_id]), begins=True)]
