"""What the pages of sheets do alike: answer a script with parts of the page, show two edits that met."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from microrelief.pathway.finding import Finding, Outcome
from microrelief.pathway.rulebook import LEVELS
from microrelief.web.patients.record import PatientRecord
from microrelief.web.refusals import EditConflict
from microrelief.web.sheets.answers import Field, Group

GRAVE = ("exclude", "defer", "refer", "stop", "move", "refuse")


@dataclass(frozen=True)
class Shown:
    """A group of questions with its fields."""

    group: Group
    fields: list[Field]

    @property
    def open(self) -> int:
        """How many are not answered."""
        return sum(field.value is None and not field.when for field in self.fields)

    @property
    def copied(self) -> bool:
        """Whether an answer in it was copied and not looked at yet."""
        return any(field.copied for field in self.fields)


@dataclass(frozen=True)
class Heard:
    """What the rules of one stage say, as a page shows it: grave first; open and fine ones apart."""

    title: str
    outcome: Outcome | None
    problem: str = ""
    """Why nothing could be judged: answers that contradict each other."""

    @property
    def verdict(self) -> str:
        """In a word."""
        if self.outcome is None:
            return "cannot be judged"
        if self.outcome.verdict == "ask":
            return "not complete"
        words = self.outcome.verdict
        if self.outcome.earliest is not None and words in ("defer", "move"):
            words += f" until {self.outcome.earliest:%-d %B %Y}"
        return words

    @property
    def tone(self) -> str:
        """`bad`, `warn`, `good` or nothing: a colour beside the word, never instead of it."""
        if self.outcome is None:
            return "warn"
        return tone_of(self.outcome.verdict)

    @property
    def spoken(self) -> list[Finding]:
        """What stands against it, gravest first."""
        mild = () if self.outcome is None else (LEVELS[self.outcome.stage][0], "ask")
        return [] if self.outcome is None else [one for one in self.outcome.findings if one.level not in mild]

    @property
    def fine(self) -> list[Finding]:
        """What was looked at and is well."""
        if self.outcome is None:
            return []
        mildest = LEVELS[self.outcome.stage][0]
        return [one for one in self.outcome.findings if one.level == mildest]

    @property
    def questions(self) -> tuple[str, ...]:
        """What is still to be asked, without the names the program gives it."""
        return () if self.outcome is None else tuple(ask.rsplit(" (", 1)[0] for ask in self.outcome.questions)


def tone_of(level: str) -> str:
    """The colour of a level."""
    if level in ("exclude", "stop", "refuse", "emergency"):
        return "bad"
    if level in ("defer", "refer", "move", "caution", "warning"):
        return "warn"
    return "good" if level in ("ok", "fine") else ""


def wants_parts(request: HttpRequest) -> bool:
    """Whether a script asks, which puts the parts into the page that stands."""
    return "X-Partial" in request.headers


def differences(error: EditConflict, labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """Line by line: what stands, what was asked for; only where they differ."""
    theirs: PatientRecord = error.theirs
    rows = []
    for name, label in labels.items():
        stands, asked = getattr(theirs, name), error.yours.get(name, getattr(theirs, name))
        if isinstance(stands, dict) and isinstance(asked, dict):
            keys = [key for key in {**stands, **asked} if stands.get(key) != asked.get(key)]
            rows += [
                {
                    "label": key.replace("_", " ").capitalize(),
                    "theirs": _told(stands.get(key)),
                    "yours": _told(asked.get(key)),
                    "differs": True,
                }
                for key in keys
            ]
        elif stands != asked:
            rows.append({"label": label, "theirs": _told(stands), "yours": _told(asked), "differs": True})
    return rows


def _told(value: Any) -> str:
    if value is None or value == "":
        return "not answered"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return (
            f"{len(value)} entries"
            if value and isinstance(value[0], dict)
            else ", ".join(map(str, value)) or "none"
        )
    return str(value)
