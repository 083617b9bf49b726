"""The audit trail as a chain: each entry is authenticated together with the one before it.

    entry = next_entry(keys, last, {"who": "u7", "did": "photo.view", "photo": "f1"}, now)
    ...insert the entry in the same transaction as what it tells of, commit, then:
    HeadFile(data / "trail.head").advance(head_of(keys, entry, now))
    found = verify(entries_in_order, keys.audit_keys(), [HeadFile(data / "trail.head").read()])

The keys are derived from the clinic's, so whoever has the database and not the key file cannot change, add,
move or remove an entry unnoticed. That the tail was cut off, or the whole database put back to yesterday's,
shows only against a signed head that is kept elsewhere: the head file beside the database, and any head that
was printed or sent away. Whoever has the key file too can write another trail; only heads outside the house
speak against that. Pure functions but for HeadFile.
"""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from microrelief.errors import BlobDamaged
from microrelief.vault import durable
from microrelief.vault.durable import in_plain_words
from microrelief.vault.keys import ClinicKeys

FIRST_PREVIOUS = "0" * 64
"""What the first entry has in the place of the entry before it."""

MOST_CLOCK_STEP = timedelta(minutes=5)
"""A clock that goes back further was set by someone (evidence T26); corrections by NTP are smaller."""

TIME_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


@dataclass(frozen=True)
class Entry:
    """One entry of the trail, as its row keeps it: numbers and text only."""

    sequence: int
    """From 1, without a gap."""
    at: str
    """UTC, with microseconds."""
    event: str
    """Canonical JSON of what happened."""
    previous: str
    """`mac` of the entry before."""
    key_id: str
    """Of the clinic key that was current."""
    mac: str
    """HMAC-SHA-256 of all the above, as hexadecimal."""


@dataclass(frozen=True)
class Head:
    """A signed word of how far the trail had come."""

    sequence: int
    entry_mac: str
    at: str
    key_id: str
    mac: str


@dataclass(frozen=True)
class ClockStep:
    """The clock stood earlier than before by more than MOST_CLOCK_STEP. Nothing is wrong with the chain."""

    sequence: int
    back: timedelta


