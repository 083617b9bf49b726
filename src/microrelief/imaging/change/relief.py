"""Relief: how much of the scars' depth is left, from the shading their slopes throw.

In the relief band, a scar's shading before is  S + T + noise, after  r S + T + noise': S the scar's slopes,
r what is left of the depth, T what stands there and does not heal (colour, a mole, a fold taken for a scar).
Two sums over the scars, less the same over clear skin, tell r without knowing how much of the contrast is T:

    y1 = (A - B) / (A + B)          how the energy moved,      A = <after^2>, B = <before^2>
    y2 = <(after - before)^2> / (A + B)    how much of it changed at all

With rho = log r and s the share of S, y1 = s sinh(rho) / q and y2 = s (cosh(rho) - 1) / q + n, where
q = 1 - s + s cosh(rho) and n is what the second photograph does not repeat (misregistration, moved light,
faded colour). Without n, y2 / |y1| = tanh(|rho| / 2): the part that changed measures itself. The posterior of
rho over s and n is the answer; its quantiles are the interval.
Equation, validation and failures: docs/methods/relief.md.
"""

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from microrelief.imaging.change.scars import Scars
from microrelief.imaging.change.uncertain import Z95, Estimate
from microrelief.imaging.light.relative import LightDifference

FEWEST_SCARS = 3
SHARE_SHAPE = (4.0, 2.5)
"""Beta distribution of s, the share of the scars' contrast that heals as one: mean 0.62, deviation 0.18."""
UNREPEATED_SCALE = 0.015
"""n: what a second photograph of the same skin does not repeat, mean of an exponential distribution."""
UNREPEATED_TAIL = 0.15
"""Share of pairs in which n is spread as widely as 0.15: moved light, faded colour."""
TAIL_SCALE = 0.15
UNEVEN_UNREPEATED = 0.6
"""Deviation of y1 per n: what is not repeated may stand in one of the photographs alone."""
MODEL_DEVIATION = 0.015
"""Deviation of y1 on unchanged skin that no other term explains."""
REPEAT_DEVIATION = 0.01
"""The same for y2."""
CHANGE_DEVIATION = 1.0
"""Deviation of rho that is expected of patients, before anything is measured: e^-1, most of the depth gone,
is as unlikely as that."""
MOST_EVEN = 0.2
"""Share of a place's contrast that an even stain on it explains, at which it counts LEAST_LIKELY: patches of
colour, which stay where scars heal."""
CLEARLY_OUT = 16.0
"""Times the energy of clear skin at which a scar counts fully; every one beyond counts alike, so that one
mole does not outweigh them all."""
ACROSS, ALONG = 0.4, 0.6
"""Share of a place's steepness that lies along the light, below which it counts LEAST_LIKELY and above which
fully. Under a lamp, round pits hold 3/4 of it along the light, round stains 1/2."""
LEAST_LIKELY = 0.15
"""Of what hardly looks like relief, against 1: small pits with dark floors look like stains, and some faces
have little else."""
GAIN_DOUBT = 0.4
"""Share of the clear skin's gain that is taken as doubt: contrast lost to focus is not lost alike at every
size."""
GRAIN_REACH = 0.5
"""How much of the finest grain's log ratio reaches the relief band: JPEG and resampling keep the rest to
the finest pixels."""
LIGHT_DOUBT = 0.2
"""Share of the root mean square, over the scars, of the log ratio of how strongly the two lights show slopes
that is doubt of y1, after its mean has been taken off rho: in grazing light the model knows neither well."""
HARDNESS_DOUBT = 0.2
"""The same of what the face's own large-scale shading gained beyond the camera's gain."""
TONE_MAPPED_DOUBT = 2.0
"""Deviation of rho per square of that gain: a camera that brightens shadows on its own flattens a face as a
soft lamp does, and leaves the scars. From 0.25 on, all that is taken off may be the camera's doing."""
UNLIKE = 2.0
"""Scars whose change lies further from the usual one than this many robust deviations count less: marks that
faded whole, a mole, a fold."""
LEAST_SPREAD = 0.03
"""Smallest deviation of one scar's change that is believed."""
STAIN_DOUBT = 1.0
"""Share of what stains alone moved that is taken as doubt. Pits shade as pairs of light and dark, with a dark
floor that heals as they do; colour that fades moves the stain alone."""
MOST_STAINED = 0.9
"""Share of the scars' contrast that looks like an even stain, above which healing and fading cannot be told
apart and all that the stains moved is doubt."""
LEAST_CLEAR_PX = 500
BOOTSTRAPS = 400

