"""Drafts of consultations that wait, and what a visit for one needs."""

from datetime import date

from django.urls import reverse

from microrelief.web.consultations.models import Consultation
from microrelief.web.people.actor import Actor
from microrelief.web.visits.models import Visit
from microrelief.web.visits.need import Need
from microrelief.web.visits.timeline_entry import TodayItem


def items(actor: Actor, day: date) -> list[TodayItem]:
    """Drafts that nobody has signed."""
    found = Consultation.objects.for_user(actor).open().select_related("patient", "began_by")
    return [
        TodayItem(
            kind="draft",
            urgent=False,
            title=f"Consultation of {one.patient.name}",
            line=f"begun {one.on:%-d %B} by {one.began_by.name}, not signed",
            url=reverse("consultation", args=[one.pk]),
        )
        for one in found
    ]


def needs(actor: Actor, visit: Visit) -> list[Need]:
    """A signed consultation, before anything else."""
    found = Consultation.objects.for_user(actor).filter(patient_id=visit.patient_id)
    draft = found.open().first()
    if draft is not None:
        return [Need("Consultation", reverse("consultation", args=[draft.pk]))]
    signed = found.signed()
    today = signed.filter(on=visit.on).first() if visit.purpose == Visit.CONSULTATION else signed.first()
    if today is not None:
        return [Need("Consultation", reverse("consultation", args=[today.pk]), done=True)]
    return [Need("Consultation", reverse("begin_consultation", args=[visit.patient_id]), begins=True)]
