"""One comparison of two photographs, from the moment it was asked for."""

import uuid
from typing import Any

from django.db import models
from django.utils import timezone
from simple_history.models import HistoricalRecords

from microrelief.web.patients.access import of_patients
from microrelief.web.patients.models import Patient
from microrelief.web.patients.record import PatientRecord, Word
from microrelief.web.people.actor import Actor
from microrelief.web.people.models import Person
from microrelief.web.people.permissions import Permission
from microrelief.web.photos.models import Photo

MEASURES = ("relief", "redness", "pigment")


class ComparisonQuerySet(models.QuerySet["Comparison"]):
    """Comparisons, as far as somebody may know of them."""

    def for_user(self, actor: Actor) -> "ComparisonQuerySet":
        """Those of patients this person sees."""
        if not actor.may(Permission.SEE_PHOTOS):
            return self.none()
        return of_patients(actor, self)  # type: ignore[return-value]

    def standing(self) -> "ComparisonQuerySet":
        """Those whose two photographs are still where they were: neither out of sight nor moved away."""
        return self.filter(
            before__removed_at=None,
            after__removed_at=None,
            before__patient=models.F("patient"),
            after__patient=models.F("patient"),
        )


class Comparison(PatientRecord):
    """Before and after of one view. A refused pair is an answer like any other."""

    WAITING, DONE, NOT_MEASURABLE, FAILED = "waiting", "done", "not_measurable", "failed"
    STATES = (
        (WAITING, "being compared"),
        (DONE, "compared"),
        (NOT_MEASURABLE, "cannot be measured"),
        (FAILED, "did not come to an end"),
    )

    unsealed_fields = frozenset({"stage", "attempts", "started_at"})  # how far the job is

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="comparisons")
    before = models.ForeignKey(Photo, on_delete=models.PROTECT, related_name="+")
    after = models.ForeignKey(Photo, on_delete=models.PROTECT, related_name="+")
    view = models.CharField(max_length=12, choices=Photo.VIEWS)
    before_on = models.DateField()
    after_on = models.DateField()
    state = models.CharField(max_length=16, choices=STATES, default=WAITING)
    stage = models.CharField(max_length=60, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    program = models.CharField(max_length=40, default="")
    """The version that measured: another version may read another number."""

    document: Word[dict[str, Any]] = Word({})
    """As result.json has it."""
    told: Word[dict[str, Any]] = Word({})
    """Headline, sentences and words of the report."""
    body = Word("")
    """The report's page without its frame."""
    pictures: Word[dict[str, list[Any]]] = Word({})
    """Name in the page to number of the encrypted file and media type."""
    why = Word("")
    """Why it cannot be measured, or did not come to an end."""

    objects = ComparisonQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["stage", "attempts", "started_at"])

    class Meta:
        ordering = ("-after_on", "-asked_at")
        constraints = [
            models.UniqueConstraint(
                name="one_comparison_each",
                fields=("before", "after"),
                condition=~models.Q(state="failed"),
            ),
            models.CheckConstraint(
                name="before_is_earlier", condition=models.Q(before_on__lte=models.F("after_on"))
            ),
        ]

    def __str__(self) -> str:
        return f"comparison {self.pk}"

    @property
    def grade(self) -> str:
        """Comparability, A to F; "" until it is known."""
        return str(self.document.get("comparability", {}).get("grade", ""))

    @property
    def comparable(self) -> bool:
        """Whether the audit let a change be measured."""
        return bool(self.document.get("comparability", {}).get("comparable", False))

    @property
    def days(self) -> int:
        """Between the two."""
        return (self.after_on - self.before_on).days

    def outcome(self, measure: str) -> dict[str, Any]:
        """Verdict and numbers of one measure; {} where there is none."""
        found: dict[str, Any] = self.document.get(measure, {})
        return found
