"""A few letters become the patients that fit, among those somebody may see; names open in memory only."""

import unicodedata
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from threading import Lock
from uuid import UUID

from microrelief.web.patients.models import Patient
from microrelief.web.people.actor import Actor

MOST_IN_MEMORY = 20_000


@dataclass(frozen=True)
class Identity:
    """What a search and a warning of doubles compare."""

    names: frozenset[str]
    birth_date: date | None
    number: str


class _Identities:
    """(patient, version) -> identity. A new version is a new place; an erased patient is forgotten."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[UUID, int], Identity] = OrderedDict()
        self._lock = Lock()

    def of(self, patient: Patient) -> Identity:
        place = (patient.pk, patient.version)
        with self._lock:
            found = self._known.get(place)
        if found is None:
            found = Identity(
                frozenset(spelled(f"{patient.family_name} {patient.given_name}").split()),
                patient.birth_date,
                patient.record_number,
            )
            with self._lock:
                self._known[place] = found
                while len(self._known) > MOST_IN_MEMORY:
                    self._known.popitem(last=False)
        return found

    def forget(self, patient_id: UUID) -> None:
        with self._lock:
            for place in [place for place in self._known if place[0] == patient_id]:
                del self._known[place]


identities = _Identities()


def find_patients(actor: Actor, text: str) -> list[Patient]:
    """Every word must begin a name, or be number or birth date; no word finds all, in order of name."""
    words = spelled(text).split()
    found = [
        patient
        for patient in Patient.objects.for_user(actor).select_related("key_row")
        if _fits(identities.of(patient), words)
    ]
    return sorted(found, key=lambda patient: (spelled(patient.name), patient.number))


def similar(patients: Iterable[Patient], names: str, birth_date: date | None) -> list[Patient]:
    """Those who may be the same person: all names alike, or the same birthday and a name in common."""
    asked = frozenset(spelled(names).split())
    alike = []
    for patient in patients:
        known = identities.of(patient)
        same_day = birth_date is not None and known.birth_date == birth_date
        if known.names == asked or (same_day and known.names & asked):
            alike.append(patient)
    return alike


def spelled(text: str) -> str:
    """Lower case, without accents and hyphens: Ñ finds n, O'Neil finds oneil."""
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign)).casefold()
    return plain.replace("-", " ").replace("'", "").replace(",", " ").replace(".", " ")


def forget(patient_id: UUID) -> None:
    """Nothing of an erased patient stays in memory."""
    identities.forget(patient_id)


def _fits(known: Identity, words: list[str]) -> bool:
    born = known.birth_date.isoformat().replace("-", " ").split() if known.birth_date else []
    return all(
        any(name.startswith(word) for name in known.names)
        or (word.isdigit() and (known.number.lstrip("0") == word.lstrip("0") or word in born))
        for word in words
    )
