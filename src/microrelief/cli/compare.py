"""microrelief compare BEFORE AFTER --out DIR."""

import argparse
import json
import os
import sys
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from microrelief.errors import InputError, OutputError

if TYPE_CHECKING:
    from microrelief.imaging.change.outcome import Change

EXAMPLES = """\
examples:
  microrelief compare march.jpg june.jpg --out result
  microrelief compare march.heic june.heic --out result --json     the result file on stdout too
  microrelief compare couple.jpg june.jpg --out result --face-before 2
  microrelief compare a.tif b.tif --out result --scale-before 0.08 --scale-after 0.08
  microrelief compare march.jpg june.jpg --out result --repeatability ours/repeatability.json
  microrelief compare cheek1.jpg cheek2.jpg --out result --close-up --scale-before 0.05 --light same

writes into DIR, whole or not at all: report.html (open it), pair.png, result.json
"""


def add_to(verbs: Any) -> None:
    """Add the verb to the parser."""
    parser = verbs.add_parser(
        "compare",
        help="measure what changed between two photographs of one face",
        description="Measure what changed in the skin between two photographs of one face, or with "
        "--close-up of one patch of skin, in this order: BEFORE, AFTER.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("before", metavar="BEFORE", type=Path, help="the earlier photograph")
    parser.add_argument("after", metavar="AFTER", type=Path, help="the later photograph")
    parser.add_argument(
        "--out", metavar="DIR", type=Path, required=True, help="folder for the result; made if missing"
    )
    parser.add_argument(
        "--face-before",
        metavar="N",
        type=_face_number,
        help="which face, from the left, when BEFORE shows several",
    )
    parser.add_argument(
        "--face-after",
        metavar="N",
        type=_face_number,
        help="which face, from the left, when AFTER shows several",
    )
    parser.add_argument(
        "--scale-before",
        "--mm-per-pixel-before",
        dest="scale_before",
        metavar="MM",
        type=_positive,
        help="millimetres per pixel on the face or the skin, if known: 10 divided by the pixels over 10 mm "
        "of a ruler in the picture",
    )
    parser.add_argument(
        "--scale-after",
        "--mm-per-pixel-after",
        dest="scale_after",
        metavar="MM",
        type=_positive,
        help="the same for AFTER",
    )
    parser.add_argument(
        "--close-up",
        action="store_true",
        help="the photographs show skin without a whole face; needs one of the two scales",
    )
    parser.add_argument(
        "--light",
        choices=("same", "unknown"),
        help="of close-ups: same if lamps and camera stood in the same places (unknown when not given)",
    )
    parser.add_argument(
        "--face-model",
        metavar="FILE",
        type=_landmark_model,
        help="another face_landmarker.task than the installed one",
    )
    repeatability = parser.add_mutually_exclusive_group()
    repeatability.add_argument(
        "--repeatability",
        metavar="FILE",
        type=Path,
        help="honour the repeatability.json of your clinic; without it, the one that "
        "`microrelief repeatability --use` put in place, if any",
    )
    repeatability.add_argument(
        "--no-repeatability", action="store_true", help="go without any repeatability.json"
    )
    add_common(parser)
    parser.set_defaults(run=run)


def add_common(parser: argparse.ArgumentParser) -> None:
    """Options that every comparing verb has."""
    parser.add_argument("--quiet", action="store_true", help="no progress on stderr")
    parser.add_argument("--json", action="store_true", help="print result.json on stdout")
    parser.add_argument(
        "--traceback", action="store_true", help="for a report of a fault: show where it happened"
    )


def run(given: argparse.Namespace) -> None:
    """Compare and write the report."""
    # the measuring rooms are loaded here, so that --help and mistakes in the arguments answer at once
    from microrelief.cli.repeatability import repeatability_in_use
    from microrelief.imaging.compare import Choices

    if given.face_model is not None:
        from microrelief.imaging.face.landmarks import use_model

        use_model(given.face_model)
    _refuse_what_does_not_go_together(given)
    choices = Choices(
        face_before=given.face_before,
        face_after=given.face_after,
        mm_per_pixel_before=given.scale_before,
        mm_per_pixel_after=given.scale_after,
        repeatability=repeatability_in_use(given.repeatability, given.no_repeatability),
        close_up=given.close_up,
        light=given.light or "unknown",
    )
    compare_and_write(given.before, given.after, given.out, choices, quiet=given.quiet, as_json=given.json)


def _refuse_what_does_not_go_together(given: argparse.Namespace) -> None:
    if given.light and not given.close_up:
        raise InputError(
            "--light is for close-ups, a face shows its light itself: leave it out, or add --close-up."
        )
    if given.close_up and (given.face_before or given.face_after):
        raise InputError("--close-up looks for no face: leave out --face-before and --face-after.")


def compare_and_write(
    before: Path, after: Path, out: Path, choices: Any, *, quiet: bool, as_json: bool
) -> None:
    """Compare two photographs and write the report into `out`."""
    from microrelief.imaging.compare import compare
    from microrelief.report.result import result_document
    from microrelief.report.wording import headline
    from microrelief.report.write import check_output, write_report

    began = time.perf_counter()

    def progress(stage: str) -> None:
        if not quiet:
            print(f"[{time.perf_counter() - began:5.1f} s] {stage} ...", file=sys.stderr, flush=True)

    check_output(out)
    change = compare(before, after, choices, progress)
    _warn_when_swapped(change)
    _warn_when_outdated(change)
    progress("writing the report")
    write_report(change, out)
    if as_json:
        _print(json.dumps(result_document(change), indent=1), out)
    else:
        _print(f"{headline(change)}\nReport: {(out / 'report.html').absolute()}", out)


def _print(text: str, out: Path) -> None:
    """On stdout, which may lead to a full disk. Raises OutputError then, and BrokenPipeError as it comes."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        raise
    except OSError as problem:
        # what is left in the buffer would fail once more when Python ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise OutputError(
            f"the report is in {out}, but printing failed ({problem.strerror}): read result.json there."
        ) from problem


def _warn_when_swapped(change: "Change") -> None:
    """Say so, and go on, when the cameras' clocks tell another order: a clock may be wrong."""
    before, after = change.before, change.after
    if before.facts.taken_at and after.facts.taken_at and before.facts.taken_at > after.facts.taken_at:
        print(
            f"microrelief: note: {before.path.name} was taken after {after.path.name}, "
            "says the camera's clock: if BEFORE and AFTER are exchanged, so is every better and worse.",
            file=sys.stderr,
        )


def _warn_when_outdated(change: "Change") -> None:
    """A factor belongs to the intervals of the version it was measured on."""
    used = change.repeatability
    if used is not None and used.version != change.version:
        print(
            f"microrelief: note: the repeatability of {used.made_on} was measured with version "
            f"{used.version}, this is {change.version}: run microrelief repeatability again.",
            file=sys.stderr,
        )


def _face_number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a face: give 1 for the leftmost, 2 for the next")
    return int(text)


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.001 <= value <= 2:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a scale: give millimetres per pixel between 0.001 and 2"
        )
    return value


def _landmark_model(text: str) -> Path:
    if not zipfile.is_zipfile(text):  # what such a file is, inside
        raise argparse.ArgumentTypeError(f"{text!r} is not an existing face_landmarker.task file: name one")
    return Path(text)
