"""What came from a page becomes answers to the rulebook's questions, and answers become fields of a page.

    page -> read_answers -> {name: value}       kept as given, also where it is impossible
    {name: value} -> checked -> facts, and a sentence for each answer that cannot be
    question, value -> Field                    what the template shows

Nothing answered is nothing written: it stays UNKNOWN for the rules.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import QueryDict

from microrelief.errors import FactsError
from microrelief.pathway.facts import NEVER, Question, check_table, questions
from microrelief.pathway.rulebook import Rulebook
from microrelief.web.clinic_rules.book import clinic_book

NOTHING = "nothing"
"""The ticked box "none of these": an answer, unlike no answer."""
_NONE = ("none", "never")
LONGEST = 400


@dataclass(frozen=True)
class Group:
    """Questions that stand together. `rest` names the button that answers what is left with no."""

    key: str
    title: str
    names: tuple[str, ...]
    rest: str = ""


@dataclass(frozen=True)
class Field:
    """One question as the page shows it."""

    question: Question
    name: str
    value: Any
    error: str = ""
    copied: str = ""
    when: str = ""
    """`other=value`: shown only with that answer, where scripts run."""

    @property
    def asks(self) -> str:
        """The question."""
        return self.question.asks

    @property
    def kind(self) -> str:
        """Which control fits: `choice` for a few words, `list` for many."""
        kind = self.question.kind
        if kind == "yes or no":
            return "choice"
        if kind == "choice":
            return "choice" if len(self.question.choices) <= 7 else "list"
        return kind

    @property
    def options(self) -> list[dict[str, Any]]:
        """Value, words, whether it is chosen."""
        if self.question.kind == "yes or no":
            pairs = [("yes", "Yes", True), ("no", "No", False)]
            return [
                {"value": value, "words": words, "on": self.value is means} for value, words, means in pairs
            ]
        chosen = self.value if isinstance(self.value, list) else [self.value]
        return [
            {"value": word, "words": _words(word), "on": word in chosen} for word in self.question.choices
        ]

    @property
    def is_long(self) -> bool:
        """Whether its options need a line of their own."""
        return sum(len(option["words"]) + 4 for option in self.options) > 34

    @property
    def typed(self) -> str:
        """What stands in a field one types into."""
        if self.value is None or self.value in (NEVER, []):
            return ""
        if isinstance(self.value, list):
            return ", ".join(str(one) for one in self.value)
        return f"{self.value:g}" if isinstance(self.value, float) else str(self.value)

    @property
    def is_never(self) -> bool:
        """Whether it was answered with never."""
        return bool(self.value == NEVER)

    @property
    def is_nothing(self) -> bool:
        """Whether it was answered with none of these."""
        return bool(self.value == [])


def _words(word: str) -> str:
    return word.replace("_", " ").capitalize() if word.islower() else word


def read_answers(stage: str, names: Iterable[str], sent: QueryDict) -> dict[str, Any]:
    """The answers among what was sent."""
    asked = questions(stage)
    found = {name: _read(asked[name], sent, name) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def read_overrides(sent: QueryDict, standing: dict[str, str]) -> dict[str, str]:
    """Reasons by the id of their rule; those the page did not show stay."""
    found = dict(standing)
    for name in sent:
        if name.startswith("why-"):
            found[name.removeprefix("why-")] = " ".join(str(sent[name]).split())[:LONGEST]
    return {rule: why for rule, why in found.items() if why}


def fill_rest(stage: str, names: Iterable[str], answers: dict[str, Any]) -> dict[str, Any]:
    """What is not answered yet is answered with no, none or never, where the question has such an answer."""
    asked = questions(stage)
    filled = dict(answers)
    for name in names:
        if name not in filled and (value := _plain_no(asked[name])) is not None:
            filled[name] = value
    return filled


def checked(stage: str, answers: Mapping[str, Any], **given: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """The answers that can be, with `given` beside them, and a sentence for each that cannot."""
    facts: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    asked = questions(stage)
    today = given.get("visit_on")
    for name, value in answers.items():
        if name not in asked:
            continue
        try:
            read = check_table({name: asked[name]}, {name: value}, "").get(name)
        except FactsError as error:
            sentence = str(error).removeprefix(f"{name}: ")
            wrong[name] = sentence[:1].upper() + sentence[1:]
            continue
        if asked[name].past and today and isinstance(read, date) and read > today:
            wrong[name] = f"{value} lies after the day of the visit; give a day up to {today}."
            continue
        facts[name] = value
    return {**facts, **{name: value for name, value in given.items() if value is not None}}, wrong


def fields(
    stage: str,
    names: Iterable[str],
    answers: Mapping[str, Any],
    *,
    wrong: Mapping[str, str] | None = None,
    copied: Mapping[str, str] | None = None,
    when: Mapping[str, str] | None = None,
) -> list[Field]:
    """The fields of a page."""
    asked = questions(stage)
    return [
        Field(
            asked[name],
            name,
            answers.get(name),
            (wrong or {}).get(name, ""),
            (copied or {}).get(name, ""),
            (when or {}).get(name, ""),
        )
        for name in names
    ]


def the_book(on: date | None = None) -> Rulebook:
    """The rulebook this clinic works by."""
    return clinic_book()


def _read(question: Question, sent: QueryDict, name: str) -> Any:
    text = (sent.get(name) or "").strip()[:LONGEST]
    kind = question.kind
    if kind == "yes or no":
        return {"yes": True, "no": False}.get(text)
    if kind in ("number", "whole number"):
        return _number(text)
    if kind == "choices":
        chosen = [word for word in sent.getlist(name) if word != NOTHING][:40]
        return chosen or ([] if NOTHING in sent.getlist(name) else None)
    if kind == "words":
        words = [word.strip() for word in text.split(",") if word.strip()]
        return words or ([] if sent.get(f"{name}_none") else None)
    if kind == "date or never" and not text:
        return NEVER if sent.get(f"{name}_never") else None
    return text or None


def _number(text: str) -> float | int | str | None:
    if not text:
        return None
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return text
    return int(value) if value == int(value) and abs(value) < 10**9 else value if abs(value) < 10**9 else text


def _plain_no(question: Question) -> Any:
    """The answer that says there is nothing, None where the question has none."""
    if question.kind == "yes or no":
        return False
    if question.kind == "choice":
        return next((word for word in _NONE if word in question.choices), None)
    if question.kind == "date or never":
        return NEVER
    return [] if question.kind in ("choices", "words") else None
