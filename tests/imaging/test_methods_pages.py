"""The pages of docs/methods state the limits and parameters that the code has."""

import math
import re
from pathlib import Path

import pytest

from microrelief.imaging.change import marks, measure, relief, scars
from microrelief.imaging.face import find, zones
from microrelief.imaging.light import relative
from microrelief.imaging.pair import align_close_up, skin_match, texture
from microrelief.imaging.pair.audit import LIMITS
from microrelief.imaging.skin import close_up, mask, separate

PAGES = Path(__file__).parents[2] / "docs" / "methods"
PARAMETERS = {
    "close-up.md": (close_up, skin_match, align_close_up, texture, relative, measure),
    "face.md": (find, zones, mask),
    "light.md": (relative,),
    "redness.md": (marks, measure),
    "relief.md": (relief, scars, separate),
}


def rows(page: str) -> list[list[str]]:
    text = (PAGES / page).read_text(encoding="utf-8")
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.split("\n") if "|" in line]


def test_the_page_states_the_limits_of_the_audit() -> None:
    stated = {row[0]: row[2:4] for row in rows("comparability.md") if row[0] in LIMITS}
    expected = {
        name: [f"{limits.caution:g}", f"{limits.refuse:g}" if math.isfinite(limits.refuse) else "never"]
        for name, limits in LIMITS.items()
    }
    assert stated == expected


@pytest.mark.parametrize("page", PARAMETERS)
def test_the_page_states_the_parameters_of_the_code(page: str) -> None:
    def value(name: str) -> float:
        found = [getattr(module, name) for module in PARAMETERS[page] if hasattr(module, name)]
        assert found, f"{page} names {name}, which the code does not have"
        return float(found[0])

    named = [row for row in rows(page) if len(row) == 3 and re.match(r"`[A-Z_]+`", row[0])]
    assert named
    for names, stated, *_ in named:
        in_code = [value(name) for name in re.findall(r"`([A-Z_]+)`", names)]
        assert [float(number) for number in stated.split(",")] == in_code, names
