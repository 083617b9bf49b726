"""Rules become a Rulebook: dated data, each with a sentence, unit, source and confidence.

    rules/*.toml (+ a clinic's own file)  ->  Rulebook  ->  book.on(day)  ->  the rules in force on that day

A rule that lacks its unit, source, confidence or date is refused when the book is read, not when a patient
is judged.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from microrelief.errors import RulebookError

RULES = Path(__file__).parent / "rules"

# From mild to grave. "ask" is a rule that lacks its fact: graver than fine, never a reason against by itself.
LEVELS: Mapping[str, tuple[str, ...]] = {
    "suitability": ("ok", "ask", "caution", "refer", "defer", "exclude"),
    "preparation": ("ok", "ask", "caution", "refer", "move"),
    "numbing": ("ok", "ask", "warning", "stop"),
    "session": ("ok", "ask", "warning", "stop"),
    "recovery": ("fine", "ask", "watch", "contact the clinic", "same day", "emergency"),
    "course": ("ok", "ask", "caution", "stop"),
    "claims": ("ok", "ask", "caution", "interim", "refuse"),
}
STAGES = tuple(LEVELS)
CONFIDENCES = ("strong", "moderate", "weak", "disputed")
YES_OR_NO = "yes or no"
_MOST = 10**9  # no value of a rule is near it; neither nan nor infinity passes

_REQUIRED = ("says", "unit", "source", "confidence", "since")
_TEXTS = ("says", "unit", "confidence", "level", "when", "event", "memory", "note", "patient", "avoid")
Value = int | float | tuple[str, ...]


@dataclass(frozen=True)
class Rule:
    """One sentence of the book in one of its dated versions.

    `values` are in `unit`; `when` names the yes-or-no fact that sets the rule off, `event` the date it
    counts from. `memory` says which part was recalled rather than read; such a rule is weak or disputed.
    `whose` names the owner of the values ("the book" or a clinic); `book_values` are the book's own where a
    clinic differs.
    """

    id: str
    says: str
    unit: str
    source: tuple[str, ...]
    confidence: str
    since: date
    until: date | None = None
    level: str = ""
    when: str = ""
    event: str = ""
    memory: str = ""
    note: str = ""
    patient: str = ""
    avoid: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)
    whose: str = "the book"
    why: str = ""
    book_values: Mapping[str, Value] = field(default_factory=dict)
    book_level: str = ""
    """The book's own level where a clinic raised it."""

    @property
    def stage(self) -> str:
        """The part of the visit it belongs to, for example "numbing"."""
        return self.id.split(".")[0]

    def number(self, name: str) -> float:
        """One of its values, in the rule's unit."""
        value = self.values.get(name)
        if not isinstance(value, int | float):
            raise RulebookError(self.id, f"has no number called {name}; add it to rules/{self.stage}.toml.")
        return value

    def words(self, name: str) -> tuple[str, ...]:
        """One of its lists of words."""
        value = self.values.get(name)
        if not isinstance(value, tuple):
            raise RulebookError(self.id, f"has no list called {name}; add it to rules/{self.stage}.toml.")
        return value

    def in_force(self, day: date) -> bool:
        """Whether this version held on `day`; both ends are included."""
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class Override:
    """A clinic's own values or level for one rule, for a span of days."""

    rule: str
    values: Mapping[str, Value]
    why: str
    since: date
    until: date | None
    level: str = ""

    def in_force(self, day: date) -> bool:
        """Whether it held on `day`; both ends are included."""
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class Rulebook:
    """All versions of all rules, with a clinic's own values laid over them."""

    versions: tuple[Rule, ...]
    clinic: str = ""
    overrides: tuple[Override, ...] = ()

    def on(self, day: date) -> "RulesOfTheDay":
        """The rules in force on `day`.

        Raises RulebookError when none was: an old visit is never judged by rules that came later.
        """
        rules = {rule.id: self._with_clinic(rule, day) for rule in self.versions if rule.in_force(day)}
        if not rules:
            first = min(rule.since for rule in self.versions)
            raise RulebookError(
                str(day),
                f"no rule was in force on that day, the book begins on {first}. Give the day of the visit.",
            )
        return RulesOfTheDay(day, rules)

    def reaching_back(self) -> "Rulebook":
        """The same book with the first version of each rule in force since ever.

        For records that are invented and older than the book; a real visit is judged by the rules of its day.
        """
        first: dict[str, date] = {}
        for rule in self.versions:
            first[rule.id] = min(rule.since, first.get(rule.id, rule.since))
        versions = (
            replace(rule, since=date.min) if rule.since == first[rule.id] else rule for rule in self.versions
        )
        return replace(self, versions=tuple(versions))

    def _with_clinic(self, rule: Rule, day: date) -> Rule:
        for override in self.overrides:
            if override.rule == rule.id and override.in_force(day):
                merged = {**rule.values, **override.values}
                return replace(
                    rule,
                    values=merged,
                    level=override.level or rule.level,
                    whose=self.clinic,
                    why=override.why,
                    book_values=rule.values,
                    book_level=rule.level if override.level else "",
                )
        return rule


