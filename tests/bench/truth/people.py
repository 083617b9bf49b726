"""`python -m tests.bench.truth.people`: twenty real people, untreated: smiling, photographed again by
simulation, saved again."""

import argparse
import io
from pathlib import Path

import numpy as np
from PIL import Image

from microrelief.phantom.camera import Camera, decode, photograph, to_jpeg
from microrelief.phantom.scenes import Shot
from tests.bench.material import ROOT, shared_data
from tests.bench.truth.judge import Faces, append, judge, rows_in
from tests.bench.truth.material import Pair, Taken

KEPT = ROOT / ".cache" / "truth" / "people"
TIMES = 2
"""How often each is photographed again."""


def main() -> int:
    """Compare what is missing and print the counts."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.truth.people", description=__doc__)
    parser.add_argument("--kept", type=Path, default=KEPT)
    kept = parser.parse_args().kept
    data = shared_data()
    if data is None:
        print("The photographs are missing: put the validation data beside the project.")
        return 2
    kept.mkdir(parents=True, exist_ok=True)
    rows = kept / "rows.jsonl"
    done = {row["name"] for row in rows_in(rows)}
    for neutral in sorted((data / "faces").glob("*_neutral.jpg")):
        person = neutral.name[:3]
        names = {"before": f"{person}_before.jpg", "smiling": f"{person}_smiling.jpg"}
        (kept / names["before"]).write_bytes(neutral.read_bytes())
        (kept / names["smiling"]).write_bytes((data / "faces" / names["smiling"]).read_bytes())
        for n in range(TIMES):
            names[f"again{n}"] = f"{person}_again{n}.jpg"
            (kept / names[f"again{n}"]).write_bytes(_photographed_again(neutral, int(person), n))
        names["saved"] = f"{person}_saved.jpg"
        (kept / names["saved"]).write_bytes(_saved_again(neutral))
        faces = Faces(kept)
        for after in [name for name in names if name != "before"]:
            if f"{person}-{after}" in done:
                continue
            row = judge(_pair(person, after, names), faces, "people")
            append(row, rows)
            print(row["name"], row.get("relief", {}).get("verdict", row.get("error")), flush=True)
    print("\n".join(table(rows)))
    return 0


def table(rows: Path) -> list[str]:
    """The counts as lines of Markdown."""
    lines = [
        "| | pairs | measure | improved | worse | no measurable change | not comparable |",
        "|---|---|---|---|---|---|---|",
    ]
    read = [row for row in rows_in(rows) if "error" not in row]
    for category in ("smiling", "photographed again", "saved again"):
        group = [row for row in read if row["category"] == category]
        for measure in ("relief", "redness", "pigment"):
            verdicts = [row[measure]["verdict"] for row in group]
            counts = [
                verdicts.count(v) for v in ("improved", "worse", "no measurable change", "not comparable")
            ]
            lines.append(f"| {category} | {len(group)} | {measure} | " + " | ".join(map(str, counts)) + " |")
    return lines


def _pair(person: str, after: str, names: dict[str, str]) -> Pair:
    category = {"smiling": "smiling", "saved": "saved again"}.get(after, "photographed again")
    first, second = (Taken(person, name, Shot(name, name, "", Camera()), 0) for name in ("before", after))
    return Pair(f"{person}-{after}", category, first, second, 0, 1.0, 1.0, 1.0, 0.0, 0.0)


def _photographed_again(file: Path, person: int, number: int) -> bytes:
    """The photograph taken as a scene: another exposure, balance, framing, focus, noise and file."""
    random = np.random.default_rng([person, number, 21])
    with Image.open(file) as opened:
        light = decode(np.asarray(opened.convert("RGB"), np.float32) / 255)
    camera = Camera(
        exposure_ev=float(random.normal(0, 0.1)),
        white_balance=(float(np.exp(random.normal(0, 0.02))), 1.0, float(np.exp(random.normal(0, 0.02)))),
        lens_blur_px=0.4,
        shot_noise=0.008,
        read_noise=0.001,
        roll_degrees=float(random.normal(0, 1)),
        shift_px=(float(random.normal(0, 6)), float(random.normal(0, 6))),
        jpeg_quality=int(random.integers(85, 96)),
    )
    return to_jpeg(photograph(light, camera, random), camera.jpeg_quality)


def _saved_again(file: Path) -> bytes:
    with Image.open(file) as opened:
        buffer = io.BytesIO()
        opened.convert("RGB").save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


if __name__ == "__main__":
    raise SystemExit(main())
