"""The light meter on a shape of known light."""

import numpy as np
import pytest

from microrelief.imaging.light.relative import compare_light
from microrelief.imaging.pair.audit import LIMITS, light_evenness

MM = 0.25
SHAPE = (640, 520)


def head() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """An ellipsoid the size of a face: mask, landmark positions (row, column) and their depth in pixels."""
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]].astype(float)
    y, x = (rows - SHAPE[0] / 2) / 300, (columns - SHAPE[1] / 2) / 240
    inside = x**2 + y**2 < 0.85
    rng = np.random.default_rng(1)
    angle, radius = rng.uniform(0, 2 * np.pi, 468), 0.92 * np.sqrt(rng.uniform(0, 1, 468))
    points = np.stack(
        [SHAPE[0] / 2 + 300 * radius * np.sin(angle), SHAPE[1] / 2 + 240 * radius * np.cos(angle)], axis=1
    )
    depth = -220 * np.sqrt(1 - radius**2)
    return inside, points, depth


def lit(azimuth: float, elevation: float, ambient: float, exposure: float = 1.0) -> np.ndarray:
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]].astype(float)
    y, x = (rows - SHAPE[0] / 2) / 300, (columns - SHAPE[1] / 2) / 240
    z = np.sqrt(np.clip(1 - x**2 - y**2, 0.02, 1))
    normal = np.dstack([x / 240, -y / 300, z / 220])
    normal /= np.linalg.norm(normal, axis=2, keepdims=True)
    a, e = np.radians([azimuth, elevation])
    key = np.clip(normal @ np.array([np.sin(a) * np.cos(e), np.sin(e), np.cos(a) * np.cos(e)]), 0, None)
    grain = np.random.default_rng(7).normal(1, 0.02, SHAPE)
    return (exposure * grain * (key + ambient) * 0.4)[..., None].repeat(3, axis=2).astype(np.float32)


def difference(before: tuple[float, ...], after: tuple[float, ...]):
    inside, points, depth = head()
    return compare_light(lit(*before), lit(*after), inside, points, depth, MM)


@pytest.mark.parametrize("after", [(20.0, 30.0), (20.0, 40.0), (35.0, 30.0), (5.0, 15.0)])
def test_how_far_the_light_moved_is_known_to_five_degrees(after: tuple[float, float]) -> None:
    found = difference((20.0, 30.0, 0.25), (*after, 0.25))
    unit = lambda a, e: np.array([np.sin(a) * np.cos(e), np.sin(e), np.cos(a) * np.cos(e)])  # noqa: E731
    truth = np.degrees(np.arccos(np.clip(unit(*np.radians((20.0, 30.0))) @ unit(*np.radians(after)), -1, 1)))
    assert found.angle_degrees == pytest.approx(truth, abs=5)


def test_exposure_is_not_taken_for_light() -> None:
    found = difference((20.0, 30.0, 0.25, 1.0), (20.0, 30.0, 0.25, 1.6))
    assert found.angle_degrees < 2
    assert found.pattern < 0.02


def test_the_sides_of_the_picture_are_told_apart() -> None:
    found = difference((30.0, 20.0, 0.25), (-30.0, 20.0, 0.25))
    assert found.before.azimuth_degrees > 10
    assert found.after.azimuth_degrees < -10
    assert found.angle_degrees > 35


def test_grazing_light_shows_slopes_more_strongly() -> None:
    found = difference((0.0, 10.0, 0.25), (0.0, 45.0, 0.25))
    inside, _, _ = head()
    assert float(np.median(found.sensitivity_ratio[inside])) > 1.3


def test_walls_in_shadow_are_not_shown_more_strongly_by_a_lamp_still_further_round() -> None:
    found = difference((40.0, 10.0, 0.25), (50.0, 10.0, 0.25))
    inside, _, _ = head()
    columns = np.nonzero(inside.any(axis=0))[0]
    side = (columns[-1] - columns[0]) // 7
    away = inside.copy()
    away[:, columns[0] + side :] = False
    assert float(np.median(found.sensitivity_ratio[away])) < 0.9
    # and slopes show along the lamp's own direction, which comes from the right
    assert float(np.median(np.abs(found.along[inside][:, 0]))) > 0.8


@pytest.mark.parametrize("contrast", [0.85, 1.0, 1.2])
def test_a_flatter_curve_is_not_taken_for_another_room(contrast: float) -> None:
    inside, points, depth = head()
    before, after = lit(20.0, 30.0, 0.25), lit(22.0, 31.0, 0.25) ** contrast
    found = compare_light(before, after, inside, points, depth, MM)
    assert found.hardness == pytest.approx(np.log(contrast), abs=0.04)
    # read as ambient light, the contrast would move it by 0.3
    assert abs(float(np.log(np.median(found.sensitivity_ratio[inside])))) < 0.08


def test_hardly_any_skin_gives_a_neutral_answer() -> None:
    _, points, depth = head()
    nothing = np.zeros(SHAPE, bool)
    found = compare_light(lit(0, 30, 0.2), lit(0, 30, 0.2), nothing, points, depth, MM)
    assert found.angle_degrees == 0


def test_a_small_turn_under_a_hard_lamp_is_no_other_pattern_and_a_shade_is() -> None:
    inside, points, depth = head()
    before, turned = lit(20.0, 25.0, 0.05), lit(26.0, 25.0, 0.05)
    # the light of a blind, bright and dark down the face, which no turn explains
    shade = np.exp(0.25 * np.sin(np.mgrid[: SHAPE[0], : SHAPE[1]][0] / 45))[..., None]
    moved = compare_light(before, turned, inside, points, depth, MM)
    shaded = compare_light(before, (before * shade).astype(np.float32), inside, points, depth, MM)
    assert moved.pattern > LIMITS["light evenness"].caution
    assert light_evenness(moved).verdict != "refuse"
    assert light_evenness(shaded).verdict == "refuse"


def test_a_large_turn_is_another_pattern() -> None:
    moved = difference((20.0, 25.0, 0.05), (40.0, 25.0, 0.05))
    assert light_evenness(moved).verdict == "refuse"
