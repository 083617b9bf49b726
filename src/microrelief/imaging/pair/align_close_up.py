"""Two close-ups become an AlignedPair: their scales agreed upon, registered and resampled alike."""

import math
from dataclasses import replace

import numpy as np

from microrelief.errors import ScaleContradicted, ScaleMissing
from microrelief.imaging.arrays import Mask, shrunk
from microrelief.imaging.face.face import Scale
from microrelief.imaging.pair.align import EDGE_MM, MOST_RESIDUAL_MM
from microrelief.imaging.pair.alignment import AlignedPair
from microrelief.imaging.pair.geometry import Registration, register
from microrelief.imaging.pair.sampling import resample
from microrelief.imaging.pair.skin_match import SkinMatch
from microrelief.imaging.skin.close_up import CloseUp
from microrelief.imaging.skin.mask import clipped, skin_mask

STATED_ERROR = 0.02
"""Of a ruler read over 10 mm: a pixel or two at each end, and the ruler not quite in the skin's plane."""
FOLLOWED_ERROR = 0.03
"""The same, carried to the other photograph by the registration."""
MOST_CONTRADICTION = 0.10
"""Share by which two stated scales may differ from what the skin says of their ratio."""
FINEST_MM, COARSEST_MM = 0.001, 2.0
CLOSE_UP = "close-up"
"""The one area that a close-up has in place of a face's zones."""


def refuse_missing_scale(before_mm: float | None, after_mm: float | None) -> None:
    """Say no before any work when no scale, or an impossible one, was stated."""
    stated = [value for value in (before_mm, after_mm) if value is not None]
    if not stated:
        raise ScaleMissing(
            "A close-up has no face to measure by, so say how large a pixel is: count the pixels over 10 mm "
            "of a ruler that lies on the skin in one of the pictures, and give 10 divided by that count with "
            "--scale-before or --scale-after (200 pixels make 0.05)."
        )
    for value in stated:
        if not FINEST_MM <= value <= COARSEST_MM:
            raise ScaleContradicted(
                f"{value:g} is not a scale: give millimetres per pixel between {FINEST_MM:g} and "
                f"{COARSEST_MM:g}."
            )


def scales_of(match: SkinMatch, before_mm: float | None, after_mm: float | None) -> tuple[Scale, Scale]:
    """Millimetres per pixel of both photographs, from one or two stated ones and the registration.

    Raises ScaleMissing without any, ScaleContradicted when two do not fit the skin.
    """
    refuse_missing_scale(before_mm, after_mm)
    ratio = match.size_ratio
    if before_mm is not None and after_mm is not None:
        apart = math.log(before_mm / (after_mm * ratio))
        if abs(apart) > math.log(1 + MOST_CONTRADICTION):
            raise ScaleContradicted(
                f"The two scales contradict each other: {before_mm:g} mm per pixel before and {after_mm:g} "
                f"after were stated, but by the skin itself {before_mm:g} before makes "
                f"{before_mm / ratio:.3g} after; measure the ruler in both pictures again, or state only one."
            )
        middle = math.sqrt(before_mm * after_mm * ratio)
        return Scale(middle, STATED_ERROR, "stated"), Scale(middle / ratio, STATED_ERROR, "stated")
    if before_mm is not None:
        return (
            Scale(before_mm, STATED_ERROR, "stated"),
            Scale(before_mm / ratio, FOLLOWED_ERROR, "stated for the other photograph"),
        )
    assert after_mm is not None
    return (
        Scale(after_mm * ratio, FOLLOWED_ERROR, "stated for the other photograph"),
        Scale(after_mm, STATED_ERROR, "stated"),
    )


def align_close_ups(before: CloseUp, after: CloseUp, match: SkinMatch) -> AlignedPair:
    """Bring two close-ups onto one grid half-way between them. Exchanging them mirrors the result."""
    found = register(
        before.photo.srgb,
        after.photo.srgb,
        match.points_before,
        match.points_after,
        before.scale.mm_per_pixel,
        after.scale.mm_per_pixel,
    )
    found = _cropped(found, before, after)
    sides = ((before, found.before_map), (after, found.after_map))
    pictures = [resample(side.photo.srgb, where) for side, where in sides]
    shared: Mask = np.logical_and.reduce([side.skin.at(where) for side, where in sides])
    bare = shared & found.seen
    for picture in pictures:
        bare &= skin_mask(picture, shared, found.mm_per_pixel)
    skin = bare & (found.residual_px * found.mm_per_pixel < MOST_RESIDUAL_MM)
    valid = shrunk(skin, EDGE_MM / found.mm_per_pixel)
    for picture in pictures:
        valid &= ~clipped(picture, found.mm_per_pixel)
    return AlignedPair(
        before=before,
        after=after,
        mm_per_pixel=found.mm_per_pixel,
        before_map=found.before_map,
        after_map=found.after_map,
        before_linear=pictures[0],
        after_linear=pictures[1],
        bare=bare,
        skin=skin,
        valid=valid,
        residual_px=found.residual_px,
        landmarks=found.landmarks,
        zones={},
        whole_zones={CLOSE_UP: shared},
        zone_areas_px={CLOSE_UP: int(shared.sum())},
    )


def _cropped(found: Registration, before: CloseUp, after: CloseUp) -> Registration:
    """Without the rows and columns that lie outside one of the photographs: a grid for faces has margins."""
    inside = np.ones(found.seen.shape, bool)
    for side, where in ((before, found.before_map), (after, found.after_map)):
        rows, columns = side.photo.shape
        inside &= (where >= 0).all(axis=2) & (where[..., 0] <= rows - 1) & (where[..., 1] <= columns - 1)
    if not inside.any():
        return found
    down, along = (np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0))
    part = slice(down[0], down[-1] + 1), slice(along[0], along[-1] + 1)
    return replace(
        found,
        before_map=np.ascontiguousarray(found.before_map[part]),
        after_map=np.ascontiguousarray(found.after_map[part]),
        residual_px=np.ascontiguousarray(found.residual_px[part]),
        confidence=np.ascontiguousarray(found.confidence[part]),
        seen=np.ascontiguousarray(found.seen[part]),
        landmarks=found.landmarks - np.array([down[0], along[0]]),
    )
