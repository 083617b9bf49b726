"""Does registration find a known warp, treat both photographs alike, leave scars alone, and say where it is
blind?"""

import cv2
import numpy as np
import pytest

from microrelief.errors import PairError
from microrelief.imaging.pair.geometry import Registration, register, resample
from tests.bench.material import REAL_PAIRS, decode, encode, hand_points, made_skin, photograph, shared_data
from tests.bench.methods import METHODS, Task
from tests.bench.warps import HARD, MILD, KnownPair, known_pair

MM_PER_PIXEL = 0.2
shared = pytest.mark.skipif(shared_data() is None, reason="the validation data is not beside the repository")


@pytest.fixture(scope="module")
def warped() -> KnownPair:
    skin = made_skin(3, side=700)
    return known_pair(skin, skin.landmarks, MILD, seed=3, count=800)


@pytest.fixture(scope="module")
def found(warped: KnownPair) -> Registration:
    return _register(warped)


def _register(pair: KnownPair, exchanged: bool = False) -> Registration:
    sides = [(pair.before, pair.landmarks_before), (pair.after, pair.landmarks_after)]
    (first, marks_first), (second, marks_second) = sides[::-1] if exchanged else sides
    return register(first, second, marks_first, marks_second, MM_PER_PIXEL, MM_PER_PIXEL)


def _errors(found: Registration, pair: KnownPair) -> np.ndarray:
    return np.linalg.norm(found.after_of(pair.points_before) - pair.points_after, axis=1)


def test_a_known_warp_is_found_to_a_fraction_of_a_pixel(found: Registration, warped: KnownPair) -> None:
    error = _errors(found, warped)
    assert np.median(error) < 0.1
    assert np.percentile(error, 95) < 0.3
    # from known landmarks that are 1 % of the inter-ocular distance off
    assert np.median(np.linalg.norm(warped.points_after - warped.points_before, axis=1)) > 5


def test_exchanging_the_photographs_mirrors_the_maps(found: Registration, warped: KnownPair) -> None:
    other = _register(warped, exchanged=True)
    np.testing.assert_allclose(other.before_map, found.after_map, atol=2e-3)
    np.testing.assert_allclose(other.after_map, found.before_map, atol=2e-3)
    assert (other.seen != found.seen).mean() < 1e-3


def test_identical_photographs_do_not_move() -> None:
    skin = made_skin(4, side=500)
    found = register(skin.rgb, skin.rgb, skin.landmarks, skin.landmarks, MM_PER_PIXEL, MM_PER_PIXEL)
    np.testing.assert_allclose(found.before_map, found.after_map, atol=1e-3)
    assert np.nanmax(found.residual_px) < 1e-3
    assert found.mm_per_pixel == pytest.approx(MM_PER_PIXEL)


def test_points_go_there_and_back(found: Registration, warped: KnownPair) -> None:
    there = found.after_of(warped.points_before)
    np.testing.assert_allclose(found.before_of(there), warped.points_before, atol=1e-2)


def test_maps_and_points_say_the_same(found: Registration) -> None:
    at = (slice(200, 400, 40), slice(150, 350, 40))
    before, after = found.before_map[at].reshape(-1, 2), found.after_map[at].reshape(-1, 2)
    np.testing.assert_allclose(found.after_of(before.astype(np.float64)), after, atol=0.02)


@pytest.mark.parametrize("depth_left", [0.0, 0.4])
def test_a_scar_that_heals_is_neither_grown_again_nor_moved(depth_left: float) -> None:
    """Nothing differs but one 2-mm scar, so its place must stay and its contrast must be what was painted."""
    skin = made_skin(5, side=600)
    at, radius = np.array([330.0, 260.0]), 1.0 / MM_PER_PIXEL
    rows, columns = np.mgrid[:600, :600].astype(np.float32)
    y, x = (rows - at[0]) / radius, (columns - at[1]) / radius
    wall = (0.35 * x * np.exp(-(x * x + y * y) / 2))[..., None]
    plain = decode(skin.rgb)
    before, after = encode(plain * (1 - wall)), encode(plain * (1 - depth_left * wall))
    found = register(before, after, skin.landmarks, skin.landmarks, MM_PER_PIXEL, MM_PER_PIXEL)

    near = np.hypot(y, x) < 3
    assert found.seen[_in_box(found, 320, 340, 250, 270)].all()  # a healed scar is what we came to see
    shift = found.after_of(np.argwhere(near).astype(np.float64)) - np.argwhere(near)
    assert np.abs(shift).max() < 0.15
    aligned = [
        resample(picture, found.before_map if k == 0 else found.after_map)[..., 1]
        for k, picture in enumerate((before, after))
    ]
    bare = resample(encode(plain), found.after_map)[..., 1]
    pattern = resample(np.repeat(wall, 3, axis=2) + np.float32(1), found.before_map)[..., 1] - 1
    contrast = [
        float((np.log(np.maximum(image, 1e-3) / np.maximum(bare, 1e-3)) * pattern).sum()) for image in aligned
    ]
    assert contrast[1] / contrast[0] == pytest.approx(depth_left, abs=0.05)


def test_the_displacement_is_smooth_at_scar_scale(found: Registration) -> None:
    """Area may change over a face, hardly within a scar (landmark scatter alone would make it 25 %)."""
    area = _relative_area(found)
    inside = cv2.erode(found.seen.astype(np.uint8), np.ones((25, 25))) > 0
    local = area - cv2.blur(area, (25, 25))  # 5 mm
    assert np.abs(local[inside]).max() < 0.06


