"""microrelief clock --data DIR --confirm: this computer's clock is right, and was wrong before."""

import argparse
from pathlib import Path
from typing import Any


def add_to(verbs: Any) -> None:
    """Add the verb to the parser."""
    parser = verbs.add_parser(
        "clock",
        help="say that this computer's clock is right, after it was wrong",
        description="While the clock stands earlier than what was recorded already, nobody can sign. Set "
        "the clock right. If it is right and was ahead before, say so here: it goes into the audit trail.",
    )
    parser.add_argument("--data", metavar="DIR", type=Path, help="the data folder (or MICRORELIEF_DATA)")
    parser.add_argument("--confirm", action="store_true", required=True, help="the clock is right now")
    parser.add_argument(
        "--traceback", action="store_true", help="for a report of a fault: show where it happened"
    )
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> None:
    """Write it into the trail."""
    from microrelief.web.start import open_site

    open_site(given.data)
    from microrelief.web.audit.trail import confirm_clock

    confirm_clock(by=None)
    print("Written down: this computer's clock is right from now on.")
