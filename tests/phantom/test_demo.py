"""The demonstration pair that the package carries."""

import json

import numpy as np
import pytest
from PIL import Image

from microrelief.imaging.face.landmarks import find_faces, model_path
from microrelief.phantom.canonical import read_canonical_face
from microrelief.phantom.demo import CAMERA_MODEL, FOLDER

UPPER_LID, LOWER_LID = (159, 386), (145, 374)
IRISES = (468, 473)


@pytest.fixture(scope="module")
def truth():
    return json.loads((FOLDER / "truth.json").read_text())


def read(name: str) -> np.ndarray:
    with Image.open(FOLDER / f"{name}.jpg") as picture:
        return np.array(picture)


@pytest.mark.parametrize("name", ["before", "after"])
def test_one_face_with_open_eyes_is_found_straight_on(name):
    faces = find_faces(read(name))
    assert len(faces) == 1
    landmarks = faces[0].landmarks
    for upper, lower in zip(UPPER_LID, LOWER_LID, strict=True):
        assert landmarks[lower, 0] - landmarks[upper, 0] > 30
    assert max(faces[0].expression["eyeBlinkLeft"], faces[0].expression["eyeBlinkRight"]) < 0.5
    yaw = np.degrees(np.arctan2(faces[0].head_transform[0, 2], faces[0].head_transform[2, 2]))
    assert abs(yaw) < 8


def test_both_irises_are_where_the_pupils_are_dark():
    picture = read("before")
    landmarks = find_faces(picture)[0].landmarks
    for iris in IRISES:
        row, column = np.round(landmarks[iris]).astype(int)
        around = picture[row - 12 : row + 13, column - 12 : column + 13].mean(axis=-1)
        assert around.min() < 45


def test_the_files_are_small_dated_and_named_as_phantoms(truth):
    for name, visit in truth["visits"].items():
        file = FOLDER / f"{name}.jpg"
        assert file.stat().st_size < 1_000_000
        with Image.open(file) as picture:
            exif = picture.getexif()
            assert exif[0x0110] == CAMERA_MODEL
            assert exif.get_ifd(0x8769)[0x9003] == visit["taken_at"]


def test_the_truth_says_what_changed(truth):
    assert 0.58 <= truth["depth_ratio"] <= 0.68
    assert truth["redness_ratio"] < 1
    for scar in truth["scars"]:
        assert scar["depth_mm_after"] == pytest.approx(
            scar["depth_mm_before"] * truth["depth_ratio"], abs=2e-4
        )
    assert len(truth["visits"]["before"]["scar_row_column"]) == len(truth["scars"]) >= 40


def test_the_canonical_face_is_the_published_one():
    face = read_canonical_face(model_path())
    assert face.positions.shape == (468, 3)
    assert face.triangles.shape == (898, 3)
    # known: the canonical model is about 15.5 cm wide and its nose tip is its most forward point
    assert np.ptp(face.positions[:, 0]) == pytest.approx(154.9, abs=0.5)
    assert face.positions[:, 2].argmax() in (1, 4)
