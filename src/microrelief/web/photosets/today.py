"""What photo sets ask for on the page of the day."""

from datetime import date

from django.urls import reverse

from microrelief.web.patients.access import of_patients
from microrelief.web.people.actor import Actor
from microrelief.web.people.permissions import Permission
from microrelief.web.photosets.models import PhotoSet, SetView
from microrelief.web.visits.timeline_entry import TodayItem

MOST = 50


def items(actor: Actor, day: date) -> list[TodayItem]:
    """Sets begun and not finished, questions about a photograph, imports that wait for review."""
    if not actor.may(Permission.ADD_PHOTOS):
        return []
    return [*_unfinished(actor), *_asked(actor), *_waiting(actor)]


def _unfinished(actor: Actor) -> list[TodayItem]:
    found = PhotoSet.objects.for_user(actor).filter(finished_at=None, source="camera")[:MOST]
    return [
        TodayItem("photographs", False, one.patient.name, "photographs begun, not finished",
                  reverse("photo_set", args=[one.pk]))
        for one in found
    ]  # fmt: skip


def _asked(actor: Actor) -> list[TodayItem]:
    recent = of_patients(actor, SetView.objects.select_related("patient", "photo_set"))
    recent = recent.filter(dropped_at=None, photo__removed_at=None, photo_set__isnull=False).order_by(
        "-added_at"
    )
    return [
        TodayItem("question", True, one.patient.name, one.open_questions()[0]["says"],
                  reverse("photo_set", args=[one.photo_set_id]))
        for one in recent[: 4 * MOST]
        if one.open_questions()
    ]  # fmt: skip


def _waiting(actor: Actor) -> list[TodayItem]:
    found = of_patients(actor, SetView.objects.select_related("patient"))
    found = found.filter(photo_set=None, dropped_at=None, photo__removed_at=None)
    patients = {one.patient_id: one.patient for one in found[: 20 * MOST]}
    return [
        TodayItem("import", False, patient.name, "imported photographs wait for review",
                  reverse("import_photos", args=[patient.pk]))
        for patient in patients.values()
    ]  # fmt: skip
