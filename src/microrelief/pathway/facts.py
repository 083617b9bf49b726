"""What was written about a person or a visit becomes Facts: every field known, possible and in its unit.

The fields stand in questions/*.toml, one file a stage, each with the question that asks for it. A fact that
is not given is UNKNOWN, which is not "no": it cannot be used as a truth value at all.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from difflib import get_close_matches
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

from microrelief.errors import FactsError

QUESTIONS = Path(__file__).parent / "questions"
NEVER = "never"
_LONG_NUMBER, _LONG_TEXT = 10**30, 80  # what a message still quotes whole
_FEW = 12  # fields that a message still lists


class Unknown(Enum):
    """The answer that nobody gave."""

    UNKNOWN = "unknown"

    def __bool__(self) -> bool:
        raise TypeError("an unknown fact is neither yes nor no: ask")


UNKNOWN = Unknown.UNKNOWN


@dataclass(frozen=True)
class Question:
    """One field of a facts file: its name, what it asks, and what it accepts."""

    name: str
    asks: str
    kind: str  # a key of _CHECKS: "yes or no", "number", "date or never", "choice" ...
    required: bool = False
    low: float = 0
    high: float = 0
    unit: str = ""
    choices: tuple[str, ...] = ()
    past: bool = True  # a date that must not lie after the day of the visit
    fields: Mapping[str, "Question"] | None = None

    @property
    def accepts(self) -> str:
        """What may be written, in words."""
        if self.kind in ("number", "whole number"):
            return f"a {self.kind} of {self.unit} from {self.low:g} to {self.high:g}"
        if self.kind == "choice":
            return "one of " + ", ".join(self.choices)
        if self.kind == "choices":
            return "a list from " + ", ".join(self.choices)
        if self.kind == "tables":
            return f"a list of tables with {', '.join(self.fields or {})}"
        return {
            "yes or no": 'true, false or "unknown"',
            "date": "a date such as 2026-11-22",
            "date or never": 'a date such as 2026-11-22, or "never"',
            "text": "text that is not empty",
            "words": 'a list of texts such as ["sterile saline"], [] for none',
            "time": 'a time of day such as "14:05"',
        }[self.kind]


@dataclass(frozen=True)
class Facts:
    """Checked facts of one stage. `facts[name]` is the value or UNKNOWN; asking for a field that is none is
    a bug."""

    stage: str
    given: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        if name not in questions(self.stage):
            raise KeyError(name)
        return self.given.get(name, UNKNOWN)

    def known(self, *names: str) -> bool:
        """Whether all these were answered."""
        return all(self[name] is not UNKNOWN for name in names)

    def yes(self, name: str) -> bool:
        """Answered, and with yes."""
        return self[name] is True

    def asks(self, name: str) -> str:
        """The question of one field, with its name, so that the answer can be given."""
        return f"{questions(self.stage)[name].asks} ({name})"


@cache
def questions(stage: str) -> Mapping[str, Question]:
    """The fields of a stage's facts file, by name, in the order they are asked."""
    document = tomllib.loads((QUESTIONS / f"{stage}.toml").read_text(encoding="utf-8"))
    common = tomllib.loads((QUESTIONS / "common.toml").read_text(encoding="utf-8"))
    shared = {name: common[name] for name in document.pop("also", [])}
    return {name: _question(name, entry) for name, entry in {**document, **shared}.items()}


def _question(name: str, entry: Mapping[str, Any]) -> Question:
    given = dict(entry)
    if "choices" in given:
        given["choices"] = tuple(given["choices"])
    if "fields" in given:
        given["fields"] = {key: _question(key, value) for key, value in given["fields"].items()}
    return Question(name=name, **given)


def read_facts(stage: str, given: Mapping[str, Any]) -> Facts:
    """Check what was written for `stage`.

    `given` is a TOML or JSON document; dates may be dates or text such as "2026-11-22"; an absent field,
    None and "unknown" are all UNKNOWN. Raises FactsError naming the field, the value and what is accepted.
    """
    if not isinstance(given, Mapping):
        raise FactsError(stage, f"{shown(given)} is not a table of facts; give field = value pairs.")
    checked = check_table(questions(stage), given, "")
    facts = Facts(stage, checked)
    _refuse_future(facts)
    return facts


