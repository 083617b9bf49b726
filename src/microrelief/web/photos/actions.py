"""What keeps, shows and moves photographs.

The order of keeping: decode in the child, encrypt, `store.put` (on the disk when it returns), then one
transaction with row and trail, then acknowledge. Whatever dies in between leaves at most a file without a
row, which the sweep at the next start puts aside.
"""

import dataclasses
import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import IO, Any, cast
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from microrelief.errors import VaultError
from microrelief.vault.envelope import Kind, decrypted, encrypted
from microrelief.vault.intake import Accepted, accepted
from microrelief.vault.keys import PhotoKey
from microrelief.vault.photo_store import Kept, Uncommitted
from microrelief.web.audit.trail import record
from microrelief.web.brake.actions import COPY, ORIGINAL, let_out
from microrelief.web.keyring import photo_store
from microrelief.web.patients.access import require
from microrelief.web.patients.actions import confirmed_by
from microrelief.web.patients.models import Patient
from microrelief.web.patients.record import save_change, save_new
from microrelief.web.people.actor import Actor
from microrelief.web.people.once import made_before, once
from microrelief.web.people.permissions import Permission
from microrelief.web.photos.models import Blob, Photo
from microrelief.web.refusals import NotHere, Unusable

WHAT = "photo.add"
OWN_FOR = timedelta(days=1)
BEFORE_TAKING: list[Callable[[Patient], None]] = []
"""What is asked before a photograph of the patient is taken in: each may refuse."""
log = logging.getLogger(__name__)


def add_photo(
    *,
    by: Actor,
    patient: Patient,
    key: str,
    upload: IO[bytes],
    size: int,
    file_name: str = "",
    view: str = "front",
    note: str = "",
    taken_at: datetime | None = None,
) -> Photo:
    """Take a photograph in. The same key: the same photograph, however often it is sent.

    `taken_at` is the time by this computer, for a camera whose files carry none.
    Raises a PhotoError for what is no photograph, StorageFull before anything is read where the disk is full.
    """
    require(by, Permission.ADD_PHOTOS, patient)
    for refuse in BEFORE_TAKING:
        refuse(patient)
    if view not in dict(Photo.VIEWS):
        raise Unusable("There is no such view: choose one of the list.")
    # of its bytes, for two photographs may be of one size, and the second would seem to be kept
    content = [str(patient.pk), hashlib.file_digest(upload, "sha256").hexdigest(), view, note]  # type: ignore[arg-type]
    upload.seek(0)
    before = made_before(by=by, action=WHAT, key=key, content=content)
    if before:
        return Photo.objects.get(pk=before)
    photo_store().check_room(2 * size)
    with Uncommitted(photo_store()) as blobs:
        with accepted(upload) as found:
            photo = described(by, patient, found, file_name, view, note)
            if photo.taken_at is None and taken_at is not None:
                photo.taken_at = taken_at.replace(tzinfo=UTC)  # as a camera writes it: local, without a zone
                photo.remarks = [
                    *photo.remarks,
                    "The file carries no time; this computer's was written down.",
                ]
            whole = photo.photo_key()
            kept = {
                kind: blobs.put(encrypted(whole, kind, plain)) for kind, plain in copies_of(found).items()
            }
        return _commit(by, key, content, photo, kept, blobs)


@transaction.atomic
def _commit(
    by: Actor, key: str, content: object, photo: Photo, kept: dict[Kind, Kept], uncommitted: Uncommitted
) -> Photo:
    sent = once(by=by, action=WHAT, key=key, content=content)
    if sent.made:
        transaction.on_commit(partial(delete_files, [one.name for one in kept.values()]))  # never in a row
        return Photo.objects.get(pk=sent.made)
    # again, for the decoding took a while: nobody adds to a patient who was erased or handed over meanwhile
    require(by, Permission.ADD_PHOTOS, Patient.objects.get(pk=photo.patient_id))
    save_new(photo, by=by)
    blobs = add_rows(photo, kept)
    sent.settle(photo.pk)
    record(
        "photo.added",
        by=by,
        about=[photo, *blobs],
        patient=photo.patient_id,
        facts={"sha256": photo.sha256, "bytes": photo.size},
    )
    uncommitted.commits()
    return photo


def photo_for(
    actor: Actor, photo_id: UUID, permission: Permission = Permission.SEE_PHOTOS, *, removed: bool = False
) -> Photo:
    """The photograph, if this person may do this with it; `removed` asks among those out of sight."""
    seen = Photo.objects.for_user(actor).select_related("patient__surviving")
    photo = seen.filter(pk=photo_id, removed_at__isnull=not removed).first()
    if photo is None:
        raise NotHere("The address is wrong, the photograph is gone, or you do not treat this patient.")
    require(actor, permission, photo.patient)
    return photo


