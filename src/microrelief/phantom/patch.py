"""A seed becomes a patch of skin with scars, as a close-up sees it, and what its two visits differ in.

A gently curved sheet of cheek, wider than the picture, with the skin (relief, melanin, blood, scars) that
whole faces have. It renders in a few seconds where a face takes a minute.
"""

from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from microrelief.phantom import skin_texture
from microrelief.phantom.camera import Camera
from microrelief.phantom.mesh import Floats, Ints, corner_normals
from microrelief.phantom.renderer import KeyLight, Part, View
from microrelief.phantom.scars import Scar, height_mm, place_scars
from microrelief.phantom.scenes import CAMERA_CURVES, Lighting
from microrelief.phantom.skin_colour import TONE_BLOOD, colour_of, melanin_of_tone
from microrelief.phantom.skin_texture import Map, Noise, Spot

SEEN_MM = 40.0
"""Side of the square that the camera sees."""
SHEET_MM = 52.0
"""Side of the sheet: what a tilt, a shift and the lens reach beyond the picture."""
MESH_STEP_MM = 0.1
RELIEF_TEXELS = 2048
COLOUR_TEXELS = 1024
SCARS = (18, 37)
"""Fewest on the sheet, and one more than the most: moderate to dense scarring of a cheek."""
SCARRED_MM = 19.0
"""Scars lie within this of the middle, so that a picture shows most of them whole."""
DEFOCUS_MM = (0.22, 0.34)
"""Radius of the blur disk of the trick, on the skin: as on whole faces at 0.15 mm per pixel."""


@dataclass(frozen=True)
class Patch:
    """Everything about a patch that does not change between photographs."""

    seed: int
    tone: int
    radii_mm: tuple[float, float]
    """Of the cheek's curvature, along x and y."""
    scars: list[Scar]
    bumps_mm: Map
    """(T, T): furrows, pores, waves."""
    melanin: Map
    blood: Map
    scar_redness: Map
    scar_pigment: Map
    roughness: float
    wandering: float
    """Share of the light that wanders inside the skin before it leaves."""


@dataclass(frozen=True)
class PatchState:
    """How the patch is on the day of the photograph."""

    depth_ratio: float = 1.0
    redness_ratio: float = 1.0
    pigment_ratio: float = 1.0
    tilt_degrees: tuple[float, float] = (0.0, 0.0)
    """About the picture's horizontal and its vertical."""
    roll_degrees: float = 0.0
    stretch: tuple[float, float] = (1.0, 1.0)
    """Of the skin along x and y: a cheek is never quite as relaxed twice."""


@dataclass(frozen=True)
class PatchScene:
    """One rendering."""

    name: str
    state: PatchState
    lighting: Lighting
    view: View


@dataclass(frozen=True)
class PatchShot:
    """One photograph of a scene."""

    name: str
    scene: str
    category: str
    camera: Camera
    note: str = ""


@dataclass(frozen=True)
class PatchVisits:
    """The scenes and photographs of one patch."""

    seed: int
    tone: int
    scenes: list[PatchScene] = field(default_factory=list)
    before: PatchShot = field(default_factory=lambda: PatchShot("before", "before", "", Camera()))
    shots: list[PatchShot] = field(default_factory=list)


def draw_patch(seed: int, tone: int) -> Patch:
    """A patch from a seed: equal seeds give equal patches."""
    random = np.random.default_rng([seed, 31])
    positions = _flat(RELIEF_TEXELS)
    noise = Noise(random)
    colouring = float(np.exp(random.uniform(np.log(0.1), 0.0)))
    candidates = np.column_stack([random.uniform(-SCARRED_MM, SCARRED_MM, (4000, 2)), np.zeros(4000)])
    drawn = place_scars(
        random,
        candidates,
        np.ones(len(candidates)),
        int(random.integers(*SCARS)),
        severity=float(random.uniform(0.75, 1.15)),
    )
    scars = [replace(s, redness=s.redness * colouring, pigment=s.pigment * colouring) for s in drawn]
    upright = np.tile(np.eye(3), (len(scars), 1, 1))

    bumps = skin_texture.furrows(random, positions, float(random.uniform(*skin_texture.FURROW_DEPTH_MM)))
    floor, _, _ = skin_texture.scar_maps(positions, scars, upright)
    bumps *= 1 - (1 - skin_texture.SCAR_FURROWS) * floor
    density = np.full(positions.shape[:2], 0.45, np.float32)
    bumps += skin_texture.pores(random, positions, density)
    coarse = np.ascontiguousarray(positions[2::4, 2::4])
    bumps += skin_texture.UNDULATION_MM * _enlarged(noise.octaves(coarse, 12, 2.5, 40), RELIEF_TEXELS)

    places = _flat(COLOUR_TEXELS)
    _, redness, pigment = skin_texture.scar_maps(places, scars, upright)
    lasting = skin_texture.spot_maps(places, _spots(random, tone))
    melanin = melanin_of_tone(tone) * np.exp(0.09 * noise.octaves(places, 60, 3, 0)) * (1 + lasting[0])
    blood = 1.2 * TONE_BLOOD[tone] * np.exp(0.16 * noise.octaves(places, 45, 2.5, 12)) * (1 + lasting[1])
    return Patch(
        seed=seed,
        tone=tone,
        radii_mm=(float(random.uniform(60, 130)), float(random.uniform(80, 250))),
        scars=scars,
        bumps_mm=bumps.astype(np.float32),
        melanin=melanin.astype(np.float32),
        blood=blood.astype(np.float32),
        scar_redness=redness,
        scar_pigment=pigment,
        roughness=float(random.uniform(0.28, 0.42)),
        wandering=float(random.uniform(0.3, 1.0)),
    )


