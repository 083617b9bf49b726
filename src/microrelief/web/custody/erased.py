"""The list of those who were erased, beside the database: whatever older state comes back, they do not."""

from pathlib import Path

from django.db import connection

from microrelief.web.configuration import configuration
from microrelief.web.patients.models import Erasure
from microrelief.web.patients.signed_list import Row, add_to_list, rows_in

FILE, NAME = "erased.json", "erased"
Erased = Row
"""patient, number, at, basis, by: ids and dates, no name."""


def erased_in_database() -> list[Erased]:
    """What the database knows of."""
    return [
        {
            "patient": str(one.patient_id),
            "number": one.number,
            "at": one.at.isoformat(),
            "basis": one.basis,
            "by": str(one.by_id),
        }
        for one in Erasure.objects.order_by("at", "pk")
    ]


def erased_in_file(path: Path) -> list[Erased]:
    """What the list says; empty where there is none. Raises BackupUnusable where it is not this clinic's."""
    return rows_in(path, NAME)


def keep_list() -> None:
    """Write down, beside the database, whoever is erased in it; nobody is ever taken off the list."""
    add_to_list(configuration().data_folder / FILE, NAME, "patient", erased_in_database())


def forget_free_pages() -> None:
    """The database's journal still holds the state before: empty it, so that no destroyed key is left."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
