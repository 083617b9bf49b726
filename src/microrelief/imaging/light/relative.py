"""How the light of two photographs of one face differs, with the face's own shape as the light meter.

Model, per photograph, of low-passed log light on skin (Lambert with one key light and ambient light):
    log I = log albedo + log( max(0, n . l) + a (3 + n_z) / 4 ) + exposure
n is the face's surface normal from the landmark model's depth, l the direction of the key light in the
camera's frame, a the strength of ambient light against the key. Albedo and the error of the shape are the
same in both photographs, so the *difference* of the two pictures is weighted far above either picture: the
light's move is known to 2-4 degrees where its absolute direction is known to 8 (evidence: Extended Yale B and
rendered heads, docs/methods/light.md).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import RBFInterpolator
from scipy.optimize import least_squares

from microrelief.imaging.arrays import Floats, Mask, smooth, smooth_within

SMOOTHING_MM = 1.9
"""Standard deviation of the low pass: wider than scars, narrower than the face's features."""
CLOSE_UP_SMOOTHING_MM = 4.0
"""The same on close-ups, which have no features to keep apart, and hold little but scars."""
SAMPLES = 900
DIFFERENCE_WEIGHT = 6.0
AMBIENT_PRIOR = -1.5
"""log of ambient against key that is drawn towards when the picture cannot tell (a fill at a fifth of the
key)."""
AMBIENT_PULL = 0.015
"""How strongly it is drawn there."""
AMBIENT_TIE, CONTRAST_TIE = 3.0, 1.0
"""How firmly the second fit holds ambient light alike in both photographs, and the camera's contrast."""
SOFT_CLAMP = 12.0
WALL_SLOPE = 0.5
"""Slope of a scar's walls: what differs between two lights is asked of them."""
WALL_TURNS = 13
"""Directions of walls, half a turn."""
CAMERA_WEIGHTS = np.array([0.6, 0.3, 0.1], np.float32)
"""Mostly red light, in which skin's own colour varies least."""


@dataclass(frozen=True)
class Light:
    """The light of one photograph."""

    azimuth_degrees: float
    """Of the key light: 0 from the camera's side, positive to the right of the picture."""
    elevation_degrees: float
    """Positive from above."""
    ambient: float
    """Ambient light against the key."""

    @property
    def direction(self) -> NDArray[np.float64]:
        """Unit vector to the light: (right, up, to the camera)."""
        a, e = np.radians([self.azimuth_degrees, self.elevation_degrees])
        return np.array([np.sin(a) * np.cos(e), np.sin(e), np.cos(a) * np.cos(e)])


@dataclass(frozen=True)
class LightDifference:
    """The light of both photographs and how it differs."""

    before: Light
    after: Light
    angle_degrees: float
    """Between the two key lights."""
    pattern: float
    """Standard deviation over the face of the low-passed log ratio after / before: 0.1 is a tenth brighter
    here than there."""
    unexplained: float
    """What of `pattern` the light model does not explain."""
    contrast: float
    """Spread of the after's large-scale shading over the before's: 1 alike, 0.7 a flatter tone curve or
    softer light."""
    agreement: float
    """Correlation of the two large-scale shadings."""
    sensitivity_ratio: Floats
    """(H, W): how much stronger the after's light shows the same slope than the before's; 1 alike."""
    hardness: float
    """log of how much stronger the after's large-scale shading is, once the lights' directions are told
    apart from it: a harder lamp, less stray light, a steeper curve. NaN where it cannot be told."""
    along: Floats
    """(H, W, 2): unit vector (right, down) in the picture along which slopes show, the mean of both lights';
    zero where it is not known."""


