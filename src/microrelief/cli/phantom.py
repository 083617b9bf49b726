"""microrelief phantom FOLDER: render pairs of photographs whose true change is known."""

import argparse
from pathlib import Path
from typing import Any

from microrelief.errors import InputError

EXAMPLES = """\
examples:
  microrelief phantom pairs --subjects 2                   two people, about forty pairs each; an hour
  microrelief phantom pairs --subjects 6 --seed 7 --split unseen --head ict_facekit.npz

writes photographs, pairs.json with the truth of each pair, and truth/; can be stopped and taken up again.
Needs the renderer: pip install 'microrelief[phantom]', and LLVM 19 (apt-get install libllvm19).
"""


def add_to(verbs: Any) -> None:
    """Add the verb to the parser."""
    parser = verbs.add_parser(
        "phantom",
        help="render pairs of known truth, for validation",
        description="Render photographs of invented people before and after, with the truth of each pair. "
        "Equal arguments give equal pictures.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "folder", metavar="FOLDER", type=Path, help="where the photographs go; made if missing"
    )
    parser.add_argument("--subjects", metavar="N", type=_count, default=6, help="how many people (6)")
    parser.add_argument("--seed", metavar="S", type=_whole, default=0, help="which people, 0 to 499 (0)")
    parser.add_argument(
        "--split",
        choices=("tuning", "unseen"),
        default="tuning",
        help="people of the two never meet (tuning)",
    )
    parser.add_argument(
        "--head",
        metavar="FILE",
        type=Path,
        help="a parametric head, ict_facekit.npz; without it one face, the landmark model's own mesh",
    )
    parser.add_argument("--threads", metavar="N", type=_count, default=2, help="threads to render with (2)")
    parser.add_argument("--samples", metavar="N", type=_count, default=8, help="rays per pixel (8)")
    parser.add_argument(
        "--traceback", action="store_true", help="for a report of a fault: show where it happened"
    )
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> None:
    """Make or complete the set."""
    from microrelief.phantom.phantom_set import make_phantoms
    from microrelief.phantom.renderer import renderer_is_here, use_threads
    from microrelief.phantom.scenes import person_seed

    if given.head is not None and not given.head.is_file():
        raise InputError(f"there is no head at {given.head}: name ict_facekit.npz, or leave --head out.")
    try:
        person_seed(given.split, given.seed, max(given.subjects - 1, 0))
    except ValueError as error:
        raise InputError(str(error)) from error
    if not renderer_is_here():
        raise InputError(
            "the renderer is missing: pip install 'microrelief[phantom]', and LLVM 19 "
            "(apt-get install libllvm19)."
        )
    use_threads(given.threads)
    make_phantoms(
        given.folder,
        given.head,
        subjects=given.subjects,
        seed=given.seed,
        split=given.split,
        samples=given.samples,
    )


def _count(text: str) -> int:
    if (number := _whole(text)) < 1:
        raise argparse.ArgumentTypeError("at least 1 is needed")
    return number


def _whole(text: str) -> int:
    if not text.isdecimal() or len(text) > 6:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at most six digits")
    return int(text)
