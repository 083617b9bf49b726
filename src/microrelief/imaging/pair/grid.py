"""Two sets of landmarks become one common grid: half-way between both faces, upright, in equal millimetres.

Nothing here asks which photograph came first: with the two exchanged the same grid comes out.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from microrelief.errors import PairError

Points = NDArray[np.float64]

MAX_GRID_SIDE = 1600
"""Longest side of the grid in pixels: at 0.15 mm it holds a face of 240 mm, and memory stays bounded."""
MARGIN_ABOVE, MARGIN_BELOW, MARGIN_BESIDE = 0.16, 0.06, 0.06
"""Shares of the landmarks' height and width added around them: the mesh ends below the hairline, and at the
jaw."""
FACE_MESH_POINTS = 478
IRIS_RIGHT, IRIS_LEFT = 468, 473
"""Iris centres in MediaPipe's order, the patient's right and left."""
MIN_POINTS = 8


@dataclass(frozen=True)
class Similarity:
    """Rotation, scale and shift of (row, column) points: `point -> matrix @ point + shift`."""

    matrix: Points
    """ndarray of shape (2, 2)."""
    shift: Points
    """ndarray of shape (2,)."""

    def __call__(self, points: Points) -> Points:
        """Points of shape (..., 2), moved."""
        return np.asarray(points @ self.matrix.T + self.shift)


@dataclass(frozen=True)
class CommonGrid:
    """Where both photographs meet."""

    shape: tuple[int, int]
    """(rows, columns)."""
    mm_per_pixel: float
    landmarks: Points
    """ndarray of shape (n, 2): the mean face, (row, column) on the grid."""
    to_before: Similarity
    """From the grid to the before photograph, as far as a similarity goes."""
    to_after: Similarity


def common_grid(
    landmarks_before: Points, landmarks_after: Points, mm_per_pixel_before: float, mm_per_pixel_after: float
) -> CommonGrid:
    """The grid half-way between two faces.

    Each face loses its own position, size and rotation (Procrustes, half of the relative rotation each); the
    mean
    of the two shapes, turned upright, is the face on the grid. A grid pixel is as large as the coarser
    photograph's
    pixel on the face, so that nothing is magnified, and larger where the grid would exceed MAX_GRID_SIDE.
    The relative size of the two photographs is taken from the landmarks (two photographs of one head agree
    to 1 %),
    the absolute one from the geometric mean of the two stated scales.

    Parameters: (n, 2) (row, column) pixels, the same n points in both; millimetres per pixel. Raises
    PairError
    when the points do not pair up or do not span a face.
    """
    before, after = np.asarray(landmarks_before, np.float64), np.asarray(landmarks_after, np.float64)
    _check(before, after, mm_per_pixel_before, mm_per_pixel_after)
    centre_b, centre_a = before.mean(axis=0), after.mean(axis=0)
    size_b, size_a = (float(np.sqrt(((p - p.mean(axis=0)) ** 2).sum())) for p in (before, after))
    shape_b, shape_a = (before - centre_b) / size_b, (after - centre_a) / size_a
    half = _angle(shape_b, shape_a) / 2  # turns before towards after
    mean = (shape_b @ _rotation(half).T + shape_a @ _rotation(-half).T) / 2
    upright = _angle_to_upright(mean)
    mean = mean @ _rotation(upright).T

    size_mm = float(np.sqrt((size_b * mm_per_pixel_before) * (size_a * mm_per_pixel_after)))
    pixel_mm = max(size_mm / size_b, size_mm / size_a)
    low, high = mean.min(axis=0) * size_mm, mean.max(axis=0) * size_mm
    height, width = high - low
    low = np.subtract(low, (MARGIN_ABOVE * height, MARGIN_BESIDE * width))
    high = np.add(high, (MARGIN_BELOW * height, MARGIN_BESIDE * width))
    pixel_mm = max(pixel_mm, float((high - low).max()) / (MAX_GRID_SIDE - 1))
    rows, columns = (min(int(np.ceil(side / pixel_mm)) + 1, MAX_GRID_SIDE) for side in high - low)

    def into(centre: Points, size: float, angle: float) -> Similarity:
        # grid -> millimetres of the mean face -> the photograph
        matrix = _rotation(angle) * (pixel_mm / size_mm * size)
        return Similarity(matrix, centre + matrix @ (low / pixel_mm))

    return CommonGrid(
        shape=(rows, columns),
        mm_per_pixel=pixel_mm,
        landmarks=(mean * size_mm - low) / pixel_mm,
        to_before=into(centre_b, size_b, -half - upright),
        to_after=into(centre_a, size_a, half - upright),
    )


def _check(before: Points, after: Points, mm_before: float, mm_after: float) -> None:
    if before.shape != after.shape or before.ndim != 2 or before.shape[1] != 2 or len(before) < MIN_POINTS:
        raise PairError(
            f"The landmarks of the two photographs do not pair up ({before.shape} and {after.shape}): "
            f"give the same {MIN_POINTS} or more (row, column) points for both."
        )
    if not (np.isfinite(before).all() and np.isfinite(after).all()):
        raise PairError("A landmark is not a number: find the face again, or take the photograph again.")
    if not (0 < mm_before < np.inf and 0 < mm_after < np.inf):
        raise PairError(
            "The scale must be a positive number of millimetres per pixel: "
            "state it, or measure it on the iris."
        )
    for points in (before, after):
        if np.linalg.svd(points - points.mean(axis=0), compute_uv=False)[-1] < 1:
            raise PairError("The landmarks lie in one place or on one line: find the face again.")


def _rotation(radians: float) -> Points:
    c, s = np.cos(radians), np.sin(radians)
    return np.array([[c, -s], [s, c]])


def _angle(source: Points, target: Points) -> float:
    """The rotation that brings centred source points nearest to centred target points, radians."""
    cross = source.T @ target
    return float(np.arctan2(cross[0, 1] - cross[1, 0], cross[0, 0] + cross[1, 1]))


def _angle_to_upright(mean: Points) -> float:
    """The rotation that makes the line between the irises level; none for points that are not a face mesh."""
    if len(mean) != FACE_MESH_POINTS:
        return 0.0
    down, right = mean[IRIS_LEFT] - mean[IRIS_RIGHT]
    # in (row, column) order a positive rotation turns a rightward line upwards
    return float(np.arctan2(down, right))
