"""An Outcome becomes text for a terminal or a printer, or a document for JSON.

Outcome -> outcome_table -> str        Outcome -> outcome_document -> dict (schema microrelief/pathway/1)
"""

from datetime import date
from textwrap import fill
from typing import Any

from microrelief.pathway.finding import Finding, Outcome, Step, show
from microrelief.pathway.rulebook import LEVELS, Rule
from microrelief.version import __version__

SCHEMA = "microrelief/pathway/1"
_WIDTH = 100
_INDENT = 10  # the longest short level and a space


def outcome_table(outcome: Outcome, every: bool = False) -> str:
    """Everything a person needs to read; with `every`, also the rules that had nothing against it."""
    mildest = LEVELS[outcome.stage][0]
    lines = [f"{outcome.stage}, judged for {outcome.on}: {_headline(outcome)}"]
    shown = [
        finding for finding in outcome.findings if every or finding.level != mildest or finding.arithmetic
    ]
    for finding in shown:
        if not finding.asks:
            lines += ["", *_finding_lines(finding)]
    if outcome.questions:
        lines += ["", "Still to ask (unknown is not no):"]
        lines += [_wrapped(f"- {question}", "  ") for question in outcome.questions]
    if outcome.expect:
        lines += ["", "What is usual:"]
        lines += [_wrapped(f"- {says} [{credit(rule)}]", "  ") for says, rule in outcome.expect]
    if outcome.steps:
        lines += ["", "Plan:", *(_step_line(step) for step in outcome.steps)]
    hidden = len(outcome.findings) - len(shown)
    if hidden:
        lines += ["", f"{hidden} more rules had nothing against it (--all shows them)."]
    lines += ["", "Advice from rules; the decision is the professional's."]
    if outcome.decision is not None:
        decision = outcome.decision
        why = f" Why: {decision.why}" if decision.why else ""
        lines.append(_wrapped(f"Decided on {decision.on} by {decision.by}: {decision.does}.{why}", "  "))
        lines += [
            _wrapped(f"- set aside {rule}: {reason}", "  ")
            for rule, reason in (decision.overrides or {}).items()
        ]
    return "\n".join(lines)


def outcome_document(outcome: Outcome) -> dict[str, Any]:
    """The same as plain values, for JSON."""
    decision = outcome.decision
    return {
        "schema": SCHEMA,
        "version": __version__,
        "stage": outcome.stage,
        "on": outcome.on.isoformat(),
        "verdict": outcome.verdict,
        "complete": outcome.complete,
        "earliest": _day(outcome.earliest),
        "questions": list(outcome.questions),
        "findings": [_finding_document(finding) for finding in outcome.findings],
        "steps": [
            {"on": step.on.isoformat(), "until": _day(step.until), "says": step.says, "rule": step.rule.id}
            for step in outcome.steps
        ],
        "expect": [
            {"says": says, "rule": rule.id, "confidence": rule.confidence} for says, rule in outcome.expect
        ],
        "decision": None
        if decision is None
        else {
            "does": decision.does,
            "by": decision.by,
            "on": decision.on.isoformat(),
            "why": decision.why,
            "overrides": dict(decision.overrides or {}),
        },
    }


def plan_text(outcome: Outcome, title: str) -> str:
    """The dated plan alone, to print and hand over."""
    lines = [title, "=" * len(title), ""]
    for step in outcome.steps:
        lines.append(_step_line(step, box=True))
    if not outcome.steps:
        lines.append("Nothing is planned.")
    lines += [
        "",
        "Ask the clinic when anything here does not fit you. Never stop a prescribed medicine on your own.",
    ]
    return "\n".join(lines) + "\n"


def credit(rule: Rule) -> str:
    """Confidence, sources and whose value, in one line."""
    recalled = f"; recalled, not read: {rule.memory}" if rule.memory else ""
    return f"{rule.confidence}{recalled}; {', '.join(rule.source)}"


def _headline(outcome: Outcome) -> str:
    words = outcome.verdict
    if outcome.earliest is not None:
        words += {"defer": f" until {outcome.earliest}", "move": f" to {outcome.earliest} or later"}.get(
            outcome.verdict, ""
        )
    if not outcome.complete:
        count = len(outcome.questions)
        words += f", {count} question{'s' if count > 1 else ''} open"
    return words


def _finding_lines(finding: Finding) -> list[str]:
    label = f"{finding.level.upper():9} "
    indent = " " * _INDENT
    lines = [fill(f"{label}{finding.says}", _WIDTH, subsequent_indent=indent)]
    lines += [_wrapped(f"{indent}{line}", indent) for line in finding.arithmetic]
    lines.append(
        _wrapped(f"{indent}[{finding.rule.id}; value of {finding.whose}; {credit(finding.rule)}]", indent)
    )
    return lines


def _finding_document(finding: Finding) -> dict[str, Any]:
    rule = finding.rule
    return {
        "rule": rule.id,
        "level": finding.level,
        "says": finding.says,
        "patient": "" if finding.level in (LEVELS[rule.stage][0], "ask") else rule.patient,
        "earliest": _day(finding.earliest),
        "asks": finding.asks,
        "arithmetic": list(finding.arithmetic),
        "values": {
            key: list(value) if isinstance(value, tuple) else value for key, value in rule.values.items()
        },
        "unit": rule.unit,
        "whose": finding.whose,
        "source": list(rule.source),
        "confidence": rule.confidence,
        "recalled": rule.memory,
        "since": rule.since.isoformat(),
    }


def _step_line(step: Step, box: bool = False) -> str:
    days = f"{step.on:%a %Y-%m-%d}" + (f" to {step.until}" if step.until not in (None, step.on) else "")
    start = f"{'[ ] ' if box else '  '}{days}  "
    return _wrapped(f"{start}{step.says}", " " * len(start))


def _wrapped(text: str, indent: str) -> str:
    return fill(text, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def rules_table(rules: tuple[Rule, ...]) -> str:
    """The book to read on a terminal."""
    lines: list[str] = []
    for rule in rules:
        values = ", ".join(f"{key} {show(value)}" for key, value in rule.values.items())
        dates = f"since {rule.since}" + (f" until {rule.until}" if rule.until else "")
        lines += [rule.id, _wrapped(f"  {rule.says}", "  ")]
        lines += [_wrapped(f"  {values} ({rule.unit}), value of {rule.whose}", "  ")] if values else []
        lines += [_wrapped(f"  [{credit(rule)}; {dates}]", "  "), ""]
    return "\n".join(lines)


def rules_document(rules: tuple[Rule, ...]) -> list[dict[str, Any]]:
    """The book as plain values, for JSON."""
    return [
        {
            "id": rule.id,
            "says": rule.says,
            "level": rule.level,
            "values": {
                key: list(value) if isinstance(value, tuple) else value for key, value in rule.values.items()
            },
            "unit": rule.unit,
            "whose": rule.whose,
            "source": list(rule.source),
            "confidence": rule.confidence,
            "recalled": rule.memory,
            "note": rule.note,
            "since": rule.since.isoformat(),
            "until": _day(rule.until),
        }
        for rule in rules
    ]