@dataclass(frozen=True)
class RulesOfTheDay:
    """The rules in force on one day, by id."""

    day: date
    rules: Mapping[str, Rule]

    def __getitem__(self, rule_id: str) -> Rule:
        rule = self.rules.get(rule_id)
        if rule is None:
            raise RulebookError(
                rule_id, f"is not in force on {self.day}; give it a version that covers that day."
            )
        return rule

    def of(self, stage: str) -> Iterator[Rule]:
        """The rules of one stage, in the order of the book."""
        return (rule for rule in self.rules.values() if rule.stage == stage)


def read_rulebook(clinic_file: Path | None = None, rules: Path = RULES) -> Rulebook:
    """Read the book, and lay a clinic's own values over it when a file is given.

    Raises RulebookError naming the rule and what it lacks.
    """
    versions: list[Rule] = []
    for path in sorted(
        rules.glob("*.toml"), key=lambda path: STAGES.index(path.stem) if path.stem in STAGES else -1
    ):
        versions += _read_stage(path)
    if not versions:
        raise RulebookError(rules.name, "holds no rules; give the folder with the stages' TOML files.")
    book = Rulebook(tuple(versions))
    _refuse_overlaps(book)
    return book if clinic_file is None else _with_clinic_file(book, clinic_file)


def _read_stage(path: Path) -> Iterator[Rule]:
    stage = path.stem
    if stage not in STAGES:
        raise RulebookError(path.name, f"is no stage of the visit; accepted are {', '.join(STAGES)}.")
    document = _read_toml(path)
    if set(document) != {stage}:
        raise RulebookError(path.name, f"every rule in it must begin with [{stage}.")
    for name, entry in document[stage].items():
        for version in entry if isinstance(entry, list) else [entry]:
            yield _read_rule(f"{stage}.{name}", version)


def _read_rule(rule_id: str, entry: Any) -> Rule:
    if not isinstance(entry, dict):
        raise RulebookError(rule_id, "must be a table of its own, [stage.name].")
    for key in _REQUIRED:
        if key not in entry or entry[key] in ("", []):
            raise RulebookError(rule_id, f"lacks {key}; a rule needs {', '.join(_REQUIRED)}.")
    known: dict[str, Any] = {}
    values: dict[str, Value] = {}
    for key, given in entry.items():
        if key in _TEXTS:
            if not isinstance(given, str):
                raise RulebookError(rule_id, f"{key} = {given!r} must be text.")
            known[key] = given
        elif key in ("since", "until"):
            known[key] = _date(rule_id, key, given)
        elif key == "source":
            known[key] = _source(rule_id, given)
        else:
            values[key] = _value(rule_id, key, given)
    rule = Rule(id=rule_id, values=values, **known)
    _refuse_incomplete(rule)
    return rule


def _source(rule_id: str, given: Any) -> tuple[str, ...]:
    keys = [given] if isinstance(given, str) else given
    if not isinstance(keys, list) or not all(isinstance(key, str) and key for key in keys):
        raise RulebookError(rule_id, f"source = {given!r} must be keys of docs/references.bib.")
    return tuple(keys)


def _date(rule_id: str, key: str, given: Any) -> date:
    if isinstance(given, datetime) or not isinstance(given, date):
        raise RulebookError(rule_id, f"{key} = {given!r} must be a date such as 2026-11-22, without quotes.")
    return given


def _value(rule_id: str, key: str, given: Any) -> Value:
    if isinstance(given, bool):
        raise RulebookError(
            rule_id, f"{key} = {given!r} is not a value; accepted are numbers and lists of words."
        )
    if isinstance(given, int | float) and 0 <= given <= _MOST:
        return given
    if isinstance(given, list) and given and all(isinstance(word, str) for word in given):
        return tuple(given)
    raise RulebookError(
        rule_id, f"{key} = {given!r} is not a value; accepted are numbers from 0 up and lists of words."
    )


def _refuse_incomplete(rule: Rule) -> None:
    if rule.confidence not in CONFIDENCES:
        accepted = ", ".join(CONFIDENCES)
        raise RulebookError(rule.id, f"confidence = {rule.confidence!r}; accepted are {accepted}.")
    if rule.memory and rule.confidence not in ("weak", "disputed"):
        raise RulebookError(
            rule.id, "is partly recalled, not read (memory); its confidence must be weak or disputed."
        )
    if rule.level and rule.level not in LEVELS[rule.stage]:
        accepted = ", ".join(LEVELS[rule.stage])
        raise RulebookError(rule.id, f"level = {rule.level!r}; accepted are {accepted}.")
    if (rule.unit == YES_OR_NO) == bool(rule.values):
        raise RulebookError(
            rule.id, f"a rule has either values with their unit, or unit = {YES_OR_NO!r} and no values."
        )
    if (rule.when or rule.event) and not rule.level:
        raise RulebookError(rule.id, "has when or event, so it needs a level.")
    if rule.until is not None and rule.until < rule.since:
        raise RulebookError(rule.id, f"until = {rule.until} lies before since = {rule.since}.")


