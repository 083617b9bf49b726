"""What every record of a patient is built on: its words are encrypted under that patient's key.

    class Visit(PatientRecord):
        patient = models.ForeignKey(Patient, on_delete=models.PROTECT)
        history = HistoricalRecords()
        findings = Word("")          # in `contents`, encrypted
        on = models.DateField()      # a plain column: nothing that tells who it is about

Columns are for what the database must search and sort by; words, names and answers are `Word`s. Destroying
the patient's key then erases them in every copy: rows, history, free pages, backups.
"""

import json
import os
from collections.abc import Iterator
from datetime import date
from typing import Any, ClassVar, Generic, TypeVar, overload
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.apps import apps
from django.db import models
from django.db.models import F

from microrelief.errors import BlobDamaged
from microrelief.vault.keys import AES_256_GCM, PatientKey, bound_to, derived
from microrelief.web.audit.models import Sealed
from microrelief.web.patients.keys import key_in, key_of
from microrelief.web.people.actor import Actor
from microrelief.web.refusals import EditConflict

NONCE_BYTES = 12
CONTENTS_VERSION = 1
Value = TypeVar("Value")


class Word(Generic[Value]):
    """An attribute that lives in the encrypted contents: text, number, list or mapping, as JSON has them."""

    def __init__(self, empty: Value) -> None:
        self.empty = empty

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        owner.words = (*getattr(owner, "words", ()), name)  # type: ignore[attr-defined]

    @overload
    def __get__(self, record: None, owner: type) -> "Word[Value]": ...
    @overload
    def __get__(self, record: "PatientRecord", owner: type) -> Value: ...
    def __get__(self, record: "PatientRecord | None", owner: type) -> "Word[Value] | Value":
        if record is None:
            return self
        found = record.opened.get(self.name)
        return self.empty if found is None else self.from_json(found)

    def __set__(self, record: "PatientRecord", value: Value) -> None:
        record.opened[self.name] = self.to_json(value)

    def from_json(self, found: Any) -> Value:
        """The value again."""
        return found  # type: ignore[no-any-return]

    def to_json(self, value: Value) -> Any:
        """What JSON can hold."""
        return value


class DateWord(Word[date | None]):
    """A day in the encrypted contents."""

    def __init__(self) -> None:
        super().__init__(None)

    def from_json(self, found: Any) -> date | None:
        """The day again."""
        return date.fromisoformat(found)

    def to_json(self, value: date | None) -> Any:
        """Year-month-day."""
        return value.isoformat() if value else None


class PatientRecord(Sealed):
    """A record of one patient. Subclasses have `patient`, or are the patient."""

    words: ClassVar[tuple[str, ...]] = ()

    id: Any
    contents = models.BinaryField(default=b"", editable=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True

    @property
    def whose(self) -> UUID:
        """The patient whose key encrypts it."""
        whose: UUID = self.patient_id  # type: ignore[attr-defined]
        return whose

    @property
    def opened(self) -> dict[str, Any]:
        """The contents, decrypted once."""
        if "_opened" not in self.__dict__:
            self._opened = (
                open_contents(bytes(self.contents), self.key(), self._place()) if self.contents else {}
            )
        return self._opened

    def key(self) -> PatientKey:
        """The patient's key. Raises OnHold once it is destroyed."""
        patient = self._state.fields_cache.get("patient", self)
        row = patient._state.fields_cache.get("key_row")
        return key_in(self.whose, row.wrapped) if row is not None else key_of(self.whose)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Encrypt what was changed, then save."""
        if "_opened" in self.__dict__:
            self.contents = seal_contents(self._opened, self.key(), self._place())
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*kwargs["update_fields"], "contents"}
        super().save(*args, **kwargs)

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        """Forget what was decrypted, too."""
        self.__dict__.pop("_opened", None)
        super().refresh_from_db(*args, **kwargs)

    def _place(self) -> bytes:
        return bound_to(str(self.whose), place_name(type(self)), str(self.pk))


def place_name(model: type[models.Model]) -> str:
    """The kind of record, the same for its history."""
    original = getattr(model, "instance_type", model)
    return str(original._meta.label_lower)


def save_change(record: PatientRecord, *, by: Actor, version: int, **changes: Any) -> None:
    """Save the changes if nobody else changed the record since `version`. Raises EditConflict with both.

    One conditional update decides who was first, on any database; the history gets the new version.
    """
    model = type(record)
    manager = model._base_manager
    if not manager.filter(pk=record.pk, version=version).update(version=F("version") + 1):
        raise EditConflict(manager.get(pk=record.pk), changes)
    record.refresh_from_db()
    _ = record.opened  # with the key of the patient the row names now: `changes` may name another
    for name, value in changes.items():
        setattr(record, name, value)
    record._history_user = by.person  # type: ignore[attr-defined]
    record.save()


def save_new(record: PatientRecord, *, by: Actor) -> None:
    """Save the first version."""
    record._history_user = by.person  # type: ignore[attr-defined]
    record.save(force_insert=True)


def record_models() -> Iterator[type[PatientRecord]]:
    """Every kind of record of a patient, the patient first: what an export holds and an erasure empties."""
    found = [
        model
        for model in apps.get_models()
        if issubclass(model, PatientRecord) and not hasattr(model, "instance_type")
    ]
    yield from sorted(
        found, key=lambda model: (model._meta.label_lower != "patients.patient", model._meta.label)
    )


def history_of(model: type[PatientRecord], patient_ids: list[UUID]) -> models.QuerySet[Any]:
    """All earlier versions of these patients' records of one kind."""
    whose = "id__in" if place_name(model) == "patients.patient" else "patient_id__in"
    found: models.QuerySet[Any] = model.history.filter(**{whose: patient_ids})  # type: ignore[attr-defined]
    return found


def open_version(version: models.Model) -> dict[str, Any]:
    """The contents of an earlier version, as `history` gives it."""
    model = version.instance_type  # type: ignore[attr-defined]
    row_id = version.id  # type: ignore[attr-defined]
    whose = row_id if place_name(model) == "patients.patient" else version.patient_id  # type: ignore[attr-defined]
    contents = bytes(version.contents)  # type: ignore[attr-defined]
    place = bound_to(str(whose), place_name(model), str(row_id))
    return open_contents(contents, key_of(whose), place) if contents else {}


def seal_contents(opened: dict[str, Any], key: PatientKey, place: bytes) -> bytes:
    """The contents encrypted: version, algorithm, id of the patient's key, nonce, AES-GCM of the JSON."""
    nonce = os.urandom(NONCE_BYTES)
    header = bytes((CONTENTS_VERSION, AES_256_GCM)) + key.id
    text = json.dumps(opened, ensure_ascii=False, separators=(",", ":")).encode()
    return header + nonce + AESGCM(derived(key.key, "records")).encrypt(nonce, text, header + place)


def open_contents(contents: bytes, key: PatientKey, place: bytes) -> dict[str, Any]:
    """The contents again. Raises BlobDamaged."""
    header, nonce = contents[:18], contents[18 : 18 + NONCE_BYTES]
    try:
        text = AESGCM(derived(key.key, "records")).decrypt(
            nonce, contents[18 + NONCE_BYTES :], header + place
        )
    except InvalidTag:
        raise BlobDamaged(
            "A record was changed by other means or belongs to another patient; restore it from a backup"
        ) from None
    opened: dict[str, Any] = json.loads(text)
    return opened
