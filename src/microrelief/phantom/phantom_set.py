"""A folder of photographs of known truth: JPEGs, pairs.json and a truth file for each scene.

Work is done scene by scene and can be stopped and taken up again; pairs.json is rewritten as each person is
finished.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from microrelief.phantom.camera import Camera, photograph, to_jpeg
from microrelief.phantom.cast import Cast, cast_from
from microrelief.phantom.negatives import SAMPLES, develop, render_negative
from microrelief.phantom.person import Person, scars_seen_by
from microrelief.phantom.renderer import Passes
from microrelief.phantom.scenes import (
    TONE_ORDER,
    Lighting,
    Scene,
    Session,
    Shot,
    Split,
    draw_session,
    person_seed,
)

KEPT_SCENES = ("before", "null", "retake", "depth70", "depth80")
"""Their linear light is kept, so that they can be photographed in further ways."""


def make_phantoms(
    folder: Path, head_file: Path | None, *, subjects: int, seed: int, split: Split, samples: int = SAMPLES
) -> None:
    """Make or complete a set of phantoms; equal arguments give equal pictures. Without a head file the faces
    are the landmark model's own mesh (`cast`).

    Raises SetupError when the head or the renderer is missing.
    """
    cast = cast_from(head_file)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(subjects):
        own = person_seed(split, seed, number)
        session = cast.session(own, TONE_ORDER[number % len(TONE_ORDER)])
        _make_person(folder, cast, session, f"{split[0]}{seed:02d}{number:02d}", samples)
        _write_pairs(folder, split, seed, number + 1, cast.session)


def _make_person(folder: Path, cast: Cast, session: Session, name: str, samples: int) -> None:
    todo = [scene for scene in session.scenes if not _scene_is_done(folder, session, scene, name)]
    if not todo:
        return
    _say(f"{name}: person of tone {session.tone}, {len(todo)} scenes to render")
    person = cast.draw(session)
    for scene in todo:
        start = time.perf_counter()
        passes = render_negative(person, session, scene, samples=samples)
        _take(folder, session, scene, passes, name)
        _write_truth(folder, person, scene, passes, name)
        _say(f"{name}: {scene.name} in {time.perf_counter() - start:.0f} s")


def _scene_is_done(folder: Path, session: Session, scene: Scene, name: str) -> bool:
    shots = [shot for shot in [session.before, *session.shots] if shot.scene == scene.name]
    return (folder / "truth" / f"{name}_{scene.name}.npz").exists() and all(
        (folder / f"{name}_{shot.name}.jpg").exists() for shot in shots
    )


def _take(folder: Path, session: Session, scene: Scene, passes: Passes, name: str) -> None:
    mixed: dict[Lighting, NDArray[np.float32]] = {}
    for shot in [session.before, *session.shots]:
        if shot.scene != scene.name:
            continue
        lighting = shot.lighting or scene.lighting
        if lighting not in mixed:
            mixed[lighting] = develop(passes, session, lighting)
        number = [s.name for s in session.shots].index(shot.name) if shot in session.shots else 999
        random = np.random.default_rng([session.seed, 6, number])
        picture = photograph(mixed[lighting], shot.camera, random)
        _write(folder / f"{name}_{shot.name}.jpg", to_jpeg(picture, shot.camera.jpeg_quality))
    if scene.name in KEPT_SCENES:
        (folder / "linear").mkdir(exist_ok=True)
        np.save(folder / "linear" / f"{name}_{scene.name}.npy", mixed[scene.lighting].astype(np.float16))


def _write_truth(folder: Path, person: Person, scene: Scene, passes: Passes, name: str) -> None:
    """Scar centres before camera roll, shift and resize (those are in pairs.json), and where each pixel is on
    the face."""
    (folder / "truth").mkdir(exist_ok=True)
    centres = scars_seen_by(person, scene.state)
    place = scene.view.project(centres)
    row, column = np.round(place).astype(int).T
    inside = (row >= 0) & (row < scene.view.rows) & (column >= 0) & (column < scene.view.columns)
    seen = np.zeros(len(centres), dtype=bool)
    depth = passes.depth_mm[np.clip(row, 0, scene.view.rows - 1), np.clip(column, 0, scene.view.columns - 1)]
    seen[inside] = np.abs(depth[inside] - centres[inside, 2]) < 2.5
    file = folder / "truth" / f"{name}_{scene.name}.npz"
    partial = file.with_suffix(".part.npz")
    np.savez_compressed(
        partial,
        scar_row_column=place,
        scar_seen=seen,
        scar_kind=np.array([scar.kind for scar in person.scars]),
        scar_width_mm=np.array([scar.width_mm for scar in person.scars]),
        scar_depth_mm=np.array([scar.depth_mm * scene.state.depth_ratio for scar in person.scars]),
        scar_redness=np.array([scar.redness * scene.state.redness_ratio for scar in person.scars]),
        scar_pigment=np.array([scar.pigment * scene.state.pigment_ratio for scar in person.scars]),
        key_direction=scene.lighting.key.direction,
        pose_degrees=np.array([scene.state.pose.yaw, scene.state.pose.pitch, scene.state.pose.roll]),
        mm_per_pixel=scene.view.mm_per_pixel,
        # (u, v) as 16-bit shares at every second pixel, 65535 where there is no face skin: the same (u, v) is
        # the same skin
        texture_half=np.where(
            np.isfinite(passes.texture[::2, ::2]), passes.texture[::2, ::2] * 65000, 65535
        ).astype(np.uint16),
    )
    os.replace(partial, file)


def _write(path: Path, data: bytes) -> None:
    partial = path.with_suffix(".part")
    partial.write_bytes(data)
    os.replace(partial, path)


def _write_pairs(
    folder: Path,
    split: Split,
    seed: int,
    subjects: int,
    session_of: Callable[[int, int], Session] = draw_session,
) -> None:
    pairs: list[dict[str, Any]] = []
    for number in range(subjects):
        name = f"{split[0]}{seed:02d}{number:02d}"
        session = session_of(person_seed(split, seed, number), TONE_ORDER[number % len(TONE_ORDER)])
        scenes = {scene.name: scene for scene in session.scenes}
        for shot in session.shots:
            pair = _pair(name, session, scenes, session.before, shot, category=shot.category)
            pairs.append({**pair, "split": split, "seed": session.seed, "note": shot.note})
            if shot.category in ("depth70", "depth50"):
                turned = _pair(name, session, scenes, shot, session.before, category="worse")
                turned["id"] = f"{name}-worse-{shot.category}"
                pairs.append(
                    {
                        **turned,
                        "split": split,
                        "seed": session.seed,
                        "note": f"the {shot.category} pair turned round",
                    }
                )
    _write(folder / "pairs.json", json.dumps({"pairs": pairs}, indent=1).encode())


def _pair(
    name: str, session: Session, scenes: dict[str, Scene], before: Shot, after: Shot, *, category: str
) -> dict[str, Any]:
    first, second = scenes[before.scene], scenes[after.scene]
    return {
        "id": f"{name}-{after.name}",
        "category": category,
        "before": f"{name}_{before.name}.jpg",
        "after": f"{name}_{after.name}.jpg",
        "fitzpatrick_like": session.tone,
        "depth_ratio": second.state.depth_ratio / first.state.depth_ratio,
        "redness_ratio": second.state.redness_ratio / first.state.redness_ratio,
        "pigment_ratio": second.state.pigment_ratio / first.state.pigment_ratio,
        "light_before": _angles(first),
        "light_after": _angles(second),
        "lamp_degrees_before": _lamp_size(first),
        "lamp_degrees_after": _lamp_size(second),
        "pose_before": _pose(first, before.camera),
        "pose_after": _pose(second, after.camera),
        "mm_per_pixel_before": first.view.mm_per_pixel / before.camera.resize,
        "mm_per_pixel_after": second.view.mm_per_pixel / after.camera.resize,
        "frame_before": _frame(before.camera),
        "frame_after": _frame(after.camera),
        "truth_before": f"truth/{name}_{before.scene}.npz",
        "truth_after": f"truth/{name}_{after.scene}.npz",
    }


def _angles(scene: Scene) -> list[float]:
    return [scene.lighting.key.azimuth_degrees, scene.lighting.key.elevation_degrees]


def _lamp_size(scene: Scene) -> float:
    key = scene.lighting.key
    return float(np.degrees(2 * np.arctan(key.radius_mm / key.distance_mm)))


def _pose(scene: Scene, camera: Camera) -> list[float]:
    pose = scene.state.pose
    return [pose.yaw, pose.pitch, pose.roll + camera.roll_degrees]


def _frame(camera: Camera) -> dict[str, Any]:
    return {"roll_degrees": camera.roll_degrees, "shift_px": list(camera.shift_px), "resize": camera.resize}


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
