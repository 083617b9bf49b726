"""The whole path on close-ups of drawn skin whose pits are known, and what is said when it cannot be gone."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from microrelief import compare
from microrelief.errors import InputError, NoSkin, NotTheSameSkin, SameFile, ScaleMissing
from microrelief.imaging.change.outcome import Change, Verdict
from microrelief.imaging.compare import Choices
from microrelief.report.page import page_html
from microrelief.report.picture import pair_picture
from microrelief.report.result import result_document
from tests.bench.material import encode
from tests.imaging.change.skins import MM, photographed, pits, texture

SAME = Choices(close_up=True, mm_per_pixel_before=MM, light="same")


def drawn(path: Path, seed: int, shot: int, depth: float = 1.0, turn: float = 0.0) -> Path:
    light = photographed(texture(seed) + pits(seed, depth=depth), shot, noise=0.006)
    picture = Image.fromarray(encode(np.exp(light)[..., None] * np.array([0.42, 0.26, 0.19], np.float32)))
    picture = picture.rotate(turn, Image.Resampling.BICUBIC).crop((20, 20, 400, 400))
    picture.save(path)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("close-ups")
    drawn(place / "before.png", 3, 1)
    drawn(place / "again.png", 3, 2, turn=1.5)
    drawn(place / "half.png", 3, 4, depth=0.5, turn=-1.0)
    drawn(place / "other.png", 9, 5)
    return place


@pytest.fixture(scope="module")
def halved(folder: Path) -> Change:
    return compare(folder / "before.png", folder / "half.png", SAME)


def test_pits_of_half_the_depth_are_found_shallower(halved: Change) -> None:
    assert halved.comparability.comparable
    assert halved.relief.verdict is Verdict.IMPROVED
    assert halved.relief.low <= -50 <= halved.relief.high
    assert halved.zones == {}


def test_exchanged_photographs_mirror_the_change(folder: Path, halved: Change) -> None:
    stated = Choices(close_up=True, mm_per_pixel_after=MM, light="same")
    back = compare(folder / "half.png", folder / "before.png", stated)
    assert back.relief.verdict is Verdict.WORSE
    for there, here in (("change_percent", "change_percent"), ("low", "high"), ("high", "low")):
        mirrored = 100 * (1 / (1 + getattr(back.relief, here) / 100) - 1)
        assert mirrored == pytest.approx(getattr(halved.relief, there), abs=0.5)
    assert [c.verdict for c in back.comparability.checks] == [c.verdict for c in halved.comparability.checks]


def test_the_same_skin_photographed_again_has_not_changed(folder: Path) -> None:
    again = compare(folder / "before.png", folder / "again.png", SAME)
    assert again.relief.verdict is Verdict.NO_CHANGE
    assert again.relief.low <= 0 <= again.relief.high


def test_light_that_no_one_stated_is_flagged_and_widens_the_interval(folder: Path, halved: Change) -> None:
    unknown = compare(
        folder / "before.png", folder / "half.png", Choices(close_up=True, mm_per_pixel_before=MM)
    )
    assert "light_not_known" in unknown.relief.flags
    assert "light_not_known" not in halved.relief.flags
    assert unknown.relief.low < halved.relief.low
    assert unknown.relief.high > halved.relief.high
    assert unknown.redness.change_percent == halved.redness.change_percent


def test_the_report_says_close_up_and_claims_no_face(halved: Change) -> None:
    document = result_document(halved)
    assert document["subject"] == "close-up"
    assert document["zones"] == {}
    assert document["scale"]["source"] == "stated for the other photograph"
    page = page_html(halved)
    assert "Close-up" in page
    assert "a patch of skin and no face" in page
    assert "zone-table" not in page.split("</style>")[1]
    assert "their right is on the left" not in page
    assert f"--close-up --scale-before {MM} --light same" in page
    assert pair_picture(halved).width == 2000
    names = {check["name"] for check in document["comparability"]["checks"]}
    assert not names & {
        "head pose",
        "expression",
        "light direction",
        "light hardness",
        "same person",
        "beard",
    }


def test_other_skin_is_refused(folder: Path) -> None:
    with pytest.raises(NotTheSameSkin, match=r"before\.png and other\.png do not show the same skin"):
        compare(folder / "before.png", folder / "other.png", SAME)


def test_no_scale_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(ScaleMissing, match="count the pixels over 10 mm"):
        compare(tmp_path / "missing.jpg", tmp_path / "missing too.jpg", Choices(close_up=True))


def test_one_file_twice_and_a_picture_without_skin_are_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(SameFile):
        compare(folder / "before.png", folder / "before.png", SAME)
    Image.new("RGB", (300, 300), (90, 90, 90)).save(tmp_path / "wall.png")
    with pytest.raises(NoSkin, match=r"wall\.png"):
        compare(folder / "before.png", tmp_path / "wall.png", SAME)


def test_a_close_up_taken_for_a_face_is_told_of_the_option(folder: Path) -> None:
    with pytest.raises(InputError, match=r"no face was found.*--close-up"):
        compare(folder / "before.png", folder / "half.png")