def test_what_is_hidden_in_one_photograph_is_not_seen() -> None:
    skin, other = made_skin(6, side=600), made_skin(7, side=600)
    after = skin.rgb.copy()
    after[300:420, 200:320] = other.rgb[300:420, 200:320]
    found = register(skin.rgb, after, skin.landmarks, skin.landmarks, MM_PER_PIXEL, MM_PER_PIXEL)
    hidden = _in_box(found, 315, 405, 215, 305)
    around = _in_box(found, 240, 480, 140, 380) & ~_in_box(found, 280, 440, 180, 340)
    assert found.seen[hidden].mean() < 0.1
    assert found.seen[around].mean() > 0.95


def test_what_lies_outside_a_photograph_is_not_seen() -> None:
    skin = made_skin(8, side=600)
    cut = 200
    found = register(
        skin.rgb, skin.rgb[:, cut:], skin.landmarks, skin.landmarks - (0, cut), MM_PER_PIXEL, MM_PER_PIXEL
    )
    outside = found.after_map[..., 1] < 0
    assert outside.mean() > 0.1
    assert not found.seen[outside].any()


def test_the_grid_takes_the_coarser_pixel_and_never_magnifies() -> None:
    skin = made_skin(9, side=800)
    small = cv2.resize(skin.rgb, (400, 400), interpolation=cv2.INTER_AREA)
    found = register(skin.rgb, small, skin.landmarks, (skin.landmarks + 0.5) / 2 - 0.5, 0.15, 0.30)
    assert found.mm_per_pixel == pytest.approx(0.30, rel=1e-3)
    error = found.after_of(skin.landmarks) - ((skin.landmarks + 0.5) / 2 - 0.5)
    assert np.abs(error).max() < 0.2


def test_shrinking_does_not_fold_fine_texture() -> None:
    """A stripe finer than the grid becomes even grey, not a false coarse stripe."""
    stripes = np.zeros((400, 400, 3), np.float32)
    stripes[:, ::2] = 1.0
    rows, columns = np.meshgrid(np.arange(20, 180.0), np.arange(20, 180.0), indexing="ij")
    small = resample(stripes, np.stack([rows * 2.1, columns * 2.1], axis=-1).astype(np.float32))
    assert np.abs(small - 0.5).max() < 0.05


def test_landmarks_that_do_not_pair_up_are_refused() -> None:
    skin = made_skin(9, side=300)
    with pytest.raises(PairError, match="do not pair up"):
        register(skin.rgb, skin.rgb, skin.landmarks, skin.landmarks[:-1], 0.2, 0.2)
    with pytest.raises(PairError, match="scale"):
        register(skin.rgb, skin.rgb, skin.landmarks, skin.landmarks, 0.2, 0.0)
    line = np.linspace(0, 100, 20)[:, None] * [1.0, 2.0]
    with pytest.raises(PairError, match="one line"):
        register(skin.rgb, skin.rgb, line, line, 0.2, 0.2)


@pytest.mark.shared
@shared
@pytest.mark.parametrize(("name", "seed"), [("008", 2000), ("096", 2001)])
def test_hard_known_warps_of_real_photographs(name: str, seed: int) -> None:
    from microrelief.imaging.face.landmarks import find_faces

    picture = photograph(name)
    pair = known_pair(picture, find_faces(picture.rgb)[0].landmarks, HARD, seed)
    moved = METHODS["ours"](Task(pair.before, pair.after, pair.points_before, None, None))
    error = np.linalg.norm(moved - pair.points_after, axis=1)
    assert np.median(error) < 0.2
    assert np.percentile(error, 95) < 0.7


@pytest.mark.shared
@shared
@pytest.mark.parametrize(("before", "after"), REAL_PAIRS[:4])
def test_photographs_taken_again_are_no_worse_than_the_mesh(before: str, after: str) -> None:
    from microrelief.imaging.face.landmarks import find_faces

    pictures = [photograph(name).rgb for name in (before, after)]
    marks = [find_faces(rgb)[0].landmarks for rgb in pictures]
    hand = [hand_points(name) for name in (before, after)]
    hull = cv2.convexHull(marks[0][:, ::-1].astype(np.float32))
    inside = [cv2.pointPolygonTest(hull, (float(c), float(r)), False) >= 0 for r, c in hand[0]]
    task = Task(pictures[0], pictures[1], hand[0][inside], marks[0], marks[1])
    ours, mesh = (
        np.percentile(np.linalg.norm(METHODS[m](task) - hand[1][inside], axis=1), 95)
        for m in ("ours", "mesh TPS")
    )
    assert ours <= 1.02 * mesh


def _relative_area(found: Registration) -> np.ndarray:
    """Area in the after photograph per area in the before photograph."""
    areas = []
    for where in (found.before_map, found.after_map):
        down, along = np.gradient(where, axis=0), np.gradient(where, axis=1)
        areas.append(down[..., 0] * along[..., 1] - down[..., 1] * along[..., 0])
    return np.asarray(areas[1] / areas[0])


def _in_box(found: Registration, top: float, bottom: float, left: float, right: float) -> np.ndarray:
    rows, columns = found.before_map[..., 0], found.before_map[..., 1]
    return (rows >= top) & (rows < bottom) & (columns >= left) & (columns < right)