def open_copy(*, by: Actor, photo: Photo, kind: Kind) -> "OpenPieces":
    """A thumbnail or a copy for the screen, decrypted piece by piece."""
    require(by, Permission.SEE_PHOTOS, photo.patient)
    let_photos_out(by=by, photos=[photo], as_what=COPY)
    return _pieces(photo, kind)


def open_derived(*, by: Actor, photo: Photo, number: int) -> Iterator[bytes]:
    """A picture that was made from the photograph, decrypted piece by piece."""
    require(by, Permission.SEE_PHOTOS, photo.patient)
    blob = photo.blobs.filter(kind=Kind.DERIVED, number=number).first()
    if blob is None:
        raise NotHere("There is no such picture of this photograph.")
    let_photos_out(by=by, photos=[photo], as_what=COPY)
    return _blob_pieces(photo.photo_key(), blob)


def open_original(*, by: Actor, photo: Photo, why: str = "view") -> Iterator[bytes]:
    """The original, decrypted piece by piece; it is in the trail before the first byte leaves."""
    require(by, Permission.SEE_ORIGINALS, photo.patient)
    let_photos_out(by=by, photos=[photo], as_what=ORIGINAL)  # a stop stands, whatever comes of the rest
    with closed_on_failure(_pieces(photo, Kind.ORIGINAL)) as pieces, transaction.atomic():
        record(
            "photo.original_viewed",
            by=by,
            about=photo,
            patient=photo.patient_id,
            facts={"sha256": photo.sha256, "why": why},
        )
    return pieces


@contextmanager
def closed_on_failure(pieces: "OpenPieces") -> "Iterator[OpenPieces]":
    """What the trail cannot take is not shown, and its file is not left open."""
    try:
        yield pieces
    except BaseException:
        pieces.close()
        raise


def let_photos_out(*, by: Actor, photos: Iterable[Photo], as_what: str) -> None:
    """Ask the brake. What this person put in lately is theirs already. Raises TooMany."""
    lately = timezone.now() - OWN_FOR
    asked = [one.pk for one in photos if one.added_by_id != by.person.pk or one.added_at < lately]
    let_out(by=by, photos=asked, as_what=as_what)


def copy_for_job(photo: Photo, kind: Kind) -> Iterator[bytes]:
    """A copy for measuring, which a person who may see it asked for; it leaves this computer in no form."""
    return _pieces(photo, kind)


def copy_for_export(photo: Photo, kind: Kind) -> Iterator[bytes]:
    """A copy for an export that was allowed and is in the trail already."""
    return _pieces(photo, kind)


@transaction.atomic
def describe_photo(*, by: Actor, photo: Photo, version: int, view: str, note: str) -> None:
    """Another view or note. Raises EditConflict."""
    require(by, Permission.ADD_PHOTOS, photo.patient)
    if view not in dict(Photo.VIEWS):
        raise Unusable("There is no such view: choose one of the list.")
    save_change(photo, by=by, version=version, view=view, note=note)
    record("photo.described", by=by, about=photo, patient=photo.patient_id)


def move_photo(*, by: Actor, photo: Photo, to: Patient, version: int, birth_date: Any) -> Photo:
    """File a photograph under the right patient, with that patient's key; moving back is the same step.

    `birth_date` confirms the right patient by the second identifier. One of a diary stays with its entry.
    """
    if photo.from_diary:
        raise Unusable(_("This photograph belongs to an entry of the diary and stays with it."))
    require(by, Permission.MOVE_PHOTOS, photo.patient)
    require(by, Permission.ADD_PHOTOS, to)
    confirmed_by(to, birth_date)
    if to.pk == photo.patient_id:
        raise Unusable("The photograph is filed under this patient already.")
    wrapped = to.key().new_photo_key(str(photo.pk))
    old_key, new_key = photo.photo_key(), to.key().photo_key(str(photo.pk), wrapped)
    kept: dict[Blob, Kept] = {}
    with Uncommitted(photo_store()) as blobs:
        for blob in photo.blobs.all():
            plain = cast(IO[bytes], _Stream(_blob_pieces(old_key, blob)))
            kept[blob] = blobs.put(encrypted(new_key, Kind(blob.kind), plain, version=blob.number))
        return _commit_move(by, photo, to, wrapped, version, kept, blobs)


@transaction.atomic
def _commit_move(
    by: Actor,
    photo: Photo,
    to: Patient,
    wrapped: bytes,
    version: int,
    kept: dict[Blob, Kept],
    uncommitted: Uncommitted,
) -> Photo:
    left = photo.patient_id
    save_change(photo, by=by, version=version, patient=to, wrapped_key=wrapped)
    old = [blob.name for blob in kept]
    for blob, new in kept.items():
        blob.name, blob.size, blob.sha256 = new.name, new.size, new.sha256
        blob.save()
    record(
        "photo.moved",
        by=by,
        about=[photo, *kept],
        patient=photo.patient_id,
        facts={"from": str(left), "to": str(photo.patient_id)},
    )
    transaction.on_commit(partial(delete_files, old))
    uncommitted.commits()
    return photo


