"""An entry's answers become what the rules say: its level, what is usual now, what to do and avoid.

The book's own "ask" is no level of an entry, for most signs are asked for only in the days in which they
matter. An entry's level is "ask" where it left open what the page asked.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from microrelief.errors import FactsError, RulebookError
from microrelief.pathway.finding import Outcome
from microrelief.pathway.recovery import HOURS_A_DAY, aftercare, triage
from microrelief.pathway.rulebook import LEVELS, Rule
from microrelief.web.recovery.asked import asked, left_open
from microrelief.web.recovery.models import ASK, FINE, RED
from microrelief.web.recovery.session import facts_of_session, hours_after
from microrelief.web.refusals import Unusable
from microrelief.web.sheets.answers import checked, the_book
from microrelief.web.treatments.models import Treatment

STAGE = "recovery"
FIXED = ("session_on", "visit_on", "hours_since_session", "device", "needle_length_mm", "fitzpatrick")
"""What the record knows, and nobody is asked."""


@dataclass(frozen=True)
class Now:
    """What is usual and what to do at an hour after the session."""

    hours: float
    usual: list[str]
    care: list[Rule]

    @property
    def day(self) -> int:
        """The day after the session, 0 for the day itself."""
        return int(self.hours // HOURS_A_DAY)


def judge(
    treatment: Treatment,
    answers: dict[str, Any],
    at: datetime,
    strength: dict[str, int] | None = None,
    *,
    feverish: bool = False,
) -> tuple[Outcome, str, dict[str, Any]]:
    """The outcome, the gravest level of what was answered, and what the rules were told of the session.

    Of a sign that is there, and of which nobody said which way it goes, the rules are told that it stays the
    same, and the level is at least "ask". Raises Unusable for an answer that cannot be.
    """
    known = facts_of_session(treatment)
    strength = strength or {}
    unsaid = {name: "same" for name, how in strength.items() if how and answers.get(name) is None}
    facts, wrong = checked(
        STAGE,
        {name: value for name, value in {**answers, **unsaid}.items() if name not in FIXED},
        session_on=treatment.on,
        visit_on=timezone.localdate(at),
        hours_since_session=round(hours_after(treatment, at), 1),
        **known,
    )
    if wrong:
        raise Unusable(next(iter(wrong.values())))
    try:
        outcome = triage(facts, the_book(treatment.on))
    except (FactsError, RulebookError) as error:  # before the book began nothing can be judged
        raise Unusable(str(error)) from error
    levels = LEVELS[STAGE]
    grave = [one.level for one in outcome.findings if one.level != ASK]
    questions = asked(timezone.localdate(at), hours_after(treatment, at), known.get("fitzpatrick"))
    if left_open(questions, answers, strength, feverish=feverish):
        grave.append(ASK)
    return outcome, max(grave, key=levels.index, default=FINE), known


def now(treatment: Treatment, at: datetime) -> Now:
    """What is usual and what to do at this moment, for this session."""
    outcome, _, _ = judge(treatment, {}, at)
    rules = the_book(treatment.on).on(timezone.localdate(at))
    hours = hours_after(treatment, at)
    usual = [says for says, rule in outcome.expect if rule.id.startswith("recovery.expect_")]
    return Now(hours, usual, list(aftercare(hours, rules)))


def spoken_words(said: dict[str, Any]) -> list[dict[str, str]]:
    """What the patient reads of an outcome's document, the gravest first, each sentence once."""
    found = [one for one in said.get("findings", []) if one["patient"]]
    if found and found[0]["level"] in RED:  # beside a call nothing milder is read
        found = [one for one in found if one["level"] == found[0]["level"]]
    told: list[dict[str, str]] = []
    for one in found:
        if not any(other["says"].startswith(one["patient"]) for other in told):
            told.append({"level": one["level"], "says": one["patient"]})
    return told
