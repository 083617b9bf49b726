"""The trail and what it vouches for become a verdict that names the first bad entry.

Three questions, in this order: is the chain the one that was written (vault.chain), do the columns for
searching say what the chain says, and is every sealed row of the database, with every earlier version of it,
as its last entry left it?
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import models

from microrelief.vault import chain
from microrelief.web.audit.models import Entry, Sealed
from microrelief.web.audit.seal import (
    record_name,
    seal_row,
    sealed_columns,
    sealed_models,
    version_columns,
    version_models,
    version_seal,
)
from microrelief.web.audit.trail import VERSIONS_SEALED
from microrelief.web.keyring import clinic_keys, head_file

GONE = "gone"
AT_ONCE = 2000
"""Rows that are fetched at a time."""


@dataclass(frozen=True)
class Finding:
    """What verification found."""

    entries: int
    rows: int
    first_bad: int | None
    """The entry at which, or after which, something is not as it was written."""
    says: str
    clock_steps: tuple[tuple[int, timedelta], ...] = ()

    @property
    def whole(self) -> bool:
        """Whether all is as it was written."""
        return self.first_bad is None


def verify_trail() -> Finding:
    """Read the whole trail and every sealed row once."""
    head = head_file().read()
    seen = _Seen()
    verdict = chain.verify(seen.through(_entries()), clinic_keys().audit_keys(), [head] if head else [])
    steps = tuple((step.sequence, step.back) for step in verdict.clock_steps)
    if not verdict.whole:
        return Finding(verdict.entries, 0, verdict.first_bad, verdict.says, steps)
    if seen.first_crooked:
        says = f"Entry {seen.first_crooked}: its columns for searching do not say what the entry says"
        return Finding(verdict.entries, 0, seen.first_crooked, says, steps)
    rows, bad = 0, []
    for model in sealed_models():
        counted, found = _changed_rows(model, seen.seals)
        rows += counted
        bad += found
    for (name, key), (sequence, seal) in seen.seals.items():
        if seal not in ("", GONE):
            bad.append(
                (sequence, f"{name} {key}, last written by entry {sequence}, was deleted by other means")
            )
    if seen.versions_sealed:
        for versions in version_models():
            counted, found = _changed_versions(versions, seen.versions)
            rows += counted
            bad += found
    if bad:
        sequence, says = min(bad)
        return Finding(verdict.entries, rows, sequence, says, steps)
    return Finding(
        verdict.entries, rows, None, "The trail is whole, and so is every record it speaks of.", steps
    )


class _Seen:
    """What passes by while the chain is read: the last seal of each record, the first crooked column."""

    def __init__(self) -> None:
        self.seals: dict[tuple[str, str], tuple[int, str]] = {}
        self.versions: dict[str, dict[int, tuple[int, str]]] = {}
        self.versions_sealed = False
        self.first_crooked = 0

    def through(self, entries: Iterator[Entry]) -> Iterator[chain.Entry]:
        for entry in entries:
            yield entry.link
            self._note(entry)

    def _note(self, entry: Entry) -> None:
        try:
            told: dict[str, Any] = entry.told
            straight = (
                entry.kind == told["kind"]
                and (str(entry.actor) if entry.actor else None) == told["by"]
                and (str(entry.patient) if entry.patient else None) == told["patient"]
                and chain.in_utc(entry.moment) == entry.at
            )
            for name, key, seal in told["records"]:
                if seal:
                    self.seals[name, key] = (entry.sequence, seal)
            for name, number, seal in told.get("versions", ()):
                self.versions.setdefault(name, {})[number] = (entry.sequence, seal)
            self.versions_sealed = self.versions_sealed or entry.kind == VERSIONS_SEALED
        except (KeyError, TypeError, ValueError):
            straight = False
        if not straight and not self.first_crooked:
            self.first_crooked = entry.sequence


def _entries() -> Iterator[Entry]:
    return Entry.objects.order_by("sequence").iterator(chunk_size=AT_ONCE)


def _changed_rows(
    model: type[Sealed], seals: dict[tuple[str, str], tuple[int, str]]
) -> tuple[int, list[tuple[int, str]]]:
    """How many rows there are, and those not as their last entry left them. Takes the good ones out."""
    columns, name = sealed_columns(model), record_name(model)
    rows, bad = 0, []
    for key, *row in _rows(model, columns):
        rows += 1
        sequence, seal = seals.pop((name, str(key)), (0, ""))
        if not seal:
            bad.append((max(sequence, 1), f"{name} {key} was put in by other means: no entry speaks of it"))
        elif seal != seal_row(model, columns, tuple(row)):
            bad.append(
                (sequence, f"{name} {key} is not as entry {sequence} left it: it was changed by other means")
            )
    return rows, bad


def _changed_versions(
    model: type[models.Model], seen: dict[str, dict[int, tuple[int, str]]]
) -> tuple[int, list[tuple[int, str]]]:
    """As `_changed_rows`, for the earlier versions of one kind of record."""
    columns, name = version_columns(model), record_name(model.instance_type)  # type: ignore[attr-defined]
    rows, bad, seals = 0, [], seen.get(name, {})
    for number, *row in _rows(model, columns):
        rows += 1
        sequence, seal = seals.pop(number, (0, ""))
        if not seal:
            says = f"version {number} of {name} was put in by other means: no entry speaks of it"
            bad.append((max(sequence, 1), says))
        elif seal != version_seal(model, columns, tuple(row)):
            says = f"version {number} of {name} is not as entry {sequence} left it: changed by other means"
            bad.append((sequence, says))
    bad += [
        (sequence, f"version {number} of {name}, written by entry {sequence}, was deleted by other means")
        for number, (sequence, _) in seals.items()
    ]
    return rows, bad


def _rows(model: type[models.Model], columns: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    return model._base_manager.values_list("pk", *columns).iterator(chunk_size=AT_ONCE)
