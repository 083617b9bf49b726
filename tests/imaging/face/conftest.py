import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from microrelief.imaging.face.landmarks import FoundFace, find_faces
from microrelief.imaging.photo.photo import Photo
from microrelief.imaging.photo.read import read_photo

SHARED = Path(os.environ.get("MICRORELIEF_SHARED", Path(__file__).parents[3].parent / "shared")) / "data"


@pytest.fixture(scope="session")
def shared() -> Path:
    if not (SHARED / "faces").is_dir():
        pytest.skip("the real photographs are in ../shared/data, which is not here")
    return SHARED


@pytest.fixture(scope="session")
def found_in(shared: Path) -> Callable[[str], tuple[Photo, FoundFace]]:
    """A photograph of ../shared/data and the one face in it, found once."""
    kept: dict[str, tuple[Photo, FoundFace]] = {}

    def find(name: str) -> tuple[Photo, FoundFace]:
        if name not in kept:
            photo = read_photo(shared / name)
            kept[name] = photo, find_faces(photo.srgb)[0]  # type: ignore[arg-type]
        return kept[name]

    return find


@pytest.fixture
def blank() -> Photo:
    return Photo(Path("visit.jpg"), "0" * 64, 1, np.full((600, 800, 3), 128, np.uint8))


def seen(
    *, centre: tuple[float, float] = (300, 400), eyes_apart: float = 200, yaw_degrees: float = 0
) -> FoundFace:
    """A face as the landmark model would report it: eyes where stated, everything else near the centre."""
    landmarks: NDArray[np.float64] = np.tile(np.array(centre, float), (478, 1))
    landmarks[:468] += np.random.default_rng(0).uniform(-0.6, 0.6, (468, 2)) * eyes_apart
    for ids, side in (((*EYES[0], *range(468, 473)), -0.5), ((*EYES[1], *range(473, 478)), 0.5)):
        landmarks[list(ids)] = np.array(centre) + np.array([0, side * eyes_apart])
    landmarks[[469, 474], 1] -= 0.1 * eyes_apart
    landmarks[[471, 476], 1] += 0.1 * eyes_apart
    turn = np.radians(yaw_degrees)
    transform = np.eye(4)
    transform[:3, :3] = [
        [np.cos(turn), 0, np.sin(turn)],
        [0, 1, 0],
        [-np.sin(turn), 0, np.cos(turn)],
    ]
    return FoundFace(landmarks, np.zeros(478), {}, transform)


EYES = (
    (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246),
    (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466),
)
