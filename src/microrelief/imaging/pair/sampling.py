"""A photograph becomes an image on the common grid, sampled once, with what the grid cannot hold taken out
first."""

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from microrelief.imaging.photo.colour import to_linear

Floats = NDArray[np.float32]
Picture = NDArray[np.float32] | NDArray[np.float64] | NDArray[np.uint8] | NDArray[np.uint16]

ANTI_ALIAS = 0.45
"""Standard deviation of the low-pass, in grid pixels at strong minification: halves contrast at the grid's
limit."""
BORDER_PX = 8
"""Pixels kept around the sampled part: the reach of Lanczos and of the low-pass."""
LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
"""Weights of linear red, green, blue (IEC 61966-2-1)."""


def resample(picture: Picture, where: Floats) -> Floats:
    """The photograph at the places of a map, in linear light, by Lanczos interpolation of order 4.

    Where the map shrinks the photograph, a Gaussian of the fitting width is applied first, so that pores and
    noise
    finer than the grid do not fold into it. Before and after are treated alike: the rule knows only the map.

    Parameters: (H, W, 3) linear light as floats, or sRGB-encoded uint8 or uint16; (h, w, 2) float32 (row,
    column).
    Returns float32 (h, w, 3), linear light, not negative; 0 outside the photograph.
    """
    crop, local = _crop(picture, where)
    linear = _linear(crop)
    return np.maximum(_sample(linear, local, cv2.INTER_LANCZOS4), 0)


def luminance_crop(picture: Picture, where: Floats) -> tuple[Floats, NDArray[np.float64]]:
    """The part of a photograph that a map reaches, as linear luminance, ready to be sampled at the map's
    density.

    Returns float32 (h, w) and the (row, column) of its first pixel in the photograph.
    """
    crop, local = _crop(picture, where)
    luminance = _luminance(crop)
    corner = (where - local)[0, 0].astype(np.float64)
    return _low_passed(luminance, local), np.rint(corner)


def sample_plain(values: Floats, where: Floats) -> Floats:
    """(h, w) values at the places of a map, cubic, the edge repeated; no low-pass."""
    return np.asarray(
        cv2.remap(values, where[..., 1], where[..., 0], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    )


def pixels_per_step(where: Floats) -> float:
    """How many photograph pixels one step of the map spans, median over the map."""
    down = np.diff(where[::8, ::8], axis=0)[:, :-1] / 8
    along = np.diff(where[::8, ::8], axis=1)[:-1] / 8
    area = np.abs(down[..., 0] * along[..., 1] - down[..., 1] * along[..., 0])
    return float(np.sqrt(np.median(area))) if area.size else 1.0


def _crop(picture: Picture, where: Floats) -> tuple[Picture, Floats]:
    limits = np.array(picture.shape[:2])
    low = np.floor(where.reshape(-1, 2).min(axis=0)).astype(int) - BORDER_PX
    high = np.ceil(where.reshape(-1, 2).max(axis=0)).astype(int) + BORDER_PX + 1
    low, high = np.clip(low, 0, limits - 1), np.clip(high, 1, limits)
    crop = picture[low[0] : max(high[0], low[0] + 1), low[1] : max(high[1], low[1] + 1)]
    return crop, where - low.astype(np.float32)


def _linear(crop: Picture) -> Floats:
    if crop.dtype in (np.uint8, np.uint16):
        return to_linear(cast("NDArray[np.uint8]", crop))
    return np.asarray(crop, np.float32)


def _luminance(crop: Picture) -> Floats:
    if crop.dtype != np.uint8:
        return np.asarray(_linear(crop) @ LUMINANCE)
    # one table per channel: no float copy of the colours of a 12-megapixel face
    table = to_linear(np.arange(256, dtype=np.uint8))
    return np.asarray(
        sum(cv2.LUT(np.ascontiguousarray(crop[..., k]), table * LUMINANCE[k]) for k in range(3))
    )


def _low_passed(values: Floats, where: Floats) -> Floats:
    scale = pixels_per_step(where)
    if scale <= 1.05:
        return values
    sigma = ANTI_ALIAS * float(np.sqrt(scale**2 - 1))
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE))


def _sample(values: Floats, where: Floats, interpolation: int) -> Floats:
    return np.asarray(
        cv2.remap(
            _low_passed(values, where),
            where[..., 1],
            where[..., 0],
            interpolation,
            borderMode=cv2.BORDER_CONSTANT,
        )
    )
