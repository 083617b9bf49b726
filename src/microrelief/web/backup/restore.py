"""A backup becomes a data folder that a site can be opened in; until all of it is proved, there is none."""

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyrage

from microrelief.errors import BackupUnusable, BlobDamaged, WrongKey
from microrelief.vault import durable
from microrelief.vault.durable import in_plain_words
from microrelief.vault.envelope import Kind
from microrelief.vault.keys import KEY_FILE, ClinicKeys
from microrelief.web.backup import archive
from microrelief.web.backup.archive import Checked
from microrelief.web.configuration import configuration
from microrelief.web.start import apply_migrations, prepare, set_up

WITHDRAWN = "withdrawn.json"
"""As consents.withdrawn names it."""


@dataclass(frozen=True)
class Unlocking:
    """How the clinic's key file is come by: a copy of it, or the one in the backup with what unlocks that."""

    keys: Path | None = None
    """The file, or the folder it lies in."""
    identity: Path | None = None
    """An age identity file."""
    passphrase: str = ""


@dataclass(frozen=True)
class Restored:
    """What was brought back and proved."""

    made: str
    """When the backup was taken."""
    database: str
    tables: int
    rows: int
    photos: int
    originals: int
    """Opened with their keys, and found to be the bytes that were taken in."""
    entries: int
    """Of the audit trail, verified."""
    erased_again: int
    withdrawn_again: int


def restore_backup(
    source: Path,
    data: Path,
    unlocking: Unlocking,
    erased: Sequence[Path] = (),
    say: Callable[[str], None] = lambda line: None,
) -> Restored:
    """Bring a backup into a folder that is new or empty, and into the database that the settings name.

    `erased` are the lists beside the old database (erased.json, withdrawn.json) or later backups: whoever
    was erased since is erased again, what was withdrawn since is withdrawn again. Raises BackupUnusable for a
    backup that is damaged, cut off, another clinic's, or of a later version, and for a folder or database in
    which something is already; nothing is left behind then.
    """
    data = data.absolute()
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise BackupUnusable(f"{data} is not empty: name a new folder, and nothing in the old one is touched")
    if not data.parent.is_dir():
        raise BackupUnusable(f"There is no folder {data.parent}: make it, or name another place")
    folder = data.with_name(f".{data.name}.{secrets.token_hex(4)}.restoring")
    with in_plain_words("Restoring"):
        folder.mkdir(mode=0o700)
    try:
        keys = _bring_keys(source, unlocking, folder)
        say("Reading the backup ...")
        backup = archive.checked(source, keys)
        later = [archive.checked(path, keys).manifest for path in erased if path.suffix != ".json"]
        with in_plain_words("Restoring"):
            say("Bringing back the photographs ...")
            _bring_photos(backup, folder)
            say("Bringing back the records ...")
            lists = [path for path in erased if path.suffix == ".json"]
            restored = _bring_rows(backup, folder, lists, later)
            durable.sync_folder(folder)
            os.rename(folder, data)  # over an empty folder at most
            durable.sync_folder(data.parent)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return restored


def _bring_keys(source: Path, unlocking: Unlocking, folder: Path) -> ClinicKeys:
    content = _key_file(source, unlocking)
    configured = configuration().keys
    if configured is None or not (configured / KEY_FILE).exists():
        place = configured or folder / "keys"
        with in_plain_words("Writing the key file"):
            durable.make_folder(place)
            durable.create(place / KEY_FILE, content)
    passphrase = configuration().key_passphrase
    opened = passphrase.get_secret_value() if passphrase is not None else None
    return ClinicKeys.open(configured or folder / "keys", opened)


