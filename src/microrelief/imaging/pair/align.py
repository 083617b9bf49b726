"""Two Faces become an AlignedPair: registered, resampled alike, zones and skin known, the rest masked."""

import numpy as np
from numpy.typing import NDArray

from microrelief.imaging.arrays import shrunk
from microrelief.imaging.face.face import Face, Scale
from microrelief.imaging.face.zones import zone_masks
from microrelief.imaging.pair.alignment import AlignedPair
from microrelief.imaging.pair.geometry import register
from microrelief.imaging.pair.sampling import resample
from microrelief.imaging.skin.mask import clipped, skin_mask

EDGE_MM = 1.0
"""Skin nearer than this to hair, a feature or the edge is left out: its neighbourhood is not all skin."""
MOST_RESIDUAL_MM = 0.45
"""Where the forward and the backward registration disagree by more, a scar has no sure partner."""


def align(before: Face, after: Face) -> AlignedPair:
    """Bring two faces onto one grid. Exchanging them mirrors the result."""
    mm_before, mm_after = _shared_scale(before, after)
    found = register(
        before.photo.srgb, after.photo.srgb, before.landmarks, after.landmarks, mm_before, mm_after
    )
    pictures = [
        resample(face.photo.srgb, where)
        for face, where in ((before, found.before_map), (after, found.after_map))
    ]
    zones = zone_masks(found.seen.shape, found.landmarks)
    face = np.logical_or.reduce(list(zones.values()))
    bare = found.seen.copy()
    for picture in pictures:
        bare &= skin_mask(picture, face, found.mm_per_pixel)
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
        zones={name: mask & valid for name, mask in zones.items()},
        whole_zones=zones,
        zone_areas_px={name: int(mask.sum()) for name, mask in zones.items()},
    )


def _shared_scale(before: Face, after: Face) -> tuple[float, float]:
    """Millimetres per pixel of both photographs, from one face size.

    One photograph's scale is uncertain by 6 %; the ratio of the two is known far better from the landmarks,
    and one person's face has one size. So the ratio comes from the landmarks and the size from both scales
    together.
    """
    sizes = [_size(face.landmarks[:468]) for face in (before, after)]
    stated = [face for face in (before, after) if face.scale.source == "stated"]
    widths = [
        face.scale.mm_per_pixel * size
        for face, size in zip((before, after), sizes, strict=True)
        if not stated or face in stated
    ]
    size_mm = float(np.exp(np.mean(np.log(widths))))
    return size_mm / sizes[0], size_mm / sizes[1]


def pair_scale(before: Face, after: Face, mm_per_pixel: float) -> Scale:
    """The scale of the common grid, with its error and where it comes from."""
    sources = sorted({before.scale.source, after.scale.source})
    error = min(before.scale.relative_error, after.scale.relative_error)
    return Scale(mm_per_pixel, error, " and ".join(sources))


def grid_depth(pair: AlignedPair) -> NDArray[np.float64]:
    """Depth (468,) of the landmarks on the common grid, in grid pixels, mean of both faces; smaller is
    nearer."""
    depths = []
    for face in pair.faces:
        depths.append(face.depth[:468] / _size(face.landmarks[:468]))
    return np.asarray((depths[0] + depths[1]) / 2 * _size(pair.landmarks[:468]))


def _size(points: NDArray[np.float64]) -> float:
    return float(np.sqrt(((points - points.mean(axis=0)) ** 2).sum()))
