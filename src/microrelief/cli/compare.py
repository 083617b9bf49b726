"""microrelief compare BEFORE AFTER --out DIR."""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

EXAMPLES = """\
examples:
  microrelief compare march.jpg june.jpg --out result
  microrelief compare march.heic june.heic --out result --json     the result file on stdout too
  microrelief compare couple.jpg june.jpg --out result --face-before 2
  microrelief compare a.tif b.tif --out result --scale-before 0.08 --scale-after 0.08

writes into DIR, whole or not at all: report.html (open it), pair.png, result.json
"""


def add_to(verbs: Any) -> None:
    """Add the verb to the parser."""
    parser = verbs.add_parser(
        "compare",
        help="measure what changed between two photographs of one face",
        description="Measure what changed in the skin between two photographs of one face, in this order: BEFORE, AFTER.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("before", metavar="BEFORE", type=Path, help="the earlier photograph")
    parser.add_argument("after", metavar="AFTER", type=Path, help="the later photograph")
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="folder for the result; made if missing")
    parser.add_argument("--face-before", metavar="N", type=int, help="which face, from the left, when BEFORE shows several")
    parser.add_argument("--face-after", metavar="N", type=int, help="which face, from the left, when AFTER shows several")
    parser.add_argument("--scale-before", metavar="MM", type=_positive, help="millimetres per pixel on the face, if known")
    parser.add_argument("--scale-after", metavar="MM", type=_positive, help="the same for AFTER")
    parser.add_argument("--face-model", metavar="FILE", type=Path, help="another face_landmarker.task than the installed one")
    add_common(parser)
    parser.set_defaults(run=run)


def add_common(parser: argparse.ArgumentParser) -> None:
    """Options that every comparing verb has."""
    parser.add_argument("--quiet", action="store_true", help="no progress on stderr")
    parser.add_argument("--json", action="store_true", help="print result.json on stdout")


def run(given: argparse.Namespace) -> None:
    """Compare and write the report."""
    # the measuring rooms are loaded here, so that --help and mistakes in the arguments answer at once
    from microrelief.imaging.compare import Choices

    if given.face_model is not None:
        from microrelief.imaging.face.landmarks import use_model

        use_model(given.face_model)
    choices = Choices(
        face_before=given.face_before,
        face_after=given.face_after,
        mm_per_pixel_before=given.scale_before,
        mm_per_pixel_after=given.scale_after,
    )
    compare_and_write(given.before, given.after, given.out, choices, quiet=given.quiet, as_json=given.json)


def compare_and_write(before: Path, after: Path, out: Path, choices: Any, *, quiet: bool, as_json: bool) -> None:
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
    progress("writing the report")
    write_report(change, out)
    if as_json:
        print(json.dumps(result_document(change), indent=1))
    else:
        print(headline(change))
        print(f"Report: {(out / 'report.html').absolute()}")


def _positive(text: str) -> float:
    value = float(text)
    if not 0.001 <= value <= 2:
        raise argparse.ArgumentTypeError(f"{text} is not a scale: give millimetres per pixel between 0.001 and 2")
    return value