def _key_file(source: Path, unlocking: Unlocking) -> bytes:
    if unlocking.keys is not None:
        file = unlocking.keys / KEY_FILE if unlocking.keys.is_dir() else unlocking.keys
        try:
            return file.read_bytes()
        except OSError as failure:
            raise BackupUnusable(f"The key file {file} cannot be read: {failure.strerror}") from None
    configured = configuration().keys
    if configured is not None and (configured / KEY_FILE).exists():
        return (configured / KEY_FILE).read_bytes()
    locked = archive.key_file_in(source)
    if locked is None:
        raise BackupUnusable(
            f"{source} does not hold the clinic's key: give a copy of it with --keys FILE. Without the key "
            "nobody can open this backup"
        )
    try:
        if unlocking.passphrase:
            return bytes(pyrage.passphrase.decrypt(locked, unlocking.passphrase))
        if unlocking.identity is not None:
            lines = unlocking.identity.read_text().splitlines()
            found = [line.strip() for line in lines if line.startswith("AGE-SECRET-KEY-")]
            return bytes(pyrage.decrypt(locked, [pyrage.x25519.Identity.from_str(line) for line in found]))
    except (pyrage.DecryptError, pyrage.IdentityError, OSError, ValueError):
        raise BackupUnusable("This passphrase or identity does not open the key in the backup") from None
    raise BackupUnusable(
        "The key in this backup is locked: give --identity FILE or --passphrase-file FILE, or a copy of the "
        "key with --keys FILE"
    )


def _bring_photos(backup: Checked, folder: Path) -> None:
    for made in (folder / "photos", folder / "photos" / "blobs"):
        durable.make_folder(made)
    for name, pieces in archive.photos(backup):
        path = folder / "photos" / "blobs" / name
        if durable.write_synced(path, pieces) != backup.manifest["photos"][name]:
            raise BackupUnusable(f"{backup.path} changed while it was read: try again")
    durable.sync_folder(folder / "photos" / "blobs")


def _bring_rows(
    backup: Checked, folder: Path, lists: Sequence[Path], later: Sequence[dict[str, Any]]
) -> Restored:
    prepare(folder, create=False)
    set_up()
    # models exist only now
    from django.db import connection, transaction  # noqa: PLC0415

    from microrelief.web.audit.trail import catch_up_head, record, seal_all_versions_once  # noqa: PLC0415
    from microrelief.web.audit.verify import verify_trail  # noqa: PLC0415
    from microrelief.web.backup.rows import load  # noqa: PLC0415
    from microrelief.web.consents.withdrawn import withdraw_all_again, withdrawn_in_file  # noqa: PLC0415
    from microrelief.web.custody.erased import erased_in_file  # noqa: PLC0415
    from microrelief.web.custody.erasure import erase_all_again  # noqa: PLC0415

    _refuse_rows()
    then = _migrated_as(backup)
    with transaction.atomic():
        load(then, archive.rows(backup))
        _refuse_other_rows(backup, then)
    apply_migrations()
    head = backup.manifest["head"]
    if head:
        durable.replace(folder / "trail.head", (json.dumps(head) + "\n").encode())
    found = verify_trail()
    if not found.whole:
        raise BackupUnusable(
            f"{backup.path} was brought back, but its audit trail is not whole: {found.says}"
        )
    originals = _opened_originals()
    seal_all_versions_once()
    with transaction.atomic():
        record("clinic.restored", by=None, facts={"made": backup.manifest["made"]})
        _withdraw_keys()
    erased = [one for path in lists if path.name != WITHDRAWN for one in erased_in_file(path)]
    withdrawn = [one for path in lists if path.name == WITHDRAWN for one in withdrawn_in_file(path)]
    for manifest in (*later, backup.manifest):
        erased += manifest["erased"]
        withdrawn += manifest.get("withdrawn", [])
    again, withdrawn_again = erase_all_again(erased), withdraw_all_again(withdrawn)
    catch_up_head()
    vendor = connection.vendor
    connection.close()
    if vendor == "postgresql":
        connection.close_pool()  # type: ignore[attr-defined]
    tables = backup.manifest["tables"]
    rows = sum(table["rows"] for table in tables.values())
    return Restored(
        backup.manifest["made"], vendor, len(tables), rows, len(backup.manifest["photos"]), originals,
        found.entries, again, withdrawn_again,
    )  # fmt: skip


