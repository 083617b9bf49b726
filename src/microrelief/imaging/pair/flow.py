"""Two photographs that already nearly meet become the smooth displacement that brings them together.

The displacement is a cubic B-spline with knots 5 mm apart: it can follow a smile, but no structure of scar
size.
It is found in two steps. Optical flow (DIS), both ways, says roughly where everything went; then
Gauss-Newton steps
bring the two images, treated alike, onto each other to a few hundredths of a pixel. Every step weighs the
places
by how well they agree, and asks the spline to bend little and to stay near the face mesh where nothing is
known.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline
from scipy.linalg import solveh_banded

Points = NDArray[np.float64]
Floats = NDArray[np.float32]
Values = NDArray[np.floating[Any]]

KNOT_MM = 5.0
"""Scars are 0.5 to 6 mm: a displacement that cannot vary within 5 mm can neither shrink nor move one
alone."""
COARSE_MM = 4.0
LOCAL_MM = 1.2
"""Standard deviation of the window whose mean and contrast are removed: light, tone and colour go, pores and
marks stay."""
DETAIL_PX = 0.8
"""Low-pass before derivatives, pixels: noise and JPEG blocks go, and a one-pixel difference in focus weighs
less."""
AGREE_MM = 1.5
"""Standard deviation of the window in which the two images' correlation is taken."""
BROAD_MM = 2.5
"""The same for what is shown as confidence: wide enough that strangers do not agree by chance, nor one
healed scar disagrees."""
STRANGERS, FRIENDS = 0.15, 0.6
"""Correlation over BROAD_MM of places that have nothing in common (0 with a scatter of 0.1), and of sure
partners."""
KNOWN_ENOUGH = 0.02
"""Evidence per cell at which half of the answer comes from the images, 1/pixel squared."""
CELL_PX = 4
"""Evidence is summed over cells of this many pixels: well below what the spline can follow."""
INDEPENDENT_PX = 30.0
"""Neighbouring residuals (shading, blur) are alike over about this area in pixels, so they count once."""
BENDING_PX = 0.012
"""Expected curvature of the displacement, 1/pixel at 0.2 mm per pixel: expression, pose and lens over a
face."""
MESH_ERROR_MM = 2.5
"""How far off the face mesh is expected to be where nothing else is known (3.5 % of the inter-ocular
distance)."""
SEARCH_MM = 10.0
"""The same while searching: what the skin says far from the mesh is followed first, and judged at the end."""
UNSURE_MM = 0.6
"""The same where the photographs disagree over a neighbourhood."""
FLOW_ERROR_PX = 0.5
"""Expected error of DIS where both directions agree."""
SURE_FROM, SURE_AT = 0.4, 0.8
"""Correlation from which a place found is believed against the mesh, and at which it is believed fully."""
MAX_SOFTENING = 9.0
"""Largest difference in focus that is evened out before the images are compared, pixels squared."""
CONTRAST_FLOOR = 0.012
"""Local contrast of log light below which there is no texture but noise; it also keeps flat places from
being amplified."""


Look = Callable[["SplineField | None"], tuple[Floats, Floats]]
"""Both log-luminance images, sampled with a displacement."""


@dataclass(frozen=True)
class Displacement:
    """What the flow found, on the working grid's cells unless said otherwise."""

    spline: "SplineField"
    residual_px: Floats
    """What is left between the two images at 2 mm, working pixels, per cell."""
    confidence: Floats
    """0 to 1 per cell."""


