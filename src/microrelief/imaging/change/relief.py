"""Relief: how much of the scars' depth is left, from the shading their slopes throw.

In the relief band, a scar's shading before is  S + T + noise, after  r S + T + noise: S the scar's slopes,
T the texture
that does not heal, r what is left of the depth. The mean squares over scars, less those over clear skin,
leave S^2 and r^2 S^2; the square root of their ratio is r. Clear skin is thus the inner control for noise,
texture and sharpness. What the camera did to contrast (tone curve, focus) is divided out by the gain of
quiet skin; how much more or less strongly the light shows a slope only widens the interval. A last factor,
`RESPONSE`, makes good for texture chosen with the scars.
Equation, validation and failures: docs/methods/relief.md.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from microrelief.imaging.arrays import Floats
from microrelief.imaging.change.scars import Scars
from microrelief.imaging.change.uncertain import LogRatio

RESPONSE = 1.31
"""log true ratio / log read ratio. Rendered faces: true 0.70 reads 0.76, true 0.50 reads 0.59
(docs/methods/relief.md)."""
FEWEST_SCARS = 3
MODEL_DEVIATION = 0.035
"""Deviation of the read log ratio on unchanged skin that no other term explains (rendered re-takes)."""
GAIN_DOUBT = 0.5
"""Share of the clear skin's gain that is taken as doubt: contrast lost to focus is not lost alike at every
size."""
GRAIN_REACH = 0.5
"""How much of the finest grain's log ratio reaches the relief band: JPEG and resampling keep the rest to
the finest pixels."""
LIGHT_DOUBT = 0.5
"""Share of the log light sensitivity ratio that is taken as doubt."""
PATTERN_DOUBT = 0.5
"""Weight of the part of the scars' shading that the other photograph does not repeat (1 - correlation)."""
LEAST_CLEAR_PX = 500
RESPONSE_DOUBT = 0.12
"""Deviation of RESPONSE from head to head, as a share: what scars read depends on their kind and the
light's hardness."""
GREY_ENOUGH, TOO_COLOURED = 0.72, 0.66
"""`scars.greyness` above which colour does not hide relief, and below which it does. Between, doubt grows to
COLOUR_DOUBT: on faces whose scars are mostly colour a true -50 % read -10 % and fading pigment alone read
-23 %."""
COLOUR_DOUBT = 0.3
BOOTSTRAPS = 400


@dataclass(frozen=True)
class ReliefReading:
    """What the scars of a face or a zone read."""

    ratio: LogRatio
    """log of depth left / depth before."""
    correlation: float
    """Of the two photographs' shading in the scars, texture and noise taken off: 1 when one is the other,
    scaled."""
    scars: int


def read_relief(
    scars: Scars,
    within: NDArray[np.bool_] | None,
    gain: tuple[float, float],
    sensitivity_ratio: Floats,
    extra_deviation: float,
) -> ReliefReading | None:
    """Read the relief of the scars within a zone (or of all, when None).

    Parameters: `gain`, the camera's log contrast gain after / before in this band and its doubt;
    `sensitivity_ratio` (H, W) of `light.relative`; `extra_deviation`, further doubt from the audit, in the
    read log ratio. Returns None when fewer than FEWEST_SCARS stand out or they do not stand above the
    texture.
    """
    sums = _sums(scars, within)
    if len(sums) < FEWEST_SCARS:
        return None
    texture = _texture(scars)
    read, correlation = _ratio(sums, texture)
    if not math.isfinite(read):
        return None
    sampled = _bootstrap(sums, texture)
    labels = scars.labels > 0 if within is None else (scars.labels > 0) & within
    light = float(np.log(np.median(sensitivity_ratio[labels])))
    corrected = read - gain[0]
    deviation = math.sqrt(
        sampled**2
        + MODEL_DEVIATION**2
        + (GAIN_DOUBT * gain[0]) ** 2
        + (GAIN_DOUBT * gain[1]) ** 2
        + (LIGHT_DOUBT * light) ** 2
        + (PATTERN_DOUBT * (1 - correlation)) ** 2
        + (RESPONSE_DOUBT * corrected) ** 2
        + extra_deviation**2
    )
    return ReliefReading(LogRatio(RESPONSE * corrected, RESPONSE * deviation), correlation, len(sums))


