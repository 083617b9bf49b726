"""Consultations on the spine."""

from django.urls import reverse

from microrelief.web.consultations.models import Consultation
from microrelief.web.patients.models import Patient
from microrelief.web.people.actor import Actor
from microrelief.web.visits.timeline_entry import TimelineEntry


def entries(actor: Actor, patient: Patient) -> list[TimelineEntry]:
    """Those that count, and the draft."""
    found = Consultation.objects.for_user(actor).filter(patient_id__in=patient.all_ids())
    shown = [*found.open(), *found.signed().select_related("signed_by")]
    return [
        TimelineEntry(
            on=one.on,
            at=one.signed_at or one.began_at,
            kind="consultation",
            title="Consultation",
            line=f"{one.does.capitalize()}, {one.signed_by.name}" if one.signed_by else "Not signed yet",
            url=reverse("consultation", args=[one.pk]),
            badge="" if one.signed_at else "draft",
        )
        for one in shown
    ]
