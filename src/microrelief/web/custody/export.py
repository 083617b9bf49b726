"""Everything of one patient becomes a locked ZIP; nothing readable touches the disk."""

import hashlib
import io
import json
import re
import secrets
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pyrage
from django.db import models, transaction
from django.utils import timezone
from django.utils.text import slugify

from microrelief.vault.envelope import Kind
from microrelief.version import __version__
from microrelief.web.audit.models import Entry
from microrelief.web.audit.trail import record
from microrelief.web.brake.actions import ORIGINAL
from microrelief.web.oversight.sentences import tell
from microrelief.web.patients.access import require
from microrelief.web.patients.models import Patient
from microrelief.web.patients.record import PatientRecord, history_of, open_version, record_models
from microrelief.web.people.actor import Actor
from microrelief.web.people.permissions import Permission
from microrelief.web.photos.actions import copy_for_export, let_photos_out
from microrelief.web.photos.models import Photo
from microrelief.web.refusals import Unusable

PIECE_BYTES = 1 << 16
HIDDEN = {"contents", "wrapped_key"}
ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/tiff": "tif",
    "image/webp": "webp",
    "image/heic": "heic",
}
READ_ME = """Everything this clinic keeps of one patient.

record.json     each record with every earlier version, the newest first
access.json     who opened or changed what, and when (UTC)
originals/      the photographs as they came; their names stand in record.json (photos.photo, "id")
manifest.json   size and SHA-256 of every file here

A photograph of a face always shows who it is: this folder is never "anonymous". Keep it like the record.
"""


PASSPHRASE = re.compile(r"[2-9a-hjkmnp-z]{5}(?:-[2-9a-hjkmnp-z]{5}){4}")
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""None that is taken for another; 25 of them are 123 random bits."""


@dataclass(frozen=True)
class Protection:
    """How the file is locked: with a passphrase of ours, for an age recipient, or, where asked for, not."""

    passphrase: str = ""
    recipient: str = ""
    plain: bool = False

    @property
    def name(self) -> str:
        """For the trail."""
        return "passphrase" if self.passphrase else "recipient" if self.recipient else "nothing"

    def locked(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """The same, as an age file. Raises Unusable before the first piece where it cannot be."""
        if self.passphrase and not PASSPHRASE.fullmatch(self.passphrase):
            raise Unusable("Load the page again and use the passphrase that it shows.")
        if not (self.passphrase or self.recipient or self.plain):
            raise Unusable(
                "Say how the record is protected: with the passphrase, or for an age recipient (age1...)."
            )
        if self.passphrase:
            return self._sealed(pieces, lambda whole: pyrage.passphrase.encrypt(whole, self.passphrase))
        if self.recipient:
            try:
                key = pyrage.x25519.Recipient.from_str(self.recipient.strip())
            except pyrage.RecipientError:
                raise Unusable("The recipient must be an age recipient and begin with age1.") from None
            return self._sealed(pieces, lambda whole: pyrage.encrypt(whole, [key]))
        return pieces

    @staticmethod
    def _sealed(pieces: Iterator[bytes], seal: Callable[[bytes], bytes]) -> Iterator[bytes]:
        """In memory, whole: nothing readable touches the disk."""
        view = memoryview(seal(b"".join(pieces)))
        for start in range(0, len(view), PIECE_BYTES):
            yield bytes(view[start : start + PIECE_BYTES])


def new_passphrase() -> str:
    """For one export; shown once and kept nowhere."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(5)) for _ in range(5))


def export_patient(*, by: Actor, patient: Patient, protection: Protection) -> Iterator[bytes]:
    """The ZIP of one patient, locked, piece by piece; it is in the trail before the first piece leaves.

    Raises TooMany where the photographs are more than this person may carry out in a short time.
    """
    require(by, Permission.EXPORT_PATIENT, patient)
    photos = list(Photo.objects.filter(patient_id__in=patient.all_ids()).order_by("added_at"))
    let_photos_out(by=by, photos=photos, as_what=ORIGINAL)  # a stop stands, whatever comes of the rest
    return _export(by, patient, photos, protection)


