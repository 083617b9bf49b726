"""A clinic's own limits: which values judge, which way is stricter, and how grave a rule may be made."""

from datetime import date

import pytest

from microrelief.errors import RulebookError
from microrelief.pathway.limits import LIMITS, graver_levels, is_hard, limits_of, loosened
from microrelief.pathway.rulebook import read_rulebook
from microrelief.pathway.session import check_session
from microrelief.pathway.suitability import judge_suitability

DAY = date(2026, 12, 1)
BOOK = read_rulebook()
RULES = BOOK.on(DAY).rules


def own(tmp_path, text: str):
    file = tmp_path / "ours.toml"
    file.write_text(f'clinic = "Clinic North"\n{text}\n')
    return read_rulebook(file)


def test_every_limit_stands_in_the_book():
    """A name that is misspelt would never be offered, and nobody would notice."""
    assert set(LIMITS) == {name for rule in RULES.values() for name in limits_of(rule)}


@pytest.mark.parametrize(
    ("rule", "name", "stricter", "looser"),
    [
        ("session.interval", "block_below", 21, 7),
        ("session.depth_cap", "cap", 1.0, 2.5),
        ("numbing.systemic", "alarm_mg", 200, 400),
        ("suitability.infection_wait", "wait", 21, 7),
        ("suitability.diabetes", "refer_above", 7, 9),
        ("numbing.duration", "begin_within", 30, 90),
    ],
)
def test_stricter_is_what_stops_more(rule, name, stricter, looser):
    assert loosened(RULES[rule], {name: stricter}) == ()
    assert loosened(RULES[rule], {name: looser}) == (name,)
    assert loosened(RULES[rule], {name: RULES[rule].number(name)}) == ()


def test_the_judge_agrees_which_way_is_stricter(tmp_path):
    """The verdict of the session itself: the stricter value stops what the looser lets pass."""
    facts = {"visit_on": DAY, "last_session_on": date(2026, 11, 13)}  # 18 days
    levels = []
    for days in (7, 21):
        book = own(tmp_path, f'[session.interval]\nblock_below = {days}\nwhy = "x"\nsince = 2026-12-01')
        outcome = check_session(facts, book)
        levels += [one.level for one in outcome.findings if one.rule.id == "session.interval"]
    assert levels == ["warning", "stop"]


def test_a_rule_can_be_made_graver_and_says_so_and_never_milder(tmp_path):
    rule = RULES["suitability.herpes_history"]
    assert graver_levels(rule) == ("defer", "exclude")
    raised = own(tmp_path, '[suitability.herpes_history]\nlevel = "defer"\nwhy = "ours"\nsince = 2026-12-01')
    outcome = judge_suitability(
        {"visit_on": DAY, "born_on": date(1990, 1, 1), "herpes_history": True}, raised
    )
    (found,) = [one for one in outcome.findings if one.rule.id == rule.id]
    assert found.level == "defer"
    assert found.whose == "Clinic North (the book: level refer; why: ours)"
    for text in ('level = "caution"', 'level = "no such"'):
        with pytest.raises(RulebookError, match="graver"):
            own(tmp_path, f'[suitability.herpes_history]\n{text}\nwhy = "ours"\nsince = 2026-12-01')


def test_what_guards_a_stop_is_hard_and_a_reminder_is_not():
    assert is_hard(RULES["session.depth_cap"], "cap")
    assert is_hard(RULES["numbing.systemic"], "alarm_mg")
    assert not is_hard(RULES["session.interval"], "warn_below")
    assert not is_hard(RULES["preparation.retinoid"], "stop")
