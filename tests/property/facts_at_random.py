"""Facts at random: each field of a stage unanswered, or with a value it accepts; dates near the plain
case."""

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from microrelief.pathway.facts import Question, questions

FIRST = date(2026, 11, 22)
DAYS = st.integers(0, 900).map(lambda days: FIRST + timedelta(days=days))


def value_of(question: Question, today: date) -> st.SearchStrategy[Any]:
    """A value that the field accepts by itself; together they may still contradict each other."""
    if question.kind == "tables":
        one = {name: value_of(field, today) for name, field in (question.fields or {}).items()}
        return st.lists(st.fixed_dictionaries(one), min_size=1, max_size=2)
    if question.kind in ("date", "date or never"):
        earliest, latest = (-400, 0) if question.past else (-30, 400)
        day = st.integers(earliest, latest).map(lambda days: today + timedelta(days=days))
        return day if question.kind == "date" else st.one_of(st.just("never"), day)
    choices = question.choices or ("",)
    return {
        "yes or no": st.booleans(),
        "whole number": st.integers(int(question.low), int(question.high)),
        "number": st.floats(question.low, question.high, allow_nan=False),
        "choice": st.sampled_from(choices),
        "choices": st.lists(st.sampled_from(choices), unique=True),
        "time": st.times().map(lambda time: time.strftime("%H:%M")),
        "text": st.sampled_from(["Dr Berg", "L42", "7"]),
        "words": st.lists(st.sampled_from(["sterile saline", "vitamin C", "L42/7"]), max_size=2),
    }[question.kind]


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
