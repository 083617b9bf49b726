"""A stage's name and facts become an Outcome, with the professional's decision laid beside it where one is
given."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from microrelief.errors import FactsError
from microrelief.pathway.claims import judge_claim
from microrelief.pathway.course import plan_course
from microrelief.pathway.facts import Question, check_table, shown
from microrelief.pathway.finding import DECISIONS, Decision, Outcome, decide
from microrelief.pathway.numbing import check_numbing
from microrelief.pathway.preparation import plan_preparation
from microrelief.pathway.recovery import triage
from microrelief.pathway.rulebook import STAGES, Rulebook
from microrelief.pathway.session import check_session
from microrelief.pathway.suitability import judge_suitability

JUDGES: Mapping[str, Callable[[Mapping[str, Any], Rulebook], Outcome]] = {
    "suitability": judge_suitability,
    "preparation": plan_preparation,
    "numbing": check_numbing,
    "session": check_session,
    "recovery": triage,
    "course": plan_course,
    "claims": judge_claim,
}
_DECISION = {
    "does": Question("does", "What was decided?", "choice", required=True, choices=DECISIONS),
    "by": Question("by", "Which professional decided?", "text", required=True),
    "why": Question("why", "Why, where it differs from what the findings suggest?", "text"),
}


def judge(stage: str, given: Mapping[str, Any], book: Rulebook) -> Outcome:
    """Judge facts for one stage. A [decision] table among the facts of suitability is laid beside the
    verdict.

    Raises FactsError or RulebookError, and nothing else, whatever is given.
    """
    if stage not in JUDGES:
        raise FactsError(shown(stage), f"is no stage; accepted are {', '.join(STAGES)}.")
    if not isinstance(given, Mapping):
        raise FactsError(stage, f"{shown(given)} is not a table of facts; give field = value pairs.")
    facts = dict(given)
    decision = facts.pop("decision", None) if stage == "suitability" else None
    outcome = JUDGES[stage](facts, book)
    return outcome if decision is None else decide(outcome, _read_decision(decision, outcome.on))


def _read_decision(given: Any, on: date) -> Decision:
    if not isinstance(given, Mapping):
        raise FactsError("decision", f"{shown(given)} must be a table with does, by, why, overrides.")
    told = dict(given)
    overrides = told.pop("overrides", {})
    if not isinstance(overrides, Mapping) or not all(
        isinstance(key, str) and isinstance(why, str) and why.isprintable() for key, why in overrides.items()
    ):
        raise FactsError(
            "decision.overrides",
            f'{shown(overrides)} must be lines such as "suitability.age" = "the reason".',
        )
    read = check_table(_DECISION, told, "decision.")
    return Decision(read["does"], read["by"], on, read.get("why", ""), dict(overrides))
