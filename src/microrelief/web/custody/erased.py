"""The list of those who were erased, beside the database: whatever older state comes back, they do not."""

import hmac
import json
from pathlib import Path
from typing import Any

from django.db import connection

from microrelief.errors import BackupUnusable
from microrelief.vault import durable
from microrelief.vault.durable import in_plain_words
from microrelief.web.configuration import configuration
from microrelief.web.keyring import site_secret
from microrelief.web.patients.models import Erasure

FILE = "erased.json"
Erased = dict[str, Any]
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
    try:
        found = json.loads(path.read_bytes())
        erased: list[Erased] = found["erased"]
        mac = str(found["mac"])
    except FileNotFoundError:
        return []
    except (KeyError, TypeError, ValueError, OSError):
        erased, mac = [], ""
    if not hmac.compare_digest(mac, _mac(erased)):
        raise BackupUnusable(
            f"The list of the erased {path} is damaged or another clinic's: look who changed it"
        )
    return erased


def keep_list() -> None:
    """Write down, beside the database, whoever is erased in it; nobody is ever taken off the list."""
    path = configuration().data_folder / FILE
    known = {one["patient"]: one for one in erased_in_file(path)}
    whole = known | {one["patient"]: one for one in erased_in_database()}
    if whole != known or not path.exists():
        erased = sorted(whole.values(), key=lambda one: (one["at"], one["patient"]))
        text = json.dumps({"erased": erased, "mac": _mac(erased)}, indent=1)
        with in_plain_words("Writing the list of the erased"):
            durable.replace(path, text.encode())


def forget_free_pages() -> None:
    """The database's journal still holds the state before: empty it, so that no destroyed key is left."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _mac(erased: list[Erased]) -> str:
    text = json.dumps(erased, sort_keys=True, separators=(",", ":"))
    return hmac.digest(site_secret("erased"), text.encode(), "sha256").hex()
