"""Which values of a rule are limits that a clinic may set for itself, how they read, which way is stricter.

What a study found (so many of thirty patients) is no limit and stays as it was published. A limit that guards
against harm during or after a session is `hard`: it can be loosened only by somebody who says so knowingly.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from microrelief.pathway.rulebook import LEVELS, Rule, Value

GRAVEST = frozenset({"exclude", "stop", "refuse", "emergency", "same day"})


@dataclass(frozen=True)
class Limit:
    """One value that judges."""

    says: str
    higher_is_stricter: bool
    hard: bool = False


LIMITS: Mapping[str, Limit] = {
    "wait": Limit("Days to wait", True),
    "wait_light": Limit("Days to wait, lighter skin", True),
    "wait_dark": Limit("Days to wait, darker skin", True),
    "caution_below": Limit("Caution below", True),
    "refer_above": Limit("Refer above", False),
    "us_label_from": Limit("Youngest age under the US label", True, hard=True),
    "elsewhere_from": Limit("Youngest age elsewhere", True, hard=True),
    "stop": Limit("Days before the session to stop", True),
    "stop_dark": Limit("Days before the session to stop, darker skin", True),
    "stop_without_photos": Limit("Days before the session to stop, without photographs", True),
    "block_below": Limit("Stop below", True, hard=True),
    "warn_below": Limit("Warn below", True),
    "cap": Limit("Longest needle", False, hard=True),
    "most": Limit("Most passes", False),
    "max_grams": Limit("Most cream", False, hard=True),
    "max_area_cm2": Limit("Largest area", False, hard=True),
    "max_minutes": Limit("Longest time on the skin", False, hard=True),
    "long_minutes": Limit("Warn when on the skin for longer than", False),
    "min_minutes": Limit("Shortest time on the skin", True),
    "thick_minutes": Limit("Warn when the thick layer is on for longer than", False),
    "strong_above": Limit("Strong above", False, hard=True),
    "alarm_mg_per_kg": Limit("Alarm above, for each kilogram", False, hard=True),
    "alarm_mg": Limit("Alarm above, altogether", False, hard=True),
    "begin_within": Limit("Begin within", False),
    "fever_from": Limit("Fever from", False, hard=True),
    "growing_after": Limit("Growing redness counts after", False, hard=True),
    "notify_after": Limit("Tell the clinic after", False),
    "review_after": Limit("See the patient after", False),
    "review": Limit("Earliest review", True),
    "result_from": Limit("A result may be shown from", True),
    "none_before": Limit("No picture as a result before", True),
    "document_above": Limit("Give a reason above", False),
    "without_change": Limit("Stop after so many without change", False),
    "least": Limit("At least", True),
    "from_age": Limit("Youngest age", True, hard=True),
}


def limits_of(rule: Rule) -> dict[str, Limit]:
    """The limits of one rule, in the order of the book."""
    return {name: LIMITS[name] for name in rule.values if name in LIMITS and _is_number(rule.values[name])}


def graver_levels(rule: Rule) -> tuple[str, ...]:
    """The levels to which a clinic may raise a yes-or-no rule; a lower one is for each visit to decide."""
    if not rule.when or not rule.level:
        return ()
    levels = [one for one in LEVELS[rule.stage] if one != "ask"]
    return tuple(levels[levels.index(rule.level) + 1 :])


def is_hard(rule: Rule, name: str) -> bool:
    """Whether this limit guards a safety stop."""
    return LIMITS[name].hard or rule.level in GRAVEST


def loosened(rule: Rule, values: Mapping[str, Value]) -> tuple[str, ...]:
    """The limits that these values would loosen against the book's."""
    found = []
    for name, limit in limits_of(rule).items():
        book, own = rule.values[name], values.get(name, rule.values[name])
        if _is_number(book) and _is_number(own) and own != book and (own > book) != limit.higher_is_stricter:  # type: ignore[operator]
            found.append(name)
    return tuple(found)


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float)
