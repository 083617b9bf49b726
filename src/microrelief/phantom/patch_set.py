"""A folder of close-ups of known truth: JPEGs and pairs.json, in the fields that whole faces have.

Work is done scene by scene and can be stopped and taken up again.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from microrelief.phantom.camera import photograph, to_jpeg
from microrelief.phantom.light_mix import meter, mix
from microrelief.phantom.patch import (
    Patch,
    PatchScene,
    PatchShot,
    PatchVisits,
    draw_patch,
    draw_visits,
    patch_part,
)
from microrelief.phantom.renderer import render
from microrelief.phantom.scenes import TONE_ORDER, Split, person_seed

SAMPLES = 8


def make_patches(folder: Path, *, subjects: int, seed: int, split: Split, samples: int = SAMPLES) -> None:
    """Make or complete a set of close-ups; equal arguments give equal pictures.

    Raises SetupError when the renderer is missing, ValueError for a seed out of range.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pairs: list[dict[str, Any]] = []
    for number in range(subjects):
        own = person_seed(split, seed, number)
        visits = draw_visits(own, TONE_ORDER[number % len(TONE_ORDER)])
        name = f"{split[0]}p{seed:02d}{number:02d}"
        _photograph_all(folder, visits, name, samples)
        pairs += [{**pair, "split": split, "seed": own} for pair in _pairs(visits, name)]
        _write(folder / "pairs.json", json.dumps({"pairs": pairs}, indent=1).encode())


def linear_light(patch: Patch, scene: PatchScene, samples: int) -> np.ndarray:
    """A scene as it falls on the sensor, exposed by the meter: float32 (H, W, 3), white = 1."""
    passes = render(
        [patch_part(patch, scene.state)],
        scene.view,
        scene.lighting.key,
        ambient_slope=np.array(scene.lighting.ambient_slope),
        samples=samples,
        seed=patch.seed * 100 + sum(scene.name.encode()) % 100,
    )
    light = mix(passes, scene.lighting, wandering=patch.wandering)
    return light * np.float32(meter(light, passes, patch.tone))


def _photograph_all(folder: Path, visits: PatchVisits, name: str, samples: int) -> None:
    shots = [visits.before, *visits.shots]
    todo = [scene for scene in visits.scenes if any(_missing(folder, name, scene, s) for s in shots)]
    if not todo:
        return
    patch = draw_patch(visits.seed, visits.tone)
    for scene in todo:
        began = time.perf_counter()
        light = linear_light(patch, scene, samples)
        for number, shot in enumerate(shots):
            if shot.scene == scene.name:
                random = np.random.default_rng([visits.seed, 36, number])
                picture = photograph(light, shot.camera, random)
                _write(folder / f"{name}_{shot.name}.jpg", to_jpeg(picture, shot.camera.jpeg_quality))
        print(f"{name}: {scene.name} in {time.perf_counter() - began:.1f} s", file=sys.stderr, flush=True)


def _missing(folder: Path, name: str, scene: PatchScene, shot: PatchShot) -> bool:
    return shot.scene == scene.name and not (folder / f"{name}_{shot.name}.jpg").exists()


def _pairs(visits: PatchVisits, name: str) -> list[dict[str, Any]]:
    pairs = []
    for shot in visits.shots:
        pairs.append({**_pair(visits, name, visits.before, shot, shot.category), "note": shot.note})
        if shot.category in ("depth70", "depth50"):
            turned = _pair(visits, name, shot, visits.before, "worse")
            turned["id"] = f"{name}-worse-{shot.category}"
            pairs.append({**turned, "note": f"the {shot.category} pair turned round"})
    return pairs


def _pair(
    visits: PatchVisits, name: str, before: PatchShot, after: PatchShot, category: str
) -> dict[str, Any]:
    scenes = {scene.name: scene for scene in visits.scenes}
    first, second = scenes[before.scene], scenes[after.scene]
    return {
        "id": f"{name}-{after.name}",
        "category": category,
        "close_up": True,
        "before": f"{name}_{before.name}.jpg",
        "after": f"{name}_{after.name}.jpg",
        "fitzpatrick_like": visits.tone,
        "depth_ratio": second.state.depth_ratio / first.state.depth_ratio,
        "redness_ratio": second.state.redness_ratio / first.state.redness_ratio,
        "pigment_ratio": second.state.pigment_ratio / first.state.pigment_ratio,
        "light_before": _angles(first),
        "light_after": _angles(second),
        "lamp_degrees_before": _lamp_degrees(first),
        "lamp_degrees_after": _lamp_degrees(second),
        "mm_per_pixel_before": first.view.mm_per_pixel,
        "mm_per_pixel_after": second.view.mm_per_pixel,
    }


def _angles(scene: PatchScene) -> list[float]:
    return [scene.lighting.key.azimuth_degrees, scene.lighting.key.elevation_degrees]


def _lamp_degrees(scene: PatchScene) -> float:
    key = scene.lighting.key
    return float(np.degrees(2 * np.arctan(key.radius_mm / key.distance_mm)))


def _write(path: Path, data: bytes) -> None:
    partial = path.with_suffix(".part")
    partial.write_bytes(data)
    os.replace(partial, path)
