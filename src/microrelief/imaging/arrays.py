"""Smoothing that knows where it may look: masked Gaussians, the arithmetic all rooms share."""

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]
LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
"""Weights of linear sRGB in luminance (IEC 61966-2-1)."""


def brightest(picture: Floats) -> Floats:
    """The largest of three channels, (H, W, 3) to (H, W); numpy's own maximum over so short an axis is ten
    times slower."""
    return np.asarray(np.maximum(np.maximum(picture[..., 0], picture[..., 1]), picture[..., 2]))


def darkest(picture: Floats) -> Floats:
    """The smallest of three channels, (H, W, 3) to (H, W)."""
    return np.asarray(np.minimum(np.minimum(picture[..., 0], picture[..., 1]), picture[..., 2]))


def smooth(values: Floats, sigma_px: float) -> Floats:
    """A Gaussian blur of an (H, W) or (H, W, n) array; wide ones are done on a smaller copy."""
    if sigma_px > 8:
        step = int(sigma_px // 3)
        rows, columns = values.shape[:2]
        small = cv2.resize(
            values, (max(columns // step, 2), max(rows // step, 2)), interpolation=cv2.INTER_AREA
        )
        small = cv2.GaussianBlur(small, (0, 0), sigma_px * small.shape[1] / columns)
        return np.asarray(cv2.resize(small, (columns, rows), interpolation=cv2.INTER_LINEAR))
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma_px))


def smooth_within(values: Floats, mask: Mask, sigma_px: float) -> Floats:
    """A Gaussian average of only what lies in `mask` (normalised convolution, Knutsson 1993)."""
    weight = mask.astype(np.float32)
    return np.asarray(
        smooth(np.where(mask, values, 0).astype(np.float32), sigma_px) / (smooth(weight, sigma_px) + 1e-4)
    )


def band(values: Floats, mask: Mask, fine_px: float, coarse_px: float) -> Floats:
    """What lies between two Gaussian scales, computed within `mask`; zero outside it."""
    found = smooth_within(values, mask, fine_px) - smooth_within(values, mask, coarse_px)
    return np.asarray(np.where(mask, found, 0).astype(np.float32))


def disk(radius_px: float) -> NDArray[np.uint8]:
    """A round structuring element."""
    side = 2 * max(round(radius_px), 0) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))


def grown(mask: Mask, radius_px: float) -> Mask:
    """The mask grown by a radius."""
    return np.asarray(cv2.dilate(mask.astype(np.uint8), disk(radius_px)) > 0)


def shrunk(mask: Mask, radius_px: float) -> Mask:
    """The mask shrunk by a radius; the picture's edge counts as outside."""
    return np.asarray(
        cv2.erode(mask.astype(np.uint8), disk(radius_px), borderType=cv2.BORDER_CONSTANT, borderValue=0) > 0
    )
