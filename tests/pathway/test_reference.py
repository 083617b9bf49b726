"""The page of rules is the one that would be written, whole, and cites only what the bibliography holds."""

from pathlib import Path

import pytest

from microrelief.errors import RulebookError
from microrelief.pathway.course import published_series
from microrelief.pathway.information import passages, treatments
from microrelief.pathway.reference import PAGE, main, read_titles, reference_page
from microrelief.pathway.rulebook import read_rulebook

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _at_the_root(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)


def test_the_page_is_up_to_date():
    assert main(["--check"]) == 0


def test_an_old_page_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    old = tmp_path / "rules.md"
    old.write_text("# The rules")
    monkeypatch.setattr("microrelief.pathway.reference.PAGE", old)
    assert main(["--check"]) == 1
    assert "out of date. Run: python -m microrelief.pathway.reference" in capsys.readouterr().err


def test_every_rule_series_treatment_and_passage_is_on_the_page():
    page = PAGE.read_text(encoding="utf-8")
    for rule in read_rulebook().versions:
        assert f"### {rule.id}\n" in page
        assert rule.says in page
        assert rule.memory in page
    assert all(f"| {row.result} | {row.harm} | [{row.source}]" in page for row in published_series())
    assert all(f"| {row.dark_marks} | {row.confidence}" in page for row in treatments())
    assert all(f"{passage.text} *{passage.confidence}" in page for passage in passages())


def test_a_source_that_the_bibliography_lacks_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    short = tmp_path / "short.bib"
    short.write_text("@misc{alam2014,\n  title = {x},\n  keywords = {read},\n}\n")
    monkeypatch.setattr("microrelief.pathway.reference.SOURCES", short)
    with pytest.raises(RulebookError, match=r"suitability\.age: cites 'fda-devices'"):
        reference_page(read_rulebook())


def test_a_source_that_stands_twice_is_refused(tmp_path: Path):
    twice = tmp_path / "twice.bib"
    twice.write_text(2 * "@misc{alam2014,\n  title = {x},\n  keywords = {read},\n}\n")
    with pytest.raises(RulebookError, match="stands twice"):
        read_titles(twice)
