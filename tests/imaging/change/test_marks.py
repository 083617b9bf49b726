"""Redness and pigment on patches of known truth."""

import cv2
import numpy as np

from microrelief.imaging.change.marks import find_marks, read_marks
from tests.imaging.change.skins import MM, SHAPE, photographed, texture, whole


def spots(strength: float) -> tuple[np.ndarray, np.ndarray]:
    """A layer with 20 coloured spots, and where they are."""
    rng = np.random.default_rng(4)
    centres = np.zeros(SHAPE, np.float32)
    for row, column in rng.integers(40, SHAPE[0] - 40, (20, 2)):
        centres[row, column] = 1
    where = cv2.dilate(centres, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (13, 13))) > 0
    return strength * cv2.GaussianBlur(where.astype(np.float32), (0, 0), 2), where


def read(before: float, after: float, offset: float = 0.0):
    (b, where), (a, _) = spots(before), spots(after)
    marks = find_marks(
        photographed(b + texture(1, 0.01), 1),
        photographed(a + texture(1, 0.01), 2, exposure=offset),
        where,
        whole(),
        MM,
    )
    return read_marks(marks, None, 0.0, (), MM)


def test_a_faded_mark_is_read_as_faded() -> None:
    found = read(0.2, 0.1)
    assert found is not None
    assert found.verdict == "improved"
    assert -60 < found.change_percent < -40
    assert found.low < -50 < found.high


def test_a_mark_that_is_gone_is_read_as_gone() -> None:
    found = read(0.2, 0.0)
    assert found is not None
    assert found.change_percent < -90


def test_the_same_marks_under_another_white_balance_have_not_changed() -> None:
    # white balance adds one number to a layer of log light
    found = read(0.2, 0.2, offset=0.4)
    assert found is not None
    assert found.verdict == "no measurable change"
    assert abs(found.change_percent) < 6


def test_exchanging_the_photographs_turns_the_verdict() -> None:
    assert read(0.1, 0.2).verdict == "worse"
    assert read(0.2, 0.1).verdict == "improved"


def test_colourless_scars_have_no_excess_to_compare() -> None:
    assert read(0.0, 0.0) is None
