"""A row becomes a seal: a keyed hash of its columns, which says nothing of the row to who reads the trail."""

import datetime
import hmac
import json
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models

from microrelief.web.audit.models import Sealed
from microrelief.web.keyring import site_secret

VERSION_SEAL_DIGITS = 32
"""128 bits."""


def record_name(record: models.Model | type[models.Model]) -> str:
    """`patients.patient`: how the trail names a kind of record."""
    return str(record._meta.label_lower)


def seal_of(record: Sealed) -> str:
    """The seal of the row as it now stands in the database, not as the object remembers it."""
    fields = sealed_columns(type(record))
    row = type(record)._base_manager.filter(pk=record.pk).values_list(*fields).get()
    return seal_row(type(record), fields, row)


def seal_row(model: type[models.Model], fields: tuple[str, ...], row: tuple[Any, ...]) -> str:
    """The seal of these values."""
    sealed: Any = getattr(model, "instance_type", model)  # an earlier version is as its record is
    later = getattr(sealed, "later_fields", {})
    said = json.dumps(
        [
            record_name(model),
            {
                name: _plain(value)
                for name, value in zip(fields, row, strict=True)
                if name not in later or value != later[name]
            },
        ],
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return hmac.digest(_key(), said.encode(), "sha256").hex()


def version_seals(model: type[models.Model], keys: Iterable[int]) -> dict[int, str]:
    """The seal of each earlier version with such a key that stands in the database: half as long, for there
    are many of them.
    """
    fields = version_columns(model)
    rows = model._base_manager.filter(pk__in=keys).values_list("pk", *fields)
    return {key: version_seal(model, fields, tuple(row)) for key, *row in rows}


def version_seal(model: type[models.Model], fields: tuple[str, ...], row: tuple[Any, ...]) -> str:
    """The seal of an earlier version with these values."""
    return seal_row(model, fields, row)[:VERSION_SEAL_DIGITS]


def sealed_columns(model: type[Sealed]) -> tuple[str, ...]:
    """The columns a seal covers, in their order."""
    return tuple(
        field.attname for field in model._meta.concrete_fields if field.name not in model.unsealed_fields
    )


def version_columns(model: type[models.Model]) -> tuple[str, ...]:
    """The columns that the seal of an earlier version covers: of the record, and when, who and what."""
    unsealed = model.instance_type.unsealed_fields  # type: ignore[attr-defined]
    return tuple(field.attname for field in model._meta.concrete_fields if field.name not in unsealed)


def version_models() -> Iterator[type[models.Model]]:
    """Where the earlier versions of sealed records stand, one for each kind that has a history."""
    for model in sealed_models():
        if history := getattr(model, "history", None):
            yield history.model


def sealed_models() -> Iterator[type[Sealed]]:
    """Every kind of record that is sealed."""
    for model in apps.get_models():
        if issubclass(model, Sealed) and not hasattr(model, "history_object"):
            yield model


@cache
def _key() -> bytes:
    return site_secret("seal")


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat(timespec="microseconds")
    if isinstance(value, datetime.date | datetime.time | UUID):
        return str(value)
    return value