def compare_light(
    before_linear: Floats,
    after_linear: Floats,
    skin: Mask,
    landmarks: NDArray[np.float64],
    depth_px: NDArray[np.float64],
    mm_per_pixel: float,
) -> LightDifference:
    """Fit the light of both photographs on their common grid.

    Parameters: linear light (H, W, 3) twice, skin mask (H, W), landmarks (n, 2) and their depth (n,) in grid
    pixels (smaller is nearer). Exchanging the photographs exchanges the lights.
    """
    step = max(int(1.4 / mm_per_pixel), 1)
    normals = _normals(skin.shape, landmarks, depth_px, step, mm_per_pixel)
    level = [
        np.log(
            np.maximum(
                smooth_within(np.maximum(linear, 0) @ CAMERA_WEIGHTS, skin, SMOOTHING_MM / mm_per_pixel), 1e-4
            )
        )
        for linear in (before_linear, after_linear)
    ]
    covered = smooth(skin.astype(np.float32), SMOOTHING_MM / mm_per_pixel) > 0.4
    usable = (covered & skin)[::step, ::step]
    usable = usable[: normals.shape[0], : normals.shape[1]]
    normal = normals[usable]
    seen = [found[::step, ::step][usable] for found in level]
    if len(normal) < 50:
        blank = Light(0.0, 0.0, 1.0)
        return LightDifference(
            blank, blank, 0.0, 0.0, 0.0, 1.0, 1.0, np.ones(skin.shape, np.float32), math.nan, _nowhere(skin)
        )
    chosen = np.linspace(0, len(normal) - 1, min(SAMPLES, len(normal))).astype(int)
    fitted = _fit(normal[chosen], seen[0][chosen], seen[1][chosen])
    lights = _lights(fitted)
    one_room = _fit_one_room(normal[chosen], seen[0][chosen], seen[1][chosen], fitted)
    ratio, along = _where_slopes_show(normals, *_lights(one_room))
    cosine = float(np.clip(lights[0].direction @ lights[1].direction, -1, 1))
    difference = seen[1] - seen[0]
    modelled = _shade(normal, fitted[2:4], fitted[5]) - _shade(normal, fitted[0:2], fitted[4])
    centred = [values - np.median(values) for values in seen]
    spread = [float(np.sqrt((values**2).mean())) for values in centred]
    return LightDifference(
        before=lights[0],
        after=lights[1],
        angle_degrees=float(np.degrees(np.arccos(cosine))),
        pattern=_robust_spread(difference),
        unexplained=_robust_spread(difference - modelled),
        contrast=spread[1] / max(spread[0], 1e-3),
        agreement=float((centred[0] * centred[1]).mean() / max(spread[0] * spread[1], 1e-6)),
        sensitivity_ratio=_enlarged(ratio, skin.shape, step),
        hardness=float(one_room[6]),
        along=_enlarged(along, skin.shape, step),
    )


def compare_evenness(
    before_linear: Floats, after_linear: Floats, skin: Mask, mm_per_pixel: float
) -> LightDifference:
    """What can be told of the light without a face: how evenly it falls, not where it comes from.

    Parameters as for `compare_light`. A small patch has no known shape, so both lights are NaN, their angle
    too, and no slope is said to show more strongly in one of the photographs: that is the user's to state.
    """
    unknown = Light(math.nan, math.nan, math.nan)
    wide = CLOSE_UP_SMOOTHING_MM / mm_per_pixel
    covered = (smooth(skin.astype(np.float32), wide) > 0.4) & skin
    levels = [
        np.log(np.maximum(smooth_within(np.maximum(linear, 0) @ CAMERA_WEIGHTS, skin, wide), 1e-4))[covered]
        for linear in (before_linear, after_linear)
    ]
    even = np.ones(skin.shape, np.float32)
    if not covered.any():
        return LightDifference(unknown, unknown, math.nan, 0.0, 0.0, 1.0, 1.0, even, math.nan, _nowhere(skin))
    centred = [np.asarray(level - np.median(level), np.float64) for level in levels]
    spread = [float(np.sqrt((values**2).mean())) for values in centred]
    pattern = _robust_spread(centred[1] - centred[0])
    return LightDifference(
        before=unknown,
        after=unknown,
        angle_degrees=math.nan,
        pattern=pattern,
        unexplained=pattern,
        contrast=spread[1] / max(spread[0], 1e-3),
        agreement=float((centred[0] * centred[1]).mean() / max(spread[0] * spread[1], 1e-6)),
        sensitivity_ratio=even,
        hardness=math.nan,
        along=_nowhere(skin),
    )


