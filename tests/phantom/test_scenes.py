"""Sessions: seeds, splits and what each pair claims as truth."""

import json

import numpy as np
import pytest

from microrelief.phantom import phantom_set
from microrelief.phantom.scenes import SPLIT_OFFSET, draw_session, person_seed


def test_the_splits_share_no_seed():
    tuning = {person_seed("tuning", seed, number) for seed in (0, 1, 499) for number in range(1000)}
    unseen = {person_seed("unseen", seed, number) for seed in (0, 1, 499) for number in range(1000)}
    assert not tuning & unseen
    assert max(tuning) < SPLIT_OFFSET["unseen"] <= min(unseen)


@pytest.mark.parametrize("seed", [-1, 500])
def test_a_seed_outside_its_split_is_refused(seed):
    with pytest.raises(ValueError, match="out of range"):
        person_seed("tuning", seed, 0)


def test_equal_seeds_draw_equal_sessions_and_other_seeds_others():
    assert draw_session(7, 3) == draw_session(7, 3)
    assert draw_session(7, 3).scenes[0].lighting != draw_session(8, 3).scenes[0].lighting


@pytest.mark.parametrize("seed", range(8))
def test_a_null_pair_differs_by_no_more_than_a_good_retake(seed):
    scenes = {scene.name: scene for scene in draw_session(seed, 1).scenes}
    angle = np.degrees(
        np.arccos(scenes["before"].lighting.key.direction @ scenes["null"].lighting.key.direction)
    )
    assert angle < 6
    assert scenes["null"].state.depth_ratio == scenes["null"].state.redness_ratio == 1
    assert abs(scenes["null"].state.pose.yaw - scenes["before"].state.pose.yaw) < 4


def test_moved_lights_move_by_what_the_category_says():
    for seed in range(8):
        scenes = {scene.name: scene for scene in draw_session(seed, 1).scenes}
        before = scenes["before"].lighting.key
        assert abs(abs(scenes["light8"].lighting.key.elevation_degrees - before.elevation_degrees) - 8) < 6
        assert abs(abs(scenes["light12"].lighting.key.azimuth_degrees - before.azimuth_degrees) - 12) < 6
        assert (
            scenes["otherside"].lighting.key.azimuth_degrees * before.azimuth_degrees < 0
            or abs(before.azimuth_degrees) < 6
        )
        assert scenes["soft"].lighting.key.radius_mm > 2 * before.radius_mm


def test_pairs_json_has_the_documented_fields_and_truths(tmp_path):
    phantom_set._write_pairs(tmp_path, "unseen", 3, 2)
    pairs = json.loads((tmp_path / "pairs.json").read_text())["pairs"]
    assert len({pair["id"] for pair in pairs}) == len(pairs)
    fields = {
        "id",
        "category",
        "before",
        "after",
        "fitzpatrick_like",
        "depth_ratio",
        "redness_ratio",
        "light_before",
        "light_after",
        "pose_before",
        "pose_after",
        "note",
    }
    assert all(fields <= set(pair) for pair in pairs)
    by = {pair["category"]: pair for pair in pairs}
    assert {
        "null",
        "depth70",
        "depth50",
        "worse",
        "redness-only",
        "trick-light",
        "trick-side",
        "trick-pose",
        "trick-blur",
        "trick-filter",
        "trick-exposure",
        "trick-tone",
    } <= set(by)
    assert by["depth70"]["depth_ratio"] == pytest.approx(0.7)
    assert by["redness-only"]["redness_ratio"] == 0
    assert by["redness-only"]["depth_ratio"] == 1
    worse = [pair for pair in pairs if pair["category"] == "worse"]
    assert sorted({round(pair["depth_ratio"], 3) for pair in worse}) == [1.429, 2.0]
    assert all(pair["depth_ratio"] == 1 for pair in pairs if pair["category"].startswith("trick"))
