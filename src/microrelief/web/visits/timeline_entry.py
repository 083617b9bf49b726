"""What an app may put on a patient's timeline and on the page of the day."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class TimelineEntry:
    """One line on the spine."""

    on: date
    at: datetime | None
    kind: str
    title: str
    line: str
    url: str
    badge: str = ""
    quote: str = ""
    """What somebody wrote: shown letter for letter, after the line, in whatever language it is."""


@dataclass(frozen=True)
class TodayItem:
    """One thing to do or to look at today."""

    kind: str
    urgent: bool
    title: str
    line: str
    url: str
