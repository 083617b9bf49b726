"""Which pixels are skin: hair, beard, stubble in strands, highlights and shadow without light are not."""

import numpy as np
from numpy.typing import NDArray

from microrelief.imaging.arrays import LUMINANCE, Floats, Mask, brightest, smooth, smooth_within

BRIGHTEST, DARKEST = 0.97, 0.004
"""Linear light of a channel outside which the sensor or the file has clipped: nothing can be measured
there."""
CHROMA_REACH = 5.0
"""Robust standard deviations of log chroma around the face's median that still count as its skin."""
CHROMA_FLOOR = 0.05
HAIR_DARKER = 0.45
"""Natural log by which hair lies below the skin around it, averaged over 2.5 mm; scars lie less below or are
smaller."""


CLIPPED_SHARE = 0.12
"""Share of clipped pixels in a neighbourhood of 0.6 mm above which all of it counts as clipped: what is left
is biased."""


def clipped(linear: Floats, mm_per_pixel: float) -> Mask:
    """Places (H, W) where the red channel, which carries the shading, or all channels end. Parameters:
    float32 (H, W, 3)."""
    level = brightest(linear)
    ends = (level > BRIGHTEST) | (level < DARKEST)
    return np.asarray(smooth(ends.astype(np.float32), 0.6 / mm_per_pixel) > CLIPPED_SHARE)


def skin_mask(linear: Floats, within: Mask, mm_per_pixel: float) -> Mask:
    """Skin among the pixels of `within` (usually the union of the zones).

    Parameters: float32 (H, W, 3) linear light; bool (H, W); millimetres per pixel. Clipped pixels are kept:
    they are skin, only not measurable (see `clipped`).
    """
    if not within.any():
        return within.copy()
    light = np.maximum(linear, 1e-4)
    log = np.log(light)
    fine = 0.8 / mm_per_pixel
    chroma = [smooth_within(log[..., a] - log[..., 1], within, fine) for a in (0, 2)]
    skin = within.copy()
    for _ in range(2):
        for values in chroma:
            centre = float(np.median(values[skin]))
            spread = 1.4826 * float(np.median(np.abs(values[skin] - centre)))
            skin &= np.abs(values - centre) < CHROMA_REACH * max(spread, CHROMA_FLOOR)
        if not skin.any():
            return skin
    bright = np.log(light @ LUMINANCE)
    around = smooth_within(bright, skin, 12 / mm_per_pixel)
    near = smooth_within(bright, within, 2.5 / mm_per_pixel)
    return np.asarray(skin & (near > around - HAIR_DARKER))


def bearded_share(skin: Mask, zones: dict[str, NDArray[np.bool_]]) -> float:
    """Share of upper lip, chin and jaw that is not skin: above a third, a beard covers it."""
    lower = [mask for name, mask in zones.items() if name in ("upper lip", "chin", "right jaw", "left jaw")]
    area = sum(int(mask.sum()) for mask in lower)
    return 1.0 - sum(int((mask & skin).sum()) for mask in lower) / area if area else 0.0
