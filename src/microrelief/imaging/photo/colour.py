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
    level = np.arange(levels, dtype=np.float64) / (levels - 1)
    table = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)
    return np.asarray(table.astype(np.float32)[srgb])


def to_srgb(linear: Floats) -> NDArray[np.uint8]:
    """sRGB-encoded 8-bit pixels of linear light; values outside 0 to 1 are clipped.

    >>> to_srgb(np.array([0.0, 0.503, 1.0], np.float32)).tolist()
    [0, 188, 255]
    """
    return np.asarray(np.rint(encoded(np.clip(linear, 0.0, 1.0)) * 255).astype(np.uint8))


def encoded(linear: NDArray[np.floating]) -> NDArray[np.floating]:
    """The sRGB curve itself (IEC 61966-2-1): linear light 0 to 1 -> 0 to 1, any shape, not rounded."""
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
