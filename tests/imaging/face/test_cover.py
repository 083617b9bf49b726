"""Covered faces are refused; skin of any tone in any usable light is not. Real faces, painted covers."""

import cv2
import numpy as np
import pytest

from microrelief.imaging.face.zones import cover_of

pytestmark = pytest.mark.shared

PEOPLE = ["001", "008", "045", "069", "096", "124", "126", "137"]
"""From the palest to the darkest of the set; 008, 045 and 137 with beard or stubble."""
LIGHTS = {
    "as it is": (1, 1, 1),
    "one stop more": (2, 2, 2),
    "one stop less": (0.5, 0.5, 0.5),
    "warm": (1.33, 0.67, 0.23),
    "cool": (0.65, 1, 1.6),
}
UNDER_THE_EYES = [234, 116, 117, 118, 119, 100, 196, 197, 419, 329, 348, 347, 346, 345, 454]
JAW = [361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150, 136, 172, 58, 132]


@pytest.fixture(params=PEOPLE)
def face(request, found_in):
    """A person's picture and landmarks at half size, which is quicker."""
    photo, found = found_in(f"faces/{request.param}_neutral.jpg")
    small = cv2.resize(photo.srgb, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return small, (found.landmarks + 0.5) / 2 - 0.5


def test_bare_skin_is_not_taken_for_a_cover_in_any_light(face):
    picture, landmarks = face
    linear = (picture / 255.0) ** 2.2
    for name, factors in LIGHTS.items():
        lit = (np.clip(linear * factors, 0, 1) ** (1 / 2.2) * 255).astype(np.uint8)
        assert cover_of(lit, landmarks) == "", name
    grey = np.repeat(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
    assert cover_of(grey, landmarks) == ""


@pytest.mark.parametrize(
    "cloth", [(150, 195, 222), (238, 238, 236), (28, 28, 30)], ids=["blue", "white", "black"]
)
def test_a_mask_is_refused(face, cloth):
    picture, landmarks = face
    assert "cheek" in cover_of(painted(picture, landmarks, UNDER_THE_EYES + JAW, cloth), landmarks)


def test_a_cloth_over_one_cheek_names_the_patients_side(face):
    picture, landmarks = face
    left = [454, 347, 348, 349, 277, 371, 426, 432, 434, 367, 288, 361]
    assert (
        cover_of(painted(picture, landmarks, left, (236, 238, 240)), landmarks)
        == "the patient's left cheek is"
    )


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_bar_over_the_eyes_is_refused(face, level):
    picture, landmarks = face
    outer = landmarks[[33, 263]]
    width = abs(outer[1, 1] - outer[0, 1])
    row, first, last = outer[:, 0].mean(), outer[:, 1].min(), outer[:, 1].max()
    barred = picture.copy()
    barred[int(row - width / 5) : int(row + width / 5), int(first - width / 4) : int(last + width / 4)] = (
        level
    )
    assert "eye" in cover_of(barred, landmarks)


def test_dark_glasses_are_refused(face):
    picture, landmarks = face
    lenses = np.zeros(picture.shape[:2], np.uint8)
    width = np.linalg.norm(landmarks[33] - landmarks[263])
    for corners in ((33, 133), (263, 362)):
        row, column = landmarks[list(corners)].mean(axis=0)
        cv2.ellipse(lenses, (int(column), int(row)), (int(width * 0.27), int(width * 0.22)), 0, 0, 360, 1, -1)
    shaded = np.where(lenses[..., None] > 0, picture * 0.1 + 10, picture).astype(np.uint8)
    assert "eye" in cover_of(shaded, landmarks)


def painted(picture, landmarks, ids, colour):
    """The picture with a cloth of one colour and a weave of noise over the polygon of landmarks."""
    shape = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillPoly(shape, [np.rint(landmarks[ids][:, ::-1]).astype(np.int32)], 1)
    weave = np.array(colour) + np.random.default_rng(1).normal(0, 4, picture.shape)
    return np.where(shape[..., None] > 0, weave, picture).clip(0, 255).astype(np.uint8)
