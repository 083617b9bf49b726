"""Plans on the spine."""

from django.urls import reverse

from microrelief.web.patients.models import Patient
from microrelief.web.people.actor import Actor
from microrelief.web.plans.models import Plan
from microrelief.web.visits.timeline_entry import TimelineEntry


def entries(actor: Actor, patient: Patient) -> list[TimelineEntry]:
    """Those that were agreed, and the draft."""
    found = Plan.objects.for_user(actor).filter(patient_id__in=patient.all_ids())
    return [
        TimelineEntry(
            on=one.on,
            at=one.signed_at or one.began_at,
            kind="plan",
            title="Plan",
            line=_line(one),
            url=reverse("plan", args=[one.pk]),
            badge="" if one.signed_at else "draft",
        )
        for one in [*found.open(), *found.signed()]
    ]


def _line(plan: Plan) -> str:
    sessions, days = plan.answers.get("sessions_planned"), plan.answers.get("interval_days")
    return f"{sessions} sessions, {days} days apart" if sessions and days else "Not complete yet"
