"""Each example of the chapters runs; each rule of the book has one; each plain case is plain."""

from types import ModuleType

import pytest

from microrelief.pathway.finding import Outcome
from microrelief.pathway.judge import judge
from microrelief.pathway.rulebook import LEVELS, read_rulebook
from tests.spec.chapters import CHAPTERS
from tests.spec.example import EXPECTED, PLANNED, Example

BOOK = read_rulebook()
ALL = [(chapter, one) for chapter in CHAPTERS for one in chapter.EXAMPLES]


@pytest.mark.parametrize(("chapter", "one"), ALL, ids=[f"{one.rule}: {one.title}" for _, one in ALL])
def test_example(chapter: ModuleType, one: Example):
    outcome = judge(chapter.STAGE, {**chapter.BASE, **one.given}, BOOK)
    said = [text for level, text in _of_rule(outcome, one.rule) if level == one.level]
    assert said, f"{one.rule} said {_of_rule(outcome, one.rule)}"
    assert any(one.says in text for text in said), said


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.STAGE)
def test_the_plain_case_has_nothing_against_it_and_no_question(chapter: ModuleType):
    outcome = judge(chapter.STAGE, chapter.BASE, BOOK)
    assert (outcome.verdict, outcome.questions) == (LEVELS[chapter.STAGE][0], ())


def test_every_rule_has_an_example():
    exemplified = {one.rule for _, one in ALL}
    assert {rule.id for rule in BOOK.versions} - exemplified == ALLOWED_WITHOUT


# contact points are steps of the plan that preparation makes; tests/pathway/test_calendar.py follows them
ALLOWED_WITHOUT = {"recovery.contact_points"}


def _of_rule(outcome: Outcome, rule: str) -> list[tuple[str, str]]:
    found = [
        (finding.level, f"{finding.says} {finding.asks} {finding.earliest}")
        for finding in outcome.findings
        if finding.rule.id == rule
    ]
    found += [(EXPECTED, says) for says, behind in outcome.expect if behind.id == rule]
    return found + [(PLANNED, f"{step.on} {step.says}") for step in outcome.steps if step.rule.id == rule]
