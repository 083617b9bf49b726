"""A visit: who comes on which day, what for, and how far it has come."""

import uuid
from typing import Self

from django.db import models
from django.utils import timezone
from simple_history.models import HistoricalRecords

from microrelief.web.patients.access import of_patients
from microrelief.web.patients.models import Patient
from microrelief.web.patients.record import PatientRecord, Word
from microrelief.web.people.actor import Actor
from microrelief.web.people.models import Person


class VisitQuerySet(models.QuerySet["Visit"]):
    """Visits, as far as somebody may know of them."""

    def for_user(self, actor: Actor) -> Self:
        """Those of patients this person sees."""
        return of_patients(actor, self)  # type: ignore[return-value]


class Visit(PatientRecord):
    """One coming of one patient."""

    CONSULTATION, SESSION, REVIEW, PHOTOGRAPHS = "consultation", "session", "review", "photographs"
    PURPOSES = (
        (CONSULTATION, "consultation"),
        (SESSION, "session"),
        (REVIEW, "review"),
        (PHOTOGRAPHS, "photographs"),
    )
    EXPECTED, HERE, DONE, MISSED = "expected", "here", "done", "missed"
    STATES = ((EXPECTED, "expected"), (HERE, "here"), (DONE, "done"), (MISSED, "did not come"))

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="visits")
    on = models.DateField(db_index=True)
    at = models.TimeField(null=True)
    """The clinic's own clock, where a time was agreed."""
    purpose = models.CharField(max_length=20, choices=PURPOSES)
    state = models.CharField(max_length=10, choices=STATES, default=EXPECTED)
    added_at = models.DateTimeField(default=timezone.now)
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    note = Word("")

    objects = VisitQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ("on", models.F("at").asc(nulls_last=True), "added_at")
        constraints = [
            models.CheckConstraint(
                name="visit_state_known",
                condition=models.Q(state__in=["expected", "here", "done", "missed"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose} on {self.on}"
