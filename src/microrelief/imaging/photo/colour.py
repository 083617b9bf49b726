"""Colour spaces: sRGB to linear light and back, CIELAB, CIEDE2000."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def to_linear(srgb: NDArray[np.uint8] | NDArray[np.uint16]) -> Floats:
    """Linear light of sRGB-encoded pixels (IEC 61966-2-1).

    Parameters: uint8 or uint16 array of any shape. Returns float32 of the same shape, 0 to 1.

    >>> to_linear(np.array([0, 188, 255], np.uint8)).round(3).tolist()
    [0.0, 0.503, 1.0]
    """
    levels = 256 if srgb.dtype == np.uint8 else 65536
    encoded = np.arange(levels, dtype=np.float64) / (levels - 1)
    table = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    return np.asarray(table.astype(np.float32)[srgb])


def to_srgb(linear: Floats) -> NDArray[np.uint8]:
    """sRGB-encoded 8-bit pixels of linear light; values outside 0 to 1 are clipped.

    >>> to_srgb(np.array([0.0, 0.503, 1.0], np.float32)).tolist()
    [0, 188, 255]
    """
    clipped = np.clip(linear, 0.0, 1.0)
    encoded = np.where(clipped <= 0.0031308, clipped * 12.92, 1.055 * clipped ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(encoded * 255).astype(np.uint8))
