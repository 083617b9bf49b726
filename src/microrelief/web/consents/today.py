"""Consents that run out, and those a visit needs."""

from datetime import date, timedelta

from django.urls import reverse

from microrelief.web.consents.actions import permits
from microrelief.web.consents.models import Consent
from microrelief.web.consents.purposes import PURPOSES
from microrelief.web.people.actor import Actor
from microrelief.web.visits.models import Visit
from microrelief.web.visits.need import Need
from microrelief.web.visits.timeline_entry import TodayItem

SOON = timedelta(days=30)
NEEDED = {
    Visit.CONSULTATION: ("record",),
    Visit.SESSION: ("treatment", "record"),
    Visit.REVIEW: ("record",),
    Visit.PHOTOGRAPHS: ("record",),
}


def items(actor: Actor, day: date) -> list[TodayItem]:
    """Those that run out within a month."""
    found = Consent.objects.for_user(actor).in_force(day).filter(expires_on__lte=day + SOON)
    return [
        TodayItem(
            kind="consent",
            urgent=False,
            title=f"Consent of {one.patient.name} runs out",
            line=f"{one.purpose_facts.name}, on {one.expires_on:%-d %B %Y}",
            url=reverse("consents", args=[one.patient_id]),
        )
        for one in found.select_related("patient").order_by("expires_on")
    ]


def needs(actor: Actor, visit: Visit) -> list[Need]:
    """The consents without which the visit should not begin."""
    back = reverse("today") + f"?day={visit.on}"
    return [
        Need(
            f"Consent: {PURPOSES[purpose].name.lower()}",
            reverse("ask_consent", args=[visit.patient_id, purpose]) + f"?next={back}",
            done=permits(visit.patient, purpose) is not None,
        )
        for purpose in NEEDED.get(visit.purpose, ())
    ]
