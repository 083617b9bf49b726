"""A clinic as small as can be, on the real vault: photographs, rows and trail, kept as the site keeps them.

`python -m tests.vault.clinic DATA PHOTOS` keeps photographs until it is killed, and says which.
"""

import argparse
import hashlib
import os
import random
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlcipher3 import dbapi2 as sqlcipher

from microrelief.errors import BlobDamaged, BlobMissing, WrongKey
from microrelief.vault import durable
from microrelief.vault.chain import Entry, HeadFile, Verdict, head_of, next_entry, verify
from microrelief.vault.envelope import Kind, encrypted, opened
from microrelief.vault.keys import ClinicKeys, PhotoKey
from microrelief.vault.photo_store import FolderStore, Swept, Uncommitted, new_name

TABLES = """
CREATE TABLE IF NOT EXISTS patient (id TEXT PRIMARY KEY, key BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS photo (
    id TEXT PRIMARY KEY, patient TEXT NOT NULL, key BLOB NOT NULL, sha256 TEXT NOT NULL,
    original TEXT NOT NULL UNIQUE, thumbnail TEXT NOT NULL UNIQUE
);
CREATE TABLE IF NOT EXISTS trail (
    sequence INTEGER PRIMARY KEY, at TEXT, event TEXT, previous TEXT, key_id TEXT, mac TEXT
);
"""
PATIENT = "p1"


class Clinic:
    """Keys, rows and head in `data`; photographs in `photos`, which may be another disk."""

    def __init__(self, data: Path, photos: Path, synchronous: str = "FULL") -> None:
        self.keys = ClinicKeys.open_or_create(data / "keys")
        self.store = FolderStore(photos, reserve_bytes=0)
        self.head = HeadFile(data / "trail.head")
        self.rows = sqlcipher.connect(str(data / "clinic.sqlite"), isolation_level=None)
        self.rows.execute(f"PRAGMA key = \"x'{self.keys.secret('database').hex()}'\"")
        self.rows.execute("PRAGMA journal_mode = WAL")
        self.rows.execute(f"PRAGMA synchronous = {synchronous}")
        self.rows.executescript(TABLES)
        if self.rows.execute("SELECT count(*) FROM patient").fetchone() == (0,):
            self.rows.execute(
                "INSERT INTO patient VALUES (?, ?)", (PATIENT, self.keys.new_patient_key(PATIENT))
            )

    def close(self) -> None:
        self.rows.close()
        self.store.close()

    def keep(self, photo_id: str, content: bytes) -> None:
        """When this returns, the photograph may be acknowledged."""
        (patient_key,) = self.rows.execute("SELECT key FROM patient WHERE id = ?", (PATIENT,)).fetchone()
        patient = self.keys.patient_key(PATIENT, patient_key)
        wrapped = patient.new_photo_key(photo_id)
        key = patient.photo_key(photo_id, wrapped)
        sha256 = hashlib.sha256(content).hexdigest()
        with Uncommitted(self.store) as blobs:
            original = blobs.put(encrypted(key, Kind.ORIGINAL, content))
            thumbnail = blobs.put(encrypted(key, Kind.THUMBNAIL, content[:1000]))
            try:
                self.rows.execute("BEGIN IMMEDIATE")
                self.rows.execute(
                    "INSERT INTO photo VALUES (?, ?, ?, ?, ?, ?)",
                    (photo_id, PATIENT, wrapped, sha256, original.name, thumbnail.name),
                )
                event = {"did": "photo.keep", "photo": photo_id, "sha256": sha256}
                entry = next_entry(self.keys, self.last_entry(), event, _now())
                self.rows.execute("INSERT INTO trail VALUES (?, ?, ?, ?, ?, ?)", _row(entry))
                blobs.commits()
                self.rows.execute("COMMIT")
            except BaseException:
                if self.rows.in_transaction:
                    self.rows.execute("ROLLBACK")
                raise
        self.head.advance(head_of(self.keys, entry, _now()))

    def last_entry(self) -> Entry | None:
        row = self.rows.execute("SELECT * FROM trail ORDER BY sequence DESC LIMIT 1").fetchone()
        return Entry(*row) if row else None

    def entries(self) -> Iterable[Entry]:
        return (Entry(*row) for row in self.rows.execute("SELECT * FROM trail ORDER BY sequence"))

    def verdict(self) -> Verdict:
        head = self.head.read()
        return verify(self.entries(), self.keys.audit_keys(), [head] if head else [])

    def names(self) -> list[str]:
        """Every name that a row has."""
        return [name for row in self.rows.execute("SELECT original, thumbnail FROM photo") for name in row]

    def photo_key(self, photo_id: str) -> PhotoKey:
        (patient_key,) = self.rows.execute("SELECT key FROM patient WHERE id = ?", (PATIENT,)).fetchone()
        (wrapped,) = self.rows.execute("SELECT key FROM photo WHERE id = ?", (photo_id,)).fetchone()
        return self.keys.patient_key(PATIENT, patient_key).photo_key(photo_id, wrapped)

    def original(self, photo_id: str) -> bytes:
        """The photograph's bytes, given that its thumbnail opens too."""
        (names,) = self.rows.execute("SELECT original, thumbnail FROM photo WHERE id = ?", (photo_id,))
        key = self.photo_key(photo_id)
        original, _ = (
            self._opened(key, kind, name)
            for kind, name in zip((Kind.ORIGINAL, Kind.THUMBNAIL), names, strict=True)
        )
        return original

    def _opened(self, key: PhotoKey, kind: Kind, name: str) -> bytes:
        with self.store.open(name) as blob:
            return opened(key, kind, blob)


