"""Optics against colour science and against measured skin."""

import numpy as np
import pytest

from microrelief.phantom.skin_colour import (
    SURFACE_REFLECTION,
    TONE_BLOOD,
    TONE_LIGHTNESS,
    WAVELENGTHS_NM,
    colour_of,
    lab,
    melanin_of_tone,
    reflectance,
    to_linear_rgb,
)

# Median CIE L*a*b* (D65) of the measured spectra within 1.5 of each lightness in the International Skin
# Spectra Archive (Lu et al. 2025, 15,256 spectra), computed once from the published table.
MEASURED_LAB = {
    1: (67.4, 9.0, 14.3),
    2: (62.9, 11.4, 14.6),
    3: (58.1, 13.0, 15.8),
    4: (51.4, 12.4, 15.9),
    5: (42.2, 9.9, 14.5),
    6: (31.6, 8.5, 11.2),
}


def clear_skin(tone: int) -> np.ndarray:
    return reflectance(melanin_of_tone(tone), TONE_BLOOD[tone])


def test_white_is_white():
    assert to_linear_rgb(np.ones(31)) == pytest.approx(np.ones(3), abs=1e-9)


@pytest.mark.parametrize("tone", TONE_LIGHTNESS)
def test_each_tone_has_its_lightness_and_lies_near_measured_skin(tone):
    colour = lab(to_linear_rgb(clear_skin(tone) + SURFACE_REFLECTION))
    assert colour[0] == pytest.approx(TONE_LIGHTNESS[tone], abs=0.1)
    assert colour[1:] == pytest.approx(MEASURED_LAB[tone][1:], abs=3.5)


def test_tones_are_ordered_from_light_to_dark_at_every_wavelength():
    spectra = np.array([clear_skin(tone) for tone in sorted(TONE_LIGHTNESS)])
    assert (np.diff(spectra, axis=0)[:-1][:, WAVELENGTHS_NM > 500] < 0).all()


@pytest.mark.parametrize("tone", TONE_LIGHTNESS)
def test_blood_reddens_and_melanin_darkens_every_tone(tone):
    melanin, blood = melanin_of_tone(tone), TONE_BLOOD[tone]
    clear = np.log(to_linear_rgb(reflectance(melanin, blood)))
    redder = np.log(to_linear_rgb(reflectance(melanin, 2 * blood))) - clear
    darker = np.log(to_linear_rgb(reflectance(1.3 * melanin, blood))) - clear
    assert redder[1] < 2 * redder[0] < 0  # green falls more than twice as much as red
    assert (darker < 0).all()
    assert darker[2] < darker[1] < darker[0]


def test_the_table_agrees_with_the_formula():
    melanin = np.array([0.02, 0.1, 0.35])
    blood = np.array([0.004, 0.012, 0.05])
    assert colour_of(melanin, blood) == pytest.approx(
        np.maximum(to_linear_rgb(reflectance(melanin, blood)), 0.002), rel=0.01
    )
