"""The book refuses what is incomplete, keeps its dates, and says whose value was used."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from microrelief.errors import RulebookError
from microrelief.pathway.judge import judge
from microrelief.pathway.rulebook import read_rulebook
from microrelief.pathway.table import outcome_table
from tests.spec.session import BASE

RULE = """\
[session.interval]
says = "Four weeks"
unit = "days"
block_below = 14
warn_below = 28
source = ["harris2015"]
confidence = "moderate"
since = 2026-11-22
"""


def _book(folder: Path, text: str) -> Path:
    (folder / "session.toml").write_text(text)
    return folder


@pytest.mark.parametrize("key", ["says", "unit", "source", "confidence", "since"])
def test_a_rule_without_one_of_these_is_refused(tmp_path: Path, key: str):
    text = "\n".join(line for line in RULE.splitlines() if not line.startswith(f"{key} "))
    with pytest.raises(RulebookError, match=f"session.interval: lacks {key}"):
        read_rulebook(rules=_book(tmp_path, text))


@pytest.mark.parametrize(
    ("swap", "says"),
    [
        (("moderate", "certain"), "confidence = 'certain'; accepted are strong, moderate, weak, disputed"),
        (("since = 2026-11-22", 'since = "soon"'), "since = 'soon' must be a date"),
        (("since = 2026-11-22", "since = 2026-11-22\nuntil = 2026-01-01"), "lies before since"),
        (("block_below = 14", "block_below = -14"), "block_below = -14 is not a value"),
        (("block_below = 14", "block_below = true"), "block_below = True is not a value"),
        (('unit = "days"', 'unit = "days"\nlevl = "stop"'), "levl = 'stop' is not a value"),
        (
            ('unit = "days"', 'unit = "days"\nlevel = "exclude"'),
            "level = 'exclude'; accepted are ok, ask, warning, stop",
        ),
        (('unit = "days"', 'unit = "days"\nmemory = "the days"'), "must be weak or disputed"),
        (('unit = "days"', 'unit = "yes or no"'), "either values with their unit"),
        (('source = ["harris2015"]', "source = [7]"), "must be keys of docs/references.bib"),
        (("[session.interval]", "[numbing.interval]"), "every rule in it must begin with"),
        (("[session.interval]", "[session.interval"), "is not TOML"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, swap: tuple[str, str], says: str):
    with pytest.raises(RulebookError) as told:
        read_rulebook(rules=_book(tmp_path, RULE.replace(*swap)))
    assert says in str(told.value)


def test_an_old_visit_is_judged_by_the_rules_of_its_day(tmp_path: Path):
    two = RULE.replace("[session.interval]", "[[session.interval]]").replace(
        "since = 2026-11-22", "since = 2020-01-01\nuntil = 2026-11-21"
    )
    two += RULE.replace("[session.interval]", "[[session.interval]]").replace("= 28", "= 42")
    book = read_rulebook(rules=_book(tmp_path, two))
    assert book.on(date(2026, 11, 21))["session.interval"].number("warn_below") == 28
    assert book.on(date(2026, 11, 22))["session.interval"].number("warn_below") == 42


def test_two_versions_on_one_day_are_refused(tmp_path: Path):
    two = 2 * RULE.replace("[session.interval]", "[[session.interval]]")
    with pytest.raises(RulebookError, match="two versions hold on 2026-11-22"):
        read_rulebook(rules=_book(tmp_path, two))


def test_a_visit_before_the_book_is_not_judged():
    with pytest.raises(RulebookError, match="the book begins on 2026-11-22"):
        judge("session", {**BASE, "visit_on": date(2026, 11, 21)}, read_rulebook())


def test_recalled_rules_are_weak_or_disputed_and_every_page_of_the_book_is_there():
    versions = read_rulebook().versions
    assert {rule.stage for rule in versions} == {
        "suitability",
        "preparation",
        "numbing",
        "session",
        "recovery",
        "course",
        "claims",
    }
    assert all(rule.confidence in ("weak", "disputed") for rule in versions if rule.memory)
    unread = {
        "convention",
        "memory-label",
        "mdr-memory",
        "alster2018",
        "cap-under18",
        "emla-us-children",
        "infiltration-ceiling",
    }
    assert not [
        rule.id
        for rule in versions
        if set(rule.source) <= unread and rule.confidence in ("strong", "moderate")
    ]


CLINIC = """\
clinic = "Clinic North"
[session.interval]
warn_below = 35
why = "our own audit of dark marks"
since = 2026-12-01
until = 2027-12-31
"""


def _clinic(folder: Path, text: str = CLINIC) -> Path:
    path = folder / "ours.toml"
    path.write_text(text)
    return path


def test_a_finding_says_whose_value_it_used(tmp_path: Path):
    book = read_rulebook(_clinic(tmp_path))
    facts = {**BASE, "last_session_on": date(2026, 11, 1)}
    found = next(f for f in judge("session", facts, book).findings if f.rule.id == "session.interval")
    assert found.level == "warning"
    assert found.whose == "Clinic North (the book: warn_below 28; why: our own audit of dark marks)"
    assert "Clinic North" in outcome_table(judge("session", facts, book))


def test_a_clinic_s_value_holds_for_its_days_only(tmp_path: Path):
    book = read_rulebook(_clinic(tmp_path))
    for day, value, whose in [
        (date(2026, 11, 30), 28, "the book"),
        (date(2026, 12, 1), 35, "Clinic North"),
        (date(2027, 12, 31), 35, "Clinic North"),
        (date(2028, 1, 1), 28, "the book"),
    ]:
        rule = book.on(day)["session.interval"]
        assert (rule.number("warn_below"), rule.whose) == (value, whose)


@pytest.mark.parametrize(
    ("swap", "says"),
    [
        (('clinic = "Clinic North"', ""), "must begin with the owner"),
        (("session.interval", "session.intervall"), "is no rule of the book"),
        (("warn_below = 35", "warn_below = -1"), "warn_below = -1 is not a value"),
        (("warn_below = 35", "warn = 35"), "accepted: block_below, warn_below"),
        (("warn_below = 35", 'warn_below = ["35"]'), "give the same kind"),
        (("warn_below = 35\n", ""), "changes nothing"),
        (('why = "our own audit of dark marks"\n', ""), "needs its reason"),
        (("since = 2026-12-01\n", ""), "needs the date it holds from"),
        (("until = 2027-12-31", "until = 2026-01-01"), "lies before since"),
    ],
)
def test_what_is_wrong_in_a_clinic_s_file_is_named(tmp_path: Path, swap: tuple[str, str], says: str):
    with pytest.raises(RulebookError) as told:
        read_rulebook(_clinic(tmp_path, CLINIC.replace(*swap)))
    assert says in str(told.value)


def test_a_missing_clinic_s_file_is_one_sentence(tmp_path: Path):
    with pytest.raises(RulebookError, match=r"none\.toml: cannot be read"):
        read_rulebook(tmp_path / "none.toml")


def test_every_rule_holds_on_the_day_after_the_book_began():
    book = read_rulebook()
    assert set(book.on(date(2026, 11, 22)).rules) == set(
        book.on(date(2026, 11, 22) + timedelta(days=1)).rules
    )
