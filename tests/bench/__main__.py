"""`python -m tests.bench`: the table of registration errors, seconds and memory, ours beside the peers, in
one run."""

import argparse
import importlib.metadata
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import numpy as np

from tests.bench.material import (
    REAL_PAIRS,
    ROOT,
    UNSEEN_PEOPLE,
    UNSEEN_PHONE,
    Picture,
    hand_points,
    made_skin,
    photograph,
    shared_data,
)
from tests.bench.methods import METHODS, SLOW
from tests.bench.warps import HARD, MILD, KnownPair, known_pair

FIRST_UNSEEN_SEED = 1000
Row = dict[str, float | None]


def main() -> int:
    """Build the pairs, run every method on each in its own process, print the tables."""
    asked = _arguments()
    names = [n for n in METHODS if asked.methods is None or any(m in n for m in asked.methods.split(","))]
    if importlib.util.find_spec("microrelief.imaging.compare") is None and "ours, whole comparison" in names:
        names.remove("ours, whole comparison")
    if asked.quick:
        names = [n for n in names if n not in SLOW]
    lines = _head(asked)
    with tempfile.TemporaryDirectory() as folder:
        known = _known(Path(folder), 2 if asked.quick else asked.cases, asked.mild, asked.seed)
        lines += _known_table(names, known, asked)
        if shared_data() is not None and not asked.no_real:
            lines += _real_table([n for n in names if n not in SLOW], _real(Path(folder)), asked)
    text = "\n".join(lines) + "\n"
    print(text)
    if asked.out:
        Path(asked.out).write_text(text)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two pairs, no slow peers: under a minute")
    parser.add_argument("--cases", type=int, default=6, help="known-warp pairs (default 6)")
    parser.add_argument(
        "--slow-cases", type=int, default=2, help="of these, how many the slow peers get (default 2)"
    )
    parser.add_argument("--methods", help="names or parts of names, with commas, for example ours,DIS")
    parser.add_argument("--mild", action="store_true", help="the mild kind of warp instead of the hard")
    parser.add_argument("--no-real", action="store_true", help="leave out the really repeated photographs")
    parser.add_argument(
        "--seed", type=int, default=FIRST_UNSEEN_SEED, help="first seed; tuning used those below 100"
    )
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--timeout", type=int, default=900, help="seconds for one method on one pair")
    parser.add_argument("--out", help="also write the tables to this file")
    return parser.parse_args()


def _head(asked: argparse.Namespace) -> list[str]:
    lines = ["# Registration beside the peers", ""]
    if shared_data() is None:
        lines.append(
            "The validation photographs are not here: the pairs are made skin with points of known place."
        )
        lines.append("")
    versions = []
    for package in ("opencv-python-headless", "SimpleITK", "itk-elastix", "mediapipe"):
        try:
            versions.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            versions.append(f"{package} missing")
    load = os.getloadavg()[0]
    return [
        *lines,
        f"{'; '.join(versions)}. {asked.threads} threads, load of the machine at the start {load:.1f}.",
        "",
    ]


def _known(folder: Path, count: int, mild: bool, seed: int) -> list[tuple[KnownPair, Path]]:
    names: list[str | None] = [None] * count
    if shared_data() is not None:
        order = [UNSEEN_PEOPLE[0], UNSEEN_PEOPLE[1], UNSEEN_PHONE[0], *UNSEEN_PEOPLE[2:], *UNSEEN_PHONE[1:]]
        names = [order[k % len(order)] for k in range(count)]
    out = []
    for k, name in enumerate(names):
        picture = made_skin(seed + k) if name is None else photograph(name)
        pair = known_pair(picture, _landmarks(picture), MILD if mild else HARD, seed + k)
        path = folder / f"known{k}.npz"
        _save(path, pair)
        out.append((pair, path))
    return out


def _real(folder: Path) -> list[tuple[KnownPair, Path]]:
    """Photographs taken again, with hand-placed points that lie inside the landmarks' outline."""
    import cv2

    out = []
    for before, after in REAL_PAIRS:
        pictures = photograph(before), photograph(after)
        hand = hand_points(before), hand_points(after)
        marks = [_landmarks(p) for p in pictures]
        hull = cv2.convexHull(marks[0][:, ::-1].astype(np.float32))
        inside = [cv2.pointPolygonTest(hull, (float(p[1]), float(p[0])), False) >= 0 for p in hand[0]]
        iod = float(np.linalg.norm(marks[1][473] - marks[1][468]))
        pair = KnownPair(
            f"{before} to {after}", pictures[0].rgb, pictures[1].rgb, hand[0][inside], hand[1][inside], iod
        )
        path = folder / f"real-{before}-{after}.npz"
        _save(path, pair)
        out.append((pair, path))
    return out


