"""microrelief audit verify --data DIR: is the trail, and every record it vouches for, as it was written?"""

import argparse
from pathlib import Path
from typing import Any


def add_to(verbs: Any) -> None:
    """Add the verb to the parser."""
    parser = verbs.add_parser(
        "audit",
        help="verify the audit trail of a data folder",
        description="Read the whole trail and every sealed record, and name the first entry that is not as "
        "it was written. Exit code 0 when all is whole, 1 when something was changed.",
    )
    parser.add_argument("what", choices=("verify",), help="verify")
    parser.add_argument("--data", metavar="DIR", type=Path, help="the data folder (or MICRORELIEF_DATA)")
    parser.add_argument(
        "--traceback", action="store_true", help="for a report of a fault: show where it happened"
    )
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> None:
    """Print what was found; a fault of the trail is an error."""
    from microrelief.errors import TrailBroken
    from microrelief.web.start import verify_audit

    finding = verify_audit(given.data)
    for sequence, back in finding.clock_steps:
        print(f"At entry {sequence} the computer's clock stood {back} earlier than before.")
    if not finding.whole:
        raise TrailBroken(
            f"first bad entry {finding.first_bad}: {finding.says}. Copy the data folder before anything else "
            "is done with it, and compare with the latest backup"
        )
    print(f"{finding.says} {finding.entries} entries, {finding.rows} records.")
