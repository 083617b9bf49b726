"""T18: rows, trail, photographs and head are changed: `python -m tests.vault.tamper --changes 1000`.

All but one are changes that somebody with the database and the folder of photographs could make without the
key file. Each is made on a clean clinic, must be found with the first bad entry or the photograph named, and
is undone; the clean clinic must be found sound every time.
"""

import argparse
import dataclasses
import hashlib
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from microrelief.errors import VaultError
from microrelief.vault.chain import Entry, Head, head_of, next_entry, verify
from microrelief.vault.envelope import HEADER, SEALED_SEGMENT_BYTES, Kind, opened, sealed
from microrelief.vault.keys import ClinicKeys, PatientKey

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
PHOTOS, PATIENTS = 40, 8


@dataclass(frozen=True)
class Row:
    """A photograph's row, and its blob."""

    patient: str
    key: bytes
    sha256: str
    blob: bytes


@dataclass(frozen=True)
class State:
    """All that somebody without the key file may change."""

    patients: dict[str, bytes]
    photos: dict[str, Row]
    trail: list[Entry]
    heads: list[Head]


@dataclass
class Tampered:
    tried: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)
    false_alarms: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        changes = sum(self.tried.values())
        return (
            f"T18: {changes} changes of {len(self.tried)} kinds, {changes - len(self.missed)} found and "
            f"named; {len(self.false_alarms)} false alarms in {changes} checks of what was clean; "
            f"{dict(self.tried)}" + "".join(f"\n    {miss}" for miss in (self.missed + self.false_alarms)[:5])
        )


def clean(keys: ClinicKeys, draw: random.Random) -> State:
    """A clinic as it should be: every photograph in the trail with its hash."""
    patients = {f"p{n}": keys.new_patient_key(f"p{n}") for n in range(PATIENTS)}
    photos, trail = {}, []
    for number in range(PHOTOS):
        photo_id, patient = f"f{number}", f"p{draw.randrange(PATIENTS)}"
        owner = keys.patient_key(patient, patients[patient])
        wrapped = owner.new_photo_key(photo_id)
        plain = draw.randbytes(draw.choice((1, 900, 70_000, 200_000)))
        row = Row(
            patient,
            wrapped,
            hashlib.sha256(plain).hexdigest(),
            sealed(owner.photo_key(photo_id, wrapped), Kind.ORIGINAL, plain),
        )
        photos[photo_id] = row
        event = {"did": "photo.keep", "photo": photo_id, "patient": patient, "sha256": row.sha256}
        trail.append(next_entry(keys, trail[-1] if trail else None, event, NOW + timedelta(minutes=number)))
        for view in range(draw.randrange(5)):
            event = {"did": "photo.view", "photo": photo_id, "who": f"u{view}"}
            trail.append(next_entry(keys, trail[-1], event, NOW + timedelta(minutes=number)))
    return State(patients, photos, trail, [head_of(keys, trail[-1], NOW)])


def fault(keys: ClinicKeys, state: State) -> str:
    """What is found: "entry N", or "photo ID"; "" where all is as it was written."""
    verdict = verify(iter(state.trail), keys.audit_keys(), state.heads)
    if not verdict.whole:
        return f"entry {verdict.first_bad}"
    told = {}
    for entry in state.trail:
        if '"did":"photo.keep"' in entry.event:
            told[entry.event.split('"photo":"')[1].split('"')[0]] = entry.event
    for photo_id in told.keys() | state.photos.keys():
        row = state.photos.get(photo_id)
        try:
            if row is None:
                return f"photo {photo_id}"
            owner: PatientKey = keys.patient_key(row.patient, state.patients[row.patient])
            plain = opened(owner.photo_key(photo_id, row.key), Kind.ORIGINAL, row.blob)
        except VaultError:
            return f"photo {photo_id}"
        sha256 = hashlib.sha256(plain).hexdigest()
        if sha256 != row.sha256 or f'"sha256":"{sha256}"' not in told.get(photo_id, ""):
            return f"photo {photo_id}"
    return ""


Change = Callable[[State, random.Random], tuple[State, str]]
"""A changed state, and what must be found."""


