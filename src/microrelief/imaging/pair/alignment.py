"""Two faces, or two close-ups, brought onto one grid."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from microrelief.imaging.face.face import Face
from microrelief.imaging.skin.close_up import CloseUp


@dataclass(frozen=True)
class AlignedPair:
    """Both photographs resampled alike onto a common grid half-way between them: upright, in equal
    millimetres.

    The grid has shape (H, W) and `mm_per_pixel`; row and column grow down and to the right of the picture
    (the patient's right cheek is on the left of a face).
    """

    before: Face | CloseUp
    after: Face | CloseUp
    mm_per_pixel: float
    before_map: NDArray[np.float32]
    """ndarray of shape (H, W, 2): for each grid pixel the (row, column) in the before photograph it was
    sampled at."""
    after_map: NDArray[np.float32]
    before_linear: NDArray[np.float32]
    """ndarray of shape (H, W, 3), linear light 0 to 1, sRGB primaries."""
    after_linear: NDArray[np.float32]
    bare: NDArray[np.bool_]
    """ndarray of shape (H, W): not hair, not beard, in the colour of the face's skin, in both photographs."""
    skin: NDArray[np.bool_]
    """ndarray of shape (H, W): bare skin whose partner was found, whether or not its light was recorded."""
    valid: NDArray[np.bool_]
    """ndarray of shape (H, W): skin that was seen in both photographs and whose partner was found."""
    residual_px: NDArray[np.float32]
    """ndarray of shape (H, W): disagreement of the forward and the backward registration, grid pixels; NaN
    outside the face."""
    landmarks: NDArray[np.float64]
    """ndarray of shape (478, 2): mean landmarks (row, column) on the grid; of close-ups (n, 2), a lattice
    over the skin that both show."""
    zones: dict[str, NDArray[np.bool_]]
    """Zone name to mask of shape (H, W), already restricted to `valid`; empty for close-ups."""
    whole_zones: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    """The zones before anything was masked; for close-ups the one area whose skin both show."""
    zone_areas_px: dict[str, int] = field(default_factory=dict)
    """Zone name to its area on the grid before anything was masked."""

    @property
    def close_up(self) -> bool:
        """Whether these are close-ups of skin: no face, no zones, no side of the patient is known."""
        return isinstance(self.before, CloseUp)

    @property
    def faces(self) -> tuple[Face, Face]:
        """Both faces. Raises TypeError for close-ups."""
        if isinstance(self.before, CloseUp) or isinstance(self.after, CloseUp):
            raise TypeError("close-ups have no face")
        return self.before, self.after
