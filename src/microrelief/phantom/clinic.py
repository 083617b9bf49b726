"""The people of the demonstration clinic: ten invented faces, photographed at one or more visits.

python -m microrelief.phantom.clinic FOLDER --head ict_facekit.npz renders the photographs and truth.json
again (equal pictures each time). Each face is a random shape of the parametric head (head.py) under a paper
cap, in the light of one treatment room.
"""

import argparse
import json
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from microrelief.errors import MicroreliefError
from microrelief.phantom.camera import Camera, photograph, to_jpeg
from microrelief.phantom.head import Head, read_head_model, shape_head
from microrelief.phantom.light_mix import meter, mix
from microrelief.phantom.mesh import corner_normals, unit
from microrelief.phantom.person import Person, Pose, State, clothe, parts_of
from microrelief.phantom.renderer import KeyLight, Part, View, render, use_threads
from microrelief.phantom.scenes import Lighting
from microrelief.phantom.skin_texture import Noise

FOLDER = Path(__file__).parent / "clinic"
SAMPLES = 9
"""Rays per pixel."""
WANDERING = 0.4
ROWS, COLUMNS, MM_PER_PIXEL = 1260, 1008, 0.18
ROOM = Lighting(
    KeyLight(-32.0, 36.0, radius_mm=70.0, distance_mm=1000.0),
    ambient=0.28,
    ambient_slope=(0.15, 0.25, 0.1),
    warmth=0.03,
    gloss=0.7,
)
"""The treatment room: one lamp at the patient's upper right, a bright ceiling."""
CAMERA = Camera(vignetting=0.06, lens_blur_px=0.55, shot_noise=0.006, read_noise=0.0008, jpeg_quality=90)
CAP_HEM_MM, CAP_TILT = 80.0, 0.42
"""Height of the cap's hem over the forehead, and how far it falls for each millimetre towards the back."""
FOREHEAD_MM = 90.0
GAZE_DOWN = -0.05
"""The lens stands a little below the eyes."""
PAPER = {"blue": (0.24, 0.36, 0.43), "green": (0.22, 0.37, 0.33), "white": (0.50, 0.52, 0.53)}

Seen = Literal["front", "left_45", "right_45"]
YAW: dict[Seen, float] = {"front": 0.0, "left_45": -45.0, "right_45": 45.0}


@dataclass(frozen=True)
class Visit:
    """One day before the camera; depth, redness and pigment are shares of the first visit's."""

    depth: float = 1.0
    redness: float = 1.0
    pigment: float = 1.0
    seen: tuple[Seen, ...] = ("front",)
    lamp_degrees: tuple[float, float] = (0.0, 0.0)
    """How far the lamp stands from its place: azimuth, elevation."""
    defocus_px: float = 0.0


@dataclass(frozen=True)
class Sitter:
    """One invented person: whose head, skin and scars, and the visits."""

    name: str
    seed: int
    tone: int
    colouring: float
    """How strongly scars and marks are coloured, 0 to 1."""
    cap: str
    visits: tuple[Visit, ...] = field(default=(Visit(),))
    texels: int = 2048
    """Of the map of fine relief, a side; a seventh of a millimetre each, a little less than a pixel."""


SIDES: tuple[Seen, ...] = ("front", "left_45", "right_45")
SITTERS = (
    Sitter("finished", 1, 3, 0.6, "blue", (
        Visit(seen=SIDES), Visit(0.86, 0.8, 0.95), Visit(0.72, 0.6, 0.85), Visit(0.56, 0.45, 0.75, SIDES),
    ), texels=4096),
    Sitter("midway", 3, 5, 0.7, "green", (Visit(), Visit(0.84, 0.95, 1.0), Visit(0.7, 0.9, 0.55))),
    Sitter("unchanged", 11, 4, 0.5, "white", (Visit(), Visit(1.0, 0.97, 1.0))),
    Sitter("numbing", 13, 6, 0.5, "blue", (Visit(), Visit(0.9, lamp_degrees=(52.0, -22.0), defocus_px=1.6))),
    Sitter("today", 0, 2, 0.6, "green"),
    Sitter("yesterday", 5, 5, 0.6, "white"),
    Sitter("redflag", 15, 2, 0.8, "blue"),
    Sitter("new", 9, 3, 0.5, "white"),
    Sitter("deferred", 7, 4, 1.0, "green"),
    Sitter("referred", 16, 1, 0.9, "blue"),
)  # fmt: skip
"""Everybody in the order of rendering."""


