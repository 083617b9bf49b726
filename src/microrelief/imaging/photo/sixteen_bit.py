"""A 16-bit PNG or TIFF becomes upright RGB in sRGB and keeps its 16 bits."""

import mmap
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from microrelief.imaging.photo.eight_bit import MID_GREY, TRANSPARENCY_NOTE, eight_bit
from microrelief.imaging.photo.header import Header
from microrelief.imaging.photo.matrix_profile import matrix_profile
from microrelief.imaging.photo.profile import ForeignProfile
from microrelief.imaging.photo.refusal import Refusal

FLIPS = {2: (1, -1), 3: (-1, -1), 4: (-1, 1), 6: (1, -1), 7: (-1, -1), 8: (-1, 1)}
"""Exif orientation -> steps through rows and columns, after rows and columns were swapped from code 5 on."""

TOP = 65535


def sixteen_bit(header: Header) -> tuple[NDArray[np.uint16] | Image.Image, list[str]]:
    """uint16 array of shape (H, W, 3), and notes. Pillow has decoded the picture: the file is whole.

    OpenCV reads the samples, since Pillow has no 16-bit colour. A profile that is more than curves and a
    matrix can only be applied in 8 bit: then Pillow's picture of 8 bits comes back, with a note.
    """
    profile = None
    if header.icc:
        try:
            profile = matrix_profile(header.icc)
        except ForeignProfile as reason:
            picture, notes = eight_bit(header.image, header)
            return picture, [f"The colour profile {reason}; the picture was converted in 8 bit.", *notes]
    samples = turned(sixteen_bit_samples(header), header.orientation)
    alpha = samples[..., -1:] if samples.shape[2] in (2, 4) else None
    colours = samples if alpha is None else samples[..., :-1]
    colours = colours[..., ::-1] if colours.shape[2] == 3 else np.repeat(colours, 3, axis=2)
    if profile:
        profile.convert(colours)
    if alpha is None or int(alpha.min()) == TOP:
        return colours, []
    grey = np.float32(MID_GREY * 257)
    for row, opacity in zip(colours, alpha / np.float32(TOP), strict=True):
        row[:] = np.rint(grey + (row - grey) * opacity)
    return colours, [TRANSPARENCY_NOTE]


def sixteen_bit_samples(header: Header) -> NDArray[np.uint16]:
    """ndarray of shape (H, W, 1 to 4), blue first as OpenCV has it."""
    cv2.setNumThreads(1)
    data = mmap.mmap(header.stream.fileno(), 0, access=mmap.ACCESS_READ)
    header.image.close()  # its memory is needed; this closes the stream too
    try:
        samples = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as failure:
        if failure.code == cv2.Error.StsNoMem:
            raise MemoryError from None
        raise
    if samples is None or samples.dtype != np.uint16:
        says = "its 16-bit samples cannot be read; export it again, as a plain 16-bit or 8-bit TIFF"
        raise Refusal("PhotoDamaged", says)
    samples = np.asarray(samples, np.uint16)
    return samples[..., None] if samples.ndim == 2 else samples


def turned(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """The picture as it was seen: a view of an array of shape (H, W, channels)."""
    if orientation >= 5:
        pixels = pixels.swapaxes(0, 1)
    rows, columns = FLIPS.get(orientation, (1, 1))
    return pixels[::rows, ::columns]
