"""Real photographs through the whole room, where the validation data is at hand."""

import json

import pytest
from PIL import Image

from microrelief.report.write import write_report
from tests.report import changes


@pytest.mark.shared
def test_a_real_pair_of_full_size_makes_a_whole_report(tmp_path):
    root = changes.shared()
    if root is None:
        pytest.skip("the validation data is not here: set MICRORELIEF_SHARED or put it beside the repository")
    faces = root / "data" / "faces"
    change = changes.real_change(faces / "008_neutral.jpg", faces / "008_smiling.jpg")
    write_report(change, tmp_path / "out")
    assert (tmp_path / "out" / "report.html").stat().st_size < 6e6
    assert json.loads((tmp_path / "out" / "result.json").read_text("utf-8"))["inputs"]["after"]["size"] == [
        1350,
        1350,
    ]
    with Image.open(tmp_path / "out" / "pair.png") as picture:
        assert max(picture.size) <= 2400
