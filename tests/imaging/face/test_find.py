"""What is refused as a face, and with which words. The landmark model is faked where the rule is ours."""

from pathlib import Path

import numpy as np
import pytest

from microrelief.errors import FaceCovered, FaceTooSmall, NoFace, ProfileView, SeveralFaces
from microrelief.imaging.face import find
from microrelief.imaging.face.find import MAX_YAW_DEGREES, MIN_EYE_DISTANCE_PX, find_face
from microrelief.imaging.photo.photo import Photo
from tests.imaging.face.conftest import seen


@pytest.fixture
def shows(monkeypatch):
    """Let the landmark model report these faces, and nothing be covered."""

    def show(*faces):
        largest_first = sorted(faces, key=lambda face: -np.ptp(face.landmarks[:, 1]))
        monkeypatch.setattr(find, "find_faces", lambda rgb: list(largest_first))
        monkeypatch.setattr(find, "cover_of", lambda rgb, landmarks: "")

    return show


def test_a_picture_without_a_face_says_what_to_photograph(blank):
    with pytest.raises(NoFace, match=r"visit\.jpg: no face was found: use a photograph of one whole face"):
        find_face(blank)


def test_a_strip_too_long_for_the_landmark_model_is_a_picture_without_a_face():
    # the model's own code would abort the whole process
    strip = Photo(Path("strip.jpg"), "0" * 64, 1, np.full((2, 65_000, 3), 128, np.uint8))
    with pytest.raises(NoFace):
        find_face(strip)


def test_two_faces_say_how_to_choose_and_which_is_the_largest(blank, shows):
    shows(seen(centre=(300, 150), eyes_apart=90), seen(centre=(300, 550), eyes_apart=180))
    with pytest.raises(SeveralFaces) as refusal:
        find_face(blank)
    sentence = str(refusal.value)
    assert "2 faces were found" in sentence
    assert "--face-before N or --face-after N" in sentence
    assert "2 would take the largest" in sentence


def test_faces_are_counted_from_the_left_whatever_their_size(blank, shows):
    shows(seen(centre=(300, 150), eyes_apart=90), seen(centre=(300, 550), eyes_apart=180))
    assert find_face(blank, choose=1).landmarks[:, 1].mean() < 200
    assert find_face(blank, choose=2).landmarks[:, 1].mean() > 500


@pytest.mark.parametrize("choose", [0, 3, -1])
def test_a_face_that_is_not_there_names_the_range(blank, shows, choose):
    shows(seen(centre=(300, 150), eyes_apart=90), seen(centre=(300, 550), eyes_apart=180))
    with pytest.raises(SeveralFaces, match="choose 1 to 2"):
        find_face(blank, choose=choose)


@pytest.mark.parametrize("yaw", [-MAX_YAW_DEGREES - 5, MAX_YAW_DEGREES + 5])
def test_a_profile_is_refused_to_either_side(blank, shows, yaw):
    shows(seen(yaw_degrees=yaw))
    with pytest.raises(ProfileView, match="turned 45 degrees"):
        find_face(blank)


def test_a_head_turned_a_little_less_is_measured(blank, shows):
    shows(seen(yaw_degrees=MAX_YAW_DEGREES - 5))
    assert find_face(blank).pose.yaw_degrees == pytest.approx(MAX_YAW_DEGREES - 5)


def test_a_face_too_small_says_the_pixels_it_has_and_needs(blank, shows):
    shows(seen(eyes_apart=MIN_EYE_DISTANCE_PX - 2))
    with pytest.raises(FaceTooSmall, match=r"73 pixels between the eyes, at least 75 are needed"):
        find_face(blank)
    shows(seen(eyes_apart=MIN_EYE_DISTANCE_PX + 2))
    assert find_face(blank)


@pytest.mark.parametrize("centre", [(300, 20), (300, 780), (40, 400), (590, 400)])
def test_a_face_that_leaves_the_picture_is_refused(blank, shows, centre):
    shows(seen(centre=centre))
    with pytest.raises(FaceCovered, match="outside the picture"):
        find_face(blank)


def test_sixteen_bits_are_found_like_eight(monkeypatch, blank):
    given = []
    monkeypatch.setattr(find, "find_faces", lambda rgb: given.append(rgb) or [])
    deep = Photo(blank.path, blank.sha256, 1, np.full((600, 800, 3), 0x80FF, np.uint16))
    with pytest.raises(NoFace):
        find_face(deep)
    assert given[0].dtype == np.uint8
    assert given[0].max() == 0x80


@pytest.mark.shared
def test_a_head_drawn_in_profile_is_refused(shared):
    with np.load(shared / "heads" / "ict_facekit.npz") as head:
        vertices, quads = head["vertices"].astype(float), head["faces"]
    for yaw_degrees, refused in ((20, False), (65, True)):
        photo = Photo(shared / "head.png", "0" * 64, 1, drawn(vertices, quads, yaw_degrees))
        if refused:
            with pytest.raises(ProfileView):
                find_face(photo)
        else:
            assert find_face(photo).pose.yaw_degrees == pytest.approx(yaw_degrees, abs=8)


def drawn(vertices, quads, yaw_degrees, size=700):
    """A matt head in skin colour from the given side, painted back to front: uint8 (size, size, 3)."""
    import cv2

    turn = np.radians(yaw_degrees)
    centred = vertices - (vertices.min(0) + vertices.max(0)) / 2
    x = centred[:, 0] * np.cos(turn) + centred[:, 2] * np.sin(turn)
    turned = np.column_stack([x, centred[:, 1], centred[:, 2] * np.cos(turn) - centred[:, 0] * np.sin(turn)])
    corners = turned[np.where(quads < 0, quads[:, [2]], quads)]
    normals = np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-9
    shade = 0.25 + 0.75 * np.clip(normals @ np.array([0.3, 0.4, 0.87]), 0, 1)
    places = np.rint((corners[..., :2] * [1, -1] * size / 40 + size / 2) * 16).astype(np.int32)
    picture = np.full((size, size, 3), 120, np.uint8)
    for index in np.argsort(corners[:, :, 2].mean(axis=1)):
        if normals[index, 2] > 0:
            colour = tuple(float(level * shade[index]) for level in (225, 172, 145))
            cv2.fillConvexPoly(picture, places[index], colour, cv2.LINE_AA, 4)
    return picture