def _normals(
    shape: tuple[int, ...],
    landmarks: NDArray[np.float64],
    depth_px: NDArray[np.float64],
    step: int,
    mm_per_pixel: float,
) -> NDArray[np.float64]:
    """Surface normals (right, up, to the camera) on every `step`-th pixel, from a smooth surface through the
    landmarks."""
    rows, columns = np.arange(0, shape[0], step), np.arange(0, shape[1], step)
    lattice = np.stack(np.meshgrid(rows, columns, indexing="ij"), axis=-1).reshape(-1, 2).astype(np.float64)
    surface = RBFInterpolator(landmarks, -depth_px, kernel="thin_plate_spline", smoothing=5.0)
    height = surface(lattice).reshape(len(rows), len(columns)).astype(np.float32)
    height = smooth(height, max(5.0 / mm_per_pixel / step, 1.0))
    down, right = np.gradient(height, step)
    normal = np.dstack([-right, down, np.ones_like(height)]).astype(np.float64)
    return np.asarray(normal / np.linalg.norm(normal, axis=2, keepdims=True))


def _shade(
    normal: NDArray[np.float64], direction: NDArray[np.float64], log_ambient: float
) -> NDArray[np.float64]:
    azimuth, elevation = direction
    to_light = np.array(
        [np.sin(azimuth) * np.cos(elevation), np.sin(elevation), np.cos(azimuth) * np.cos(elevation)]
    )
    return np.asarray(np.log(_lit(normal @ to_light) + np.exp(log_ambient) * (3 + normal[:, 2]) / 4))


def _lit(facing: NDArray[np.float64]) -> NDArray[np.float64]:
    """A smooth max(0, facing), so that the fit has a slope."""
    return np.asarray(np.logaddexp(0, SOFT_CLAMP * facing) / SOFT_CLAMP)


def _misfit(
    x: NDArray[np.float64],
    normal: NDArray[np.float64],
    levels: tuple[NDArray[np.float64], NDArray[np.float64]],
    contrast: tuple[float, float] = (1.0, 1.0),
) -> NDArray[np.float64]:
    """What x = (azimuth, elevation) before, after, log ambient before, after leaves of both levels."""
    errors = [
        level - contrast[i] * _shade(normal, x[2 * i : 2 * i + 2], x[4 + i]) for i, level in enumerate(levels)
    ]
    errors = [error - np.median(error) for error in errors]
    prior = (x[4:6] - AMBIENT_PRIOR) * AMBIENT_PULL * np.sqrt(len(normal))
    return np.concatenate([(errors[0] + errors[1]) / 2, DIFFERENCE_WEIGHT * (errors[1] - errors[0]), prior])


