"""A session date, products and history become a dated personal plan, and an answer to "I missed a step".

facts -> Outcome with steps (calendar.plan_calendar and table.plan_text write it out)
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from microrelief.errors import FactsError
from microrelief.pathway.facts import UNKNOWN, Facts, questions, read_facts
from microrelief.pathway.finding import Finding, Outcome, Step, ask, by_answer, fine, gather
from microrelief.pathway.rulebook import Rule, Rulebook, RulesOfTheDay

STAGE = "preparation"


def plan_preparation(given: Mapping[str, Any], book: Rulebook) -> Outcome:
    """Plan the days before the session on `session_on`, seen from the day `visit_on`.

    A step whose day has passed with the product still in use moves the session: the finding says to which
    day. Raises FactsError for facts that cannot be, RulebookError when no rule was in force.
    """
    facts = read_facts(STAGE, given)
    _refuse_contradictions(facts)
    rules = book.on(facts["visit_on"])
    return gather(STAGE, facts["visit_on"], _findings(facts, rules), _steps(facts, rules))


def _refuse_contradictions(facts: Facts) -> None:
    today, session = facts["visit_on"], facts["session_on"]
    if session < today:
        raise FactsError(
            "session_on", f"{session} lies before the day of the plan, {today}; give a later day."
        )
    seen: set[str] = set()
    for entry in _last_used(facts):
        product, on = entry["product"], entry["on"]
        if on > today:
            raise FactsError("last_used", f"{product} on {on} lies after the day of the plan, {today}.")
        if product in seen:
            raise FactsError("last_used", f"{product} is there twice; give its last day only.")
        seen.add(product)
        if product != "sun" and facts.known("uses") and product not in facts["uses"]:
            raise FactsError("last_used", f"{product} contradicts uses, which leaves it out; add it there.")
    if facts.known("antiviral_decision") and facts["herpes_history"] is False:
        raise FactsError("antiviral_decision", "is given though herpes_history = false; correct one of them.")


def _findings(facts: Facts, rules: RulesOfTheDay) -> Iterator[Finding]:
    for product in (*questions(STAGE)["uses"].choices, "sun"):
        yield _stopping(rules[f"preparation.{product}"], product, facts)
    for name in ("prescribed_aspirin", "photosensitising_drug", "pregnancy_test"):
        yield by_answer(rules[f"preparation.{name}"], facts)
    yield _prophylaxis(rules["preparation.herpes_prophylaxis"], facts)
    for name in ("shaving", "bare_face", "baseline"):
        yield fine(rules[f"preparation.{name}"], "Planned.")


def _stopping(rule: Rule, product: str, facts: Facts) -> Finding:
    if product != "sun":
        if facts["uses"] is UNKNOWN:
            return ask(rule, facts, "uses")
        if product not in facts["uses"]:
            return fine(rule, "Not in use.")
    last_day = facts["session_on"] - timedelta(days=_stop_days(rule, facts))
    if facts["visit_on"] <= last_day:
        return fine(rule, f"In time: stop by {last_day}.")
    last_use = {entry["product"]: entry["on"] for entry in _last_used(facts)}.get(product)
    if last_use is None:
        missing = (
            f"When was {product.replace('_', ' ')} last? It should have stopped on {last_day} (last_used)"
        )
        return Finding(rule, "ask", "The day to stop has passed and the last use is not known.", asks=missing)
    if last_use <= last_day:
        return fine(rule, f"Last used {last_use}, in time.")
    return _missed(rule, facts, last_day, last_use)


def _missed(rule: Rule, facts: Facts, last_day: date, last_use: date) -> Finding:
    stop = _stop_days(rule, facts)
    free = last_use + timedelta(days=stop)
    sums = (f"last used {last_use} + {stop} days = {free}; the session is planned for {facts['session_on']}",)
    what = f"Missed: {rule.says[0].lower()}{rule.says[1:]} by {last_day}. Stop now and"
    if rule.level != "move":
        return Finding(rule, rule.level, f"{what} tell the clinic.", arithmetic=sums)
    says = f"{what} move the session to {free} or later; the clinic may judge it otherwise."
    return Finding(rule, "move", says, free, arithmetic=sums)


def _stop_days(rule: Rule, facts: Facts) -> int:
    """Skin that pigments easily keeps out of the sun longer."""
    dark = (
        rule.id == "preparation.sun"
        and facts.known("fitzpatrick")
        and facts["fitzpatrick"] not in ("I", "II")
    )
    return int(rule.number("stop_dark" if dark else "stop"))


def _last_used(facts: Facts) -> tuple[Mapping[str, Any], ...]:
    return facts["last_used"] if facts.known("last_used") else ()


def _prophylaxis(rule: Rule, facts: Facts) -> Finding:
    if facts["herpes_history"] is UNKNOWN:
        return ask(rule, facts, "herpes_history")
    if facts["herpes_history"] is False:
        return fine(rule)
    if facts.known("antiviral_decision"):
        return Finding(
            rule,
            "caution",
            f"The prescriber's decision on an antiviral: {facts['antiviral_decision']}. Keep it on record.",
        )
    return Finding(rule, rule.level, rule.says, asks=facts.asks("antiviral_decision"))


def _steps(facts: Facts, rules: RulesOfTheDay) -> Iterator[Step]:
    session: date = facts["session_on"]
    eve = session - timedelta(days=1)
    uses = facts["uses"] if facts.known("uses") else questions(STAGE)["uses"].choices
    for product in (*uses, "sun"):
        rule = rules[f"preparation.{product}"]
        first = session - timedelta(days=_stop_days(rule, facts))
        after = int(rule.number("after")) if "after" in rule.values else 0
        until = session + timedelta(days=after) if after else eve
        condition = "" if facts.known("uses") or product == "sun" else " (if you use it)"
        yield Step(first, f"{rule.says}{condition}.", rule, until)
    if facts["shaves"] is not False:
        rule = rules["preparation.shaving"]
        yield Step(session - timedelta(days=int(rule.number("stop"))), f"{rule.says}.", rule)
    rule = rules["preparation.herpes_prophylaxis"]
    if facts["antiviral_decision"] == "prescribed":
        start = session - timedelta(days=int(rule.number("start_before")))
        yield Step(start, "Begin the antiviral medicine as your prescriber wrote it down.", rule)
    for name in ("bare_face", "baseline"):
        yield Step(session, rules[f"preparation.{name}"].says, rules[f"preparation.{name}"])
    if facts.yes("could_be_pregnant"):
        rule = rules["preparation.pregnancy_test"]
        yield Step(session, rule.says, rule)
    yield from _contacts(session, rules["recovery.contact_points"])


def _contacts(session: date, rule: Rule) -> Iterator[Step]:
    days = timedelta
    message = session + days(days=int(rule.number("message_day")))
    yield Step(message, "Tell the clinic how your skin is (a short message).", rule, message + days(days=1))
    yield Step(session + days(days=int(rule.number("photo_day"))), "Take the follow-up photograph.", rule)
    yield Step(
        session + days(days=int(rule.number("review_day"))),
        "Come for the review; pigment is looked at too.",
        rule,
    )
