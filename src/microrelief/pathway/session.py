"""Device, needle, zones, passes and records become findings; what is missing must be there before sign-off.

roller: punctures per cm2 = passes x needles / (pi x drum diameter x drum width)
pen:    punctures per cm2 = passes x needles x strokes per second / (glide speed x tip width)
"""

from collections.abc import Iterator, Mapping
from math import pi
from typing import Any

from microrelief.errors import FactsError
from microrelief.pathway.facts import NEVER, UNKNOWN, Facts, read_facts
from microrelief.pathway.finding import Finding, Outcome, ask, by_answer, fine, gather
from microrelief.pathway.rulebook import Rule, Rulebook, RulesOfTheDay

STAGE = "session"
_ZONE_RULES = {
    "around the eye": "session.zone_around_eye",
    "forehead": "session.zone_bony",
    "nasal bridge": "session.zone_bony",
    "temple": "session.zone_bony",
    "jaw line": "session.zone_bony",
    "nose tip": "session.zone_nose_tip_lip",
    "upper lip": "session.zone_nose_tip_lip",
    "cheek": "session.zone_cheek",
    "around the mouth": "session.zone_cheek",
    "chin": "session.zone_cheek",
    "neck": "session.zone_neck",
}
_NO_NEEDLE = ("tattoo", "active lesion")
_DARK = ("IV", "V", "VI")


def check_session(given: Mapping[str, Any], book: Rulebook) -> Outcome:
    """Check a session on `visit_on`; `complete` on the outcome means that it can be signed off.

    Raises FactsError for facts that cannot be or contradict each other.
    """
    facts = read_facts(STAGE, given)
    _refuse_contradictions(facts)
    rules = book.on(facts["visit_on"])
    return gather(STAGE, facts["visit_on"], _findings(facts, rules))


def roller_punctures_per_cm2(
    passes: float, needles: float, drum_diameter_cm: float, drum_width_cm: float
) -> float:
    """Each turn of the drum sets every needle once on the area it rolls over (192, 2 cm, 2 cm: 15.3 a
    pass)."""
    return passes * needles / (pi * drum_diameter_cm * drum_width_cm)


def pen_punctures_per_cm2(
    passes: float, needles: float, strokes_per_second: float, glide_cm_per_second: float, tip_width_cm: float
) -> float:
    """Strokes in a second over the area swept in it (14 needles, 116.7 a second, 2 cm/s, 0.8 cm: about 1,020
    a pass)."""
    return passes * needles * strokes_per_second / (glide_cm_per_second * tip_width_cm)


def _refuse_contradictions(facts: Facts) -> None:
    if facts.known("cartridge_made_on", "cartridge_expires_on"):
        made, expires = facts["cartridge_made_on"], facts["cartridge_expires_on"]
        if expires < made:
            raise FactsError("cartridge_expires_on", f"{expires} lies before the day it was made, {made}.")
    if facts.known("device_evidence_cap_mm") and not facts.known("device_evidence_file"):
        raise FactsError(
            "device_evidence_file",
            f"is missing though device_evidence_cap_mm = {facts['device_evidence_cap_mm']:g}; name "
            f"the document.",
        )
    if facts.known("fitzpatrick") and not facts.known("fitzpatrick_entered_by"):
        raise FactsError(
            "fitzpatrick_entered_by", "is missing; a skin type is entered by a person, name them."
        )
    if facts.known("zones"):
        named = [zone["zone"] for zone in facts["zones"]]
        for name in named:
            if named.count(name) > 1:
                raise FactsError("zones", f"{name} is there twice; give each zone once.")
    wrong = {
        "pen": ("drum_diameter_cm", "drum_width_cm"),
        "roller": ("strokes_per_second", "glide_cm_per_second", "tip_width_cm"),
    }
    for name in wrong.get(facts["device"], ()) if facts.known("device") else ():
        if facts.known(name):
            raise FactsError(name, f"{facts[name]:g} does not belong to a {facts['device']}; leave it out.")


