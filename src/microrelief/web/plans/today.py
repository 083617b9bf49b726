"""What a visit needs of the plan."""

from django.urls import reverse

from microrelief.web.people.actor import Actor
from microrelief.web.plans.models import Plan
from microrelief.web.visits.models import Visit
from microrelief.web.visits.need import Need


def needs(actor: Actor, visit: Visit) -> list[Need]:
    """A plan before a session."""
    if visit.purpose != Visit.SESSION:
        return []
    signed = Plan.objects.for_user(actor).signed().filter(patient_id=visit.patient_id).exists()
    return [Need("Plan", reverse("plan_of", args=[visit.patient_id]), done=signed)]
