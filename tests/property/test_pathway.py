"""What must hold of the rules for all facts, not only for the examples."""

from datetime import date, timedelta
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from microrelief.errors import FactsError, RulebookError
from microrelief.pathway.calendar import plan_calendar
from microrelief.pathway.finding import Outcome
from microrelief.pathway.instruments import NAMES, score
from microrelief.pathway.judge import JUDGES, judge
from microrelief.pathway.rulebook import LEVELS, read_rulebook
from microrelief.pathway.table import outcome_document, outcome_table
from tests.property.facts_at_random import facts_of
from tests.spec.chapters import CHAPTERS
from tests.spec.example import EXPECTED, PLANNED

BOOK = read_rulebook()
STAGES = tuple(JUDGES)
LISTED = (FactsError, RulebookError)
FEW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(10**400)
    | st.floats()
    | st.text(max_size=12)
    | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
# replaced, not added: another product, zone or scale is another question; film is right for one cream only
NOT_ADDED = (
    "visit_on",
    "product",
    "zones",
    "device",
    "instrument",
    "measure",
    "occluded",
    "label",
    "needle_length_mm",
)


def test_every_stage_has_a_chapter():
    assert {chapter.STAGE for chapter in CHAPTERS} == set(STAGES)


@pytest.mark.parametrize("stage", STAGES)
@FEW
@given(data=st.data())
def test_possible_facts_raise_only_listed_errors(stage: str, data: st.DataObject):
    facts = data.draw(facts_of(stage))
    try:
        outcome = judge(stage, facts, BOOK)
    except LISTED:
        return
    assert outcome.verdict in LEVELS[stage]
    assert outcome_table(outcome, every=True)
    assert outcome_document(outcome)["verdict"] == outcome.verdict
    assert all(len(line.encode()) <= 75 for line in plan_calendar(outcome).split("\r\n"))


@pytest.mark.parametrize("stage", STAGES)
@FEW
@given(data=st.data())
def test_junk_in_any_field_raises_only_listed_errors(stage: str, data: st.DataObject):
    facts: dict[Any, Any] = data.draw(facts_of(stage))
    names = st.sampled_from([*facts, "decision", "fitzpatrik", "grams_"])
    facts.update(data.draw(st.dictionaries(names, JUNK, min_size=1, max_size=3)))
    try:
        judge(stage, facts, BOOK)
    except LISTED:
        return


@FEW
@given(
    name=st.sampled_from([*NAMES, "nothing"]), answers=st.dictionaries(st.text(max_size=8), JUNK, max_size=3)
)
def test_junk_answers_to_a_scale_raise_only_listed_errors(name: str, answers: dict[str, Any]):
    with pytest.raises(FactsError):
        score(name, answers)


def _contraindications(chapter: ModuleType) -> list[tuple[str, Any]]:
    """What the examples add to the plain case, one fact at a time, that makes it graver."""
    mild = (LEVELS[chapter.STAGE][0], "ask", EXPECTED, PLANNED)
    return [
        next(iter(one.given.items()))
        for one in chapter.EXAMPLES
        if len(one.given) == 1 and one.level not in mild and next(iter(one.given)) not in NOT_ADDED
    ]


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.STAGE)
@FEW
@given(data=st.data())
def test_adding_a_contraindication_never_makes_a_verdict_milder(chapter: ModuleType, data: st.DataObject):
    name, bad = data.draw(st.sampled_from(_contraindications(chapter)))
    facts = {**chapter.BASE, **data.draw(facts_of(chapter.STAGE, (), chapter.BASE["visit_on"]))}
    # against the harmless value, not an unknown one: any answer, good or bad, ends the question it answers
    facts.pop(name, None)
    if name in chapter.BASE:
        facts[name] = chapter.BASE[name]
    try:
        before, after = judge(chapter.STAGE, facts, BOOK), judge(chapter.STAGE, {**facts, name: bad}, BOOK)
    except LISTED:
        assume(False)
    order = LEVELS[chapter.STAGE].index
    assert order(after.verdict) >= order(before.verdict)


ADDED = [(chapter, *one) for chapter in CHAPTERS for one in _contraindications(chapter)]


@pytest.mark.parametrize(("chapter", "name", "bad"), ADDED, ids=[f"{c.STAGE}.{n}={b}" for c, n, b in ADDED])
def test_each_contraindication_alone_is_graver_than_the_plain_case(chapter: ModuleType, name: str, bad: Any):
    order = LEVELS[chapter.STAGE].index
    assert order(judge(chapter.STAGE, {**chapter.BASE, name: bad}, BOOK).verdict) > order("ask")


def _shifted(value: Any, days: int) -> Any:
    if isinstance(value, date):
        return value + timedelta(days=days)
    if isinstance(value, dict):
        return {name: _shifted(inner, days) for name, inner in value.items()}
    return [_shifted(inner, days) for inner in value] if isinstance(value, list) else value


def _planned(outcome: Outcome, days: int = 0) -> tuple[Any, ...]:
    shift = timedelta(days=days)
    steps = [
        (step.rule.id, step.on + shift, step.until and step.until + shift, step.says)
        for step in outcome.steps
    ]
    waits = [
        (found.rule.id, found.level, found.earliest and found.earliest + shift) for found in outcome.findings
    ]
    return outcome.verdict, outcome.earliest and outcome.earliest + shift, steps, waits


@pytest.mark.parametrize("stage", STAGES)
@FEW
@given(data=st.data(), days=st.integers(0, 4000))
def test_shifting_all_dates_shifts_every_planned_date(stage: str, data: st.DataObject, days: int):
    # a birthday is no span of days: years differ in length
    facts = data.draw(facts_of(stage, without=("born_on",)))
    try:
        here = judge(stage, facts, BOOK)
    except LISTED:
        assume(False)
    assert _planned(judge(stage, _shifted(facts, days), BOOK)) == _planned(here, days)


def test_the_shift_is_seen_on_a_plan_with_many_dates():
    chapter = next(chapter for chapter in CHAPTERS if chapter.STAGE == "preparation")
    facts = {**chapter.BASE, "uses": ["retinoid", "waxing"], "shaves": True}
    plan = judge("preparation", facts, BOOK)
    assert len(plan.steps) >= 8
    assert _planned(judge("preparation", _shifted(facts, 1), BOOK)) != _planned(plan)
