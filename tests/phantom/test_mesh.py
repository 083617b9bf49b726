"""Subdivision and refinement on shapes whose answer is known."""

import numpy as np
import pytest

from microrelief.phantom.mesh import Surface, children_of, corner_normals, refine, subdivide, unit

CUBE = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=float)
CUBE_FACES = np.array([[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]])


def sphere(levels: int) -> Surface:
    points, faces, texture, texture_faces = CUBE, CUBE_FACES, CUBE[:, :2], CUBE_FACES
    for _ in range(levels):
        points, faces, texture, texture_faces = subdivide(points, faces, texture, texture_faces)
    points = 50 * unit(points)
    triangles = np.concatenate([faces[:, [0, 1, 2]], faces[:, [0, 2, 3]]])
    return Surface(points, corner_normals(points, triangles), np.zeros((len(points), 2)), triangles)


def test_a_subdivided_cube_stays_closed_and_grows_as_catmull_and_clark_say():
    points, faces, _, _ = subdivide(CUBE, CUBE_FACES, CUBE[:, :2], CUBE_FACES)
    assert (len(points), len(faces)) == (8 + 12 + 6, 24)
    # the rule for a corner where three faces meet: (F + 2R) / 3 = (1/3 + 4/3) / 3
    assert points[7] == pytest.approx(np.full(3, 5 / 9))
    sides = np.sort(np.concatenate([faces[:, [k, (k + 1) % 4]] for k in range(4)]), axis=1)
    assert (np.unique(sides, axis=0, return_counts=True)[1] == 2).all()


def test_a_flat_sheet_with_a_border_stays_flat_and_keeps_its_straight_edges():
    x, y = np.meshgrid(np.arange(4.0), np.arange(4.0))
    points = np.column_stack([x.ravel(), y.ravel(), np.zeros(16)])
    faces = np.array(
        [[r * 4 + c, r * 4 + c + 1, r * 4 + c + 5, r * 4 + c + 4] for r in range(3) for c in range(3)]
    )
    new, _, texture, _ = subdivide(points, faces, points[:, :2] / 3, faces)
    assert (new[:, 2] == 0).all()
    assert new[:, :2].min() >= 0
    assert new[:, :2].max() <= 3
    assert texture.min() == 0
    assert texture.max() == 1


def test_children_follow_their_face_and_triangles_become_quadrilaterals():
    faces = np.array([[0, 1, 2, -1], [0, 2, 3, 4]])
    points = np.random.default_rng(0).normal(size=(5, 3))
    _, new, _, _ = subdivide(points, faces, points[:, :2], faces)
    assert len(new) == 7
    assert (new >= 0).all()
    first = children_of(faces, np.array([True, False]))
    assert first.sum() == 3
    assert set(new[first][:, 0]) == {0, 1, 2}


def test_refinement_reaches_the_wanted_edge_without_a_crack_and_keeps_the_sphere():
    ball = sphere(3)
    fine = refine(ball, lambda points: np.where(points[:, 0] > 40, 0.5, 100.0), rounds=12)
    sides = np.sort(np.concatenate([fine.triangles[:, [k, (k + 1) % 3]] for k in range(3)]), axis=1)
    edges, count = np.unique(sides, axis=0, return_counts=True)
    assert (count == 2).all()
    middle = fine.positions[edges].mean(axis=1)
    length = np.linalg.norm(fine.positions[edges[:, 0]] - fine.positions[edges[:, 1]], axis=1)
    assert length[middle[:, 0] > 40].max() <= 0.5
    assert np.abs(np.linalg.norm(fine.positions, axis=1) - 50).max() < 0.02
    assert len(fine.triangles) > 4 * len(ball.triangles)
