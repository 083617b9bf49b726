"""Each earlier version of a record becomes a seal in the entry that tells of its change.

simple-history writes a version whenever a record is saved. It is noted here, and the next entry of the same
transaction seals it: a version that was changed, put in or taken out by other means is found like a row.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import connection, models, transaction

from microrelief.web.audit.seal import record_name, version_models, version_seals

AT_ONCE = 2000
"""Versions in one entry, where many are sealed at once."""
FORGOTTEN: list[Callable[[], None]] = []
"""What seals them then: the trail, which stands on this, puts itself here."""
log = logging.getLogger(__name__)

VersionSeal = list[str | int]
"""Kind of record, number of the version, seal."""
Noted = dict[tuple[type[models.Model], int], datetime]


def note_version(history_instance: Any, **_: object) -> None:
    """Signal: a version was saved, and no entry speaks of it yet."""
    # each time: what a transaction that was rolled back noted stands here still, and its callback is gone
    transaction.on_commit(_seal_what_was_forgotten)
    _noted()[type(history_instance), history_instance.pk] = history_instance.history_date


def seals_of_noted() -> list[VersionSeal]:
    """The seals of all versions that were noted in this transaction; they are sealed then."""
    noted = _noted()
    found: list[VersionSeal] = []
    for model in {model for model, _ in noted}:
        keys = [key for each, key in noted if each is model]
        dates = dict(model._base_manager.filter(pk__in=keys).values_list("pk", "history_date"))
        # a transaction that was rolled back leaves its notes, and its numbers are given out again
        standing = [key for key in keys if dates.get(key) == noted[model, key]]
        found += _seals(model, standing)
    noted.clear()
    return found


def seals_of(versions: Iterable[models.Model]) -> list[VersionSeal]:
    """The seals of versions that were rewritten: an erasure empties them."""
    by_model: dict[type[models.Model], list[int]] = {}
    for version in versions:
        by_model.setdefault(type(version), []).append(version.pk)
    return [seal for model, keys in by_model.items() for seal in _seals(model, keys)]


def all_versions() -> Iterator[list[VersionSeal]]:
    """The seals of all versions that stand in the database, so many at a time."""
    waiting: list[VersionSeal] = []
    for model in version_models():
        keys = list(model._base_manager.order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(keys), AT_ONCE):
            waiting += _seals(model, keys[start : start + AT_ONCE])
            if len(waiting) >= AT_ONCE:
                yield waiting
                waiting = []
    yield waiting


def _seals(model: type[models.Model], keys: list[int]) -> list[VersionSeal]:
    name = record_name(model.instance_type)  # type: ignore[attr-defined]
    found: list[VersionSeal] = []
    for start in range(0, len(keys), AT_ONCE // 4):  # SQLite takes so many values in one question
        seals = version_seals(model, keys[start : start + AT_ONCE // 4])
        found += [[name, key, seal] for key, seal in sorted(seals.items())]
    return found


def _noted() -> Noted:
    """Of this thread's connection."""
    if not hasattr(connection, "versions_noted"):
        connection.versions_noted = {}  # type: ignore[attr-defined]
    noted: Noted = connection.versions_noted  # type: ignore[attr-defined]
    return noted


def _seal_what_was_forgotten() -> None:
    """A fault of ours, an action that saved after it had recorded: said in the log, and sealed anyhow."""
    for model, key in _noted():
        log.error("version %s of %s was saved and no entry speaks of it", key, model._meta.label_lower)
    if _noted():
        for seal in FORGOTTEN:
            seal()