def edit_entry(state: State, draw: random.Random) -> tuple[State, str]:
    at = draw.randrange(len(state.trail))
    entry = state.trail[at]
    name = draw.choice([field.name for field in dataclasses.fields(Entry)])
    value = getattr(entry, name)
    if isinstance(value, int):
        changed: object = value + draw.choice((-1, 1, 1000))
    else:
        place = draw.randrange(len(value))
        other = draw.choice([c for c in "0123456789abcdefZ" if c != value[place]])
        changed = value[:place] + other + value[place + 1 :]
    trail = [*state.trail]
    trail[at] = dataclasses.replace(entry, **{name: changed})
    return dataclasses.replace(state, trail=trail), f"entry {at + 1}"


def remove_entry(state: State, draw: random.Random) -> tuple[State, str]:
    at = draw.randrange(len(state.trail))
    return dataclasses.replace(state, trail=state.trail[:at] + state.trail[at + 1 :]), f"entry {at + 1}"


def remove_and_number_anew(state: State, draw: random.Random) -> tuple[State, str]:
    at = draw.randrange(len(state.trail))
    after = [dataclasses.replace(entry, sequence=entry.sequence - 1) for entry in state.trail[at + 1 :]]
    return dataclasses.replace(state, trail=state.trail[:at] + after), f"entry {at + 1}"


def swap_entries(state: State, draw: random.Random) -> tuple[State, str]:
    first, second = sorted(draw.sample(range(len(state.trail)), 2))
    trail = [*state.trail]
    trail[first], trail[second] = trail[second], trail[first]
    return dataclasses.replace(state, trail=trail), f"entry {first + 1}"


def cut_the_tail(state: State, draw: random.Random) -> tuple[State, str]:
    left = draw.randrange(len(state.trail))
    return dataclasses.replace(state, trail=state.trail[:left]), f"entry {left + 1}"


def go_on_from_yesterday(keys: ClinicKeys) -> Change:
    """The database was put back and used: entries since are signed, but are not those the head knows."""

    def change(state: State, draw: random.Random) -> tuple[State, str]:
        left, length = draw.randrange(1, len(state.trail)), len(state.trail)
        trail = state.trail[:left]
        while len(trail) < length + draw.randrange(3):
            trail.append(next_entry(keys, trail[-1], {"did": "photo.view", "photo": "f0"}, NOW))
        return dataclasses.replace(state, trail=trail), f"entry {length}"

    return change


def sign_with_another_key(other: ClinicKeys) -> Change:
    """From some entry on, the whole trail and its head are made anew by somebody with keys of their own."""

    def change(state: State, draw: random.Random) -> tuple[State, str]:
        at = draw.randrange(len(state.trail))
        trail = state.trail[:at]
        for _ in state.trail[at:]:
            forged = next_entry(other, trail[-1] if trail else None, {"did": "other"}, NOW)
            if draw.random() < 0.5:  # claiming the clinic's own key
                forged = dataclasses.replace(forged, key_id=state.trail[0].key_id)
            trail.append(forged)
        return dataclasses.replace(state, trail=trail), f"entry {at + 1}"

    return change


def forge_the_head(other: ClinicKeys) -> Change:
    def change(state: State, draw: random.Random) -> tuple[State, str]:
        left = draw.randrange(1, len(state.trail))
        head = head_of(other, state.trail[left - 1], NOW)
        if draw.random() < 0.5:
            head = dataclasses.replace(head, key_id=state.heads[0].key_id)
        return dataclasses.replace(state, trail=state.trail[:left], heads=[head]), f"entry {left}"

    return change


def change_a_byte(state: State, draw: random.Random) -> tuple[State, str]:
    photo_id, row = _any_photo(state, draw)
    blob = bytearray(row.blob)
    blob[draw.randrange(len(blob))] ^= draw.randrange(1, 256)
    return _with_photo(state, photo_id, dataclasses.replace(row, blob=bytes(blob)))


def cut_a_blob(state: State, draw: random.Random) -> tuple[State, str]:
    photo_id, row = _any_photo(state, draw)
    whole_segments = range(HEADER.size, len(row.blob), SEALED_SEGMENT_BYTES)
    length = draw.choice([draw.randrange(len(row.blob)), draw.choice(whole_segments)])
    return _with_photo(state, photo_id, dataclasses.replace(row, blob=row.blob[:length]))


def lengthen_a_blob(state: State, draw: random.Random) -> tuple[State, str]:
    photo_id, row = _any_photo(state, draw)
    longer = row.blob + draw.choice([b"\0", row.blob[HEADER.size :], row.blob])
    return _with_photo(state, photo_id, dataclasses.replace(row, blob=longer))


