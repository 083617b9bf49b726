"""`python -m tests.bench.truth`: made skin that nobody has tuned on, measured; docs/performance-card.md."""

import argparse
import time
from pathlib import Path

from tests.bench.material import ROOT, shared_data
from tests.bench.truth.card import write_card
from tests.bench.truth.judge import Faces, Row, append, judge, rows_in
from tests.bench.truth.material import GROUPS, make_negatives, pairs_of, take
from tests.bench.truth.people import table as people_table

KEPT = ROOT / ".cache" / "truth"


def main() -> int:
    """Render, photograph and compare what is missing, then write the card."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.truth", description=__doc__)
    parser.add_argument("--kept", type=Path, default=KEPT, help="where scenes, photographs and rows are kept")
    parser.add_argument("--groups", default="", help="names of groups, comma between; all when left out")
    parser.add_argument(
        "--card-only", action="store_true", help="write the card from the rows that are there"
    )
    asked = parser.parse_args()
    rows = asked.kept / "rows.jsonl"
    if not asked.card_only:
        data = shared_data()
        if data is None:
            print(
                "The head model is missing: put the validation data beside the project, or name it in "
                "MICRORELIEF_SHARED."
            )
            return 2
        for group in GROUPS:
            if asked.groups and group.name not in asked.groups.split(","):
                continue
            done = {(row["group"], row["category"], row["name"]) for row in rows_in(rows)}
            for person, session in group.names():
                make_negatives(
                    group, person, session, asked.kept / "negatives", data / "heads" / "ict_facekit.npz"
                )
                faces = Faces(asked.kept / group.name.replace(" ", "-"))
                for pair in pairs_of(group, person, session):
                    if (group.name, pair.category, pair.name) in done:
                        continue
                    folder = asked.kept / group.name.replace(" ", "-")
                    take(group, session, [pair.before, pair.after], asked.kept / "negatives", folder)
                    began = time.perf_counter()
                    row = judge(pair, faces, group.name)
                    append(row, rows)
                    seconds = time.perf_counter() - began
                    print(f"{pair.name}: {pair.category}, {_said(row)} ({seconds:.1f} s)", flush=True)
    real = asked.kept / "people" / "rows.jsonl"
    write_card(rows_in(rows), ROOT / "docs", people_table(real) if real.exists() else None)
    return 0


def _said(row: Row) -> str:
    found = row.get("relief", {"verdict": row.get("error"), "change": None})
    return f"truth {row['truth']:+.0f}, {found['verdict']} {found['change']}"


if __name__ == "__main__":
    raise SystemExit(main())