_RHO = np.linspace(-3.0, 3.0, 601)
_SHARE = np.linspace(0.1, 1.0, 19)
_UNREPEATED = np.array(
    [0.0, 0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.06, 0.08, 0.12, 0.18, 0.26, 0.4, 0.6, 0.9]
)


@dataclass(frozen=True)
class ReliefReading:
    """What the scars of a face or a zone read."""

    estimate: Estimate
    """log of depth left / depth before."""
    unrepeated: float
    """n: share of the scars' contrast that neither healing nor standing still explains."""
    share: float
    """s: share of the scars' contrast that heals as one."""
    scars: int


@dataclass(frozen=True)
class _Sums:
    """Per scar: pixels, sums of before^2, after^2 and before * after, gain taken off; and those of clear skin
    per pixel."""

    scars: NDArray[np.float64]
    """(n, 4)"""
    clear: NDArray[np.float64]
    """(3,)"""
    stains: NDArray[np.float64]
    """(n, 3): products of what an even stain on the scar would look like with before, with after, with
    itself."""
    along: NDArray[np.float64]
    """(n,): share of its steepness that lies along the light; 1 where that is not known."""
    shown: NDArray[np.float64]
    """(n,): log of how much more strongly the after's light shows a slope there."""

    @property
    def stained(self) -> NDArray[np.float64]:
        """(n, 3): energy of an even stain on the scar before and after, and of what it changed."""
        moved = np.column_stack([self.stains[:, :2], self.stains[:, 1] - self.stains[:, 0]])
        return np.asarray(moved**2 / np.maximum(self.stains[:, 2:], 1e-12))

    @cached_property
    def relief_like(self) -> NDArray[np.float64]:
        """(n,): up to 1, how much each place looks like relief in the mean of both photographs: not
        like an even stain, steep along the light, and well above the texture."""
        pixels, before, after, both = self.scars.T
        mean = np.maximum((before + after + 2 * both) / 4, 1e-12)
        evenly = self.stains[:, :2].mean(axis=1) ** 2 / np.maximum(self.stains[:, 2], 1e-12)
        usual = np.maximum(pixels * (self.clear[0] + self.clear[1] + 2 * self.clear[2]) / 4, 1e-12)
        uneven = np.clip(1 - evenly / mean / MOST_EVEN, LEAST_LIKELY, 1)
        lit = np.clip((self.along - ACROSS) / (ALONG - ACROSS), LEAST_LIKELY, 1)
        return np.asarray(uneven * lit * np.minimum(mean / usual / CLEARLY_OUT, 1))

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """(n,): of each scar's energy, so that scars count alike however strong they are, those that look
        like stains less, and less those whose change is unlike that of the others (Huber's weights)."""
        energy = np.maximum((self.scars[:, 1] + self.scars[:, 2]) / 2, 1e-12)
        alike = self.relief_like / energy
        excess = self.scars[:, 1:3] - self.scars[:, :1] * self.clear[:2]
        both = np.maximum(excess.sum(axis=1), 0.2 * energy)
        change = (excess[:, 1] - excess[:, 0]) / both
        usual = _median(change, alike * both)
        spread = max(1.4826 * _median(np.abs(change - usual), alike * both), LEAST_SPREAD)
        for _ in range(5):
            like = np.minimum(1.0, UNLIKE * spread / np.maximum(np.abs(change - usual), 1e-9))
            usual = float(np.average(change, weights=alike * both * like))
        return np.asarray(alike * like)

    @property
    def carried(self) -> NDArray[np.float64]:
        """(n,): how much of the answer each scar carries."""
        return np.asarray(self.weights * np.maximum(self.scars[:, 1] + self.scars[:, 2], 1e-12))


