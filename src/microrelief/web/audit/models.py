"""The trail's rows, and the mixin of records whose every state the trail vouches for."""

import json
from typing import Any, ClassVar

from django.db import models

from microrelief.vault import chain


class Entry(models.Model):
    """One thing that happened. The first six columns are the chain's (vault.chain.Entry); the others repeat
    what stands in `event`, for searching, and are compared with it when the trail is verified.

    No foreign keys: the trail never blocks a deletion, nor dies with what it speaks of. Triggers refuse
    UPDATE and DELETE (migration 0002); a mind set on it can drop a trigger, and then the chain tells.
    """

    sequence = models.BigIntegerField(primary_key=True)
    at = models.CharField(max_length=30)
    event = models.TextField()
    previous = models.CharField(max_length=64)
    key_id = models.CharField(max_length=32)
    mac = models.CharField(max_length=64)

    moment = models.DateTimeField(db_index=True)
    kind = models.CharField(max_length=60, db_index=True)
    actor = models.UUIDField(null=True, db_index=True)
    patient = models.UUIDField(null=True, db_index=True)

    class Meta:
        verbose_name_plural = "entries"

    def __str__(self) -> str:
        return f"{self.sequence} {self.kind}"

    @property
    def link(self) -> chain.Entry:
        """The entry as the chain knows it."""
        return chain.Entry(self.sequence, self.at, self.event, self.previous, self.key_id, self.mac)

    @property
    def told(self) -> dict[str, Any]:
        """What the event says."""
        told: dict[str, Any] = json.loads(self.event)
        return told


class Sealed(models.Model):
    """A record whose state after each change is sealed in the trail: what changes it otherwise is found."""

    unsealed_fields: ClassVar[frozenset[str]] = frozenset()
    """Columns that change without an event: counters, times of the last look."""
    later_fields: ClassVar[dict[str, Any]] = {}
    """Columns that came with a later version, with what they hold in older rows: while one still holds that,
    the seal leaves it out, so that a new version does not accuse rows that were sealed before it."""

    class Meta:
        abstract = True
