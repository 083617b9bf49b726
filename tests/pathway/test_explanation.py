"""The page on what the book holds names only rules that are in it, and all thirty rows."""

import re
from pathlib import Path

from microrelief.pathway.rulebook import STAGES, read_rulebook

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "rulebook.md"


def test_every_id_on_the_page_is_a_rule():
    ids = set(re.findall(rf"`((?:{'|'.join(STAGES)})\.\w+)`", PAGE.read_text(encoding="utf-8")))
    known = {rule.id for rule in read_rulebook().versions}
    prefixes = {name for name in ids if name.endswith("_")}
    assert ids - prefixes <= known
    assert all(any(rule.startswith(prefix) for rule in known) for prefix in prefixes)
    assert len(ids) > 60


def test_all_thirty_rows_are_there():
    rows = [int(at) for at in re.findall(r"^\| (\d+) ", PAGE.read_text(encoding="utf-8"), re.M)]
    assert rows == list(range(1, 31))
