"""Product, grams, area, minutes and conditions become: within limits, warning or stop, with the sums shown.

Unknown and compounded products never pass silently.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from microrelief.errors import FactsError
from microrelief.pathway.facts import UNKNOWN, Facts, read_facts
from microrelief.pathway.finding import Finding, Outcome, ask, by_answer, fine, gather
from microrelief.pathway.rulebook import Rule, Rulebook, RulesOfTheDay

STAGE = "numbing"
_ROWS = {
    "lidocaine 2.5% + prilocaine 2.5%": "numbing.product_lidocaine_prilocaine",
    "lidocaine 4%": "numbing.product_lidocaine_4",
    "lidocaine 5%": "numbing.product_lidocaine_5",
    "lidocaine 7% + tetracaine 7%": "numbing.product_lidocaine_tetracaine",
}
_FAMILIES = {"lidocaine 7% + tetracaine 7%": ("amide", "ester")}
_OPEN = ("compounded", "other")


def check_numbing(given: Mapping[str, Any], book: Rulebook) -> Outcome:
    """Check a numbing cream on `visit_on`. Raises FactsError for facts that cannot be or contradict each
    other."""
    facts = read_facts(STAGE, given)
    _refuse_contradictions(facts)
    rules = book.on(facts["visit_on"])
    return gather(STAGE, facts["visit_on"], _findings(facts, rules), (), _expect(facts, rules))


def lidocaine_mg(grams: float, percent: float) -> float:
    """Milligrams of drug in `grams` of cream: 1 percent is 10 mg per gram."""
    return grams * percent * 10


def grams_for(area_cm2: float, grams_per_10_cm2: float) -> float:
    """Grams of cream for an area at a layer given in grams per 10 square centimetres."""
    return area_cm2 * grams_per_10_cm2 / 10


def _refuse_contradictions(facts: Facts) -> None:
    if facts.known("applied_at", "removed_at"):
        if facts["removed_at"] <= facts["applied_at"]:
            raise FactsError(
                "removed_at", 'lies before applied_at; give two times of one day, such as "14:05".'
            )
        minutes = facts["removed_at"] - facts["applied_at"]
        if facts.known("minutes_on") and abs(minutes - facts["minutes_on"]) > 1:
            raise FactsError(
                "minutes_on", f"{facts['minutes_on']:g} contradicts the two times, which make {minutes}."
            )
    if facts.known("needling_at", "removed_at") and facts["needling_at"] < facts["removed_at"]:
        raise FactsError("needling_at", "lies before removed_at; cream is removed before needling.")
    if facts.known("lidocaine_percent") and facts["product"] in _ROWS:
        raise FactsError(
            "lidocaine_percent",
            f"{facts['lidocaine_percent']:g} is only for product = compounded or other; "
            f"{facts['product']} has its strength in its name.",
        )
    amounts = [name for name in ("grams", "area_cm2", "minutes_on", "applied_at") if facts.known(name)]
    if facts["product"] == "none" and amounts:
        raise FactsError(amounts[0], "is given though product = 'none'; leave it out, or name the product.")


def _findings(facts: Facts, rules: RulesOfTheDay) -> Iterator[Finding]:
    product = facts["product"]
    if product == "none":
        yield fine(rules["numbing.record"], "No numbing product is used.")
        yield by_answer(rules["numbing.second_agent"], facts)
        return
    if product is UNKNOWN:
        yield ask(rules["numbing.unknown_product"], facts, "product")
    elif product in _OPEN:
        yield from _open_product(facts, rules)
    else:
        yield from _labelled(facts, rules)
    yield _systemic(facts, rules)
    yield _face_area(rules["numbing.face_area"], facts)
    yield _prilocaine(rules["numbing.prilocaine"], facts)
    yield _antiarrhythmic(rules["numbing.antiarrhythmic"], facts)
    yield _allergy(rules["numbing.allergy"], facts)
    for name in ("second_agent", "needled_skin", "heat"):
        yield by_answer(rules[f"numbing.{name}"], facts)
    yield _must(rules["numbing.intact_skin"], facts, "skin_intact")
    yield _must(rules["numbing.removal"], facts, "all_removed_before_needling")
    yield _minors(rules["numbing.minors"], facts)
    yield _duration(rules["numbing.duration"], facts)
    yield (
        ask(rules["numbing.record"], facts, "batch")
        if not facts.known("batch")
        else fine(rules["numbing.record"])
    )
    yield _expiry(rules["numbing.expiry"], facts)


def _expect(facts: Facts, rules: RulesOfTheDay) -> Iterator[tuple[str, Rule]]:
    if facts["product"] == "lidocaine 2.5% + prilocaine 2.5%":
        yield rules["numbing.systemic_measured"].says, rules["numbing.systemic_measured"]
    if facts.known("age_years") and facts["age_years"] < rules["numbing.minors"].number("adult_from_years"):
        yield rules["numbing.minors_us_weight"].says, rules["numbing.minors_us_weight"]


def _labelled(facts: Facts, rules: RulesOfTheDay) -> Iterator[Finding]:
    row = rules[_ROWS[facts["product"]]]
    if "max_grams" in row.values:
        yield _at_most(row, facts, "grams", "max_grams", "g")
    yield _at_most(row, facts, "area_cm2", "max_area_cm2", "cm2")
    yield from _layer(row, facts, rules)
    yield _time(row, facts)
    if facts["product"].startswith("lidocaine 2.5%") and facts["occluded"] is not True:
        yield (
            ask(row, facts, "occluded")
            if facts["occluded"] is UNKNOWN
            else Finding(
                row, "warning", "This cream needs film over it for its hour; uncovered it may not numb."
            )
        )
    if facts["product"] == "lidocaine 5%":
        yield Finding(row, "warning", "Off its label on the face: document who decided.")


def _at_most(row: Rule, facts: Facts, name: str, limit: str, unit: str) -> Finding:
    if facts[name] is UNKNOWN:
        return ask(row, facts, name)
    given, most = facts[name], row.number(limit)
    over = given > most
    sums = (f"{given:g} {unit} {'>' if over else '<='} {most:g} {unit}",)
    words = (
        f"More than the most allowed: {given:g} {unit}, the limit is {most:g}."
        if over
        else "Within the limit."
    )
    return Finding(row, "stop", words, arithmetic=sums) if over else fine(row, words, sums)


def _layer(row: Rule, facts: Facts, rules: RulesOfTheDay) -> Iterator[Finding]:
    """Grams against area: a thicker layer than the label's is a warning."""
    rule = row
    if facts["product"].startswith("lidocaine 2.5%"):
        if facts["label"] is UNKNOWN:
            yield ask(row, facts, "label")
        if facts["label"] == "US":
            rule = rules["numbing.product_lidocaine_prilocaine_us"]
    if "grams_per_10_cm2" not in rule.values or not facts.known("grams", "area_cm2"):
        return
    grams, area, layer = facts["grams"], facts["area_cm2"], rule.number("grams_per_10_cm2")
    expected = grams_for(area, layer)
    sums = (f"{area:g} cm2 x {layer:g} g / 10 cm2 = {expected:g} g; applied {grams:g} g",)
    if grams > expected * 1.0001:
        yield Finding(rule, "warning", "A thicker layer than the label describes.", arithmetic=sums)
    else:
        yield fine(rule, "No thicker than the label describes.", sums)
    minutes = _minutes(facts)
    if rule is not row and minutes is not None and minutes > rule.number("thick_minutes"):
        over = (f"{minutes:g} min > {rule.number('thick_minutes'):g} min",)
        yield Finding(rule, "warning", "The US label describes two hours for this layer.", arithmetic=over)


