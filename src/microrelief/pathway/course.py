"""The first session becomes a course: sessions, reviews, when to stop, and what published series lead one to
expect."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from microrelief.errors import FactsError
from microrelief.pathway.facts import UNKNOWN, Facts, read_facts
from microrelief.pathway.finding import Finding, Outcome, Step, ask, fine, gather
from microrelief.pathway.rulebook import Rule, Rulebook, RulesOfTheDay

STAGE = "course"
SERIES = Path(__file__).parent / "evidence" / "series.toml"
SCAR_RULES = {
    "rolling": "course.scar_rolling",
    "shallow boxcar": "course.scar_shallow_boxcar",
    "deep boxcar": "course.scar_deep",
    "icepick": "course.scar_deep",
    "hypertrophic": "course.scar_raised",
    "keloid": "course.scar_raised",
    "macular": "course.scar_macular",
}


@dataclass(frozen=True)
class Series:
    """One published study: who, how, on which scale, with what result. `people` is None where it was not
    reported."""

    study: str
    source: str
    people: int | None
    design: str
    scale: str
    result: str
    harm: str = ""
    scars: tuple[str, ...] = ()
    recalled: bool = False


def plan_course(given: Mapping[str, Any], book: Rulebook) -> Outcome:
    """Plan a course seen from `visit_on`: its session days, the review, and whether to go on.

    Raises FactsError for facts that cannot be or contradict each other.
    """
    facts = read_facts(STAGE, given)
    _refuse_contradictions(facts)
    rules = book.on(facts["visit_on"])
    return gather(
        STAGE, facts["visit_on"], _findings(facts, rules), _steps(facts, rules), _expect(facts, rules)
    )


def judge_moment(last_session_on: date, seen_on: date, book: Rulebook) -> Finding:
    """Whether photographs of `seen_on` may be called a result already, so many days after the last session.

    "too early" is a caution: the change is measured and shown, and it is not yet the result.
    """
    if seen_on < last_session_on:
        raise FactsError("seen_on", f"{seen_on} lies before the last session, {last_session_on}.")
    rule = book.on(seen_on)["course.review"]
    days, review = (seen_on - last_session_on).days, int(rule.number("review"))
    if days >= review:
        return fine(rule)
    return Finding(
        rule,
        "caution",
        f"Too early to call it a result: {days} days after the last session, and skin goes on changing. "
        f"{rule.says}",
        earliest=last_session_on + timedelta(days=review),
    )


@cache
def published_series(scars: str | None = None) -> tuple[Series, ...]:
    """What was published, all of it or the series that report on one scar type."""
    document = tomllib.loads(SERIES.read_text(encoding="utf-8"))
    rows = (
        Series(**{**row, "people": row.get("people"), "scars": tuple(row.get("scars", ()))})
        for row in document["series"]
    )
    return tuple(row for row in rows if scars is None or scars in row.scars)


def _refuse_contradictions(facts: Facts) -> None:
    if facts.known("sessions_done", "sessions_without_detectable_change"):
        done, without = facts["sessions_done"], facts["sessions_without_detectable_change"]
        if without > done:
            raise FactsError(
                "sessions_without_detectable_change", f"{without} is more than sessions_done, {done}."
            )
    if (
        facts.known("sessions_done")
        and facts["sessions_done"] > 0
        and facts["first_session_on"] > facts["visit_on"]
    ):
        raise FactsError(
            "sessions_done",
            f"{facts['sessions_done']} contradicts first_session_on {facts['first_session_on']}, "
            f"which is still to come.",
        )


def _findings(facts: Facts, rules: RulesOfTheDay) -> Iterator[Finding]:
    yield _within(rules["course.sessions"], facts, "sessions_planned")
    yield _interval(rules["course.interval"], facts)
    yield _long(rules["course.long_course"], facts)
    yield _stop(rules["course.stop"], facts)
    yield _clear(rules["course.next_when_clear"], facts)
    yield from _scars(facts, rules)


def _within(rule: Rule, facts: Facts, name: str) -> Finding:
    if facts[name] is UNKNOWN:
        return ask(rule, facts, name)
    low, high = rule.number("from"), rule.number("to")
    if facts[name] < low:
        return Finding(rule, "caution", f"{rule.says} {facts[name]} planned: expect less.")
    if facts[name] > high:
        return Finding(rule, "caution", f"{rule.says} {facts[name]} planned.")
    return fine(rule)


def _interval(rule: Rule, facts: Facts) -> Finding:
    if facts["interval_days"] is UNKNOWN:
        return ask(rule, facts, "interval_days")
    days = facts["interval_days"]
    if days < rule.number("shortest_published"):
        return Finding(rule, "stop", f"{rule.says} {days} days are fewer than in any series.")
    if days < rule.number("from"):
        return Finding(rule, "caution", f"{rule.says} {days} days planned.")
    return fine(rule)


def _long(rule: Rule, facts: Facts) -> Finding:
    if facts["sessions_done"] is UNKNOWN:
        return ask(rule, facts, "sessions_done")
    if facts["sessions_done"] >= rule.number("document_above"):
        return Finding(rule, "caution", f"{rule.says} {facts['sessions_done']} are done.")
    return fine(rule)


def _stop(rule: Rule, facts: Facts) -> Finding:
    if facts["sessions_done"] == 0:
        return fine(rule)
    without = facts["sessions_without_detectable_change"]
    if without is UNKNOWN:
        return ask(rule, facts, "sessions_without_detectable_change")
    if without >= rule.number("without_change"):
        return Finding(rule, "stop", f"{rule.says} {without} in a row.")
    return fine(rule)


def _clear(rule: Rule, facts: Facts) -> Finding:
    if facts["sessions_done"] == 0:
        return fine(rule)
    if facts["redness_or_pigment_clear"] is UNKNOWN:
        return ask(rule, facts, "redness_or_pigment_clear")
    return fine(rule) if facts["redness_or_pigment_clear"] else Finding(rule, "stop", rule.says)


def _scars(facts: Facts, rules: RulesOfTheDay) -> Iterator[Finding]:
    if facts["scar_types"] is UNKNOWN:
        yield ask(rules["course.scar_rolling"], facts, "scar_types")
        return
    for rule_id in dict.fromkeys(SCAR_RULES[kind] for kind in facts["scar_types"]):
        rule = rules[rule_id]
        level = {
            "course.scar_deep": "caution",
            "course.scar_raised": "stop",
            "course.scar_macular": "caution",
        }.get(rule_id)
        yield Finding(rule, level, rule.says) if level else fine(rule, rule.says)


def _steps(facts: Facts, rules: RulesOfTheDay) -> Iterator[Step]:
    sessions, interval = rules["course.sessions"], rules["course.interval"]
    count = facts["sessions_planned"] if facts.known("sessions_planned") else int(sessions.number("usual"))
    days = facts["interval_days"] if facts.known("interval_days") else int(interval.number("usual"))
    last: date = facts["first_session_on"]
    for at in range(count):
        last = facts["first_session_on"] + timedelta(days=at * days)
        yield Step(last, f"Session {at + 1} of {count}: photographs first.", interval)
    review = rules["course.review"]
    after = timedelta(days=int(review.number("review")))
    yield Step(last + after, "Review: the first day on which a result may be called one.", review)


def _expect(facts: Facts, rules: RulesOfTheDay) -> Iterator[tuple[str, Rule]]:
    for name in ("expectation", "review", "usual_needle", "needle_compared"):
        yield rules[f"course.{name}"].says, rules[f"course.{name}"]
    if facts.known("scar_types"):
        for kind in facts["scar_types"]:
            yield from (_told(kind, row, rules[SCAR_RULES[kind]]) for row in published_series(kind))


def _told(kind: str, row: Series, rule: Rule) -> tuple[str, Rule]:
    """One series as a sentence, credited to its own source."""
    people = "number not reported" if row.people is None else f"{row.people} people"
    says = f"{kind}: {row.study} ({people}; {row.design}; {row.scale}): {row.result}."
    if row.recalled:
        return says, replace(rule, source=(row.source,), confidence="weak", memory="the whole study")
    return says, replace(rule, source=(row.source,))
