"""How much melanin and blood becomes a colour: published tissue optics integrated over the sRGB camera's
curves.

Light crosses the epidermis twice (Beer and Lambert, melanin), and the dermis sends it back as a semi-infinite
scattering medium with blood (diffusion theory). No photograph is used. Equations and sources:
docs/methods/phantom.md.
"""

import functools

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WAVELENGTHS_NM: Floats = np.arange(400.0, 701.0, 10.0)

# Molar extinction of oxygenated and deoxygenated haemoglobin, 1 / (cm mol/l), at WAVELENGTHS_NM
# (S. Prahl, Tabulated molar extinction coefficient for hemoglobin in water, omlc.org/spectra/hemoglobin).
OXYGENATED: Floats = np.array(
    [266232, 466840, 480360, 246072, 102580, 62816, 44480, 33209.2, 26629.2, 23684.4, 20932.8, 20035.2,
     24202.4, 39956.8, 53236, 43016, 32613.2, 44496, 50104, 14400.8, 3200, 1506, 942, 610, 442, 368, 319.6,
     294, 277.6, 276, 290]
)  # fmt: skip
DEOXYGENATED: Floats = np.array(
    [223296, 303956, 407560, 528600, 413280, 103292, 23388.8, 16156.4, 14550, 16684, 20862, 25773.6, 31589.6,
     39036.4, 46592, 53412, 53788, 45072, 37020, 28324.4, 14677.2, 9443.6, 6509.6, 5148.8, 4345.2, 3750.12,
     3226.56, 2795.12, 2407.92, 2051.96, 1794.28]
)  # fmt: skip
# CIE standard illuminant D65, relative power at WAVELENGTHS_NM (CIE 15).
D65: Floats = np.array(
    [82.75, 91.49, 93.43, 86.68, 104.86, 117.01, 117.81, 114.86, 115.92, 108.81, 109.35, 107.80, 104.79,
     107.69, 104.41, 104.05, 100.0, 96.33, 95.79, 88.69, 90.01, 89.60, 87.70, 83.29, 83.70, 80.03, 80.21,
     82.28, 78.28, 69.72, 71.61]
)  # fmt: skip

EPIDERMIS_CM = 0.006
"""60 micrometres: living epidermis of the face (Jacques 2013, table of layers)."""
EPIDERMIS_PATH = 2.6
"""Diffuse light crosses the epidermis slantwise, down and up: twice the thickness times about 1.3."""
MELANIN_AT_500_NM = 519.0
"""Absorption of a melanosome at 500 nm, 1/cm (Jacques 2013)."""
MELANIN_SLOPE = 1.525
"""Exponent of the fall of melanin absorption with wavelength. Isolated melanosomes fall with 3 (Jacques
2013); in living skin the fall looks flatter. This value minimises the error against the median spectra of
measured skin at the six lightnesses below (International Skin Spectra Archive, Lu et al. 2025; log error 5%
rms, exponent 3.3 leaves 29%)."""
SATURATION = 0.95
"""Share of haemoglobin that carries oxygen (the same fit runs to its upper end)."""
VESSEL_CM = 0.002
"""20 micrometres: light that meets a vessel is absorbed before its middle, which flattens the blue peak
(Jacques 2013)."""
SURFACE_REFLECTION = 0.03
"""What the skin's surface mirrors into a spectrophotometer's sphere (same fit); the renderer adds it on its
own."""
HAEMOGLOBIN_MOL_PER_L = 150.0 / 64500.0
"""150 g per litre of whole blood, 64,500 g per mol (Prahl)."""
TONE_BLOOD = {1: 0.0095, 2: 0.0125, 3: 0.0155, 4: 0.0155, 5: 0.012, 6: 0.011}
"""Blood volume share of the upper dermis in unmarked skin of each tone (same fit)."""
TONE_LIGHTNESS = {1: 68.0, 2: 63.0, 3: 58.0, 4: 51.0, 5: 42.0, 6: 32.0}
"""CIE L* of each tone, 1 light to 6 dark, spread over the 1st to 99th percentile of measured facial skin
(ISSA, Lu 2025)."""

# linear sRGB from CIE XYZ (IEC 61966-2-1)
RGB_FROM_XYZ: Floats = np.array(
    [
        [3.2404542, -1.5371385, -0.4985314],
        [-0.9692660, 1.8760108, 0.0415560],
        [0.0556434, -0.2040259, 1.0572252],
    ]
)


