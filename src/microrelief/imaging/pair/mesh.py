"""Landmarks become a smooth map from the common grid into one photograph.

The map is a similarity, which is exact everywhere, plus a small smooth departure from it, which is kept on a
coarse
lattice: both photographs, however large, cost the same.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import make_interp_spline
from scipy.ndimage import gaussian_filter, map_coordinates, spline_filter
from scipy.spatial import ConvexHull

from microrelief.imaging.pair.grid import Similarity

Points = NDArray[np.float64]
Floats = NDArray[np.float32]

LATTICE_STEP_MM = 2.0
"""Spacing of the lattice: fields here are smooth over 5 mm and more, so a cubic spline through it is exact
to 1e-3 px."""
LATTICE_MARGIN = 3
"""Lattice rows beyond the grid on each side, so that a shifted point still falls on it."""
SMOOTHING = 2e-3
"""Weight of the plate's stiffness: landmarks scatter by about 1.6 % of the inter-ocular distance
(imaging.md, B)."""
SMOOTH_MM = 4.0
"""Standard deviation of the Gaussian over the fitted plate: it kinks where a landmark is off, and a scar may
lie there."""
OUTLINE_MM = 11.0
"""The smoothing begins this far inside the landmarks' outline and is full at twice that."""
FADE_SHARE = 0.35
"""Beyond the landmarks the departure dies away over this share of the face's size: a plate's own
extrapolation grows."""


@dataclass(frozen=True)
class Lattice:
    """A coarse lattice over a grid; fields of shape (rows, columns, k) live on it."""

    grid_shape: tuple[int, int]
    step: float
    """In grid pixels."""

    @property
    def axes(self) -> tuple[Points, Points]:
        """Grid rows and grid columns of the lattice."""
        rows, columns = (
            np.float64(1)
            * (np.arange(int(np.ceil((side - 1) / self.step)) + 1 + 2 * LATTICE_MARGIN) - LATTICE_MARGIN)
            * self.step
            for side in self.grid_shape
        )
        return rows, columns

    def nodes(self) -> Points:
        """(rows, columns, 2): grid (row, column) of each node."""
        return np.stack(np.meshgrid(*self.axes, indexing="ij"), axis=-1)

    def at(self, field: Points, points: Points) -> Points:
        """A field of shape (rows, columns, k) at grid points (..., 2), by cubic spline; beyond the lattice
        its edge."""
        where = np.moveaxis(points, -1, 0) / self.step + LATTICE_MARGIN
        layers = [
            map_coordinates(
                spline_filter(field[..., k], 3, mode="nearest"),
                where,
                order=3,
                mode="nearest",
                prefilter=False,
            )
            for k in range(field.shape[-1])
        ]
        return np.stack(layers, axis=-1)

    def dense(self, field: Points, rows: Points, columns: Points) -> Floats:
        """A field at every crossing of grid `rows` and `columns`: float32 (len(rows), len(columns), k)."""
        down, along = (_cardinal(axis, at) for axis, at in zip(self.axes, (rows, columns), strict=True))
        return np.stack(
            [(down @ field[..., k].astype(np.float32)) @ along.T for k in range(field.shape[-1])], axis=-1
        )


def _cardinal(axis: Points, at: Points) -> Floats:
    """(len(at), len(axis)): cubic spline through values at `axis`, evaluated at `at`, as a matrix."""
    return np.asarray(make_interp_spline(axis, np.eye(len(axis)), k=3)(at), np.float32)


