"""A parametric head becomes a resting face of one person: skin, scalp, eyes, lashes, mouth, in millimetres.

Reads the ICT-FaceKit head (USC Institute for Creative Technologies, MIT licence) as converted for validation;
the file is not part of the product.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import LinearNDInterpolator

from microrelief.errors import SetupError
from microrelief.phantom.mesh import (
    Floats,
    Ints,
    Surface,
    children_of,
    corner_normals,
    subdivide,
    to_surface,
    unit,
)

# Which vertices are what (ICT-FaceKit's table of geometry)
FACE_END, SKIN_END, SOCKET_END = 9409, 11248, 14062
GUMS = (14062, 17039)
TEETH = (17039, 21451)
EYEBALLS = {"left": (22221, 23021), "right": (23791, 24591)}
"""The inner shells; "left" is at +x, the image right, the patient's left."""
LASHES = ((25351, 26035), (26035, 26719))
LASH_CARD = 114
"""Vertices of one lash card; six cards an eye."""
LOWER_LASHES_MISSING = 0.6
"""The last three cards of an eye are its lower lashes, which are sparser."""
LANDMARKS_68: Ints = np.array(
    [1225, 1888, 1052, 367, 1719, 1722, 2199, 1447, 966, 3661, 4390, 3927, 3924, 2608, 3272, 4088, 3443, 268,
     493, 1914, 2044, 1401, 3615, 4240, 4114, 2734, 2509, 978, 4527, 4942, 4857, 1140, 2075, 1147, 4269, 3360,
     1507, 1542, 1537, 1528, 1518, 1511, 3742, 3751, 3756, 3721, 3725, 3732, 5708, 5695, 2081, 0, 4275, 6200,
     6213, 6346, 6461, 5518, 5957, 5841, 5702, 5711, 5533, 6216, 6207, 6470, 5517, 5966]
)  # fmt: skip
"""The usual 68 face landmarks as vertices (ICT-FaceKit)."""
SMILE = ("mouthSmile_L", "mouthSmile_R", "cheekSquint_L", "cheekSquint_R")


Zones = dict[str, list[tuple[float, float, float, float]]]
"""Soft ellipses (u, v, half width, half height) in the texture square, right half of the face; mirrored for
the left."""
ZONES: Zones = {
    "cheek": [(0.28, 0.565, 0.105, 0.10), (0.30, 0.44, 0.085, 0.065)],
    "forehead": [(0.43, 0.87, 0.09, 0.05)],
    "temple": [(0.185, 0.74, 0.035, 0.05)],
    "chin": [(0.46, 0.325, 0.06, 0.03)],
    "nose": [(0.49, 0.60, 0.05, 0.07)],
}


@dataclass(frozen=True)
class Eye:
    """An eyeball: a sphere with an iris that looks along `gaze`."""

    centre: Floats
    radius_mm: float
    gaze: Floats


@dataclass(frozen=True)
class Head:
    """One resting person."""

    skin: Surface
    """The face with its own texture square; carried: u, v, smile (3, mm), fidget (3, mm)."""
    scalp: Surface | None
    """Ears, back of the head, neck, eye sockets, mouth: carried as for the skin. None where cloth hides
    them."""
    mouth: list[tuple[str, Surface]]
    eyes: list[Eye]
    lashes: list[Floats]
    """Polylines (K, 3) from root to tip."""
    landmarks: Floats
    """(68, 3), resting."""
    landmark_texture: Floats
    """(68, 2): where those landmarks are in the skin's texture square."""
    zones: Zones