def _minutes(facts: Facts) -> float | None:
    if facts.known("minutes_on"):
        return float(facts["minutes_on"])
    if facts.known("applied_at", "removed_at"):
        return float(facts["removed_at"] - facts["applied_at"])
    return None


def _time(row: Rule, facts: Facts) -> Finding:
    minutes = _minutes(facts)
    if minutes is None:
        return ask(row, facts, "minutes_on")
    least = row.number("min_minutes")
    if "max_minutes" in row.values and minutes > row.number("max_minutes"):
        most = row.number("max_minutes")
        return Finding(
            row,
            "stop",
            f"On for longer than the label allows: {minutes:g} minutes.",
            arithmetic=(f"{minutes:g} min > {most:g} min",),
        )
    if "long_minutes" in row.values and minutes > row.number("long_minutes"):
        sums = (f"{minutes:g} min > {row.number('long_minutes'):g} min",)
        return Finding(row, "warning", f"On for longer than is usual: {minutes:g} minutes.", arithmetic=sums)
    if minutes < least:
        sums = (f"{minutes:g} min < {least:g} min",)
        return Finding(
            row, "warning", f"Too short to numb: {minutes:g} minutes of {least:g}. Wait.", arithmetic=sums
        )
    return fine(
        row, f"{minutes:g} minutes, at least {least:g} are needed.", (f"{minutes:g} min >= {least:g} min",)
    )


