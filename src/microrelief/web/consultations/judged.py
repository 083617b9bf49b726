"""A consultation becomes what the rules say of it: suitability, expectation, grades, the decision."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from microrelief.errors import FactsError
from microrelief.pathway.course import plan_course
from microrelief.pathway.facts import questions
from microrelief.pathway.finding import DECISIONS, SUGGESTS, Decision, Finding, Outcome, decide, set_aside
from microrelief.pathway.instruments import items, score
from microrelief.pathway.instruments.score import Item, Score
from microrelief.pathway.rulebook import Rule
from microrelief.pathway.suitability import judge_suitability
from microrelief.web.consultations.groups import STAGE
from microrelief.web.consultations.models import Consultation
from microrelief.web.sheets.answers import checked, the_book
from microrelief.web.sheets.pages import Heard

SCALES = {
    "goodman_baron_qualitative": "Goodman and Baron, qualitative (0 to 4)",
    "goodman_baron_quantitative": "Goodman and Baron, counts (0 to 84)",
    "ecca": "ECCA (0 to 540)",
    "scar_s": "SCAR-S (0 to 15)",
}
SCAR_KINDS = questions("course")["scar_types"].choices


@dataclass(frozen=True)
class Graded:
    """One grading scale: its questions with their answers, and the score once all are answered."""

    name: str
    title: str
    items: list[dict[str, Any]]
    score: Score | None
    problem: str = ""


@dataclass(frozen=True)
class Judged:
    """Everything the rules say of one consultation."""

    facts: dict[str, Any]
    wrong: dict[str, str]
    heard: Heard
    course: Outcome | None
    expect: tuple[tuple[str, Rule], ...] = ()
    grades: list[Graded] = field(default_factory=list)

    @property
    def outcome(self) -> Outcome | None:
        """Suitability."""
        return self.heard.outcome

    @property
    def suggests(self) -> str:
        """What the findings amount to, as something to do."""
        return SUGGESTS[self.outcome.verdict] if self.outcome else ""


def judged(sheet: Consultation) -> Judged:
    """The sheet as it stands now, by the rules of its day."""
    facts, wrong = facts_of(sheet)
    outcome, problem = None, ""
    try:
        outcome = judge_suitability(facts, the_book(sheet.on))
    except FactsError as error:
        problem = sentence(error, STAGE)
    course = expectation(sheet.scars, sheet.on)
    return Judged(
        facts,
        wrong,
        Heard("Suitability", outcome, problem),
        course,
        course.expect if course else (),
        [_graded(name, title, sheet.grades.get(name, {})) for name, title in SCALES.items()],
    )


def facts_of(sheet: Consultation, on: date | None = None) -> tuple[dict[str, Any], dict[str, str]]:
    """The answers as facts of suitability on its day, or on another."""
    return checked(STAGE, sheet.answers, visit_on=on or sheet.on, born_on=sheet.patient.birth_date)


def sentence(error: FactsError, stage: str) -> str:
    """The error with the question in place of the field's name."""
    asked = questions(stage).get(error.field)
    words = str(error)
    return f"{asked.asks} {_upper(words.removeprefix(error.field + ': '))}" if asked else words


def expectation(scars: list[dict[str, Any]], on: date) -> Outcome | None:
    """What published series lead one to expect of these kinds of scar; without a map, of scars in general."""
    kinds = [kind for kind in SCAR_KINDS if any(scar.get("kind") == kind for scar in scars)]
    facts: dict[str, Any] = {"visit_on": on, "first_session_on": on, "sessions_done": 0}
    if kinds:
        facts["scar_types"] = kinds
    return plan_course(facts, the_book(on))


def decided(sheet: Consultation, outcome: Outcome, name: str) -> Outcome:
    """The outcome with the professional's decision beside it. Raises FactsError with what is missing."""
    reasons = {rule: why for rule, why in sheet.overrides.items() if rule in _ids(outcome)}
    return decide(outcome, Decision(sheet.does, name, sheet.on, sheet.why, reasons))


def to_set_aside(sheet: Consultation, outcome: Outcome | None) -> tuple[Finding, ...]:
    """The findings that need a reason with this decision."""
    if outcome is None or sheet.does not in DECISIONS:
        return ()
    return set_aside(outcome, Decision(sheet.does, "x", sheet.on))


def needs_why(sheet: Consultation, outcome: Outcome | None) -> bool:
    """Whether the decision differs from what the findings suggest."""
    return outcome is not None and sheet.does in DECISIONS and sheet.does != SUGGESTS[outcome.verdict]


def _ids(outcome: Outcome) -> set[str]:
    return {finding.rule.id for finding in outcome.findings}


def _graded(name: str, title: str, answers: dict[str, Any]) -> Graded:
    shown = [
        {"item": item, "name": f"g-{name}-{item.name}", "value": answers.get(item.name)}
        for item in items(name)
    ]
    if not answers:
        return Graded(name, title, shown, None)
    try:
        return Graded(name, title, shown, score(name, answers))
    except FactsError as error:
        return Graded(name, title, shown, None, _what_is_missing(error, items(name)))


def _what_is_missing(error: FactsError, asked: tuple[Item, ...]) -> str:
    last = error.field.rsplit(".", 1)[-1]
    item = next((one for one in asked if one.name == last), None)
    return f"No score yet: {item.asks} Accepted: {item.accepts}." if item else str(error)


def _upper(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
