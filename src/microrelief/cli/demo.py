"""microrelief demo --out DIR: compare the pair that the package carries."""

import argparse
from importlib import resources
from pathlib import Path
from typing import Any

from microrelief.cli.compare import add_common, compare_and_write


def add_to(verbs: Any) -> None:
    """Add the verb to the parser."""
    parser = verbs.add_parser(
        "demo",
        help="compare the demonstration pair: a rendered face, no real person",
        description="Compare the demonstration pair that the package carries: "
        "a rendered face whose true change is known.",
    )
    parser.add_argument(
        "--out", metavar="DIR", type=Path, default=Path("microrelief-demo"), help="folder for the result"
    )
    add_common(parser)
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> None:
    """Compare the demonstration pair and write the report."""
    from microrelief.imaging.compare import Choices

    with resources.as_file(resources.files("microrelief.phantom") / "demo") as pair:
        compare_and_write(
            pair / "before.jpg",
            pair / "after.jpg",
            given.out,
            Choices(),
            quiet=given.quiet,
            as_json=given.json,
        )