def _findings(facts: Facts, rules: RulesOfTheDay) -> Iterator[Finding]:
    yield _interval(rules["session.interval"], facts)
    yield _radiofrequency(rules["session.radiofrequency"], facts)
    yield from _zones(facts, rules)
    yield _endpoint(rules["session.endpoint"], facts)
    yield _stop_signs(rules["session.stop_signs"], facts)
    yield _topicals(rules["session.topicals"], facts)
    yield _must(rules["session.photos_first"], facts, "photos_before_numbing")
    yield _pigment_consent(rules["session.pigment_consent"], facts)
    yield _expiry(rules["session.expiry"], facts)
    yield _must(rules["session.sterile_pack"], facts, "sterile_pack_intact")
    yield _single_use(rules["session.single_use"], facts)
    yield _must(rules["session.sharps"], facts, "discarded_in_sharps")
    yield from _record(rules["session.record"], facts)
    if facts["device"] == "roller":
        yield fine(rules["session.roller"], rules["session.roller"].says)
    for name in ("next_when_clear", "reached_depth"):
        yield fine(rules[f"session.{name}"], rules[f"session.{name}"].says)


def _interval(rule: Rule, facts: Facts) -> Finding:
    last = facts["last_session_on"]
    if last is UNKNOWN:
        return ask(rule, facts, "last_session_on")
    if last == NEVER:
        return fine(rule, "The first session.")
    days = (facts["visit_on"] - last).days
    block, warn = rule.number("block_below"), rule.number("warn_below")
    sums = (f"{facts['visit_on']} - {last} = {days} days; stop below {block:g}, warning below {warn:g}",)
    if days < block:
        return Finding(rule, "stop", f"{rule.says} Only {days} days have passed.", arithmetic=sums)
    if days < warn:
        return Finding(rule, "warning", f"{rule.says} {days} days have passed.", arithmetic=sums)
    return fine(rule, f"{days} days have passed.", sums)


def _radiofrequency(rule: Rule, facts: Facts) -> Finding:
    if facts["device"] is UNKNOWN:
        return ask(rule, facts, "device")
    return Finding(rule, "stop", rule.says) if facts["device"] == "radiofrequency" else fine(rule)


def _zones(facts: Facts, rules: RulesOfTheDay) -> Iterator[Finding]:
    if facts["zones"] is UNKNOWN:
        yield ask(rules["session.depth_cap"], facts, "zones")
        return
    for zone in facts["zones"]:
        yield from _zone(zone, facts, rules)


def _zone(zone: Mapping[str, Any], facts: Facts, rules: RulesOfTheDay) -> Iterator[Finding]:
    name, length, passes = zone["zone"], zone["needle_length_mm"], zone["passes"]
    needled = length > 0 and passes > 0
    if name == "inside the orbital rim":
        rule = rules["session.orbital_rim"]
        yield Finding(rule, "stop", rule.says) if needled else fine(rule)
        return
    if name in _NO_NEEDLE:
        rule = rules["session.no_needle"]
        yield Finding(rule, "stop", f"{rule.says} ({name})") if needled else fine(rule)
        return
    cap_rule, own = rules["session.depth_cap"], rules[_ZONE_RULES[name]]
    evidence = facts["device_evidence_cap_mm"] if facts.known("device_evidence_cap_mm") else None
    cap = cap_rule.number("cap") if evidence is None else evidence
    whose = "" if evidence is None else f", from {facts['device_evidence_file']}"
    sums = (f"{name}: {length:g} mm, cap {cap:g} mm{whose}",)
    if length > cap:
        yield Finding(
            cap_rule,
            "stop",
            f"{cap_rule.says} {length:g} mm on the {name}, the cap is {cap:g}.",
            arithmetic=sums,
        )
    else:
        yield fine(cap_rule, "Within the cap.", sums)
    if length > own.number("to"):
        yield Finding(
            own, "warning", f"{own.says} {length:g} mm on the {name}, usual up to {own.number('to'):g}."
        )
    elif name == "neck":
        yield Finding(own, "warning", own.says)
    else:
        yield fine(own)
    yield _passes(rules["session.passes"], name, passes)
    yield _density(rules["session.density"], facts, name, passes)


def _passes(rule: Rule, name: str, passes: int) -> Finding:
    if passes > rule.number("most"):
        return Finding(rule, "warning", f"{rule.says} {passes} on the {name}.")
    return fine(rule, f"{passes} on the {name}.")


