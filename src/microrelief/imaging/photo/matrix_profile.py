"""An ICC profile of three curves and a matrix converts 16-bit pixels to sRGB, which Pillow cannot."""

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from microrelief.imaging.photo.colour import encoded, to_linear
from microrelief.imaging.photo.profile import ForeignProfile

Matrix = NDArray[np.float64]

SRGB_TO_D50 = (
    (0.4360413, 0.3851129, 0.1430458),
    (0.2224845, 0.7169051, 0.0606104),
    (0.0139202, 0.0970672, 0.7139126),
)
"""Linear sRGB to XYZ at the D50 of ICC profiles (0.9642, 1, 0.8249): IEC 61966-2-1, Bradford-adapted."""

DISPLAY_P3_TO_SRGB = (
    (1.2249401763, -0.2249401763, 0.0),
    (-0.0420569547, 1.0420569547, 0.0),
    (-0.0196375546, -0.0786360456, 1.0982736001),
)
"""Linear Display P3 to linear sRGB, both white D65: from the primaries of SMPTE EG 432-1, IEC 61966-2-1."""

BAND_PIXELS = 1 << 20
"""Pixels converted at a time, so that the floats of a band and not of the picture are in memory."""


@dataclass(frozen=True)
class MatrixProfile:
    """Three curves and a matrix: what cameras and raw developers embed. Exact in 16 bit."""

    curves: tuple[Any, Any, Any]
    """Three float32 tables, level -> linear light 0 to 1, of 256 or 65536 levels."""
    to_srgb: Matrix
    """(3, 3), linear light of the file -> linear light of sRGB."""

    def convert(self, pixels: NDArray[Any]) -> None:
        """Turn pixels of shape (H, W, 3), uint8 or uint16, into sRGB, in place. Others are clipped."""
        top = np.iinfo(pixels.dtype).max
        rows = max(1, BAND_PIXELS // pixels.shape[1])
        for at in range(0, len(pixels), rows):
            band = pixels[at : at + rows]
            linear = np.stack([curve[band[..., c]] for c, curve in enumerate(self.curves)], axis=-1)
            light = np.clip(linear @ self.to_srgb.T.astype(np.float32), 0.0, 1.0)
            pixels[at : at + rows] = np.rint(encoded(light) * top)


def matrix_profile(icc: bytes, levels: int = 65536) -> MatrixProfile:
    """The curves and the matrix of an ICC profile (ICC.1:2022, 8.3.3 and 8.4.2), for RGB or grey pixels.

    `levels` is 256 or 65536. A grey profile's curve stands for all three channels.
    Raises ForeignProfile where the profile is of another make, for example made of look-up tables.
    """
    try:
        tags = {icc[at : at + 4]: struct.unpack(">II", icc[at + 4 : at + 12]) for at in _entries(icc)}
        parts = {name: icc[start : start + size] for name, (start, size) in tags.items()}
        if any(name in parts for name in (b"A2B0", b"A2B1")):
            raise ForeignProfile("is made of look-up tables")
        if icc[16:20] == b"GRAY":
            curve = _curve(parts[b"kTRC"], levels)
            return MatrixProfile((curve, curve, curve), np.eye(3))
        if icc[16:20] != b"RGB ":
            raise ForeignProfile("is not for RGB pixels")
        to_d50 = np.array([_xyz(parts[name]) for name in (b"rXYZ", b"gXYZ", b"bXYZ")]).T
        red, green, blue = (_curve(parts[name], levels) for name in (b"rTRC", b"gTRC", b"bTRC"))
    except (KeyError, struct.error, IndexError, ValueError) as broken:
        raise broken if isinstance(broken, ForeignProfile) else ForeignProfile("cannot be read") from broken
    to_srgb = np.linalg.inv(np.array(SRGB_TO_D50)) @ to_d50
    return MatrixProfile(
        (red, green, blue), to_srgb / to_srgb.sum(axis=1, keepdims=True)
    )  # white stays white


def _entries(icc: bytes) -> range:
    """Where the entries of the tag table begin: 12 bytes each, after the header of 128 and the count of 4."""
    count: int = struct.unpack(">I", icc[128:132])[0]
    return range(132, 132 + 12 * min(count, 100), 12)


def _xyz(part: bytes) -> tuple[float, ...]:
    """XYZType: three signed 15.16 numbers."""
    return tuple(n / 65536 for n in struct.unpack(">3i", part[8:20]))


def _curve(part: bytes, levels: int) -> Any:
    """curveType or parametricCurveType (ICC.1:2022, 10.6 and 10.18) as a float32 table of so many levels."""
    x = np.linspace(0.0, 1.0, levels)
    if part[:4] == b"curv":
        count: int = struct.unpack(">I", part[8:12])[0]
        if count == 0:
            y = x
        elif count == 1:
            y = x ** (struct.unpack(">H", part[12:14])[0] / 256)
        else:
            points = np.frombuffer(part, ">u2", count, 12) / 65535
            y = np.interp(x, np.linspace(0.0, 1.0, count), points)
    elif part[:4] == b"para":
        kind: int = struct.unpack(">H", part[8:10])[0]
        if kind > 4:
            raise ForeignProfile("has a curve of unknown kind")
        size = (1, 3, 4, 5, 7)[kind]
        g, a, b, c, d, e, f = _seven(
            kind, [n / 65536 for n in struct.unpack(f">{size}i", part[12 : 12 + 4 * size])]
        )
        y = np.where(x >= d, np.maximum(a * x + b, 0.0) ** g + e, c * x + f)
    else:
        raise ForeignProfile("has a curve of unknown kind")
    return np.clip(y, 0.0, 1.0).astype(np.float32)


def _seven(kind: int, given: list[float]) -> tuple[float, ...]:
    """g, a, b, c, d, e, f of y = (a x + b)^g + e from d on and c x + f below, for each kind of curve."""
    g, a, b, c, d, e, f = given[0], 1.0, 0.0, 0.0, 0.0, 0.0, 0.0
    if kind >= 1:
        a, b = given[1], given[2]
        d = -b / a if a else 0.0
    if kind == 2:
        e = f = given[3]
    if kind >= 3:
        c, d = given[3], given[4]
    if kind == 4:
        e, f = given[5], given[6]
    return g, a, b, c, d, e, f


_SRGB_CURVE = to_linear(np.arange(256, dtype=np.uint8))
DISPLAY_P3 = MatrixProfile((_SRGB_CURVE,) * 3, np.array(DISPLAY_P3_TO_SRGB))
"""Display P3 in 8 bit, which HEIC files may name by number (ITU-T H.273, primaries 12) and not embed."""