def check_table(asked: Mapping[str, Question], given: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Check one table against the fields it may have; `where` goes before a field's name in a message."""
    checked: dict[str, Any] = {}
    for name, value in given.items():
        if name not in asked:
            raise FactsError(f"{where}{shown(name)}".replace("'", ""), _no_such_field(name, value, asked))
        if value is None or value == UNKNOWN.value or value is UNKNOWN:
            continue
        checked[name] = _check(asked[name], value, f"{where}{name}")
    for name, question in asked.items():
        if question.required and name not in checked:
            raise FactsError(f"{where}{name}", f"is missing. {question.asks} Accepted: {question.accepts}.")
    return checked


def shown(value: object) -> str:
    """A value as a message quotes it: in one line, and not longer than helps."""
    if isinstance(value, int) and not -_LONG_NUMBER < value < _LONG_NUMBER:
        return "a number of very many digits"
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # a number or a nesting too long to write out, somewhere inside
        return f"a {type(value).__name__}"
    return text if len(text) <= _LONG_TEXT else f"{text[:_LONG_TEXT]}..."


def _no_such_field(name: str, value: object, asked: Mapping[str, Question]) -> str:
    with_unit = [other for other in asked if other.startswith(f"{name}_") and asked[other].unit]
    if with_unit:
        return f"{shown(value)} has no unit; the unit is part of the name: {' or '.join(with_unit)}."
    near = get_close_matches(str(name), asked, n=1)
    if near:
        return f"is not a field here (value {shown(value)}); did you mean {near[0]}?"
    if len(asked) <= _FEW:
        return f"is not a field here (value {shown(value)}); accepted are {', '.join(asked)}."
    return (
        f"is not a field here (value {shown(value)}); accepted are the {len(asked)} fields that "
        "`microrelief pathway example STAGE` prints."
    )


def _check(question: Question, value: Any, where: str) -> Any:
    checked = _CHECKS[question.kind](question, value, where)
    if checked is UNKNOWN:
        raise FactsError(where, f"{shown(value)} is not accepted; give {question.accepts}.")
    return checked


def _yes_or_no(_question: Question, value: Any, _where: str) -> Any:
    return value if isinstance(value, bool) else UNKNOWN


def _number(question: Question, value: Any, _where: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return UNKNOWN
    if not question.low <= value <= question.high:  # neither nan nor infinity passes
        return UNKNOWN
    return UNKNOWN if question.kind == "whole number" and value != int(value) else value


def _date(_question: Question, value: Any, _where: str) -> Any:
    if isinstance(value, datetime):
        return UNKNOWN
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        try:
            return date.fromisoformat(value) if len(value) == len("2026-11-22") else UNKNOWN
        except ValueError:
            return UNKNOWN
    return UNKNOWN


def _date_or_never(question: Question, value: Any, where: str) -> Any:
    return NEVER if value == NEVER else _date(question, value, where)


def _time(_question: Question, value: Any, _where: str) -> Any:
    """Minutes since midnight."""
    if isinstance(value, time):
        return value.hour * 60 + value.minute
    if isinstance(value, str) and len(value) == len("14:05"):
        try:
            read = time.fromisoformat(value)
        except ValueError:
            return UNKNOWN
        return read.hour * 60 + read.minute
    return UNKNOWN


def _choice(question: Question, value: Any, _where: str) -> Any:
    return value if isinstance(value, str) and value in question.choices else UNKNOWN


def _choices(question: Question, value: Any, _where: str) -> Any:
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        return UNKNOWN
    if len(set(value)) != len(value) or not set(value) <= set(question.choices):
        return UNKNOWN
    return tuple(value)


def _words(_question: Question, value: Any, _where: str) -> Any:
    if not isinstance(value, list | tuple) or not all(_is_text(item) for item in value):
        return UNKNOWN
    return tuple(item.strip() for item in value)


def _text(_question: Question, value: Any, _where: str) -> Any:
    return value.strip() if _is_text(value) else UNKNOWN


def _is_text(value: Any) -> bool:
    """Something to read, in one line: it goes into sentences."""
    return isinstance(value, str) and value.isprintable() and value.strip() != ""


def _tables(question: Question, value: Any, where: str) -> Any:
    if (
        not isinstance(value, list | tuple)
        or not all(isinstance(item, Mapping) for item in value)
        or not value
    ):
        return UNKNOWN
    fields = question.fields or {}
    return tuple(check_table(fields, item, f"{where}[{at}].") for at, item in enumerate(value, 1))


_CHECKS = {
    "yes or no": _yes_or_no,
    "number": _number,
    "whole number": _number,
    "date": _date,
    "date or never": _date_or_never,
    "time": _time,
    "choice": _choice,
    "choices": _choices,
    "text": _text,
    "words": _words,
    "tables": _tables,
}


def _refuse_future(facts: Facts) -> None:
    """Refuse what is said to have happened after the day the facts are judged for."""
    today = facts.given.get("visit_on")
    if not isinstance(today, date):
        return
    for name, value in facts.given.items():
        question = questions(facts.stage)[name]
        if question.past and isinstance(value, date) and value > today:
            raise FactsError(
                name, f"{value} lies after the day of the visit, {today}; give a date up to that day."
            )


def example_file(stage: str) -> str:
    """A facts file of `stage` with every question, all unanswered: what is required first."""
    lines = [
        f"# Facts for {stage}. Remove the # before a line to answer it; what stays unanswered is asked for."
    ]
    asked = sorted(questions(stage).values(), key=lambda question: not question.required)
    for question in (one for one in asked if one.kind != "tables"):
        required = " Required." if question.required else ""
        lines += [
            "",
            f"# {question.asks}{required}",
            f"#   {question.accepts}",
            f"# {question.name} = {_sample(question)}",
        ]
    for question in (one for one in asked if one.kind == "tables"):
        lines += ["", f"# {question.asks}", f"# [[{question.name}]]"]
        for inner in (question.fields or {}).values():
            lines.append(f"# {inner.name} = {_sample(inner)}  # {inner.asks} ({inner.accepts})")
    return "\n".join(lines) + "\n"


def _sample(question: Question) -> str:
    """A value that would be accepted."""
    return {
        "yes or no": "false",
        "number": f"{question.low:g}",
        "whole number": f"{question.low:g}",
        "date": "2026-11-22",
        "date or never": '"never"',
        "time": '"14:05"',
        "choice": f'"{question.choices[0]}"' if question.choices else "",
        "choices": f'["{question.choices[0]}"]' if question.choices else "",
        "text": '"..."',
        "words": "[]",
    }[question.kind]
