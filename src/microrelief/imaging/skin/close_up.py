"""A photograph without a whole face becomes a CloseUp: where its skin is, and how large a pixel is on it.

Skin is told by its colour alone: redder than grey and no bluer, whatever its tone, and of one colour all
over. Rulers, gloves, cloth and background are of another; hair is darker or is found on the common grid
(`skin.mask`).
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from microrelief.errors import NoSkin
from microrelief.imaging.arrays import LUMINANCE, Floats, Mask, disk, smooth
from microrelief.imaging.face.face import Scale
from microrelief.imaging.photo.colour import to_linear
from microrelief.imaging.photo.photo import Photo
from microrelief.imaging.skin.mask import BRIGHTEST, DARKEST

LOOK_SIDE = 640
"""Longest side of the picture in which skin is looked for: a hundredth of a close-up is fine enough."""
REDDER, BLUER = 0.1, 0.15
"""Least log R/G and largest log B/G of skin. Six rendered tones have 0.27 to 0.55 and -0.55 to -0.2 in white
light; the rest is left to a camera's white balance."""
REACH = 0.3
"""Log chroma around the skin's own that is still skin: redness and brown marks lie within, rulers, gloves
and cloth beyond."""
DARKER = 1.5
"""Natural log below the skin's median: black hair, brows, a shadow without light."""
LEAST_SHARE = 0.1
"""Of the picture: less skin than this is not a close-up of skin."""
HOLE_SHARE = 0.01
"""Of the picture: smaller holes are marks on the skin and belong to it."""
FINEST_SHARE = 0.012
"""Of the longest side: narrower bridges and specks do not count."""


@dataclass(frozen=True)
class SkinArea:
    """The largest connected part of a photograph that has the colour of skin."""

    mask: Mask
    """(h, w): the photograph made small."""
    step: float
    """Photograph pixels per pixel of the mask."""

    def at(self, where: NDArray[np.floating]) -> Mask:
        """Whether places (..., 2), (row, column) of the photograph, lie on skin; outside it they do not."""
        index = np.floor((where + 0.5) / self.step).astype(np.int64)
        inside = (index >= 0).all(axis=-1) & (index < np.array(self.mask.shape)).all(axis=-1)
        index = np.clip(index, 0, np.array(self.mask.shape) - 1)
        return np.asarray(inside & self.mask[index[..., 0], index[..., 1]])


@dataclass(frozen=True)
class CloseUp:
    """A patch of skin in a photograph."""

    photo: Photo
    skin: SkinArea
    scale: Scale


def find_skin(photo: Photo) -> SkinArea:
    """Where the skin of a close-up is. Raises NoSkin when too little of the picture has its colour."""
    small, step = _small(photo)
    light = np.maximum(small, 1e-4)
    log = np.log(light)
    fine = FINEST_SHARE * max(small.shape[:2])
    chroma = np.stack([smooth(log[..., a] - log[..., 1], fine / 2) for a in (0, 2)], axis=-1)
    recorded = (light.max(axis=2) < BRIGHTEST) & (light.max(axis=2) > DARKEST)
    possible = recorded & (chroma[..., 0] > REDDER) & (chroma[..., 1] < BLUER)
    if possible.mean() < LEAST_SHARE:
        raise _no_skin(photo)
    centre = _commonest(chroma[possible])
    skin = recorded & (np.hypot(*np.moveaxis(chroma - centre, -1, 0)) < REACH)
    bright = np.log(np.maximum(light @ LUMINANCE, 1e-4))
    skin &= smooth(bright, fine / 2) > float(np.median(bright[skin])) - DARKER
    mask = _largest(skin, fine)
    if mask.mean() < LEAST_SHARE:
        raise _no_skin(photo)
    return SkinArea(mask, step)


def _no_skin(photo: Photo) -> NoSkin:
    return NoSkin(
        photo.path,
        "hardly anything in it has the colour of skin: use a colour photograph in which skin fills most of "
        "the picture, neither burnt out nor black.",
    )


def _small(photo: Photo) -> tuple[Floats, float]:
    rows, columns = photo.srgb.shape[:2]
    step = max(rows, columns) / LOOK_SIDE
    if step <= 1:
        return to_linear(photo.srgb), 1.0
    size = (max(round(columns / step), 1), max(round(rows / step), 1))
    return to_linear(cv2.resize(photo.srgb, size, interpolation=cv2.INTER_AREA)), rows / size[1]


def _commonest(chroma: Floats) -> NDArray[np.float64]:
    """The peak of the colours' distribution, then the median about it."""
    bins = [np.arange(REDDER, 2.0, 0.04), np.arange(-2.5, BLUER + 0.04, 0.04)]
    counts, *edges = np.histogram2d(chroma[:, 0], chroma[:, 1], bins=bins)
    peak = np.unravel_index(int(np.argmax(smooth(counts.astype(np.float32), 1.5))), counts.shape)
    centre = np.array([edges[k][peak[k]] + 0.02 for k in range(2)])
    near = chroma[np.hypot(*(chroma - centre).T) < REACH]
    return np.asarray(np.median(near, axis=0) if len(near) else centre)


def _largest(skin: Mask, fine_px: float) -> Mask:
    """The largest connected part, its small holes filled."""
    opened = cv2.morphologyEx(skin.astype(np.uint8), cv2.MORPH_OPEN, disk(fine_px / 2))
    number, labels, stats, _ = cv2.connectedComponentsWithStats(opened)
    if number < 2:
        return np.zeros(skin.shape, bool)
    largest = labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    _, holes, stats, _ = cv2.connectedComponentsWithStats((~largest).astype(np.uint8))
    small = np.flatnonzero(stats[:, cv2.CC_STAT_AREA] < HOLE_SHARE * skin.size)
    edge = np.unique(np.concatenate([holes[0], holes[-1], holes[:, 0], holes[:, -1]]))
    return np.asarray(largest | np.isin(holes, np.setdiff1d(small, [0, *edge])))
