"""The whole path on the demonstration pair, whose change is known, and on one photograph told twice."""

import json
import math
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from microrelief.imaging.change.outcome import Change
from microrelief.imaging.compare import compare

DEMO = Path(str(resources.files("microrelief.phantom"))) / "demo"
TRUTH = json.loads((DEMO / "truth.json").read_text())
SAME_SKIN = {"no measurable change", "not comparable"}


@pytest.fixture(scope="module")
def there() -> Change:
    return compare(DEMO / "before.jpg", DEMO / "after.jpg")


def test_the_demonstration_pair_is_comparable_and_its_change_is_found(there: Change) -> None:
    assert there.comparability.comparable
    assert there.relief.verdict == "improved"
    assert there.relief.low <= 100 * (TRUTH["depth_ratio"] - 1) <= there.relief.high
    assert there.redness.verdict == "improved"


def test_exchanged_photographs_turn_the_verdicts(there: Change) -> None:
    back = compare(DEMO / "after.jpg", DEMO / "before.jpg")
    assert back.relief.verdict == "worse"
    mirrored = 100 * (1 / (1 + back.relief.change_percent / 100) - 1)
    assert there.relief.low <= mirrored <= there.relief.high
    assert math.isclose(mirrored, there.relief.change_percent, abs_tol=3)
    assert back.redness.verdict == "worse"


def test_what_could_not_be_measured_is_masked(there: Change) -> None:
    for name, values in there.maps.items():
        assert values.shape == there.pair.valid.shape, name
        assert np.isnan(values[~there.pair.valid]).all(), name
    assert there.pair.zones["forehead"].any()


@pytest.mark.parametrize("trick", ["re-encoded", "a tenth of a stop brighter", "turned by three degrees"])
def test_one_photograph_told_twice_has_not_changed(trick: str, tmp_path: Path) -> None:
    picture = Image.open(DEMO / "before.jpg")
    if trick == "a tenth of a stop brighter":
        linear = (np.asarray(picture).astype(np.float64) / 255) ** 2.2 * 2**0.1
        picture = Image.fromarray(np.rint(np.clip(linear, 0, 1) ** (1 / 2.2) * 255).astype(np.uint8))
    if trick == "turned by three degrees":
        picture = picture.rotate(3, Image.Resampling.BICUBIC, fillcolor=(150, 150, 150))
    picture.save(tmp_path / "again.jpg", quality=88)
    found = compare(DEMO / "before.jpg", tmp_path / "again.jpg")
    assert {found.relief.verdict, found.redness.verdict, found.pigment.verdict} <= SAME_SKIN
