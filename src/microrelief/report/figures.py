"""Outcomes become small drawings: a dot with its interval against zero, a colour scale, a map of the zones.

Plain SVG. Every number in it also stands in the text beside it; every text from outside is escaped.
"""

import math
from collections.abc import Iterable

import numpy as np
from markupsafe import Markup, escape

from microrelief.imaging.change.outcome import Change, Outcome, Verdict
from microrelief.report import wording
from microrelief.report.layers import Frame, diverging_colours, outline_path

_SPANS = (20, 30, 50, 75, 100, 150, 200, 300, 500)


def common_span(outcomes: Iterable[Outcome]) -> int:
    """How far the axes reach on both sides, percent, so that figures beside each other can be compared."""
    reach = 0.0
    for outcome in outcomes:
        numbers = (outcome.low, outcome.high, outcome.change_percent, outcome.detectable_percent)
        reach = max([reach, *(abs(n) for n in numbers if n is not None and math.isfinite(n))])
    return next((span for span in _SPANS if span >= reach * 1.05), _SPANS[-1])


def interval_figure(key: str, outcome: Outcome, span: int) -> Markup:
    """The change as a dot with its 95 % interval against zero; what the pair could not show is shaded."""
    width, height, left, right, middle = 360, 108, 14, 346, 44
    scale = _Axis(left, right, span)
    said = wording.measure(key)
    parts: list[Markup] = []
    if outcome.detectable_percent is not None:
        parts.append(_band(scale, outcome.detectable_percent, 16, 72))
        parts.append(
            Markup(
                '<text class="f-note" x="{:.1f}" y="11" text-anchor="middle">could not be seen</text>'
            ).format(scale(0))
        )
    step = _tick_step(span)
    for tick in range(-span // step * step, span + 1, step):
        if abs(tick) > span:
            continue
        x = scale(tick)
        parts.append(
            Markup('<line class="{}" x1="{:.1f}" x2="{:.1f}" y1="16" y2="72"/>').format(
                "f-zero" if tick == 0 else "f-grid", x, x
            )
        )
        if abs(tick) <= span * 0.9:
            label = wording.signed(tick) if tick else "0"
            parts.append(
                Markup('<text class="f-tick" x="{:.1f}" y="87" text-anchor="middle">{}</text>').format(
                    x, label
                )
            )
    parts.append(Markup('<text class="f-end" x="{}" y="105">◂ {}</text>').format(left, said.less))
    parts.append(
        Markup('<text class="f-end" x="{}" y="105" text-anchor="end">{} ▸</text>').format(right, said.more)
    )
    parts.append(_dot(scale, outcome, middle, 7, 9))
    return _svg("figure", width, height, wording.sentence(key, outcome), parts)


def small_interval_figure(key: str, outcome: Outcome, span: int) -> Markup:
    """The same for a table: no ticks, no words."""
    width, height = 150, 22
    scale = _Axis(4, 146, span)
    parts = [] if outcome.detectable_percent is None else [_band(scale, outcome.detectable_percent, 2, 20)]
    parts.append(Markup('<line class="f-zero" x1="{0:.1f}" x2="{0:.1f}" y1="1" y2="21"/>').format(scale(0)))
    parts.append(_dot(scale, outcome, 11, 4, 4.5))
    return _svg("figure-small", width, height, wording.sentence(key, outcome), parts)


def colour_scale(limit: float) -> Markup:
    """The colours of a map from -limit to +limit, with the numbers below."""
    colours = diverging_colours(41)
    parts = [
        Markup('<rect x="{:.2f}" y="0" width="7.6" height="12" fill="rgb({},{},{})"/>').format(
            6 + 7.2 * n, *map(int, colour)
        )
        for n, colour in enumerate(colours)
    ]
    for value, x, anchor in ((-limit, 6, "start"), (0.0, 154, "middle"), (limit, 302, "end")):
        text = f"{'−' if value < 0 else '+' if value > 0 else ''}{abs(value):g}"
        parts.append(
            Markup('<text class="f-tick" x="{}" y="26" text-anchor="{}">{}</text>').format(x, anchor, text)
        )
    return _svg(
        "figure-scale",
        308,
        30,
        f"Colour scale from −{limit:g} (blue) over 0 (near white) to +{limit:g} (orange)",
        parts,
    )


def zone_figure(change: Change, frame: Frame, numbers: dict[str, int]) -> Markup:
    """Where the zones lie, numbered as in the table. The patient's right is on the left."""
    parts = []
    for zone, number in numbers.items():
        mask = change.pair.zones.get(zone)
        if mask is None or not mask.any():
            continue
        parts.append(Markup('<path class="z-area" d="{}"/>').format(outline_path(mask, frame)))
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        x, y = float(columns.mean()) * frame.share, float(rows.mean()) * frame.share
        size = max(frame.width, frame.height) / 30
        parts.append(
            Markup(
                '<text class="z-number" x="{:.0f}" y="{:.0f}" font-size="{:.0f}" '
                'text-anchor="middle">{}</text>'
            ).format(x, y + size / 3, size, number)
        )
    if not parts:
        return Markup("")
    points = change.pair.landmarks * frame.share
    low, high = points.min(axis=0) - 10, points.max(axis=0) + 10
    box = f"{low[1]:.0f} {low[0]:.0f} {high[1] - low[1]:.0f} {high[0] - low[0]:.0f}"
    label = "Face zones, numbered as in the table; the patient’s right is on the left"
    return Markup('<svg class="zones" viewBox="{}" role="img" aria-label="{}">{}</svg>').format(
        box, label, Markup("").join(parts)
    )


class _Axis:
    """Percent to places between two ends; what lies beyond is drawn at the end."""

    def __init__(self, left: float, right: float, span: int) -> None:
        self._middle, self._half, self._span = (left + right) / 2, (right - left) / 2, span

    def __call__(self, value: float) -> float:
        return self._middle + self._half * max(-1.0, min(1.0, value / self._span))


def _tick_step(span: int) -> int:
    return next(step for step in (10, 20, 25, 50, 100, 200) if span / step <= 4)


def _band(scale: _Axis, detectable: float, top: int, bottom: int) -> Markup:
    left, right = scale(-detectable), scale(detectable)
    return Markup('<rect class="f-band" x="{:.1f}" y="{}" width="{:.1f}" height="{}"/>').format(
        left, top, right - left, bottom - top
    )


def _dot(scale: _Axis, outcome: Outcome, y: float, radius: float, half: float) -> Markup:
    mark = wording.verdict_mark(outcome)
    if (
        outcome.verdict is Verdict.NOT_COMPARABLE
        or outcome.change_percent is None
        or outcome.low is None
        or outcome.high is None
    ):
        return Markup(
            '<text class="f-none" x="{:.1f}" y="{:.1f}" text-anchor="middle">not comparable</text>'
        ).format(scale(0), y + 4)
    low, high, at = scale(outcome.low), scale(outcome.high), scale(outcome.change_percent)
    return Markup(
        '<g class="f-{}">'
        '<path class="f-bar" d="M{:.1f} {:.1f}H{:.1f}M{:.1f} {:.1f}V{:.1f}M{:.1f} {:.1f}V{:.1f}"/>'
        '<circle class="f-dot" cx="{:.1f}" cy="{:.1f}" r="{}"/></g>'
    ).format(mark, low, y, high, low, y - half, y + half, high, y - half, y + half, at, y, radius)


def _svg(kind: str, width: int, height: int, label: str, parts: Iterable[Markup]) -> Markup:
    return Markup('<svg class="{}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        kind, width, height, escape(label), Markup("").join(parts)
    )