def _density(rule: Rule, facts: Facts, name: str, passes: int) -> Finding:
    def fact(field: str, usual: str) -> float:
        return float(facts[field]) if facts.known(field) else rule.number(usual)

    if facts["device"] == "roller":
        needles = fact("needles", "roller_needles")
        across, width = (
            fact("drum_diameter_cm", "roller_drum_diameter"),
            fact("drum_width_cm", "roller_drum_width"),
        )
        density = roller_punctures_per_cm2(passes, needles, across, width)
        formula = f"{passes} x {needles:g} / (pi x {across:g} cm x {width:g} cm)"
    elif facts["device"] == "pen":
        needles, rate = fact("needles", "pen_needles"), fact("strokes_per_second", "pen_strokes_per_second")
        speed, width = fact("glide_cm_per_second", "pen_glide"), fact("tip_width_cm", "pen_tip_width")
        density = pen_punctures_per_cm2(passes, needles, rate, speed, width)
        formula = f"{passes} x {needles:g} x {rate:g}/s / ({speed:g} cm/s x {width:g} cm)"
    else:
        return fine(rule, "Not reckoned: the device is not a pen or roller.")
    return fine(rule, rule.says, (f"{name}: {formula} = {density:.0f} punctures/cm2",))


def _endpoint(rule: Rule, facts: Facts) -> Finding:
    if facts["endpoint"] is UNKNOWN:
        return ask(rule, facts, "endpoint")
    if facts["endpoint"] == "none reached":
        return Finding(rule, "warning", "No endpoint was reached: document why the session ended.")
    return fine(rule, f"Reached: {facts['endpoint']}.")


def _stop_signs(rule: Rule, facts: Facts) -> Finding:
    if facts["stop_signs"] is UNKNOWN:
        return ask(rule, facts, "stop_signs")
    if facts["stop_signs"]:
        return Finding(rule, "stop", f"{rule.says} Seen: {', '.join(facts['stop_signs'])}.")
    return fine(rule)


def _topicals(rule: Rule, facts: Facts) -> Finding:
    if facts["topicals"] is UNKNOWN:
        return ask(rule, facts, "topicals")
    allowed = rule.words("allowed")
    others = [
        product for product in facts["topicals"] if product.lower() not in {one.lower() for one in allowed}
    ]
    if others:
        return Finding(
            rule, "stop", f"{rule.says} Not on the list: {', '.join(others)}. Allowed: {', '.join(allowed)}."
        )
    return fine(rule)


def _must(rule: Rule, facts: Facts, name: str) -> Finding:
    if facts[name] is UNKNOWN:
        return ask(rule, facts, name)
    return fine(rule) if facts[name] else Finding(rule, "stop", rule.says)


def _pigment_consent(rule: Rule, facts: Facts) -> Finding:
    if facts["fitzpatrick"] is UNKNOWN:
        return ask(rule, facts, "fitzpatrick")
    if facts["fitzpatrick"] not in _DARK:
        return fine(rule)
    return _must(rule, facts, "pigment_consent")


def _expiry(rule: Rule, facts: Facts) -> Finding:
    if facts["cartridge_expires_on"] is UNKNOWN:
        return ask(rule, facts, "cartridge_expires_on")
    if facts["cartridge_expires_on"] < facts["visit_on"]:
        return Finding(rule, "stop", f"{rule.says} Expired on {facts['cartridge_expires_on']}.")
    return fine(rule)


def _single_use(rule: Rule, facts: Facts) -> Finding:
    if facts.known("cartridges_used_earlier", "cartridge_lot", "cartridge_serial"):
        this = f"{facts['cartridge_lot']}/{facts['cartridge_serial']}"
        if this in facts["cartridges_used_earlier"]:
            return Finding(rule, "stop", f"{rule.says} {this} stands in an earlier record.")
    return by_answer(rule, facts)


def _record(rule: Rule, facts: Facts) -> Iterator[Finding]:
    missing = [name for name in rule.words("fields") if facts[name] is UNKNOWN]
    if not missing:
        yield fine(rule, "The record is whole.")
    for name in missing:
        yield Finding(rule, "ask", f"Not ready to sign: {name} is missing.", asks=facts.asks(name))
