"""The verb from the shell's side: what it prints, where errors go, exit codes."""

import json
from pathlib import Path

import pytest

from microrelief.cli.main import main

FACTS = "visit_on = 2026-12-01\npregnant_or_nursing = true\n"


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    path = tmp_path / "facts.toml"
    path.write_text(FACTS)
    return path


def test_json_says_verdict_and_questions(facts: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["pathway", "suitability", str(facts), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["schema"], told["verdict"], told["complete"]) == ("microrelief/pathway/1", "exclude", False)
    first = told["findings"][0]
    assert (first["rule"], first["whose"], first["confidence"]) == (
        "suitability.pregnancy",
        "the book",
        "strong",
    )
    assert any("keloid_tendency" in question for question in told["questions"])


def test_json_facts_are_read_as_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "facts.json"
    path.write_text('{"visit_on": "2026-12-01", "pregnant_or_nursing": true, "blood_thinner": null}')
    assert main(["pathway", "suitability", str(path)]) == 0
    assert capsys.readouterr().out.startswith("suitability, judged for 2026-12-01: exclude, ")


def test_all_shows_what_has_nothing_against_it(facts: Path, capsys: pytest.CaptureFixture[str]):
    facts.write_text(FACTS + "home_roller = false\n")
    main(["pathway", "suitability", str(facts)])
    assert "suitability.home_roller" not in capsys.readouterr().out
    main(["pathway", "suitability", str(facts), "--all"])
    assert "suitability.home_roller" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("visit_on = 2026-12-01\nage_years = 208\n", "age_years: 208 is not accepted"),
        ("visit_on = \n", "is neither TOML nor JSON"),
        ("[1, 2]", "is neither TOML nor JSON"),
        ("", "visit_on: is missing"),
        ('{"visit_on": "2026-12-01", "visit_on": [1]}', "visit_on: [1] is not accepted"),
        ("visit_on = 2020-01-01\n", "no rule was in force on that day"),
    ],
)
def test_bad_facts_are_one_sentence_and_exit_code_2(
    text: str, says: str, facts: Path, capsys: pytest.CaptureFixture[str]
):
    facts.write_text(text)
    assert main(["pathway", "suitability", str(facts)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("given", ["missing.toml", "."])
def test_a_file_that_cannot_be_read(given: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["pathway", "numbing", str(tmp_path / given)]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_bytes_that_are_no_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"\xff\xd8\xff\x00")
    assert main(["pathway", "numbing", str(path)]) == 2
    assert "is not text" in capsys.readouterr().err


def test_nothing_is_written_for_bad_facts(tmp_path: Path, facts: Path):
    calendar = tmp_path / "plan.ics"
    assert main(["pathway", "preparation", str(facts), "--ics", str(calendar)]) == 2
    assert not calendar.exists()


def test_a_calendar_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    plan = tmp_path / "plan.toml"
    plan.write_text("visit_on = 2026-12-01\nsession_on = 2027-01-05\n")
    assert main(["pathway", "preparation", str(plan), "--ics", str(tmp_path / "no" / "plan.ics")]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_rules_of_a_day_and_of_a_day_before_the_book(capsys: pytest.CaptureFixture[str]):
    assert main(["pathway", "rules", "numbing", "--on", "2026-12-01", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 24
    assert main(["pathway", "rules", "--on", "2026-01-01"]) == 2


@pytest.mark.parametrize(
    "stage", ["suitability", "preparation", "numbing", "session", "recovery", "course", "claims"]
)
def test_an_example_file_is_toml_that_asks_for_the_day(
    stage: str, facts: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["pathway", "example", stage]) == 0
    facts.write_text(capsys.readouterr().out)
    assert main(["pathway", stage, str(facts)]) == 2
    assert "is missing" in capsys.readouterr().err


def test_information_and_a_topic_that_is_none(capsys: pytest.CaptureFixture[str]):
    assert main(["pathway", "information", "compared", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["treatments"]) == 15
    assert main(["pathway", "information", "miracles"]) == 2
    assert "accepted are microneedling, laser" in capsys.readouterr().err
