"""Are two close-ups laid over each other by their skin alone, alike whichever came first, never strangers?"""

import hashlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from microrelief.errors import NotTheSameSkin, ScaleContradicted, ScaleMissing
from microrelief.imaging.pair.align_close_up import scales_of
from microrelief.imaging.pair.geometry import register
from microrelief.imaging.pair.skin_match import SkinMatch, match_skin
from microrelief.imaging.photo.photo import Photo
from microrelief.imaging.skin.close_up import find_skin
from tests.bench.material import made_skin
from tests.bench.warps import HARD, MILD, KnownPair, known_pair


def photo(rgb: np.ndarray, name: str = "skin.png") -> Photo:
    rgb = np.ascontiguousarray(rgb)
    return Photo(Path(name), hashlib.sha256(rgb.tobytes()).hexdigest(), rgb.nbytes, rgb)


def matched(before: np.ndarray, after: np.ndarray) -> SkinMatch:
    photos = photo(before), photo(after)
    return match_skin(*photos, *(find_skin(p) for p in photos))


@pytest.fixture(scope="module")
def warped() -> KnownPair:
    skin = made_skin(3, side=700)
    return known_pair(skin, skin.landmarks, MILD, seed=3, count=400)


@pytest.mark.parametrize("severity", [MILD, HARD], ids=["mild", "hard"])
def test_a_known_warp_is_found_from_the_skin_alone(severity) -> None:
    skin = made_skin(11, side=700)
    pair = known_pair(skin, skin.landmarks, severity, seed=5, count=400)
    match = matched(pair.before, pair.after)
    found = register(pair.before, pair.after, match.points_before, match.points_after, 0.1, 0.1)
    error = np.linalg.norm(found.after_of(pair.points_before) - pair.points_after, axis=1)
    assert np.median(error) < 0.2
    assert np.percentile(error, 95) < 0.7


def test_exchanging_the_photographs_mirrors_the_match(warped: KnownPair) -> None:
    there, back = matched(warped.before, warped.after), matched(warped.after, warped.before)
    np.testing.assert_array_equal(there.points_before, back.points_after)
    np.testing.assert_array_equal(there.points_after, back.points_before)
    assert there.agreeing == back.agreeing


def test_a_picture_turned_and_half_as_large_is_found_again(warped: KnownPair) -> None:
    small = cv2.resize(np.rot90(warped.after), (350, 350), interpolation=cv2.INTER_AREA)
    assert matched(warped.before, small).size_ratio == pytest.approx(
        matched(warped.before, warped.after).size_ratio / 2, rel=0.01
    )


def test_skin_of_others_is_refused_in_one_sentence(warped: KnownPair) -> None:
    for seed in (21, 22):
        with pytest.raises(NotTheSameSkin, match=r"do not show the same skin.*same place"):
            matched(warped.before, made_skin(seed, side=700).rgb)


def test_a_mirrored_picture_is_refused(warped: KnownPair) -> None:
    with pytest.raises(NotTheSameSkin, match="unmirrored"):
        matched(warped.before, warped.after[:, ::-1])


def test_flat_pictures_are_refused() -> None:
    flat = np.full((300, 300, 3), (200, 150, 130), np.uint8)
    with pytest.raises(NotTheSameSkin):
        matched(flat, np.full((300, 320, 3), (200, 150, 130), np.uint8))


def lattice(size_ratio: float) -> SkinMatch:
    points = np.stack(np.meshgrid(np.arange(6.0), np.arange(5.0)), axis=-1).reshape(-1, 2) * 50
    return SkinMatch(points, points * size_ratio, 300)


def test_one_scale_is_enough_and_the_other_follows_from_the_skin() -> None:
    before, after = scales_of(lattice(2.0), 0.08, None)
    assert (before.mm_per_pixel, before.source) == (0.08, "stated")
    assert after.mm_per_pixel == pytest.approx(0.04)
    assert after.relative_error > before.relative_error
    before, after = scales_of(lattice(2.0), None, 0.04)
    assert before.mm_per_pixel == pytest.approx(0.08)


def test_two_scales_that_nearly_agree_are_brought_together() -> None:
    before, after = scales_of(lattice(1.0), 0.050, 0.054)
    assert before.mm_per_pixel == after.mm_per_pixel == pytest.approx(np.sqrt(0.05 * 0.054))


def test_two_scales_that_contradict_the_skin_are_refused_with_both_numbers() -> None:
    with pytest.raises(ScaleContradicted, match=r"0\.05 mm per pixel before and 0\.06 after"):
        scales_of(lattice(1.0), 0.05, 0.06)
    with pytest.raises(ScaleContradicted, match=r"0\.06 mm per pixel before and 0\.05 after"):
        scales_of(lattice(1.0), 0.06, 0.05)


@pytest.mark.parametrize("stated", [0.0, -0.05, float("nan"), float("inf"), 7.0])
def test_a_scale_that_cannot_be_is_refused(stated: float) -> None:
    with pytest.raises(ScaleContradicted, match="is not a scale"):
        scales_of(lattice(1.0), stated, None)


def test_no_scale_is_refused_with_how_to_get_one() -> None:
    with pytest.raises(ScaleMissing, match=r"pixels over 10 mm of a ruler.*--scale-before"):
        scales_of(lattice(1.0), None, None)
