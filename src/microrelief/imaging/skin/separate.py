"""Colour separated into shading, melanin and haemoglobin, in the logarithm of linear light.

Beer and Lambert: -log of reflected light is a sum of what the light passed through, and log of shading adds
to it, so per pixel  log RGB = shading (1, 1, 1) - melanin m - haemoglobin h  (Tsumura et al. 1999), solved as
a 3 by 3 system. A fading mark changes melanin or haemoglobin, not shading; that is why it cannot count as
smoother skin.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from microrelief.imaging.arrays import Floats, smooth_within

MELANIN_RGB = (0.35, 0.62, 1.0)
"""Absorbance of melanin in R, G, B, relative to B (imaging brief, section G; fits skin spectra of six
tones)."""
HAEMOGLOBIN_RGB = (0.18, 1.0, 0.75)
"""Absorbance of blood in R, G, B, relative to G (same source)."""
DARKEST = 2e-3
"""Added before the logarithm so that a black pixel stays finite; below a 9-bit camera's step."""

BLOOD_IN_GREY = sum(HAEMOGLOBIN_RGB) / 3
"""What blood takes from the mean of log R, log G and log B, per unit of haemoglobin."""
BLOOD_MM = 0.25
"""Redness of a scar is softer than its slopes: taken off at this standard deviation, it takes little of them
along."""

_MIXING = np.array([[1, -m, -h] for m, h in zip(MELANIN_RGB, HAEMOGLOBIN_RGB, strict=True)])
_UNMIXING = np.linalg.inv(_MIXING).astype(np.float32)


@dataclass(frozen=True)
class SkinLayers:
    """Each an ndarray of shape (H, W), float32, natural-log units."""

    shading: Floats
    melanin: Floats
    haemoglobin: Floats
    log_light: Floats
    """(H, W, 3): the logarithm of light that the three were taken from."""

    def relief(self, valid: NDArray[np.bool_], mm_per_pixel: float) -> Floats:
        """(H, W): log light in which relief is read, grey but for what soft redness takes from it.

        The mean of the three channels, because light wanders far inside skin where it is red and not where
        it is green or blue, so that the slopes of scars show twice as strongly in it on dark skin as in red
        alone. Blood is added back at BLOOD_MM, so that redness that fades is no relief that healed. Melanin
        stays: what it does is dealt with where relief is read.
        """
        blood = smooth_within(self.haemoglobin, valid, BLOOD_MM / mm_per_pixel)
        return np.asarray(self.log_light.mean(axis=2) + np.float32(BLOOD_IN_GREY) * blood)


def separate(linear: Floats) -> SkinLayers:
    """Shading, melanin and haemoglobin of linear light.

    Parameters: float32 (H, W, 3), 0 to 1. Natural-log units; only differences within one photograph mean
    anything. A grey pixel has as much melanin and haemoglobin as any other grey pixel:

    >>> layers = separate(np.full((1, 1, 3), 0.5, np.float32))
    >>> abs(float(layers.melanin[0, 0])) < 1e-5
    True
    """
    log = np.log(np.maximum(linear, 0.0) + DARKEST)
    shading, melanin, haemoglobin = (log @ row for row in _UNMIXING)
    return SkinLayers(shading, melanin, haemoglobin, log)
