# ruff: noqa: E501  sentences and selectors read best on one line
"""Changes to report on, made without measuring anything: a drawn face or two real photographs, and invented outcomes.

They test the report, not the method: no number here comes from the pictures.
"""

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from microrelief.imaging.change.outcome import Change, Outcome, Verdict
from microrelief.imaging.face.face import Face, Pose, Scale
from microrelief.imaging.pair.alignment import AlignedPair
from microrelief.imaging.pair.comparability import Check, CheckVerdict, Comparability
from microrelief.imaging.photo.colour import to_linear
from microrelief.imaging.photo.photo import CaptureFacts, Photo

ZONES = {  # centre (row, column) and half axes, as shares of face height and width; patient's right is on the left
    "forehead": (0.16, 0.50, 0.09, 0.27),
    "right temple": (0.27, 0.14, 0.09, 0.06),
    "left temple": (0.27, 0.86, 0.09, 0.06),
    "right cheek": (0.56, 0.24, 0.15, 0.13),
    "left cheek": (0.56, 0.76, 0.15, 0.13),
    "nose": (0.47, 0.50, 0.13, 0.08),
    "upper lip": (0.66, 0.50, 0.03, 0.13),
    "chin": (0.88, 0.50, 0.06, 0.13),
    "right jaw": (0.80, 0.24, 0.08, 0.09),
    "left jaw": (0.80, 0.76, 0.08, 0.09),
}


def shared() -> Path | None:
    """The shared validation data, where there is any."""
    stated = os.environ.get("MICRORELIEF_SHARED")
    for root in (Path(stated) if stated else None, Path(__file__).parents[2].parent / "shared"):
        if root and (root / "data" / "faces").is_dir():
            return root
    return None


