"""The demonstration pair: one invented person before and twelve weeks after, rendered from geometry that
users already have.

python -m microrelief.phantom.demo FOLDER writes before.jpg, after.jpg and truth.json again (equal pictures
each time). The face is the landmark model's canonical mesh (canonical.py) with opened eyes and closed lips;
cap and drape hide what that mesh lacks.
"""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.interpolate import LinearNDInterpolator
from scipy.ndimage import gaussian_filter1d

from microrelief.errors import MicroreliefError
from microrelief.imaging.face.landmarks import model_path
from microrelief.phantom.camera import Camera, photograph, to_jpeg
from microrelief.phantom.canonical import CanonicalFace, read_canonical_face
from microrelief.phantom.head import Eye, Head, Zones
from microrelief.phantom.light_mix import meter, mix
from microrelief.phantom.mesh import Floats, Surface, corner_normals, subdivide, to_surface, unit
from microrelief.phantom.person import Person, Pose, State, clothe, parts_of, scars_seen_by
from microrelief.phantom.renderer import KeyLight, Part, View, render, use_threads
from microrelief.phantom.scars import volume_mm3
from microrelief.phantom.scenes import Lighting
from microrelief.phantom.skin_texture import Noise

FOLDER = Path(__file__).parent / "demo"
SEED = 20261122
TONE = 3
DEPTH_RATIO = 0.62
"""Scars are 38% shallower in the after."""
REDNESS_RATIO = 0.45
PIGMENT_RATIO = 0.8
MATURE_REDNESS, MATURE_PIGMENT = 0.35, 0.2
"""Share of a fresh scar's colour that these have on the first visit: old acne scars, which show by light
and shade."""
WANDERING = 0.4
"""Share of light that wanders in the skin: the horny layer returns the rest where it fell in."""
CAMERA_MODEL = "Microrelief phantom"
TEXTURE_MM = 300.0
"""One unit of texture, mm, so that the skin's texel is as large as on the parametric head."""

# MediaPipe's numbers (its own right is the image left)
EYE_LOOPS = (
    (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246),
    (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466),
)
UPPER_LIDS = ((246, 161, 160, 159, 158, 157, 173), (466, 388, 387, 386, 385, 384, 398))
LOWER_LIDS = ((7, 163, 144, 145, 153, 154, 155), (249, 390, 373, 374, 380, 381, 382))
FACE_OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176,
    149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
INNER_UPPER_LIP = (191, 80, 81, 82, 13, 312, 311, 310, 415)
INNER_LOWER_LIP = (95, 88, 178, 87, 14, 317, 402, 318, 324)
NOSTRILS = ((-7.6, -18.6), (7.6, -18.6))
"""(x, y) mm of the nostrils' middles."""
LANDMARKS_68 = (
    127, 234, 93, 132, 58, 136, 150, 176, 152, 400, 379, 365, 288, 361, 323, 454, 356, 70, 63, 105, 66, 107,
    336, 296, 334, 293, 300, 168, 197, 5, 4, 75, 97, 2, 326, 305, 33, 160, 158, 133, 153, 144, 362, 385, 387,
    263, 373, 380, 61, 40, 37, 0, 267, 270, 291, 321, 314, 17, 84, 91, 78, 81, 13, 311, 308, 402, 14, 178,
)  # fmt: skip
ZONES: Zones = {
    "cheek": [(0.345, 0.49, 0.085, 0.07), (0.37, 0.39, 0.06, 0.06)],
    "forehead": [(0.44, 0.72, 0.10, 0.035)],
    "temple": [(0.235, 0.64, 0.03, 0.05)],
    "chin": [(0.46, 0.25, 0.06, 0.025)],
    "nose": [(0.49, 0.50, 0.045, 0.06)],
}


