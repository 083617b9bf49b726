"""The rules and the examples that test them become docs/reference/rules.md.

    python -m microrelief.pathway.reference            write the page
    python -m microrelief.pathway.reference --check    fail when the page is not what would be written

Chapters are the modules of tests/spec: title and introduction from the docstring, examples as they run.
"""

import argparse
import importlib
import re
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from microrelief.errors import RulebookError
from microrelief.pathway.course import Series, published_series
from microrelief.pathway.finding import show
from microrelief.pathway.information import passages, treatments
from microrelief.pathway.rulebook import STAGES, Rule, Rulebook, read_rulebook

PAGE = Path("docs/reference/rules.md")
SOURCES = Path("docs/references.bib")
CHAPTERS = "tests.spec.chapters"
_HEAD = """\
# The rules

<!-- Written by `python -m microrelief.pathway.reference` from the rules and tests/spec. Do not edit. -->

What a careful clinic knows about microneedling for acne scars, as data: each rule with its sentence, its
values, where they come from, how sure that is, since when it holds, and examples that run as tests. A
clinic may lay its own values over the book's ([how](../how-to/pathway.md)); every finding says whose value
it used. The rules advise. A professional decides, and says why where the decision differs.

**Confidence.** *strong*: a label, a law or agreement among sources. *moderate*: trials or series, or good
sources by analogy. *weak*: habit, one small source, or recalled from memory. *disputed*: sources contradict
each other. What was recalled rather than read is named as such, and is never more than weak; it must be
verified before it is shown to a patient as a fact.

**Dates.** A visit is judged by the rules of its day. A rule that changes keeps its old version with the day
it ended.
"""


def main(arguments: list[str] | None = None) -> int:
    """Write the page, or compare it; 1 when it differs."""
    parser = argparse.ArgumentParser(prog="python -m microrelief.pathway.reference", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="compare only; exit code 1 when the page is out of date"
    )
    given = parser.parse_args(arguments)
    page = reference_page(read_rulebook())
    if not given.check:
        PAGE.write_text(page, encoding="utf-8")
        print(f"{PAGE}: written")
        return 0
    if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page:
        print(f"{PAGE}: out of date. Run: python -m microrelief.pathway.reference", file=sys.stderr)
        return 1
    return 0


def reference_page(book: Rulebook) -> str:
    """The whole page. Raises RulebookError for a source key that docs/references.bib does not hold."""
    titles = read_titles(SOURCES)
    _refuse_unknown_sources(book, titles)
    sys.path.insert(0, str(Path.cwd()))  # tests/ is no part of the installed package
    chapters = {chapter.STAGE: chapter for chapter in importlib.import_module(CHAPTERS).CHAPTERS}
    lines = [_HEAD, "## Contents\n"]
    for stage in STAGES:
        title = _title(chapters[stage])
        count = sum(rule.stage == stage for rule in book.versions)
        lines.append(f"- [{title}](#{_anchor(title)}): {count} rules")
    lines += ["- [What published series achieved](#what-published-series-achieved)"]
    lines += [
        "- [Beside other treatments](#beside-other-treatments)",
        "- [Passages](#passages)",
        "- [Sources](#sources)",
        "",
    ]
    for stage in STAGES:
        lines += _chapter(stage, chapters[stage], book)
    lines += [*_series(), *_treatments(), *_passages(), *_sources(book, titles)]
    return "\n".join(lines).rstrip() + "\n"


def read_titles(bibliography: Path) -> dict[str, str]:
    """Key and what is known of each source: title, year, how it was read."""
    titles: dict[str, str] = {}
    for entry in re.findall(r"^@misc\{(.+?)^\}", bibliography.read_text(encoding="utf-8"), re.M | re.S):
        key, _, body = entry.partition(",")
        fields = dict(re.findall(r"^\s+(\w+) = \{(.*)\},$", body, re.M))
        if key in titles:
            raise RulebookError(key, f"stands twice in {bibliography}; keep one.")
        titles[key] = "; ".join(
            fields[name] for name in ("title", "year", "howpublished", "note") if name in fields
        )
        titles[key] += f"; PMID {fields['pmid']}" if "pmid" in fields else ""
        titles[key] += "" if fields["keywords"] == "read" else f" (**{fields['keywords']}**)"
    return titles


def _refuse_unknown_sources(book: Rulebook, titles: Mapping[str, str]) -> None:
    for owner, keys in _cited(book):
        for key in keys:
            if key not in titles:
                raise RulebookError(owner, f"cites {key!r}, which {SOURCES} does not hold; add it there.")


