"""What a photograph is, once it has been read."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the decoding child imports this file and should not wait for numpy
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class CaptureFacts:
    """What the file says of how it was taken; empty where it is silent. Never a place, name or serial."""

    taken_at: str = ""
    """Local time as written by the camera, ISO 8601 without zone, for example 2026-03-14T09:21:00."""
    make: str = ""
    model: str = ""
    lens: str = ""
    software: str = ""
    focal_length_mm: float | None = None
    focal_length_35mm: float | None = None
    exposure_seconds: float | None = None
    f_number: float | None = None
    iso: int | None = None
    flash_fired: bool | None = None
    digital_zoom: float | None = None
    colour_profile: str = ""
    """Name of the embedded ICC profile; "" where none, which is read as sRGB."""
    file_format: str = ""
    bits: int = 8
    jpeg_quality: int | None = None
    """Estimated from the quantisation tables, 1 to 100."""


@dataclass(frozen=True)
class Photo:
    """A photograph, upright, in the sRGB colour space. The file it came from is never touched."""

    path: Path
    sha256: str
    """Of the file's bytes, as hexadecimal."""
    file_bytes: int
    srgb: NDArray[np.uint8] | NDArray[np.uint16]
    """ndarray of shape (H, W, 3), sRGB-encoded, uint8, or uint16 for 16-bit files; read-only."""
    facts: CaptureFacts = field(default_factory=CaptureFacts)
    notes: tuple[str, ...] = ()
    """What reading had to assume, a sentence each, for example that CMYK came without a profile."""

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""
        return self.srgb.shape[0], self.srgb.shape[1]
