"""Changes over the visits become a drawing: each against the baseline, with its interval.

Plain SVG without styles of its own. Every number in it stands in the table beside it as well; a pair that
could not be compared has its place on the axis and no point.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from django.utils.formats import date_format
from markupsafe import Markup

from microrelief.web.languages.sentences import spoken

WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, TOP, BOTTOM = 58, 626, 18, 206
SPANS = (20, 30, 50, 75, 100, 150, 200, 300)
CAP = 5
NEAR_PX = 64
"""Dates nearer to each other than this are not both written."""
MINUS = "\u2212"
Across: TypeAlias = Callable[[date], float]
"""A day to its place in the drawing."""
Up: TypeAlias = Callable[[float], float]
"""A percentage to its place in the drawing."""


@dataclass(frozen=True)
class Point:
    """One visit: the change since the baseline in percent, None where the pair gives no number."""

    on: date
    change: float | None
    low: float | None
    high: float | None
    detectable: float | None
    verdict: str
    early: bool = False


def series_chart(
    title: str, less: str, more: str, baseline: date, points: Sequence[Point], sessions: Sequence[date]
) -> Markup:
    """The drawing of one measure. `less` and `more` name the two directions."""
    last = max([point.on for point in points] + [baseline])
    days = max(1, (last - baseline).days)
    span = _span(points)
    middle = (TOP + BOTTOM) / 2

    def across(day: date) -> float:
        return LEFT + 14 + (RIGHT - LEFT - 28) * (day - baseline).days / days

    def up(percent: float) -> float:
        return middle - max(-1.0, min(1.0, percent / span)) * (BOTTOM - TOP) / 2

    parts = [_band(baseline, points, across, up), _grid(span, up)]
    parts.append(
        _joined(
            '<line class="c-session" x1="{0:.1f}" x2="{0:.1f}" y1="{1}" y2="{2}"/>',
            ((across(day), TOP, BOTTOM) for day in sessions if baseline <= day <= last),
        )
    )
    drawn = [point for point in points if point.change is not None]
    path = " ".join(f"L{across(point.on):.1f} {up(point.change or 0):.1f}" for point in drawn)
    parts.append(
        _drawn('<path class="c-line" d="M{:.1f} {:.1f} {}"/>', across(baseline), up(0), path)
        if drawn
        else Markup("")
    )
    parts.append(_drawn('<circle class="c-base" cx="{:.1f}" cy="{:.1f}" r="5"/>', across(baseline), up(0)))
    parts += [_mark(point, across(point.on), up) for point in points]
    parts.append(_dates(baseline, points, across))
    parts.append(_drawn('<text class="c-end" x="{}" y="{}">{}</text>', LEFT, 12, f"▴ {spoken(more)}"))
    parts.append(
        _drawn('<text class="c-end" x="{}" y="{}">{}</text>', LEFT, BOTTOM + 14, f"▾ {spoken(less)}")
    )
    return _drawn(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        WIDTH,
        HEIGHT,
        _told(title, points),
        Markup("").join(parts),
    )


def _drawn(form: str, *values: object) -> Markup:
    return Markup(form).format(*values)


def _joined(form: str, rows: Iterable[tuple[object, ...]]) -> Markup:
    return Markup("").join(_drawn(form, *row) for row in rows)


def _span(points: Sequence[Point]) -> int:
    reach = max(
        [20.0]
        + [
            abs(n)
            for p in points
            for n in (p.change, p.low, p.high, p.detectable)
            if n is not None and math.isfinite(n)
        ]
    )
    return next((span for span in SPANS if span >= reach * 1.08), SPANS[-1])


def _band(baseline: date, points: Sequence[Point], across: Across, up: Up) -> Markup:
    """What each pair could not have shown, joined from visit to visit."""
    known = [(across(p.on), p.detectable) for p in points if p.detectable is not None]
    if not known:
        return Markup("")
    edge = [(across(baseline), known[0][1]), *known]
    above = [f"{x:.1f} {up(found):.1f}" for x, found in edge]
    below = [f"{x:.1f} {up(-found):.1f}" for x, found in reversed(edge)]
    return _drawn('<path class="c-band" d="M{}Z"/>', "L".join([*above, *below]))


def _grid(span: int, up: Up) -> Markup:
    step = next(step for step in (10, 20, 25, 50, 100) if span / step <= 3)
    rows = []
    for tick in range(-(span // step) * step, span + 1, step):
        label = "0" if tick == 0 else f"{'+' if tick > 0 else MINUS}{abs(tick)} %"
        rows.append(
            (
                ("c-zero" if tick == 0 else "c-grid"),
                LEFT,
                RIGHT,
                up(tick),
                up(tick),
                LEFT - 6,
                up(tick) + 4,
                label,
            )
        )
    return _joined(
        '<line class="{}" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>'
        '<text class="c-tick" x="{}" y="{:.1f}" text-anchor="end">{}</text>',
        rows,
    )


def _mark(point: Point, x: float, up: Up) -> Markup:
    if point.change is None or point.low is None or point.high is None:
        return _drawn('<text class="c-none" x="{:.1f}" y="{}" text-anchor="middle">✕</text>', x, BOTTOM - 4)
    return _drawn(
        '<g class="c-{}{}"><path class="c-bar" d="M{:.1f} {:.1f}V{:.1f}M{:.1f} {:.1f}h{}M{:.1f} {:.1f}h{}"/>'
        '<circle class="c-dot" cx="{:.1f}" cy="{:.1f}" r="6"/></g>',
        point.verdict.replace(" ", "-"),
        " c-early" if point.early else "",
        x,
        up(point.low),
        up(point.high),
        x - CAP,
        up(point.low),
        2 * CAP,
        x - CAP,
        up(point.high),
        2 * CAP,
        x,
        up(point.change),
    )


def _dates(baseline: date, points: Sequence[Point], across: Across) -> Markup:
    rows, free = [], -math.inf
    for day in [baseline, *(point.on for point in points)]:
        x = across(day)
        if x - free >= NEAR_PX:
            rows.append(
                (
                    min(max(x, LEFT + 14), RIGHT - 22),
                    BOTTOM + 32,
                    date_format(day, "j M"),
                    date_format(day, "Y"),
                )
            )
            free = x
    return _joined(
        '<text class="c-tick" x="{0:.1f}" y="{1}" text-anchor="middle"><tspan>{2}</tspan>'
        '<tspan x="{0:.1f}" dy="1.2em">{3}</tspan></text>',
        rows,
    )


def _told(title: str, points: Sequence[Point]) -> str:
    said = [
        spoken(f"{point.on}: not comparable")
        if point.change is None or point.low is None or point.high is None
        else spoken(f"{point.on}: {point.change:.0f} percent, interval {point.low:.0f} to {point.high:.0f}")
        for point in points
    ]
    return f"{spoken(f'{title} since the baseline.')} {'; '.join(said)}"
