"""A list beside the database, of ids and dates, that no older database undoes: the erased, the withdrawn."""

import hmac
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from microrelief.errors import BackupUnusable
from microrelief.vault import durable
from microrelief.vault.durable import in_plain_words
from microrelief.web.keyring import site_secret

Row = dict[str, Any]


def rows_in(path: Path, name: str) -> list[Row]:
    """What the list says; empty where there is none. Raises BackupUnusable where it is not this clinic's."""
    try:
        found = json.loads(path.read_bytes())
        rows: list[Row] = found[name]
        mac = str(found["mac"])
    except FileNotFoundError:
        return []
    except (KeyError, TypeError, ValueError, RecursionError, OSError):
        rows, mac = [], ""
    if not mac.isascii() or not hmac.compare_digest(mac, _mac(name, rows)):
        raise BackupUnusable(
            f"The list of the {name} {path} is damaged or another clinic's: look who changed it"
        )
    return rows


def add_to_list(path: Path, name: str, key: str, rows: Sequence[Row]) -> None:
    """Write down what is new; nothing is ever taken off the list. `key` is the column that names a row."""
    known = {row[key]: row for row in rows_in(path, name)}
    whole = known | {row[key]: row for row in rows}
    if whole != known or not path.exists():
        ordered = sorted(whole.values(), key=lambda row: (row["at"], row[key]))
        text = json.dumps({name: ordered, "mac": _mac(name, ordered)}, indent=1)
        with in_plain_words(f"Writing the list of the {name}"):
            durable.replace(path, text.encode())


def _mac(name: str, rows: list[Row]) -> str:
    text = json.dumps(rows, sort_keys=True, separators=(",", ":"))
    return hmac.digest(site_secret(name), text.encode(), "sha256").hex()
