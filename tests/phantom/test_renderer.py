"""What the renderer's passes mean, on shapes whose light is known. Skipped where Mitsuba or LLVM 19 is
missing."""

import numpy as np
import pytest

from microrelief.phantom.light_mix import wander
from microrelief.phantom.renderer import (
    KeyLight,
    Part,
    View,
    bake_positions,
    render,
    renderer_is_here,
    use_threads,
)

pytestmark = [
    pytest.mark.renders,
    pytest.mark.skipif(
        not renderer_is_here(), reason="needs mitsuba and libllvm19: make test-slow installs the first"
    ),
]
VIEW = View(40, 60, 1.0, 0.0, 1000.0)
NO_SLOPE = np.zeros(3)


@pytest.fixture(autouse=True)
def _two_threads():
    use_threads(2)


def sheet(bumps=None, colour=(0.5, 0.3, 0.2), tilt_degrees=0.0, roughness=0.4) -> Part:
    tilt = np.radians(tilt_degrees)
    line = np.linspace(-30, 30, 61)
    x, y = np.meshgrid(line, line)
    flat = np.column_stack([x.ravel(), y.ravel(), np.zeros(x.size)])
    turn = np.array([[np.cos(tilt), 0, np.sin(tilt)], [0, 1, 0], [-np.sin(tilt), 0, np.cos(tilt)]])
    k = (np.arange(60)[:, None] * 61 + np.arange(60)[None]).ravel()
    triangles = np.concatenate([np.stack([k, k + 1, k + 62], 1), np.stack([k, k + 62, k + 61], 1)])
    normals = np.tile(turn @ [0, 0, 1.0], (len(flat), 1))
    texture = (flat[:, :2] + 30) / 60
    return Part(
        "sheet", flat @ turn.T, normals, triangles, np.array(colour, np.float32), roughness, texture, bumps
    )


def centre(image: np.ndarray) -> np.ndarray:
    return image[15:25, 25:35].reshape(100, -1).mean(axis=0)


def test_diffuse_light_falls_with_the_cosine_of_the_tilt():
    key = KeyLight(0, 0, radius_mm=5, distance_mm=2000)
    # a rough coat also lets less light through when tilted; a smooth one hardly does (Fresnel, under 0.5%
    # here)
    flat, tilted = (
        centre(
            render(
                [sheet(tilt_degrees=tilt, roughness=0.05)], VIEW, key, ambient_slope=NO_SLOPE, samples=4
            ).key_diffuse
        )[1]
        for tilt in (0, 30)
    )
    assert tilted / flat == pytest.approx(np.cos(np.radians(30)), rel=0.015)


def test_bumps_shade_by_their_slope_in_millimetres():
    texels = 600  # 0.1 mm each
    x = (np.arange(texels) + 0.5) / texels * 60
    ramp = np.tile(0.1 * x, (texels, 1)).astype(np.float32)  # rises by 0.1 mm per mm to the image right
    key = KeyLight(40, 0, radius_mm=5, distance_mm=2000)
    flat, bumped = (
        centre(render([sheet(bumps)], VIEW, key, ambient_slope=NO_SLOPE, samples=4).key_diffuse)[1]
        for bumps in (None, ramp)
    )
    slope = np.arctan(0.1)
    assert bumped / flat == pytest.approx(np.cos(np.radians(40) + slope) / np.cos(np.radians(40)), rel=0.03)


def test_the_open_sky_gives_the_same_light_as_the_lamp_it_is_measured_against():
    passes = render(
        [sheet()], VIEW, KeyLight(0, 0, radius_mm=5, distance_mm=2000), ambient_slope=NO_SLOPE, samples=32
    )
    assert centre(passes.ambient) == pytest.approx(centre(passes.key_diffuse), rel=0.08)
    assert centre(passes.colour) == pytest.approx([0.5, 0.3, 0.2], rel=0.01)


def test_lamp_and_sky_stand_where_they_are_whatever_the_seed():
    """Strata that were left out moved the lamp by half a degree and took most of one side of the sky away."""
    slope, key = np.array([0.6, 0.0, 0.0]), KeyLight(0, 0, radius_mm=150, distance_mm=600)
    tilted = [
        render([sheet(tilt_degrees=50)], VIEW, key, ambient_slope=slope, samples=8, seed=seed)
        for seed in range(4)
    ]
    for light in ("ambient", "key_diffuse"):
        levels = [centre(getattr(passes, light))[1] for passes in tilted]
        assert levels == pytest.approx([np.mean(levels)] * 4, rel=0.02)


def test_equal_seeds_render_equal_pictures_and_the_view_projects_where_it_renders():
    key = KeyLight(20, 30)
    one, same = (render([sheet()], VIEW, key, ambient_slope=NO_SLOPE, samples=4, seed=3) for _ in range(2))
    assert np.array_equal(one.key_diffuse, same.key_diffuse)
    point = np.array([[12.0, 7.0, 0.0]])
    row, column = np.round(VIEW.project(point)[0]).astype(int)
    u, v = one.texture[row, column]
    assert (u * 60 - 30, v * 60 - 30) == pytest.approx((12.0, 7.0), abs=0.6)


def test_baking_puts_positions_where_the_texture_says():
    part = sheet()
    baked = bake_positions(part.texture, part.triangles, part.positions, 120)
    assert baked[0, 0] == pytest.approx([-29.75, 29.75, 0], abs=0.01)
    assert baked[119, 119] == pytest.approx([29.75, -29.75, 0], abs=0.01)


def test_light_that_wanders_in_the_skin_is_kept_and_red_wanders_furthest():
    step = np.zeros((60, 60, 3), dtype=np.float32)
    step[:, 30:] = 1
    skin = np.ones((60, 60), dtype=bool)
    spread = wander(step, skin, 0.15)
    assert spread.mean(axis=(0, 1)) == pytest.approx(step.mean(axis=(0, 1)), rel=0.02)
    bled = spread[30, 20:30].mean(axis=0)
    assert bled[0] > 2 * bled[1] > 2 * bled[2] >= 0
