"""One thing on the shelf. A record of a patient keeps its own words: nothing here changes it later."""

import uuid
from typing import Any

from django.db import models
from django.utils import timezone
from simple_history.models import HistoricalRecords

from microrelief.web.audit.models import Sealed
from microrelief.web.people.models import Person
from microrelief.web.stock.kinds import KINDS, Kind


class StockItem(Sealed):
    """A cream, a device, a cartridge: its name, and the answers it brings along."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=12, choices=[(key, kind.one) for key, kind in KINDS.items()])
    name = models.CharField(max_length=120)
    limits = models.CharField(max_length=400, default="", blank=True)
    """What its label says of strength, amount and time, in the clinic's words; shown beside the choice."""
    answers = models.JSONField(default=dict)
    """By the rulebook's names."""
    depths = models.JSONField(default=dict)
    """Usual needle length in mm and passes, by the rulebook's zone."""
    added_at = models.DateTimeField(default=timezone.now)
    retired_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    history = HistoricalRecords()

    class Meta:
        ordering = ("kind", "name")
        constraints = [
            models.CheckConstraint(
                name="stock_retired_at_and_by",
                condition=models.Q(retired_at=None, retired_by=None)
                | models.Q(retired_at__isnull=False, retired_by__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def facts(self) -> Kind:
        """What its kind is."""
        return KINDS[self.kind]

    @property
    def brings(self) -> dict[str, Any]:
        """The answers it gives to a session."""
        return {**self.answers, **({self.facts.named_by: self.name} if self.facts.named_by else {})}

    @property
    def line(self) -> str:
        """What tells it from another of the same name."""
        told = [str(self.answers.get(name, "")) for name in ("product", "device", "device_serial")]
        if needles := self.answers.get("needles"):
            told.append(f"{needles} needles")
        return ", ".join(part for part in (*told, self.limits) if part)