def find_displacement(look: Look, shape: tuple[int, int], mm_per_pixel: float, face: Floats) -> Displacement:
    """The displacement v that brings two images together: before at `x - v/2` meets after at `x + v/2`.

    Parameters: `look(field)` gives both log-luminance images (H, W) sampled with a SplineField's
    displacement (None
    for none); shape (H, W) of the working grid; its millimetres per pixel; float32 (H, W) 0 to 1, where the
    face is.
    Exchanging the two images gives exactly -v.
    """
    cells = _cells(shape)
    knot = KNOT_MM / mm_per_pixel
    field = SplineField(shape, knot)
    bending = 1 / (BENDING_PX * mm_per_pixel / 0.2) ** 2 / INDEPENDENT_PX
    pull = (mm_per_pixel / np.array([SEARCH_MM, MESH_ERROR_MM])) ** 2 / knot**2
    system, gated = (SplineSystem(field, cells, bending, float(p)) for p in pull)
    share = _by_cell(face)
    field.values = _rough(look(None), system, share, mm_per_pixel)
    softer_by = 0.0
    for local_mm in (COARSE_MM, COARSE_MM, LOCAL_MM, LOCAL_MM, LOCAL_MM):
        evidence = _Evidence.of(
            look(field), share, face, mm_per_pixel, local_mm=local_mm, softer_by=softer_by
        )
        softer_by = evidence.softer_by
        field.values = system.solve(evidence.matrix, evidence.vector, offset=True)
    pair = look(field)
    sure = _sure(
        _Evidence.of(pair, share, face, mm_per_pixel, local_mm=COARSE_MM, softer_by=softer_by).agreement
    )
    evidence = _Evidence.of(pair, share, face, mm_per_pixel, local_mm=LOCAL_MM, softer_by=softer_by)
    field.values = gated.solve(*_gated(evidence, sure, system, mm_per_pixel), offset=True)
    return Displacement(field, evidence.left_px(mm_per_pixel), evidence.confidence(mm_per_pixel))


def _gated(
    evidence: "_Evidence", sure: Floats, system: "SplineSystem", mm_per_pixel: float
) -> tuple[tuple[Values, Values, Values], Values]:
    """Evidence as far as it is believed; where it is not, over 5 mm and more, a pull back to the face
    mesh."""
    field, cells = system.field, system.cells
    sigma = KNOT_MM / mm_per_pixel / CELL_PX
    believed = cv2.GaussianBlur(sure * evidence.share, (0, 0), sigma)
    believed = np.minimum(believed / (cv2.GaussianBlur(evidence.share, (0, 0), sigma) + 1e-3), 1)
    # beyond the face there is no skin to ask: hair and background would carry the answer away
    back = (CELL_PX * mm_per_pixel / (UNSURE_MM * field.knot)) ** 2 * (
        (1 - believed) ** 2 + (1 - evidence.share)
    )
    rr, rc, cc = (m * sure for m in evidence.matrix)
    vector = evidence.vector * sure[..., None] - back[..., None] * field.at(*cells)
    return (rr + back, rc, cc + back), vector


def _rough(pair: tuple[Floats, Floats], system: "SplineSystem", share: Floats, mm_per_pixel: float) -> Points:
    """Optical flow both ways, where it agrees with itself and makes the images alike, as spline values."""
    before, after = (_detail(image, mm_per_pixel, COARSE_MM) for image in pair)
    eight = [np.clip(image * 32 + 128, 0, 255).astype(np.uint8) for image in (before, after)]
    dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    there = dis.calc(eight[0], eight[1], None)
    back = dis.calc(eight[1], eight[0], None)
    rows, columns = np.meshgrid(*(np.arange(n, dtype=np.float32) for n in before.shape), indexing="ij")
    v = (there - back) / 2
    for _ in range(3):
        # the displacement belongs to the point half-way, not to either end
        forth = _look_up(there, columns - v[..., 0] / 2, rows - v[..., 1] / 2)
        opposite = _look_up(back, columns + v[..., 0] / 2, rows + v[..., 1] / 2)
        v = (forth - opposite) / 2
    disagreement = ((forth + opposite) ** 2).sum(axis=-1)
    meet_b = _look_up(before, columns - v[..., 0] / 2, rows - v[..., 1] / 2)
    meet_a = _look_up(after, columns + v[..., 0] / 2, rows + v[..., 1] / 2)
    trust = _by_cell(1 / (1 + disagreement / (2 * FLOW_ERROR_PX) ** 2) ** 2)
    trust = trust * _weight(_agreement(meet_b, meet_a, mm_per_pixel, AGREE_MM)) * share
    weight = trust * CELL_PX**2 / FLOW_ERROR_PX**2 / INDEPENDENT_PX
    flow = np.stack([_by_cell(np.ascontiguousarray(v[..., k])) for k in (1, 0)], axis=-1)
    return system.solve((weight, np.zeros_like(weight), weight), weight[..., None] * flow, offset=False)


