"""python -m tests.bench.close_ups FOLDER [--light same|unknown]: judge close-ups of known truth.

FOLDER is made by `python -m microrelief.phantom patches FOLDER`. Prints a line for each pair, then what
docs/methods/close-up.md states.
"""

import argparse
import json
import statistics
import sys
from pathlib import Path
from typing import Any

from microrelief.errors import InputError
from microrelief.imaging.compare import Choices, compare

WELL_TAKEN = ("null", "depth80", "depth70", "depth50", "worse")


def main(arguments: list[str] | None = None) -> int:
    """Judge and print; 1 when unchanged skin under stated conditions was called changed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.close_ups", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--light", choices=("same", "unknown"), default="same")
    parser.add_argument("--only", default="", help="categories, with commas")
    given = parser.parse_args(arguments)
    pairs = json.loads((given.folder / "pairs.json").read_text())["pairs"]
    wanted = given.only.split(",") if given.only else {pair["category"] for pair in pairs}
    rows = [judged(given.folder, pair, given.light) for pair in pairs if pair["category"] in wanted]
    return summarised(rows)


def judged(folder: Path, pair: dict[str, Any], light: str) -> dict[str, Any]:
    """One pair: truth, reading, interval, verdict; prints them."""
    row = {**pair, "truth": 100 * (pair["depth_ratio"] - 1), "change": None, "why": ""}
    stated = pair["mm_per_pixel_before"]
    choices = Choices(close_up=True, mm_per_pixel_before=stated, light=light)  # type: ignore[arg-type]
    try:
        found = compare(folder / pair["before"], folder / pair["after"], choices)
    except InputError as error:
        row |= {"verdict": "not comparable", "why": type(error).__name__}
    else:
        relief = found.relief
        row |= {"verdict": relief.verdict.value, "change": relief.change_percent}
        row |= {"low": relief.low, "high": relief.high, "detectable": relief.detectable_percent}
        row["colours"] = [found.redness.verdict.value, found.pigment.verdict.value]
        row["why"] = ", ".join(f"{c.name} {c.value:+.2f}" for c in found.comparability.worst(3))
    number = "" if row["change"] is None else f"{row['change']:+6.1f} [{row['low']:+.0f}, {row['high']:+.0f}]"
    print(f"{row['id']:24s} {row['truth']:+6.1f}  {row['verdict']:22s} {number:22s} {row['why']}", flush=True)
    return row


def summarised(rows: list[dict[str, Any]]) -> int:
    """The table by category, false verdicts, coverage, refusals."""
    print("\ncategory           pairs improved worse no-change refused  median error  interval holds truth")
    for name in dict.fromkeys(row["category"] for row in rows):
        print(_line(name, [row for row in rows if row["category"] == name]))
    well = [row for row in rows if row["category"] in WELL_TAKEN]
    print(_line("well taken", well))
    changed = [row for row in well if row["truth"]]
    right = [row["verdict"] == ("improved" if row["truth"] < 0 else "worse") for row in changed]
    same = [row for row in rows if not row["truth"]]
    false = [row["verdict"] in ("improved", "worse") for row in same]
    print(f"true change found {sum(right)}/{len(right)}")
    print(f"unchanged skin called changed {sum(false)}/{len(false)}")
    colours = [verdict for row in rows for verdict in row.get("colours", ())]
    wrong = sum(verdict in ("improved", "worse") for verdict in colours)
    print(f"unchanged redness or pigment called changed {wrong}/{len(colours)}")
    for tone in sorted({row["fitzpatrick_like"] for row in rows}):
        print(_line(f"tone {tone}, well", [row for row in well if row["fitzpatrick_like"] == tone]))
    return 0 if not any(row["verdict"] in ("improved", "worse") for row in well if not row["truth"]) else 1


def _line(name: str, rows: list[dict[str, Any]]) -> str:
    read = [row for row in rows if row["change"] is not None]
    counts = [
        sum(row["verdict"] == verdict for row in rows)
        for verdict in ("improved", "worse", "no measurable change", "not comparable")
    ]
    held = sum(row["low"] <= row["truth"] <= row["high"] for row in read)
    error = statistics.median(abs(row["change"] - row["truth"]) for row in read) if read else float("nan")
    cells = f"{counts[0]:8d} {counts[1]:5d} {counts[2]:9d} {counts[3]:7d}"
    return f"{name:18s} {len(rows):5d} {cells} {error:13.1f} {held:10d}/{len(read)}"


if __name__ == "__main__":
    sys.exit(main())