def _open_product(facts: Facts, rules: RulesOfTheDay) -> Iterator[Finding]:
    """Compounded and other products: never silent."""
    rule, cover = rules["numbing.compounded"], rules["numbing.compounded_cover"]
    strength = facts["lidocaine_percent"]
    if facts["product"] == "other":
        yield Finding(rules["numbing.unknown_product"], "stop", rules["numbing.unknown_product"].says)
    if strength is UNKNOWN:
        yield ask(rule, facts, "lidocaine_percent")
    strong = strength is not UNKNOWN and strength > rule.number("strong_above")
    held = (
        f" It holds {strength:g} percent, the strongest label here {rule.number('strong_above'):g}."
        if strong
        else ""
    )
    signed = facts["prescriber_signed_off"]
    if signed is UNKNOWN:
        yield ask(rule, facts, "prescriber_signed_off")
    yield Finding(rule, "stop" if signed is False else "warning", f"{rule.says}{held}")
    for name, bad in (("occluded", True), ("heat_applied", True), ("skin_intact", False)):
        if facts[name] is UNKNOWN:
            yield ask(cover, facts, name)
        elif facts[name] is bad:
            yield Finding(cover, "stop", f"{cover.says} ({name} = {str(bad).lower()})")
    for name in ("grams", "area_cm2", "minutes_on"):
        if facts[name] is UNKNOWN and not (name == "minutes_on" and _minutes(facts) is not None):
            yield ask(rule, facts, name)


def _strength(facts: Facts, rules: RulesOfTheDay) -> float | None:
    if facts["product"] in _ROWS:
        return rules[_ROWS[facts["product"]]].number("lidocaine_percent")
    return facts["lidocaine_percent"] if facts.known("lidocaine_percent") else None


def _systemic(facts: Facts, rules: RulesOfTheDay) -> Finding:
    """Lidocaine applied against the ceiling for injection: an alarm only where no label sets a maximum."""
    rule = rules["numbing.systemic"]
    if not facts.known("grams"):
        return ask(rule, facts, "grams")
    strength = _strength(facts, rules)
    if strength is None:
        return ask(rule, facts, "lidocaine_percent")
    if not facts.known("weight_kg"):
        return ask(rule, facts, "weight_kg")
    dose, weight = lidocaine_mg(facts["grams"], strength), facts["weight_kg"]
    per_kg, ceiling = rule.number("alarm_mg_per_kg"), rule.number("alarm_mg")
    most = min(per_kg * weight, ceiling)
    sums = (
        f"{facts['grams']:g} g x {strength:g} % x 10 mg = {dose:g} mg lidocaine applied; {dose:g} "
        f"mg / {weight:g} kg = {dose / weight:.1f} mg/kg",
        f"alarm: min({per_kg:g} mg/kg x {weight:g} kg, {ceiling:g} mg) = {most:g} mg (a rule for injection)",
    )
    row = rules[_ROWS[facts["product"]]] if facts["product"] in _ROWS else None
    if dose > most and (row is None or "max_grams" not in row.values):
        return Finding(
            rule,
            "warning",
            "More lidocaine lies on the skin than may be injected, and no label sets a maximum.",
            arithmetic=sums,
        )
    return fine(rule, "For comparison only: little of it reaches the blood through intact skin.", sums)


