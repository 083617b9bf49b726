"""What a face is, once it has been found in a photograph."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from microrelief.imaging.photo.photo import Photo


@dataclass(frozen=True)
class Pose:
    """Head pose against the camera, in degrees; zero is straight on."""

    yaw_degrees: float
    """Positive when the patient turns to their own left."""
    pitch_degrees: float
    """Positive when the chin goes up."""
    roll_degrees: float
    """Positive when the head tilts to the patient's left shoulder."""


@dataclass(frozen=True)
class Scale:
    """How large a pixel is on the face."""

    mm_per_pixel: float
    relative_error: float
    """One standard deviation, as a share of the value."""
    source: str
    """"iris", "eye corners" or "stated"."""


@dataclass(frozen=True)
class Face:
    """A face in a photograph."""

    photo: Photo
    landmarks: NDArray[np.float64]
    """ndarray of shape (478, 2): (row, column) in pixels of the upright photograph, MediaPipe's order."""
    depth: NDArray[np.float64]
    """ndarray of shape (478,): depth in pixels of the same scale, smaller is nearer to the camera (a model's
    estimate)."""
    pose: Pose
    expression: dict[str, float]
    """MediaPipe's blendshape names, for example "mouthSmileLeft", to 0...1."""
    scale: Scale
