"""History and examination become findings: exclude, defer until a day, refer, caution, ok.

Most rules are one line of data and are applied as they stand; those that weigh two facts have a function of
their own. The decision stays a professional's (`finding.decide`).
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from microrelief.errors import FactsError
from microrelief.pathway.facts import UNKNOWN, Facts, read_facts
from microrelief.pathway.finding import Finding, Outcome, ask, by_answer, by_waiting, fine, gather
from microrelief.pathway.rulebook import Rule, Rulebook

STAGE = "suitability"
PIGMENTS_EASILY = ("III", "IV", "V", "VI")
DARK = ("IV", "V", "VI")


def judge_suitability(given: Mapping[str, Any], book: Rulebook) -> Outcome:
    """Judge whether a person may be needled on the day `visit_on`, by the rules of that day.

    Raises FactsError for facts that cannot be or contradict each other; RulebookError when no rule held that
    day.
    """
    facts = read_facts(STAGE, given)
    _refuse_contradictions(facts)
    today: date = facts["visit_on"]
    return gather(STAGE, today, (_judge(rule, facts, today) for rule in book.on(today).of(STAGE)))


def _judge(rule: Rule, facts: Facts, today: date) -> Finding:
    own = _OWN.get(rule.id)
    if own is not None:
        return own(rule, facts)
    if rule.event:
        return by_waiting(rule, facts, today, rule.number("wait"))
    return by_answer(rule, facts)


def age_on(born: date, today: date) -> int:
    """Completed years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _refuse_contradictions(facts: Facts) -> None:
    today = facts["visit_on"]
    if facts.known("born_on", "age_years") and int(facts["age_years"]) != age_on(facts["born_on"], today):
        raise FactsError(
            "age_years",
            f"{facts['age_years']:g} contradicts born_on {facts['born_on']}, which makes "
            f"{age_on(facts['born_on'], today)}.",
        )
    if facts.known("born_on"):
        if age_on(facts["born_on"], today) > 120:
            raise FactsError("born_on", f"{facts['born_on']} makes more than 120 years; check the year.")
        for name, value in facts.given.items():
            if isinstance(value, date) and value < facts["born_on"]:
                raise FactsError(name, f"{value} lies before the birth, {facts['born_on']}.")
    for active, ended in _ACTIVE_AND_ENDED:
        if facts.yes(active) and isinstance(facts[ended], date) and facts[ended] == today:
            raise FactsError(
                ended,
                f"{facts[ended]} contradicts {active} = true: it cannot be there and have cleared today.",
            )
    if facts.known("isotretinoin_stopped_on") and facts["isotretinoin"] in ("never", "now"):
        raise FactsError(
            "isotretinoin_stopped_on",
            f"{facts['isotretinoin_stopped_on']} contradicts isotretinoin = {facts['isotretinoin']!r}; "
            'give isotretinoin = "before", or leave the date out.',
        )
    if facts.known("hba1c_percent") and facts["diabetes"] is UNKNOWN:
        raise FactsError("diabetes", "is missing though hba1c_percent is given; say true or false.")
    if facts.known("fitzpatrick") and not facts.known("fitzpatrick_entered_by"):
        raise FactsError(
            "fitzpatrick_entered_by",
            f"is missing though fitzpatrick = {facts['fitzpatrick']!r}; a skin type is entered by a "
            f"person, name them.",
        )


_ACTIVE_AND_ENDED = (
    ("infection_in_field", "infection_cleared_on"),
    ("cold_sore_active", "cold_sore_crusts_gone_on"),
)


def _age(rule: Rule, facts: Facts) -> Finding:
    if facts.known("born_on"):
        years: float = age_on(facts["born_on"], facts["visit_on"])
    elif facts.known("age_years"):
        years = facts["age_years"]
    else:
        return ask(rule, facts, "age_years")
    label, policy = rule.number("us_label_from"), rule.number("elsewhere_from")
    if years >= max(label, policy):
        return fine(rule, f"{years:g} years, {max(label, policy):g} are asked for.")
    under_label = facts["under_us_label"]
    if under_label is UNKNOWN and years >= min(label, policy):
        return ask(rule, facts, "under_us_label")
    least = policy if under_label is False else label if under_label is True else min(label, policy)
    if years >= least:
        return fine(rule, f"{years:g} years, {least:g} are asked for.")
    return Finding(rule, "exclude", f"{rule.says} {years:g} years, {least:g} are asked for.")


def _infection_wait(rule: Rule, facts: Facts) -> Finding:
    return _wait_unless(rule, facts, "infection_in_field")


def _cold_sore_wait(rule: Rule, facts: Facts) -> Finding:
    return _wait_unless(rule, facts, "cold_sore_active")


def _wait_unless(rule: Rule, facts: Facts, active: str) -> Finding:
    """The wait begins when the thing is over; while it lasts, the rule about the thing itself speaks."""
    if facts.yes(active):
        return Finding(rule, "defer", f"{rule.says} The {rule.number('wait'):g} days begin when it is over.")
    return by_waiting(rule, facts, facts["visit_on"], rule.number("wait"))