def _look_up(values: Floats, columns: Floats, rows: Floats) -> Floats:
    return np.asarray(cv2.remap(values, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def _detail(log_light: Floats, mm_per_pixel: float, local_mm: float) -> Floats:
    """Log light without its local mean and in units of its local contrast."""
    sigma = local_mm / mm_per_pixel
    high = log_light - _blurred(log_light, sigma)
    contrast = np.sqrt(np.maximum(_blurred(high * high, sigma), 0) + CONTRAST_FLOOR**2)
    return np.asarray(high / contrast, np.float32)


def _blurred(image: Floats, sigma: float) -> Floats:
    """Gaussian blur, by way of a smaller image where sigma allows it."""
    step = max(1, int(sigma / 3))
    height, width = image.shape
    small = cv2.resize(image, (-(-width // step), -(-height // step)), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / step, borderType=cv2.BORDER_REFLECT)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR))


def _cells(shape: tuple[int, int]) -> tuple[Values, Values]:
    """Centres of the cells, in pixels; a last cell that is not whole is left out."""
    rows, columns = (np.arange(side // CELL_PX) * CELL_PX + (CELL_PX - 1) / 2 for side in shape)
    return rows, columns


def _by_cell(image: Floats) -> Floats:
    """Mean over each cell."""
    rows, columns = (side // CELL_PX for side in image.shape)
    whole = image[: rows * CELL_PX, : columns * CELL_PX]
    return np.asarray(cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA))


def _agreement(before: Floats, after: Floats, mm_per_pixel: float, window_mm: float) -> Floats:
    """Correlation of two images of zero local mean in a small window, per cell; near 1 where neither has
    texture."""
    sigma = window_mm / mm_per_pixel / CELL_PX
    sums = [
        cv2.GaussianBlur(_by_cell(product), (0, 0), max(sigma, 0.5))
        for product in (before * after, before * before, after * after)
    ]
    return np.asarray(sums[0] / np.sqrt(sums[1] * sums[2] + 1e-6))


def _sure(agreement: Floats) -> Floats:
    return np.asarray(np.clip((agreement - SURE_FROM) / (SURE_AT - SURE_FROM), 0, 1) ** 2)


def _weight(agreement: Floats) -> Floats:
    return np.asarray(np.clip((agreement - 0.2) / 0.6, 0, 1) ** 2)


def _softer(mean: Values, left: Values, face: Floats) -> float:
    """The variance of the Gaussian that would explain what is left: blur adds half its variance times the
    Laplacian."""
    spread = cv2.Laplacian(mean, cv2.CV_32F, ksize=1) * face
    rms = float(np.sqrt((left * left * face).sum() / max(float(face.sum()), 1e-6))) + 1e-6
    steady = spread / (1 + (left / (2 * rms)) ** 2) ** 2
    return 2 * float((steady * left).sum()) / max(float((steady * spread).sum()), 1e-6)


@dataclass(frozen=True)
class _Evidence:
    """What two nearly aligned images say of the displacement still missing, per cell (Lucas and Kanade's
    equations)."""

    matrix: tuple[Floats, Floats, Floats]
    vector: Floats
    agreement: Floats
    broad_agreement: Floats
    share: Floats
    softer_by: float
    """How much softer the after is, as the variance of a Gaussian in pixels squared; negative when the
    before is."""

    @classmethod
    def of(
        cls,
        pair: tuple[Floats, Floats],
        share: Floats,
        face: Floats,
        mm_per_pixel: float,
        *,
        local_mm: float,
        softer_by: float,
    ) -> "_Evidence":
        soften = DETAIL_PX**2 + max(softer_by, 0), DETAIL_PX**2 + max(-softer_by, 0)
        before, after = (
            _detail(cv2.GaussianBlur(image, (0, 0), np.sqrt(variance)), mm_per_pixel, local_mm)
            for image, variance in zip(pair, soften, strict=True)
        )
        agreement = _agreement(before, after, mm_per_pixel, AGREE_MM)
        broad = _agreement(before, after, mm_per_pixel, BROAD_MM)
        mean, left = (before + after) / 2, after - before
        down = cv2.Sobel(mean, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
        along = cv2.Sobel(mean, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
        spread = 1.4826 * float(np.median(np.abs(left[face > 0.5]))) + 1e-3 if (face > 0.5).any() else 1.0
        softer_by = float(np.clip(softer_by + _softer(mean, left, face), -MAX_SOFTENING, MAX_SOFTENING))
        # Geman and McClure: a scar that healed, a shade that moved, counts little
        weight = 1 / (1 + (left / (2 * spread)) ** 2) ** 2 / spread**2
        trust = _weight(agreement) * share * (CELL_PX**2 / INDEPENDENT_PX)
        down_w, along_w = down * weight, along * weight
        matrix = tuple(_by_cell(p) * trust for p in (down_w * down, down_w * along, along_w * along))
        vector = np.stack([-_by_cell(p * left) * trust for p in (down_w, along_w)], axis=-1)
        return cls((matrix[0], matrix[1], matrix[2]), vector, agreement, broad, share, softer_by)

    def left_px(self, mm_per_pixel: float) -> Floats:
        """Length of the displacement that a 2-mm window would still ask for, pixels."""
        sigma = max(1.0 / mm_per_pixel / CELL_PX, 0.5)
        rr, rc, cc = (cv2.GaussianBlur(m, (0, 0), sigma) for m in self.matrix)
        r, c = (cv2.GaussianBlur(np.ascontiguousarray(self.vector[..., k]), (0, 0), sigma) for k in range(2))
        rr, cc = rr + 0.05, cc + 0.05
        det = rr * cc - rc * rc
        return np.asarray(np.hypot(cc * r - rc * c, rr * c - rc * r) / det, np.float32)

    def confidence(self, mm_per_pixel: float) -> Floats:
        """Share of the answer that comes from the images and not from the neighbours or the mesh, times
        agreement."""
        sigma = KNOT_MM / 2 / mm_per_pixel / CELL_PX
        known = cv2.GaussianBlur(self.matrix[0] + self.matrix[2], (0, 0), sigma)
        share = known / (known + KNOWN_ENOUGH) * self.share
        return np.asarray(
            share * np.clip((self.broad_agreement - STRANGERS) / (FRIENDS - STRANGERS), 0, 1), np.float32
        )


class SplineField:
    """A displacement field (row, column) over an image of `shape`, as cubic B-splines `knot` pixels apart."""

    def __init__(self, shape: tuple[int, int], knot: float) -> None:
        self.shape, self.knot = shape, knot
        self.counts = tuple(int(np.ceil((side - 1) / knot)) + 3 for side in shape)
        self.values = np.zeros((*self.counts, 2))

    def basis(self, axis: int, at: Values, derivative: int = 0) -> Points:
        """(len(at), count): basis functions along an axis; places beyond the image take its edge."""
        count = self.counts[axis]
        knots = (np.arange(count + 4) - 3) * self.knot
        top = (count - 3) * self.knot
        spline = BSpline(knots, np.eye(count), 3)
        return np.asarray(spline(np.clip(at, 0, top * (1 - 1e-12)), nu=derivative))

    def at(self, rows: Values, columns: Values) -> Points:
        """(len(rows), len(columns), 2) displacement at the crossings."""
        down, along = self.basis(0, rows), self.basis(1, columns)
        return np.stack([down @ self.values[..., k] @ along.T for k in range(2)], axis=-1)


class SplineSystem:
    """The normal equations of a spline field: bending and pull towards zero, plus evidence per cell."""

    def __init__(self, field: SplineField, cells: tuple[Values, Values], bending: float, pull: float) -> None:
        self.field, self.cells = field, cells
        self.down, self.along = field.basis(0, cells[0]), field.basis(1, cells[1])
        self._rows = np.concatenate([_neighbours(self.down, d) for d in range(4)], axis=1).T
        self._columns = np.concatenate([_neighbours(self.along, d) for d in range(-3, 4)], axis=1)
        self.prior = self._stiffness(bending, pull)

    def solve(self, matrix: tuple[Values, Values, Values], vector: Values, offset: bool) -> Points:
        """The field's values for evidence `matrix` (rr, rc, cc) and `vector` (.., 2) per cell.

        With `offset` the vector asks for a change of the present field, else for the field itself.
        """
        count_r, count_c = self.field.counts
        band = self.prior.copy()
        for (a, b), layer in (
            ((0, 0), matrix[0]),
            ((0, 1), matrix[1]),
            ((1, 0), matrix[1]),
            ((1, 1), matrix[2]),
        ):
            _add(band, self._gram(layer), a, b, count_c)
        right = np.stack([self.down.T @ vector[..., k] @ self.along for k in range(2)], axis=-1)
        if offset:
            # H (c0 + dc) = b + data_matrix c0: the penalty acts on the whole field, not on the step
            now = self.field.values
            data = band - self.prior
            right = right + _banded_product(data, now.reshape(-1)).reshape(right.shape)
        solved = solveh_banded(band, right.reshape(-1), lower=True, check_finite=False)
        return np.asarray(solved.reshape(count_r, count_c, 2))

    def _gram(self, layer: Values) -> list[list[Points]]:
        return self._split(self._rows @ (layer @ self._columns))

    def _split(self, stacked: Points) -> list[list[Points]]:
        """(4 count_r, 7 count_c) to a list of row steps, each a list of column steps."""
        return [np.split(part, 7, axis=1) for part in np.split(stacked, 4, axis=0)]

    def _stiffness(self, bending: float, pull: float) -> Points:
        """Bending energy (second derivatives) and size of the field over the image, per pixel."""
        axes = [np.arange(0.5, side - 0.5, self.field.knot / 8) for side in self.field.shape]
        weight = (self.field.knot / 8) ** 2
        count_r, count_c = self.field.counts
        band = np.zeros((2 * (3 * count_c + 3) + 2, 2 * count_r * count_c))
        ones = np.full((len(axes[0]), len(axes[1])), weight)
        for order_r, order_c, share in ((2, 0, bending), (1, 1, 2 * bending), (0, 2, bending), (0, 0, pull)):
            down, along = self.field.basis(0, axes[0], order_r), self.field.basis(1, axes[1], order_c)
            across = np.concatenate([_neighbours(along, d) for d in range(-3, 4)], axis=1)
            gram = self._split(
                np.concatenate([_neighbours(down, d) for d in range(4)], axis=1).T @ (ones * share @ across)
            )
            for k in range(2):
                _add(band, gram, k, k, count_c)
        band[0] += 1e-9 * band[0].max()
        return band


def _neighbours(basis: Points, step: int) -> Points:
    """Products of each basis function with the one `step` further on; zero where there is none."""
    out = np.zeros_like(basis)
    if step >= 0:
        out[:, : basis.shape[1] - step] = basis[:, : basis.shape[1] - step] * basis[:, step:]
    else:
        out[:, -step:] = basis[:, -step:] * basis[:, :step]
    return out


def _add(band: Points, gram: list[list[Points]], a: int, b: int, count_c: int) -> None:
    """Adds a gram (4 row steps, 7 column steps) of component a with b into a lower banded matrix."""
    for step_r in range(4):
        for index_c, step_c in enumerate(range(-3, 4)):
            diagonal = 2 * (step_r * count_c + step_c) + b - a
            if diagonal < 0:
                continue
            values = gram[step_r][index_c].reshape(-1)
            band[diagonal, a::2][: len(values)] += values


def _banded_product(band: Points, vector: Points) -> Points:
    out = band[0] * vector
    n = len(vector)
    for d in range(1, len(band)):
        if d >= n:
            break
        low = band[d, : n - d]
        out[d:] += low * vector[: n - d]
        out[: n - d] += low * vector[d:]
    return np.asarray(out)
