"""The command line's front door: which verb, and how every error ends.

Exit codes: 0 done, 2 what was given cannot be used (one sentence on stderr, nothing written), 1 a fault of
the program or of its installation (one sentence on stderr; --traceback shows where).
"""

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from typing import NoReturn

from microrelief.cli import audit, clock, compare, demo, pathway, serve
from microrelief.errors import InputError, MicroreliefError
from microrelief.version import __version__

DONE, FAULT, UNUSABLE, STOPPED = 0, 1, 2, 130
VERBS = (compare, demo, pathway, serve, audit, clock)
EXAMPLES = """\
examples:
  microrelief compare march.jpg june.jpg --out result
  microrelief demo --out demo
  microrelief pathway suitability anna.toml
  microrelief serve --data clinic --port 8000
  microrelief audit verify --data clinic

Each verb explains itself: microrelief compare --help
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; returns the exit code."""
    # before numpy loads: on small matrices its threads wait for each other ten times longer than they work
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    given = build_parser().parse_args(arguments)
    try:
        given.run(given)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of stdout (head, less) has left: it saw what it wanted
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        _say("stopped; nothing was written.")
        return STOPPED
    except MicroreliefError as error:
        _say(str(error))
        return UNUSABLE if isinstance(error, InputError) else FAULT
    except MemoryError:
        _say("the computer ran out of memory: close other programs, or give smaller photographs.")
        return FAULT
    except Exception as error:
        if given.traceback:
            traceback.print_exc()
        _say(_fault(error, given.traceback))
        return FAULT
    return DONE


def _say(sentence: str) -> None:
    print(f"microrelief: {' '.join(sentence.split())}", file=sys.stderr)


def _fault(error: Exception, traceback_shown: bool) -> str:
    """The sentence for an exception that no one foresaw; it names no file of the patient's."""
    frames = traceback.extract_tb(error.__traceback__)
    here = [frame for frame in frames if "microrelief" in frame.filename] or frames
    where = f"{os.path.basename(here[-1].filename)}:{here[-1].lineno}" if here else "an unknown place"
    what = f"{type(error).__name__} at {where}, version {__version__}"
    more = "" if traceback_shown else "; the same command with --traceback shows more"
    return f'this is a fault of the program, not of your photographs: please report "{what}"{more}.'


def build_parser() -> argparse.ArgumentParser:
    """The parser of all verbs."""
    parser = _Parser(
        prog="microrelief",
        description="Did the microneedling work? Two photographs in, an honest before-and-after out.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"microrelief {__version__}")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True, parser_class=_Parser)
    for verb in VERBS:
        verb.add_to(verbs)
    return parser


class _Parser(argparse.ArgumentParser):
    """argparse whose errors are one sentence with the next step, exit code 2."""

    def error(self, message: str) -> NoReturn:
        """One sentence on stderr, exit code 2."""
        if "arguments are required: VERB" in message:
            message = f"say what to do first: {' or '.join(_names())}"
        elif "invalid choice" in message and "VERB" in message:
            word = message.split("'")[1]
            message = f"{word!r} is not a verb, say {' or '.join(_names())} first"
        elif "the following arguments are required" in message:
            message = f"something is missing: {message.split(':', 1)[1].strip()}".replace(
                "--out", "--out DIR"
            )
        elif "unrecognized arguments" in message:
            extra = message.split(":", 1)[1].strip()
            unknown = "there is no such option" if extra.startswith("-") else "too much was given"
            message = f"{unknown}, or a name with a space lacks its quotes: {extra}"
        _say(f"{message}. {self.prog} --help shows examples.")
        sys.exit(UNUSABLE)


def _names() -> list[str]:
    return [verb.__name__.rsplit(".", 1)[1] for verb in VERBS]


if __name__ == "__main__":
    sys.exit(main())
