"""One round of repeated photographs, its pairs, and what came out.

Of a pair only numbers are kept: which person by a count, the readings, and a fingerprint of each photograph
under a key of the clinic, by which one that is used twice is known. No name, no picture, and no way from here
to a record: whoever holds a photograph, or the SHA-256 of one, finds no pair by it without that key.
"""

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone
from simple_history.models import HistoricalRecords

from microrelief.web.audit.models import Sealed
from microrelief.web.people.models import Person


class Retest(Sealed):
    """One round: pairs are collected, then worked out, then used until another round is."""

    COLLECTING, ASKED, DONE, FAILED = "collecting", "asked", "done", "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    begun_at = models.DateTimeField(default=timezone.now)
    begun_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, default=COLLECTING)
    document = models.TextField(default="", blank=True)
    """The text of repeatability.json."""
    measures = models.JSONField(default=list)
    """The figures in percent, a line for each measure."""
    plot = models.BinaryField(default=b"", editable=False)
    why = models.CharField(max_length=500, default="", blank=True)
    worked_out_at = models.DateTimeField(null=True)
    used_from = models.DateTimeField(null=True)
    used_until = models.DateTimeField(null=True)

    history = HistoricalRecords(excluded_fields=["plot"])

    class Meta:
        ordering = ("-begun_at",)
        constraints = [
            models.UniqueConstraint(
                name="one_retest_open", fields=("state",), condition=models.Q(state="collecting")
            )
        ]

    def __str__(self) -> str:
        return f"retest {self.pk}"

    @property
    def in_use(self) -> bool:
        """Whether comparisons honour it."""
        return self.used_from is not None and self.used_until is None


class RetestPair(Sealed):
    """One person photographed twice with nothing done between."""

    WAITING, COMPARED, FAILED = "waiting", "compared", "failed"

    unsealed_fields: ClassVar[frozenset[str]] = frozenset({"stage", "attempts"})

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    retest = models.ForeignKey(Retest, on_delete=models.PROTECT, related_name="pairs")
    number = models.PositiveSmallIntegerField()
    """Counts the people; no name goes on from here."""
    consented = models.BooleanField()
    """That somebody asked the volunteer, and the answer was yes."""
    added_at = models.DateTimeField(default=timezone.now)
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    first_photo = models.UUIDField(null=True)
    """Of a record; forgotten as soon as the two are compared."""
    second_photo = models.UUIDField(null=True)
    state = models.CharField(max_length=12, default=WAITING)
    stage = models.CharField(max_length=60, default="", blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    compared = models.JSONField(default=dict)
    why = models.CharField(max_length=500, default="", blank=True)
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("number",)
        constraints = [
            models.CheckConstraint(name="retest_pair_consented", condition=models.Q(consented=True)),
            models.UniqueConstraint(name="retest_pair_number", fields=("retest", "number")),
        ]

    def __str__(self) -> str:
        return f"pair {self.number}"

    @property
    def comparable(self) -> bool:
        """Whether it says anything of the clinic's repeatability."""
        return bool(self.compared.get("comparable"))

    @property
    def reasons(self) -> str:
        """Why it does not."""
        return ", ".join(self.compared.get("reasons", ())) or self.why


def rounds_in_use() -> "models.QuerySet[Retest]":
    """The round that comparisons honour, if there is one."""
    return Retest.objects.filter(used_from__isnull=False, used_until=None).order_by("-used_from")


def document_in_use() -> str:
    """The text of the repeatability.json that comparisons honour; "" where there is none."""
    found = rounds_in_use().first()
    return found.document if found else ""
