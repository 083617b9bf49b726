"""How many photographs each person took out, as long as this process lives; nothing is written for a look.

A bucket that fills slowly: leafing through the day's patients never empties it, a script does in seconds.
A photograph that was let out within the hour is let out again for nothing.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from uuid import UUID

AT_ONCE = 40
"""Photographs that may be opened one straight after another: at one a second, with what runs in meanwhile, 48
(evidence T20: 50 at most).
"""
ONE_MORE_EVERY_SECONDS = 6.0
"""Ten a minute: a clinician who opens a patient with thirty photographs every three minutes is not slowed."""
MOST_AN_HOUR = 400
NOTICED_AN_HOUR, NOTICED_A_DAY = 200, 600
"""The owner is told of so many; a full day of thirty patients with twenty photographs each is 600."""
MOST_REFUSED_A_MINUTE = 30
"""A page that shows too many waits; whoever keeps asking is stopped."""
AFTER_A_RELEASE = 1000
"""Photographs that a release lets through, within its hour."""
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
HOURS_A_DAY = 24

Look = tuple[UUID, str]
"""Photograph, and whether as a copy or as the original."""


class Wait(Exception):
    """Not now; in so many seconds."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(seconds)


class Stopped(Exception):
    """Not until somebody says so; after so many photographs within the hour."""

    def __init__(self, photos: int) -> None:
        self.photos = photos
        super().__init__(photos)


@dataclass(frozen=True)
class Noticed:
    """So many photographs within so many hours."""

    photos: int
    hours: int


@dataclass
class Count:
    """What one person took out."""

    left: float = AT_ONCE
    filled_at: float = 0.0
    looks: dict[Look, float] = field(default_factory=dict)
    """Each photograph let out within the hour, the oldest first."""
    times: deque[float] = field(default_factory=deque)
    """Of everything that counted within the day."""
    refused: deque[float] = field(default_factory=deque)
    released_until: float = 0.0
    released_left: int = 0
    noticed_at: float = -DAY

    def take(self, looks: Iterable[Look], now: float) -> None:
        """Let them out, all or none. Raises Wait, or Stopped."""
        self._forget(now)
        new = [look for look in dict.fromkeys(looks) if look not in self.looks]
        if not new:
            return
        if now < self.released_until and self.released_left >= len(new):
            self.released_left -= len(new)
        else:
            self._refuse_too_many(len(new), now)
            self.left -= len(new)
        for look in new:
            self.looks[look] = now
            self.times.append(now)

    def noticeable(self, now: float) -> Noticed | None:
        """What the owner should hear of; once an hour."""
        found = None
        if len(self.looks) >= NOTICED_AN_HOUR:
            found = Noticed(len(self.looks), 1)
        elif len(self.times) >= NOTICED_A_DAY:
            found = Noticed(len(self.times), HOURS_A_DAY)
        if found is None or now - self.noticed_at <= HOUR:
            return None
        self.noticed_at = now
        return found

    def release(self, now: float) -> None:
        """Somebody said that it is right."""
        self.left, self.filled_at = AT_ONCE, now
        self.released_until, self.released_left = now + HOUR, AFTER_A_RELEASE
        self.refused.clear()

    def _refuse_too_many(self, new: int, now: float) -> None:
        self.left = min(AT_ONCE, self.left + (now - self.filled_at) / ONE_MORE_EVERY_SECONDS)
        self.filled_at = now
        if len(self.looks) + new > MOST_AN_HOUR or new > AT_ONCE:
            raise Stopped(len(self.looks))
        if new > self.left:
            self.refused.append(now)
            if len(self.refused) > MOST_REFUSED_A_MINUTE:
                raise Stopped(len(self.looks))
            raise Wait((new - self.left) * ONE_MORE_EVERY_SECONDS)

    def _forget(self, now: float) -> None:
        while self.refused and now - self.refused[0] > MINUTE:
            self.refused.popleft()
        while self.times and now - self.times[0] > DAY:
            self.times.popleft()
        for look, at in list(self.looks.items()):
            if now - at <= HOUR:
                break
            del self.looks[look]


class Counts:
    """Everybody's."""

    def __init__(self) -> None:
        self._counts: dict[UUID, Count] = {}
        self._lock = Lock()

    @contextmanager
    def of(self, person_id: UUID) -> Iterator[Count]:
        """One person's, alone."""
        with self._lock:
            yield self._counts.setdefault(person_id, Count())


counts = Counts()
