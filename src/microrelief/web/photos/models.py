"""A photograph, and the encrypted files that hold it and its copies."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone
from simple_history.models import HistoricalRecords

from microrelief.vault.envelope import Kind
from microrelief.vault.keys import PhotoKey
from microrelief.web.audit.models import Sealed
from microrelief.web.patients.access import of_patients
from microrelief.web.patients.models import Patient
from microrelief.web.patients.record import PatientRecord, Word
from microrelief.web.people.actor import Actor
from microrelief.web.people.models import Person
from microrelief.web.people.permissions import Permission


class PhotoQuerySet(models.QuerySet["Photo"]):
    """Photographs, as far as somebody may know of them."""

    def for_user(self, actor: Actor) -> "PhotoQuerySet":
        """Those of patients this person sees."""
        if not actor.may(Permission.SEE_PHOTOS):
            return self.none()
        return of_patients(actor, self)  # type: ignore[return-value]


class Photo(PatientRecord):
    """A photograph as it came, with copies to look at."""

    VIEWS = (
        ("front", "front"),
        ("left_45", "left 45°"),
        ("right_45", "right 45°"),
        ("left_90", "left 90°"),
        ("right_90", "right 90°"),
        ("close_up", "close-up"),
        ("other", "other"),
    )

    unsealed_fields = frozenset(
        {"wrapped_key"}
    )  # wrapped anew when the photograph moves; the blobs are sealed
    later_fields: ClassVar[dict[str, Any]] = {"from_diary": False}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="photos")
    view = models.CharField(max_length=12, choices=VIEWS, default="front")
    taken_at = models.DateTimeField(null=True)
    """What the camera's clock said. Cameras write no zone: kept, and shown, as they wrote it."""
    added_at = models.DateTimeField(default=timezone.now)
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    """None is the patient, through the link of a diary."""
    from_diary = models.BooleanField(default=False)
    """Taken at home: no standard photograph, in no set, and no baseline."""
    sha256 = models.CharField(max_length=64, db_index=True)
    """Of the original, as it came; stands in the trail too."""
    media_type = models.CharField(max_length=40)
    size = models.PositiveBigIntegerField()
    rows = models.PositiveIntegerField()
    columns = models.PositiveIntegerField()
    wrapped_key = models.BinaryField(editable=False)
    removed_at = models.DateTimeField(null=True)

    file_name = Word("")
    """As it was called where it came from; a name of a patient may stand in it."""
    note = Word("")
    facts: Word[dict[str, object]] = Word({})
    """What the file says of camera, exposure and time."""
    remarks: Word[list[str]] = Word([])
    """What reading had to assume."""

    objects = PhotoQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["wrapped_key"])

    class Meta:
        ordering = (Coalesce("taken_at", "added_at").desc(), "-added_at")

    def __str__(self) -> str:
        return f"photo {self.pk}"

    def photo_key(self) -> PhotoKey:
        """The key of its files."""
        return self.key().photo_key(str(self.pk), bytes(self.wrapped_key))


class Blob(Sealed):
    """One encrypted file in the store, under a name that says nothing."""

    photo = models.ForeignKey(Photo, on_delete=models.PROTECT, related_name="blobs")
    kind = models.PositiveSmallIntegerField(choices=[(kind.value, kind.name.lower()) for kind in Kind])
    number = models.PositiveIntegerField(default=1)
    """Counts the files of one kind; part of what the encryption is bound to."""
    name = models.CharField(max_length=32, unique=True)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    """Of the encrypted bytes: the store can be checked without any key."""

    class Meta:
        constraints = [models.UniqueConstraint(name="one_blob_each", fields=("photo", "kind", "number"))]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.photo_id}"
