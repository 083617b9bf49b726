"""Rows become canonical lines, the same on every database, and lines become rows again.

One line is one row: `["patients.patient", {column: value, ...}]`, columns sorted, rows in the order of keys.
Two databases hold the same if their lines have the same hash.
"""

import datetime
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps.registry import Apps
from django.core.management.color import no_style
from django.db import connection, models

LEFT_OUT = frozenset({"auth", "contenttypes", "sessions", "usersessions", "axes"})
"""Apps whose rows are made anew: rights Django derives, who is signed in, counts of wrong passwords."""
AT_ONCE = 500
"""Rows that are fetched and written at a time."""


@dataclass
class Table:
    """How many rows of one kind there are, and the SHA-256 of their lines."""

    rows: int
    sha256: str


def kept_models(apps: Apps) -> list[type[models.Model]]:
    """Every kind of row that a backup holds, in the order of their names."""
    found = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.app_label not in LEFT_OUT
    ]
    return sorted(found, key=lambda model: str(model._meta.label_lower))


def lines(apps: Apps, tables: dict[str, Table]) -> Iterator[bytes]:
    """All rows as the transaction sees them; `tables` is filled on the way."""
    for model in kept_models(apps):
        digest, rows = hashlib.sha256(), 0
        for line in _lines_of(model):
            digest.update(line)
            rows += 1
            yield line
        tables[str(model._meta.label_lower)] = Table(rows, digest.hexdigest())


def load(apps: Apps, given: Iterable[bytes]) -> None:
    """Write the lines into empty tables, in one transaction that the caller began."""
    by_name = {str(model._meta.label_lower): model for model in kept_models(apps)}
    waiting: list[models.Model] = []
    for line in given:
        name, columns = json.loads(line)
        row = _row(by_name[name], columns)
        if waiting and (type(waiting[0]) is not type(row) or len(waiting) == AT_ONCE):
            _write(waiting)
            waiting = []
        waiting.append(row)
    _write(waiting)
    with connection.cursor() as cursor:  # PostgreSQL counts on from where its sequences stand
        for statement in connection.ops.sequence_reset_sql(no_style(), list(by_name.values())):
            cursor.execute(statement)


def _lines_of(model: type[models.Model]) -> Iterator[bytes]:
    columns = sorted(model._meta.concrete_fields, key=lambda field: field.attname)
    name = str(model._meta.label_lower)
    rows = model._base_manager.order_by("pk").values_list(*(field.attname for field in columns))
    for row in rows.iterator(chunk_size=AT_ONCE):
        values = {field.attname: _plain(field, value) for field, value in zip(columns, row, strict=True)}
        text = json.dumps([name, values], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        yield text.encode("utf-8", "surrogatepass") + b"\n"


def _plain(field: "models.Field[Any, Any]", value: Any) -> Any:
    if value is None or isinstance(field, models.JSONField):
        return value
    if isinstance(field, models.BinaryField):
        return bytes(value).hex()
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat(timespec="microseconds")
    if isinstance(value, datetime.date | UUID):
        return str(value)
    return value


def _row(model: type[models.Model], columns: dict[str, Any]) -> models.Model:
    fields = {field.attname: field for field in model._meta.concrete_fields}
    return model(**{name: _value(fields[name], value) for name, value in columns.items()})


def _value(field: "models.Field[Any, Any]", value: Any) -> Any:
    if value is None or isinstance(field, models.JSONField):
        return value
    if isinstance(field, models.BinaryField):
        return bytes.fromhex(value)
    return (
        field.target_field.to_python(value)
        if isinstance(field, models.ForeignKey)
        else field.to_python(value)
    )


def _write(rows: list[models.Model]) -> None:
    if rows:
        type(rows[0])._base_manager.bulk_create(rows)
