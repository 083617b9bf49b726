"""Two photographs of one face become a Registration: where each point of a common grid lies in both.

landmarks -> common grid half-way (grid.py) -> smooth mesh maps (mesh.py) -> fine displacement from the skin
itself
(flow.py) -> one map into each original, through which each is sampled once (sampling.py).

>>> from microrelief.imaging.pair.geometry import register, resample  # doctest: +SKIP
>>> found = register(before, after, landmarks_before, landmarks_after, 0.16, 0.15)  # doctest: +SKIP
>>> aligned = resample(before, found.before_map), resample(after, found.after_map)  # doctest: +SKIP
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull

from microrelief.imaging.pair.flow import CELL_PX, Displacement, SplineField, find_displacement
from microrelief.imaging.pair.grid import CommonGrid, common_grid
from microrelief.imaging.pair.mesh import LATTICE_STEP_MM, Lattice, SmoothMap, mesh_map
from microrelief.imaging.pair.sampling import Picture, luminance_crop, resample, sample_plain

__all__ = ["Registration", "register", "resample"]

Points = NDArray[np.float64]
Floats = NDArray[np.float32]

MAX_FLOW_SIDE = 1350
"""Longest side of the image the fine displacement is sought in; it is smooth over 5 mm, so more pixels add
little."""
FACE_RIM_MM = 6.0
"""The face reaches this far beyond the landmarks' hull (they end below the hairline); the edge is soft over
it."""
MIN_CONFIDENCE = 0.25
LARGEST_SCAR_MM = 8.0
"""A place smaller than this that looks different amid sure partners is a change of the skin, not a lost
partner: it stays, or every scar that healed would be left out of the measurement of healing."""
MIN_RELATIVE_AREA = 0.25
"""A place seen at less than this share of the usual area is turned away too far, or folded over, in one
photograph."""
MAX_RESIDUAL_MM = 0.5
"""More than this left between the photographs: the partner was not found."""
TEXTURE_WHOLLY, MESH_ONLY = 0.3, 0.45
"""Log ratio of the faces' sizes in the two pictures up to which texture is followed wholly, and from which it
is not followed at all. Between pictures from 60 and from 30 cm (0.48) texture slid along brow and cheek."""
LIGHT_FLOOR = 0.002
"""Linear light below which the logarithm would only show the camera's noise."""


@dataclass(frozen=True)
class Registration:
    """Where the points of a common grid lie in two photographs. Arrays are on the grid, (H, W)."""

    before_map: Floats
    """(H, W, 2): (row, column) in the before photograph."""
    after_map: Floats
    residual_px: Floats
    """Grid pixels: the shift that a 2-mm window would still ask for; NaN outside the face."""
    confidence: Floats
    """0 to 1: 1 where the skin itself fixed the place, 0 where only neighbours or the mesh did."""
    seen: NDArray[np.bool_]
    """Skin or feature of the face that was found in both photographs; elsewhere the maps are only a smooth
    guess."""
    landmarks: Points
    """(n, 2): mean landmarks on the grid."""
    mm_per_pixel: float
    _before: SmoothMap
    _after: SmoothMap

    def after_of(self, before_points: Points) -> Points:
        """Where points (n, 2) of the before photograph lie in the after photograph, (row, column) pixels."""
        return self._after(_inverted(self._before, before_points))

    def before_of(self, after_points: Points) -> Points:
        """Where points (n, 2) of the after photograph lie in the before photograph, (row, column) pixels."""
        return self._before(_inverted(self._after, after_points))


def register(
    before: Picture,
    after: Picture,
    landmarks_before: Points,
    landmarks_after: Points,
    mm_per_pixel_before: float,
    mm_per_pixel_after: float,
) -> Registration:
    """Find where each place of one face lies in two photographs; exchanging the photographs mirrors the
    result.

    Parameters: pictures (H, W, 3), linear light as floats or sRGB-encoded uint8 / uint16, of any two sizes;
    landmarks (n, 2) (row, column) pixels, the same n points (478 of MediaPipe, or any set that spans the
    face);
    millimetres per pixel on each face. Raises PairError when the landmarks do not pair up.
    """
    grid = common_grid(landmarks_before, landmarks_after, mm_per_pixel_before, mm_per_pixel_after)
    lattice = Lattice(grid.shape, LATTICE_STEP_MM / grid.mm_per_pixel)
    meshes = (
        mesh_map(grid.landmarks, np.asarray(landmarks_before, np.float64), grid.to_before, lattice),
        mesh_map(grid.landmarks, np.asarray(landmarks_after, np.float64), grid.to_after, lattice),
    )
    working = _WorkingGrid.of(grid, lattice)
    crops = [
        luminance_crop(picture, mesh.dense(*working.axes))
        for picture, mesh in zip((before, after), meshes, strict=True)
    ]

    def look(field: SplineField | None) -> tuple[Floats, Floats]:
        halves = (None, None) if field is None else (-working.shift(field) / 2, working.shift(field) / 2)
        images = []
        for mesh, (crop, corner), half in zip(meshes, crops, halves, strict=True):
            where = (mesh if half is None else mesh.shifted(half)).dense(*working.axes) - corner.astype(
                np.float32
            )
            images.append(np.log(np.maximum(sample_plain(crop, where), LIGHT_FLOOR)))
        return images[0], images[1]

    face = working.face(grid)
    found = find_displacement(look, working.shape, working.mm_per_pixel, face)
    shift = working.shift(found.spline) * np.float32(
        _trust_in_texture(mm_per_pixel_before, mm_per_pixel_after)
    )
    maps = meshes[0].shifted(-shift / 2), meshes[1].shifted(shift / 2)
    rows, columns = (np.arange(side, dtype=np.float64) for side in grid.shape)
    before_map, after_map = (found_map.dense(rows, columns) for found_map in maps)
    return _registration(
        grid=grid,
        working=working,
        found=found,
        face=face,
        smooth=maps,
        maps=(before_map, after_map),
        shapes=(before.shape, after.shape),
    )


