"""Scars that show by colour must not be read as relief."""

import numpy as np

from microrelief.imaging.change.relief import GREY_ENOUGH, TOO_COLOURED
from microrelief.imaging.change.scars import find_scars, greyness
from microrelief.imaging.skin.separate import separate
from tests.imaging.change.skins import MM, SHAPE, photographed, pits, texture, whole

BROWN = np.array([0.62, 0.83, 1.0])
"""How pigment darkens red, green and blue of measured skin spectra in a camera: nearly grey."""


def photograph(relief: float, pigment: float, seed: int) -> np.ndarray:
    """Linear light (H, W, 3) of skin whose 30 scars have so much slope and so much pigment."""
    dips = np.minimum(pits(1), 0)
    log = (
        np.log([0.42, 0.28, 0.2])
        + (texture(1) + relief * pits(1))[..., None]
        + pigment * dips[..., None] * BROWN
    )
    grain = np.random.default_rng(seed).normal(scale=0.006, size=(*SHAPE, 3))
    return np.exp(log + grain).astype(np.float32)


def grey(relief: float, pigment: float) -> float:
    layers = [separate(photograph(relief, pigment, seed)) for seed in (1, 2)]
    scars = find_scars(layers[0].shading, layers[1].shading, whole(), MM)
    assert scars.count > 5
    return greyness(layers[0].log_light, layers[1].log_light, scars, whole(), MM)


def test_scars_that_show_by_light_are_grey() -> None:
    assert grey(relief=1.0, pigment=0.0) > GREY_ENOUGH


def test_scars_that_show_by_pigment_are_too_coloured() -> None:
    assert grey(relief=0.1, pigment=3.0) < TOO_COLOURED


def test_nothing_to_judge_is_called_grey() -> None:
    plain = photographed(texture(3), 1)
    log = np.repeat(plain[..., None], 3, axis=2)
    scars = find_scars(plain, plain, np.zeros(SHAPE, bool), MM)
    assert greyness(log, log, scars, whole(), MM) == 1.0


def test_what_touches_the_edge_of_the_skin_is_no_scar() -> None:
    skin = photographed(texture(1) + pits(1), 1)
    inner = np.zeros(SHAPE, bool)
    inner[60:-60, 60:-60] = True
    found = find_scars(skin, skin, whole(), MM, inner)
    rim = found.usable & ~np.pad(found.usable, 1)[2:, 1:-1]
    assert found.count > 3
    assert not found.labels[rim].any()
    assert not found.labels[~inner].any()
