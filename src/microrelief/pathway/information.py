"""Sourced passages for the consultation and the patient's sheet: what needling is and does, and what stands
beside it."""

import tomllib
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from textwrap import fill
from typing import Any

from microrelief.errors import FactsError

EVIDENCE = Path(__file__).parent / "evidence"
COMPARED = "compared"
_WIDTH = 100


@dataclass(frozen=True)
class Passage:
    """A short text with its sources. `memory` says which part was recalled rather than read."""

    id: str
    topic: str
    heading: str
    text: str
    source: tuple[str, ...]
    confidence: str
    memory: str = ""


@dataclass(frozen=True)
class Treatment:
    """One treatment beside others: rows come from different studies and are no ranking."""

    name: str
    efficacy: str
    downtime: str
    dark_marks: str
    source: tuple[str, ...]
    confidence: str
    memory: str = ""


@cache
def passages() -> tuple[Passage, ...]:
    """All passages, in the order of a consultation."""
    rows = tomllib.loads((EVIDENCE / "passages.toml").read_text(encoding="utf-8"))["passage"]
    return tuple(Passage(**{**row, "source": tuple(row["source"])}) for row in rows)


@cache
def treatments() -> tuple[Treatment, ...]:
    """Needling beside other treatments: efficacy, downtime, dark marks."""
    rows = tomllib.loads((EVIDENCE / "comparators.toml").read_text(encoding="utf-8"))["treatment"]
    return tuple(Treatment(**{**row, "source": tuple(row["source"])}) for row in rows)


def topics() -> tuple[str, ...]:
    """What can be asked for."""
    return (*dict.fromkeys(passage.topic for passage in passages()), COMPARED)


def on_topic(topic: str | None) -> tuple[Passage, ...]:
    """The passages of a topic, or all. Raises FactsError for a topic that is none."""
    if topic is not None and topic not in topics():
        raise FactsError("topic", f"{topic!r} is none; accepted are {', '.join(topics())}.")
    return tuple(passage for passage in passages() if topic in (None, passage.topic))


def information_text(topic: str | None = None) -> str:
    """Passages to read on a terminal or print; the comparison where it is asked for, or with everything."""
    lines: list[str] = []
    for passage in on_topic(topic):
        recalled = f"; recalled, not read: {passage.memory}" if passage.memory else ""
        lines += [passage.heading, fill(passage.text, _WIDTH, initial_indent="  ", subsequent_indent="  ")]
        lines += [f"  [{passage.confidence}{recalled}; {', '.join(passage.source)}]", ""]
    if topic in (None, COMPARED):
        lines += ["Beside other treatments (rows from different studies, no ranking)"]
        for row in treatments():
            what = f"{row.name}: {row.efficacy}; downtime: {row.downtime}; dark marks: {row.dark_marks}."
            lines += [fill(what, _WIDTH, initial_indent="  ", subsequent_indent="    ")]
            recalled = f"; recalled, not read: {row.memory}" if row.memory else ""
            lines += [f"    [{row.confidence}{recalled}; {', '.join(row.source)}]"]
    return "\n".join(lines)


def information_document(topic: str | None = None) -> dict[str, Any]:
    """The same as plain values, for JSON."""
    shown = treatments() if topic in (None, COMPARED) else ()
    return {
        "schema": "microrelief/information/1",
        "passages": [asdict(passage) for passage in on_topic(topic)],
        "treatments": [asdict(row) for row in shown],
    }
