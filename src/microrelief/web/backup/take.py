"""The records become one file elsewhere, while the site goes on working."""

import hashlib
import io
import os
import secrets
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import pyrage
from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from microrelief.errors import BackupUnusable
from microrelief.vault import chain, durable
from microrelief.vault.durable import in_plain_words
from microrelief.vault.envelope import Kind, encrypted
from microrelief.vault.keys import KEY_FILE
from microrelief.version import __version__
from microrelief.web.audit.models import Entry
from microrelief.web.backup import archive
from microrelief.web.backup.rows import Table, lines
from microrelief.web.configuration import configuration
from microrelief.web.consents.withdrawn import withdrawn_in_database
from microrelief.web.custody.erased import erased_in_database
from microrelief.web.keyring import clinic_keys
from microrelief.web.photos.models import Blob

MOST_LOOKS = 5
"""A photograph that is moved or erased meanwhile is looked for again, in a newer state of the rows."""


@dataclass(frozen=True)
class Taken:
    """A backup that was read again after it was written, and is whole."""

    path: Path
    photos: int
    rows: int
    bytes: int
    with_keys: bool


def take_backup(to: Path, *, recipient: str = "", passphrase: str = "") -> Taken:
    """Write a backup to the file, or into the folder under a name with the date.

    `recipient` is an age recipient; it or a `passphrase` puts the clinic's key file into it, locked.
    The rows are those of one moment, however many are written meanwhile. Raises BackupUnusable where a
    photograph is missing or damaged: the file is then not made.
    """
    _refuse_open_migrations()
    key_file = _locked_key_file(recipient, passphrase)
    path = _path(to)
    part = durable.temporary_beside(path)
    with in_plain_words("Writing the backup"):
        try:
            with open(part, "xb", opener=_private) as raw:
                photos, rows = _write(raw, key_file)
                raw.flush()
                durable.sync_file(raw.fileno())
            archive.checked(part, clinic_keys())
            os.link(part, path)
            durable.sync_folder(path.parent)
        except FileExistsError:
            raise BackupUnusable(
                f"There is a file {path} already; it was not touched, name another"
            ) from None
        finally:
            durable.remove_quietly(part)
    return Taken(path, photos, rows, path.stat().st_size, key_file is not None)


@contextmanager
def one_moment() -> Iterator[None]:
    """The rows as they stand now, whatever is written meanwhile; nobody who writes has to wait."""
    begin = (
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        if connection.vendor == "postgresql"
        else "BEGIN DEFERRED"
    )
    with connection.cursor() as cursor:
        cursor.execute(begin)
        try:
            cursor.execute("SELECT count(*) FROM django_migrations")  # SQLite's moment is the first look
            yield
        finally:
            cursor.execute("ROLLBACK")


def _write(raw: IO[bytes], key_file: bytes | None) -> tuple[int, int]:
    with tarfile.open(fileobj=raw, mode="w:", format=tarfile.PAX_FORMAT) as file:
        told = (
            "this file holds it too, locked." if key_file else "keep a copy of it, for this file holds none."
        )
        _add_bytes(file, archive.README, archive.READ_ME.format(keys=told).encode())
        if key_file:
            _add_bytes(file, archive.KEYS, key_file)
        copied: dict[str, tuple[int, str]] = {}
        for _ in range(MOST_LOOKS):
            with one_moment():
                missing = _copy_photos(file, copied)
                if missing:
                    continue
                backup_id = secrets.token_hex(16)
                tables: dict[str, Table] = {}
                stated = _add_rows(file, backup_id, tables)
                manifest = _manifest(backup_id, tables, stated, copied)
            _add_bytes(file, archive.MANIFEST, archive.signed(manifest, clinic_keys()))
            return len(manifest["photos"]), sum(table.rows for table in tables.values())
    raise BackupUnusable(
        f"{len(missing)} photographs have no file ({missing[0]} is the first): restore them from an earlier "
        "backup, then take this one again"
    )