def colour_doubt(greyness: float) -> float:
    """Deviation of the read log ratio when the scars' contrast is partly colour."""
    return COLOUR_DOUBT * min(max((GREY_ENOUGH - greyness) / (GREY_ENOUGH - TOO_COLOURED), 0.0), 1.0)


def contrast_gain(scars: Scars, noise_log_ratio: float) -> tuple[float, float]:
    """The camera's log contrast gain, after / before, in the relief band, read on clear skin; and how far it
    is in doubt.

    The same texture T stands in both, before T + n, after g T + m. Read plainly, as the ratio of the two
    mean squares, noise counts as contrast. Read by Deming's regression (Deming 1943), with the finest
    grain's ratio (`noise_log_ratio`, in part) for the noise's, it does not, but a file that was resampled
    changes its grain and not its texture. The truth lies between: the smaller of the two is taken when they
    agree on the direction, none when they do not, and their distance is doubt.
    """
    if scars.quiet.sum() < LEAST_CLEAR_PX:
        return 0.0, 0.0
    bb, aa, ab = (max(float(value), 1e-12) for value in _mean_squares(scars, scars.quiet))
    plain = 0.5 * math.log(aa / bb)
    if ab <= 0.05 * math.sqrt(aa * bb):
        return plain, abs(plain)
    noise = math.exp(2 * GRAIN_REACH * noise_log_ratio)
    lean = (aa - noise * bb) / ab
    regressed = math.log((lean + math.sqrt(lean * lean + 4 * noise)) / 2)
    gain = 0.0 if plain * regressed <= 0 else min(plain, regressed, key=abs)
    # texture that the other photograph does not repeat is noise, and says little of contrast
    repeated = min(ab / math.sqrt(aa * bb), 1.0)
    return repeated * gain, math.hypot((plain - regressed) / 2, (1 - repeated) * gain)


def _sums(scars: Scars, within: NDArray[np.bool_] | None) -> NDArray[np.float64]:
    """Per scar: pixels, sum of before^2, after^2, before * after; (n, 4)."""
    labels = scars.labels if within is None else np.where(within, scars.labels, 0)
    chosen = labels > 0
    names = labels[chosen]
    b, a = scars.before[chosen].astype(np.float64), scars.after[chosen].astype(np.float64)
    columns = [
        np.bincount(names, weight, scars.count + 1) for weight in (np.ones_like(b), b * b, a * a, a * b)
    ]
    sums = np.stack(columns, axis=1)[1:]
    return np.asarray(sums[sums[:, 0] >= 6])


def _texture(scars: Scars) -> NDArray[np.float64]:
    """Mean square of before, after, and their product over clear skin."""
    return _mean_squares(scars, scars.clear) if scars.clear.sum() >= LEAST_CLEAR_PX else np.zeros(3)


def _mean_squares(scars: Scars, where: NDArray[np.bool_]) -> NDArray[np.float64]:
    b, a = scars.before[where].astype(np.float64), scars.after[where].astype(np.float64)
    return np.array([(b * b).mean(), (a * a).mean(), (a * b).mean()])


def _ratio(sums: NDArray[np.float64], texture: NDArray[np.float64]) -> tuple[float, float]:
    total = sums.sum(axis=0)
    excess = total[1:] - total[0] * texture
    if excess[0] <= 0.02 * total[1] or excess[1] <= 0.02 * total[2]:
        return math.nan, 0.0
    correlation = excess[2] / math.sqrt(excess[0] * excess[1])
    return 0.5 * math.log(excess[1] / excess[0]), float(np.clip(correlation, 0.0, 1.0))


def _bootstrap(sums: NDArray[np.float64], texture: NDArray[np.float64]) -> float:
    """Standard deviation of the read log ratio when the scars are drawn anew (with a fixed seed: same input,
    same answer)."""
    draws = np.random.default_rng(20261122).integers(0, len(sums), (BOOTSTRAPS, len(sums)))
    total = sums[draws].sum(axis=1)
    excess = total[:, 1:3] - total[:, :1] * texture[:2]
    excess = np.maximum(excess, 0.02 * total[:, 1:3])
    return float(np.std(0.5 * np.log(excess[:, 1] / excess[:, 0])))