def make_clinic(folder: Path, head_file: Path, samples: int = SAMPLES, rows: int = ROWS) -> None:
    """Render what of the photographs is missing from a folder, and write truth.json.

    Raises SetupError when the renderer or the head is missing.
    """
    model = read_head_model(head_file)
    folder.mkdir(parents=True, exist_ok=True)
    for sitter in SITTERS:
        todo = [
            (number, seen)
            for number, visit in enumerate(sitter.visits)
            for seen in visit.seen
            if not (folder / picture_name(sitter.name, number, seen)).exists()
        ]
        if not todo:
            continue
        start = time.perf_counter()
        person = draw_sitter(model, sitter)
        _say(f"{sitter.name}: drawn in {time.perf_counter() - start:.0f} s, {len(todo)} photographs to take")
        for number, seen in todo:
            start = time.perf_counter()
            picture = _take(person, sitter, number, seen, samples=samples, rows=rows)
            file = folder / picture_name(sitter.name, number, seen)
            partial = file.with_suffix(".part")
            partial.write_bytes(to_jpeg(picture, CAMERA.jpeg_quality))
            partial.replace(file)
            _say(f"{file.name} in {time.perf_counter() - start:.0f} s")
    (folder / "truth.json").write_text(json.dumps(truth(), indent=1) + "\n")


def picture_name(sitter: str, visit: int, seen: str) -> str:
    """The file of one photograph."""
    return f"{sitter}-{visit + 1}-{seen}.jpg"


def truth() -> dict[str, object]:
    """What is true of every photograph, by construction."""
    return {
        "schema": "microrelief/phantom-clinic/1",
        "says": "depth, redness and pigment of the scars are shares of those at the person's first visit",
        "people": [
            {
                "name": sitter.name,
                "seed": sitter.seed,
                "tone": sitter.tone,
                "visits": [
                    {
                        "pictures": {seen: picture_name(sitter.name, number, seen) for seen in visit.seen},
                        "depth": visit.depth,
                        "redness": visit.redness,
                        "pigment": visit.pigment,
                        "lamp_moved_degrees": list(visit.lamp_degrees),
                        "out_of_focus_px": visit.defocus_px,
                    }
                    for number, visit in enumerate(sitter.visits)
                ],
            }
            for sitter in SITTERS
        ],
    }


def draw_sitter(model: dict[str, NDArray[Any]], sitter: Sitter) -> Person:
    """The person, with the cap on."""
    random = np.random.default_rng([sitter.seed, 1])
    head = shape_head(model, random)
    head = replace(head, eyes=[replace(eye, gaze=unit(np.array([0.0, GAZE_DOWN, 1.0]))) for eye in head.eyes])
    person = clothe(
        head, random, sitter.seed, sitter.tone, sitter.colouring,
        relief_texels=sitter.texels, colour_texels=sitter.texels * 3 // 4,
    )  # fmt: skip
    return replace(person, worn=[cap(head, np.random.default_rng([sitter.seed, 21]), PAPER[sitter.cap])])


