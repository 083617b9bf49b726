"""A seed becomes a person: head, tone, skin relief, pigment, scars; and a person in a state becomes parts to
render."""

from dataclasses import dataclass, field, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.spatial import cKDTree

from microrelief.phantom import skin_texture
from microrelief.phantom.head import Eye, Head, shape_head, strands
from microrelief.phantom.mesh import Floats, Surface, corner_normals, refine, unit
from microrelief.phantom.renderer import Part, bake_positions
from microrelief.phantom.scars import Scar, height_mm, place_scars
from microrelief.phantom.skin_colour import TONE_BLOOD, colour_of, melanin_of_tone
from microrelief.phantom.skin_texture import Map, Noise, Spot

RELIEF_TEXELS = 4096
COLOUR_TEXELS = 3072
SCALP_TEXELS = 1024
FACE_EDGE_MM = 1.2
IRIS_MM = 11.7
"""Visible iris diameter of adults (11.7 +- 0.5 mm): what gives a photograph its scale."""
PIVOT_MM = np.array([0.0, 10.0, 20.0])
"""The head turns about a point between the ears."""


@dataclass(frozen=True)
class Pose:
    """Degrees: yaw to the patient's own left, pitch chin up, roll to the patient's left shoulder."""

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0

    @property
    def matrix(self) -> Floats:
        """Rotation (3, 3) of column vectors (x to the image right, y up, z to the camera)."""
        yaw, pitch, roll = np.radians([self.yaw, self.pitch, self.roll])
        about_y = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
        about_x = np.array([[1, 0, 0], [0, np.cos(pitch), np.sin(pitch)], [0, -np.sin(pitch), np.cos(pitch)]])
        about_z = np.array([[np.cos(roll), np.sin(roll), 0], [-np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
        turned: Floats = about_y @ about_x @ about_z
        return turned


@dataclass(frozen=True)
class State:
    """How the person is on the day of the photograph."""

    depth_ratio: float = 1.0
    redness_ratio: float = 1.0
    pigment_ratio: float = 1.0
    pose: Pose = field(default_factory=Pose)
    smile: float = 0.0
    fidget: float = 0.0
    roughness: float = 1.0
    """Times the person's own: below 1 is a sharper shine."""


@dataclass(frozen=True)
class Person:
    """Everything about one person that does not change between photographs."""

    seed: int
    tone: int
    head: Head
    skin: Surface
    """Refined where scars are."""
    scar_height_mm: Floats
    """(N,) of the refined skin's points, at depth ratio 1."""
    scars: list[Scar]
    spots: list[Spot]
    bumps_mm: Map
    melanin: Map
    """Without scars and marks."""
    blood: Map
    scar_redness: Map
    """Excess of blood by scars and red marks, as a share."""
    scar_pigment: Map
    paint: Map
    """(T, T, 4): colour and cover of brows, lids and stubble."""
    scalp_colour: Map
    roughness: float
    iris_colour: Floats
    rim: NDArray[np.int64]
    """Points of the refined skin where it meets the scalp."""
    worn: list[Part] = field(default_factory=list)
    """Cap and drape, at rest; they turn with the head."""


def draw_person(model: dict[str, NDArray[Any]], seed: int, tone: int) -> Person:
    """A person from a seed: equal seeds give equal people."""
    random = np.random.default_rng([seed, 1])
    head = shape_head(model, random)
    return clothe(head, random, seed, tone, colouring_of(seed))


def colouring_of(seed: int) -> float:
    """How strongly a person's scars and marks are coloured, 0.1 to 1 of the strongest: pale old scars to
    fresh red and brown ones, alike on a logarithmic scale (no published distribution is known to us)."""
    return float(np.exp(np.random.default_rng([seed, 11]).uniform(np.log(0.1), 0.0)))


def wandering_of(seed: int) -> float:
    """Share of light that wanders inside a person's skin before it leaves (0.3 to 1; unknown, so spread)."""
    return float(np.random.default_rng([seed, 12]).uniform(0.3, 1.0))


def clothe(
    head: Head,
    random: np.random.Generator,
    seed: int,
    tone: int,
    colouring: float = 1.0,
    *,
    relief_texels: int = RELIEF_TEXELS,
    colour_texels: int = COLOUR_TEXELS,
) -> Person:
    """Give a head its skin, pigment, scars and hair, all from the generator."""
    positions = bake_positions(head.skin.texture, head.skin.triangles, head.skin.positions, relief_texels)
    coarse = np.ascontiguousarray(positions[2::4, 2::4])
    noise = Noise(random)

    count = int(random.integers(40, 91))
    severity = float(random.uniform(0.75, 1.15))
    scars = [
        replace(scar, redness=scar.redness * colouring, pigment=scar.pigment * colouring)
        for scar in place_scars(random, *_scar_candidates(head), count, severity)
    ]
    frames = scar_frames(head.skin, scars)
    spots = [
        replace(spot, melanin=spot.melanin * colouring, blood=spot.blood * colouring)
        if spot.after_acne
        else spot
        for spot in _draw_spots(random, head, tone)
    ]

    bumps = skin_texture.furrows(random, positions, float(random.uniform(*skin_texture.FURROW_DEPTH_MM)))
    floor, _, _ = skin_texture.scar_maps(positions, scars, frames)
    bumps *= 1 - (1 - skin_texture.SCAR_FURROWS) * floor
    bumps += skin_texture.pores(random, positions, _enlarge(_pore_density(head), relief_texels))
    wave = _enlarge(noise.octaves(np.nan_to_num(coarse), 12, 2.5, 40), relief_texels)
    bumps += wave * np.float32(skin_texture.UNDULATION_MM)
    bumps = np.where(np.isfinite(positions[..., 0]), bumps, 0).astype(np.float32)

    colour_positions = cv2.resize(positions, (colour_texels, colour_texels), interpolation=cv2.INTER_NEAREST)
    del positions
    _, redness, pigment = skin_texture.scar_maps(colour_positions, scars, frames)
    fading = skin_texture.spot_maps(colour_positions, [s for s in spots if s.after_acne])
    lasting = skin_texture.spot_maps(colour_positions, [s for s in spots if not s.after_acne])
    melanin_coarse, blood_coarse = _chromophores(np.nan_to_num(coarse), noise, tone)
    lips = _lips(head, colour_texels)
    melanin = _enlarge(melanin_coarse, colour_texels) * (1 + lasting[0]) * (1 - 0.25 * lips)
    region = _enlarge(_zone_blood(head), colour_texels)
    blood = _enlarge(blood_coarse, colour_texels) * region * (1 + lasting[1]) * (1 + 2.2 * lips)

    skin = refine(head.skin, _edge_wanted(scars))
    dark_hair = np.array([[0.012, 0.009, 0.007], [0.05, 0.03, 0.018], [0.16, 0.10, 0.05]])[
        int(random.choice(3, p=[0.4, 0.4, 0.2])) if tone <= 3 else 0
    ]
    stubble = _stubble(random, noise)
    scalp_colour = np.zeros((1, 1, 3), dtype=np.float32)
    stubble_cover = np.zeros((1, 1), dtype=np.float32)
    if head.scalp is not None:
        scalp = bake_positions(
            head.scalp.texture - [1.0, 0.0], head.scalp.triangles, head.scalp.positions, SCALP_TEXELS
        )
        scalp = np.nan_to_num(scalp)
        scalp_melanin, scalp_blood = _chromophores(scalp, noise, tone)
        cover = stubble(scalp)[..., None] * 0.875  # the mean of the grain painted on the face's side
        scalp_colour = (
            colour_of(scalp_melanin, scalp_blood) * (1 - cover) + dark_hair.astype(np.float32) * 0.6 * cover
        )
        stubble_cover = stubble(np.nan_to_num(coarse))
    return Person(
        seed=seed,
        tone=tone,
        head=head,
        skin=skin,
        scar_height_mm=scar_height(skin, scars, frames),
        scars=scars,
        spots=spots,
        bumps_mm=bumps,
        melanin=melanin.astype(np.float32),
        blood=blood.astype(np.float32),
        scar_redness=redness + fading[1],
        scar_pigment=pigment + fading[0],
        paint=_paint(random, head, dark_hair, _enlarge(stubble_cover, colour_texels), colour_texels),
        scalp_colour=scalp_colour.astype(np.float32),
        roughness=float(random.uniform(0.28, 0.42)),
        rim=_border(skin),
        iris_colour=np.array(
            [[0.03, 0.016, 0.008], [0.06, 0.035, 0.015], [0.07, 0.10, 0.12], [0.06, 0.08, 0.04]]
        )[int(random.integers(0, 4)) if tone <= 2 else int(random.integers(0, 2))],
    )


def parts_of(person: Person, state: State) -> list[Part]:
    """The person in a state, as meshes in the camera's frame (mm)."""
    turn = state.pose.matrix

    def place(points: Floats) -> Floats:
        placed: Floats = (points - PIVOT_MM) @ turn.T + PIVOT_MM
        return placed

    def moved(surface: Surface) -> Floats:
        result: Floats = (
            surface.positions + state.smile * surface.carried[:, 2:5] + state.fidget * surface.carried[:, 5:8]
        )
        return result

    skin = person.skin
    flat = moved(skin)
    normals = corner_normals(flat, skin.triangles)
    rim = person.rim
    normals[rim] = skin.normals[rim]
    scarred = flat + normals * (person.scar_height_mm * state.depth_ratio)[:, None]
    touched = corner_normals(scarred, skin.triangles)
    touched[rim] = skin.normals[rim]
    colour = skin_colour_of(person, state)
    parts = [
        Part(
            "skin",
            place(scarred),
            touched @ turn.T,
            skin.triangles,
            colour,
            person.roughness * state.roughness,
            skin.texture,
            person.bumps_mm,
            1,
        )
    ]
    scalp = person.head.scalp
    if scalp is not None:
        parts.append(
            Part(
                "scalp",
                place(moved(scalp)),
                scalp.normals @ turn.T,
                scalp.triangles,
                person.scalp_colour,
                roughness=0.5,
                texture=scalp.texture - [1.0, 0.0],
                material=2,
            )
        )
    colours = {
        "gums": np.array([0.25, 0.07, 0.06], np.float32),
        "teeth": np.array([0.55, 0.5, 0.4], np.float32),
    }
    for name, surface in person.head.mouth:
        points = moved(surface)
        parts.append(
            Part(
                name,
                place(points),
                surface.normals @ turn.T,
                surface.triangles,
                colours[name],
                0.2,
                None,
                None,
                3,
            )
        )
    for k, eye in enumerate(person.head.eyes):
        points, normal, triangles, texture = eye_mesh(eye)
        picture = eye_texture(eye, person.iris_colour, person.seed * 2 + k)
        parts.append(
            Part(f"eye{k}", place(points), normal @ turn.T, triangles, picture, 0.06, texture, None, 3)
        )
    if person.head.lashes:
        hairs, ribbons = strands(person.head.lashes, 0.13, np.array([0.0, 0.0, 1.0]))
        parts.append(
            Part("lashes", place(hairs), np.tile([0.0, 0.0, 1.0], (len(hairs), 1)) @ turn.T, ribbons,
                 np.array([0.01, 0.008, 0.006], np.float32), 0.4, None, None, 3)
        )  # fmt: skip
    for part in person.worn:
        parts.append(replace(part, positions=place(part.positions), normals=part.normals @ turn.T))
    return parts


def skin_colour_of(person: Person, state: State) -> Map:
    """Linear colour of the face's skin in a state, (T, T, 3), brows and stubble painted over."""
    key = (id(person), state.redness_ratio, state.pigment_ratio)
    if key not in _colours:
        _colours.clear()  # one person's colours are a hundred megabytes
        blood = person.blood * (1 + person.scar_redness * state.redness_ratio)
        melanin = person.melanin * np.maximum(1 + person.scar_pigment * state.pigment_ratio, 0.3)
        colour = colour_of(melanin, blood)
        _colours[key] = colour * (1 - person.paint[..., 3:]) + person.paint[..., :3] * person.paint[..., 3:]
    return _colours[key]


_colours: dict[tuple[int, float, float], Map] = {}


def scars_seen_by(person: Person, state: State) -> Floats:
    """Scar centres (K, 3) in the camera's frame, on the surface before it sinks."""
    skin = person.skin
    tree = cKDTree(skin.positions)
    _, nearest = tree.query(np.array([scar.centre_mm for scar in person.scars]), k=1)
    points = (
        skin.positions[nearest]
        + state.smile * skin.carried[nearest, 2:5]
        + state.fidget * skin.carried[nearest, 5:8]
    )
    offset = np.array([scar.centre_mm for scar in person.scars]) - skin.positions[nearest]
    placed: Floats = (points + offset - PIVOT_MM) @ state.pose.matrix.T + PIVOT_MM
    return placed


def scar_frames(skin: Surface, scars: list[Scar]) -> Floats:
    """(K, 3, 3): rows across (horizontal), along, outward, from the resting surface's normals."""
    if not scars:
        return np.zeros((0, 3, 3))
    _, nearest = cKDTree(skin.positions).query(np.array([scar.centre_mm for scar in scars]), k=1)
    outward = skin.normals[nearest]
    across = unit(np.cross(np.array([0.0, 1.0, 0.0]), outward))
    return np.stack([across, np.cross(outward, across), outward], axis=1)


def scar_height(skin: Surface, scars: list[Scar], frames: Floats) -> Floats:
    """Height of the scarred over the unscarred skin at every point, mm (0 or negative)."""
    height = np.zeros(len(skin.positions))
    tree = cKDTree(skin.positions)
    for scar, frame in zip(scars, frames, strict=True):
        near = np.array(tree.query_ball_point(scar.centre_mm, scar.radius_mm * 2.2), dtype=int)
        local = (skin.positions[near] - np.array(scar.centre_mm)) @ frame.T
        facing = skin.normals[near] @ frame[2] > 0.3
        height[near] += np.where(facing, height_mm(scar, local[:, 0], local[:, 1]), 0.0)
    return height


def _edge_wanted(scars: list[Scar]) -> Any:
    centres = np.array([scar.centre_mm for scar in scars]).reshape(-1, 3)
    reach = np.array([scar.radius_mm * 1.35 + 0.25 for scar in scars])
    fine = np.array(
        [
            np.clip(s.wall * s.radius_mm / 2.5, 0.09, 0.2)
            if s.kind == "boxcar"
            else np.clip(s.width_mm / 14, 0.08, 0.35)
            for s in scars
        ]
    )
    tree = cKDTree(centres)

    def wanted(points: Floats) -> Floats:
        result = np.full(len(points), FACE_EDGE_MM * 4)
        found_at = tree.query(points, k=3, distance_upper_bound=float(reach.max()) + 1.0)
        distance, nearest = np.asarray(found_at[0]), np.asarray(found_at[1])
        for k in range(3):
            found = np.isfinite(distance[:, k])
            which = nearest[found, k]
            inside = distance[found, k] < reach[which]
            result[np.flatnonzero(found)[inside]] = np.minimum(
                result[np.flatnonzero(found)[inside]], fine[which[inside]]
            )
        return result

    return wanted


def _border(skin: Surface) -> NDArray[np.int64]:
    sides = np.concatenate([skin.triangles[:, [0, 1]], skin.triangles[:, [1, 2]], skin.triangles[:, [2, 0]]])
    edges, count = np.unique(np.sort(sides, axis=1), axis=0, return_counts=True)
    return np.unique(edges[count == 1])


def _enlarge(values: Map, size: int) -> Map:
    bigger: Map = cv2.resize(values.astype(np.float32), (size, size), interpolation=cv2.INTER_LINEAR)
    return bigger


def _grid(size: int) -> tuple[Map, Map]:
    u = ((np.arange(size) + 0.5) / size).astype(np.float32)
    return np.meshgrid(u, 1 - u)


def _zone(head: Head, name: str, u: NDArray[Any], v: NDArray[Any], softness: float = 0.3) -> NDArray[Any]:
    best = np.zeros(np.broadcast(u, v).shape, dtype=np.float32)
    for cu, cv, ru, rv in head.zones[name]:
        for side in (u, 1 - u):
            rho = np.sqrt(((side - cu) / ru) ** 2 + ((v - cv) / rv) ** 2)
            best = np.maximum(best, np.clip((1 + softness - rho) / softness, 0, 1))
    return best


def _scar_candidates(head: Head) -> tuple[Floats, Floats]:
    u, v = head.skin.texture.T
    weight = (
        1.0 * _zone(head, "cheek", u, v)
        + 0.45 * _zone(head, "forehead", u, v)
        + 0.8 * _zone(head, "temple", u, v)
        + 0.6 * _zone(head, "chin", u, v)
    )
    weight *= _area(head.skin)
    keep = weight > 0
    return head.skin.positions[keep], weight[keep]


def _area(surface: Surface) -> Floats:
    a, b, c = (surface.positions[surface.triangles[:, k]] for k in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 6
    total = np.zeros(len(surface.positions))
    for k in range(3):
        np.add.at(total, surface.triangles[:, k], area)
    return total


def _draw_spots(random: np.random.Generator, head: Head, tone: int) -> list[Spot]:
    points, weights = _scar_candidates(head)
    spots: list[Spot] = []
    freckles = int(random.integers(10, 120)) if tone <= 2 else int(random.integers(0, 25))
    marks = int(random.integers(6, 22))
    moles = int(random.integers(0, 6))
    for index in random.choice(len(points), size=freckles + marks + moles, p=weights / weights.sum()):
        centre = points[index] + random.normal(0, 1.0, 3)
        where = (float(centre[0]), float(centre[1]), float(centre[2]))
        if len(spots) < freckles:
            spots.append(
                Spot(where, float(random.uniform(0.3, 0.9)), float(random.uniform(0.15, 0.6)), 0.0, False)
            )
        elif len(spots) < freckles + marks:
            brown = random.uniform() < 0.2 + 0.12 * tone
            melanin, blood = (
                (float(random.uniform(0.15, 0.5)), 0.2) if brown else (0.03, float(random.uniform(0.5, 1.6)))
            )
            spots.append(Spot(where, float(random.uniform(1.0, 3.0)), melanin, blood, True))
        else:
            spots.append(
                Spot(where, float(random.uniform(0.6, 1.6)), float(random.uniform(0.8, 2.0)), 0.2, False)
            )
    return spots


def _pore_density(head: Head) -> Map:
    u, v = _grid(1024)
    return (0.15 + 0.5 * _zone(head, "nose", u, v, 0.8) + 0.3 * _zone(head, "cheek", u, v, 0.6)).astype(
        np.float32
    )


def _zone_blood(head: Head) -> Map:
    u, v = _grid(1024)
    warm = (
        1
        + 0.25 * _zone(head, "nose", u, v, 0.9)
        + 0.2 * _zone(head, "cheek", u, v, 0.9)
        + 0.1 * _zone(head, "chin", u, v, 0.9)
    )
    smooth: Map = cv2.GaussianBlur(warm.astype(np.float32), (0, 0), 18)
    return smooth


def _chromophores(points_mm: Map, noise: Noise, tone: int) -> tuple[Map, Map]:
    melanin = melanin_of_tone(tone) * np.exp(0.09 * noise.octaves(points_mm, 60, 3, 0))
    # mottling by blood is a little coarser and stronger than that by pigment
    blood = TONE_BLOOD[tone] * np.exp(0.16 * noise.octaves(points_mm, 45, 2.5, 12))
    return melanin.astype(np.float32), blood.astype(np.float32)


def _polygon(points_uv: Floats, size: int, soft_texels: float) -> Map:
    """Soft mask of a closed curve through (K, 2) points (u, v)."""
    mask = np.zeros((size, size), dtype=np.uint8)
    texel = np.column_stack([points_uv[:, 0] * size, (1 - points_uv[:, 1]) * size])
    cv2.fillPoly(mask, [np.round(texel * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    blurred: Map = cv2.GaussianBlur(mask.astype(np.float32) / 255, (0, 0), soft_texels)
    return blurred


def _lips(head: Head, size: int) -> Map:
    return _polygon(_smooth_loop(head.landmark_texture[48:60]), size, size / 350)


def _smooth_loop(points: Floats) -> Floats:
    for _ in range(3):  # Chaikin's corner cutting
        following = np.roll(points, -1, axis=0)
        points = np.stack(
            [0.75 * points + 0.25 * following, 0.25 * points + 0.75 * following], axis=1
        ).reshape(-1, 2)
    return points


def _stubble(random: np.random.Generator, noise: Noise) -> Any:
    """Cover of cropped hair over points in space: hairline over the forehead and before the ears."""
    line = float(random.uniform(86, 100))
    strength = float(random.uniform(0.55, 0.8))

    def cover(points_mm: Map) -> Map:
        x, y, z = points_mm[..., 0], points_mm[..., 1], points_mm[..., 2]
        recede = line + 10 * np.cos(x / 22) - 0.010 * np.maximum(np.abs(x) - 30, 0) ** 2
        edge = np.maximum((y - recede) / 7, np.minimum((30 - z) / 9, (y - 18) / 9)) + 0.25 * noise.at(
            points_mm, 5, 30
        )
        share = np.clip(edge, 0, 1)
        hidden: Map = (strength * share).astype(np.float32)
        return hidden

    return cover


def _paint(random: np.random.Generator, head: Head, hair: Floats, stubble: Map, size: int) -> Map:
    """Brows, dark lid margins and stubble over the skin's colour, (size, size, 4)."""
    where = head.landmark_texture
    roots, directions, lengths = [], [], []
    for side in (where[17:22], where[26:21:-1]):  # outer end first
        along = np.linspace(0, 4, 200)
        middle = np.column_stack([np.interp(along, range(5), side[:, k]) for k in (0, 1)])
        middle = gaussian_filter1d(middle, 14, axis=0, mode="nearest")
        tangent = np.gradient(middle, axis=0)
        tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
        for _ in range(620):
            t = int(random.integers(0, 200))
            thick = 0.011 * np.interp(t, [0, 90, 200], [0.35, 0.9, 1.0])
            offset = random.normal(0, 0.45) * thick
            up = np.array([0.0, 1.0])
            heading = -tangent[t] * np.interp(t, [0, 200], [1.0, 0.75]) + up * (
                np.interp(t, [0, 200], [0.05, 0.8]) + random.normal(0, 0.15)
            )
            if offset > 0.35 * thick:
                heading = heading - 0.5 * up
            point = middle[t] + up * (offset - 0.002)
            roots.append([(1 - point[1]) * size, point[0] * size])
            directions.append([-heading[1], heading[0]])
            lengths.append(random.uniform(5, 9) / 300 * size)
    brows = skin_texture.draw_hairs(
        random,
        size,
        roots=np.array(roots),
        directions=np.array(directions),
        lengths=np.array(lengths),
        width=size / 2400,
    )
    under = cv2.GaussianBlur(brows, (0, 0), size / 400)
    cover = np.maximum(brows * 0.85, under * 0.55)
    lids = np.zeros((size, size), dtype=np.uint8)
    for loop in (where[36:42], where[42:48]):
        upper = np.array([loop[0], loop[1], loop[2], loop[3]])
        line = np.column_stack([upper[:, 0] * size, (1 - upper[:, 1]) * size])
        cv2.polylines(lids, [np.round(line * 16).astype(np.int32)], False, 255, size // 500, cv2.LINE_AA, 4)
    cover = np.maximum(cover, cv2.GaussianBlur(lids.astype(np.float32) / 255, (0, 0), size / 900) * 0.5)
    grain = random.uniform(0.6, 1.15, (size, size)).astype(np.float32)
    cover = np.maximum(cover, np.clip(stubble * cv2.GaussianBlur(grain, (0, 0), 0.8), 0, 1))
    result = np.empty((size, size, 4), dtype=np.float32)
    result[..., :3] = hair * 0.6
    result[..., 3] = cover
    return result


def eye_mesh(eye: Eye, rings: int = 48, spokes: int = 96) -> tuple[Floats, Floats, NDArray[np.int64], Floats]:
    """The front of an eyeball: points, normals, triangles, texture (u, v) with the pupil in the middle.

    The cornea bulges by a smooth half millimetre so that it catches the lamp.
    """
    polar = np.linspace(0, np.radians(100), rings)
    turn = np.linspace(0, 2 * np.pi, spokes, endpoint=False)
    p, t = np.meshgrid(polar, turn, indexing="ij")
    iris = np.arcsin(min(IRIS_MM / 2 / eye.radius_mm, 1.0))
    bulge = 0.5 * np.clip(1 - (p / iris) ** 2, 0, 1) ** 2
    forward = unit(eye.gaze)
    right = unit(np.cross(np.array([0.0, 1.0, 0.0]), forward))
    up = np.cross(forward, right)
    ray = (
        (np.sin(p) * np.cos(t))[..., None] * right
        + (np.sin(p) * np.sin(t))[..., None] * up
        + np.cos(p)[..., None] * forward
    )
    points = (eye.centre + ray * (eye.radius_mm + bulge)[..., None]).reshape(-1, 3)
    k = np.arange(rings - 1)[:, None] * spokes + np.arange(spokes)[None]
    n = np.arange(rings - 1)[:, None] * spokes + (np.arange(spokes)[None] + 1) % spokes
    triangles = np.concatenate(
        [
            np.stack([k, k + spokes, n], -1).reshape(-1, 3),
            np.stack([n, k + spokes, n + spokes], -1).reshape(-1, 3),
        ]
    )
    radius = np.sin(p) * eye.radius_mm / (2 * eye.radius_mm) * 0.98
    texture = np.stack([0.5 + radius * np.cos(t), 0.5 + radius * np.sin(t)], axis=-1).reshape(-1, 2)
    return points, corner_normals(points, triangles), triangles, texture


def eye_texture(eye: Eye, iris_colour: Floats, seed: int, size: int = 512) -> Map:
    """White, iris with streaks and dark rim, pupil: (size, size, 3) linear colour."""
    random = np.random.default_rng([seed, 5])
    u, v = _grid(size)
    mm = np.hypot(u - 0.5, v - 0.5) * 2 * eye.radius_mm / 0.98
    angle = np.arctan2(v - 0.5, u - 0.5)
    streak = sum(random.normal(0, 1) * np.cos(k * angle + random.uniform(0, 6.3)) for k in range(5, 60)) / 6
    rim = IRIS_MM / 2
    colour = np.array([0.52, 0.46, 0.42], np.float32) * (1 - 0.12 * np.clip((mm - rim) / 8, 0, 1))[..., None]
    inner = (
        iris_colour
        * (1 + 0.35 * streak * np.clip((mm - 2) / 3, 0, 1))[..., None]
        * (1.25 - 0.35 * (mm / rim))[..., None]
    )
    inner *= (1 - 0.75 * np.clip((mm - rim + 0.8) / 0.8, 0, 1))[..., None]
    share = np.clip((rim - mm) / 0.3 + 0.5, 0, 1)[..., None]
    colour = colour * (1 - share) + np.clip(inner, 0.004, 1) * share
    pupil = np.clip((1.9 - mm) / 0.2 + 0.5, 0, 1)[..., None]
    return np.ascontiguousarray(colour * (1 - pupil) + 0.003 * pupil, dtype=np.float32)