def read_head_model(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of ict_facekit.npz. Raises SetupError when the file is not there."""
    if not path.is_file():
        raise SetupError(f"There is no parametric head at {path}: name the file ict_facekit.npz with --head.")
    with np.load(path) as file:
        return {name: file[name] for name in file.files}


def shape_head(model: dict[str, NDArray[Any]], random: np.random.Generator, levels: int = 2) -> Head:
    """A random person: identity modes drawn from their normal distribution, smoothed `levels` times."""
    weights = random.normal(0, 0.8, len(model["identity"]))
    base = model["vertices"].astype(float) + np.einsum("k,kij->ij", weights, model["identity"].astype(float))
    base *= 10.0  # cm to mm
    names = [str(name) for name in model["expression_names"]]
    expression = model["expression"].astype(float) * 10.0
    smile = sum((expression[names.index(name)] for name in SMILE[:2]), np.zeros_like(base))
    smile = smile + 0.5 * sum((expression[names.index(name)] for name in SMILE[2:]), np.zeros_like(base))
    fidget = np.zeros_like(base)
    for name in (
        "browInnerUp_L",
        "browInnerUp_R",
        "mouthPress_L",
        "mouthPress_R",
        "mouthShrugUpper",
        "eyeSquint_L",
        "eyeSquint_R",
    ):
        fidget += random.normal(0, 0.5) * expression[names.index(name)]

    faces, texture_faces = model["faces"].astype(np.int64), model["uv_faces"].astype(np.int64)
    texture = model["uv"].astype(float)
    body = faces.max(axis=1) < SOCKET_END
    quads, t_quads = faces[body], texture_faces[body]
    # the face's own square of texture is the part of the atlas within 0...1
    corner_u = np.where(t_quads >= 0, texture[np.maximum(t_quads, 0), 0], 0.0)
    is_skin = (quads.max(axis=1) < FACE_END) & (corner_u.max(axis=1) <= 1.0)
    inner = quads.max(axis=1) >= SKIN_END
    body_points = base[:SOCKET_END]
    layers = [body_points, body_points + smile[:SOCKET_END], body_points + fidget[:SOCKET_END]]
    for _ in range(levels):
        is_skin, inner = children_of(quads, is_skin), children_of(quads, inner)
        stepped = [subdivide(points, quads, texture, t_quads) for points in layers]
        layers = [step[0] for step in stepped]
        _, quads, texture, t_quads = stepped[0]
    points = layers[0]
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    normals = corner_normals(points, triangles)
    others = np.concatenate([layers[1] - points, layers[2] - points, np.zeros((len(points), 1))], axis=1)
    skin = to_surface(points, quads[is_skin], texture, t_quads[is_skin], normals=normals, others=others)
    others[np.unique(quads[inner]), -1] = 1.0
    scalp = to_surface(points, quads[~is_skin], texture, t_quads[~is_skin], normals=normals, others=others)

    mouth = [(name, _part(base, smile, faces, span)) for name, span in (("gums", GUMS), ("teeth", TEETH))]
    eyes = [_eye(base[slice(*span)]) for span in EYEBALLS.values()]
    lashes: list[Floats] = []
    for span in LASHES:
        lashes += _lashes(
            random,
            base,
            faces=faces,
            texture_faces=texture_faces,
            texture=model["uv"].astype(float),
            span=span,
        )
    used: dict[int, int] = dict(zip(faces.ravel().tolist(), texture_faces.ravel().tolist(), strict=True))
    where = np.array([model["uv"][used[int(k)]] for k in LANDMARKS_68], dtype=float)
    return Head(skin, scalp, mouth, eyes, lashes, base[LANDMARKS_68], where, ZONES)


def _part(base: Floats, smile: Floats, faces: Ints, span: tuple[int, int]) -> Surface:
    own = faces[(faces[:, 0] >= span[0]) & (faces[:, 0] < span[1])] - span[0]
    points = base[slice(*span)]
    full = own[own[:, 3] >= 0]
    triangles = np.concatenate([own[:, :3], full[:, [0, 2, 3]]])
    triangles = triangles[(triangles >= 0).all(axis=1)]
    carried = np.concatenate(
        [np.zeros((len(points), 2)), smile[slice(*span)], np.zeros((len(points), 4))], axis=1
    )
    return Surface(points, corner_normals(points, triangles), carried, triangles)


def _eye(points: Floats) -> Eye:
    # sphere by linear least squares: |p|^2 = 2 c.p + (r^2 - |c|^2)
    system = np.column_stack([2 * points, np.ones(len(points))])
    solution, *_ = np.linalg.lstsq(system, np.sum(points**2, axis=1), rcond=None)
    centre = solution[:3]
    radius = float(np.sqrt(solution[3] + centre @ centre))
    return Eye(centre, radius, np.array([0.0, 0.0, 1.0]))


def _lashes(
    random: np.random.Generator,
    base: Floats,
    *,
    faces: Ints,
    texture_faces: Ints,
    texture: Floats,
    span: tuple[int, int],
) -> list[Floats]:
    """Hairs grown along the head's lash cards: one curve for each place along the lid."""
    hairs: list[Floats] = []
    used = dict(zip(faces.ravel().tolist(), texture_faces.ravel().tolist(), strict=True))
    middle = base[slice(*span)].mean(axis=0) - np.array([0.0, 0.0, 12.0])
    for first in range(span[0], span[1], LASH_CARD):
        card = np.arange(first, first + LASH_CARD)
        where = np.array([texture[used[int(k)]] for k in card])
        low, high = where[:, 1].min(), where[:, 1].max()
        curve = LinearNDInterpolator(where, base[card])
        for u in random.uniform(where[:, 0].min() + 0.01, where[:, 0].max() - 0.01, 26):
            lean = np.linspace(0, random.normal(0, 0.02), 6)
            hair = curve(np.column_stack([u + lean, np.linspace(low, high, 6)]))
            if not np.isfinite(hair).all():
                continue
            if np.linalg.norm(hair[0] - middle) > np.linalg.norm(hair[-1] - middle):
                hair = hair[::-1]
            lower = first >= span[0] + LASH_CARD * 3
            if lower and random.uniform() < LOWER_LASHES_MISSING:
                continue
            hairs.append(hair)
    return hairs


def strands(curves: list[Floats], width_mm: float, towards: Floats) -> tuple[Floats, Ints]:
    """Hairs as ribbons that taper to the tip and face `towards`: (N, 3) points and (M, 3) triangles."""
    points, triangles, offset = [], [], 0
    for curve in curves:
        along = unit(np.gradient(curve, axis=0))
        side = unit(np.cross(along, towards)) * (width_mm / 2) * np.linspace(1, 0.15, len(curve))[:, None]
        points.append(np.stack([curve - side, curve + side], axis=1).reshape(-1, 3))
        k = np.arange(len(curve) - 1) * 2 + offset
        triangles.append(np.concatenate([np.stack([k, k + 1, k + 2], 1), np.stack([k + 1, k + 3, k + 2], 1)]))
        offset += 2 * len(curve)
    return np.concatenate(points), np.concatenate(triangles)