def make_demo(folder: Path, samples: int = 25, size: tuple[int, int] = (1500, 1200)) -> None:
    """Render both photographs and write them with truth.json into a folder.

    Raises SetupError when the renderer or the landmark model is missing.
    """
    random = np.random.default_rng(SEED)
    face = read_canonical_face(model_path())
    head = canonical_head(face, random)
    person = clothe(head, random, SEED, TONE)
    person = replace(person, worn=drape(face, head.skin, random))
    view = View(
        *size, mm_per_pixel=0.149 * 1500 / size[0], plane_mm=45.0, distance_mm=1200.0, centre_mm=(0.0, -4.0)
    )
    key = KeyLight(-32.0, 36.0, radius_mm=70.0, distance_mm=1000.0)
    light = Lighting(key, ambient=0.26, ambient_slope=(0.15, 0.25, 0.1), warmth=0.03, gloss=0.75)
    camera = Camera(
        vignetting=0.08,
        lens_blur_px=0.55,
        shot_noise=0.006,
        read_noise=0.0008,
        jpeg_quality=93,
        white_balance=(1.01, 1.0, 0.99),
    )
    later_key = replace(key, azimuth_degrees=-30.6, elevation_degrees=37.1)
    visits = {
        "before": (
            State(1.0, MATURE_REDNESS, MATURE_PIGMENT, Pose(0.6, -0.8, 0.4)),
            light,
            view,
            camera,
            "2026:06:02 10:14:05",
        ),
        "after": (
            State(
                DEPTH_RATIO,
                MATURE_REDNESS * REDNESS_RATIO,
                MATURE_PIGMENT * PIGMENT_RATIO,
                Pose(-0.7, 0.3, -0.3),
                roughness=1.03,
            ),
            replace(light, key=later_key),
            replace(view, mm_per_pixel=view.mm_per_pixel * 1.01, centre_mm=(0.8, -3.2)),
            replace(camera, exposure_ev=0.04, white_balance=(1.0, 1.0, 1.005)),
            "2026:08:25 09:47:31",
        ),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for number, (name, (state, lighting, seen, taken_with, when)) in enumerate(visits.items()):
        passes = render(
            parts_of(person, state),
            seen,
            lighting.key,
            ambient_slope=np.array(lighting.ambient_slope),
            samples=samples,
            seed=number,
        )
        linear = mix(passes, lighting, backdrop=0.16, wandering=WANDERING)
        linear *= np.float32(meter(linear, passes, TONE))
        picture = photograph(linear, taken_with, np.random.default_rng([SEED, number]))
        (folder / f"{name}.jpg").write_bytes(to_jpeg(picture, taken_with.jpeg_quality, _exif(when)))
    (folder / "truth.json").write_text(json.dumps(_truth(person, visits), indent=1) + "\n")


def canonical_head(face: CanonicalFace, random: np.random.Generator, levels: int = 3) -> Head:
    """The canonical mesh as a resting person: lids opened over eyeballs, lips closed, nostrils sunk."""
    points = face.positions.copy()
    points[:, 0] += 0.012 * points[:, 1] * np.exp(-(((points[:, 1] + 40) / 60) ** 2))  # nobody is symmetric
    eyes = [
        _open_eye(points, loop, upper, lower)
        for loop, upper, lower in zip(EYE_LOOPS, UPPER_LIDS, LOWER_LIDS, strict=True)
    ]
    _close_lips(points)
    inside = np.zeros(len(face.triangles), dtype=bool)
    for loop in EYE_LOOPS:
        inside |= np.isin(face.triangles, loop).all(axis=1)
    triangles = face.triangles[~inside]
    points, triangles = _lid_edges(points, triangles, eyes)

    quads = np.concatenate([triangles, np.full((len(triangles), 1), -1)], axis=1)
    index = quads.copy()
    texture = unroll(points)
    for _ in range(levels):
        points, quads, texture, index = subdivide(points, quads, texture, index)
    texture = unroll(points)
    for x, y in NOSTRILS:
        rho = np.hypot((points[:, 0] - x) / 4.4, (points[:, 1] - y) / 2.6)
        points = points + 4.5 * np.exp(-(rho**2))[:, None] * (points[:, 2] > 40)[:, None] * np.array(
            [0.0, 0.8, -0.8]
        )
    for eye in eyes:
        points = points + _lid_crease(points, eye)
        points = _outside(points, eye)
    normals = corner_normals(points, np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]))
    skin = to_surface(points, quads, texture, index, normals=normals, others=np.zeros((len(points), 7)))
    landmarks = face.positions[list(LANDMARKS_68)]
    lashes = [hair for eye in eyes for hair in _lashes(random, points, eye)]
    return Head(skin, None, [], eyes, lashes, landmarks, unroll(_lid_positions(landmarks)), ZONES)