def _cited(book: Rulebook) -> Iterator[tuple[str, tuple[str, ...]]]:
    for rule in book.versions:
        yield rule.id, rule.source
    for passage in passages():
        yield passage.id, passage.source
    for treatment in treatments():
        yield treatment.name, treatment.source
    for row in published_series():
        yield row.study, (row.source,)


def _title(chapter: Any) -> str:
    return str(chapter.__doc__).strip().splitlines()[0]


def _chapter(stage: str, chapter: Any, book: Rulebook) -> Iterator[str]:
    text = str(chapter.__doc__).strip().splitlines()
    yield from (f"## {text[0]}", *text[1:], "")
    for rule in book.versions:
        if rule.stage == stage:
            yield from _rule(rule, chapter, stage)


def _rule(rule: Rule, chapter: Any, stage: str) -> Iterator[str]:
    yield f"### {rule.id}\n"
    yield f"{_sentence(rule.says)}{_avoid(rule)}\n"
    if rule.patient:
        yield f"> To the patient: {rule.patient}\n"
    if rule.values:
        values = "; ".join(
            f"{name.replace('_', ' ')} **{show(value)}**" for name, value in rule.values.items()
        )
        yield f"- Value: {values} ({rule.unit})"
    if rule.level:
        yield f"- Finding: {rule.level}"
    recalled = f"; recalled, not read: {rule.memory}" if rule.memory else ""
    yield f"- Confidence: *{rule.confidence}*{recalled}"
    yield f"- Source: {', '.join(f'[{key}](#{key})' for key in rule.source)}"
    yield f"- In force: since {rule.since}" + (f" until {rule.until}" if rule.until else "")
    if rule.note:
        yield f"- Note: {rule.note}"
    examples = [one for one in chapter.EXAMPLES if one.rule == rule.id]
    if examples:
        yield "- Examples:"
    for one in examples:
        facts = (
            ", ".join(f"`{name} = {_fact(value)}`" for name, value in one.given.items())
            or "as the chapter begins"
        )
        yield f"  - {one.title} ({facts}): **{one.level}**"
    yield ""


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def _avoid(rule: Rule) -> str:
    return f" Avoid: {rule.avoid}." if rule.avoid else ""


def _fact(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return "[" + ", ".join(_fact(item) for item in value) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name} = {_fact(inner)}" for name, inner in value.items()) + "}"
    return f'"{value}"' if isinstance(value, str) else f"{value:g}"


def _series() -> Iterator[str]:
    yield "## What published series achieved\n"
    yield "Different designs and scales: read a row, do not rank rows. *recalled* rows were not read.\n"
    yield "| Study | People | Design | Scale | Result | Harm | Source |"
    yield "|---|---|---|---|---|---|---|"
    yield from (_series_row(row) for row in published_series())
    yield ""


def _series_row(row: Series) -> str:
    people = "not reported" if row.people is None else str(row.people)
    recalled = " *recalled*" if row.recalled else ""
    link = f"[{row.source}](#{row.source})"
    cells = (f"{row.study}{recalled}", people, row.design, row.scale, row.result, row.harm, link)
    return f"| {' | '.join(cells)} |"


def _treatments() -> Iterator[str]:
    yield "## Beside other treatments\n"
    yield "Rows come from different studies: side by side, not a ranking.\n"
    yield "| Treatment | Efficacy | Downtime | Dark marks | Confidence | Source |"
    yield "|---|---|---|---|---|---|"
    for row in treatments():
        recalled = f"; recalled: {row.memory}" if row.memory else ""
        links = ", ".join(f"[{key}](#{key})" for key in row.source)
        cells = (row.name, row.efficacy, row.downtime, row.dark_marks, f"{row.confidence}{recalled}", links)
        yield f"| {' | '.join(cells)} |"
    yield ""


def _passages() -> Iterator[str]:
    yield "## Passages\n"
    yield "For the consultation and the patient's sheet; `microrelief pathway information` prints them.\n"
    for passage in passages():
        recalled = f"; recalled, not read: {passage.memory}" if passage.memory else ""
        links = ", ".join(f"[{key}](#{key})" for key in passage.source)
        credit = f"*{passage.confidence}{recalled}*; {links}"
        yield f"**{passage.heading}** ({passage.topic}). {passage.text} {credit}\n"


def _sources(book: Rulebook, titles: Mapping[str, str]) -> Iterator[str]:
    yield "## Sources\n"
    yield "Mostly abstracts, labels and excerpts were read; [references.bib](../references.bib) says which.\n"
    cited = {key for _, keys in _cited(book) for key in keys}
    for key in sorted(cited):
        yield f'- <a id="{key}"></a>`{key}` {titles[key]}'


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")


if __name__ == "__main__":
    sys.exit(main())
