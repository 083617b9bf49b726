"""microrelief repeatability FOLDER: a clinic's own repeated photographs, for its later comparisons."""

import argparse
import os
import sys
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from microrelief.errors import OutputError

if TYPE_CHECKING:
    from microrelief.cohort.repeats import Repeat
    from microrelief.imaging.change.repeatability import Repeatability

EXAMPLES = """\
examples:
  microrelief repeatability repeats                        a screen of figures, nothing written
  microrelief repeatability repeats --out ours             the figures, a page, a plot and repeatability.json
  microrelief repeatability repeats --use                  later comparisons honour them without being told
  microrelief compare march.jpg june.jpg --out result --repeatability ours

FOLDER holds photographs of the same people taken twice with nothing done between: a sub-folder for each
person, or names like anna_1.jpg anna_2.jpg, or pairs.csv with the columns before and after.
"""


def add_to(verbs: Any) -> None:
    """Add the verb to the parser."""
    parser = verbs.add_parser(
        "repeatability",
        help="what your own repeated photographs say of your comparisons",
        description="Compare a clinic's own repeated photographs, between which nothing was done, and state "
        "its repeatability and detectable change.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="folder with the repeated photographs")
    parser.add_argument(
        "--out",
        metavar="DIR",
        type=Path,
        help="also write repeatability.json, a page and a plot there; a name in .json: only that file",
    )
    parser.add_argument(
        "--use", action="store_true", help="let every later comparison of yours use these figures"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress on stderr")
    parser.add_argument(
        "--traceback", action="store_true", help="for a report of a fault: show where it happened"
    )
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> None:
    """Compare the repeats, say what follows, and write it where asked."""
    from microrelief.cohort.repeatability_file import NAME, repeatability_json, write_file
    from microrelief.cohort.repeatability_page import (
        PAGE,
        PLOT,
        repeatability_page,
        repeatability_plot,
        repeatability_text,
    )
    from microrelief.cohort.repeats import find_repeats
    from microrelief.cohort.retest import run_retest

    repeats = find_repeats(given.folder)
    _refuse_other_peoples(given.out)
    began = time.perf_counter()

    def say(number: int, repeat: "Repeat") -> None:
        if not given.quiet:
            print(
                f"[{time.perf_counter() - began:6.1f} s] pair {number} of {len(repeats.pairs)}, person "
                f"{repeat.person}: {repeat.before.name}, {repeat.after.name} ...",
                file=sys.stderr,
                flush=True,
            )

    if not given.quiet:
        print(repeats.understood, file=sys.stderr, flush=True)
    retest = run_retest(repeats, date.today(), say)
    file = repeatability_json(retest).encode()
    print(repeatability_text(retest), flush=True)
    if given.out is not None and given.out.suffix == ".json":
        write_file(given.out, file)
        print(f"Written: {given.out}")
    elif given.out is not None:
        write_file(given.out / PLOT, repeatability_plot(retest))
        write_file(given.out / PAGE, repeatability_page(retest).encode())
        write_file(given.out / NAME, file)
        print(f"Written: {given.out / PAGE}, {PLOT}, {NAME}")
    if given.use:
        write_file(standing_place(), file)
        print(
            f"Used from now on: {standing_place()} (microrelief compare --no-repeatability goes without; "
            "delete the file to end it)"
        )


def standing_place() -> Path:
    """Where `--use` puts the file and `compare` looks for it."""
    from microrelief.cohort.repeatability_file import NAME

    stated = os.environ.get("XDG_CONFIG_HOME", "")
    # the specification has relative paths ignored
    home = Path(stated) if os.path.isabs(stated) else Path.home() / ".config"
    return home / "microrelief" / NAME


def repeatability_in_use(stated: Path | None, without: bool) -> "Repeatability | None":
    """What a comparison is to honour: the stated file, else the one that `--use` put in place, else none."""
    from microrelief.cohort.repeatability_file import read_repeatability

    if without or (stated is None and not standing_place().is_file()):
        return None
    return read_repeatability(stated or standing_place())


def _refuse_other_peoples(out: Path | None) -> None:
    """Before the long computation: is that a place that may be written?"""
    if out is None:
        return
    if out.suffix == ".json":
        from microrelief.cohort.repeatability_file import read_repeatability

        if out.is_dir():
            raise OutputError(
                f"{out} is a folder: name a file, or a folder without .json. Nothing was written."
            )
        if out.exists():
            read_repeatability(out)
        return
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out} is a file: name a new folder with --out. Nothing was written.")
    from microrelief.cohort.repeatability_file import NAME
    from microrelief.cohort.repeatability_page import PAGE, PLOT

    strange = (
        sorted(path.name for path in out.iterdir() if path.name not in (NAME, PAGE, PLOT))
        if out.is_dir()
        else []
    )
    if strange:
        raise OutputError(
            f"{out} holds files that are not an earlier result ({strange[0]!r}): name a new folder with "
            "--out. Nothing was written."
        )
