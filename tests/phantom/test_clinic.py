"""The demonstration clinic's photographs, as the package carries them."""

import json

import numpy as np
import pytest
from PIL import Image

from microrelief.imaging.face.landmarks import find_faces
from microrelief.phantom.clinic import FOLDER, SITTERS, YAW, picture_name, truth

MOST_BYTES = 8 * 10**6


def test_every_photograph_is_there_and_no_other_and_the_truth_is_of_them():
    wanted = {
        picture_name(sitter.name, number, seen)
        for sitter in SITTERS
        for number, visit in enumerate(sitter.visits)
        for seen in visit.seen
    }
    found = {file.name: file.stat().st_size for file in FOLDER.glob("*.jpg")}
    assert set(found) == wanted
    assert sum(found.values()) < MOST_BYTES
    assert json.loads((FOLDER / "truth.json").read_text()) == json.loads(json.dumps(truth()))
    assert {sitter.tone for sitter in SITTERS} == {1, 2, 3, 4, 5, 6}


@pytest.mark.parametrize("sitter", SITTERS, ids=lambda sitter: sitter.name)
def test_one_face_looks_straight_ahead_with_open_eyes(sitter):
    with Image.open(FOLDER / picture_name(sitter.name, 0, "front")) as picture:
        faces = find_faces(np.array(picture))
    assert len(faces) == 1
    assert max(faces[0].expression["eyeBlinkLeft"], faces[0].expression["eyeBlinkRight"]) < 0.5
    assert abs(_yaw(faces[0])) < 8


def test_the_sides_are_the_patients_own_left_and_right():
    for seen in ("left_45", "right_45"):
        with Image.open(FOLDER / picture_name("finished", 0, seen)) as picture:
            [face] = find_faces(np.array(picture))
        assert np.sign(_yaw(face)) == np.sign(YAW[seen])
        assert abs(_yaw(face)) > 25


def _yaw(face) -> float:
    return float(np.degrees(np.arctan2(face.head_transform[0, 2], face.head_transform[2, 2])))
