"""microrelief serve --data DIR --port N: the clinic's site."""

import argparse
from pathlib import Path
from typing import Any

from microrelief.errors import InputError

DEMO_FOLDER = Path("microrelief-demo-clinic")
"""Where a demonstration is kept when no folder is named."""


def add_to(verbs: Any) -> None:
    """Add the verb to the parser."""
    parser = verbs.add_parser(
        "serve",
        help="open the clinic's site: patients, photographs, consent, audit",
        description="Open the clinic's site on this computer. The first start makes the data folder, its "
        "keys and the encrypted database, and prints a link with which the owner's account is made.",
    )
    parser.add_argument(
        "--data",
        metavar="DIR",
        type=Path,
        help="the data folder; made at the first start (or MICRORELIEF_DATA)",
    )
    parser.add_argument("--port", metavar="N", type=int, help="the port to listen on (8000)")
    parser.add_argument(
        "--demo",
        action="store_true",
        help="open a demonstration clinic of invented people with rendered faces, and print its login",
    )
    parser.add_argument(
        "--fresh", action="store_true", help="with --demo: make the demonstration anew, as of today"
    )
    parser.add_argument(
        "--traceback", action="store_true", help="for a report of a fault: show where it happened"
    )
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> None:
    """Open the site and answer until stopped."""
    if given.fresh and not given.demo:
        raise InputError("--fresh makes a demonstration anew: say --demo as well.")
    if given.demo:
        from microrelief.web.demo import serve_demo

        serve_demo(given.data or DEMO_FOLDER, given.port, _say, fresh=given.fresh)
        return
    from microrelief.web.start import serve

    serve(given.data, given.port, _say)


def _say(line: str) -> None:
    print(line, flush=True)
