"""The verb from folder to file, and how comparisons find the file."""

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from microrelief.cli.main import DONE, UNUSABLE
from microrelief.cli.repeatability import repeatability_in_use, standing_place
from microrelief.cohort import retest
from microrelief.errors import NoFace
from microrelief.imaging.change.outcome import Outcome, Verdict
from tests.cli.test_main import DEMO, ended
from tests.report.changes import drawn_change


@pytest.fixture
def repeats(tmp_path, monkeypatch):
    """A folder of five people, whose comparison is drawn: this is about the verb, not about pictures."""
    folder = tmp_path / "repeats"
    for person in "abcde":
        (folder / person).mkdir(parents=True)
        for shot in "12":
            (folder / person / f"{shot}.jpg").write_bytes(person.encode() + shot.encode())
    drawn = drawn_change()
    readings = {"a": 5.0, "b": -4.0, "c": 6.0, "d": -6.0}

    def compare(before: Path, after: Path):
        person = before.parent.name
        if person == "e":
            raise NoFace(before, "no face was found: give a photograph of a face.")
        value = readings[person]
        relief = Outcome(Verdict.NO_CHANGE, np.float64(value), value - 9, value + 9, 9.0)
        refused = Outcome(Verdict.NOT_COMPARABLE, None, None, None, None, ("no_marks",))
        photos = {
            side: replace(getattr(drawn, side), sha256=f"{ord(person):062x}0{shot}")
            for side, shot in (("before", 1), ("after", 2))
        }
        return replace(drawn, relief=relief, redness=refused, pigment=refused, **photos)

    monkeypatch.setattr(retest, "compare", compare)
    return folder


def test_the_figures_are_printed_and_nothing_is_written_unasked(capsys, repeats):
    before = sorted(repeats.rglob("*"))
    code, sentences, out = ended(capsys, "repeatability", repeats)
    assert code == DONE
    assert sentences[0] == "Understood by sub-folders: 5 people, 10 photographs, 5 pairs."
    assert sentences[-1].endswith("pair 5 of 5, person 5: 1.jpg, 2.jpg ...")
    assert "1 of 5 of your repeats are not comparable: no face (1)." in " ".join(out.split())
    assert "Relief: 4 pairs of 4 people; 4 of 4 intervals held no change." in out
    assert sorted(repeats.rglob("*")) == before
    assert not standing_place().exists()


def test_a_folder_gets_file_page_and_plot_and_may_be_written_again(capsys, repeats, tmp_path):
    for _ in range(2):
        code, sentences, _ = ended(capsys, "repeatability", repeats, "--out", tmp_path / "ours", "--quiet")
        assert (code, sentences) == (DONE, [])
        assert sorted(os.listdir(tmp_path / "ours")) == [
            "repeatability.json",
            "repeatability.md",
            "repeatability.png",
        ]
    assert json.loads((tmp_path / "ours" / "repeatability.json").read_bytes())["refused"]["pairs"] == 1


def test_a_name_in_json_is_the_file_alone(capsys, repeats, tmp_path):
    ended(capsys, "repeatability", repeats, "--out", tmp_path / "only.json", "--quiet")
    assert repeatability_in_use(tmp_path / "only.json", False).measures["relief"].pairs == 4


def test_only_use_puts_it_where_comparisons_look(capsys, repeats, tmp_path):
    assert repeatability_in_use(None, False) is None
    code, _, out = ended(capsys, "repeatability", repeats, "--use", "--quiet")
    assert code == DONE
    assert str(standing_place()) in out
    assert repeatability_in_use(None, False).pairs == 5
    assert repeatability_in_use(None, True) is None


def test_a_relative_settings_folder_is_ignored(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", "here")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert standing_place() == tmp_path / ".config" / "microrelief" / "repeatability.json"


@pytest.mark.parametrize("taken", ["folder", "file", "json"])
def test_a_place_that_is_taken_is_refused_before_anything_is_compared(capsys, repeats, tmp_path, taken):
    out = tmp_path / ("x.json" if taken == "json" else "x")
    if taken == "folder":
        out.mkdir()
        (out / "letter.txt").write_text("dear")
    else:
        out.write_text("dear")
    code, sentences, printed = ended(capsys, "repeatability", repeats, "--out", out, "--quiet")
    assert (code, printed) == (UNUSABLE, "")
    assert len(sentences) == 1
    assert "dear" in (out / "letter.txt" if taken == "folder" else out).read_text()


def test_too_few_repeats_end_in_one_sentence_and_write_nothing(capsys, repeats, tmp_path):
    for person in "abc":
        (repeats / person / "2.jpg").unlink()
    code, sentences, out = ended(
        capsys, "repeatability", repeats, "--out", tmp_path / "o", "--use", "--quiet"
    )
    assert (code, out) == (UNUSABLE, "")
    assert len(sentences) == 1
    assert "1 of 2 repeated pairs cannot be compared (no face 1)" in sentences[0]
    assert not (tmp_path / "o").exists()
    assert not standing_place().exists()


def test_a_damaged_file_in_use_stops_the_comparison_with_the_way_out(capsys, tmp_path):
    standing_place().parent.mkdir(parents=True)
    standing_place().write_text("{")
    given = ["compare", DEMO / "before.jpg", DEMO / "after.jpg", "--out", tmp_path / "r", "--quiet"]
    code, sentences, _ = ended(capsys, *given)
    assert code == UNUSABLE
    assert "make it again" in sentences[0]
    code, sentences, _ = ended(capsys, *given, "--repeatability", "x", "--no-repeatability")
    assert code == UNUSABLE
    assert "not allowed with" in sentences[0]


@pytest.mark.slow
def test_repeats_of_the_demonstration_are_measured_and_used(capsys, tmp_path):
    """Three encodings of one photograph: the real path, from pictures to a comparison that honours them."""
    folder = tmp_path / "repeats"
    folder.mkdir()
    with Image.open(DEMO / "before.jpg") as picture:
        for number, quality in enumerate((95, 88, 80), 1):
            picture.rotate(number - 2, Image.Resampling.BICUBIC, fillcolor=(150, 150, 150)).save(
                folder / f"demo_{number}.jpg", quality=quality
            )
    code, _, out = ended(capsys, "repeatability", folder, "--use", "--quiet")
    assert code == DONE
    assert "Relief: 3 pairs of 1 person;" in out
    given = ["compare", DEMO / "before.jpg", DEMO / "after.jpg", "--quiet", "--out", tmp_path / "used"]
    assert ended(capsys, *given)[0] == DONE
    used = json.loads((tmp_path / "used" / "result.json").read_bytes())["repeatability"]
    assert used["sha256"] == repeatability_in_use(None, False).sha256
    assert used["measures"]["relief"]["pairs"] == 3
    assert used["sha256"] in (tmp_path / "used" / "report.html").read_text("utf-8")