def _anaesthetic_allergy(rule: Rule, facts: Facts) -> Finding:
    family = facts["anaesthetic_allergy"]
    if family is UNKNOWN:
        return ask(rule, facts, "anaesthetic_allergy")
    if family == "none":
        return fine(rule)
    if family == "family not known":
        return Finding(
            rule, "refer", f"{rule.says} The family is not known: have it tested before any cream."
        )
    return Finding(
        rule,
        "caution",
        f"{rule.says} Not to be used: {'amide and ester' if family == 'both' else family} drugs.",
    )


def _isotretinoin_now(rule: Rule, facts: Facts) -> Finding:
    if facts["isotretinoin"] is UNKNOWN:
        return ask(rule, facts, "isotretinoin")
    return Finding(rule, rule.level, rule.says) if facts["isotretinoin"] == "now" else fine(rule)


def _isotretinoin_recent(rule: Rule, facts: Facts) -> Finding:
    taken = facts["isotretinoin"]
    if taken in ("never", "now"):
        return fine(rule)
    if not facts.known("isotretinoin_stopped_on"):
        return ask(rule, facts, "isotretinoin", "isotretinoin_stopped_on")
    days = (facts["visit_on"] - facts["isotretinoin_stopped_on"]).days
    if days >= rule.number("caution_below"):
        return fine(rule, f"Stopped {days} days ago.")
    return Finding(
        rule, rule.level, f"{rule.says} Stopped {days} days ago, fewer than {rule.number('caution_below'):g}."
    )


def _active_acne(rule: Rule, facts: Facts) -> Finding:
    return _if_among(rule, facts, "active_acne", ("papulopustular",))


def _nodulocystic_acne(rule: Rule, facts: Facts) -> Finding:
    return _if_among(rule, facts, "active_acne", ("nodulocystic",))


def _dermatosis(rule: Rule, facts: Facts) -> Finding:
    return _if_among(
        rule, facts, "active_dermatosis", ("eczema", "psoriasis", "contact dermatitis", "rosacea")
    )


def _papulopustular_rosacea(rule: Rule, facts: Facts) -> Finding:
    return _if_among(rule, facts, "active_dermatosis", ("papulopustular rosacea",))


def _if_among(rule: Rule, facts: Facts, name: str, kinds: tuple[str, ...]) -> Finding:
    if facts[name] is UNKNOWN:
        return ask(rule, facts, name)
    return Finding(rule, rule.level, rule.says) if facts[name] in kinds else fine(rule)


def _diabetes(rule: Rule, facts: Facts) -> Finding:
    if facts["diabetes"] is UNKNOWN:
        return ask(rule, facts, "diabetes")
    if facts["diabetes"] is False:
        return fine(rule)
    if not facts.known("hba1c_percent"):
        return ask(rule, facts, "hba1c_percent")
    value, cut = facts["hba1c_percent"], rule.number("refer_above")
    level = "refer" if value > cut else "caution"
    return Finding(rule, level, f"{rule.says} HbA1c {value:g} percent, the cut-off is {cut:g}.")


def _tan(rule: Rule, facts: Facts) -> Finding:
    light = facts.known("fitzpatrick") and facts["fitzpatrick"] not in PIGMENTS_EASILY
    return by_waiting(rule, facts, facts["visit_on"], rule.number("wait_light" if light else "wait_dark"))


def _dark_skin(rule: Rule, facts: Facts) -> Finding:
    if facts["fitzpatrick"] is UNKNOWN:
        return ask(rule, facts, "fitzpatrick")
    return Finding(rule, rule.level, rule.says) if facts["fitzpatrick"] in DARK else fine(rule)


def _body_dysmorphia(rule: Rule, facts: Facts) -> Finding:
    score, cut = facts["dysmorphic_concern_score"], rule.number("refer_above")
    if facts.yes("dysmorphia_concern"):
        return Finding(rule, rule.level, f"{rule.says} The clinician is concerned.")
    if facts.known("dysmorphic_concern_score") and score > cut:
        return Finding(rule, rule.level, f"{rule.says} The score is {score}, above {cut:g}.")
    if not facts.known("dysmorphia_concern"):
        return ask(rule, facts, "dysmorphia_concern")
    return fine(rule)


def _device(rule: Rule, facts: Facts) -> Finding:
    if facts["device_authorised_for_acne_scars"] is UNKNOWN:
        return ask(rule, facts, "device_authorised_for_acne_scars")
    return fine(rule) if facts["device_authorised_for_acne_scars"] else Finding(rule, rule.level, rule.says)


_OWN: Mapping[str, Callable[[Rule, Facts], Finding]] = {
    "suitability.age": _age,
    "suitability.infection_wait": _infection_wait,
    "suitability.cold_sore_wait": _cold_sore_wait,
    "suitability.anaesthetic_allergy": _anaesthetic_allergy,
    "suitability.isotretinoin_now": _isotretinoin_now,
    "suitability.isotretinoin_recent": _isotretinoin_recent,
    "suitability.active_acne": _active_acne,
    "suitability.nodulocystic_acne": _nodulocystic_acne,
    "suitability.dermatosis": _dermatosis,
    "suitability.papulopustular_rosacea": _papulopustular_rosacea,
    "suitability.diabetes": _diabetes,
    "suitability.tan": _tan,
    "suitability.dark_skin": _dark_skin,
    "suitability.body_dysmorphia": _body_dysmorphia,
    "suitability.device": _device,
}
