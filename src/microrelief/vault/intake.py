"""The bytes of an upload become an accepted photograph: facts, hash, and copies to look at.

    with accepted(upload) as photo:
        store.put(name, encrypted(key, Kind.ORIGINAL, photo.original))
        store.put(other, encrypted(key, Kind.THUMBNAIL, photo.thumbnail))

Decoding happens in the child process of `imaging.photo.read`, under limits of clock, processor and memory;
this process only ever sees its raw pixels. The copies are built from those, so that nothing but the picture
is in them: no place, no name, no serial number, no comment, no profile. The original is kept as it came.
"""

import io
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from microrelief.errors import StoreBusy
from microrelief.imaging.photo.photo import CaptureFacts, Photo
from microrelief.imaging.photo.read import ReadLimits, nameless_file, read_stream

UPLOAD_LIMITS = ReadLimits(file_bytes=100 << 20)
"""A 61-megapixel JPEG at its best quality has 60 MB; a 16-bit TIFF is exported smaller or put in by the
command line.
"""

THUMBNAIL_PIXELS, SCREEN_PIXELS = 400, 2048
"""Longest side: a tile of a list at twice the density, and a large screen."""
JPEG_QUALITY = 85

AT_ONCE = 2
"""Photographs that are decoded side by side; the others wait, so that pages stay quick."""
PATIENCE_SECONDS = 30.0
"""How long an upload waits for its turn."""

MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "TIFF": "image/tiff",
    "WebP": "image/webp",
    "HEIC": "image/heic",
}


@dataclass(frozen=True)
class Accepted:
    """A photograph that may be kept."""

    original: IO[bytes]
    """The very bytes that were hashed and decoded, from their start; in memory without a name."""
    sha256: str
    """Of the original, as hexadecimal."""
    original_bytes: int
    rows: int
    columns: int
    facts: CaptureFacts
    notes: tuple[str, ...]
    """What reading had to assume, a sentence each."""
    thumbnail: bytes
    """JPEG, sRGB, upright, at most THUMBNAIL_PIXELS a side; nothing in it but the picture."""
    screen: bytes
    """As the thumbnail, at most SCREEN_PIXELS a side."""

    @property
    def media_type(self) -> str:
        """Of the original, by its content and not by its name."""
        return MEDIA_TYPES.get(self.facts.file_format, "application/octet-stream")


_turns = threading.BoundedSemaphore(AT_ONCE)


@contextmanager
def accepted(
    upload: IO[bytes], name: str = "The photograph", limits: ReadLimits = UPLOAD_LIMITS
) -> Iterator[Accepted]:
    """What is left of the stream, as an accepted photograph; its bytes go when the block ends.

    `name` is what an error calls it: not the file's own name, in which a patient's may stand. Raises
    NotAPhoto, PhotoDamaged, PhotoTooLarge or PhotoMissing, each a sentence for the person who uploaded;
    StoreBusy after PATIENCE_SECONDS of waiting.
    """
    with ExitStack() as open_files:
        original = open_files.enter_context(nameless_file())
        if not _turns.acquire(timeout=PATIENCE_SECONDS):
            raise StoreBusy("Too many photographs are being read at once; send it again in a minute")
        try:
            photo = read_stream(upload, original, name, limits)
            found = _accepted(photo, original)
            del photo  # its pixels may be 200 MB, and the block may take a while
        finally:
            _turns.release()
        original.seek(0)
        yield found


def reduced(srgb: NDArray[np.uint8] | NDArray[np.uint16], longest: int) -> NDArray[np.uint8]:
    """The picture at most so many pixels a side, in 8 bits: (H, W, 3) to (h, w, 3). Never enlarged."""
    rows, columns = srgb.shape[:2]
    scale = min(1.0, longest / max(rows, columns))
    size = (max(1, round(columns * scale)), max(1, round(rows * scale)))
    small = np.asarray(cv2.resize(srgb, size, interpolation=cv2.INTER_AREA)) if scale < 1 else srgb
    if small.dtype == np.uint16:
        return np.asarray((small.astype(np.uint32) + 128) // 257, np.uint8)
    return np.asarray(small, np.uint8)


def jpeg(srgb: NDArray[np.uint8]) -> bytes:
    """A JPEG file of the pixels and of nothing else."""
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(srgb)).save(file, "JPEG", quality=JPEG_QUALITY, optimize=True)
    return file.getvalue()


def _accepted(photo: Photo, original: IO[bytes]) -> Accepted:
    rows, columns = photo.shape
    screen = reduced(photo.srgb, SCREEN_PIXELS)
    return Accepted(
        original=original,
        sha256=photo.sha256,
        original_bytes=photo.file_bytes,
        rows=rows,
        columns=columns,
        facts=photo.facts,
        notes=photo.notes,
        thumbnail=jpeg(reduced(screen, THUMBNAIL_PIXELS)),
        screen=jpeg(screen),
    )
