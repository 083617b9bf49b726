"""Visits that are still to come, on the spine."""

from django.urls import reverse
from django.utils import timezone

from microrelief.web.patients.models import Patient
from microrelief.web.people.actor import Actor
from microrelief.web.visits.models import Visit
from microrelief.web.visits.timeline_entry import TimelineEntry


def entries(actor: Actor, patient: Patient) -> list[TimelineEntry]:
    """What is expected, and who did not come; what was done stands there by what was written of it."""
    found = Visit.objects.for_user(actor).filter(patient_id__in=patient.all_ids()).exclude(state=Visit.DONE)
    today = timezone.localdate()
    return [
        TimelineEntry(
            on=visit.on,
            at=None,
            kind="visit",
            title=visit.get_purpose_display().capitalize()
            + (" planned" if visit.on >= today else " expected"),
            line=f"{visit.at:%H:%M}" if visit.at else "",
            quote=visit.note,
            url=reverse("today") + f"?day={visit.on}",
            badge="did not come" if visit.state == Visit.MISSED else "",
        )
        for visit in found
    ]
