"""A patient's key, unwrapped when it is needed and kept only in memory."""

from collections import OrderedDict
from threading import Lock
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.utils import timezone

from microrelief.vault.keys import PatientKey
from microrelief.web.keyring import clinic_keys
from microrelief.web.refusals import OnHold

MOST_IN_MEMORY = 4096


class _Unwrapped:
    """Wrapped bytes -> key: the row decides each time, only the arithmetic is spared."""

    def __init__(self) -> None:
        self._keys: OrderedDict[tuple[UUID, bytes], PatientKey] = OrderedDict()
        self._lock = Lock()

    def get(self, patient_id: UUID, wrapped: bytes) -> PatientKey:
        with self._lock:
            found = self._keys.get((patient_id, wrapped))
        if found is None:
            found = clinic_keys().patient_key(str(patient_id), wrapped)
            with self._lock:
                self._keys[patient_id, wrapped] = found
                while len(self._keys) > MOST_IN_MEMORY:
                    self._keys.popitem(last=False)
        return found

    def forget(self, patient_id: UUID) -> None:
        with self._lock:
            for place in [place for place in self._keys if place[0] == patient_id]:
                del self._keys[place]


_unwrapped = _Unwrapped()


def make_key(patient_id: UUID) -> models.Model:
    """A new key for a new patient; call it before anything of theirs is saved."""
    row: models.Model = _rows().create(
        patient_id=patient_id, wrapped=clinic_keys().new_patient_key(str(patient_id))
    )
    return row


def key_of(patient_id: UUID) -> PatientKey:
    """The patient's key. Raises OnHold where it was destroyed."""
    return key_in(patient_id, _rows().filter(patient_id=patient_id).values_list("wrapped", flat=True).first())


def key_in(patient_id: UUID, wrapped: bytes | None) -> PatientKey:
    """The key that the row holds; for lists, whose rows were read together. Raises OnHold."""
    if wrapped is None:
        raise OnHold("This record was erased; nothing of it can be read any more.")
    return _unwrapped.get(patient_id, bytes(wrapped))


def destroy_key(patient_id: UUID) -> models.Model:
    """Empty the row; what the key encrypted is lost for good."""
    _rows().filter(patient_id=patient_id).update(wrapped=None, destroyed_at=timezone.now())
    _unwrapped.forget(patient_id)
    row: models.Model = _rows().get(patient_id=patient_id)
    return row


def _rows() -> models.Manager[Any]:
    """By name: the model is a neighbour that stands on this."""
    return apps.get_model("patients", "PatientKeyRow")._base_manager
