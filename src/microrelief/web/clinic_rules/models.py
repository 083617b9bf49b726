"""One limit of the clinic's own. Never changed: another limit is another row, and the old one ends."""

import uuid
from datetime import date, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from microrelief.pathway.rulebook import Override
from microrelief.web.audit.models import Sealed
from microrelief.web.people.models import Person


class Limits(models.QuerySet["OwnLimit"]):
    """The clinic's limits, and those that still count."""

    def running(self, day: date) -> Self:
        """Those that hold on this day or will hold after it."""
        return self.filter(Q(until=None) | Q(until__gte=day)).exclude(until__lt=F("since"))


class OwnLimit(Sealed):
    """What this clinic asks instead of the book, and since when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    rule = models.CharField(max_length=80, db_index=True)
    values = models.JSONField(default=dict)
    level = models.CharField(max_length=20, default="", blank=True)
    why = models.TextField(max_length=1000)
    loosens = models.BooleanField(default=False)
    """Whether the owner said knowingly that it asks less than the book."""
    since = models.DateField()
    until = models.DateField(null=True)
    """The last day on which it holds; before `since` where it was taken back before it ever held."""
    signed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(default=timezone.now)
    ended_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    objects = Limits.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ("rule", "-since", "-signed_at")
        constraints = [
            models.CheckConstraint(
                name="limit_ended_at_and_by",
                condition=models.Q(ended_at=None, ended_by=None, until=None)
                | models.Q(ended_at__isnull=False, ended_by__isnull=False, until__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.rule} since {self.since}"

    @property
    def override(self) -> Override:
        """As the rulebook takes it."""
        return Override(self.rule, self.values, self.why, self.since, self.until, self.level)

    @property
    def never_held(self) -> bool:
        """Whether it was taken back before its first day was over: no day is judged by it."""
        return self.until is not None and self.until < self.since

    @property
    def taken_back_on_its_day(self) -> bool:
        """Whether it stood for some hours of its first day before it was taken back."""
        return (
            self.never_held and self.ended_at is not None and timezone.localdate(self.ended_at) >= self.since
        )

    def last_day(self, today: date) -> date:
        """Its last day where it is ended today: yesterday, and none at all where it has not held before."""
        return max(today, self.since) - timedelta(days=1)
