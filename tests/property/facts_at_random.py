"""Facts at random: each field of a stage unanswered, or with a value it accepts; dates near the plain case."""

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from microrelief.pathway.facts import Question, questions

FIRST = date(2026, 11, 22)
DAYS = st.integers(0, 900).map(lambda days: FIRST + timedelta(days=days))
_EARLIER = st.integers(-400, 0)


def value_of(question: Question, today: date) -> st.SearchStrategy[Any]:
    """A value that the field accepts by itself; together they may still contradict each other."""
    if question.kind == "yes or no":
        return st.booleans()
    if question.kind == "whole number":
        return st.integers(int(question.low), int(question.high))
    if question.kind == "number":
        return st.floats(question.low, question.high, allow_nan=False)
    if question.kind == "choice":
        return st.sampled_from(question.choices)
    if question.kind == "choices":
        return st.lists(st.sampled_from(question.choices), unique=True)
    if question.kind == "time":
        return st.times().map(lambda time: time.strftime("%H:%M"))
    if question.kind == "text":
        return st.sampled_from(["Dr Berg", "L42", "7"])
    if question.kind == "words":
        return st.lists(st.sampled_from(["sterile saline", "vitamin C", "L42/7"]), max_size=2)
    if question.kind == "tables":
        one = {name: value_of(field, today) for name, field in (question.fields or {}).items()}
        return st.lists(st.fixed_dictionaries(one), min_size=1, max_size=2)
    day = _EARLIER.map(lambda days: today + timedelta(days=days))
    if not question.past:
        day = st.integers(-30, 400).map(lambda days: today + timedelta(days=days))
    return day if question.kind == "date" else st.one_of(st.just("never"), day)


@st.composite
def facts_of(
    draw: st.DrawFn, stage: str, without: tuple[str, ...] = (), today: date | None = None
) -> dict[str, Any]:
    """Facts for `stage`, most answered, judged for `today` or some day of the book."""
    today = today or draw(DAYS)
    facts: dict[str, Any] = {"visit_on": today}
    for name, question in questions(stage).items():
        if name not in facts and name not in without and (question.required or draw(st.integers(0, 3))):
            facts[name] = draw(value_of(question, today))
    return facts