@transaction.atomic
def remove_photo(*, by: Actor, photo: Photo, version: int) -> None:
    """Out of sight; the record keeps it, so that it can be taken back."""
    require(by, Permission.MOVE_PHOTOS, photo.patient)
    save_change(photo, by=by, version=version, removed_at=timezone.now())
    record("photo.removed", by=by, about=photo, patient=photo.patient_id)


@transaction.atomic
def take_photo_back(*, by: Actor, photo: Photo) -> None:
    """In sight again."""
    require(by, Permission.MOVE_PHOTOS, photo.patient)
    save_change(photo, by=by, version=photo.version, removed_at=None)
    record("photo.taken_back", by=by, about=photo, patient=photo.patient_id)


def names_with_rows() -> Iterator[str]:
    """Every file that a row names: what the sweep at the start must leave alone."""
    standing = Blob.objects.filter(photo__patient__erased_at=None)
    yield from standing.values_list("name", flat=True).iterator()


def described(
    by: Actor | None, patient: Patient, found: Accepted, file_name: str, view: str, note: str
) -> Photo:
    """What was taken in, as a row that is not saved yet. `by` None is a patient."""
    photo = Photo(
        pk=uuid4(),
        patient=patient,
        view=view,
        taken_at=_taken_at(found),
        added_by=by.person if by else None,
        sha256=found.sha256,
        media_type=found.media_type,
        size=found.original_bytes,
        rows=found.rows,
        columns=found.columns,
    )
    photo.wrapped_key = patient.key().new_photo_key(str(photo.pk))
    photo.file_name = file_name[-200:]
    photo.note = note.strip()
    photo.facts = {
        name: value if isinstance(value, bool | int | float | str) else str(value)
        for name, value in dataclasses.asdict(found.facts).items()
        if value is not None
    }
    photo.remarks = list(found.notes)
    return photo


def _taken_at(found: Accepted) -> datetime | None:
    try:
        return datetime.fromisoformat(found.facts.taken_at).replace(tzinfo=UTC)
    except ValueError:
        return None


def copies_of(found: Accepted) -> dict[Kind, IO[bytes] | bytes]:
    """What is kept of it: the original, and the copies to look at."""
    return {Kind.ORIGINAL: found.original, Kind.THUMBNAIL: found.thumbnail, Kind.SCREEN: found.screen}


def add_rows(photo: Photo, kept: dict[Kind, Kept]) -> list[Blob]:
    """The rows of its files."""
    return [
        Blob.objects.create(photo=photo, kind=kind, name=one.name, size=one.size, sha256=one.sha256)
        for kind, one in kept.items()
    ]


def _pieces(photo: Photo, kind: Kind) -> "OpenPieces":
    blob = photo.blobs.filter(kind=kind).order_by("-number").first()
    if blob is None:
        raise NotHere("There is no such copy of this photograph.")
    return _blob_pieces(photo.photo_key(), blob)


def _blob_pieces(key: PhotoKey, blob: Blob) -> "OpenPieces":
    file = photo_store().open(blob.name)
    try:
        pieces = decrypted(key, Kind(blob.kind), file, version=blob.number)
    except BaseException:
        file.close()
        raise
    return OpenPieces(file, pieces)


class OpenPieces:
    """Pieces of an open file, which is closed after the last one, or by whoever stops before."""

    def __init__(self, file: IO[bytes], pieces: Iterator[bytes]) -> None:
        self._file, self._pieces = file, pieces

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._pieces)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Django calls it when the browser has left."""
        self._file.close()


class _Stream:
    """Pieces as something that is read; `encrypted` takes its plain bytes so."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._left = pieces, b""

    def read(self, size: int = -1) -> bytes:
        """At most so many bytes; fewer only at the end."""
        parts, have = [self._left], len(self._left)
        while size < 0 or have < size:
            piece = next(self._pieces, b"")
            if not piece:
                break
            parts.append(piece)
            have += len(piece)
        whole = b"".join(parts)
        cut = len(whole) if size < 0 else size
        self._left = whole[cut:]
        return whole[:cut]


def delete_files(names: list[str]) -> None:
    """Remove files; what cannot be removed now is put aside by the sweep at the next start."""
    for name in names:
        try:
            photo_store().delete(name)
        except VaultError:  # the sweep at the next start puts it aside
            log.warning("a file without a row could not be removed")
