"""A plan: how many sessions, how far apart, from when, and what the patient uses that must stop before.

Beside it the link by which the patient reads it on a phone.
"""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from microrelief.web.patients.access import of_patients
from microrelief.web.patients.models import Patient
from microrelief.web.patients.record import PatientRecord, Word
from microrelief.web.people.actor import Actor
from microrelief.web.people.models import Person
from microrelief.web.sheets.actions import last_signed
from microrelief.web.sheets.models import Sheet


class Plan(Sheet):
    """The course that was agreed with the patient. A newer signed plan takes the place of the older."""

    title: ClassVar[str] = "plan"
    noun: ClassVar[str] = "plan"

    last_used: Word[dict[str, str]] = Word({})
    """Day of last use by product, where its day to stop has passed already."""
    note = Word("")
    """Words of the clinic for the patient, printed on the sheets."""

    history = HistoricalRecords()

    class Meta(Sheet.Meta):
        pass

    @property
    def counts(self) -> bool:
        """Whether it is the one that was agreed on last."""
        last = last_signed(Plan, self.patient.surviving or self.patient)
        return last is not None and last.pk == self.pk


class PlanLinkQuerySet(models.QuerySet["PlanLink"]):
    """Links, as far as somebody may know of them."""

    def for_user(self, actor: Actor) -> Self:
        """Those of patients this person sees."""
        return of_patients(actor, self)  # type: ignore[return-value]


class PlanLink(PatientRecord):
    """An address that shows one plan's sheets and days, and nothing else. Only the token's hash is kept."""

    MOST_DAYS = 183
    """A series of six sessions four weeks apart ends before."""

    unsealed_fields = frozenset({"opened_at"})

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="plan_links")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField(null=True)
    """When it was opened last."""

    objects = PlanLinkQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["opened_at"])

    class Meta:
        ordering = ("-made_at",)
        constraints = [
            models.UniqueConstraint(
                name="one_open_plan_link", fields=("plan",), condition=Q(revoked_at=None)
            ),
            models.CheckConstraint(
                name="plan_link_revoked_at_and_by",
                condition=Q(revoked_at=None, revoked_by=None)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"plan link {self.pk}"

    @property
    def why_not(self) -> str:
        """`revoked`, `expired`, `closed` or `replaced`, a word for the trail; "" while it opens."""
        records = [one for one in (self.patient, self.patient.surviving) if one is not None]
        if self.revoked_at:
            return "revoked"
        if self.expires_at <= timezone.now():
            return "expired"
        if any(one.erased_at or one.restricted_at for one in records):
            return "closed"
        # what was stopped or moved since must not be read from the older plan
        return "" if self.plan.counts else "replaced"

    @property
    def usable(self) -> bool:
        """Whether it still opens."""
        return not self.why_not
