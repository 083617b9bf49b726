"""The plausibility check: quiet on one person, of some use on two, never an identity check."""

import itertools

import pytest

from microrelief.imaging.face.face import Face
from microrelief.imaging.face.find import pose_of, scale_of
from microrelief.imaging.pair.audit import _same_person
from microrelief.imaging.pair.comparability import CheckVerdict
from tests.imaging.face.conftest import found_in, shared  # noqa: F401  fixtures

pytestmark = pytest.mark.shared

PEOPLE = ["008", "027", "044", "064", "069", "096", "124", "129", "135", "142"]
"""Every second person of the set: the limit was chosen on the others."""


@pytest.fixture
def face_in(found_in):  # noqa: F811
    def find(name):
        photo, found = found_in(name)
        pose, scale = pose_of(found.head_transform), scale_of(found)
        return Face(photo, found.landmarks, found.depth, pose, found.expression, scale)

    return find


def test_one_person_neutral_and_smiling_is_plausible(face_in):
    for person in PEOPLE:
        check = _same_person(face_in(f"faces/{person}_neutral.jpg"), face_in(f"faces/{person}_smiling.jpg"))
        assert check.verdict is CheckVerdict.OK, f"{person}: {check.value}"


def test_different_people_are_often_a_caution_and_never_a_refusal(face_in):
    verdicts = [
        _same_person(face_in(f"faces/{one}_neutral.jpg"), face_in(f"faces/{other}_neutral.jpg")).verdict
        for one, other in itertools.combinations(PEOPLE, 2)
    ]
    assert verdicts.count(CheckVerdict.REFUSE) == 0
    assert verdicts.count(CheckVerdict.CAUTION) > len(verdicts) / 3