def _refuse_overlaps(book: Rulebook) -> None:
    seen: dict[str, Rule] = {}
    for rule in sorted(book.versions, key=lambda rule: (rule.id, rule.since)):
        earlier = seen.get(rule.id)
        if earlier is not None and (earlier.until is None or earlier.until >= rule.since):
            raise RulebookError(
                rule.id, f"two versions hold on {rule.since}; end the earlier one with until."
            )
        seen[rule.id] = rule


def _with_clinic_file(book: Rulebook, path: Path) -> Rulebook:
    document = _read_toml(path)
    clinic = document.pop("clinic", "")
    if not isinstance(clinic, str) or not clinic:
        raise RulebookError(path.name, 'must begin with the owner of its values, clinic = "name".')
    overrides: list[Override] = []
    for stage, entries in document.items():
        if not isinstance(entries, dict):
            raise RulebookError(path.name, f"{stage} = {entries!r} is not a rule; write [stage.rule] tables.")
        for name, entry in entries.items():
            for version in entry if isinstance(entry, list) else [entry]:
                overrides.append(read_override(book, f"{stage}.{name}", version))
    return with_overrides(book, clinic, overrides)


def with_overrides(book: Rulebook, clinic: str, overrides: Sequence[Override]) -> Rulebook:
    """The book with a clinic's own values over it. Raises RulebookError where two of one rule overlap."""
    for at, one in enumerate(overrides):
        for other in overrides[at + 1 :]:
            latest = max(one.since, other.since)
            if one.rule == other.rule and one.in_force(latest) and other.in_force(latest):
                raise RulebookError(
                    one.rule, f"two of the clinic's own versions hold on {latest}; end one with until."
                )
    return replace(book, clinic=clinic, overrides=tuple(overrides))


def read_override(book: Rulebook, rule_id: str, entry: Any) -> Override:
    """A clinic's own values for one rule, checked against the book. Raises RulebookError."""
    versions = [rule for rule in book.versions if rule.id == rule_id]
    if not versions:
        raise RulebookError(rule_id, "is no rule of the book; `microrelief pathway rules` lists them.")
    if not isinstance(entry, dict):
        raise RulebookError(rule_id, "must be a table of its own, [stage.rule].")
    given = dict(entry)
    why = given.pop("why", "")
    if not isinstance(why, str) or not why.strip():
        raise RulebookError(rule_id, 'a clinic\'s own value needs its reason, why = "...".')
    if "since" not in given:
        raise RulebookError(rule_id, "a clinic's own value needs the date it holds from, since = 2026-12-01.")
    since = _date(rule_id, "since", given.pop("since"))
    until = _date(rule_id, "until", given.pop("until")) if "until" in given else None
    if until is not None and until < since:
        raise RulebookError(rule_id, f"until = {until} lies before since = {since}.")
    level = _read_level(versions[-1], given.pop("level", ""))
    allowed = versions[-1].values
    values: dict[str, Value] = {}
    for key, raw in given.items():
        if key not in allowed:
            accepted = ", ".join(allowed) or "nothing, it is a yes-or-no rule"
            raise RulebookError(rule_id, f"{key} = {raw!r} is no value of this rule; accepted: {accepted}.")
        values[key] = _value(rule_id, key, raw)
        if isinstance(values[key], tuple) != isinstance(allowed[key], tuple):
            raise RulebookError(
                rule_id, f"{key} = {raw!r}; the book has {allowed[key]!r}, give the same kind."
            )
    if not values and not level:
        raise RulebookError(
            rule_id, f"changes nothing; give one of {', '.join(allowed) or 'a graver level'}."
        )
    return Override(rule_id, values, why, since, until, level)


def _read_level(rule: Rule, level: Any) -> str:
    """A yes-or-no rule may be made graver for a whole clinic, never milder: that is decided at each visit."""
    if level in ("", rule.level):
        return ""
    levels = LEVELS[rule.stage]
    if not rule.when or level not in levels or levels.index(level) <= levels.index(rule.level):
        raise RulebookError(
            rule.id,
            f"level = {level!r}; accepted is a graver one than {rule.level or 'none'}, for a yes-or-no rule.",
        )
    return str(level)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RulebookError(path.name, f"cannot be read ({error.strerror}); check the path.") from error
    except ValueError as error:  # not TOML, not text, or a number of too many digits
        raise RulebookError(path.name, f"is not TOML: {error}.") from error
