"""A photograph becomes a before and an after whose correspondence is known exactly.

The warp is a formula from after to before, so the after is sampled without any inverse; the places that are
judged
are brought the other way by Newton steps, to 1e-6 pixel. Between the two: scars heal in part and are lit
from the
other side, exposure, white balance and light change, focus is lost, noise and JPEG are added.
"""

import io
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter, map_coordinates, spline_filter

from tests.bench.material import Picture, decode, encode

Points = NDArray[np.float64]
IOD_MM = 63.0


@dataclass(frozen=True)
class Severity:
    """How different the second photograph is."""

    degrees: float
    scale: float
    elastic_share: float
    """Root mean square of the elastic part, share of the inter-ocular distance."""
    elastic_mm: float
    """Correlation length (Gaussian sigma) of the elastic part."""
    perspective: float
    exposure_ev: float
    red_gain: float
    blue_gain: float
    light_gradient: float
    blur_px: float
    noise: float
    jpeg_quality: int


HARD = Severity(4.0, 1.06, 0.045, 20.0, 0.03, 0.45, 1.12, 0.85, 0.45, 1.2, 0.006, 85)
MILD = Severity(1.5, 1.02, 0.015, 14.0, 0.01, 0.15, 1.03, 0.97, 0.10, 0.5, 0.003, 95)


@dataclass(frozen=True)
class KnownPair:
    """Two photographs and the truth between them."""

    name: str
    before: NDArray[np.uint8]
    after: NDArray[np.uint8]
    points_before: Points
    """(n, 2) (row, column) inside the face."""
    points_after: Points
    iod_px: float
    landmarks_before: Points | None = None
    landmarks_after: Points | None = None


class Warp:
    """From a pixel of the after to a pixel of the before."""

    def __init__(
        self, shape: tuple[int, int], centre: Points, iod_px: float, severity: Severity, seed: int
    ) -> None:
        rng = np.random.default_rng(seed)
        turn, grow = (
            np.deg2rad(severity.degrees) * rng.choice([-1, 1]),
            severity.scale ** rng.choice([-1.0, 1.0]),
        )
        self.matrix = grow * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        self.centre, self.shift = centre, rng.uniform(-0.08, 0.08, 2) * iod_px
        self.tilt = rng.uniform(-1, 1, 2) * severity.perspective / iod_px
        self.step = severity.elastic_mm / IOD_MM * iod_px / 3  # cubic spline through three knots per sigma
        counts = [int(side / self.step) + 8 for side in shape]
        knots = [gaussian_filter(rng.standard_normal(counts), 3, mode="wrap") for _ in range(2)]
        rms = severity.elastic_share * iod_px
        # root mean square of the length: each component carries half of the square
        self.knots = [spline_filter(k / k.std() * rms / np.sqrt(2), 3, mode="nearest") for k in knots]

    def __call__(self, after: Points) -> Points:
        """(..., 2) after (row, column) to before."""
        at = after - self.centre
        at = at / (1 + at @ self.tilt)[..., None]
        where = np.moveaxis(after, -1, 0) / self.step + 3
        elastic = [map_coordinates(k, where, order=3, prefilter=False, mode="nearest") for k in self.knots]
        return at @ self.matrix.T + self.centre + self.shift + np.stack(elastic, axis=-1)

    def inverse(self, before: Points) -> Points:
        """(n, 2) before to after, to 1e-6 pixel."""
        at = before.copy()
        for _ in range(60):
            jacobian = np.stack(
                [(self(at + e) - self(at - e)) / 0.02 for e in (np.array([0.01, 0]), np.array([0, 0.01]))], -1
            )
            step = np.linalg.solve(jacobian, (before - self(at))[..., None])[..., 0]
            length = np.linalg.norm(step, axis=1, keepdims=True)
            at = at + step * np.minimum(1, 20 / np.maximum(length, 1e-12))
            if np.abs(step).max() < 1e-7:
                break
        return at