def unroll(points: Floats) -> Floats:
    """Texture coordinates on a cylinder about the head's axis: near true to scale over the whole face."""
    radius = 85.0
    u = 0.5 + radius * np.arctan2(points[:, 0], points[:, 2] + 45.0) / TEXTURE_MM
    v = 0.47 + (points[:, 1] + 0.0) / TEXTURE_MM
    return np.column_stack([u, v])


def _open_eye(points: Floats, loop: tuple[int, ...], upper: tuple[int, ...], lower: tuple[int, ...]) -> Eye:
    arch = np.sin(np.linspace(0.35, np.pi - 0.35, len(upper)))
    points[list(upper), 1] += 2.2 * arch
    points[list(lower), 1] -= 0.9 * arch
    rim = points[list(loop)]
    radius = 12.2
    middle = rim.mean(axis=0) + np.array([0.0, 0.3, 0.0])
    # the ball touches the lids from behind: as far forward as every point of the rim allows, but for half a
    # millimetre
    flat = np.sum((rim[:, :2] - middle[:2]) ** 2, axis=1)
    centre_z = float(np.median(rim[:, 2] - np.sqrt(np.maximum(radius**2 - flat, 4.0))))
    centre = np.array([middle[0], middle[1], centre_z])
    eye = Eye(centre, radius, unit(np.array([0.0, 0.0, 1200.0]) - centre))
    for index in loop:
        away = points[index] - centre
        wanted = max(float(np.sqrt(max((radius + 1.0) ** 2 - away[0] ** 2 - away[1] ** 2, 1.0))), 1.0)
        points[index, 2] += 0.85 * (centre_z + wanted - points[index, 2])
    return eye


def _lid_edges(
    points: Floats, triangles: NDArray[np.int64], eyes: list[Eye]
) -> tuple[Floats, NDArray[np.int64]]:
    """A narrow wall from each lid's rim back to the eyeball, so that the lids have thickness."""
    for loop, eye in zip(EYE_LOOPS, eyes, strict=True):
        rim = np.array(loop)
        away = points[rim] - eye.centre
        inner = eye.centre + unit(away * [0.93, 0.86, 1.0]) * (eye.radius_mm - 0.4)
        first = len(points)
        points = np.concatenate([points, inner])
        k = np.arange(len(rim))
        n = (k + 1) % len(rim)
        strip = np.concatenate(
            [np.stack([rim[k], rim[n], first + n], 1), np.stack([rim[k], first + n, first + k], 1)]
        )
        facing = np.cross(
            points[strip[:, 1]] - points[strip[:, 0]], points[strip[:, 2]] - points[strip[:, 0]]
        )
        wrong = facing[:, 2].mean() < 0
        triangles = np.concatenate([triangles, strip[:, ::-1] if wrong else strip])
    return points, triangles


def _lid_crease(points: Floats, eye: Eye) -> Floats:
    """The fold above the upper lid: a groove along an arch over the eyeball."""
    away = points - eye.centre
    arch = 9.6 - 0.030 * away[:, 0] ** 2
    groove = np.exp(-(((away[:, 1] - arch) / 0.9) ** 2)) * np.clip(1 - (away[:, 0] / 15.0) ** 4, 0, 1)
    below = np.exp(-(((away[:, 1] - arch + 2.2) / 1.6) ** 2)) * np.clip(1 - (away[:, 0] / 15.0) ** 4, 0, 1)
    front = (away[:, 2] > 0) & (np.abs(away[:, 0]) < 15)
    depth = np.where(front, -1.0 * groove + 0.35 * below, 0.0)
    moved: Floats = depth[:, None] * np.array([0.0, 0.0, 1.0])
    return moved


def _outside(points: Floats, eye: Eye) -> Floats:
    """Skin that the smoothing sank into the eyeball is lifted off it; the inner edge of the lids' walls stays
    in it."""
    away = points - eye.centre
    distance = np.linalg.norm(away, axis=1, keepdims=True)
    sunk = (distance > eye.radius_mm - 0.25) & (distance < eye.radius_mm + 0.6)
    lifted: Floats = np.where(sunk, eye.centre + away / distance * (eye.radius_mm + 0.6), points)
    return lifted


def _lid_positions(landmarks: Floats) -> Floats:
    moved = landmarks.copy()
    moved[[37, 38, 43, 44], 1] += 2.0
    return moved


