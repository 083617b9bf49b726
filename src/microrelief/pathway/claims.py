"""A measured pair and its circumstances become an answer: may it be called a result, and if not, why."""

from collections.abc import Iterator, Mapping
from math import sqrt
from typing import Any

from microrelief.errors import FactsError
from microrelief.pathway.facts import UNKNOWN, Facts, read_facts
from microrelief.pathway.finding import Finding, Outcome, ask, by_answer, fine, gather
from microrelief.pathway.rulebook import Rule, Rulebook, RulesOfTheDay

STAGE = "claims"
PUBLICATION = "publication"
# instrument: the lowest and highest score that can be
RANGES = {
    "goodman_baron_qualitative": (0, 4),
    "goodman_baron_quantitative": (0, 84),
    "ecca": (0, 540),
    "scar_s": (0, 15),
    "gais": (1, 5),
    "quartile_satisfaction": (0, 3),
}
_OPINIONS = ("gais", "quartile_satisfaction")
_MUST = {  # for publication: the rule, and the fact that must be yes
    "publish_identity": "identity_verified",
    "publish_originals": "originals_hashed",
    "publish_dates": "dates_shown",
    "publish_same_set_up": "same_set_up",
    "publish_crop": "crop_equal",
    "publish_treatments": "other_treatments_listed",
    "publish_distribution": "distribution_available",
    "publish_median": "median_and_number_shown",
    "publish_harms": "harms_included",
}
_MUST_NOT = ("publish_no_makeup", "publish_no_retouch", "publish_minors", "publish_promise")
_GATE = {  # the fact that must not exceed the rule's value
    "light_angle_difference_degrees": "light_angle",
    "pose_difference_degrees": "pose",
    "scale_difference_percent": "scale",
    "luma_difference_percent": "luma",
    "white_balance_difference": "white_balance",
}


def judge_claim(given: Mapping[str, Any], book: Rulebook) -> Outcome:
    """Judge whether a pair may be called a result on `visit_on`.

    Raises FactsError for facts that cannot be or contradict each other.
    """
    facts = read_facts(STAGE, given)
    _refuse_contradictions(facts)
    rules = book.on(facts["visit_on"])
    return gather(STAGE, facts["visit_on"], _findings(facts, rules))


def smallest_detectable_change(standard_error: float) -> float:
    """MDC95 = 1.96 x sqrt 2 x standard error of measurement, in the unit of the error."""
    return 1.96 * sqrt(2) * standard_error


def upper_95_percent_of_none(people: int) -> float:
    """The upper end of the exact two-sided 95 percent interval, in percent, when none of `people` had an
    event."""
    if people < 1:
        raise FactsError("people", f"{people} is not accepted; give 1 or more.")
    return float(100 * (1 - 0.025 ** (1 / people)))


def _refuse_contradictions(facts: Facts) -> None:
    if facts.known("before_on", "after_on") and facts["after_on"] <= facts["before_on"]:
        raise FactsError(
            "after_on", f"{facts['after_on']} does not lie after before_on, {facts['before_on']}."
        )
    if facts.known("last_session_on", "after_on") and facts["last_session_on"] > facts["after_on"]:
        raise FactsError(
            "last_session_on", f"{facts['last_session_on']} lies after the photograph of {facts['after_on']}."
        )
    named = facts["instrument"]
    for name in ("score_before", "score_after"):
        if facts.known(name):
            if named not in RANGES:
                raise FactsError(
                    name, f"{facts[name]:g} is given without the scale it is of; name the instrument."
                )
            low, high = RANGES[named]
            if not low <= facts[name] <= high:
                raise FactsError(
                    name, f"{facts[name]:g} is outside {named}, which goes from {low} to {high}."
                )