def known_pair(
    picture: Picture, landmarks: Points, severity: Severity, seed: int, count: int = 4000
) -> KnownPair:
    """The pair made of a photograph whose face has `landmarks`, (n, 2) (row, column)."""
    rng = np.random.default_rng(seed + 7919)
    iod = _inter_ocular(landmarks)
    hull = cv2.convexHull(landmarks[:, ::-1].astype(np.float32))
    shape = picture.rgb.shape[:2]
    warp = Warp(shape, landmarks.mean(axis=0), iod, severity, seed)
    scars = _scars(rng, hull, iod)
    skin = decode(picture.rgb)
    before = skin * _scar_light(shape, scars, iod, light=+1, healed=False)
    healed = skin * _scar_light(shape, scars, iod, light=-1, healed=True)
    nodes = np.stack(np.meshgrid(*(np.arange(n, dtype=np.float64) for n in shape), indexing="ij"), axis=-1)
    where = warp(nodes).astype(np.float32)
    after = np.stack(
        [
            map_coordinates(
                spline_filter(healed[..., k], 3),
                np.moveaxis(where, -1, 0),
                order=3,
                prefilter=False,
                mode="nearest",
            )
            for k in range(3)
        ],
        axis=-1,
    ).astype(np.float32)
    after = _photographed(after, severity, rng)
    before_points = _inside(rng, hull, count)
    after_points = warp.inverse(before_points)
    if np.abs(warp(after_points) - before_points).max() > 1e-5:
        raise RuntimeError(f"The warp of seed {seed} folds: choose another seed.")
    marks_after = None if picture.landmarks is None else _scattered(rng, warp.inverse(landmarks), iod)
    marks_before = None if picture.landmarks is None else _scattered(rng, landmarks, iod)
    name = f"{picture.name} seed {seed}"
    return KnownPair(name, encode(before), after, before_points, after_points, iod, marks_before, marks_after)


def _scattered(rng: np.random.Generator, points: Points, iod: float) -> Points:
    """Known points as a landmark model would see them: 1 % of the inter-ocular distance off."""
    return points + rng.normal(0, 0.007 * iod, points.shape)


def _inter_ocular(landmarks: Points) -> float:
    if len(landmarks) == 478:
        return float(np.linalg.norm(landmarks[473] - landmarks[468]))
    return float(np.ptp(landmarks[:, 1]) * 0.45)


def _inside(rng: np.random.Generator, hull: NDArray[np.float32], count: int) -> Points:
    low, high = hull[:, 0].min(axis=0), hull[:, 0].max(axis=0)
    found: list[Points] = []
    while len(found) < count:
        xy = rng.uniform(low, high)
        if cv2.pointPolygonTest(hull, (float(xy[0]), float(xy[1])), False) > 0:
            found.append(xy[::-1])
    return np.array(found)


def _scars(
    rng: np.random.Generator, hull: NDArray[np.float32], iod: float
) -> list[tuple[Points, float, float, float, float]]:
    """Place, radius in pixels, relief, share of relief left, share of redness left."""
    mm = iod / IOD_MM
    return [
        (
            at,
            rng.uniform(0.6, 2.5) * mm,
            rng.uniform(0.15, 0.45),
            rng.uniform(0.0, 0.7),
            rng.uniform(0.0, 0.6),
        )
        for at in _inside(rng, hull, 44)
    ]


def _scar_light(
    shape: tuple[int, int],
    scars: list[tuple[Points, float, float, float, float]],
    iod: float,
    light: int,
    healed: bool,
) -> NDArray[np.float32]:
    """What scars multiply the light by: a dark and a bright wall along the light, and redness."""
    out = np.ones((*shape, 3), np.float32)
    for at, radius, relief, relief_left, red_left in scars:
        reach = int(4 * radius) + 2
        r0, c0 = (max(0, int(v) - reach) for v in at)
        rows, columns = np.mgrid[
            r0 : min(shape[0], r0 + 2 * reach), c0 : min(shape[1], c0 + 2 * reach)
        ].astype(np.float32)
        y, x = (rows - at[0]) / radius, (columns - at[1]) / radius
        bump = np.exp(-(x * x + y * y) / 2)
        wall = (light * 0.8 * x + 0.6 * y) * bump * relief * (relief_left if healed else 1)
        red = 0.25 * bump * (red_left if healed else 1)
        part = out[r0 : r0 + rows.shape[0], c0 : c0 + rows.shape[1]]
        part *= np.maximum(1 - wall, 0.2)[..., None] * (
            1 - red[..., None] * np.array([0.25, 1.0, 0.8], np.float32)
        )
    return out


def _photographed(
    linear: NDArray[np.float32], severity: Severity, rng: np.random.Generator
) -> NDArray[np.uint8]:
    height, width = linear.shape[:2]
    angle = rng.uniform(0, 2 * np.pi)
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    along = (rows / height - 0.5) * np.sin(angle) + (columns / width - 0.5) * np.cos(angle)
    gain = 2**severity.exposure_ev * (1 + severity.light_gradient * along)
    colour = np.array([severity.red_gain, 1.0, severity.blue_gain], np.float32)
    seen = cv2.GaussianBlur(linear * gain[..., None].astype(np.float32) * colour, (0, 0), severity.blur_px)
    noise = (
        rng.standard_normal(seen.shape).astype(np.float32)
        * severity.noise
        * np.sqrt(np.maximum(seen, 0) + 0.02)
    )
    stream = io.BytesIO()
    Image.fromarray(encode(seen + noise)).save(stream, "JPEG", quality=severity.jpeg_quality)
    return np.asarray(Image.open(stream).convert("RGB"))
