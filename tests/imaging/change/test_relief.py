"""Relief on patches of known truth: what heals is read, what the camera does is not."""

import math

import cv2
import numpy as np
import pytest

from microrelief.imaging.change.relief import contrast_gain, read_relief
from microrelief.imaging.change.scars import find_scars
from microrelief.imaging.change.uncertain import Estimate, outcome_of, percent
from microrelief.imaging.light.relative import Light, LightDifference
from tests.imaging.change.skins import MM, SHAPE, blots, discs, photographed, pits, texture, whole


def light(
    sensitivity: float = 1.0, hardness: float = math.nan, along: tuple[float, float] = (0.0, 0.0)
) -> LightDifference:
    """Two lights that differ by nothing but what is said; slopes show along (right, down)."""
    same = Light(20.0, 30.0, 0.25)
    shown = np.full(SHAPE, sensitivity, np.float32)
    where = np.full((*SHAPE, 2), along, np.float32)
    return LightDifference(same, same, 0.0, 0.0, 0.0, 1.0, 1.0, shown, hardness, where)


ALIKE = light()


def read(
    before: np.ndarray, after: np.ndarray, grain: float = 0.0, lights: LightDifference = ALIKE
) -> Estimate:
    scars = find_scars(before, after, whole(), MM)
    reading = read_relief(scars, None, contrast_gain(scars, grain), lights, 0.0)
    assert reading is not None
    return reading.estimate


def skin(depth: float, seed: int = 1) -> np.ndarray:
    return texture(seed) + pits(seed, depth=depth)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_unchanged_skin_reads_no_change(seed: int) -> None:
    ratio = read(photographed(skin(1, seed), 10 + seed), photographed(skin(1, seed), 20 + seed, exposure=0.3))
    assert outcome_of(ratio, (), "").verdict == "no measurable change"
    assert abs(percent(ratio.value)) < 5


@pytest.mark.parametrize("depth", [0.7, 0.5, 1 / 0.7])
def test_the_share_of_the_depth_that_is_left_is_read(depth: float) -> None:
    ratio = read(photographed(skin(1), 11), photographed(skin(depth), 21))
    # 0.05 of a depth of 0.7, and as much in the logarithm for the others, so that it turns over
    assert ratio.value == pytest.approx(math.log(depth), abs=0.07)
    assert ratio.low < math.log(depth) < ratio.high
    assert outcome_of(ratio, (), "").verdict == ("improved" if depth < 1 else "worse")


@pytest.mark.parametrize("depth", [0.7, 0.5])
def test_colour_that_stays_does_not_hide_healing(depth: float) -> None:
    # dark spots of the pits' own strength on the same places: read plainly, the energy says 0.87 and 0.79
    stain = blots(1, 0.25)
    ratio = read(photographed(skin(1) + stain, 11), photographed(skin(depth) + stain, 21))
    assert ratio.low < math.log(depth) < ratio.high
    assert ratio.value < math.log(depth) / 2


def test_one_strong_mole_does_not_outweigh_the_scars() -> None:
    mole = np.zeros(SHAPE, np.float32)
    cv2.circle(mole, (210, 210), 9, -1.5, -1)
    mole = cv2.GaussianBlur(mole, (0, 0), 1.5)
    ratio = read(photographed(skin(1) + mole, 11), photographed(skin(0.5) + mole, 21))
    assert ratio.low < math.log(0.5) < ratio.high < 0


def test_patches_of_colour_that_stay_do_not_hide_healing() -> None:
    # twice as many as there are pits; with all places counted alike -40 % is read
    patches = discs(7, -0.15, count=24)
    before = photographed(texture(1) + pits(1, count=12) + patches, 11)
    after = photographed(texture(1) + pits(1, count=12, depth=0.5) + patches, 21)
    assert read(before, after).value == pytest.approx(math.log(0.5), abs=0.1)


def test_spots_that_stay_are_told_by_being_steep_across_the_light_too() -> None:
    spots = blots(7, 0.25, count=24)
    before = photographed(texture(1) + pits(1, count=12) + spots, 11)
    after = photographed(texture(1) + pits(1, count=12, depth=0.5) + spots, 21)
    unknown, known = read(before, after), read(before, after, lights=light(along=(0.707, -0.707)))
    assert known.value < unknown.value - 0.2
    assert known.low < math.log(0.5) < known.high < 0


@pytest.mark.parametrize("strength", [0.5, 1.0])
def test_a_third_of_the_marks_fading_whole_is_not_read_as_healing(strength: float) -> None:
    # the other two thirds stay as they were: what all scars share is no change
    ratio = read(photographed(skin(1) + blots(5, strength, count=10), 11), photographed(skin(1), 21))
    assert ratio.high > 0
    assert abs(ratio.value) < 0.2  # -0.68 were all scars weighed alike


