"""A set of photographs of one day, and the views that make it up."""

import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from microrelief.web.patients.access import of_patients
from microrelief.web.patients.models import Patient
from microrelief.web.patients.record import DateWord, PatientRecord, Word
from microrelief.web.people.actor import Actor
from microrelief.web.people.models import Person
from microrelief.web.people.permissions import Permission
from microrelief.web.photos.models import Photo

SEQUENCE = ("front", "left_45", "right_45", "left_90", "right_90")
"""The views of a set, in the order in which a patient turns least; close-ups follow."""

HOW_TO_SIT = {
    "front": "Straight on, eyes to the lens, lips together.",
    "left_45": "Turned to their right, so that the left cheek shows; both eyes still in sight.",
    "right_45": "Turned to their left, so that the right cheek shows; both eyes still in sight.",
    "left_90": "Full profile, left side to the camera.",
    "right_90": "Full profile, right side to the camera.",
    "close_up": "One cheek or temple close by, the lamp where it stood.",
    "other": "As you need it.",
}


class PhotoSetQuerySet(models.QuerySet["PhotoSet"]):
    """Sets, as far as somebody may know of them."""

    def for_user(self, actor: Actor) -> "PhotoSetQuerySet":
        """Those of patients this person sees."""
        if not actor.may(Permission.SEE_PHOTOS):
            return self.none()
        return of_patients(actor, self)  # type: ignore[return-value]


class PhotoSet(PatientRecord):
    """What was photographed on one day."""

    SOURCES = (("camera", "taken here"), ("upload", "uploaded"), ("import", "imported"))

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="photo_sets")
    day = models.DateField()
    source = models.CharField(max_length=10, choices=SOURCES)
    is_baseline = models.BooleanField(default=False)
    """What later sets are matched and compared with; one for each patient."""
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    finished_at = models.DateTimeField(null=True)
    """When somebody said that the set is complete; none while it is being taken."""

    note = Word("")
    last_session_on = DateWord()
    """The last treatment before this set, where somebody said so."""

    objects = PhotoSetQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ("-day", "-made_at")
        constraints = [
            models.UniqueConstraint(
                name="one_baseline_each", fields=("patient",), condition=Q(is_baseline=True)
            )
        ]

    def __str__(self) -> str:
        return f"photo set {self.pk}"

    def in_order(self) -> "list[SetView]":
        """Its views as they are taken."""
        places = {view: place for place, view in enumerate(SEQUENCE)}
        found = self.views.select_related("photo")
        return sorted(found, key=lambda one: (places.get(one.view, len(places)), one.number))

    def taken(self) -> "list[SetView]":
        """Its views that have a photograph in sight."""
        return [one for one in self.in_order() if one.photo is not None and one.photo.removed_at is None]


class SetView(PatientRecord):
    """One view of a set: its photograph, or why there is none. Without a set it waits for review."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="set_views")
    photo_set = models.ForeignKey(PhotoSet, on_delete=models.PROTECT, null=True, related_name="views")
    view = models.CharField(max_length=12, choices=Photo.VIEWS)
    number = models.PositiveSmallIntegerField(default=1)
    """Counts close-ups and others; 1 for every other view."""
    photo = models.ForeignKey(Photo, on_delete=models.PROTECT, null=True, related_name="views_in_sets")
    added_at = models.DateTimeField(default=timezone.now)
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    dropped_at = models.DateTimeField(null=True)
    """When the review left it out."""

    skipped = Word("")
    """Why there is no photograph of this view."""
    folder = Word("")
    """Where an imported file lay, as it was called."""
    day = DateWord()
    """The day an imported photograph seems to be of."""
    reading: Word[dict[str, Any]] = Word({})
    """What the measuring child saw: how the head is turned, whether it can be measured."""
    questions: Word[list[dict[str, str]]] = Word([])
    """What looks wrong, `kind` and `says`; nobody but a person decides."""
    answers: Word[dict[str, str]] = Word({})
    """Kind of question to who said that it is right, and when."""

    history = HistoricalRecords()

    class Meta:
        ordering = ("added_at",)
        constraints = [
            models.UniqueConstraint(
                name="one_photograph_each_view",
                fields=("photo_set", "view", "number"),
                condition=Q(photo_set__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"view {self.pk}"

    @property
    def title(self) -> str:
        """As it is called on a page."""
        name = str(self.get_view_display())
        return f"{name} {self.number}" if self.number > 1 else name

    def open_questions(self) -> list[dict[str, str]]:
        """What nobody has answered."""
        return [one for one in self.questions if one["kind"] not in self.answers]


def baseline_of(patient: Patient) -> PhotoSet | None:
    """The set that later ones are matched with."""
    return PhotoSet.objects.filter(patient_id__in=patient.all_ids(), is_baseline=True).order_by("day").first()


def counterpart(view: SetView, against: PhotoSet | None) -> SetView | None:
    """The same view in another set, if it was taken there."""
    if against is None or against.pk == view.photo_set_id:
        return None
    found = against.views.filter(
        view=view.view, number=view.number, photo__isnull=False, photo__removed_at=None
    ).select_related("photo")
    return found.first()