def drawn_face(rows: int, columns: int, seed: int = 0) -> np.ndarray:
    """A drawn head: enough for layout, not for a landmark model. uint8 (rows, columns, 3)."""
    rng = np.random.default_rng(seed)
    picture = np.full((rows, columns, 3), 205, np.uint8)
    centre, axes = (columns // 2, rows // 2), (int(columns * 0.34), int(rows * 0.42))
    cv2.ellipse(picture, centre, axes, 0, 0, 360, (214, 170, 145), -1, cv2.LINE_AA)
    for side in (-1, 1):
        cv2.ellipse(
            picture,
            (centre[0] + side * columns // 8, int(rows * 0.42)),
            (columns // 18, rows // 50),
            0,
            0,
            360,
            (70, 50, 45),
            -1,
        )
    cv2.ellipse(
        picture, (centre[0], int(rows * 0.72)), (columns // 10, rows // 60), 0, 0, 360, (175, 90, 90), -1
    )
    noise = rng.normal(0, 6, (rows, columns, 1))
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def drawn_change(rows: int = 360, columns: int = 300, **changed: object) -> Change:
    """A complete comparison of two drawn faces with invented outcomes."""
    photos = [
        Photo(
            path=Path(f"{name}.jpg"),
            sha256=hashlib.sha256(name.encode()).hexdigest(),
            file_bytes=123_456,
            srgb=drawn_face(rows, columns, seed),
            facts=facts,
        )
        for seed, (name, facts) in enumerate({"before": BEFORE_FACTS, "after": AFTER_FACTS}.items())
    ]
    points = np.stack(
        [
            rows * (0.5 + 0.42 * np.sin(np.linspace(0, 2 * np.pi, 478))),
            columns * (0.5 + 0.34 * np.cos(np.linspace(0, 2 * np.pi, 478))),
        ],
        axis=1,
    )
    grid = np.stack(np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij"), axis=2).astype(
        np.float32
    )
    faces = [face_of(photo, points, 0.2) for photo in photos]
    return finished(faces, (grid, grid), [to_linear(photo.srgb) for photo in photos], points, 0.2, **changed)


def real_change(
    before: Path, after: Path, rows: int = 1800, columns: int = 1500, **changed: object
) -> Change:
    """Two real photographs on a common grid by a similarity transform of landmarks, with invented outcomes."""
    from PIL import Image

    from microrelief.imaging.face.landmarks import find_faces

    faces, maps, linear, grids = [], [], [], []
    target = None
    for path, facts in ((before, BEFORE_FACTS), (after, AFTER_FACTS)):
        data = path.read_bytes()
        with Image.open(path) as opened:
            srgb = np.asarray(opened.convert("RGB"))
        photo = Photo(path, hashlib.sha256(data).hexdigest(), len(data), srgb, facts)
        landmarks = find_faces(srgb)[0].landmarks
        if target is None:
            low, high = landmarks.min(axis=0), landmarks.max(axis=0)
            size = 0.72 * rows / (high[0] - low[0])
            target = (landmarks - (low + high) / 2) * size + np.array([rows * 0.52, columns / 2])
        matrix, _ = cv2.estimateAffinePartial2D(target[:, ::-1], landmarks[:, ::-1], method=cv2.LMEDS)
        columns_grid, rows_grid = np.meshgrid(np.arange(columns), np.arange(rows))
        x = matrix[0, 0] * columns_grid + matrix[0, 1] * rows_grid + matrix[0, 2]
        y = matrix[1, 0] * columns_grid + matrix[1, 1] * rows_grid + matrix[1, 2]
        maps.append(np.stack([y, x], axis=2).astype(np.float32))
        picture = cv2.remap(
            srgb, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR, borderValue=(200, 200, 200)
        )
        linear.append(to_linear(picture))
        grids.append(target)
        faces.append(face_of(photo, landmarks, 0.2))
    scale = 135.0 / (np.ptp(target[:, 1]))  # a face is about 135 mm wide
    return finished(faces, tuple(maps), linear, target, scale, **changed)


def face_of(photo: Photo, landmarks: np.ndarray, scale: float) -> Face:
    return Face(photo, landmarks, np.zeros(478), Pose(1.0, -2.0, 0.5), {}, Scale(scale, 0.031, "iris"))


def finished(faces, maps, linear, points, scale, **changed) -> Change:
    rows, columns = linear[0].shape[:2]
    hull = np.zeros((rows, columns), np.uint8)
    cv2.fillConvexPoly(hull, cv2.convexHull(points[:, ::-1].astype(np.int32)), 1)
    hull = cv2.erode(hull, np.ones((9, 9), np.uint8)).astype(bool)
    low, size = points.min(axis=0), np.ptp(points, axis=0)
    row, column = np.mgrid[:rows, :columns]
    share_row, share_column = (row - low[0]) / size[0], (column - low[1]) / size[1]
    zones = {
        name: hull & (((share_row - r) / a) ** 2 + ((share_column - c) / b) ** 2 < 1)
        for name, (r, c, a, b) in ZONES.items()
    }
    valid = np.zeros_like(hull)
    for mask in zones.values():
        valid |= mask
    rng = np.random.default_rng(7)
    maps_found = {}
    for key, spread in (("relief", 0.035), ("redness", 0.012), ("pigment", 0.01)):
        field = cv2.GaussianBlur(rng.normal(0, 1, (rows, columns)).astype(np.float32), (0, 0), columns / 70)
        field = field / field.std() * spread * 0.5 + spread * np.sin(
            column / columns * 9 + row / rows * 7 - 1
        )
        maps_found[key] = np.where(valid, field, np.nan).astype(np.float32)
    outlines = []
    seeds = np.argwhere(zones["right cheek"] | zones["left cheek"])
    for spot in rng.choice(len(seeds), 24, replace=False):
        angle = np.linspace(0, 2 * np.pi, 14)
        radius = columns / 150 * (1 + 0.3 * rng.random(14))
        outlines.append(
            (seeds[spot] + np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=1)).astype(
                np.float32
            )
        )
    pair = AlignedPair(
        before=faces[0],
        after=faces[1],
        mm_per_pixel=scale,
        before_map=maps[0],
        after_map=maps[1],
        before_linear=linear[0],
        after_linear=linear[1],
        bare=valid,
        skin=valid,
        valid=valid,
        residual_px=np.where(hull, 0.1, np.nan).astype(np.float32),
        landmarks=points,
        zones=zones,
    )
    change = Change(
        before=faces[0].photo,
        after=faces[1].photo,
        comparability=FAIR,
        relief=Outcome(
            Verdict.IMPROVED, -31.2, -38.0, -24.1, 12.0, ("sharpness_matched",), "41 scars, 6.2 cm² of skin"
        ),
        redness=Outcome(
            Verdict.NO_CHANGE,
            -4.0,
            -15.0,
            8.0,
            14.0,
            ("dark_skin_redness", "white_balance_differs"),
            "38 cm² of skin",
        ),
        pigment=Outcome(Verdict.WORSE, 18.3, 6.0, 30.0, 9.5, (), "38 cm² of skin"),
        zones=invented_zones(),
        pair=pair,
        maps=maps_found,
        map_units={"relief": "relative shading", "redness": "haemoglobin index", "pigment": "melanin index"},
        scar_outlines=outlines,
        version="0.1.0",
        seconds={"photo": 0.61, "face": 0.42, "pair": 2.1, "change": 0.9},
    )
    return replace(change, **changed)


def invented_zones() -> dict[str, dict[str, Outcome]]:
    found = {}
    for number, name in enumerate(ZONES):
        shift = (number * 37 % 23) - 11
        lost = name in ("left temple",)
        found[name] = {
            "relief": REFUSED
            if lost
            else Outcome(
                Verdict.IMPROVED, -30.0 + shift / 2, -44 + shift / 2, -16 + shift / 2, 13.0, (), "5 scars"
            ),
            "redness": REFUSED
            if lost
            else Outcome(
                Verdict.NO_CHANGE, shift / 1.0, shift - 14.0, shift + 13.0, 19.0, ("small_zone",), "3 cm²"
            ),
            "pigment": Outcome(Verdict.WORSE, 17.0, 5.0, 29.0, 11.0)
            if number % 3
            else Outcome(Verdict.NO_CHANGE, 3.0, -9, 15, 14.0),
        }
    return found


REFUSED = Outcome(
    Verdict.NOT_COMPARABLE, None, None, None, None, ("partly_hidden",), "hidden in the after photograph"
)

BEFORE_FACTS = CaptureFacts(
    taken_at="2026-03-14T09:21:00", make="Apple", model="iPhone 15 Pro", lens="6.86mm f/1.78", software="18.3.1",
    focal_length_mm=6.86, focal_length_35mm=48.0, exposure_seconds=1 / 120, f_number=1.78, iso=125, flash_fired=False,
    digital_zoom=1.0, colour_profile="Display P3", file_format="JPEG", bits=8, jpeg_quality=93,
)  # fmt: skip
AFTER_FACTS = replace(
    BEFORE_FACTS,
    taken_at="2026-06-20T14:02:10",
    iso=200,
    exposure_seconds=1 / 100,
    software="18.5",
    jpeg_quality=88,
)

CHECKS = (
    Check("pose", 3.2, "degrees", 12.0, CheckVerdict.OK, "The head is turned 3.2 degrees between the two photographs."),
    Check("light direction", 14.0, "degrees", 35.0, CheckVerdict.CAUTION, "The light comes from 14 degrees further to the side in the after photograph. Put the lamp on the mark used for the first photograph."),
    Check("exposure", 0.2, "stops", 1.5, CheckVerdict.OK, "The skin is equally bright within 0.2 stop."),
    Check("white balance", 4.1, "ΔE", 8.0, CheckVerdict.CAUTION, "The colour of the light differs. Lock the white balance, or photograph a grey card first."),
    Check("sharpness", 1.3, "ratio", 2.0, CheckVerdict.CAUTION, "The before photograph is sharper. Tap on the cheek to focus there, and hold still."),
    Check("expression", 0.08, "", 0.35, CheckVerdict.OK, "The expression is the same."),
    Check("resolution", 0.09, "mm per pixel", 0.2, CheckVerdict.OK, "A pixel covers 0.09 mm of skin in both photographs."),
    Check("beauty filter", float("nan"), "", float("nan"), CheckVerdict.OK, "No sign of smoothing was found."),
)  # fmt: skip
FAIR = Comparability("B", True, CHECKS)
TOO_DIFFERENT = Comparability(
    "F", False,
    (
        Check("light direction", 78.0, "degrees", 35.0, CheckVerdict.REFUSE, "The light comes from the other side. Put the lamp back on the mark used for the first photograph."),
        Check("pose", 21.0, "degrees", 12.0, CheckVerdict.REFUSE, "The head is turned 21 degrees further. Ask the patient to look at the mark behind the camera."),
        *CHECKS[2:],
    ),
)  # fmt: skip


def refused(change: Change) -> Change:
    """The same pair, refused: nothing could be laid on each other."""
    nothing = Outcome(Verdict.NOT_COMPARABLE, None, None, None, None)
    pair = replace(
        change.pair,
        valid=np.zeros_like(change.pair.valid),
        zones={name: np.zeros_like(mask) for name, mask in change.pair.zones.items()},
        residual_px=np.full_like(change.pair.residual_px, np.nan),
    )
    return replace(
        change,
        comparability=TOO_DIFFERENT,
        relief=nothing,
        redness=nothing,
        pigment=nothing,
        zones={name: dict.fromkeys(("relief", "redness", "pigment"), nothing) for name in change.zones},
        pair=pair,
        maps={key: np.full_like(found, np.nan) for key, found in change.maps.items()},
        scar_outlines=[],
        before=replace(change.before, facts=replace(change.before.facts, taken_at="")),
    )


def unchanged(change: Change) -> Change:
    """The same pair with nothing found, everywhere."""
    none = Outcome(Verdict.NO_CHANGE, -2.0, -13.0, 9.0, 14.0, (), "41 scars")
    return replace(
        change,
        comparability=Comparability("A", True, tuple(c for c in CHECKS if c.verdict is CheckVerdict.OK)),
        relief=none, redness=none, pigment=none,
        zones={name: dict.fromkeys(("relief", "redness", "pigment"), none) for name in change.zones},
    )  # fmt: skip
