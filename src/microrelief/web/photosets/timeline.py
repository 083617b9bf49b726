"""What photo sets put on a patient's timeline and on the page of the day."""

from django.urls import reverse

from microrelief.web.patients.models import Patient
from microrelief.web.people.actor import Actor
from microrelief.web.photosets.models import PhotoSet
from microrelief.web.visits.timeline_entry import TimelineEntry


def entries(actor: Actor, patient: Patient) -> list[TimelineEntry]:
    """One line for each set."""
    found = PhotoSet.objects.for_user(actor).filter(patient_id__in=patient.all_ids())
    return [entry for one in found if (entry := _entry(one)) is not None]


def _entry(one: PhotoSet) -> TimelineEntry | None:
    taken = one.taken()
    if not taken and one.finished_at is not None:
        return None
    asked = sum(len(view.open_questions()) for view in taken)
    line = ", ".join(view.title for view in taken) or "nothing taken yet"
    if asked:
        line += f"; {asked} question{'s' if asked > 1 else ''} open"
    return TimelineEntry(
        on=one.day,
        at=one.made_at if one.source == "camera" and one.made_at.date() == one.day else None,
        kind="photo_set",
        title=f"{len(taken)} photograph{'' if len(taken) == 1 else 's'}",
        line=line,
        url=reverse("photo_set", args=[one.pk]),
        badge="baseline" if one.is_baseline else "",
    )
