"""Colour spaces: sRGB to linear light and back, CIELAB, CIEDE2000, the individual typology angle."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

D65_WHITE = (0.95047, 1.0, 1.08883)
"""XYZ of sRGB's white, CIE 1931 2 degree observer (IEC 61966-2-1)."""

SRGB_TO_XYZ = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
"""Linear sRGB to XYZ at D65: the primaries of IEC 61966-2-1 with the white above."""


TYPOLOGY_BANDS = (
    ("very light", 55.0),
    ("light", 41.0),
    ("intermediate", 28.0),
    ("tan", 10.0),
    ("brown", -30.0),
    ("dark", -90.0),
)
"""Bands of the typology angle, each from above its degrees up to the band before it: Chardon, Cretois and
Hourseau 1991, with the darkest two apart as in Del Bino and Bernerd 2013 (Br. J. Dermatol. 169 Suppl 3:33-40,
doi:10.1111/bjd.12529). Names of colours under one light: no Fitzpatrick type follows from them."""


def to_linear(srgb: NDArray[np.uint8] | NDArray[np.uint16]) -> Floats:
    """Linear light of sRGB-encoded pixels (IEC 61966-2-1).

    Parameters: uint8 or uint16 array of any shape. Returns float32 of the same shape, 0 to 1.

    >>> to_linear(np.array([0, 188, 255], np.uint8)).astype(float).round(3).tolist()
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


def to_lab(linear: NDArray[np.floating]) -> Floats:
    """CIELAB at D65 of linear light (ISO/CIE 11664-4).

    Parameters: array of shape (..., 3), linear sRGB, 0 to 1. Returns float32 of the same shape: L* 0 to
    100, a*, b*.

    >>> to_lab(np.array([[1.0, 1.0, 1.0], [0.5, 0.5, 0.5]]))[:, 0].astype(float).round(2).tolist()
    [100.0, 76.07]
    """
    to_relative_xyz = np.array(SRGB_TO_XYZ) / np.array(D65_WHITE)[:, None]
    ratio = np.asarray(linear) @ to_relative_xyz.T.astype(linear.dtype)
    bend = (6 / 29) ** 3
    root = np.where(ratio > bend, np.cbrt(np.maximum(ratio, bend)), ratio * (29 / 6) ** 2 / 3 + 4 / 29)
    x, y, z = np.moveaxis(root, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1).astype(np.float32)


def delta_e_2000(first: NDArray[np.floating], second: NDArray[np.floating]) -> NDArray[np.float64]:
    """CIEDE2000 colour difference (ISO/CIE 11664-6), all parametric factors 1; about 1 is just noticeable.

    Parameters: two CIELAB arrays of shapes (..., 3) that broadcast. Returns float64 of shape (...), zero or
    more; it is symmetric. Written after the implementation notes of Sharma, Wu and Dalal, Color Res. Appl.
    30:21-30 (2005), doi:10.1002/col.20070; equation numbers are theirs, and their 34 pairs are the test.

    >>> round(float(delta_e_2000(np.array([50.0, 2.6772, -79.7751]), np.array([50.0, 0.0, -82.7485]))), 4)
    2.0425
    """
    L1, a1, b1 = np.moveaxis(np.asarray(first, np.float64), -1, 0)
    L2, a2, b2 = np.moveaxis(np.asarray(second, np.float64), -1, 0)
    G = 0.5 * (1 - _seventh_power_share((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2))  # 2 to 4
    a1, a2 = (1 + G) * a1, (1 + G) * a2  # 5
    C1, C2 = np.hypot(a1, b1), np.hypot(a2, b2)  # 6
    h1, h2 = (np.degrees(np.arctan2(b, a)) % 360 for a, b in ((a1, b1), (a2, b2)))  # 7

    colourless = C1 * C2 == 0
    turn = (h2 - h1 + 180) % 360 - 180
    turn = np.where(turn == -180, np.where(h2 > h1, 180.0, -180.0), turn)  # 10: opposite hues
    turn = np.where(colourless, 0.0, turn)
    dL, dC = L2 - L1, C2 - C1  # 8, 9
    dH = 2 * np.sqrt(C1 * C2) * np.sin(np.radians(turn) / 2)  # 11

    L, C = (L1 + L2) / 2, (C1 + C2) / 2  # 12, 13
    total = h1 + h2
    apart = np.abs(h1 - h2) > 180
    h = np.where(apart, np.where(total < 360, (total + 360) / 2, (total - 360) / 2), total / 2)
    h = np.where(colourless, total, h)  # 14

    def cosine(times: int, shift: float) -> NDArray[np.float64]:
        return np.asarray(np.cos(np.radians(times * h + shift)))

    T = 1 - 0.17 * cosine(1, -30) + 0.24 * cosine(2, 0) + 0.32 * cosine(3, 6) - 0.20 * cosine(4, -63)  # 15
    rotation = 60 * np.exp(-(((h - 275) / 25) ** 2))  # 16, doubled
    S_L = 1 + 0.015 * (L - 50) ** 2 / np.sqrt(20 + (L - 50) ** 2)  # 18
    S_C, S_H = 1 + 0.045 * C, 1 + 0.015 * C * T  # 19, 20
    R_T = -2 * _seventh_power_share(C) * np.sin(np.radians(rotation))  # 17, 21
    light, chroma, hue = dL / S_L, dC / S_C, dH / S_H
    return np.asarray(np.sqrt(np.maximum(light**2 + chroma**2 + hue**2 + R_T * chroma * hue, 0.0)))  # 22


def _seventh_power_share(chroma: NDArray[np.float64]) -> NDArray[np.float64]:
    """The root of C^7 / (C^7 + 25^7), which equations 4 and 17 share."""
    return np.asarray(np.sqrt(chroma**7 / (chroma**7 + 25.0**7)))


def typology_angle_degrees(lab: NDArray[np.floating]) -> NDArray[np.float64]:
    """Individual typology angle, ITA = atan((L* - 50) / b*), in degrees; lighter skin has the larger angle.

    Parameters: CIELAB at D65, shape (..., 3). Returns float64 of shape (...), -90 to 90; NaN where b* <= 0,
    which is no skin under daylight. Chardon, Cretois and Hourseau, Int. J. Cosmet. Sci. 13:191-208 (1991),
    doi:10.1111/j.1467-2494.1991.tb00561.x. An angle is a number of a photograph, under its light: no skin
    type.

    >>> round(float(typology_angle_degrees(np.array([65.0, 12.0, 15.0]))), 1)
    45.0
    """
    lightness, _, yellow = np.moveaxis(np.asarray(lab, np.float64), -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        angle = np.degrees(np.arctan((lightness - 50) / yellow))
    return np.asarray(np.where(yellow > 0, angle, np.nan))


def typology_band(angle_degrees: float) -> str:
    """The published band of a typology angle, "unknown" where there is no angle.

    >>> typology_band(45.0), typology_band(41.0), typology_band(float("nan"))
    ('light', 'intermediate', 'unknown')
    """
    return next((band for band, above in TYPOLOGY_BANDS if angle_degrees > above), "unknown")
