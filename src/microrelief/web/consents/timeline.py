"""Answers to purposes on the spine."""

from django.urls import reverse

from microrelief.web.consents.models import Consent
from microrelief.web.patients.models import Patient
from microrelief.web.people.actor import Actor
from microrelief.web.visits.timeline_entry import TimelineEntry


def entries(actor: Actor, patient: Patient) -> list[TimelineEntry]:
    """Each answer on the day it was given."""
    found = Consent.objects.for_user(actor).filter(patient_id__in=patient.all_ids())
    return [
        TimelineEntry(
            on=one.signed_on,
            at=one.received_at if one.received_at.date() == one.signed_on else None,
            kind="consent",
            title=f"Consent: {one.purpose_facts.name.lower()}",
            line=one.get_how_display(),
            url=reverse("consents", args=[patient.pk]),
            badge=one.state,
        )
        for one in found
    ]
