"""A dated plan becomes an ICS calendar (RFC 5545): one all-day event a step, no clock read, no person
named."""

from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256

from microrelief.pathway.finding import Outcome, Step

_LINE_OCTETS = 75  # RFC 5545, 3.1: a content line is folded after 75 octets


def plan_calendar(outcome: Outcome) -> str:
    """The steps of `outcome` as an ICS text, stamped with the day the plan was made for, lines ended by CR
    LF.

    The same plan gives the same bytes, and the same identifiers, so that a calendar updates instead of
    doubling.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Microrelief//pathway//EN", "CALSCALE:GREGORIAN"]
    for step in outcome.steps:
        lines += _event(step, f"{outcome.on:%Y%m%d}T000000Z")
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _fold(line))


def _event(step: Step, stamp: str) -> list[str]:
    last = step.until or step.on
    uid = sha256(f"{step.rule.id}|{step.on}|{step.says}".encode()).hexdigest()[:32]
    title = step.says.split(".")[0].split(":")[0]
    return [
        "BEGIN:VEVENT",
        f"UID:{uid}@microrelief",
        f"DTSTAMP:{stamp}",
        f"DTSTART;VALUE=DATE:{step.on:%Y%m%d}",
        f"DTEND;VALUE=DATE:{last + timedelta(days=1):%Y%m%d}",  # the end is exclusive
        f"SUMMARY:{_escape(title)}",
        f"DESCRIPTION:{_escape(step.says)}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _escape(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\n", "\\n")


def _fold(line: str) -> Iterator[str]:
    """Break after 75 octets without breaking a character; what follows begins with a space."""
    piece = ""
    for letter in line:
        if len((piece + letter).encode()) > _LINE_OCTETS:
            yield piece
            piece = " "
        piece += letter
    yield piece