def _close_lips(points: Floats) -> None:
    upper, lower = points[list(INNER_UPPER_LIP)], points[list(INNER_LOWER_LIP)]
    for index, first, second in zip(INNER_UPPER_LIP, upper, lower, strict=True):
        points[index] = (first + second) / 2 + [0, 0.25, -2.0]
    for index, first, second in zip(INNER_LOWER_LIP, upper, lower, strict=True):
        points[index] = (first + second) / 2 - [0, 0.25, 2.0]


def _lashes(random: np.random.Generator, points: Floats, eye: Eye) -> list[Floats]:
    """Upper and lower lashes grown from where the skin ends at the eyeball."""
    away = points - eye.centre
    distance = np.linalg.norm(away, axis=1)
    near = (
        (np.abs(away[:, 0]) < 13)
        & (np.abs(away[:, 1]) < 8)
        & (distance > eye.radius_mm + 0.2)
        & (distance < eye.radius_mm + 1.3)
    )
    rim = points[near]
    hairs: list[Floats] = []
    for upper, count, length in ((True, 110, 7.0), (False, 45, 3.5)):
        for x in random.uniform(-11.5, 11.5, count):
            beside = rim[np.abs(rim[:, 0] - eye.centre[0] - x) < 0.9]
            beside = beside[(beside[:, 1] > eye.centre[1] - 0.5) == upper]
            if len(beside) == 0:
                continue
            # the edge that borders the eye: lowest of the upper lid, highest of the lower
            root = beside[np.argmin(beside[:, 1]) if upper else np.argmax(beside[:, 1])]
            own = length * random.uniform(0.7, 1.05) * (1 - 0.3 * (abs(x) / 12) ** 2)
            t = np.linspace(0, 1, 6)[:, None]
            sideways = np.array([0.045 * x + random.normal(0, 0.1), 0.0, 0.0])
            rise = np.array([0.0, 0.75 if upper else -0.7, 0.0])
            hairs.append(
                root + own * (t * (np.array([0.0, -0.12 if upper else 0.0, 0.75]) + sideways) + t**2 * rise)
            )
    return hairs


def drape(face: CanonicalFace, skin: Surface, random: np.random.Generator) -> list[Part]:
    """A surgical cap above and a drape below, both from a hem on the face's oval outwards: parts in resting
    position."""
    noise = Noise(random)
    border = face.positions[list(FACE_OVAL)]
    angle = np.arctan2(border[:, 1] + 6, border[:, 0])
    order = np.argsort(angle)
    spokes = 720
    turn = np.linspace(-np.pi, np.pi, spokes, endpoint=False)
    oval = np.column_stack(
        [np.interp(turn, angle[order], border[order, k], period=2 * np.pi) for k in range(3)]
    )
    oval = gaussian_filter1d(oval, 22, axis=0, mode="wrap")
    outward = unit(np.column_stack([np.cos(turn), np.sin(turn), np.zeros(spokes)]))
    low = np.clip((-np.sin(turn) - 0.25) / 0.6, 0, 1)[:, None]
    low = low * low * (3 - 2 * low)
    rings = []
    skin_z = LinearNDInterpolator(skin.positions[:, :2], skin.positions[:, 2])
    # hem: lies 3 mm inside the oval, rolled, before it goes out and back
    for inside, forward in ((3.0, -1.5), (3.4, 1.2), (2.5, 2.6), (1.0, 3.0), (-1.5, 2.6)):
        ring = oval - outward * inside + np.array([0.0, 0.0, forward])
        ring[:, 2] = _over(skin_z, ring, forward)
        rings.append(ring)
    for t in np.linspace(0.03, 1, 60):
        cap = oval + outward * (20 * np.sin(t * np.pi / 2)) + np.array([0, 0, 2.4 - 95 * t**1.5])
        cap += outward * np.maximum(outward[:, 1:2], 0) * 20 * np.sin(t * np.pi / 2)
        fall = (
            oval
            + np.array([0, 0, 2.4 - 42 * t])
            + outward * [1.0, 0.5, 0] * (26 * t)
            + np.array([0, -165 * t**1.15, 0])
        )
        fall[:, 0] *= 1 + 0.9 * t**2
        ring = cap * (1 - low) + fall * low
        ring[:, 2] = _over(skin_z, ring, 3.2)
        rings.append(ring)
    cloth = np.stack(rings)  # (rings, spokes, 3)
    wrinkles = noise.octaves(
        np.concatenate([cloth[..., :2] * [1.0, 0.55], cloth[..., 2:] * 0.5], axis=-1).astype(np.float32),
        70,
        22,
        3,
    )
    rise = np.clip(np.arange(len(rings)) / 25, 0.06, 1)[:, None] * (0.8 + 1.2 * low[:, 0])[None]
    cloth = (
        cloth
        + outward[None] * (wrinkles * rise)[..., None] * 1.2
        + np.array([0, 0, 1.0]) * (wrinkles * rise)[..., None] * 1.2
    )
    ring_count = len(rings)
    k = np.arange(ring_count - 1)[:, None] * spokes + np.arange(spokes)[None]
    n = np.arange(ring_count - 1)[:, None] * spokes + (np.arange(spokes)[None] + 1) % spokes
    triangles = np.concatenate(
        [
            np.stack([k, k + spokes, n], -1).reshape(-1, 3),
            np.stack([n, k + spokes, n + spokes], -1).reshape(-1, 3),
        ]
    )
    points = cloth.reshape(-1, 3)
    normals = corner_normals(points, triangles)
    colour = np.array([0.22, 0.34, 0.37], dtype=np.float32)
    return [Part("drape", points, normals, triangles, colour, 0.8, None, None, 3)]


