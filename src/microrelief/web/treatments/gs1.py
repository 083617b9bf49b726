"""The code on a package becomes lot, serial and expiry: GS1, with brackets or as a scanner types it.

01 product (14 digits), 17 expires (YYMMDD; day 00 is the month's last), 11 made, 10 lot and 21 serial (up to
20 signs, ended by the separator or the end). GS1 General Specifications, section 3.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date

SEPARATOR = "\x1d"
_FIXED = {"01": 14, "02": 14, "11": 6, "13": 6, "15": 6, "17": 6, "20": 2}
_BRACKETS = re.compile(r"\((\d{2,4})\)([^(]*)")


@dataclass(frozen=True)
class Package:
    """What a package says of itself; empty where it does not."""

    lot: str = ""
    serial: str = ""
    expires_on: str = ""
    made_on: str = ""


def read_package(text: str) -> Package | None:
    """What the code says, None where it is no such code."""
    found = _elements(text.strip())
    if not found.keys() & {"10", "17", "21"}:
        return None
    return Package(
        found.get("10", ""), found.get("21", ""), _day(found.get("17", "")), _day(found.get("11", ""))
    )


def _elements(text: str) -> dict[str, str]:
    if text.startswith("("):
        return {key: value.strip() for key, value in _BRACKETS.findall(text)}
    rest = text.removeprefix("]d2").removeprefix("]C1").removeprefix(SEPARATOR)
    found: dict[str, str] = {}
    while len(rest) > 2:
        key, rest = rest[:2], rest[2:]
        if key in _FIXED:
            found[key], rest = rest[: _FIXED[key]], rest[_FIXED[key] :].removeprefix(SEPARATOR)
        elif key in ("10", "21"):
            found[key], _, rest = rest.partition(SEPARATOR)
        else:
            return {}
    return found


def _day(text: str) -> str:
    if len(text) != 6 or not text.isdecimal():
        return ""
    year, month, day = 2000 + int(text[:2]), int(text[2:4]), int(text[4:])
    try:
        return date(year, month, day or calendar.monthrange(year, month)[1]).isoformat()
    except (ValueError, calendar.IllegalMonthError):
        return ""
