"""Ticks of a live frame, on the demonstration's face and on what was done to it."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter, ImageOps

from microrelief.imaging.face.find import find_face
from microrelief.imaging.pair.framing import Tick, find_in_frame, judge_frame
from microrelief.imaging.photo.photo import Photo
from microrelief.phantom import demo

BEFORE = Path(demo.__file__).parent / "demo" / "before.jpg"


def frame(change=lambda picture: picture) -> Photo:
    with Image.open(BEFORE) as picture:
        small = change(picture.convert("RGB").resize((576, 720), Image.Resampling.BOX))
    return Photo(Path("frame"), "0" * 64, 1, np.asarray(small))


@pytest.fixture(scope="module")
def baseline():
    return find_face(frame())


def ticks(photo: Photo, baseline, view="front") -> dict[str, bool | None]:
    face = find_in_frame(photo)
    assert not isinstance(face, Tick), face
    return {tick.name: tick.ok for tick in judge_frame(face, view, baseline)}


def test_the_baseline_against_itself_has_every_tick(baseline):
    assert set(ticks(frame(), baseline).values()) == {True}


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("sharpness", lambda picture: picture.filter(ImageFilter.GaussianBlur(2.2))),
        ("light", ImageOps.mirror),
        ("light", lambda picture: picture.point(lambda value: value // 2)),
        (
            "distance",
            lambda picture: ImageOps.expand(picture.resize((346, 432)), (115, 144), fill=(90, 90, 90)),
        ),
        ("pose", lambda picture: picture.rotate(18, fillcolor=(90, 90, 90))),
    ],
)
def test_each_fault_takes_its_own_tick_away(baseline, name, change):
    found = ticks(frame(change), baseline)
    assert found.pop(name) is False
    assert found["face"] is True


def test_a_wall_has_no_face():
    wall = Photo(Path("frame"), "0" * 64, 1, np.full((400, 300, 3), 120, np.uint8))
    told = find_in_frame(wall)
    assert isinstance(told, Tick)
    assert told.ok is False


def test_without_a_baseline_a_side_view_asks_for_the_turn_to_the_right_side():
    face = find_in_frame(frame())
    assert not isinstance(face, Tick)
    for view, side in (("left_45", "their right"), ("right_45", "their left")):
        pose = next(tick for tick in judge_frame(face, view, None) if tick.name == "pose")
        assert pose.ok is False
        assert side in pose.says
