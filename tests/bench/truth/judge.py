"""A pair of known truth becomes a row: what was said, what was true."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from microrelief.errors import MicroreliefError
from microrelief.imaging.arrays import LUMINANCE, band
from microrelief.imaging.change.outcome import Change
from microrelief.imaging.compare import compare_faces
from microrelief.imaging.face.face import Face
from microrelief.imaging.face.find import find_face
from microrelief.imaging.photo.read import read_photo
from tests.bench.truth.material import Pair

Row = dict[str, Any]


class Faces:
    """Each photograph's face, found once; those used last are kept."""

    def __init__(self, folder: Path, most: int = 24) -> None:
        self._folder, self._most = folder, most
        self._kept: dict[str, Face] = {}

    def of(self, name: str) -> Face:
        """The face in a photograph of the folder."""
        face = self._kept.pop(name, None) or find_face(read_photo(self._folder / name))
        while len(self._kept) >= self._most:
            self._kept.pop(next(iter(self._kept)))
        self._kept[name] = face
        return face


def judge(pair: Pair, faces: Faces, group: str) -> Row:
    """Compare and write down."""
    row: Row = {
        "name": pair.name,
        "group": group,
        "category": pair.category,
        "tone": pair.tone,
        "swapped": pair.swapped,
        "truth": 100 * (pair.depth_ratio - 1),
        "redness_ratio": pair.redness_ratio,
        "pigment_ratio": pair.pigment_ratio,
        "colouring": round(pair.colouring, 3),
        "wandering": round(pair.wandering, 3),
    }
    try:
        change = compare_faces((faces.of(pair.before.file), faces.of(pair.after.file)))
    except MicroreliefError as error:
        return {**row, "error": str(error)}
    for name in ("relief", "redness", "pigment"):
        outcome = getattr(change, name)
        row[name] = {
            "verdict": str(outcome.verdict),
            "change": outcome.change_percent,
            "low": outcome.low,
            "high": outcome.high,
            "detectable": outcome.detectable_percent,
            "flags": list(outcome.flags),
        }
    row["grade"] = change.comparability.grade
    row["refused_by"] = [c.name for c in change.comparability.checks if str(c.verdict) == "refuse"]
    row["cautions"] = [c.name for c in change.comparability.checks if str(c.verdict) == "caution"]
    row["mm_per_pixel"] = round(change.pair.mm_per_pixel, 4)
    row["seconds"] = round(sum(change.seconds.values()), 2)
    row.update(_plain_scores(change))
    return row


def _plain_scores(change: Change) -> Row:
    """What two plain texture scores would say, percent, on the aligned skin: the variance of the Laplacian
    and the standard deviation of fine detail (0.15 to 1.5 mm)."""
    pair = change.pair
    grey = [
        np.log(np.maximum(p @ LUMINANCE, 1e-3)).astype(np.float32)
        for p in (pair.before_linear, pair.after_linear)
    ]
    fine, coarse = max(0.15 / pair.mm_per_pixel, 0.6), 1.5 / pair.mm_per_pixel
    detail = [float(band(g, pair.valid, fine, coarse)[pair.valid].std()) for g in grey]
    inner = pair.valid[1:-1, 1:-1]
    laplacian = [
        float((4 * g[1:-1, 1:-1] - g[:-2, 1:-1] - g[2:, 1:-1] - g[1:-1, :-2] - g[1:-1, 2:])[inner].var())
        for g in grey
    ]
    return {
        "plain_detail": round(100 * (detail[1] / max(detail[0], 1e-9) - 1), 1),
        "plain_laplacian": round(100 * (laplacian[1] / max(laplacian[0], 1e-9) - 1), 1),
    }


def append(row: Row, file: Path) -> None:
    """One line of JSON more."""
    with file.open("a", encoding="utf-8") as rows:
        rows.write(json.dumps(row, default=_number) + "\n")


def rows_in(file: Path) -> list[Row]:
    """Every row that was written, the later of two of one name."""
    if not file.exists():
        return []
    found: dict[str, Row] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        found[f"{row['group']} {row['category']} {row['name']}"] = row
    return list(found.values())


def _number(value: object) -> float | None:
    number = float(value)  # type: ignore[arg-type]
    return number if math.isfinite(number) else None