@dataclass(frozen=True)
class Verdict:
    """What `verify` found."""

    entries: int
    """How many are in order, from the first."""
    first_bad: int | None = None
    """Sequence number at which the trail is no longer what was written; None where all is in order."""
    says: str = "The trail is whole."
    clock_steps: tuple[ClockStep, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether every entry is the one that was written."""
        return self.first_bad is None


def next_entry(keys: ClinicKeys, last: Entry | None, event: Mapping[str, Any], now: datetime) -> Entry:
    """The entry that follows `last`. `event` holds text, whole numbers, booleans, None, lists and mappings;
    ids and not names, for a trail cannot be corrected later. Raises ValueError for anything else.
    """
    sequence, previous = (last.sequence + 1, last.mac) if last else (1, FIRST_PREVIOUS)
    at, key_id, text = in_utc(now), keys.current_id.hex(), canonical(event)
    mac = _entry_mac(keys.audit_keys()[keys.current_id], sequence, at, text, previous, key_id)
    return Entry(sequence, at, text, previous, key_id, mac)


def clock_went_back(last: Entry | None, now: datetime) -> bool:
    """Whether the clock stands so much earlier than the last entry that nothing should be signed now."""
    return last is not None and _moment(last.at) - _moment(in_utc(now)) > MOST_CLOCK_STEP


def head_of(keys: ClinicKeys, entry: Entry, now: datetime) -> Head:
    """A head for the entry, signed with the current key. May be printed or sent away: it tells nothing."""
    at, key_id = in_utc(now), keys.current_id.hex()
    mac = _head_mac(keys.audit_keys()[keys.current_id], entry.sequence, entry.mac, at, key_id)
    return Head(entry.sequence, entry.mac, at, key_id, mac)


def verify(entries: Iterable[Entry], keys: Mapping[bytes, bytes], heads: Sequence[Head] = ()) -> Verdict:
    """Read the trail from its first entry, once, and name the first that is not as it was written.

    `keys` are `ClinicKeys.audit_keys()`; `heads` are all that were kept, in any order. An empty trail is in
    order unless a head says otherwise. Entries behind the latest head are checked but may be cut off
    unnoticed: advance the head after each commit.
    """
    by_hex = {key_id.hex(): key for key_id, key in keys.items()}
    for head in heads:
        key = by_hex.get(head.key_id)
        if key is None or not hmac.compare_digest(
            head.mac, _head_mac(key, head.sequence, head.entry_mac, head.at, head.key_id)
        ):
            says = (
                f"The head for entry {head.sequence} was not signed by this clinic; look where it comes from"
            )
            return Verdict(0, head.sequence, says)
    expected = {head.sequence: head.entry_mac for head in heads}
    if len({(head.sequence, head.entry_mac) for head in heads}) > len(expected):
        most = max(head.sequence for head in heads)
        return Verdict(0, most, "Two signed heads contradict each other: there were two trails")

    previous, sequence, latest = FIRST_PREVIOUS, 0, ""
    steps: list[ClockStep] = []
    for entry in entries:
        sequence += 1
        fault = _fault(entry, sequence, previous, by_hex, expected.get(sequence))
        if fault:
            return Verdict(sequence - 1, sequence, f"Entry {sequence} {fault}", tuple(steps))
        if entry.at >= latest:  # text in one format sorts as time does
            latest = entry.at
        elif (back := _moment(latest) - _moment(entry.at)) > MOST_CLOCK_STEP:  # in one step or in many
            steps.append(ClockStep(sequence, back))
            latest = entry.at  # told once, and not for every entry until the old time is reached
        previous = entry.mac
    furthest = max(expected, default=0)
    if furthest > sequence:
        says = (
            f"The trail ends with entry {sequence}, and a signed head says that there were {furthest}: its "
            "end was cut off, or an older database was put in its place"
        )
        return Verdict(sequence, sequence + 1, says, tuple(steps))
    return Verdict(sequence, clock_steps=tuple(steps))


def canonical(event: Mapping[str, Any]) -> str:
    """JSON that is the same for the same event: sorted names, no spaces, no fractions."""
    _refuse_what_changes(event)
    return json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def in_utc(moment: datetime) -> str:
    """The moment as entries write it. Raises ValueError where it has no time zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(UTC).strftime(TIME_FORMAT)


class HeadFile:
    """The latest head, in a file beside the database. Its threads and processes only ever move it forward."""

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self._lock = threading.Lock()

    def read(self) -> Head | None:
        """The head, None where there never was one. Raises BlobDamaged where the file is none of ours."""
        with in_plain_words("Reading the head of the trail"):
            try:
                data = self.path.read_bytes()
            except FileNotFoundError:
                return None
        try:
            found = json.loads(data)
            head = Head(**{field.name: found[field.name] for field in fields(Head)})
        except (KeyError, TypeError, ValueError, RecursionError):
            head = None
        if head is None or not _as_written(head):
            raise BlobDamaged(f"The head of the trail {self.path} is damaged; look who changed it")
        return head

    def advance(self, head: Head) -> None:
        """Write the head where it is further than the one that stands; on the disk when this returns.

        After the commit, never before: a head without its entry would cry wolf after a power cut.
        """
        with self._lock:
            standing = self.read()
            if standing is None or head.sequence > standing.sequence:
                with in_plain_words("Writing the head of the trail"):
                    durable.replace(self.path, (json.dumps(asdict(head)) + "\n").encode())


def _fault(
    entry: Entry, sequence: int, previous: str, keys: Mapping[str, bytes], head_says: str | None
) -> str:
    """What is wrong with the entry that stands at this place; "" where nothing is."""
    if entry.sequence != sequence:
        return f"is missing: number {entry.sequence} stands in its place"
    key = keys.get(entry.key_id)
    if key is None:
        return "was signed with a key that is not this clinic's"
    mac = _entry_mac(key, entry.sequence, entry.at, entry.event, entry.previous, entry.key_id)
    if not hmac.compare_digest(entry.mac, mac):
        return "was changed"
    if entry.previous != previous:
        return "does not follow the entry before it"
    if head_says not in (None, entry.mac):
        return "is not the one of which a signed head tells: the trail was written anew"
    return ""


def _entry_mac(key: bytes, sequence: int, at: str, event: str, previous: str, key_id: str) -> str:
    return _mac(key, ["entry", sequence, at, event, previous, key_id])


def _head_mac(key: bytes, sequence: int, entry_mac: str, at: str, key_id: str) -> str:
    return _mac(key, ["head", sequence, entry_mac, at, key_id])


def _mac(key: bytes, parts: list[str | int]) -> str:
    """ASCII JSON, so that any text, whatever a database made of it, has bytes to authenticate."""
    return hmac.digest(key, json.dumps(parts, separators=(",", ":")).encode(), hashlib.sha256).hex()


def _as_written(head: Head) -> bool:
    """Whether each part is of the kind that `verify` compares: it cannot compare other text than ASCII."""
    texts = (head.entry_mac, head.at, head.key_id, head.mac)
    return type(head.sequence) is int and all(isinstance(t, str) and t.isascii() for t in texts)


def _moment(at: str) -> datetime:
    return datetime.strptime(at, TIME_FORMAT).replace(tzinfo=UTC)


def _refuse_what_changes(value: Any) -> None:
    """Fractions and the like: databases write them in their own ways, and the entry would seem changed."""
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError("an event holds no zero characters: PostgreSQL cannot keep them")
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ValueError("an event holds no half characters: no database can keep them") from None
    elif isinstance(value, Mapping):
        for name, each in value.items():
            if not isinstance(name, str):
                raise ValueError(f"names in an event are text, not {type(name).__name__}")
            _refuse_what_changes(name)
            _refuse_what_changes(each)
    elif isinstance(value, list | tuple):
        for each in value:
            _refuse_what_changes(each)
    elif not (value is None or isinstance(value, bool | int)):
        raise ValueError(f"an event holds no {type(value).__name__}; write it as text")
