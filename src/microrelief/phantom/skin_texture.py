"""One person's skin as maps over the texture square: relief in millimetres, melanin and blood.

Every length is measured on the resting face in millimetres (through the baked map of positions), so the same
map means the same relief wherever the texture is stretched.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from microrelief.phantom.mesh import Floats
from microrelief.phantom.scars import Scar, rim_share

Map = NDArray[np.float32]

FURROW_SPACING_MM = 0.5
"""Cells of primary furrows on the face are a third to two thirds of a millimetre wide."""
FURROW_DEPTH_MM = (0.020, 0.040)
FURROW_WIDTH_MM = 0.07
PORE_SPACING_MM = 1.3
PORE_RADIUS_MM = (0.10, 0.22)
PORE_DEPTH_MM = (0.03, 0.09)
UNDULATION_MM = 0.02
"""Standard deviation of the gentle waves (2 to 12 mm) of subcutaneous tissue."""
SCAR_FURROWS = 0.35
"""Share of the furrows' depth that is left on a scar's floor."""


@dataclass(frozen=True)
class Spot:
    """A flat coloured mark: freckle, red or brown mark after acne."""

    centre_mm: tuple[float, float, float]
    radius_mm: float
    melanin: float
    """Excess share of melanin."""
    blood: float
    """Excess share of blood."""
    after_acne: bool
    """Whether it fades together with the scars' colour."""


class Noise:
    """Smooth random fields in space: the same point gives the same value on every mesh."""

    def __init__(self, random: np.random.Generator) -> None:
        self._lattice = random.normal(0, 1, (48, 48, 48)).astype(np.float32)

    def at(self, points_mm: NDArray[np.floating], wavelength_mm: float, shift: int) -> Map:
        """Unit-variance noise at points (..., 3); features are about half a wavelength wide."""
        scaled = points_mm / (wavelength_mm / 2) + shift * 17.31
        # ease in and out of the lattice points, so that the field has no creases there
        whole = np.floor(scaled)
        part = scaled - whole
        flat = (whole + part * part * (3 - 2 * part)).reshape(-1, 3).T
        values = map_coordinates(self._lattice, flat, order=1, mode="grid-wrap")
        return (values / 0.6).astype(np.float32).reshape(points_mm.shape[:-1])

    def octaves(
        self, points_mm: NDArray[np.floating], longest_mm: float, shortest_mm: float, shift: int
    ) -> Map:
        """Sum of octaves with amplitude falling as the square root of the wavelength, unit variance."""
        total = np.zeros(points_mm.shape[:-1], dtype=np.float32)
        power, wavelength, k = 0.0, longest_mm, 0
        while wavelength >= shortest_mm:
            weight = (wavelength / longest_mm) ** 0.5
            total += np.float32(weight) * self.at(points_mm, wavelength, shift + k)
            power += weight**2
            wavelength, k = wavelength / 2, k + 1
        return total / np.float32(np.sqrt(power))


def stamp(
    target: Map,
    positions_mm: Map,
    *,
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    half: int,
    values: object,
) -> None:
    """Take the maximum of target and values(distance_mm, feature) in square windows about features, in place.

    values is called with distances (K, W, W) and must return the same shape.
    """
    size = target.shape[0]
    window = np.arange(-half, half + 1)
    for first in range(0, len(rows), 4096):
        part = slice(first, first + 4096)
        r = np.clip(rows[part, None, None] + window[None, :, None], 0, size - 1)
        c = np.clip(columns[part, None, None] + window[None, None, :], 0, size - 1)
        centre = positions_mm[rows[part], columns[part]][:, None, None, :]
        distance = np.linalg.norm(positions_mm[r, c] - centre, axis=-1)
        value = np.nan_to_num(values(distance, part)).astype(np.float32)  # type: ignore[operator]
        np.maximum.at(target, (r + 0 * c, c + 0 * r), value)


def furrows(random: np.random.Generator, positions_mm: Map, depth_mm: float) -> Map:
    """Net of furrows: depth falls off from the borders between the cells of random seeds (Worley 1996), mm,
    <= 0."""
    size = positions_mm.shape[0]
    finite = np.where(np.isfinite(positions_mm), positions_mm, -1e4).astype(np.float32)
    step = _texels_per_mm(positions_mm) * FURROW_SPACING_MM
    cells = int(size / step)
    jitter = random.uniform(0.08, 0.92, (cells + 2, cells + 2, 2))
    grid = (
        np.stack(np.meshgrid(np.arange(-1, cells + 1), np.arange(-1, cells + 1), indexing="ij"), axis=-1)
        + jitter
    )
    texel = np.clip((grid * (size / cells)).astype(int), 0, size - 1)
    seeds = finite[texel[..., 0], texel[..., 1]]
    result = np.zeros((size, size), dtype=np.float32)
    column_cell = ((np.arange(size) + 0.5) * cells / size).astype(int)
    for first in range(0, size, 128):
        rows = np.arange(first, min(first + 128, size))
        row_cell = ((rows + 0.5) * cells / size).astype(int)
        here = finite[rows]
        nearest = np.full(here.shape[:2], 9e9, dtype=np.float32)
        second = nearest.copy()
        for down in range(3):
            for right in range(3):
                seed = seeds[row_cell + down][:, column_cell + right]
                distance = ((here - seed) ** 2).sum(axis=-1)
                second = np.minimum(second, np.maximum(nearest, distance))
                nearest = np.minimum(nearest, distance)
        gap = np.sqrt(second) - np.sqrt(nearest)
        result[rows] = -np.exp(-((gap / (2 * FURROW_WIDTH_MM)) ** 2))
    return result * np.float32(depth_mm)


