"""A diary entry becomes a triage (fine, watch, contact the clinic, same day, emergency) with what is usual
and what to do.

Redness in dark skin is judged by warmth, pain and the person's own usual colour, never by its absence.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from microrelief.errors import FactsError
from microrelief.pathway.facts import UNKNOWN, Facts, read_facts
from microrelief.pathway.finding import Finding, Outcome, ask, fine, gather
from microrelief.pathway.rulebook import Rule, Rulebook, RulesOfTheDay

STAGE = "recovery"
HOURS_A_DAY = 24
SHORT_NEEDLE_MM = 1.0  # below this a roller is counted as short-needled; the sources speak of 1.5 mm rollers
_SIGNS = ("redness", "warmth", "pain", "swelling")
REDNESS_MISSED = ("IV", "V", "VI")  # rule recovery.dark_skin: from here on warmth and pain decide
_BARRIER = ("recovery.expect_barrier_quarter", "recovery.expect_barrier_half", "recovery.expect_barrier_long")


def triage(given: Mapping[str, Any], book: Rulebook) -> Outcome:
    """Triage a diary entry of the day `visit_on` about the session of `session_on`.

    Each finding graver than fine ends with the sentence the patient reads. Without `hours_since_session` the
    hours are taken as 24 for each day. Raises FactsError for facts that cannot be or contradict each other.
    """
    facts = read_facts(STAGE, given)
    hours = _hours(facts)
    rules = book.on(facts["visit_on"])
    return gather(STAGE, facts["visit_on"], _findings(facts, rules, hours), (), _usual(facts, rules, hours))


def expected(hours: float, rules: RulesOfTheDay, needle_length_mm: float | None = None) -> Iterator[Rule]:
    """The rules on what is usual `hours` after a session, of those named expect_*."""
    for rule in rules.of(STAGE):
        if rule.id.startswith("recovery.expect_") and rule.id not in _BARRIER:
            scale = HOURS_A_DAY if rule.unit.startswith("days") else 1
            if rule.number("from") * scale <= hours <= rule.number("to") * scale:
                yield rule
    if needle_length_mm is not None:
        yield from _barrier(hours, rules, needle_length_mm)


def aftercare(hours: float, rules: RulesOfTheDay) -> Iterator[Rule]:
    """The rules on what to do and avoid `hours` after a session."""
    for rule in rules.of(STAGE):
        if rule.id.startswith("recovery.care_") and rule.number("from") <= hours < rule.number("to"):
            yield rule


def _barrier(hours: float, rules: RulesOfTheDay, needle_length_mm: float) -> Iterator[Rule]:
    quarter, half, long = (rules[name] for name in _BARRIER)
    if needle_length_mm <= quarter.number("needle_to_mm"):
        rule, to = quarter, quarter.number("to")
    elif needle_length_mm <= half.number("needle_mm"):
        rule, to = half, half.number("to")
    else:
        rule, to = long, long.number("raised_at")
    if hours <= to:
        yield rule


def _hours(facts: Facts) -> float:
    days = (facts["visit_on"] - facts["session_on"]).days
    if days < 0:
        raise FactsError(
            "session_on", f"{facts['session_on']} lies after the day of the entry, {facts['visit_on']}."
        )
    if facts["hours_since_session"] is UNKNOWN:
        return float(days * HOURS_A_DAY)
    hours = float(facts["hours_since_session"])
    if not (days - 1) * HOURS_A_DAY < hours < (days + 1) * HOURS_A_DAY:
        raise FactsError(
            "hours_since_session", f"{hours:g} contradicts the two dates, which lie {days} days apart."
        )
    return hours


def _usual(facts: Facts, rules: RulesOfTheDay, hours: float) -> Iterator[tuple[str, Rule]]:
    length = facts["needle_length_mm"] if facts.known("needle_length_mm") else None
    long_roller = facts["device"] == "roller" and (length is None or length >= SHORT_NEEDLE_MM)
    other = {
        "recovery.expect_redness_short" if long_roller else "recovery.expect_redness_roller",
    }
    if facts["device"] is UNKNOWN:
        other = set()
    for rule in expected(hours, rules, length):
        if rule.id not in other:
            yield rule.says, rule
    for rule in aftercare(hours, rules):
        yield f"Do: {rule.says} Avoid: {rule.avoid}.", rule


def _findings(facts: Facts, rules: RulesOfTheDay, hours: float) -> Iterator[Finding]:
    for name in (
        "red_numbing",
        "red_allergy",
        "red_blisters",
        "red_draining",
        "red_tracks",
        "red_brown_patch",
        "red_raised_scar",
    ):
        yield _by_sign(rules[f"recovery.{name}"], facts)
    yield _infection(rules["recovery.red_infection"], facts, hours)
    yield _increasing_early(rules["recovery.increasing_early"], facts, hours)
    yield from _bumps(rules["recovery.red_bumps"], rules["recovery.bumps_early"], facts, hours)
    yield _redness_late(rules["recovery.redness_late"], facts, hours)
    yield _late(rules["recovery.swelling_late"], facts, "swelling", hours, hours)
    yield _late(rules["recovery.bruise_late"], facts, "bruise", hours / HOURS_A_DAY, hours)
    yield _late(rules["recovery.flaking_late"], facts, "flaking", hours / HOURS_A_DAY, hours)
    yield _dark_skin(rules["recovery.dark_skin"], facts)


def _found(rule: Rule, why: str, level: str = "") -> Finding:
    return Finding(rule, level or rule.level, f"{rule.patient} ({why})")


def _by_sign(rule: Rule, facts: Facts) -> Finding:
    if facts[rule.when] is UNKNOWN:
        return ask(rule, facts, rule.when)
    return _found(rule, rule.says) if facts[rule.when] else fine(rule)


def _infection(rule: Rule, facts: Facts, hours: float) -> Finding:
    reasons = ["pus"] if facts.yes("pus") else []
    if facts.known("temperature_celsius") and facts["temperature_celsius"] >= rule.number("fever_from"):
        reasons.append(
            f"{facts['temperature_celsius']:g} degrees Celsius, fever begins at {rule.number('fever_from'):g}"
        )
    after = rule.number("growing_after")
    growing = [sign for sign in _SIGNS if facts[sign] == "more"]
    if growing and hours > after:
        reasons.append(
            f"{' and '.join(growing)} growing {hours:g} hours after the session, more than {after:g}"
        )
    if reasons:
        return _found(rule, f"{rule.says} Here: {'; '.join(reasons)}.")
    for name in ("pus", "pain", "redness", "warmth", "temperature_celsius"):
        if facts[name] is UNKNOWN:
            return ask(rule, facts, name)
    return fine(rule)


def _increasing_early(rule: Rule, facts: Facts, hours: float) -> Finding:
    growing = [sign for sign in _SIGNS if facts[sign] == "more"]
    if growing and hours <= rule.number("to"):
        return _found(rule, f"{' and '.join(growing)} growing, {hours:g} hours after the session")
    return fine(rule)


def _bumps(late: Rule, early: Rule, facts: Facts, hours: float) -> Iterator[Finding]:
    if facts["bumps"] is UNKNOWN:
        yield ask(late, facts, "bumps")
    elif facts["bumps"] is False:
        yield fine(late)
    elif hours > late.number("after") * HOURS_A_DAY:
        yield _found(late, late.says)
    else:
        yield _found(early, early.says)


def _redness_late(rule: Rule, facts: Facts, hours: float) -> Finding:
    """Redness where it can be seen, warmth as well where it may be missed or nobody knows the skin type."""
    if facts["redness"] is UNKNOWN:
        return ask(rule, facts, "redness")
    seen = facts["redness"] != "none"
    missed = facts["fitzpatrick"] is UNKNOWN or facts["fitzpatrick"] in REDNESS_MISSED
    if missed and facts.known("warmth"):
        seen = seen or facts["warmth"] != "none"
    notify, review = rule.number("notify_after"), rule.number("review_after")
    if not seen or hours <= notify:
        return fine(rule)
    what = "a clinician looks at it" if hours > review else "a message to the clinic"
    return _found(
        rule, f"{hours:g} hours after the session, {notify:g} for a message, {review:g} for a review: {what}"
    )


def _late(rule: Rule, facts: Facts, name: str, passed: float, hours: float) -> Finding:
    """Something harmless that should have gone; whether it is there matters only once it is late."""
    if passed <= rule.number("notify_after"):
        return fine(rule)
    if facts[name] is UNKNOWN:
        return ask(rule, facts, name)
    there = facts[name] not in (False, "none")
    return _found(rule, f"{rule.says} {hours / HOURS_A_DAY:g} days have passed.") if there else fine(rule)


def _dark_skin(rule: Rule, facts: Facts) -> Finding:
    if facts["fitzpatrick"] is UNKNOWN:
        return ask(rule, facts, "fitzpatrick")
    if facts["fitzpatrick"] not in REDNESS_MISSED:
        return fine(rule)
    for name in ("warmth", "pain"):
        if facts[name] is UNKNOWN:
            return ask(rule, facts, name)
    return fine(rule, "Warmth and pain are known.")
