"""CIELAB, CIEDE2000 and the typology angle against published numbers."""

from pathlib import Path

import numpy as np
import pytest

from microrelief.imaging.photo.colour import (
    TYPOLOGY_BANDS,
    delta_e_2000,
    to_lab,
    to_linear,
    to_srgb,
    typology_angle_degrees,
    typology_band,
)

PAIRS = np.loadtxt(Path(__file__).with_name("ciede2000_pairs.csv"), delimiter=",", skiprows=3)


def test_ciede2000_of_the_34_published_pairs():
    assert PAIRS.shape == (34, 7)
    first, second, published = PAIRS[:, :3], PAIRS[:, 3:6], PAIRS[:, 6]
    np.testing.assert_allclose(delta_e_2000(first, second), published, atol=1e-4, rtol=0)
    np.testing.assert_allclose(delta_e_2000(second, first), published, atol=1e-4, rtol=0)


def test_ciede2000_of_equal_colours_is_zero():
    assert (delta_e_2000(PAIRS[:, :3], PAIRS[:, :3]) == 0).all()


def test_ciede2000_broadcasts():
    assert delta_e_2000(PAIRS[:, None, :3], PAIRS[None, :, 3:6]).shape == (34, 34)


@pytest.mark.parametrize(
    ("srgb", "lab"),
    [
        ((255, 255, 255), (100, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
        ((1, 1, 1), (0.2742, 0, 0)),  # the straight part of the curve
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 255, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
    ],
)
def test_lab_of_the_primaries(srgb, lab):
    """Values as Lindbloom's calculator gives them for sRGB at D65."""
    np.testing.assert_allclose(to_lab(to_linear(np.uint8([srgb])))[0], lab, atol=0.02)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_every_level_survives_linear_light(dtype):
    levels = np.arange(np.iinfo(dtype).max + 1, dtype=dtype)
    there_and_back = to_srgb(to_linear(levels))
    np.testing.assert_array_equal(
        there_and_back, np.rint(levels / (257 if dtype == np.uint16 else 1)).astype(np.uint8)
    )


def test_typology_angle():
    lab = np.array([[50, 10, 20], [70, 10, 20], [30, 10, 20], [60, 10, 0], [60, 10, -5]])
    np.testing.assert_allclose(typology_angle_degrees(lab), [0, 45, -45, np.nan, np.nan])


@pytest.mark.parametrize(
    ("lightness", "yellow", "angle", "band"),
    [
        # mean colours of upper arm and forearm: Alaluf and others 2002, Pigment Cell Res. 15:119-126
        (65.0, 13.3, 48.4, "light"),
        (62.1, 16.3, 36.6, "intermediate"),
        (53.7, 17.9, 11.7, "tan"),
        (49.2, 18.4, -2.5, "brown"),
        (38.14, 15.04, -38.3, "dark"),
        # mean colours of cheek and forehead: Xiao and others 2017, Skin Res. Technol. 23:21-29
        (59.6, 14.6, 33.3, "intermediate"),
        (56.1, 16.4, 20.4, "tan"),
    ],
)
def test_published_skin_falls_in_the_published_band_of_its_angle(lightness, yellow, angle, band):
    found = float(typology_angle_degrees(np.array([lightness, 10.0, yellow])))
    assert found == pytest.approx(angle, abs=0.05)
    assert typology_band(found) == band


def test_the_bands_are_those_of_chardon_and_del_bino_and_leave_no_gap():
    assert [above for _, above in TYPOLOGY_BANDS] == [55, 41, 28, 10, -30, -90]
    assert [typology_band(above + 0.01) for _, above in TYPOLOGY_BANDS] == [
        name for name, _ in TYPOLOGY_BANDS
    ]
    assert typology_band(float("nan")) == "unknown"