def pores(random: np.random.Generator, positions_mm: Map, density: Map) -> Map:
    """Pores as small pits, mm, <= 0. density: (T, T) share of the possible pores that are visible."""
    size = positions_mm.shape[0]
    step = _texels_per_mm(positions_mm) * PORE_SPACING_MM
    count = int(size / step)
    place = (
        np.stack(np.meshgrid(np.arange(count), np.arange(count), indexing="ij"), -1)
        + random.uniform(0, 1, (count, count, 2))
    ) * step
    texel = np.clip(place.reshape(-1, 2).astype(np.int64), 0, size - 1)
    keep = random.uniform(0, 1, len(texel)) < density[texel[:, 0], texel[:, 1]]
    keep &= np.isfinite(positions_mm[texel[:, 0], texel[:, 1], 0])
    texel = texel[keep]
    radius = random.uniform(*PORE_RADIUS_MM, len(texel))[:, None, None]
    depth = random.uniform(*PORE_DEPTH_MM, len(texel))[:, None, None]
    result = np.zeros((size, size), dtype=np.float32)
    half = int(np.ceil(2 * PORE_RADIUS_MM[1] * _texels_per_mm(positions_mm)))
    stamp(
        result,
        positions_mm,
        rows=texel[:, 0],
        columns=texel[:, 1],
        half=half,
        values=lambda distance, part: depth[part] * np.exp(-((distance / radius[part]) ** 2)),
    )
    return -result


def spot_maps(positions_mm: Map, spots: list[Spot]) -> tuple[Map, Map]:
    """Excess of melanin and of blood by flat marks, as shares, (T, T) each."""
    melanin = np.zeros(positions_mm.shape[:2], dtype=np.float32)
    blood = np.zeros_like(melanin)
    for spot in spots:
        window = _window(positions_mm, spot.centre_mm, spot.radius_mm * 2.2)
        distance = np.linalg.norm(positions_mm[window] - np.array(spot.centre_mm, dtype=np.float32), axis=-1)
        share = np.nan_to_num(np.exp(-((distance / spot.radius_mm) ** 4)))
        melanin[window] += spot.melanin * share
        blood[window] += spot.blood * share
    return melanin, blood


def scar_maps(positions_mm: Map, scars: list[Scar], frames: Floats) -> tuple[Map, Map, Map]:
    """What scars do to the maps: (floor, redness, pigment), (T, T) each.

    floor: 1 within a scar, 0 outside (where furrows fade); redness and pigment: excess shares of blood and
    melanin. frames: (K, 3, 3) rows across, along, outward of each scar.
    """
    floor = np.zeros(positions_mm.shape[:2], dtype=np.float32)
    redness, pigment = np.zeros_like(floor), np.zeros_like(floor)
    for scar, frame in zip(scars, frames, strict=True):
        window = _window(positions_mm, scar.centre_mm, scar.radius_mm * 2.4 + 0.5)
        local = (positions_mm[window] - np.array(scar.centre_mm, dtype=np.float32)) @ frame.T.astype(
            np.float32
        )
        rho = np.nan_to_num(
            rim_share(scar, local[..., 0].astype(float), local[..., 1].astype(float)), nan=9.0
        )
        floor[window] = np.maximum(floor[window], _fall(rho, 0.75, 1.1))
        # colour spreads a little over the rim
        redness[window] += scar.redness * _fall(rho, 0.6, 1.5)
        pigment[window] += scar.pigment * _fall(rho, 0.7, 1.6)
    return floor, redness, pigment


def _fall(rho: Floats, full: float, none: float) -> Map:
    t = np.clip((none - rho) / (none - full), 0, 1)
    return (t * t * (3 - 2 * t)).astype(np.float32)


def _texels_per_mm(positions_mm: Map) -> float:
    step = np.linalg.norm(positions_mm[::32, 8::32] - positions_mm[::32, :-8:32], axis=-1)
    return 8.0 / float(np.nanmedian(step))


def _window(positions_mm: Map, centre_mm: tuple[float, float, float], reach_mm: float) -> tuple[slice, slice]:
    size = positions_mm.shape[0]
    coarse = positions_mm[4::8, 4::8]
    distance = np.nansum((coarse - np.array(centre_mm, dtype=np.float32)) ** 2, axis=-1)
    distance[~np.isfinite(coarse[..., 0])] = np.inf
    row, column = np.unravel_index(int(np.argmin(distance)), distance.shape)
    half = int(reach_mm * _texels_per_mm(positions_mm) * 1.5) + 12
    r, c = int(row) * 8 + 4, int(column) * 8 + 4
    return slice(max(r - half, 0), min(r + half, size)), slice(max(c - half, 0), min(c + half, size))


def draw_hairs(
    random: np.random.Generator,
    size: int,
    *,
    roots: Floats,
    directions: Floats,
    lengths: Floats,
    width: float,
) -> Map:
    """Share of a texel that is covered by painted hairs, (size, size).

    roots, directions: (K, 2) as (row, column) in texels; lengths in texels; width in texels.
    """
    canvas = np.zeros((size, size), dtype=np.uint8)
    for root, direction, length in zip(roots, directions, lengths, strict=True):
        bend = random.normal(0, 0.25)
        points = [root]
        heading = np.arctan2(direction[1], direction[0])
        for _ in range(5):
            heading += bend / 5
            points.append(points[-1] + length / 5 * np.array([np.cos(heading), np.sin(heading)]))
        line = np.round(np.array(points)[:, ::-1] * (1 << 4)).astype(np.int32)
        cv2.polylines(canvas, [line[:, None]], False, 255, max(1, round(width)), cv2.LINE_AA, 4)
    covered: Map = canvas.astype(np.float32) / np.float32(255)
    return covered