def read_relief(
    scars: Scars,
    within: NDArray[np.bool_] | None,
    gain: tuple[float, float],
    light: LightDifference,
    extra_deviation: float,
) -> ReliefReading | None:
    """Read the relief of the scars within a zone (or of all, when None).

    Parameters: `gain`, the camera's log contrast gain after / before in this band and its doubt;
    `light`, how it differs; `extra_deviation`, further doubt from the audit, in y1.
    Returns None when fewer than FEWEST_SCARS stand out or they do not stand above the texture.
    """
    sums = _sums(scars, within, gain[0], light)
    if len(sums.scars) < FEWEST_SCARS:
        return None
    moved, changed = (float(value[0]) for value in _moved_and_changed(sums, np.arange(len(sums.scars))[None]))
    if not math.isfinite(moved):
        return None
    draws = np.random.default_rng(20261122).integers(0, len(sums.scars), (BOOTSTRAPS, len(sums.scars)))
    effective = _effective_number(sums)
    # scars drawn anew scatter by n - 1 of the n that the mean they share would
    sampled = effective / (effective - 1) * np.cov(np.nan_to_num(np.stack(_moved_and_changed(sums, draws))))
    shown = float(np.average(sums.shown, weights=sums.carried))
    uneven = math.sqrt(float(np.average(sums.shown**2, weights=sums.carried)))
    # what the camera did to all contrast has been taken off already
    harder = light.hardness - gain[0] if math.isfinite(light.hardness) else 0.0
    coloured = STAIN_DOUBT * _colour_alone(sums, moved, changed)
    doubt = sampled + np.outer(coloured, coloured)
    doubt[0, 0] += (
        MODEL_DEVIATION**2
        + (GAIN_DOUBT * gain[0]) ** 2
        + gain[1] ** 2
        + (LIGHT_DOUBT * uneven) ** 2
        + (HARDNESS_DOUBT * harder) ** 2
        + extra_deviation**2
    )
    doubt[1, 1] += REPEAT_DEVIATION**2
    doubt *= _widened_for_few(effective, sampled[0, 0], doubt[0, 0])
    found = _posterior(moved, changed, doubt, len(sums.scars))
    # on rho, for scars that hardly changed at all (y2) would overrule a doubt of how they moved (y1)
    estimate = found.estimate.moved_by(-shown - harder).widened_by(TONE_MAPPED_DOUBT * harder**2)
    return replace(found, estimate=estimate)


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