def _findings(facts: Facts, rules: RulesOfTheDay) -> Iterator[Finding]:
    yield from _after(facts, rules)
    yield _must(rules["claims.comparable"], facts, "comparable")
    yield from _change(facts, rules)
    yield from _scale(facts, rules)
    yield _gate(rules["claims.photo_gate"], facts)
    yield by_answer(rules["claims.colour_is_not_texture"], facts)
    yield by_answer(rules["claims.no_diagnosis"], facts)
    use = facts["use"]
    if use is UNKNOWN:
        yield ask(rules["claims.publish_consent"], facts, "use")
    elif use == PUBLICATION:
        yield from _publication(facts, rules)


def _after(facts: Facts, rules: RulesOfTheDay) -> Iterator[Finding]:
    week, result = rules["claims.swelling_week"], rules["claims.after_not_before"]
    if not facts.known("after_on", "last_session_on"):
        yield ask(result, facts, "after_on", "last_session_on")
        return
    days = (facts["after_on"] - facts["last_session_on"]).days
    least, none = result.number("result_from"), week.number("none_before")
    sums = (f"{facts['after_on']} - {facts['last_session_on']} = {days} days; a result from {least:g}",)
    if days < none:
        yield Finding(week, "refuse", f"{week.says} {days} days after the session.", arithmetic=sums)
    elif days < least:
        yield Finding(result, "interim", f"{result.says} {days} days have passed.", arithmetic=sums)
    else:
        yield fine(result, f"{days} days after the last session.", sums)


def _change(facts: Facts, rules: RulesOfTheDay) -> Iterator[Finding]:
    rule, proxy = rules["claims.beyond_detectable"], rules["claims.proxy_detectable"]
    if facts["measure"] == "texture percentile":
        percentile = rules["claims.percentile"]
        yield Finding(percentile, "refuse", percentile.says)
    if facts["change_percent"] is UNKNOWN:
        yield ask(rule, facts, "change_percent")
        return
    least, borrowed = _detectable(facts, proxy)
    if least is None:
        yield ask(rule, facts, "detectable_percent")
        return
    size = abs(facts["change_percent"])
    sums = (f"|{facts['change_percent']:g} %| {'>' if size > least else '<='} {least:g} %",)
    if size > least:
        yield fine(rule, "Larger than the smallest change this pair could show.", sums)
    else:
        yield Finding(rule, "refuse", "Not distinguishable from the error of a repeat.", arithmetic=sums)
    if borrowed:
        yield Finding(proxy, "caution", f"{proxy.says} Here {least:g} percent were borrowed.")


def _detectable(facts: Facts, proxy: Rule) -> tuple[float | None, bool]:
    """The smallest detectable change in percent, and whether it is borrowed. A borrowed one is never the
    milder."""
    borrowed = {"volume in 3D": "volume_to", "texture score": "texture"}
    own = facts["detectable_percent"] if facts.known("detectable_percent") else None
    if own is not None:
        return float(own), facts["detectable_from"] != "own repeats"
    if facts["measure"] in borrowed:
        return proxy.number(borrowed[facts["measure"]]), True
    return None, False


def _scale(facts: Facts, rules: RulesOfTheDay) -> Iterator[Finding]:
    named = facts["instrument"]
    if named == "none":
        return
    if named is UNKNOWN:
        yield ask(rules["claims.raters"], facts, "instrument")
        return
    if named == "goodman_baron_quantitative":
        yield _rater_spread(rules["claims.rater_spread"], facts)
    if named == "goodman_baron_qualitative":
        yield Finding(rules["claims.ordinal"], "caution", rules["claims.ordinal"].says)
    if named == "ecca":
        yield Finding(rules["claims.ecca_unresponsive"], "caution", rules["claims.ecca_unresponsive"].says)
    if named in _OPINIONS:
        yield Finding(rules["claims.satisfaction"], "caution", rules["claims.satisfaction"].says)
    yield _raters(rules["claims.raters"], facts)
    yield _blind(rules["claims.observers_overrate"], facts)
    yield _agreement(rules["claims.agreement"], facts)