@dataclass(frozen=True)
class _WorkingGrid:
    """The common grid, coarsened where it is too large for the search."""

    shape: tuple[int, int]
    step: float
    """Grid pixels per working pixel."""
    mm_per_pixel: float
    lattice: Lattice

    @classmethod
    def of(cls, grid: CommonGrid, lattice: Lattice) -> "_WorkingGrid":
        step = max(1.0, (max(grid.shape) - 1) / (MAX_FLOW_SIDE - 1))
        rows, columns = (int((side - 1) / step) + 1 for side in grid.shape)
        return cls((rows, columns), step, grid.mm_per_pixel * step, lattice)

    @property
    def axes(self) -> tuple[Points, Points]:
        """Grid rows and columns of the working pixels."""
        rows, columns = (np.arange(side, dtype=np.float64) * self.step for side in self.shape)
        return np.asarray(rows), np.asarray(columns)

    def shift(self, field: SplineField) -> Points:
        """A displacement of working pixels as grid pixels on the lattice."""
        rows, columns = self.lattice.axes
        return field.at(rows / self.step, columns / self.step) * self.step

    def face(self, grid: CommonGrid) -> Floats:
        """1 inside the landmarks' hull, falling softly to 0 over the rim."""
        hull = ConvexHull(grid.landmarks)
        outline = grid.landmarks[hull.vertices] / self.step
        inside = np.zeros(self.shape, np.uint8)
        cv2.fillConvexPoly(inside, np.rint(outline[:, ::-1]).astype(np.int32), 1)
        beyond = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 5)
        return np.asarray(np.clip(1 - beyond * self.mm_per_pixel / FACE_RIM_MM, 0, 1), np.float32)

    def on_grid(self, cells: Floats, shape: tuple[int, int]) -> Floats:
        """Values per cell at every pixel of the grid, linear in between."""
        rows, columns = (
            ((np.arange(side) / self.step - (CELL_PX - 1) / 2) / CELL_PX).astype(np.float32) for side in shape
        )
        return np.asarray(
            cv2.remap(
                cells,
                np.tile(columns, (shape[0], 1)),
                np.tile(rows[:, None], (1, shape[1])),
                cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_REPLICATE,
            )
        )


def _registration(
    *,
    grid: CommonGrid,
    working: _WorkingGrid,
    found: Displacement,
    face: Floats,
    smooth: tuple[SmoothMap, SmoothMap],
    maps: tuple[Floats, Floats],
    shapes: tuple[tuple[int, ...], tuple[int, ...]],
) -> Registration:
    confidence = working.on_grid(found.confidence, grid.shape)
    residual = working.on_grid(found.residual_px, grid.shape) * np.float32(working.step)
    scar = max(3, round(LARGEST_SCAR_MM / working.mm_per_pixel / CELL_PX)) | 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (scar, scar))
    around = working.on_grid(cv2.morphologyEx(found.confidence, cv2.MORPH_CLOSE, disc), grid.shape)
    left = (
        working.on_grid(cv2.morphologyEx(found.residual_px, cv2.MORPH_OPEN, disc), grid.shape) * working.step
    )
    on_face = cv2.resize(face, grid.shape[::-1], interpolation=cv2.INTER_LINEAR) > 0
    seen = on_face & (around >= MIN_CONFIDENCE) & (left * grid.mm_per_pixel <= MAX_RESIDUAL_MM)
    for where, shape in zip(maps, shapes, strict=True):
        seen &= _within(where, shape) & _facing(where)
    residual[~on_face] = np.nan
    return Registration(
        before_map=maps[0],
        after_map=maps[1],
        residual_px=residual,
        confidence=confidence,
        seen=seen,
        landmarks=grid.landmarks,
        mm_per_pixel=grid.mm_per_pixel,
        _before=smooth[0],
        _after=smooth[1],
    )


def _trust_in_texture(mm_per_pixel_before: float, mm_per_pixel_after: float) -> float:
    """1 where both faces are about equally large, 0 where one is half as large again: the mesh alone is then
    followed. Such photographs come from other distances, and texture slides along the face's contours."""
    apart = abs(math.log(mm_per_pixel_before / mm_per_pixel_after))
    return min(max((MESH_ONLY - apart) / (MESH_ONLY - TEXTURE_WHOLLY), 0.0), 1.0)


def _within(where: Floats, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    rows, columns = where[..., 0], where[..., 1]
    return (rows >= 0) & (columns >= 0) & (rows <= shape[0] - 1) & (columns <= shape[1] - 1)


def _facing(where: Floats) -> NDArray[np.bool_]:
    """Where the map neither folds nor shrinks to a sliver."""
    down, along = np.gradient(where, axis=0), np.gradient(where, axis=1)
    area = down[..., 0] * along[..., 1] - down[..., 1] * along[..., 0]
    return np.asarray(area > MIN_RELATIVE_AREA * float(np.median(area)))


def _inverted(found: SmoothMap, points: Points) -> Points:
    """Grid points that a map takes to `points`, by fixed-point steps on its similarity."""
    back = np.linalg.inv(found.similarity.matrix)
    at = (points - found.similarity.shift) @ back.T
    for _ in range(30):
        step = (points - found(at)) @ back.T
        at = at + step
        if np.abs(step).max() < 1e-4:
            break
    return np.asarray(at)
