"""What a comparison found: verdicts with their intervals, for the face and for each zone."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from microrelief.imaging.change.repeatability import Repeatability
from microrelief.imaging.pair.alignment import AlignedPair
from microrelief.imaging.pair.comparability import Comparability
from microrelief.imaging.photo.photo import Photo


class Verdict(StrEnum):
    """The four honest answers."""

    IMPROVED = "improved"
    WORSE = "worse"
    NO_CHANGE = "no measurable change"
    NOT_COMPARABLE = "not comparable"


@dataclass(frozen=True)
class Outcome:
    """The change of one quantity in one place.

    The three numbers are percent: `change_percent` with its 95 % interval `low` to `high`, negative where
    there is less of it after than before. They and `detectable_percent` are None exactly when the verdict is
    NOT_COMPARABLE.
    """

    verdict: Verdict
    change_percent: float | None
    low: float | None
    high: float | None
    detectable_percent: float | None
    """The smallest change that this pair could have shown."""
    flags: tuple[str, ...] = ()
    """Names from `microrelief.flags`: reasons to distrust the number."""
    basis: str = ""
    """What the number rests on, for example "41 scars, 6.2 cm2 of skin"."""


@dataclass(frozen=True)
class Change:
    """Everything one comparison found. Arrays are on the common grid of `pair`."""

    before: Photo
    after: Photo
    comparability: Comparability
    relief: Outcome
    redness: Outcome
    pigment: Outcome
    zones: dict[str, dict[str, Outcome]]
    """Zone name (see `imaging.face.zones`) to {"relief": ..., "redness": ..., "pigment": ...}."""
    pair: AlignedPair
    maps: dict[str, NDArray[np.float32]]
    """"relief", "redness", "pigment": ndarray of shape (H, W), after minus before, in the unit of
    `map_units`; NaN where not measurable."""
    map_units: dict[str, str]
    scar_outlines: list[NDArray[np.float32]] = field(default_factory=list)
    """Each of shape (n, 2): (row, column) outline of a scar the relief number rests on."""
    version: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    repeatability: Repeatability | None = None
    """The clinic's own repeats, when the intervals were held against them."""
