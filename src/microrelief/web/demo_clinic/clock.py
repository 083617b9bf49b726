"""The site's clock, set back while the demonstration's past is written.

Every time of the site comes from django.utils.timezone.now(); models keep that very function as a default, so
what stands behind it is changed, in the one process that seeds. It only ever goes forward: the trail's
moments do too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo

from django.utils import timezone

TICK = timedelta(milliseconds=40)
"""No two things happen in one moment."""


class Clock:
    """A moment that is set, and goes on by a tick with each look."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def to(self, moment: datetime) -> None:
        """Go forward to a moment; one that has passed changes nothing."""
        self._moment = max(self._moment, moment)

    def look(self) -> datetime:
        """The time."""
        self._moment += TICK
        return self._moment


@contextmanager
def set_back_to(moment: datetime) -> Iterator[Clock]:
    """The site's clock is the one given, until the block ends."""
    clock = Clock(moment)

    class Demonstration(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return clock.look().astimezone(tz)

    timezone.datetime = Demonstration  # type: ignore[attr-defined]
    try:
        yield clock
    finally:
        timezone.datetime = datetime  # type: ignore[attr-defined]
