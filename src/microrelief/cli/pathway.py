"""microrelief pathway ...: facts in, findings out."""

import argparse
import json
import sys
import tomllib
from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from microrelief.errors import FactsError, OutputError
from microrelief.pathway.calendar import plan_calendar
from microrelief.pathway.facts import example_file
from microrelief.pathway.information import information_document, information_text
from microrelief.pathway.instruments import describe, score
from microrelief.pathway.judge import judge
from microrelief.pathway.rulebook import read_rulebook
from microrelief.pathway.table import outcome_document, outcome_table, plan_text, rules_document, rules_table

EXAMPLES = """\
examples:
  microrelief pathway example suitability > anna.toml      a facts file to fill in, with every question
  microrelief pathway suitability anna.toml
  microrelief pathway suitability anna.toml --clinic ours.toml --json
  microrelief pathway preparation anna-plan.toml --ics plan.ics --print plan.txt
  microrelief pathway numbing cream.toml                   the arithmetic is shown
  microrelief pathway recovery day4.toml
  microrelief pathway instrument ecca scars.toml
  microrelief pathway information laser                    what is known, with sources
  microrelief pathway rules session --on 2026-11-22

a facts file is TOML or JSON; "-" reads from standard input
"""
STAGE_HELP = {
    "suitability": "may this person be needled on this day",
    "preparation": "a dated plan up to the session; --ics and --print write it out",
    "numbing": "is this cream within its limits, with the arithmetic",
    "session": "device, needles, zones and records, before sign-off",
    "recovery": "what is usual on this day, and triage of a diary entry",
    "course": "sessions, reviews, when to stop, what published series achieved",
    "claims": "may this pair be called a result",
}


def add_to(verbs: Any) -> None:
    """Add the verb to the parser."""
    parser = verbs.add_parser(
        "pathway",
        help="the rules of a careful clinic: who, how, and what may be claimed",
        description="Judge facts by the rulebook: dated rules, each with its source and confidence.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    kinds = parser.add_subparsers(title="what to judge", metavar="WHAT", required=True, help="see below")
    for stage, says in STAGE_HELP.items():
        _add_stage(kinds, stage, says)
    scale = kinds.add_parser("instrument", help="score a grading scale; without FACTS, what it asks")
    scale.add_argument("name", metavar="NAME", help="for example ecca; a wrong name lists them")
    scale.add_argument("facts", metavar="FACTS", nargs="?", help="answers as TOML or JSON")
    scale.add_argument("--json", action="store_true", help="print JSON")
    scale.set_defaults(run=run_instrument)
    passages = kinds.add_parser("information", help="what microneedling is, does and does not, with sources")
    passages.add_argument(
        "topic", metavar="TOPIC", nargs="?", help="for example laser; without it, everything"
    )
    passages.add_argument("--json", action="store_true", help="print JSON")
    passages.set_defaults(run=run_information)
    rules = kinds.add_parser("rules", help="print the book")
    rules.add_argument("stage", metavar="STAGE", nargs="?", choices=[*STAGE_HELP], help="one stage only")
    rules.add_argument(
        "--on", metavar="DAY", type=_day, help="the rules of that day; without it, every version"
    )
    rules.add_argument("--clinic", metavar="FILE", type=Path, help="a clinic's own values")
    rules.add_argument("--json", action="store_true", help="print JSON")
    rules.set_defaults(run=run_rules)
    example = kinds.add_parser("example", help="print a facts file to fill in, with every question")
    example.add_argument("stage", metavar="STAGE", choices=[*STAGE_HELP], help=", ".join(STAGE_HELP))
    example.set_defaults(run=run_example)
    for kind in kinds.choices.values():
        kind.add_argument(
            "--traceback", action="store_true", help="for a report of a fault: show where it happened"
        )


def _add_stage(kinds: Any, stage: str, says: str) -> None:
    parser = kinds.add_parser(stage, help=says, description=f"{says[0].upper()}{says[1:]}.")
    parser.add_argument("facts", metavar="FACTS", help="facts as TOML or JSON; - for standard input")
    parser.add_argument(
        "--clinic", metavar="FILE", type=Path, help="a clinic's own values, laid over the book's"
    )
    parser.add_argument("--all", action="store_true", help="also the rules that have nothing against it")
    parser.add_argument("--json", action="store_true", help="print JSON, schema microrelief/pathway/1")
    if stage in ("preparation", "course"):
        parser.add_argument("--ics", metavar="FILE", type=Path, help="write the plan as a calendar")
        parser.add_argument(
            "--print", metavar="FILE", type=Path, dest="paper", help="write the plan as text to print"
        )
    parser.set_defaults(run=run, stage=stage)


def run(given: argparse.Namespace) -> None:
    """Judge one stage and print what was found."""

    outcome = judge(given.stage, read_document(given.facts), read_rulebook(given.clinic))
    if getattr(given, "ics", None) is not None:
        _write(given.ics, plan_calendar(outcome))
    if getattr(given, "paper", None) is not None:
        _write(given.paper, plan_text(outcome, "Your plan"))
    print(_as_json(outcome_document(outcome)) if given.json else outcome_table(outcome, given.all))


def run_instrument(given: argparse.Namespace) -> None:
    """Score one scale, or say what it asks."""

    if given.facts is None:
        print(describe(given.name))
        return
    scored = score(given.name, read_document(given.facts))
    print(_as_json(scored.document()) if given.json else scored.text())


def run_information(given: argparse.Namespace) -> None:
    """Print the passages of a topic."""

    print(_as_json(information_document(given.topic)) if given.json else information_text(given.topic))


def run_rules(given: argparse.Namespace) -> None:
    """Print the book."""

    book = read_rulebook(given.clinic)
    rules = book.versions if given.on is None else tuple(book.on(given.on).rules.values())
    chosen = tuple(rule for rule in rules if given.stage in (None, rule.stage))
    print(_as_json(rules_document(chosen)) if given.json else rules_table(chosen))


def run_example(given: argparse.Namespace) -> None:
    """Print a facts file to fill in."""

    print(example_file(given.stage), end="")


def read_document(name: str) -> Mapping[str, Any]:
    """Read a TOML or JSON facts file, "-" for standard input."""
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except OSError as error:
        raise FactsError(
            name, f"cannot be read ({error.strerror}); give a facts file in TOML or JSON."
        ) from error
    except UnicodeDecodeError as error:
        raise FactsError(Path(name).name, "is not text; give a facts file in TOML or JSON.") from error
    try:
        document = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except ValueError as error:
        raise FactsError(Path(name).name, f"is neither TOML nor JSON: {error}.") from error
    except RecursionError as error:
        raise FactsError(Path(name).name, "is nested too deeply; give a flat facts file.") from error
    if not isinstance(document, dict):
        raise FactsError(Path(name).name, "is not a table of facts; give field = value lines.")
    return document


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror}); give another file.") from error


def _as_json(document: Any) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False, default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not a date such as 2026-11-22") from None
