"""A sheet: answers and words of one day, a draft until somebody signs it; then it is never changed.

A mistake found later is a new sheet that `corrects` the old one. At most one draft of a kind is open
for a patient, so that two people who begin at once write on the same one.
"""

import uuid
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from microrelief.web.patients.access import of_patients
from microrelief.web.patients.models import Patient
from microrelief.web.patients.record import PatientRecord, Word
from microrelief.web.people.actor import Actor
from microrelief.web.people.models import Person


class SheetQuerySet(models.QuerySet[Any]):
    """Sheets, as far as somebody may know of them, and as far as they count."""

    def for_user(self, actor: Actor) -> Self:
        """Those of patients this person sees."""
        return of_patients(actor, self)  # type: ignore[return-value]

    def open(self) -> Self:
        """Drafts."""
        return self.filter(signed_at=None, dropped_at=None)

    def signed(self) -> Self:
        """What counts: signed, and not corrected by a later one that is signed."""
        model = self.model
        corrected = model._base_manager.filter(corrects=models.OuterRef("pk"), signed_at__isnull=False)
        return self.filter(~models.Exists(corrected), signed_at__isnull=False)


class Sheet(PatientRecord):
    """A page of questions about one patient on one day."""

    title: ClassVar[str] = ""
    """What it is called in a sentence, without an article."""
    carried: ClassVar[tuple[str, ...]] = ()
    """Columns that a correction takes over, beside the words."""
    noun: ClassVar[str] = ""
    """How the trail calls it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="%(class)ss")
    visit = models.ForeignKey("visits.Visit", on_delete=models.PROTECT, null=True, related_name="%(class)ss")
    on = models.DateField(default=timezone.localdate)
    began_at = models.DateTimeField(default=timezone.now)
    began_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    dropped_at = models.DateTimeField(null=True)
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="corrections")

    answers: Word[dict[str, Any]] = Word({})
    """Answers by the name of the question, as they were given; what is not there was not answered."""
    copied: Word[dict[str, str]] = Word({})
    """Names of answers that were copied and not looked at yet, with the day they come from."""
    overrides: Word[dict[str, str]] = Word({})
    """Why a finding was set aside, by the id of its rule."""
    said: Word[dict[str, Any]] = Word({})
    """What the rules said when it was signed, as documents by stage."""

    objects = SheetQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ("-on", "-began_at")
        constraints = [
            models.CheckConstraint(
                name="%(class)s_signed_at_and_by",
                condition=Q(signed_at=None, signed_by=None)
                | Q(signed_at__isnull=False, signed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="%(class)s_signed_or_dropped", condition=Q(signed_at=None) | Q(dropped_at=None)
            ),
            models.UniqueConstraint(
                name="%(class)s_one_draft",
                fields=("patient",),
                condition=Q(signed_at=None, dropped_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.noun} {self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether it can still be written on."""
        return self.signed_at is None and self.dropped_at is None