def swap_two_blobs(state: State, draw: random.Random) -> tuple[State, str]:
    """Before for after, or one patient's face for another's."""
    first, second = draw.sample(sorted(state.photos), 2)
    one, other = state.photos[first], state.photos[second]
    photos = {
        **state.photos,
        first: dataclasses.replace(one, blob=other.blob),
        second: dataclasses.replace(other, blob=one.blob),
    }
    return dataclasses.replace(state, photos=photos), f"photo {first}|photo {second}"


def swap_two_rows(state: State, draw: random.Random) -> tuple[State, str]:
    """With keys and hashes and all."""
    first, second = draw.sample(sorted(state.photos), 2)
    photos = {**state.photos, first: state.photos[second], second: state.photos[first]}
    return dataclasses.replace(state, photos=photos), f"photo {first}|photo {second}"


def file_under_another_patient(state: State, draw: random.Random) -> tuple[State, str]:
    photo_id, row = _any_photo(state, draw)
    other = draw.choice([patient for patient in sorted(state.patients) if patient != row.patient])
    return _with_photo(state, photo_id, dataclasses.replace(row, patient=other))


def change_a_hash(state: State, draw: random.Random) -> tuple[State, str]:
    photo_id, row = _any_photo(state, draw)
    return _with_photo(state, photo_id, dataclasses.replace(row, sha256=hashlib.sha256(row.blob).hexdigest()))


def remove_a_photo(state: State, draw: random.Random) -> tuple[State, str]:
    photo_id, _ = _any_photo(state, draw)
    photos = {name: row for name, row in state.photos.items() if name != photo_id}
    return dataclasses.replace(state, photos=photos), f"photo {photo_id}"


def change_pixels_with_the_keys(keys: ClinicKeys) -> Change:
    """Somebody inside changes the picture, encrypts it properly and writes its hash into the row."""

    def change(state: State, draw: random.Random) -> tuple[State, str]:
        photo_id, row = _any_photo(state, draw)
        owner = keys.patient_key(row.patient, state.patients[row.patient])
        key = owner.photo_key(photo_id, row.key)
        plain = bytearray(opened(key, Kind.ORIGINAL, row.blob))
        plain[draw.randrange(len(plain))] ^= 1
        changed = Row(
            row.patient, row.key, hashlib.sha256(plain).hexdigest(), sealed(key, Kind.ORIGINAL, bytes(plain))
        )
        return _with_photo(state, photo_id, changed)

    return change


def _any_photo(state: State, draw: random.Random) -> tuple[str, Row]:
    photo_id = draw.choice(sorted(state.photos))
    return photo_id, state.photos[photo_id]


def _with_photo(state: State, photo_id: str, row: Row) -> tuple[State, str]:
    return dataclasses.replace(state, photos={**state.photos, photo_id: row}), f"photo {photo_id}"


def tampered(changes: int, folder: Path, seed: int = 0) -> Tampered:
    """Make so many changes, one at a time, and look whether each is found and named."""
    draw = random.Random(seed)
    keys, other = ClinicKeys.create(folder / "keys"), ClinicKeys.create(folder / "other")
    kinds: dict[str, Change] = {
        change.__name__: change
        for change in (
            edit_entry,
            remove_entry,
            remove_and_number_anew,
            swap_entries,
            cut_the_tail,
            change_a_byte,
            cut_a_blob,
            lengthen_a_blob,
            swap_two_blobs,
            swap_two_rows,
            file_under_another_patient,
            change_a_hash,
            remove_a_photo,
        )
    }
    kinds |= {
        "go_on_from_yesterday": go_on_from_yesterday(keys),
        "sign_with_another_key": sign_with_another_key(other),
        "forge_the_head": forge_the_head(other),
        "change_pixels_with_the_keys": change_pixels_with_the_keys(keys),
    }
    found = Tampered()
    state = clean(keys, draw)
    for number in range(changes):
        if number % 100 == 99:
            state = clean(keys, draw)  # another clinic
        if says := fault(keys, state):
            found.false_alarms.append(f"clean clinic at {number}: {says}")
        kind = draw.choice(sorted(kinds))
        changed, expected = kinds[kind](state, draw)
        found.tried[kind] += 1
        says = fault(keys, changed)
        if not says or says not in expected.split("|"):
            found.missed.append(f"{kind}: found {says or 'nothing'}, not {expected}")
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        result = tampered(given.changes, Path(name), given.seed)
    print(result)
    sys.exit(1 if result.missed or result.false_alarms or sum(result.tried.values()) < given.changes else 0)