def _over(skin_z: LinearNDInterpolator, ring: Floats, forward_mm: float) -> Floats:
    """z of a ring of cloth that nowhere sinks into the skin below it."""
    under = skin_z(ring[:, :2])
    raised = np.where(np.isfinite(under), np.maximum(ring[:, 2], under + forward_mm), ring[:, 2])
    result: Floats = gaussian_filter1d(raised, 4, mode="wrap")
    return result


def _exif(when: str) -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Microrelief", CAMERA_MODEL
    exif[0x0132] = when
    exif.get_ifd(0x8769)[0x9003] = when
    return exif


def _truth(person: Person, visits: dict[str, tuple[State, Lighting, View, Camera, str]]) -> dict[str, object]:
    states = {name: visit[0] for name, visit in visits.items()}
    return {
        "schema": "microrelief/phantom-truth/1",
        "seed": SEED,
        "tone": TONE,
        "depth_ratio": DEPTH_RATIO,
        "redness_ratio": REDNESS_RATIO,
        "pigment_ratio": PIGMENT_RATIO,
        "visits": {
            name: {
                "taken_at": when,
                "light_azimuth_elevation_degrees": [
                    lighting.key.azimuth_degrees,
                    lighting.key.elevation_degrees,
                ],
                "pose_yaw_pitch_roll_degrees": [state.pose.yaw, state.pose.pitch, state.pose.roll],
                "mm_per_pixel": round(view.mm_per_pixel, 5),
                "scar_row_column": np.round(view.project(scars_seen_by(person, states[name])), 1).tolist(),
            }
            for name, (state, lighting, view, _, when) in visits.items()
        },
        "scars": [
            {
                "kind": scar.kind,
                "width_mm": round(scar.width_mm, 3),
                "depth_mm_before": round(scar.depth_mm, 4),
                "depth_mm_after": round(scar.depth_mm * DEPTH_RATIO, 4),
                "volume_mm3_before": round(volume_mm3(scar), 4),
                "redness_before": round(scar.redness * MATURE_REDNESS, 3),
                "pigment_before": round(scar.pigment * MATURE_PIGMENT, 3),
            }
            for scar in person.scars
        ],
    }


def main(arguments: list[str] | None = None) -> int:
    """Regenerate the pair; 0 when written, 2 with one sentence when it could not be."""
    parser = argparse.ArgumentParser(
        prog="python -m microrelief.phantom.demo", description="Render the demonstration pair again."
    )
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER)
    parser.add_argument("--samples", type=int, default=25, help="rays per pixel")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rows", type=int, default=1500)
    args = parser.parse_args(arguments)
    try:
        use_threads(args.threads)
        make_demo(args.folder, args.samples, (args.rows, args.rows * 4 // 5))
    except MicroreliefError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
