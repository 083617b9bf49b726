"""python -m microrelief.phantom make FOLDER --subjects N --seed S --split tuning|unseen [--head
ict_facekit.npz], or patches FOLDER --subjects N --seed S --split tuning|unseen for close-ups."""

import argparse
import sys
from pathlib import Path

from microrelief.errors import MicroreliefError
from microrelief.phantom.patch_set import make_patches
from microrelief.phantom.phantom_set import make_phantoms
from microrelief.phantom.renderer import use_threads
from microrelief.phantom.scenes import person_seed


def main(arguments: list[str] | None = None) -> int:
    """Parse and call; 0 when made, 2 with one sentence when it could not be."""
    parser = argparse.ArgumentParser(
        prog="python -m microrelief.phantom", description="Skin of known truth, for validation."
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    make = verbs.add_parser("make", help="photographs of rendered faces, before and after, with their truth")
    patches = verbs.add_parser(
        "patches", help="the same of a patch of a cheek, without a face; no head needed"
    )
    for verb in (make, patches):
        verb.add_argument("folder", type=Path)
        verb.add_argument("--subjects", type=int, default=6)
        verb.add_argument("--seed", type=int, default=0)
        verb.add_argument("--split", choices=("tuning", "unseen"), default="tuning")
        verb.add_argument("--threads", type=int, default=2)
        verb.add_argument("--samples", type=int, default=8, help="rays per pixel")
    make.add_argument(
        "--head", type=Path, help="ict_facekit.npz, a parametric head; without it the landmark model's mesh"
    )
    args = parser.parse_args(arguments)
    try:
        person_seed(args.split, args.seed, 0)  # refuses a seed out of range before anything heavy is loaded
        use_threads(args.threads)
        wanted = {
            "subjects": args.subjects,
            "seed": args.seed,
            "split": args.split,
            "samples": args.samples,
        }
        if args.verb == "patches":
            make_patches(args.folder, **wanted)
        else:
            make_phantoms(args.folder, args.head, **wanted)
    except (MicroreliefError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