# spots as strong as the strongest pits are told from healing in most patches: docs/methods/relief.md
TOO_STRONG = pytest.param(2, 0.2, marks=pytest.mark.xfail(strict=True, reason="reads -40 % [-81, -3]"))


@pytest.mark.parametrize(("seed", "strength"), [(1, 0.1), (2, 0.1), (3, 0.1), (1, 0.2), TOO_STRONG, (3, 0.2)])
def test_fading_colour_alone_is_not_read_as_healing(seed: int, strength: float) -> None:
    marked = skin(1, seed) + blots(seed, strength)
    ratio = read(photographed(marked, 11), photographed(skin(1, seed), 21))
    assert outcome_of(ratio, (), "").verdict == "no measurable change"


def test_a_dark_floor_that_heals_with_its_pit_is_not_doubted() -> None:
    scarred = pits(1) + blots(1, 0.25)
    ratio = read(photographed(texture(1) + scarred, 11), photographed(texture(1) + 0.5 * scarred, 21))
    assert ratio.low < math.log(0.5) < ratio.high
    # doubted as a stain, the floor alone would make a change of a fifth too small to be seen
    assert ratio.detectable < 0.1


def test_exchanging_the_photographs_mirrors_the_answer() -> None:
    before, after = photographed(skin(1), 11), photographed(skin(0.7), 21)
    there, back = read(before, after, 0.2), read(after, before, -0.2)
    assert there.value == pytest.approx(-back.value, abs=1e-3)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low), abs=1e-3)


def test_a_flatter_tone_curve_is_not_read_as_healing() -> None:
    before, after = photographed(skin(1), 11, noise=0.004), photographed(skin(1), 21, noise=0.004)
    ratio = read(before, 0.85 * after, math.log(0.85))
    assert outcome_of(ratio, (), "").verdict == "no measurable change"
    assert abs(percent(ratio.value)) < 8


def test_more_noise_in_the_after_is_not_read_as_worse() -> None:
    ratio = read(photographed(skin(1), 11, noise=0.006), photographed(skin(1), 21, noise=0.018), math.log(3))
    assert outcome_of(ratio, (), "").verdict == "no measurable change"


def test_a_slight_defocus_is_not_read_as_healing() -> None:
    before, after = skin(1), cv2.GaussianBlur(skin(1), (0, 0), 0.8)
    ratio = read(photographed(before, 11, 0.004), photographed(after, 21, 0.004))
    assert outcome_of(ratio, (), "").verdict == "no measurable change"


def test_a_harder_lamp_is_taken_off_what_the_scars_gained() -> None:
    before, after = photographed(skin(1), 11), photographed(skin(1.2), 21)
    plain, told = read(before, after), read(before, after, lights=light(hardness=0.2))
    assert told.value < plain.value - 0.1
    assert abs(told.value) < 0.1
    assert told.detectable > plain.detectable


@pytest.mark.parametrize("hardness", [-0.3, 0.3])
def test_a_face_that_the_camera_flattened_is_no_change_of_scars(hardness: float) -> None:
    # tone mapping takes the face's large shading and leaves the scars; a softer lamp would take both
    same, again = photographed(skin(1), 11), photographed(skin(1), 21)
    told = read(same, again, lights=light(hardness=hardness))
    assert outcome_of(told, (), "").verdict == "no measurable change"
    assert told.value == pytest.approx(-hardness, abs=0.05)


def test_scars_are_found_on_both_photographs_alike() -> None:
    before, after = photographed(skin(1), 11), photographed(skin(0.6), 21)
    there, back = find_scars(before, after, whole(), MM), find_scars(after, before, whole(), MM)
    assert there.count == back.count > 10
    assert np.array_equal(there.labels > 0, back.labels > 0)


def test_skin_without_scars_gives_no_number() -> None:
    quiet = texture(5)
    scars = find_scars(photographed(quiet, 1), photographed(quiet, 2), whole(), MM)
    assert read_relief(scars, None, (0.0, 0.0), ALIKE, 0.0) is None


def test_no_valid_skin_gives_no_number() -> None:
    patch = photographed(skin(1), 3)
    scars = find_scars(patch, patch, np.zeros(SHAPE, bool), MM)
    assert scars.count == 0
    assert read_relief(scars, None, (0.0, 0.0), ALIKE, 0.0) is None


def test_light_that_grazes_differently_widens_the_interval() -> None:
    before, after = photographed(skin(1), 11), photographed(skin(1), 21)
    alike, moved = read(before, after), read(before, after, lights=light(sensitivity=1.3))
    assert moved.detectable > alike.detectable + 0.05