def _refuse_rows() -> None:
    from django.apps import apps  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from microrelief.web.backup.rows import kept_models  # noqa: PLC0415

    there = set(connection.introspection.table_names())
    full = [
        model._meta.db_table
        for model in kept_models(apps)
        if model._meta.db_table in there and model._base_manager.exists()
    ]
    if full:
        raise BackupUnusable(
            f"The database {connection.settings_dict['NAME']} holds records already ({full[0]}): name an "
            "empty one in MICRORELIEF_DATABASE_URL"
        )


def _migrated_as(backup: Checked) -> Any:
    """The tables as they were when the backup was taken, and the models of that time."""
    from django.db import connection  # noqa: PLC0415
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415

    executor = MigrationExecutor(connection)
    graph = executor.loader.graph
    wanted = {(app, name) for app, name in backup.manifest["migrations"]}
    unknown = sorted(wanted - set(graph.nodes))
    if unknown:
        raise BackupUnusable(
            f"{backup.path} was made by another version of Microrelief ({backup.manifest['program']}, step "
            f"{'.'.join(unknown[0])}): restore it with that version or a later one"
        )
    targets = [
        node
        for node in wanted
        if not any(child in wanted and child[0] == node[0] for child in _children(graph, node))
    ]
    executor.migrate(targets)
    executor = MigrationExecutor(connection)
    return executor.loader.project_state(targets).apps


def _children(graph: Any, node: tuple[str, str]) -> list[tuple[str, str]]:
    return [child.key for child in graph.node_map[node].children]


def _refuse_other_rows(backup: Checked, then: Any) -> None:
    """Read back from the database: what stands there is what was backed up, row by row."""
    from microrelief.web.backup.rows import Table, lines  # noqa: PLC0415

    tables: dict[str, Table] = {}
    for _ in lines(then, tables):
        pass
    found = {name: (table.rows, table.sha256) for name, table in tables.items()}
    stated = {name: (table["rows"], table["sha256"]) for name, table in backup.manifest["tables"].items()}
    if found != stated:
        wrong = sorted(name for name in {*found, *stated} if found.get(name) != stated.get(name))
        raise BackupUnusable(
            f"{backup.path} cannot be brought back: {', '.join(wrong)} would not be what was backed up; "
            "please report this fault, the backup itself is whole"
        )


def _opened_originals() -> int:
    """Every photograph opens with its keys, and is what was taken in."""
    from microrelief.web.photos.actions import copy_for_export  # noqa: PLC0415
    from microrelief.web.photos.models import Photo  # noqa: PLC0415

    opened = 0
    for photo in Photo.objects.filter(patient__erased_at=None).iterator(chunk_size=500):
        for kind in photo.blobs.values_list("kind", flat=True).distinct():
            digest = hashlib.sha256()
            try:
                for piece in copy_for_export(photo, Kind(kind)):
                    digest.update(piece)
            except (BlobDamaged, WrongKey) as failure:
                raise BackupUnusable(f"A photograph of this backup does not open: {failure}") from failure
            if kind == Kind.ORIGINAL:
                if digest.hexdigest() != photo.sha256:
                    raise BackupUnusable(f"Photograph {photo.pk} of this backup is not what was taken in")
                opened += 1
    return opened


def _withdraw_keys() -> None:
    """Keys of programs and open links that were withdrawn since would open again: none opens."""
    from django.utils import timezone  # noqa: PLC0415

    from microrelief.web.api.models import ApiKey  # noqa: PLC0415
    from microrelief.web.audit.trail import record  # noqa: PLC0415
    from microrelief.web.people.models import Invitation  # noqa: PLC0415

    now = timezone.now()
    for key in ApiKey.objects.filter(revoked_at=None):
        key.revoked_at = now
        key.save(update_fields=["revoked_at"])
        record("key.revoked", by=None, about=key)
    Invitation.objects.filter(used_at=None, revoked_at=None).update(revoked_at=now)