def _fit(
    normal: NDArray[np.float64], before: NDArray[np.float64], after: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(azimuth, elevation) before, (azimuth, elevation) after, log ambient before, after."""

    def misfit(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return _misfit(x, normal, (before, after))

    starts = [np.array([a, 0.5, a, 0.5, AMBIENT_PRIOR, AMBIENT_PRIOR]) for a in (-0.5, 0.5)]
    fits = [least_squares(misfit, start, loss="soft_l1", f_scale=0.15, max_nfev=40) for start in starts]
    return np.asarray(min(fits, key=lambda fit: fit.cost).x)


def _fit_one_room(
    normal: NDArray[np.float64],
    before: NDArray[np.float64],
    after: NDArray[np.float64],
    start: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The six of `_fit`, were the room's ambient light the same, and the log contrast after / before that is
    left over.

    Exposure near the end of the curve, a steeper curve or a harder lamp look to the plain fit like less
    ambient light, which would show slopes more strongly. On made faces whose lamp moved by 2 degrees the
    plain fit erred by 0.085 in the log sensitivity ratio of scars, this one by 0.022 (docs/methods/light.md).
    """

    def misfit(x: NDArray[np.float64]) -> NDArray[np.float64]:
        contrast = (math.exp(-x[6] / 2), math.exp(x[6] / 2))
        ties = np.array([AMBIENT_TIE * (x[5] - x[4]), CONTRAST_TIE * x[6]]) * np.sqrt(len(normal))
        return np.concatenate([_misfit(x, normal, (before, after), contrast), ties])

    # from one light for both: started from two, it may stop on the way with ambient light untied
    middle = (start[[0, 1, 4]] + start[[2, 3, 5]]) / 2
    first = np.array([*middle[:2], *middle[:2], middle[2], middle[2], 0.0])
    return np.asarray(least_squares(misfit, first, loss="soft_l1", f_scale=0.15, max_nfev=60).x)


def _lights(fitted: NDArray[np.float64]) -> tuple[Light, Light]:
    """Before and after of what a fit found: two angles each, then two logs of ambient light."""
    before, after = (
        Light(
            float(np.degrees(fitted[2 * i])),
            float(np.degrees(fitted[2 * i + 1])),
            float(np.exp(fitted[4 + i])),
        )
        for i in (0, 1)
    )
    return before, after


def _where_slopes_show(normals: NDArray[np.float64], before: Light, after: Light) -> tuple[Floats, Floats]:
    """How much more strongly the after's light shows a slope, and along which direction of the picture.

    The ratio (h, w) is of the deviation of log light over the walls of a round pit of WALL_SLOPE; the
    direction (h, w, 2), right and down, that of the light's part along the skin. Walls are steep: in grazing
    light those that face away are dark already, so that a lamp nearer the horizon does not show them more
    strongly, as the derivative at the skin's own slope would have it.
    """
    shown, tangents = [], []
    turns = np.cos(np.linspace(0, np.pi, WALL_TURNS))
    weight = np.full(WALL_TURNS, 1 / (WALL_TURNS - 1))
    weight[[0, -1]] /= 2
    for light in (before, after):
        facing = normals @ light.direction
        tangent = light.direction - facing[..., None] * normals
        length = np.sqrt(np.clip(1 - facing**2, 0.02, 1))
        walls = (facing[..., None] + WALL_SLOPE * length[..., None] * turns) / math.hypot(1, WALL_SLOPE)
        contrast = np.log((_lit(walls) + light.ambient) / (_lit(facing) + light.ambient)[..., None])
        shown.append(np.log((contrast**2) @ weight) / 2)
        tangents.append(tangent / length[..., None])
    ratio = np.exp(np.clip(shown[1] - shown[0], -2, 2))
    along = (tangents[0] + tangents[1])[..., :2] * np.array([1.0, -1.0])
    along /= np.maximum(np.linalg.norm(along, axis=2, keepdims=True), 1e-6)
    return np.asarray(ratio.astype(np.float32)), np.asarray(along.astype(np.float32))


def _enlarged(values: Floats, shape: tuple[int, ...], step: int) -> Floats:
    """Values (h, w) or (h, w, n) of every `step`-th pixel on all of them."""
    rows = np.minimum(np.arange(shape[0]) // step, values.shape[0] - 1)
    columns = np.minimum(np.arange(shape[1]) // step, values.shape[1] - 1)
    return np.asarray(values[np.ix_(rows, columns)])


def _nowhere(skin: Mask) -> Floats:
    return np.zeros((*skin.shape, 2), np.float32)


def _robust_spread(values: NDArray[np.float64]) -> float:
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))
