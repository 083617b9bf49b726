"""A patient's own photograph becomes a Photo, in the same order of keeping as every other.

It lies in the same vault, and is marked: it is no standard photograph, and is never put into a set.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from microrelief.vault.envelope import Kind, encrypted
from microrelief.vault.intake import accepted
from microrelief.vault.photo_store import Kept, Uncommitted
from microrelief.web.audit.trail import Author, record
from microrelief.web.keyring import photo_store
from microrelief.web.patients.models import Patient
from microrelief.web.people.models import Person
from microrelief.web.photos.actions import BEFORE_TAKING, add_rows, copies_of, described
from microrelief.web.photos.models import Photo
from microrelief.web.refusals import Refusal


class Keep:
    """A photograph that is on the disk, encrypted, and has no row yet."""

    def __init__(self, photo: Photo, kept: dict[Kind, Kept], blobs: Uncommitted) -> None:
        self._photo, self._kept, self._blobs = photo, kept, blobs

    def row(self, by: Author) -> Photo:
        """Its row, in the transaction of the entry it belongs to. Whoever calls has asked who may."""
        photo = self._photo
        photo.added_by = by.person if isinstance(by.person, Person) else None
        photo._history_user = photo.added_by  # type: ignore[attr-defined]
        photo.save(force_insert=True)
        record(
            "photo.added",
            by=by,
            about=[photo, *add_rows(photo, self._kept)],
            patient=photo.patient_id,
            facts={"sha256": photo.sha256, "bytes": photo.size},
        )
        return photo

    def commits(self) -> None:
        """Nothing but the commit is left to do."""
        self._blobs.commits()


def may_be_taken(patient: Patient) -> bool:
    """Whether the patient has not said no to photographs."""
    try:
        for refuse in BEFORE_TAKING:
            refuse(patient.surviving or patient)
    except Refusal:
        return False
    return True


@contextmanager
def diary_photo(*, patient: Patient, upload: IO[bytes], size: int) -> Iterator[Keep]:
    """Decode and encrypt it. Raises a PhotoError for what is no photograph, StorageFull before it is read.

    Whoever calls has asked whether it `may_be_taken`: a no to photographs costs the photograph alone.
    """
    photo_store().check_room(2 * size)
    with Uncommitted(photo_store()) as blobs:
        with accepted(upload) as found:
            photo = described(None, patient, found, "", "other", "")
            photo.from_diary = True
            key = photo.photo_key()
            kept = {kind: blobs.put(encrypted(key, kind, plain)) for kind, plain in copies_of(found).items()}
        yield Keep(photo, kept, blobs)