@dataclass(frozen=True)
class SmoothMap:
    """From the common grid into a photograph, (row, column) to (row, column)."""

    similarity: Similarity
    lattice: Lattice
    departure: Points
    """On the lattice, (rows, columns, 2): photograph pixels to add to the similarity."""

    def __call__(self, points: Points) -> Points:
        """Grid points of shape (..., 2) into the photograph."""
        return self.similarity(points) + self.lattice.at(self.departure, points)

    def shifted(self, shift: Points) -> "SmoothMap":
        """The map that first moves each grid point by `shift`, a field of grid pixels on the lattice."""
        nodes = self.lattice.nodes()
        return SmoothMap(self.similarity, self.lattice, self(nodes + shift) - self.similarity(nodes))

    def dense(self, rows: Points, columns: Points) -> Floats:
        """float32 (len(rows), len(columns), 2): where in the photograph each crossing of grid rows and
        columns lies."""
        out = self.lattice.dense(self.departure, rows, columns)
        matrix, shift = self.similarity.matrix, self.similarity.shift
        for k in range(2):
            out[..., k] += (matrix[k, 0] * rows + shift[k])[:, None].astype(np.float32)
            out[..., k] += (matrix[k, 1] * columns)[None].astype(np.float32)
        return out


def mesh_map(
    grid_points: Points, photo_points: Points, similarity: Similarity, lattice: Lattice
) -> SmoothMap:
    """The smooth map that takes the mean face's landmarks on the grid to those in a photograph.

    A thin plate (Bookstein 1989) with stiffness fits what the similarity leaves, and fades beyond the face
    so that
    forehead and jaw follow the nearest landmarks and the rest follows the similarity.

    Parameters: (n, 2) grid pixels; (n, 2) photograph pixels; grid to photograph; the lattice of the grid.
    """
    size = float(np.sqrt(((grid_points - grid_points.mean(axis=0)) ** 2).sum(axis=1).mean()))
    centre = grid_points.mean(axis=0)
    at, left = (grid_points - centre) / size, photo_points - similarity(grid_points)
    n = len(at)
    system = np.zeros((n + 3, n + 3))
    system[:n, :n] = _plate(at, at) + SMOOTHING * n * np.eye(n) / 100
    system[:n, n:] = np.column_stack([np.ones(n), at])
    system[n:, :n] = system[:n, n:].T
    weights = np.linalg.solve(system, np.vstack([left, np.zeros((3, 2))]))

    nodes = (lattice.nodes() - centre) / size
    flat = nodes.reshape(-1, 2)
    field = _plate(flat, at) @ weights[:n] + weights[n] + flat @ weights[n + 1 :]
    beyond = np.sqrt(_nearest_square(flat, at))
    field *= np.exp(-((np.maximum(beyond - 0.05, 0) / (2 * FADE_SHARE)) ** 2))[:, None]
    plate = field.reshape(nodes.shape)
    width = SMOOTH_MM / LATTICE_STEP_MM
    smooth = gaussian_filter(plate, (width, width, 0), mode="nearest")
    # at the outline of a turned head the map is truly steep: there the plate stays as it is
    inner = np.clip((_depth_inside(grid_points, lattice) * LATTICE_STEP_MM - OUTLINE_MM) / OUTLINE_MM, 0, 1)
    inner = gaussian_filter(inner, width / 2)[..., None]
    return SmoothMap(similarity, lattice, smooth * inner + plate * (1 - inner))


def _depth_inside(points: Points, lattice: Lattice) -> Points:
    """How deep each node lies inside the points' convex outline, in lattice steps; 0 outside."""
    outline = points[ConvexHull(points).vertices] / lattice.step + LATTICE_MARGIN
    inside = np.zeros([len(axis) for axis in lattice.axes], np.uint8)
    cv2.fillConvexPoly(inside, np.rint(outline[:, ::-1]).astype(np.int32), 1)
    return np.asarray(cv2.distanceTransform(inside, cv2.DIST_L2, 5), np.float64)


def _plate(points: Points, centres: Points) -> Points:
    square = _squares(points, centres)
    return np.asarray(square * np.log(square + 1e-12))


def _nearest_square(points: Points, centres: Points) -> Points:
    return np.asarray(_squares(points, centres).min(axis=1))


def _squares(points: Points, centres: Points) -> Points:
    product = points @ centres.T
    square = (points**2).sum(axis=1)[:, None] - 2 * product + (centres**2).sum(axis=1)
    return np.asarray(np.maximum(square, 0))
