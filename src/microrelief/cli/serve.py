"""microrelief serve --data DIR --port N: the clinic's site."""

import argparse
from pathlib import Path
from typing import Any


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
        "--traceback", action="store_true", help="for a report of a fault: show where it happened"
    )
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> None:
    """Open the site and answer until stopped."""
    from microrelief.web.start import serve

    serve(given.data, given.port, say=lambda line: print(line, flush=True))
