"""Coarse geometry becomes a smooth, fine mesh: subdivision, normals, refinement where a scar needs it.

Positions are in millimetres, (x, y, z) = (to the image right, up, to the camera); a phantom has no pixel rows
yet.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Surface:
    """A triangle mesh in which every corner has one position and one texture coordinate."""

    positions: Floats
    """(N, 3), mm."""
    normals: Floats
    """(N, 3), unit length, outward."""
    carried: Floats
    """(N, 2 or more): texture coordinates (u, v), then whatever else must follow the points when edges are
    split."""
    triangles: Ints
    """(M, 3): counter-clockwise from outside."""

    @property
    def texture(self) -> Floats:
        """(N, 2): (u, v)."""
        return self.carried[:, :2]


def subdivide(
    positions: Floats, faces: Ints, texture: Floats, texture_faces: Ints
) -> tuple[Floats, Ints, Floats, Ints]:
    """One step of Catmull and Clark (1978): positions smooth, texture coordinates linear.

    Faces are (M, 4) with -1 as the fourth corner of a triangle; the result has four corners everywhere, in an
    order that keeps the children of face k together only by corner (all first children, then all second ...):
    use `children_of` to follow a face group.
    """
    corners = (faces >= 0).sum(axis=1)
    face_points = np.where(faces[..., None] >= 0, positions[faces], 0.0).sum(axis=1) / corners[:, None]
    start, stop, owner, slot = _half_edges(faces, corners)
    edges, edge_of = np.unique(np.sort(np.stack([start, stop], 1), axis=1), axis=0, return_inverse=True)
    edge_of = edge_of.ravel()
    neighbours = np.bincount(edge_of, minlength=len(edges))
    middle = positions[edges].mean(axis=1)
    face_sum = np.zeros_like(middle)
    np.add.at(face_sum, edge_of, face_points[owner])
    inside = neighbours == 2
    edge_points = np.where(inside[:, None], (2 * middle + face_sum) / 4.0, middle)

    count = len(positions)
    valence = np.bincount(start, minlength=count).astype(float)
    face_mean = np.zeros_like(positions)
    np.add.at(face_mean, start, face_points[owner])
    edge_mean = np.zeros_like(positions)
    edge_valence = np.zeros(count)
    for column in (0, 1):
        np.add.at(edge_mean, edges[:, column], middle)
        np.add.at(edge_valence, edges[:, column], 1.0)
    safe = np.maximum(valence, 1.0)[:, None]
    moved = (
        face_mean / safe + 2 * edge_mean / np.maximum(edge_valence, 1.0)[:, None] + (safe - 3) * positions
    ) / safe
    border = np.zeros(count, dtype=bool)
    border[edges[~inside].ravel()] = True
    border_sum = np.zeros_like(positions)
    border_count = np.zeros(count)
    for column in (0, 1):
        np.add.at(border_sum, edges[~inside, column], positions[edges[~inside, 1 - column]])
        np.add.at(border_count, edges[~inside, column], 1.0)
    along = (6 * positions + border_sum) / np.maximum(6 + border_count, 1.0)[:, None]
    moved = np.where(border[:, None], along, moved)
    moved = np.where((valence == 0)[:, None], positions, moved)

    new_positions = np.concatenate([moved, edge_points, face_points])
    new_faces = _split(
        faces, corners, count=count, edge_of=edge_of, edge_count=len(edges), owner=owner, slot=slot
    )

    t_start, t_stop, _, _ = _half_edges(texture_faces, corners)
    t_edges, t_edge_of = np.unique(
        np.sort(np.stack([t_start, t_stop], 1), axis=1), axis=0, return_inverse=True
    )
    t_face = (
        np.where(texture_faces[..., None] >= 0, texture[texture_faces], 0.0).sum(axis=1) / corners[:, None]
    )
    new_texture = np.concatenate([texture, texture[t_edges].mean(axis=1), t_face])
    new_texture_faces = _split(
        texture_faces,
        corners,
        count=len(texture),
        edge_of=t_edge_of.ravel(),
        edge_count=len(t_edges),
        owner=owner,
        slot=slot,
    )
    return new_positions, new_faces, new_texture, new_texture_faces


def children_of(faces: Ints, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which faces after `subdivide` came from the chosen ones: (M,) bool to (sum of corners,) bool."""
    corners = (faces >= 0).sum(axis=1)
    _, _, owner, _ = _half_edges(faces, corners)
    return chosen[owner]