def _landmarks(picture: Picture) -> np.ndarray:
    if picture.landmarks is not None:
        return picture.landmarks
    from microrelief.imaging.face.landmarks import find_faces

    return find_faces(picture.rgb)[0].landmarks


def _save(path: Path, pair: KnownPair) -> None:
    arrays = {name: getattr(pair, name) for name in ("before", "after", "points_before", "points_after")}
    for name in ("landmarks_before", "landmarks_after"):
        if getattr(pair, name) is not None:
            arrays[name] = getattr(pair, name)
    np.savez(path, **arrays)


def _run(method: str, path: Path, asked: argparse.Namespace) -> Row | str:
    environment = dict(os.environ)
    # on a machine that is busy OpenBLAS waits in a loop for its second thread: ten times slower than one
    environment["OPENBLAS_NUM_THREADS"] = "1"
    for name in ("OMP_NUM_THREADS", "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS"):
        environment[name] = str(asked.threads)
    command = [sys.executable, "-m", "tests.bench.child", method, str(path), str(asked.threads)]
    print(f"{method}: {path.stem}", file=sys.stderr)
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=asked.timeout,
            cwd=ROOT,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "too slow"
    if done.returncode != 0:
        return (done.stderr.strip().splitlines() or ["failed"])[-1][:120]
    row: Row = json.loads(done.stdout.strip().splitlines()[-1])
    return row


def _known_table(
    names: list[str], pairs: list[tuple[KnownPair, Path]], asked: argparse.Namespace
) -> list[str]:
    kind = "mild" if asked.mild else "hard"
    lines = [
        f"## Known warps, {kind}: {', '.join(pair.name for pair, _ in pairs)}",
        "",
        "Median over pairs of each pair's median and 95th percentile, at 4,000 points inside the face; × is the ratio to ours.",  # noqa: E501
        "",
        "| method | pairs | median px | × | p95 px | × | worst p95 px | s | × | CPU s | peak MiB | × | vouched for |",  # noqa: E501
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    base: dict[str, float] = {}
    for method in names:
        count = min(asked.slow_cases, len(pairs)) if method in SLOW else len(pairs)
        rows = [_run(method, path, asked) for _, path in pairs[:count]]
        good = [row for row in rows if isinstance(row, dict)]
        if not good:
            lines.append(f"| {method} | 0 of {count}: {rows[0] if rows else ''} |" + " |" * 11)
            continue
        keys = ("median_px", "p95_px", "seconds", "cpu_seconds", "peak_mib")
        middle = {key: median(float(row[key] or 0) for row in good) for key in keys}
        base = base or middle
        ratio = {key: middle[key] / base[key] if base[key] else float("nan") for key in keys}
        worst = max(float(row["p95_px"] or 0) for row in good)
        seen = [float(row["seen"]) for row in good if row["seen"] is not None]
        vouched = f"{100 * median(seen):.0f} %" if seen else "–"
        lines.append(
            f"| {method} | {len(good)} of {count} | {middle['median_px']:.3f} | {ratio['median_px']:.1f} "
            f"| {middle['p95_px']:.3f} | {ratio['p95_px']:.1f} | {worst:.2f} | {middle['seconds']:.2f} "
            f"| {ratio['seconds']:.2f} | {middle['cpu_seconds']:.2f} | {middle['peak_mib']:.0f} | {ratio['peak_mib']:.2f} | {vouched} |"  # noqa: E501
        )
    return [*lines, ""]


def _real_table(
    names: list[str], pairs: list[tuple[KnownPair, Path]], asked: argparse.Namespace
) -> list[str]:
    lines = [
        "## Photographs really taken again, hand-placed points inside the face",
        "",
        "Median / 95th percentile in percent of the inter-ocular distance. Hand-placed points scatter by 1 to 2 % themselves.",  # noqa: E501
        "",
        "| method | " + " | ".join(f"{pair.name} ({len(pair.points_before)})" for pair, _ in pairs) + " |",
        "| --- |" + " --- |" * len(pairs),
    ]
    for method in names:
        cells = []
        for pair, path in pairs:
            row = _run(method, path, asked)
            if isinstance(row, dict):
                cells.append(
                    f"{100 * float(row['median_px'] or 0) / pair.iod_px:.2f} / {100 * float(row['p95_px'] or 0) / pair.iod_px:.2f}"  # noqa: E501
                )
            else:
                cells.append(row)
        lines.append(f"| {method} | " + " | ".join(cells) + " |")
    return [*lines, ""]


if __name__ == "__main__":
    raise SystemExit(main())