def _sums(scars: Scars, within: NDArray[np.bool_] | None, gain: float, light: LightDifference) -> _Sums:
    labels = scars.labels if within is None else np.where(within, scars.labels, 0)
    chosen = labels > 0
    names = labels[chosen]
    # half of the gain is taken off the after and half put onto the before, so that exchanging them mirrors it
    half = math.exp(-gain / 2)
    b, a = scars.before[chosen].astype(np.float64) / half, scars.after[chosen].astype(np.float64) * half
    spot = scars.spots[chosen].astype(np.float64)
    steepness = scars.steepness[chosen].astype(np.float64)
    lengthwise = (steepness * light.along[chosen]).sum(axis=1)
    shown = np.log(light.sensitivity_ratio[chosen].astype(np.float64))

    def per_scar(*values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.stack([np.bincount(names, of, scars.count + 1)[1:] for of in values], axis=1)

    energies = per_scar(np.ones_like(b), b * b, a * a, a * b)
    large = energies[:, 0] >= 6
    energies = energies[large]
    stains = per_scar(b * spot, a * spot, spot * spot)[large]
    steep = per_scar(lengthwise**2, (steepness**2).sum(axis=1))[large]
    texture = np.zeros(3)
    if scars.clear.sum() >= LEAST_CLEAR_PX:
        texture = _mean_squares(scars, scars.clear) * np.array([half**-2, half**2, 1.0])
    known = light.along.any()
    return _Sums(
        energies,
        texture,
        stains,
        along=steep[:, 0] / np.maximum(steep[:, 1], 1e-12) if known else np.ones(len(steep)),
        shown=per_scar(shown)[large, 0] / energies[:, 0],
    )


def _effective_number(sums: _Sums) -> float:
    """Kish's effective number of the scars that carry the contrast (Kish 1965), at least 2."""
    return max(float(sums.carried.sum() ** 2 / (sums.carried**2).sum()), 2.0)


def _widened_for_few(effective: float, sampled: float, whole: float) -> float:
    """What a variance is multiplied by when the part of it that was sampled comes from few scars: Student's
    quantile over the normal one, squared, at the degrees of freedom of Satterthwaite (1946)."""
    freedom = (effective - 1) * (whole / max(sampled, 1e-12)) ** 2
    return (float(student.ppf(0.975, freedom)) / Z95) ** 2


def _mean_squares(scars: Scars, where: NDArray[np.bool_]) -> NDArray[np.float64]:
    b, a = scars.before[where].astype(np.float64), scars.after[where].astype(np.float64)
    return np.array([(b * b).mean(), (a * a).mean(), (a * b).mean()])


def _moved_and_changed(
    sums: _Sums, drawn: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """y1 and y2 of each row of scar numbers (k, n); NaN where the scars do not stand above the texture."""
    weighted = sums.scars * sums.weights[:, None]
    total = weighted[drawn].sum(axis=1)
    excess = total[:, 1:] - total[:, :1] * sums.clear
    both = excess[:, 0] + excess[:, 1]
    enough = both > 0.02 * (total[:, 1] + total[:, 2])
    both = np.where(enough, both, np.nan)
    return (excess[:, 1] - excess[:, 0]) / both, 1 - 2 * excess[:, 2] / both


def _colour_alone(sums: _Sums, moved: float, changed: float) -> NDArray[np.float64]:
    """What of y1 and y2 colour alone may be (2,): all of it where only stains faded or came, nothing where
    everything healed alike.

    With d the part of y that colour is and h that of healing, the stains, a share t of the contrast, hold
    d + t h, and everything holds d + h. Healing takes its stain-like part along, a pit's dark floor. Where
    the stains moved the same way by less than their share, colour has not faded or come: it stayed.
    """
    total = (sums.scars * sums.weights[:, None]).sum(axis=0)
    both = max(float(total[1] + total[2] - total[0] * (sums.clear[0] + sums.clear[1])), 1e-12)
    before, after, faded = (sums.stained * sums.weights[:, None]).sum(axis=0) / both
    held, share = np.array([after - before, faded]), float(before + after)
    if share > MOST_STAINED:
        return np.asarray(held)
    if 0 <= held[0] * moved <= share * moved * moved:
        return np.zeros(2)
    return np.asarray((held - share * np.array([moved, changed])) / (1 - share))


def _posterior(moved: float, changed: float, doubt: NDArray[np.float64], count: int) -> ReliefReading:
    """The posterior of rho, s and n on a grid, given y1, y2 and their covariance (2, 2)."""
    rho, share = _RHO[:, None, None], _SHARE[None, :, None]
    unrepeated = _UNREPEATED[None, None, :]
    whole = 1 - share + share * np.cosh(rho)
    # what the photographs do not repeat is no part of what healing moves
    error_moved = moved - (1 - unrepeated) * share * np.sinh(rho) / whole
    error_changed = changed - (1 - unrepeated) * share * (np.cosh(rho) - 1) / whole - unrepeated
    v11 = doubt[0, 0] + (UNEVEN_UNREPEATED * unrepeated) ** 2
    v22, v12 = doubt[1, 1], doubt[0, 1]
    determinant = v11 * v22 - v12**2
    misfit = (
        v22 * error_moved**2 - 2 * v12 * error_moved * error_changed + v11 * error_changed**2
    ) / determinant
    prior = (np.log(_SHARE) * (SHARE_SHAPE[0] - 1) + np.log(1.02 - _SHARE) * (SHARE_SHAPE[1] - 1))[
        None, :, None
    ] + np.log(_UNREPEATED_PRIOR)[None, None, :]
    log_weight = prior - misfit / 2 - np.log(determinant) / 2 - (rho / CHANGE_DEVIATION) ** 2 / 2
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    over_rho = weight.sum(axis=(1, 2))
    low, middle, high = (_quantile(over_rho, q) for q in (0.025, 0.5, 0.975))
    likely_share = float((weight.sum(axis=(0, 2)) * _SHARE).sum())
    likely_unrepeated = float((weight.sum(axis=(0, 1)) * _UNREPEATED).sum())
    spread = math.sqrt(doubt[0, 0] + (UNEVEN_UNREPEATED * likely_unrepeated) ** 2)
    return ReliefReading(
        Estimate(middle, low, high, _rho_of(Z95 * spread, likely_share)),
        likely_unrepeated,
        likely_share,
        count,
    )


def _median(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    order = np.argsort(values)
    cumulated = np.cumsum(weights[order]) - weights[order] / 2
    return float(np.interp(0.5 * weights.sum(), cumulated, values[order]))


def _quantile(weight: NDArray[np.float64], share: float) -> float:
    # the weight of a grid point lies about it, so that exchanging the photographs mirrors every quantile
    cumulated = np.cumsum(weight) - weight / 2
    return float(np.interp(share, cumulated, _RHO))


def _rho_of(moved: float, share: float) -> float:
    """The size of rho at which y1 reaches `moved`; 3 where it never does."""
    reached = share * np.sinh(_RHO) / (1 - share + share * np.cosh(_RHO))
    return float(np.interp(moved, reached[300:], _RHO[300:]))


def _prior_of_unrepeated() -> NDArray[np.float64]:
    edges = np.concatenate([[0.0], (_UNREPEATED[1:] + _UNREPEATED[:-1]) / 2, [1.2]])

    def within(scale: float) -> NDArray[np.float64]:
        return np.asarray(np.diff(1 - np.exp(-edges / scale)))

    return (1 - UNREPEATED_TAIL) * within(UNREPEATED_SCALE) + UNREPEATED_TAIL * within(TAIL_SCALE)


_UNREPEATED_PRIOR = _prior_of_unrepeated()
