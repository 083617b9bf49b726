"""A scar's numbers against its own height map, integrated on a fine grid."""

import numpy as np
import pytest

from microrelief.phantom.scars import (
    DEPTH_MM,
    WIDTH_MM,
    Scar,
    draw_scar,
    height_mm,
    place_scars,
    scaled,
    volume_mm3,
)


def map_of(scar: Scar, step_mm: float = 0.02) -> np.ndarray:
    reach = scar.width_mm * 1.3
    line = np.arange(-reach, reach, step_mm)
    across, along = np.meshgrid(line, line)
    return height_mm(scar, across, along)


@pytest.mark.parametrize("number", range(12))
def test_height_map_has_the_stated_depth_and_volume(number):
    scar = draw_scar(np.random.default_rng(number), np.zeros(3))
    heights = map_of(scar)
    assert -heights.min() == pytest.approx(scar.depth_mm, rel=0.03)
    assert -heights.sum() * 0.02**2 == pytest.approx(volume_mm3(scar), rel=0.01)
    assert heights.max() == 0


@pytest.mark.parametrize("number", range(6))
def test_rim_encloses_a_disk_of_the_stated_width(number):
    scar = draw_scar(np.random.default_rng(number), np.zeros(3))
    area = (map_of(scar) < 0).sum() * 0.02**2
    assert 2 * np.sqrt(area / np.pi) == pytest.approx(scar.width_mm, rel=0.05)


def test_treatment_scales_depth_and_volume_and_leaves_the_outline():
    scar = draw_scar(np.random.default_rng(3), np.zeros(3))
    after = scaled(scar, 0.6, 0.5, 0.25)
    assert volume_mm3(after) == pytest.approx(0.6 * volume_mm3(scar))
    assert np.array_equal(map_of(scar, 0.05) < 0, map_of(after, 0.05) < 0)
    assert (after.redness, after.pigment) == (0.5 * scar.redness, 0.25 * scar.pigment)


def test_drawn_scars_keep_to_the_clinical_ranges():
    random = np.random.default_rng(0)
    for _ in range(300):
        scar = draw_scar(random, np.zeros(3))
        assert WIDTH_MM[scar.kind][0] <= scar.width_mm <= WIDTH_MM[scar.kind][1]
        assert 0 < scar.depth_mm <= DEPTH_MM[scar.kind][1]


def test_scars_do_not_overlap_and_follow_the_seed():
    points = np.random.default_rng(5).uniform(0, 60, (3000, 3)) * [1, 1, 0]
    scars = place_scars(np.random.default_rng(1), points, np.ones(3000), 40)
    again = place_scars(np.random.default_rng(1), points, np.ones(3000), 40)
    assert scars == again
    assert len(scars) == 40
    for k, one in enumerate(scars):
        for other in scars[:k]:
            gap = np.linalg.norm(np.subtract(one.centre_mm, other.centre_mm))
            assert gap > one.radius_mm + other.radius_mm