def _rater_spread(rule: Rule, facts: Facts) -> Finding:
    if not facts.known("score_before", "score_after"):
        return ask(rule, facts, "score_before", "score_after")
    change, spread = facts["score_after"] - facts["score_before"], rule.number("spread")
    within = abs(change) <= spread
    sums = (
        f"|{facts['score_after']:g} - {facts['score_before']:g}| = {abs(change):g} "
        f"{'<=' if within else '>'} {spread:g} points",
    )
    return (
        Finding(rule, "refuse", rule.says, arithmetic=sums)
        if within
        else fine(rule, "Beyond the raters' spread.", sums)
    )


def _raters(rule: Rule, facts: Facts) -> Finding:
    if facts["raters"] is UNKNOWN:
        return ask(rule, facts, "raters")
    if facts["raters"] < rule.number("least"):
        return Finding(rule, "refuse", f"{rule.says} {facts['raters']} scored.")
    return fine(rule)


def _blind(rule: Rule, facts: Facts) -> Finding:
    for name in ("raters_blinded", "order_randomised"):
        if facts[name] is False:
            return Finding(rule, "refuse", f"{rule.says} ({name} = false)")
    for name in ("raters_blinded", "order_randomised"):
        if facts[name] is UNKNOWN:
            return ask(rule, facts, name)
    return fine(rule)


def _agreement(rule: Rule, facts: Facts) -> Finding:
    if facts["rater_agreement"] is UNKNOWN:
        return ask(rule, facts, "rater_agreement")
    if facts["rater_agreement"] < rule.number("least"):
        return Finding(
            rule, "refuse", f"{rule.says} {facts['rater_agreement']:g}, at least {rule.number('least'):g}."
        )
    return fine(rule)


def _gate(rule: Rule, facts: Facts) -> Finding:
    """The bounds that were measured; the comparability audit is the judge where none was."""
    broken = [
        f"{name} {facts[name]:g}, at most {rule.number(limit):g}"
        for name, limit in _GATE.items()
        if facts.known(name) and facts[name] > rule.number(limit)
    ]
    low, high = rule.number("sharpness_from"), rule.number("sharpness_to")
    if facts.known("sharpness_ratio") and not low <= facts["sharpness_ratio"] <= high:
        broken.append(f"sharpness_ratio {facts['sharpness_ratio']:g}, {low:g} to {high:g}")
    if broken:
        return Finding(rule, "refuse", f"{rule.says} Not so: {'; '.join(broken)}.")
    missing = [name for name in (*_GATE, "sharpness_ratio") if not facts.known(name)]
    if missing and facts["use"] == PUBLICATION:
        return ask(rule, facts, *missing)
    return fine(rule, "No measured bound is broken.")


def _publication(facts: Facts, rules: RulesOfTheDay) -> Iterator[Finding]:
    for name, must in _MUST.items():
        yield _must(rules[f"claims.{name}"], facts, must)
    for name in _MUST_NOT:
        yield by_answer(rules[f"claims.{name}"], facts)
    yield _consent(rules["claims.publish_consent"], facts)
    places = facts["where_published"]
    proof, testimonial = rules["claims.publish_proof"], rules["claims.publish_testimonial"]
    if places is UNKNOWN:
        yield ask(proof, facts, "where_published")
        return
    asked = _must(proof, facts, "signed_dated_proof")
    yield asked if "UK" in places or asked.level != "refuse" else Finding(proof, "caution", proof.says)
    if "Australia" in places:
        yield by_answer(testimonial, facts)


def _must(rule: Rule, facts: Facts, name: str) -> Finding:
    if facts[name] is UNKNOWN:
        return ask(rule, facts, name)
    return fine(rule) if facts[name] else Finding(rule, "refuse", f"Not so, or not shown: {rule.says}")


def _consent(rule: Rule, facts: Facts) -> Finding:
    if facts.yes("consent_withdrawn"):
        return Finding(rule, "refuse", f"Consent was withdrawn. {rule.says}")
    if facts["consent_covers_use"] is False:
        return Finding(rule, "refuse", f"Not so: {rule.says}")
    for name in ("consent_covers_use", "consent_withdrawn"):
        if facts[name] is UNKNOWN:
            return ask(rule, facts, name)
    return fine(rule)
