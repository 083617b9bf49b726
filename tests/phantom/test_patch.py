"""Close-up patches: what is drawn is what is stated, equal seeds give equal skin, and a rendered pair is
measured right."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from microrelief.imaging.compare import Choices, compare
from microrelief.phantom.__main__ import main
from microrelief.phantom.patch import MESH_STEP_MM, PatchState, draw_patch, draw_visits, patch_part
from microrelief.phantom.renderer import renderer_is_here
from microrelief.phantom.scars import volume_mm3
from microrelief.phantom.scenes import person_seed

STATED = ("mm_per_pixel_before", "mm_per_pixel_after", "close_up", "depth_ratio", "light_before", "category")


@pytest.fixture(scope="module")
def patch():
    return draw_patch(person_seed("tuning", 3, 0), 2)


def test_the_mesh_sinks_by_the_scars_volume_times_the_depth_left(patch):
    whole, smooth = (patch_part(patch, PatchState(depth_ratio=r)).positions for r in (1.0, 0.0))
    half = patch_part(patch, PatchState(depth_ratio=0.5)).positions
    sunk, sunk_half = (np.linalg.norm(smooth - part, axis=1) for part in (whole, half))
    missing = sum(volume_mm3(scar) for scar in patch.scars)
    assert sunk.sum() * MESH_STEP_MM**2 == pytest.approx(missing, rel=0.03)
    np.testing.assert_allclose(sunk_half, sunk / 2, atol=1e-9)


def test_normals_point_to_the_camera_and_follow_the_scars(patch):
    part = patch_part(patch, PatchState())
    assert part.normals[:, 2].min() > 0
    assert np.linalg.norm(part.normals, axis=1) == pytest.approx(1)
    flat = patch_part(replace(patch, scars=[]), PatchState())
    assert np.abs(part.normals - flat.normals).max() > 0.2


def test_equal_seeds_give_equal_patches_and_visits_and_others_do_not(patch):
    again = draw_patch(patch.seed, patch.tone)
    np.testing.assert_array_equal(again.bumps_mm, patch.bumps_mm)
    np.testing.assert_array_equal(again.melanin, patch.melanin)
    assert again.scars == patch.scars
    assert draw_visits(patch.seed, 2) == draw_visits(patch.seed, 2)
    assert draw_patch(person_seed("unseen", 3, 0), 2).scars != patch.scars


def test_visits_hold_what_they_say():
    for number in range(30):
        visits = draw_visits(person_seed("unseen", 7, number), 3)
        scenes = {scene.name: scene for scene in visits.scenes}
        assert {shot.scene for shot in visits.shots} | {"before"} == set(scenes)
        before = scenes["before"]
        assert 0.05 <= before.view.mm_per_pixel <= 0.1
        assert before.view.rows * before.view.mm_per_pixel == pytest.approx(40, abs=0.1)
        assert scenes["depth70"].state.depth_ratio == 0.7
        higher = scenes["higher8"].lighting.key.elevation_degrees - before.lighting.key.elevation_degrees
        assert 2 < higher < 14
        assert all(scenes[s.scene].state.depth_ratio == 1 for s in visits.shots if "trick" in s.category)


def test_a_seed_out_of_range_is_refused(tmp_path: Path, capsys):
    assert main(["patches", str(tmp_path / "set"), "--seed", "500"]) == 2
    assert "take --seed 0 to 499" in capsys.readouterr().err


@pytest.mark.renders
@pytest.mark.skipif(
    not renderer_is_here(), reason="needs mitsuba and libllvm19: make test-slow installs the first"
)
def test_a_rendered_pair_is_measured_right(tmp_path: Path):
    assert main(["patches", str(tmp_path), "--subjects", "1", "--seed", "4", "--samples", "4"]) == 0
    pairs = {
        pair["id"].split("-", 1)[1]: pair
        for pair in json.loads((tmp_path / "pairs.json").read_text())["pairs"]
    }
    for name, verdict in (
        ("null", "no measurable change"),
        ("depth50", "improved"),
        ("worse-depth50", "worse"),
        ("blur", "not comparable"),
    ):
        pair = pairs[name]
        assert set(STATED) <= set(pair)
        stated = Choices(close_up=True, mm_per_pixel_before=pair["mm_per_pixel_before"], light="same")
        found = compare(tmp_path / pair["before"], tmp_path / pair["after"], stated)
        assert found.relief.verdict == verdict, name
        if verdict != "not comparable":
            assert found.relief.low <= 100 * (pair["depth_ratio"] - 1) <= found.relief.high
        # the registration knows how large the other photograph's pixels are
        ratio = found.pair.after.scale.mm_per_pixel / pair["mm_per_pixel_after"]
        assert ratio == pytest.approx(1, abs=0.02)
