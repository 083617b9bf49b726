"""`python -m tests.bench.truth`: made skin that nobody has tuned on, measured; docs/performance-card.md."""

import argparse
import time
from pathlib import Path

from tests.bench.material import ROOT, shared_data
from tests.bench.truth.card import write_card
from tests.bench.truth.judge import Faces, Row, append, judge, rows_in
from tests.bench.truth.material import GROUPS, TURNS, Group, is_rendered, make_negatives, pairs_of, take
from tests.bench.truth.people import table as people_table

KEPT = ROOT / ".cache" / "truth"


def main() -> int:
    """Render, photograph and compare what is missing, then write the card."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.truth", description=__doc__)
    parser.add_argument("--kept", type=Path, default=KEPT, help="where scenes, photographs and rows are kept")
    parser.add_argument("--groups", default="", help="names of groups, comma between; all when left out")
    parser.add_argument("--render-only", action="store_true", help="render what is missing, compare nothing")
    parser.add_argument(
        "--rendered-only", action="store_true", help="compare what has been rendered, render nothing"
    )
    parser.add_argument(
        "--card-only", action="store_true", help="write the card from the rows that are there"
    )
    asked = parser.parse_args()
    groups = [g for g in GROUPS if not asked.groups or g.name in asked.groups.split(",")]
    negatives = asked.kept / "negatives"
    if not (asked.card_only or asked.rendered_only):
        data = shared_data()
        if data is None:
            print(
                "The head model is missing: put the validation data beside the project, or name it in "
                "MICRORELIEF_SHARED."
            )
            return 2
        for group in groups:
            for person, session in group.names():
                make_negatives(group, person, session, negatives, data / "heads" / "ict_facekit.npz")
    if asked.render_only:
        return 0
    if not asked.card_only:
        for turn in range(TURNS):
            for group in groups:
                _compare(group, turn, asked.kept)
    real = asked.kept / "people" / "rows.jsonl"
    rows = rows_in(asked.kept / "rows.jsonl")
    write_card(rows, ROOT / "docs", people_table(real) if real.exists() else None)
    return 0


def _compare(group: Group, turn: int, kept: Path) -> None:
    """Compare the pairs of one turn that are rendered and have no row yet."""
    negatives, folder, rows = kept / "negatives", kept / group.name.replace(" ", "-"), kept / "rows.jsonl"
    done = {(row["group"], row["category"], row["name"]) for row in rows_in(rows)}
    for person, session in group.names():
        pairs = [
            pair
            for pair in pairs_of(group, person, session)
            if pair.turn == turn
            and (group.name, pair.category, pair.name) not in done
            and is_rendered(pair, negatives)
        ]
        take(session, [taken for pair in pairs for taken in (pair.before, pair.after)], negatives, folder)
        faces = Faces(folder)
        for pair in pairs:
            began = time.perf_counter()
            row = judge(pair, faces, group.name)
            append(row, rows)
            seconds = time.perf_counter() - began
            print(f"{pair.name}: {pair.category}, {_said(row)} ({seconds:.1f} s)", flush=True)


def _said(row: Row) -> str:
    found = row.get("relief", {"verdict": row.get("error"), "change": None})
    return f"truth {row['truth']:+.0f}, {found['verdict']} {found['change']}"


if __name__ == "__main__":
    raise SystemExit(main())