def _copy_photos(file: tarfile.TarFile, copied: dict[str, tuple[int, str]]) -> list[str]:
    """Copy what is not copied yet. Returns the names that were gone: erased or moved meanwhile, or lost."""
    missing = []
    standing = Blob.objects.filter(photo__patient__erased_at=None).order_by("pk")
    for name, size, sha256 in list(standing.values_list("name", "size", "sha256")):
        if name in copied:
            continue
        try:
            content = (configuration().data_folder / "photos" / "blobs" / name).open("rb")
        except FileNotFoundError:
            missing.append(name)
            continue
        with content:
            found = hashlib.file_digest(content, "sha256").hexdigest()
            if (content.tell(), found) != (size, sha256):
                raise BackupUnusable(
                    f"The file of photograph {name} is damaged: restore it from an earlier backup first"
                )
            content.seek(0)
            archive.add(file, archive.PHOTOS + name, size, content)
        copied[name] = (size, sha256)
    return missing


def _add_rows(file: tarfile.TarFile, backup_id: str, tables: dict[str, Table]) -> dict[str, Any]:
    """Encrypted before they touch the disk."""
    key = archive.rows_key(clinic_keys(), backup_id)
    with tempfile.TemporaryFile(dir=configuration().data_folder) as spooled:
        digest, size = hashlib.sha256(), 0
        for piece in encrypted(key, Kind.DERIVED, _Lines(lines(apps, tables))):  # type: ignore[arg-type]
            spooled.write(piece)
            digest.update(piece)
            size += len(piece)
        spooled.seek(0)
        archive.add(file, archive.ROWS, size, spooled)
    return {"size": size, "sha256": digest.hexdigest()}


def _manifest(
    backup_id: str, tables: dict[str, Table], rows: dict[str, Any], copied: dict[str, tuple[int, str]]
) -> dict[str, Any]:
    last = Entry.objects.order_by("-sequence").first()
    head = chain.head_of(clinic_keys(), last.link, timezone.now()) if last else None
    standing = set(Blob.objects.filter(photo__patient__erased_at=None).values_list("name", flat=True))
    return {
        "format": archive.FORMAT,
        "version": archive.FORMAT_VERSION,
        "id": backup_id,
        "made": timezone.now().isoformat(timespec="seconds"),
        "program": __version__,
        "database": connection.vendor,
        "migrations": sorted(list(one) for one in MigrationExecutor(connection).loader.applied_migrations),
        "tables": {name: asdict(table) for name, table in tables.items()},
        "rows": rows,
        "photos": {name: stated for name, stated in sorted(copied.items()) if name in standing},
        "head": asdict(head) if head else None,
        "erased": erased_in_database(),
        "withdrawn": withdrawn_in_database(),
    }


def _refuse_open_migrations() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise BackupUnusable(
            "The database is of another version than this program: start the site once with this version, "
            "or take the backup with the version that runs"
        )


def _locked_key_file(recipient: str, passphrase: str) -> bytes | None:
    if not recipient and not passphrase:
        return None
    content = (configuration().keys_folder / KEY_FILE).read_bytes()
    if passphrase:
        return bytes(pyrage.passphrase.encrypt(content, passphrase))
    try:
        return bytes(pyrage.encrypt(content, [pyrage.x25519.Recipient.from_str(recipient)]))
    except pyrage.RecipientError:
        raise BackupUnusable("The recipient must be an age recipient and begin with age1") from None


def _path(to: Path) -> Path:
    if to.is_dir():
        return to / f"microrelief-{timezone.now():%Y%m%d-%H%M%S}.backup"
    if not to.parent.is_dir():
        raise BackupUnusable(f"There is no folder {to.parent}: make it, or name another place")
    if to.exists():
        raise BackupUnusable(f"There is a file {to} already; it was not touched, name another")
    return to


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)


def _add_bytes(file: tarfile.TarFile, name: str, content: bytes) -> None:
    archive.add(file, name, len(content), io.BytesIO(content))


class _Lines:
    """Lines as something that is read, for the envelope."""

    def __init__(self, given: Iterator[bytes]) -> None:
        self._given, self._left = given, bytearray()

    def read(self, size: int) -> bytes:
        """So many bytes; fewer only at the end."""
        while len(self._left) < size and (line := next(self._given, b"")):
            self._left += line
        piece = bytes(self._left[:size])
        del self._left[:size]
        return piece
