"""Colour separated: pigment must not leak into shading, nor light into colour."""

import numpy as np
import pytest

from microrelief.imaging.arrays import band
from microrelief.imaging.change.scars import COARSE_MM, FINE_MM
from microrelief.imaging.skin.separate import HAEMOGLOBIN_RGB, MELANIN_RGB, separate
from tests.imaging.change.skins import MM, blots, texture, whole

SKIN = np.array([0.45, 0.27, 0.18])


def layers_of(rgb: np.ndarray):
    return separate(np.asarray(rgb, np.float32).reshape(1, 1, 3))


@pytest.mark.parametrize(("absorber", "layer"), [(HAEMOGLOBIN_RGB, "haemoglobin"), (MELANIN_RGB, "melanin")])
def test_a_pigment_changes_its_own_layer_only(absorber: tuple[float, ...], layer: str) -> None:
    clear, marked = layers_of(SKIN), layers_of(SKIN * np.exp(-0.2 * np.array(absorber)))
    for name in ("shading", "melanin", "haemoglobin"):
        moved = float(getattr(marked, name)[0, 0] - getattr(clear, name)[0, 0])
        assert moved == pytest.approx(0.2 if name == layer else 0.0, abs=0.01)


def test_darker_light_is_shading_only() -> None:
    bright, dim = layers_of(SKIN), layers_of(SKIN * 0.7)
    assert float(dim.shading[0, 0] - bright.shading[0, 0]) == pytest.approx(np.log(0.7), abs=0.02)
    assert float(dim.melanin[0, 0] - bright.melanin[0, 0]) == pytest.approx(0, abs=0.01)
    assert float(dim.haemoglobin[0, 0] - bright.haemoglobin[0, 0]) == pytest.approx(0, abs=0.01)


def relief_band(blood: float, melanin: float = 0.0) -> float:
    """Strength in the relief band of soft marks of that much blood and melanin."""
    marks = -blots(1, 1.0)
    absorbed = marks[..., None] * (blood * np.array(HAEMOGLOBIN_RGB) + melanin * np.array(MELANIN_RGB))
    layer = separate((SKIN * np.exp(-absorbed)).astype(np.float32)).relief(whole(), MM)
    return float(band(layer, whole(), FINE_MM / MM, COARSE_MM / MM)[whole()].std())


def test_redness_hardly_reaches_relief() -> None:
    # melanin of the same strength does, and is dealt with where relief is read
    assert relief_band(0.3) < 0.15 * relief_band(0.0, 0.3)


def test_grey_counts_once_in_relief() -> None:
    shade = np.exp(0.5 * texture(1))[..., None] * SKIN
    layer = separate(shade.astype(np.float32)).relief(whole(), MM)
    assert np.ptp((layer - 0.5 * texture(1))[whole()]) < 0.02


def test_black_stays_finite() -> None:
    found = layers_of(np.zeros(3))
    assert np.isfinite([found.shading, found.melanin, found.haemoglobin]).all()
