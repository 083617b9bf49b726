"""The command line's front door: which verb, and how every error ends.

Exit codes: 0 done, 2 what was given cannot be used (one sentence on stderr, nothing written), 1 a fault of the program.
"""

import argparse
import os
import sys
from collections.abc import Sequence

from microrelief.cli import compare, demo, pathway
from microrelief.errors import MicroreliefError
from microrelief.version import __version__

DONE, FAULT, UNUSABLE = 0, 1, 2
VERBS = (compare, demo, pathway)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; returns the exit code."""
    parser = build_parser()
    given = parser.parse_args(arguments)
    try:
        given.run(given)
    except MicroreliefError as error:
        print(f"microrelief: {error}", file=sys.stderr)
        return UNUSABLE
    except BrokenPipeError:
        # the reader, such as `head`, has enough; what Python still wants to flush goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        print("microrelief: stopped; nothing was written.", file=sys.stderr)
        return 130
    return DONE


def build_parser() -> argparse.ArgumentParser:
    """The parser of all verbs."""
    parser = _Parser(
        prog="microrelief",
        description="Did the microneedling work? Two photographs in, an honest before-and-after out.",
        epilog="Each verb explains itself: microrelief compare --help",
    )
    parser.add_argument("--version", action="version", version=f"microrelief {__version__}")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True, parser_class=_Parser)
    for verb in VERBS:
        verb.add_to(verbs)
    return parser


class _Parser(argparse.ArgumentParser):
    """argparse whose errors are one sentence with the next step, exit code 2."""

    def error(self, message: str) -> None:  # type: ignore[override]
        hint = f"{self.prog} --help shows examples."
        if "the following arguments are required" in message:
            missing = message.split(":", 1)[1].strip()
            message = f"something is missing: {missing}"
        print(f"microrelief: {message[0].lower() + message[1:]}. {hint}", file=sys.stderr)
        sys.exit(UNUSABLE)


if __name__ == "__main__":
    sys.exit(main())