def cap(head: Head, random: np.random.Generator, colour: tuple[float, float, float]) -> Part:
    """A paper cap: the head's own surface above a tilted plane, moved outwards.

    Below the hem it dips under the skin, so the hem is where the two surfaces meet and has no teeth.
    """
    surfaces = [head.skin] if head.scalp is None else [head.skin, head.scalp]
    points, normals, triangles = [], [], []
    offset = 0
    for surface in surfaces:
        above = _above_hem(surface.positions)
        keep = (above[surface.triangles] > -6.0).all(axis=1)
        points.append(surface.positions)
        normals.append(surface.normals)
        triangles.append(surface.triangles[keep] + offset)
        offset += len(surface.positions)
    skin, outward, cloth = np.concatenate(points), np.concatenate(normals), np.concatenate(triangles)
    above = _above_hem(skin)
    rise = np.clip((above + 3.0) / 4.0, 0, 1)
    rise = rise * rise * (3 - 2 * rise)
    full = np.clip(above / 30.0, 0, 1)
    roll = np.exp(-(((above - 3.0) / 2.2) ** 2))
    gather = np.exp(-(((above - 7.5) / 2.0) ** 2))
    folds = Noise(random).octaves(skin.astype(np.float32), 42, 9, 3)
    lift = -3.0 + 5.2 * rise + 1.1 * roll - 0.7 * gather + full * (5.0 + 1.6 * folds)
    # a cap bulges away from the crown more than to the front
    moved = skin + unit(outward) * lift[:, None]
    return Part(
        "cap", moved, corner_normals(moved, cloth), cloth, np.array(colour, np.float32), 0.8, None, None, 3
    )


def _above_hem(points: NDArray[np.float64]) -> NDArray[np.float64]:
    height: NDArray[np.float64] = points[:, 1] - (CAP_HEM_MM - CAP_TILT * (FOREHEAD_MM - points[:, 2]))
    return height


def _take(
    person: Person, sitter: Sitter, number: int, seen: Seen, *, samples: int, rows: int
) -> NDArray[np.uint8]:
    visit = sitter.visits[number]
    place = list(YAW).index(seen)
    random = np.random.default_rng([sitter.seed, 22, number, place])
    # the jitter of a good re-take: light 1.5 degrees, pose 1 degree, a little distance and framing
    pose = Pose(YAW[seen] + float(random.normal(0, 0.9)), *(float(x) for x in random.normal(0, 0.8, 2)))
    key = replace(
        ROOM.key,
        azimuth_degrees=ROOM.key.azimuth_degrees + visit.lamp_degrees[0] + float(random.normal(0, 1.0)),
        elevation_degrees=ROOM.key.elevation_degrees + visit.lamp_degrees[1] + float(random.normal(0, 1.0)),
    )
    lighting = replace(ROOM, key=key)
    view = View(
        rows,
        rows * COLUMNS // ROWS,
        mm_per_pixel=MM_PER_PIXEL * ROWS / rows * float(np.exp(random.normal(0, 0.008))),
        plane_mm=90.0 if seen == "front" else 60.0,
        distance_mm=1100.0,
        centre_mm=(float(random.normal(0, 1.2)), 12.0 + float(random.normal(0, 1.2))),
    )
    state = State(visit.depth, visit.redness, visit.pigment, pose, fidget=float(random.normal(0, 0.05)))
    passes = render(
        parts_of(person, state),
        view,
        key,
        ambient_slope=np.array(lighting.ambient_slope),
        samples=samples,
        seed=number * 10 + place,
    )
    linear = mix(passes, lighting, backdrop=0.16, wandering=WANDERING)
    linear *= np.float32(meter(linear, passes, sitter.tone))
    camera = replace(
        CAMERA,
        exposure_ev=float(random.normal(0, 0.04)),
        white_balance=(1 + float(random.normal(0, 0.006)), 1.0, 1 + float(random.normal(0, 0.006))),
        defocus_px=visit.defocus_px,
    )
    return photograph(linear, camera, random)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Render what is missing; 0 when written, 2 with one sentence when it could not be."""
    parser = argparse.ArgumentParser(
        prog="python -m microrelief.phantom.clinic",
        description="Render the demonstration clinic's photographs again.",
    )
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER)
    parser.add_argument("--head", type=Path, required=True, help="ict_facekit.npz")
    parser.add_argument("--samples", type=int, default=SAMPLES, help="rays per pixel")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rows", type=int, default=ROWS)
    args = parser.parse_args(arguments)
    try:
        use_threads(args.threads)
        make_clinic(args.folder, args.head, args.samples, args.rows)
    except MicroreliefError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