def patch_part(patch: Patch, state: PatchState) -> Part:
    """The patch in a state, as one mesh in the camera's frame (mm), its middle at the origin."""
    count = round(SHEET_MM / MESH_STEP_MM) + 1
    line = np.linspace(-SHEET_MM / 2, SHEET_MM / 2, count)
    x, y = (side.ravel() for side in np.meshgrid(line, line))
    sunk = np.zeros_like(x)
    for scar in patch.scars:
        reach = 2.2 * scar.radius_mm
        near = (np.abs(x - scar.centre_mm[0]) < reach) & (np.abs(y - scar.centre_mm[1]) < reach)
        sunk[near] += height_mm(
            scar, x[near] - scar.centre_mm[0], y[near] - scar.centre_mm[1], state.depth_ratio
        )
    stretched = np.column_stack([x * state.stretch[0], y * state.stretch[1]])
    slope = -stretched / np.array(patch.radii_mm)
    base = (slope * stretched).sum(axis=1) / 2
    outward = np.column_stack([-slope, np.ones(len(x))])
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    points = np.column_stack([stretched, base]) + outward * sunk[:, None]
    triangles = _triangles(count)
    turn = _turn(state)
    texture = np.column_stack([x, y]) / SHEET_MM + 0.5
    return Part(
        "patch",
        points @ turn.T,
        corner_normals(points, triangles) @ turn.T,
        triangles,
        colour_of(
            patch.melanin * np.maximum(1 + patch.scar_pigment * state.pigment_ratio, 0.3),
            patch.blood * (1 + patch.scar_redness * state.redness_ratio),
        ),
        patch.roughness,
        texture,
        patch.bumps_mm,
        1,
    )


def draw_visits(seed: int, tone: int) -> PatchVisits:
    """The scenes and photographs of a patch; equal seeds give equal visits."""
    random = np.random.default_rng([seed, 32])
    jitter = np.random.default_rng([seed, 33])
    key = KeyLight(
        azimuth_degrees=float(random.choice([-1, 1]) * random.uniform(8, 40)),
        elevation_degrees=float(random.uniform(22, 45)),
        radius_mm=float(np.exp(random.uniform(np.log(15), np.log(90)))),
        distance_mm=float(random.uniform(400, 1000)),
    )
    slope = random.normal(0, 0.3, 3) + np.array([0, 0.25, 0.1])
    slope *= min(1.0, 0.7 / float(np.linalg.norm(slope)))
    base = Lighting(
        key,
        ambient=float(random.uniform(0.12, 0.4)),
        ambient_slope=(float(slope[0]), float(slope[1]), float(slope[2])),
        warmth=float(random.normal(0, 0.06)),
        gloss=float(random.uniform(0.6, 1.1)),
    )
    scale = float(random.uniform(0.05, 0.1))
    side = round(SEEN_MM / scale)
    view = View(side, side, scale, plane_mm=0.0, distance_mm=float(random.uniform(200, 400)))
    scenes = [PatchScene("before", PatchState(), base, view)]

    def add(
        name: str, depth_ratio: float = 1.0, higher_degrees: float = 0.0, aside_degrees: float = 0.0
    ) -> None:
        # a good re-take: light and tilt within 2 degrees, framing within millimetres, size within 3 %
        light = replace(
            key,
            azimuth_degrees=key.azimuth_degrees + aside_degrees + float(jitter.normal(0, 1.4)),
            elevation_degrees=key.elevation_degrees + higher_degrees + float(jitter.normal(0, 1.4)),
        )
        tilt, stretch = jitter.normal(0, 1, 2), np.exp(jitter.normal(0, 0.006, 2))
        state = PatchState(
            depth_ratio,
            tilt_degrees=(float(tilt[0]), float(tilt[1])),
            roll_degrees=float(jitter.normal(0, 2)),
            stretch=(float(stretch[0]), float(stretch[1])),
        )
        # the sensor keeps its pixels; what a pixel covers changes with the distance
        seen = replace(
            view,
            mm_per_pixel=scale * float(np.exp(jitter.normal(0, 0.02))),
            centre_mm=(float(jitter.normal(0, 0.9)), float(jitter.normal(0, 0.9))),
        )
        scenes.append(PatchScene(name, state, replace(base, key=light), seen))

    add("null")
    for percent in (80, 70, 50):
        add(f"depth{percent}", depth_ratio=percent / 100)
    add("higher8", higher_degrees=8)
    add("lower8", higher_degrees=-8)
    add("lower16", higher_degrees=-16)
    add("aside20", aside_degrees=-20 if key.azimuth_degrees > 0 else 20)
    return PatchVisits(seed, tone, scenes, *_shots(seed, scale))


