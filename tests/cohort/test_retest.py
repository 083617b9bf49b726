"""Repeats become figures, a file and a page. What was read is invented: no number comes from pictures."""

import io
import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from PIL import Image

from microrelief.cohort.repeatability_file import read_repeatability, repeatability_json, write_file
from microrelief.cohort.repeatability_page import repeatability_page, repeatability_plot, repeatability_text
from microrelief.cohort.retest import Compared, concluded
from microrelief.errors import OutputError, RepeatsError
from microrelief.imaging.change.widen import widen
from microrelief.report.page import page_html
from microrelief.report.result import result_document
from tests.report.changes import drawn_change

TODAY = date(2026, 11, 22)


def compared(relief, half=10.0, refused=0):
    """Repeats that read these changes of relief in percent, and refused ones."""
    good = [
        Compared(k, f"{k:064x}", f"{k + 1000:064x}", "A", True, (), {"relief": (x, x - half, x + half)})
        for k, x in enumerate(relief, 1)
    ]
    bad = [Compared(90 + k, "", "", "F", False, ("light direction",)) for k in range(refused)]
    return (*good, *bad)


def retest(relief=(4.0, -3.0, 6.0, -5.0, 2.0), **how):
    return concluded("Understood by names: 5 people.", compared(relief, **how), TODAY)


def test_refused_repeats_are_an_answer_with_their_reasons():
    found = retest(refused=7)
    assert "7 of 12 of your repeats are not comparable: light direction (7)." in repeatability_text(found)
    assert found.repeatability.refused == 7
    assert found.repeatability.measures["relief"].pairs == 5
    assert "redness" not in found.repeatability.measures


def test_too_few_comparable_repeats_are_refused_with_the_reason():
    with pytest.raises(RepeatsError, match=r"8 of 10 .*light direction 8.*fewer than 3.*at least 3"):
        retest((1.0, 2.0), refused=8)


def test_the_file_comes_back_as_it_went_and_is_known_by_its_hash(tmp_path):
    found = retest(refused=1)
    file = tmp_path / "new" / "repeatability.json"
    write_file(file, repeatability_json(found).encode())
    read = read_repeatability(file)
    assert len(read.sha256) == 64
    assert replace(read, sha256="") == found.repeatability
    assert read_repeatability(file.parent) == read
    assert [path.name for path in file.parent.iterdir()] == ["repeatability.json"]


def test_the_file_names_nobody(tmp_path):
    document = json.loads(repeatability_json(retest(refused=1)))
    assert document["schema"] == "microrelief/repeatability/1"
    assert document["pairs"][0]["before"] == f"{1:064x}"
    assert document["refused"] == {"pairs": 1, "reasons": {"light direction": 1}}
    assert "names" not in json.dumps(document)


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[1]", b"\xff", b'{"schema": "microrelief/comparison/1"}', b"[" * 100_000],
    ids=["empty", "bare", "list", "bytes", "another", "deep"],
)
def test_what_is_no_such_file_is_refused(tmp_path, content):
    file = tmp_path / "repeatability.json"
    file.write_bytes(content)
    with pytest.raises(RepeatsError, match="make it again"):
        read_repeatability(file)


def test_a_file_changed_by_hand_beyond_its_schema_is_refused(tmp_path):
    document = json.loads(repeatability_json(retest()))
    document["measures"]["relief"]["factor"] = -1
    file = tmp_path / "repeatability.json"
    file.write_text(json.dumps(document))
    with pytest.raises(RepeatsError, match="changed by hand"):
        read_repeatability(file)
    with pytest.raises(RepeatsError, match="cannot be read"):
        read_repeatability(tmp_path / "none.json")


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="cannot be written"):
        write_file(tmp_path / "file" / "repeatability.json", b"{}")


def test_one_screen_says_what_follows():
    text = repeatability_text(retest((30.0, -28.0, 35.0, -30.0, 25.0)))
    assert "widened" in text
    assert "0 of 5 intervals held no change" in text
    assert "5 independent repeats know little" in text
    assert len(text.splitlines()) <= 24
    assert max(map(len, text.splitlines())) <= 96
    assert "stay as they are" in repeatability_text(retest())


def test_a_steady_difference_is_pointed_at():
    words = " ".join(repeatability_text(retest((8.0, 9.0, 8.5, 9.5, 8.0, 9.0))).split())
    assert "find out what changes" in words


def test_the_page_has_the_figures_and_the_plot_shows_every_repeat():
    found = retest()
    page = repeatability_page(found)
    assert "| Relief | 5 of 5 people |" in page
    assert "repeatability.png" in page
    picture = np.asarray(Image.open(io.BytesIO(repeatability_plot(found))).convert("L"))
    assert picture.shape[0] > 400
    empty = retest((0.0, 0.0, 0.0))
    assert repeatability_plot(empty).startswith(b"\x89PNG")


def test_the_result_and_the_report_say_that_it_was_used(tmp_path):
    file = tmp_path / "repeatability.json"
    write_file(file, repeatability_json(retest((30.0, -28.0, 35.0, -30.0, 25.0))).encode())
    used = read_repeatability(file)
    change = widen(drawn_change(), used)
    stated = result_document(change)["repeatability"]
    assert stated["sha256"] == used.sha256
    assert stated["measures"]["relief"]["factor"] > 2
    assert change.relief.verdict == "no measurable change"
    page = page_html(change)
    assert used.sha256 in page
    assert "own repeated photographs of 22\u00a0Nov\u00a02026" in page
    assert "wider, from repeats" in page.lower()
    assert "repeatability" not in result_document(drawn_change())
    assert "Repeatability" not in page_html(drawn_change())