def reflectance(melanin: Floats | float, blood: Floats | float) -> Floats:
    """Diffuse reflectance of skin at WAVELENGTHS_NM, shape (..., 31).

    melanin: volume share of melanosomes in the epidermis (0.01 to 0.43; Jacques 2013). blood: volume share of
    blood in the upper dermis (0.002 to 0.1). Equation: exp(-path mu_epi) * R_dermis, R_dermis of Flock et al.
    1989 for a matched boundary above the dermis.
    """
    wavelength = WAVELENGTHS_NM
    melanin_ = np.asarray(melanin, dtype=float)[..., None]
    blood_ = np.asarray(blood, dtype=float)[..., None]
    baseline = 0.244 + 85.3 * np.exp(-(wavelength - 154.0) / 66.2)  # 1/cm, Saidi 1992 as given by Jacques
    melanosome = MELANIN_AT_500_NM * (wavelength / 500.0) ** -MELANIN_SLOPE
    epidermis = melanin_ * melanosome + (1 - melanin_) * baseline
    whole_blood = (
        2.303 * HAEMOGLOBIN_MOL_PER_L * (SATURATION * OXYGENATED + (1 - SATURATION) * DEOXYGENATED)
    )  # 1/cm
    packed = (1 - np.exp(-whole_blood * VESSEL_CM)) / VESSEL_CM
    dermis = blood_ * packed + (1 - blood_) * baseline
    scattering = 46.0 * (wavelength / 500.0) ** -1.421  # 1/cm, Jacques 2013, skin
    albedo = scattering / (scattering + dermis)
    back = albedo / (1 + 2 * (1 - albedo) + (1 + 2.0 / 3.0) * np.sqrt(3 * (1 - albedo)))
    # k = 1: the index step at the skin's surface belongs to the renderer's rough dielectric, not to the
    # pigment
    result: Floats = np.exp(-epidermis * EPIDERMIS_CM * EPIDERMIS_PATH) * back
    return result


def to_linear_rgb(spectrum: Floats) -> Floats:
    """Reflectance (..., 31) under D65 to linear sRGB (..., 3), white = 1."""
    weights = colour_matching(WAVELENGTHS_NM) * D65[:, None]
    xyz = spectrum @ weights / weights[:, 1].sum()
    white = weights.sum(axis=0) / weights[:, 1].sum()
    # the ten-nanometre sums miss the exact white by a little: scale so that a perfect white is (1, 1, 1)
    result: Floats = (xyz @ RGB_FROM_XYZ.T) / (RGB_FROM_XYZ @ white)
    return result


def colour_matching(wavelength_nm: Floats) -> Floats:
    """CIE 1931 colour matching functions, (N, 3), by the analytic fit of Wyman, Sloan and Shirley (2013)."""

    def lobe(centre: float, left: float, right: float) -> Floats:
        width = np.where(wavelength_nm < centre, left, right)
        values: Floats = np.exp(-0.5 * ((wavelength_nm - centre) * width) ** 2)
        return values

    x = (
        1.056 * lobe(599.8, 0.0264, 0.0323)
        + 0.362 * lobe(442.0, 0.0624, 0.0374)
        - 0.065 * lobe(501.1, 0.0490, 0.0382)
    )
    y = 0.821 * lobe(568.8, 0.0213, 0.0247) + 0.286 * lobe(530.9, 0.0613, 0.0322)
    z = 1.217 * lobe(437.0, 0.0845, 0.0278) + 0.681 * lobe(459.0, 0.0385, 0.0725)
    return np.stack([x, y, z], axis=-1)


def lightness(linear_rgb: Floats) -> Floats:
    """CIE L* of linear sRGB colours, (..., 3) to (...)."""
    luminance = np.asarray(linear_rgb) @ np.array([0.2126729, 0.7151522, 0.0721750])
    result: Floats = 116 * np.cbrt(np.maximum(luminance, 0.008856)) - 16
    return result


def lab(linear_rgb: Floats) -> Floats:
    """CIE L*a*b* (D65) of linear sRGB colours, (..., 3) to (..., 3)."""
    xyz = np.asarray(linear_rgb) @ np.linalg.inv(RGB_FROM_XYZ).T
    ratio = xyz / np.linalg.inv(RGB_FROM_XYZ).sum(axis=1)
    f = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.stack(
        [116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1
    )


@functools.cache
def melanin_of_tone(tone: int) -> float:
    """Melanosome share whose clear skin has the lightness of a tone (1 light to 6 dark), by bisection."""
    low, high = 0.001, 0.6
    for _ in range(50):
        middle = (low + high) / 2
        if (
            float(lightness(to_linear_rgb(reflectance(middle, TONE_BLOOD[tone]) + SURFACE_REFLECTION)))
            > TONE_LIGHTNESS[tone]
        ):
            low = middle
        else:
            high = middle
    return (low + high) / 2


@functools.cache
def _table() -> tuple[Floats, Floats, Floats]:
    melanin = np.geomspace(0.002, 0.7, 96)
    blood = np.geomspace(0.0005, 0.2, 64)
    return np.log(melanin), np.log(blood), to_linear_rgb(reflectance(melanin[:, None], blood[None, :]))


def colour_of(melanin: NDArray[np.floating], blood: NDArray[np.floating]) -> NDArray[np.float32]:
    """Maps of melanin and blood (any equal shape) to linear sRGB reflectance (..., 3), by interpolation in a
    table."""
    log_melanin, log_blood, table = _table()
    row = np.clip(
        (np.log(np.maximum(melanin, 1e-4)) - log_melanin[0]) / (log_melanin[1] - log_melanin[0]),
        0,
        len(log_melanin) - 1.001,
    )
    column = np.clip(
        (np.log(np.maximum(blood, 1e-5)) - log_blood[0]) / (log_blood[1] - log_blood[0]),
        0,
        len(log_blood) - 1.001,
    )
    i, j = row.astype(np.int32), column.astype(np.int32)
    p, q = (row - i).astype(np.float32)[..., None], (column - j).astype(np.float32)[..., None]
    values = table.astype(np.float32)
    result: NDArray[np.float32] = (1 - p) * ((1 - q) * values[i, j] + q * values[i, j + 1]) + p * (
        (1 - q) * values[i + 1, j] + q * values[i + 1, j + 1]
    )
    return np.maximum(result, 0.002)