def _half_edges(faces: Ints, corners: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    start, stop, owner, slot = [], [], [], []
    for k in range(faces.shape[1]):
        has = corners > k
        following = np.where(k + 1 < corners, faces[:, (k + 1) % faces.shape[1]], faces[:, 0])
        start.append(faces[has, k])
        stop.append(following[has])
        owner.append(np.flatnonzero(has))
        slot.append(np.full(int(has.sum()), k))
    return np.concatenate(start), np.concatenate(stop), np.concatenate(owner), np.concatenate(slot)


def _split(
    faces: Ints, corners: Ints, *, count: int, edge_of: Ints, edge_count: int, owner: Ints, slot: Ints
) -> Ints:
    table = np.full(faces.shape, -1, dtype=np.int64)
    table[owner, slot] = edge_of
    before = table[owner, (slot - 1) % corners[owner]]
    return np.stack(
        [faces[owner, slot], count + edge_of, count + edge_count + owner, count + before],
        axis=1,
    )


def corner_normals(positions: Floats, triangles: Ints) -> Floats:
    """Area-weighted vertex normals, (N, 3); zero where a vertex has no triangle."""
    a, b, c = (positions[triangles[:, k]] for k in range(3))
    area = np.cross(b - a, c - a)
    total = np.zeros_like(positions)
    for axis in range(3):
        for k in range(3):
            total[:, axis] += np.bincount(triangles[:, k], weights=area[:, axis], minlength=len(positions))
    return unit(total)


def unit(vectors: Floats) -> Floats:
    """Vectors of length one; a zero vector stays zero."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: Floats = vectors / np.maximum(length, 1e-30)
    return scaled


def to_surface(
    positions: Floats, quads: Ints, texture: Floats, texture_quads: Ints, *, normals: Floats, others: Floats
) -> Surface:
    """Four-cornered faces with separate texture indices become a Surface; a seam gets its corners twice.

    others: (N, K) values of the positions that are to be carried along.
    """
    pairs = np.stack([quads.ravel(), texture_quads.ravel()], axis=1)
    unique, index = np.unique(pairs, axis=0, return_inverse=True)
    index = index.reshape(quads.shape)
    triangles = np.concatenate([index[:, [0, 1, 2]], index[:, [0, 2, 3]]])
    carried = np.concatenate([texture[unique[:, 1]], others[unique[:, 0]]], axis=1)
    return Surface(positions[unique[:, 0]], normals[unique[:, 0]], carried, triangles)


def refine(surface: Surface, wanted_mm: Callable[[Floats], Floats], rounds: int = 6) -> Surface:
    """Split edges longer than `wanted_mm(midpoints)` until none is left or the rounds are used up.

    New points lie on the curve that both ends' normals suggest (sagitta of a circle), so a smooth surface
    stays smooth. A triangle with one, two or three long edges becomes two, three or four, so no crack opens.
    """
    for _ in range(rounds):
        triangles = surface.triangles
        sides = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
        edges, edge_of = np.unique(np.sort(sides, axis=1), axis=0, return_inverse=True)
        edge_of = edge_of.reshape(3, -1).T
        a, b = surface.positions[edges[:, 0]], surface.positions[edges[:, 1]]
        long = np.linalg.norm(b - a, axis=1) > wanted_mm((a + b) / 2)
        if not long.any():
            break
        surface = _split_edges(surface, edges, edge_of, long)
    return surface


def _split_edges(surface: Surface, edges: Ints, edge_of: Ints, long: NDArray[np.bool_]) -> Surface:
    positions, normals, carried = surface.positions, surface.normals, surface.carried
    first, second = edges[long].T
    normal = unit(normals[first] + normals[second])
    step = positions[second] - positions[first]
    sagitta = np.sum(step * (normals[second] - normals[first]), axis=1, keepdims=True) / 8.0
    new_index = np.full(len(edges), -1, dtype=np.int64)
    new_index[long] = len(positions) + np.arange(int(long.sum()))
    middle = new_index[edge_of]  # per triangle: opposite numbering 01, 12, 20
    cut = middle >= 0
    triangles = surface.triangles
    how_many = cut.sum(axis=1)
    pieces = [triangles[how_many == 0]]
    for turn in range(3):  # one cut side, turned to be 01
        chosen = (how_many == 1) & cut[:, turn]
        p, q, r = (triangles[chosen][:, (turn + k) % 3] for k in range(3))
        m = middle[chosen, turn]
        pieces += [np.stack([p, m, r], 1), np.stack([m, q, r], 1)]
        # two cut sides, turned so that the uncut one is 20
        chosen = (how_many == 2) & ~cut[:, (turn + 2) % 3]
        p, q, r = (triangles[chosen][:, (turn + k) % 3] for k in range(3))
        m, n = middle[chosen, turn], middle[chosen, (turn + 1) % 3]
        pieces += [np.stack([m, q, n], 1), np.stack([p, m, n], 1), np.stack([p, n, r], 1)]
    chosen = how_many == 3
    p, q, r = triangles[chosen].T
    m, n, o = middle[chosen].T
    pieces += [np.stack(t, 1) for t in ([p, m, o], [m, q, n], [o, n, r], [m, n, o])]
    return Surface(
        np.concatenate([positions, (positions[first] + positions[second]) / 2 + normal * sagitta]),
        np.concatenate([normals, normal]),
        np.concatenate([carried, (carried[first] + carried[second]) / 2]),
        np.concatenate(pieces),
    )