def _shots(seed: int, mm_per_pixel: float) -> tuple[PatchShot, list[PatchShot]]:
    random = np.random.default_rng([seed, 34])
    maker = Camera(
        vignetting=float(random.uniform(0, 0.15)),
        lens_blur_px=float(random.uniform(0.5, 0.9)),
        shot_noise=float(random.uniform(0.004, 0.014)),
        read_noise=float(random.uniform(0.0005, 0.002)),
        denoise=float(random.choice([0.0, 0.3, 0.6], p=[0.5, 0.3, 0.2])),
        curve=CAMERA_CURVES[int(random.choice(2, p=[0.6, 0.4]))],
        curve_strength=float(random.uniform(0.3, 0.8)),
        sharpen=float(random.choice([0.0, 0.25, 0.5], p=[0.5, 0.3, 0.2])),
        jpeg_quality=int(random.integers(84, 97)),
        white_balance=(float(np.exp(random.normal(0, 0.03))), 1.0, float(np.exp(random.normal(0, 0.03)))),
    )

    def again() -> Camera:
        red, green, blue = maker.white_balance
        return replace(
            maker,
            exposure_ev=float(random.normal(0, 0.07)),
            white_balance=(
                red * float(np.exp(random.normal(0, 0.013))),
                green,
                blue * float(np.exp(random.normal(0, 0.013))),
            ),
            lens_blur_px=maker.lens_blur_px * float(np.exp(random.normal(0, 0.05))),
        )

    blurred = float(random.uniform(*DEFOCUS_MM)) / mm_per_pixel
    return PatchShot("before", "before", "", maker), [
        PatchShot("null", "null", "null", again()),
        PatchShot("depth80", "depth80", "depth80", again()),
        PatchShot("depth70", "depth70", "depth70", again()),
        PatchShot("depth50", "depth50", "depth50", again()),
        PatchShot("higher8", "higher8", "trick-light-up", again(), "key light 8 degrees higher"),
        PatchShot("lower8", "lower8", "trick-light-down", again(), "key light 8 degrees lower"),
        PatchShot("blur", "null", "trick-blur", replace(again(), defocus_px=blurred), "after out of focus"),
        PatchShot(
            "lowcontrast",
            "null",
            "trick-tone",
            replace(again(), curve="flat", curve_strength=0.8),
            "flattened tone curve",
        ),
        PatchShot("lower16", "lower16", "trick-light16", again(), "key light 16 degrees lower"),
        PatchShot("aside20", "aside20", "trick-light20", again(), "key light 20 degrees round"),
    ]


def _flat(texels: int) -> Map:
    """(T, T, 3): the place in mm on the flat sheet of each texel, row 0 at the top."""
    line = (np.arange(texels, dtype=np.float32) + 0.5) / texels * SHEET_MM - SHEET_MM / 2
    x, y = np.meshgrid(line, -line)
    return np.stack([x, y, np.zeros_like(x)], axis=-1).astype(np.float32)


def _enlarged(values: Map, texels: int) -> Map:
    return np.asarray(cv2.resize(values, (texels, texels), interpolation=cv2.INTER_CUBIC), np.float32)


def _spots(random: np.random.Generator, tone: int) -> list[Spot]:
    """Freckles and moles: what the eye, and a registration, finds again."""
    spots = []
    for _ in range(int(random.integers(4, 26)) if tone <= 2 else int(random.integers(0, 8))):
        x, y = (float(value) for value in random.uniform(-SHEET_MM / 2, SHEET_MM / 2, 2))
        size, melanin = float(random.uniform(0.3, 0.9)), float(random.uniform(0.15, 0.6))
        spots.append(Spot((x, y, 0.0), size, melanin, 0.0, False))
    return spots


def _triangles(count: int) -> Ints:
    k = (np.arange(count - 1)[:, None] * count + np.arange(count - 1)[None]).ravel()
    return np.concatenate(
        [np.stack([k, k + 1, k + count + 1], 1), np.stack([k, k + count + 1, k + count], 1)]
    ).astype(np.int64)


def _turn(state: PatchState) -> Floats:
    """Rotation (3, 3) of column vectors (x to the image right, y up, z to the camera)."""
    a, b, c = np.radians([*state.tilt_degrees, state.roll_degrees])
    about_x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    about_y = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    about_z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    turned: Floats = about_z @ about_x @ about_y
    return turned
