"""Coloured marks: how much redness or pigment the marks have over the clear skin around them, and how that
changed.

Marks are the scars and whatever stands far out of the face's own colour. A mark's excess is its haemoglobin
(or melanin) less that of the skin around it, in the same photograph, in log light: exposure and white
balance, which add one number to the whole picture, drop out. B and A are the sums of their excess before and
after. The change is kept as d = (A - B) / ((A + B) / 2), which has one error whatever the sign and turns over
when the photographs are exchanged; ratio = (2 + d) / (2 - d).
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from microrelief.imaging.arrays import Floats, Mask, grown, shrunk, smooth_within
from microrelief.imaging.change.outcome import Outcome, Verdict
from microrelief.imaging.change.uncertain import Z95

FINE_MM, AROUND_MM = 0.5, 6.0
"""Gaussian standard deviations: of the mark itself and of the skin around it."""
STANDS_OUT = 5.0
"""Robust standard deviations of the face's own clear skin."""
LEAST_EXCESS = 0.015
"""Natural-log units of light: fainter marks are within what JPEG and demosaicing make up."""
FEWEST_MARKS = 3
LEAST_QUIET_PX = 500
LEAST_SIGNIFICANCE = 2.0
"""The marks' excess must be this many of its standard deviations above zero to have a change that means
anything."""
MODEL_DEVIATION = 0.06
"""Deviation of d on unchanged skin that no other term explains (rendered re-takes;
docs/methods/redness.md)."""
BOOTSTRAPS = 400
MOST_CHANGE_PERCENT = 400.0


@dataclass(frozen=True)
class Marks:
    """The marks of one colour on the common grid."""

    before: Floats
    """(H, W): excess over the skin around, natural-log units."""
    after: Floats
    labels: NDArray[np.int32]
    count: int


def find_marks(
    before_layer: Floats, after_layer: Floats, scars: Mask, valid: Mask, mm_per_pixel: float
) -> Marks:
    """The marks of one colour: every scar, found by its relief and not by its colour, and what stands far out
    of the skin.

    Scars are taken whatever their colour, so nothing is chosen by what is then measured; natural mottling
    stays out.

    Parameters: haemoglobin or melanin layer (H, W) of both from `skin.separate`; scars and valid skin (H, W).
    """
    usable = shrunk(valid, 2)
    quiet = usable & ~grown(scars, 1.0 / mm_per_pixel)
    if quiet.sum() < LEAST_QUIET_PX:
        return Marks(before_layer * 0, after_layer * 0, np.zeros(valid.shape, np.int32), 0)
    levels = [
        smooth_within(layer, usable, max(FINE_MM / mm_per_pixel, 1.0))
        for layer in (before_layer, after_layer)
    ]
    details = _over_surroundings(levels, usable, quiet, mm_per_pixel)
    mean = np.asarray((details[0] + details[1]) / 2, np.float32)
    coloured = usable & (mean > max(STANDS_OUT * _spread(mean[quiet]), LEAST_EXCESS))
    # around a mark, the surroundings are those without marks: measured again with the marks left out
    details = _over_surroundings(levels, usable, quiet & ~grown(coloured, 1.0 / mm_per_pixel), mm_per_pixel)
    number, labels = cv2.connectedComponents(((coloured | scars) & usable).astype(np.uint8))
    return Marks(details[0], details[1], labels, number - 1)


def _over_surroundings(levels: list[Floats], usable: Mask, quiet: Mask, mm_per_pixel: float) -> list[Floats]:
    return [
        np.where(usable, level - smooth_within(level, quiet, AROUND_MM / mm_per_pixel), 0).astype(np.float32)
        for level in levels
    ]


def read_marks(
    marks: Marks,
    within: Mask | None,
    extra_deviation: float,
    flags: tuple[str, ...],
    mm_per_pixel: float,
    excess_doubt: float = 0.0,
) -> Outcome | None:
    """The change of the marks' excess within a zone (or of all). None when there are fewer than
    FEWEST_MARKS.

    `extra_deviation` is further doubt of the change, `excess_doubt` of the difference of the mean excesses
    in log units: it weighs the more the fainter the marks are.
    """
    labels = marks.labels if within is None else np.where(within, marks.labels, 0)
    chosen = labels > 0
    names = labels[chosen]
    sums = np.stack(
        [
            np.bincount(names, image[chosen].astype(np.float64), marks.count + 1)[1:]
            for image in (marks.before, marks.after)
        ],
        axis=1,
    )
    area = np.bincount(names, minlength=marks.count + 1)[1:]
    sums, area = sums[area >= 4], area[area >= 4]
    if len(sums) < FEWEST_MARKS:
        return None
    both = sums.sum(axis=1)
    if both.sum() < LEAST_SIGNIFICANCE * float(np.std(both)) * math.sqrt(len(both)):
        return None
    value = _difference(sums.sum(axis=0)[None])[0]
    draws = np.random.default_rng(20261122).integers(0, len(sums), (BOOTSTRAPS, len(sums)))
    faint = excess_doubt / max(float(both.sum()) / (2 * float(area.sum())), 1e-9)
    deviation = math.sqrt(
        float(np.var(_difference(sums[draws].sum(axis=1))))
        + MODEL_DEVIATION**2
        + extra_deviation**2
        + faint**2
    )
    low, high = value - Z95 * deviation, value + Z95 * deviation
    verdict = Verdict.IMPROVED if high < 0 else Verdict.WORSE if low > 0 else Verdict.NO_CHANGE
    square_cm = float(area.sum()) * (mm_per_pixel / 10) ** 2
    return Outcome(
        verdict,
        _percent(value),
        _percent(low),
        _percent(high),
        -_percent(-Z95 * deviation),
        flags,
        f"{len(sums)} marks, {square_cm:.1f} cm²",
    )


def _difference(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(
        np.clip(2 * (sums[:, 1] - sums[:, 0]) / np.maximum(np.abs(sums.sum(axis=1)), 1e-9), -2, 2)
    )


def _percent(difference: float) -> float:
    if difference >= 2 * MOST_CHANGE_PERCENT / (200 + MOST_CHANGE_PERCENT):
        return MOST_CHANGE_PERCENT
    return max(100 * ((2 + difference) / (2 - difference) - 1), -100.0)


def _spread(values: Floats) -> float:
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))