@dataclass
class Judgement:
    """What is left of a clinic after something happened to it."""

    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    """Acknowledged and gone, or not the bytes that were acknowledged."""
    rows_without_file: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    """Rows, acknowledged or not, whose photograph does not open."""
    unfinished: int = 0
    orphans: int = 0
    left_after_sweep: list[str] = field(default_factory=list)
    database: str = "ok"
    trail: str = ""

    @property
    def sound(self) -> bool:
        """Nothing lost, nothing half there. Leftovers that a sweep found are no fault."""
        bad = (self.lost, self.rows_without_file, self.unreadable, self.left_after_sweep, self.trail)
        return not any(bad) and self.database == "ok"


def judge(data: Path, photos: Path, acknowledged: dict[str, str]) -> Judgement:
    """Open the clinic as a start would, sweep, and read everything. `acknowledged`: photo id -> SHA-256."""
    found = Judgement(len(acknowledged))
    clinic = Clinic(data, photos)
    try:
        (found.database,) = clinic.rows.execute("PRAGMA integrity_check").fetchone()
        swept: Swept = clinic.store.sweep(clinic.names())
        found.unfinished, found.orphans = swept.unfinished, len(swept.without_row)
        found.rows_without_file = list(swept.without_file)
        found.left_after_sweep = sorted(set(os.listdir(photos / "blobs")) ^ set(clinic.names()))
        rows = dict(clinic.rows.execute("SELECT id, sha256 FROM photo").fetchall())
        found.lost = [photo for photo, sha256 in acknowledged.items() if rows.get(photo) != sha256]
        for photo, sha256 in rows.items():
            try:
                whole = hashlib.sha256(clinic.original(photo)).hexdigest() == sha256
            except (BlobDamaged, BlobMissing, WrongKey):
                whole = False
            if not whole:
                found.unreadable.append(photo)
                if photo in acknowledged:
                    found.lost.append(photo)
        verdict = clinic.verdict()
        found.trail = "" if verdict.whole else verdict.says
    finally:
        clinic.close()
    return found


def content(seed: str, most: int = 120_000) -> bytes:
    """Bytes of a photograph, different for each seed."""
    draw = random.Random(seed)
    return draw.randbytes(draw.randrange(1, most))


def work(data: Path, photos: Path, leave_out: str) -> None:
    """Keep photographs and acknowledge each on standard output, until killed or the disk says no."""
    if leave_out == "file":
        synced_folder = _plain_folder_sync
        durable.sync_file, durable.sync_folder = lambda descriptor: None, synced_folder
    elif leave_out == "folder":
        durable.sync_folder = lambda folder: None
    clinic = Clinic(data, photos, "NORMAL" if leave_out == "full" else "FULL")
    clinic.store.sweep(clinic.names())
    _say("ready")
    while True:
        photo_id = new_name()
        bytes_of_it = content(photo_id)
        clinic.keep(photo_id, bytes_of_it)
        _say(f"{photo_id} {hashlib.sha256(bytes_of_it).hexdigest()}")


def _plain_folder_sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def _say(line: str) -> None:
    os.write(1, (line + "\n").encode())  # not buffered: what was said was said


def _now() -> datetime:
    return datetime.now(UTC)


def _row(entry: Entry) -> tuple[int, str, str, str, str, str]:
    return entry.sequence, entry.at, entry.event, entry.previous, entry.key_id, entry.mac


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--leave-out", choices=["", "file", "folder", "full"], default="")
    given = parser.parse_args()
    try:
        work(given.data, given.photos, given.leave_out)
    except Exception as failure:  # the disk was taken away: that is the test
        sys.exit(f"{type(failure).__name__}: {failure}")
