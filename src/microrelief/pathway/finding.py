"""A rule and facts become a Finding; findings become an Outcome, the gravest first.

    rule + facts -> Finding (level, sentence, whose value, source, confidence) -> Outcome (verdict,
    questions, steps)

The verdict is advice. What was decided, by whom and why, is a Decision laid beside it, never over it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from microrelief.errors import FactsError
from microrelief.pathway.facts import NEVER, UNKNOWN, Facts
from microrelief.pathway.rulebook import LEVELS, Rule

# What a verdict on suitability suggests doing, from mild to grave.
SUGGESTS = {
    "ok": "treat",
    "caution": "treat",
    "ask": "ask first",
    "refer": "refer",
    "defer": "defer",
    "exclude": "do not treat",
}
DECISIONS = ("treat", "refer", "defer", "do not treat")
_GRAVITY = {"treat": 0, "ask first": 1, "refer": 1, "defer": 2, "do not treat": 3}


@dataclass(frozen=True)
class Finding:
    """What one rule says about these facts.

    `earliest` is the day a deferral ends (None: no day can be named yet); `asks` is the question of a rule
    that lacks its fact; `arithmetic` are the sums, one line each.
    """

    rule: Rule
    level: str
    says: str
    earliest: date | None = None
    asks: str = ""
    arithmetic: tuple[str, ...] = ()

    @property
    def whose(self) -> str:
        """Whose value was used, and the book's own where a clinic differs."""
        rule = self.rule
        if rule.whose == "the book":
            return rule.whose
        own = ", ".join(
            [
                f"{key} {show(rule.book_values[key])}"
                for key in rule.values
                if rule.values[key] != rule.book_values[key]
            ]
            + ([f"level {rule.book_level}"] if rule.book_level else [])
        )
        return f"{rule.whose} (the book: {own}; why: {rule.why})"


@dataclass(frozen=True)
class Decision:
    """What a professional decided. `why` is required where it differs from what the verdict suggests."""

    does: str
    by: str
    on: date
    why: str = ""
    overrides: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Step:
    """Something to do on a day (through `until`, where it lasts), and the rule that asks for it."""

    on: date
    says: str
    rule: Rule
    until: date | None = None


@dataclass(frozen=True)
class Outcome:
    """All findings of a stage, gravest first, and the verdict they amount to.

    `steps` is the dated plan, in order of day, where a stage makes one; `expect` are sentences on what is
    usual or published, each with the rule behind it.
    """

    stage: str
    on: date
    findings: tuple[Finding, ...]
    steps: tuple[Step, ...] = ()
    expect: tuple[tuple[str, Rule], ...] = ()
    decision: Decision | None = None

    @property
    def verdict(self) -> str:
        """The gravest level found."""
        levels = LEVELS[self.stage]
        return max((finding.level for finding in self.findings), key=levels.index, default=levels[0])

    @property
    def questions(self) -> tuple[str, ...]:
        """What is still to be asked, each once."""
        return tuple(dict.fromkeys(finding.asks for finding in self.findings if finding.asks))

    @property
    def complete(self) -> bool:
        """Whether every rule had its facts."""
        return not self.questions

    @property
    def earliest(self) -> date | None:
        """The first day on which no deferral is left; None when there is none, or one without a day."""
        deferrals = [finding for finding in self.findings if finding.level in ("defer", "move")]
        days = [finding.earliest for finding in deferrals if finding.earliest is not None]
        return max(days) if days and len(days) == len(deferrals) else None


def gather(
    stage: str,
    on: date,
    findings: Iterable[Finding],
    steps: Iterable[Step] = (),
    expect: Iterable[tuple[str, Rule]] = (),
) -> Outcome:
    """Put findings in order, gravest first, then as in the book; and steps by day."""
    levels = LEVELS[stage]
    ordered = sorted(findings, key=lambda finding: -levels.index(finding.level))
    return Outcome(stage, on, tuple(ordered), tuple(sorted(steps, key=lambda step: step.on)), tuple(expect))


def fine(rule: Rule, says: str = "", arithmetic: tuple[str, ...] = ()) -> Finding:
    """Nothing against it."""
    return Finding(rule, LEVELS[rule.stage][0], says or "Nothing against it.", arithmetic=arithmetic)


def ask(rule: Rule, facts: Facts, *names: str) -> Finding:
    """A rule that lacks its facts says so, and asks the first of them."""
    missing = next((name for name in names if facts[name] is UNKNOWN), names[0])
    return Finding(rule, "ask", f"Cannot be judged: {missing} is not known.", asks=facts.asks(missing))


def by_answer(rule: Rule, facts: Facts) -> Finding:
    """The plainest rule: its yes-or-no fact sets it off."""
    answer = facts[rule.when]
    if answer is UNKNOWN:
        return ask(rule, facts, rule.when)
    return Finding(rule, rule.level, rule.says) if answer else fine(rule)


def by_waiting(rule: Rule, facts: Facts, today: date, days: float) -> Finding:
    """A rule that counts days from an event: until they have passed, its level with the first free day."""
    happened = facts[rule.event]
    if happened is UNKNOWN:
        return ask(rule, facts, rule.event)
    if happened == NEVER:
        return fine(rule)
    free = happened + timedelta(days=days)
    passed = (today - happened).days
    sums = (f"{happened} + {days:g} days = {free}; on {today} {passed} days have passed",)
    if today >= free:
        return fine(rule, f"{passed} days have passed, {days:g} are asked for.", sums)
    return Finding(
        rule, rule.level, f"{rule.says} {passed} days have passed; free from {free}.", free, arithmetic=sums
    )


def decide(outcome: Outcome, decision: Decision) -> Outcome:
    """Lay a professional's decision beside the verdict.

    Raises FactsError when it goes beyond what the findings suggest without naming who, why, and a reason for
    each finding that is set aside.
    """
    if decision.does not in DECISIONS:
        raise FactsError(
            "decision.does", f"{decision.does!r} is not accepted; give one of {', '.join(DECISIONS)}."
        )
    if not decision.by.strip():
        raise FactsError("decision.by", "is missing; name the professional who decided.")
    reasons = dict(decision.overrides or {})
    known = {finding.rule.id for finding in outcome.findings}
    for rule_id in reasons:
        if rule_id not in known:
            raise FactsError(
                "decision.overrides", f"{rule_id!r} is no finding here; use the id that the table shows."
            )
    if decision.does != SUGGESTS[outcome.verdict] and not decision.why.strip():
        raise FactsError(
            "decision.why",
            f"is missing: the findings suggest {SUGGESTS[outcome.verdict]!r}, {decision.does!r} was "
            f"decided. Say why.",
        )
    for finding in set_aside(outcome, decision):
        if not reasons.get(finding.rule.id, "").strip():
            raise FactsError(
                "decision.overrides",
                f"lacks a reason for setting aside {finding.rule.id} ({finding.level}). "
                f'Add "{finding.rule.id}" = "the reason".',
            )
    return replace(outcome, decision=decision)


def set_aside(outcome: Outcome, decision: Decision) -> tuple[Finding, ...]:
    """The findings graver than what was decided."""
    chosen = _GRAVITY[decision.does]
    return tuple(finding for finding in outcome.findings if _GRAVITY[SUGGESTS[finding.level]] > chosen)


def show(value: Any) -> str:
    """A value as a person writes it."""
    return ", ".join(value) if isinstance(value, tuple) else f"{value:g}"
