"""The flow on one screen: two photographs in, an honest change out."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from microrelief.errors import SameFile
from microrelief.imaging.change.measure import measure
from microrelief.imaging.change.outcome import Change
from microrelief.imaging.face.face import Face
from microrelief.imaging.face.find import find_face
from microrelief.imaging.face.landmarks import release_model
from microrelief.imaging.light.relative import compare_light
from microrelief.imaging.pair.align import align, grid_depth
from microrelief.imaging.pair.audit import audit
from microrelief.imaging.pair.texture import compare_texture
from microrelief.imaging.photo.read import read_pair
from microrelief.imaging.skin.separate import separate


@dataclass(frozen=True)
class Choices:
    """What a person may state about a pair; the defaults are the documented method."""

    face_before: int | None = None
    """Which face, counted from 1 at the left, when there are several."""
    face_after: int | None = None
    mm_per_pixel_before: float | None = None
    """Scale on the face, from a ruler or marker; otherwise the iris gives it."""
    mm_per_pixel_after: float | None = None


def compare(
    before: Path | str,
    after: Path | str,
    choices: Choices | None = None,
    progress: Callable[[str], None] = lambda stage: None,
) -> Change:
    """Measure what changed in the skin between two photographs of one face.

    Parameters
    ----------
    before, after : paths of the photographs, in this order. They are only read.
    choices : what a person states about the pair.
    progress : called with the name of each stage as it begins.

    Returns
    -------
    Change : verdict, change in percent with its 95 % interval and the smallest detectable change for relief,
        redness and pigment, over the face and per zone; the audit; the aligned pair and maps. When the audit
        refuses, the verdicts are "not comparable" and carry no numbers.

    Raises
    ------
    InputError : a file that cannot be read, a face that cannot be measured, or the same file twice.
    """
    choices = choices or Choices()
    clock = Clock(progress)
    clock.start("reading both photographs")
    photos = read_pair(Path(before), Path(after))
    if photos[0].sha256 == photos[1].sha256:
        raise SameFile(
            f"{photos[0].path.name} and {photos[1].path.name} are the same file: "
            "give the photograph of the other visit."
        )
    clock.start("finding the faces")
    try:
        faces = (
            find_face(photos[0], choices.face_before, choices.mm_per_pixel_before),
            find_face(photos[1], choices.face_after, choices.mm_per_pixel_after),
        )
    finally:
        release_model()
    return compare_faces(faces, clock)


def compare_faces(faces: tuple[Face, Face], clock: "Clock | None" = None) -> Change:
    """Measure what changed between two found faces: the second half of `compare`."""
    clock = clock or Clock()
    clock.start("laying the faces over each other")
    pair = align(*faces)
    clock.start("comparing light and camera")
    light = compare_light(
        pair.before_linear,
        pair.after_linear,
        pair.skin,
        pair.landmarks[:468],
        grid_depth(pair),
        pair.mm_per_pixel,
    )
    layers = separate(pair.before_linear), separate(pair.after_linear)
    texture = compare_texture(layers[0].relief, layers[1].relief, pair.valid, pair.landmarks)
    comparability = audit(pair, light, texture)
    clock.start("measuring relief, redness and pigment")
    change = measure(pair, layers, light, texture, comparability, clock.seconds)
    clock.stop()
    return change


class Clock:
    """Seconds per stage."""

    def __init__(self, progress: Callable[[str], None] = lambda stage: None) -> None:
        self.seconds: dict[str, float] = {}
        self._progress = progress
        self._stage = ""
        self._began = 0.0

    def start(self, stage: str) -> None:
        """End the stage before, and begin this one."""
        self.stop()
        self._stage, self._began = stage, time.perf_counter()
        self._progress(stage)

    def stop(self) -> None:
        """End the stage that runs, if any."""
        if self._stage:
            self.seconds[self._stage] = round(time.perf_counter() - self._began, 3)
        self._stage = ""