def _face_area(rule: Rule, facts: Facts) -> Finding:
    if facts["area_cm2"] is UNKNOWN:
        return ask(rule, facts, "area_cm2")
    if facts["area_cm2"] > rule.number("face_to"):
        return Finding(rule, "warning", f"{rule.says} {facts['area_cm2']:g} cm2 were given.")
    return fine(rule)


def _prilocaine(rule: Rule, facts: Facts) -> Finding:
    product = facts["product"]
    if product in _ROWS and "prilocaine" not in product:
        return fine(rule, "No prilocaine in it.")
    answer = facts["methaemoglobinaemia_or_g6pd"]
    if answer is UNKNOWN:
        return ask(rule, facts, "methaemoglobinaemia_or_g6pd")
    if answer is False:
        return fine(rule)
    doubt = (
        "" if product in _ROWS else " Whether this product holds prilocaine is not known, so it counts as if."
    )
    return Finding(rule, "stop", rule.says + doubt)


def _antiarrhythmic(rule: Rule, facts: Facts) -> Finding:
    if facts["class_iii_antiarrhythmic"] is UNKNOWN:
        return ask(rule, facts, "class_iii_antiarrhythmic")
    return Finding(rule, "warning", rule.says) if facts["class_iii_antiarrhythmic"] else fine(rule)


def _allergy(rule: Rule, facts: Facts) -> Finding:
    allergy = facts["anaesthetic_allergy"]
    if allergy is UNKNOWN:
        return ask(rule, facts, "anaesthetic_allergy")
    families = (
        _FAMILIES.get(facts["product"], ("amide",)) if facts["product"] in _ROWS else ("amide", "ester")
    )
    if allergy in ("both", "family not known", *families):
        return Finding(rule, "stop", rule.says)
    return fine(rule)


def _must(rule: Rule, facts: Facts, name: str) -> Finding:
    if facts[name] is UNKNOWN:
        return ask(rule, facts, name)
    return fine(rule) if facts[name] else Finding(rule, "stop", rule.says)


def _minors(rule: Rule, facts: Facts) -> Finding:
    if facts["age_years"] is UNKNOWN:
        return ask(rule, facts, "age_years")
    return (
        Finding(rule, "stop", rule.says)
        if facts["age_years"] < rule.number("adult_from_years")
        else fine(rule)
    )


def _duration(rule: Rule, facts: Facts) -> Finding:
    if not facts.known("removed_at", "needling_at"):
        return fine(rule, "Not judged: needs removed_at and needling_at; begin soon after the cream is off.")
    waited, most = facts["needling_at"] - facts["removed_at"], rule.number("begin_within")
    sums = (f"{waited} min after removal, {most:g} min allowed",)
    if waited > most:
        return Finding(rule, "warning", f"{rule.says} {waited} minutes have passed.", arithmetic=sums)
    return fine(rule, "In time.", sums)


def _expiry(rule: Rule, facts: Facts) -> Finding:
    if facts["expires_on"] is UNKNOWN:
        return ask(rule, facts, "expires_on")
    if facts["expires_on"] < facts["visit_on"]:
        return Finding(rule, "stop", f"{rule.says} Expired on {facts['expires_on']}.")
    return fine(rule)