@transaction.atomic
def _export(by: Actor, patient: Patient, photos: list[Photo], protection: Protection) -> Iterator[bytes]:
    ids = patient.all_ids()
    said = {
        "made": timezone.now().isoformat(),
        "program": f"Microrelief {__version__}",
        "format": "microrelief/patient-export/1",
        "patient": str(patient.pk),
        "records": {
            model._meta.label_lower: [_whole(one) for one in _of(model, ids)] for model in record_models()
        },
    }
    access = [
        {"at": told.moment.isoformat(), "says": told.says, "by": told.door, "entry": told.sequence}
        for told in tell(Entry.objects.filter(patient__in=ids).order_by("sequence"))
    ]
    facts = {"photos": len(photos), "protected": protection.name}
    record("patient.exported", by=by, about=patient, patient=patient.pk, facts=facts)
    return protection.locked(_zip(said, access, photos))


def export_name(patient: Patient, protection: Protection) -> str:
    """The file's name: the number only, for a name in a folder of downloads is read by others."""
    return f"{slugify(str(patient))}-{timezone.localdate()}.zip{'' if protection.plain else '.age'}"


def _zip(said: dict[str, Any], access: list[dict[str, Any]], photos: list[Photo]) -> Iterator[bytes]:
    sink = _Sink()
    manifest: dict[str, dict[str, Any]] = {}
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as file:
        texts = {"README.txt": READ_ME, "record.json": _json(said), "access.json": _json(access)}
        for name, text in texts.items():
            yield from _file(file, sink, name, iter([text.encode()]), manifest)
        for photo in photos:
            name = f"originals/{photo.pk}.{ENDINGS.get(photo.media_type, 'bin')}"
            yield from _file(file, sink, name, copy_for_export(photo, Kind.ORIGINAL), manifest)
        yield from _file(file, sink, "manifest.json", iter([_json(manifest).encode()]), {})
    yield sink.taken()


def _file(
    file: zipfile.ZipFile, sink: "_Sink", name: str, pieces: Iterator[bytes], manifest: dict[str, Any]
) -> Iterator[bytes]:
    digest, size = hashlib.sha256(), 0
    with file.open(name, "w", force_zip64=True) as entry:
        for piece in pieces:
            entry.write(piece)
            digest.update(piece)
            size += len(piece)
            yield sink.taken()
    manifest[name] = {"bytes": size, "sha256": digest.hexdigest()}
    yield sink.taken()


def _of(model: type[PatientRecord], ids: list[UUID]) -> Iterator[PatientRecord]:
    whose = "pk__in" if model is Patient else "patient_id__in"
    yield from model._base_manager.filter(**{whose: ids}).order_by("pk")


def _whole(one: PatientRecord) -> dict[str, Any]:
    """The record as it stands, and its earlier versions."""
    versions = history_of(type(one), [one.whose]).filter(id=one.pk).order_by("-history_date", "-history_id")
    return {**_plain(one, one.opened), "versions": [_version(version) for version in versions]}


def _version(version: Any) -> dict[str, Any]:
    said = _plain(version.instance, open_version(version))
    return {
        "at": version.history_date.isoformat(),
        "by": str(version.history_user_id) if version.history_user_id else None,
        "what": version.get_history_type_display(),
        **said,
    }


def _plain(row: models.Model, words: dict[str, Any]) -> dict[str, Any]:
    fields = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.name not in HIDDEN
    }
    return {**fields, **words}


def _json(said: Any) -> str:
    return json.dumps(said, ensure_ascii=False, indent=1, default=_text)


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


class _Sink(io.RawIOBase):
    """What the ZIP writes, handed on piece by piece; it cannot be gone back in."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._at = 0

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, piece: Any) -> int:
        """Take a piece."""
        self._pieces.append(bytes(piece))
        self._at += len(piece)
        return len(piece)

    def tell(self) -> int:
        """How much has been written."""
        return self._at

    def taken(self) -> bytes:
        """All since the last time."""
        whole, self._pieces = b"".join(self._pieces), []
        return whole
