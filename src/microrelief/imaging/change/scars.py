"""Where the scars are: found on both photographs alike, before anything is known of the change.

Choosing scars on the before alone would make every after look better (regression to the mean: part of what
stands out is chance). Here a place counts when the *mean* of both photographs stands out, and exchanging the
photographs finds the same places.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from microrelief.imaging.arrays import Floats, Mask, band, grown, shrunk, smooth, smooth_within

FINE_MM, COARSE_MM = 0.2, 0.8
"""Gaussian standard deviations that bound the relief band: structures of about 0.5 to 4 mm, edges of wider
ones.
Wider bands let the face's own folds in (measured on rendered faces: docs/methods/relief.md)."""
FINE_PX = 1.0
"""The band never starts below one pixel: there is nothing there but noise."""
WINDOW_MM = 0.5
STANDS_OUT = 3.0
"""Times the texture's median strength."""
GROW_MM = 0.6
EDGE_MM = 1.5
"""Nearer than this to the edge of the skin the band is cut in half and reads the face's own shading as
relief."""
QUIET = 1.6
"""Times the texture's median strength above which clear skin may hold a faint scar and is no witness for
the camera."""
NOT_SCARRED = ("nose", "upper lip")
"""Zones whose own edges and cast shadows look like scars; relief is not read there."""
STAIN_MM = 0.4
"""How softly a stain ends."""
CLEAR_MM = 2.0
"""Skin this far from a scar is clear skin."""


@dataclass(frozen=True)
class Scars:
    """Scars and clear skin on the common grid, and the band both are measured in."""

    before: Floats
    """(H, W): shading in the relief band, natural-log units; zero outside valid skin."""
    after: Floats
    labels: NDArray[np.int32]
    """(H, W): 0 where there is no scar, else the number of the scar."""
    count: int
    clear: Mask
    marked: Mask
    """(H, W): every place that stands out, also at the edge of the skin: where colour is looked at."""
    quiet: Mask
    """(H, W): clear skin without faint scars, whose healing would pass for the camera's doing."""
    usable: Mask
    """(H, W): skin far enough from any edge for the band to be whole."""
    spots: Floats
    """(H, W): what an even stain on each scar would look like in the relief band."""
    steepness: Floats
    """(H, W, 2): gradient (right, down) of the mean of both bands."""

    def outlines(self) -> list[NDArray[np.float32]]:
        """(n, 2) outlines as (row, column), one for each scar."""
        contours, _ = cv2.findContours(
            (self.labels > 0).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
        )
        return [contour[:, 0, ::-1].astype(np.float32) for contour in contours]


def find_scars(
    before_shading: Floats,
    after_shading: Floats,
    valid: Mask,
    mm_per_pixel: float,
    readable: Mask | None = None,
) -> Scars:
    """Find what stands out of the skin's texture in the mean of both photographs.

    Parameters: log shading (H, W) of both, from `skin.separate`; valid skin (H, W); the part of it where
    relief may be read (all, when None). What touches the edge of that part is a crease or a shadow as often
    as a scar, and is left out.
    """
    fine, coarse = max(FINE_MM / mm_per_pixel, FINE_PX), max(COARSE_MM / mm_per_pixel, 3 * FINE_PX)
    bands = [band(shading, valid, fine, coarse) for shading in (before_shading, after_shading)]
    usable = shrunk(valid if readable is None else valid & readable, EDGE_MM / mm_per_pixel)
    mean: Floats = (bands[0] + bands[1]) / np.float32(2)
    strength = np.sqrt(smooth_within(mean * mean, usable, max(WINDOW_MM / mm_per_pixel, 1.0)))
    if not usable.any():
        nothing = np.zeros(valid.shape, np.int32)
        return Scars(
            bands[0],
            bands[1],
            nothing,
            0,
            usable,
            usable,
            usable,
            usable,
            nothing.astype(np.float32),
            np.zeros((*valid.shape, 2), np.float32),
        )
    usual = float(np.median(strength[usable]))
    out = usable & (strength > STANDS_OUT * usual)
    scars = grown(out, GROW_MM / mm_per_pixel) & usable
    labels: NDArray[np.int32]
    number, labels = cv2.connectedComponents(scars.astype(np.uint8))
    at_edge = np.unique(labels[out & ~shrunk(usable, 1)])
    renumbered = np.zeros(number, np.int32)
    kept = np.setdiff1d(np.arange(1, number), at_edge)
    renumbered[kept] = np.arange(1, len(kept) + 1)
    clear = usable & ~grown(scars, CLEAR_MM / mm_per_pixel)
    quiet = clear & (strength < QUIET * usual)
    soft = smooth((renumbered[labels] > 0).astype(np.float32), STAIN_MM / mm_per_pixel)
    spots = band(soft, valid, fine, coarse)
    steepness = np.dstack([cv2.Sobel(mean, cv2.CV_32F, *axis) for axis in ((1, 0), (0, 1))])
    return Scars(
        bands[0], bands[1], renumbered[labels], len(kept), clear, scars, quiet, usable, spots, steepness
    )
