"""One session's entries become curves: a sign's strength by the time since the session.

The band is the time in which the rules say that the sign is usual (their `from` and `to`); where they give
none, that is said. Nought is the person's own usual skin. Earlier sessions of the person lie under it.
Time runs by its square root: the first hours tell most.
"""

from dataclasses import dataclass
from datetime import datetime
from math import sqrt

from django.utils import timezone
from django.utils.translation import gettext as _

from microrelief.pathway.recovery import HOURS_A_DAY, SHORT_NEEDLE_MM
from microrelief.pathway.rulebook import Rule, RulesOfTheDay
from microrelief.web.recovery.models import SIGNS, STRENGTHS, DiaryEntry
from microrelief.web.recovery.session import facts_of_session, hours_after
from microrelief.web.recovery.words import sign_words
from microrelief.web.sheets.answers import the_book
from microrelief.web.treatments.models import Treatment

LEAST_HOURS = 7 * HOURS_A_DAY
WIDTH, HEIGHT = 520, 150
LEFT, RIGHT, TOP, BOTTOM = 84, 8, 10, 26
TICKS = (
    *((hours, f"{hours} h") for hours in (6,)),
    *((days * HOURS_A_DAY, f"{days} d") for days in (1, 2, 3, 5, 7, 14, 28, 56, 183)),
)


@dataclass(frozen=True)
class Point:
    """One answer, where it lies in the drawing."""

    x: float
    y: float
    says: str


@dataclass(frozen=True)
class Band:
    """When the sign is usual."""

    x: float
    width: float
    says: str


@dataclass(frozen=True)
class Curve:
    """The drawing of one sign."""

    sign: str
    title: str
    points: list[Point]
    earlier: list[str]
    """Polylines of earlier sessions."""
    band: Band | None
    note: str
    levels: list[tuple[float, str]]
    ticks: list[tuple[float, str]]

    @property
    def line(self) -> str:
        """The points as a polyline."""
        return " ".join(f"{point.x:g},{point.y:g}" for point in self.points)

    @property
    def says(self) -> str:
        """The whole curve in words."""
        return "; ".join(point.says for point in self.points) or _("nothing was written yet")


def curves_of(
    treatment: Treatment, entries: list[DiaryEntry], earlier: list[list[DiaryEntry]]
) -> list[Curve]:
    """One curve for each sign, entries in the order of time."""
    rules = the_book(treatment.on).on(timezone.localdate())
    last = max((hours_after(treatment, one.at) for one in entries), default=0.0)
    most = max(float(LEAST_HOURS), last * 1.05)
    return [_curve(sign, treatment, entries, earlier, rules, most) for sign in SIGNS]


def _curve(
    sign: str,
    treatment: Treatment,
    entries: list[DiaryEntry],
    earlier: list[list[DiaryEntry]],
    rules: RulesOfTheDay,
    most: float,
) -> Curve:
    rule = _usual(sign, treatment, rules)
    band = None
    note = _("The rules say nothing of how long %(sign)s is usual.") % {"sign": sign_words(sign)}
    if rule is not None:
        scale = HOURS_A_DAY if rule.unit.startswith("days") else 1
        start, end = rule.number("from") * scale, min(rule.number("to") * scale, most)
        band = Band(_x(start, most), round(_x(end, most) - _x(start, most), 1), rule.says)
        note = rule.says
    return Curve(
        sign=sign,
        title=sign_words(sign).capitalize(),
        points=_points(sign, entries, most),
        earlier=[
            " ".join(f"{point.x:g},{point.y:g}" for point in points)
            for one in earlier
            if (points := _points(sign, one, most))
        ],
        band=band,
        note=note,
        levels=[(_y(at), str(words)) for at, words in enumerate(STRENGTHS)],
        ticks=[(_x(hours, most), words) for hours, words in TICKS if hours <= most],
    )


def _usual(sign: str, treatment: Treatment, rules: RulesOfTheDay) -> Rule | None:
    """The rule on how long the sign is usual, for this device."""
    if sign == "swelling":
        return rules["recovery.expect_swelling"]
    if sign != "redness":
        return None
    facts = facts_of_session(treatment)
    long_roller = facts.get("device") == "roller" and facts.get("needle_length_mm", 99) >= SHORT_NEEDLE_MM
    return rules["recovery.expect_redness_roller" if long_roller else "recovery.expect_redness_short"]


def _points(sign: str, entries: list[DiaryEntry], most: float) -> list[Point]:
    return [
        Point(_x(hours, most), _y(one.strength[sign]), f"{_at(one.at)}: {STRENGTHS[one.strength[sign]]}")
        for one in entries
        if sign in one.strength and (hours := hours_after(one.treatment, one.at)) <= most
    ]


def _x(hours: float, most: float) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * sqrt(hours / most), 1)


def _y(strength: int) -> float:
    return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - strength / (len(STRENGTHS) - 1)), 1)


def _at(at: datetime) -> str:
    return f"{timezone.localtime(at):%-d %B, %H:%M}"
