"""What is refused by the first bytes and the header of a file, before any pixel is decoded."""

import re
from collections.abc import Mapping
from typing import IO, Any

from PIL import Image

from microrelief.imaging.photo.kinds import ANY_READ, PNG, READ, WEBP, Kind

MOST_SCANS = 100
"""Progressive JPEG files hold about 10 scans. Each is a pass over the whole picture: 1,000 are a bomb."""

READ_MODES = {
    "1",
    "L",
    "La",
    "LA",
    "P",
    "PA",
    "RGB",
    "RGBX",
    "RGBa",
    "RGBA",
    "CMYK",
    "YCbCr",
    "I;16",
    "I;16B",
}
"""Pillow's names of pixels that are read. Missing are 32-bit numbers, floats and L*a*b*."""

NEW_SUBFILE_TYPE, DNG_VERSION = 0x00FE, 0xC612
FRAME_HEADERS = rb"\xff[\xc0-\xc3\xc5-\xc7\xc9-\xcb\xcd-\xcf]"


class Refusal(Exception):
    """Why a file becomes no photograph: the name of a class in errors.py, and a sentence."""

    def __init__(self, error: str, sentence: str) -> None:
        self.error, self.sentence = error, sentence
        super().__init__(sentence)


def refuse_other_kinds(kind: Kind) -> None:
    """Only the kinds on the list go on to a decoder."""
    if kind.reader:
        return
    if kind.name:
        says = f"this is a {kind.name}; {READ} photographs are read, so export it as one of these"
        raise Refusal("NotAPhoto", says)
    raise Refusal("NotAPhoto", f"this is not a picture; give a {ANY_READ} photograph")


def refuse_scan_bombs(stream: IO[bytes]) -> None:
    """Count a JPEG file's scans by walking its segments (ITU-T T.81, B.1); no pixel limit sees this bomb."""
    stream.seek(0)
    data = stream.read()
    marker = re.compile(rb"\xff+([\x01-\xcf\xd8-\xfe])")  # not a stuffed zero, not a restart
    at, scans, components = 2, 0, 0
    while found := marker.search(data, at):
        code, at = found[1], found.end()
        if code == b"\xd9":
            return
        if re.fullmatch(FRAME_HEADERS, b"\xff" + code):
            progressive, components = code in b"\xc2\xc6\xca\xce", data[at + 7] if at + 7 < len(data) else 0
        if code == b"\xda":
            scans += 1
            if scans == 1 and components and not progressive and data[at + 2 : at + 3] == bytes([components]):
                return  # all components in the first scan: nothing can follow
            if scans > MOST_SCANS:
                says = f"the JPEG has more than {MOST_SCANS} scans; save it as an ordinary JPEG"
                raise Refusal("PhotoTooLarge", says)
        if code not in b"\x01\xd8":
            at += int.from_bytes(data[at : at + 2], "big")


def refuse_too_many_pixels(size: tuple[int, int], most_pixels: int) -> None:
    """More pixels than any camera we expect, or none. `size` is (columns, rows)."""
    columns, rows = size
    if columns * rows > most_pixels:
        most = f"{most_pixels / 1e6:g} million"
        says = f"the picture has {columns} x {rows} pixels and at most {most} are read; save it smaller"
        raise Refusal("PhotoTooLarge", says)
    if columns * rows == 0:
        raise Refusal("PhotoDamaged", "the picture has no pixels; export or copy it again")


def refuse_other_pixels(mode: str) -> None:
    """Pixels that are not colours."""
    if mode not in READ_MODES:
        says = f"its pixels are of a kind that is not read ({mode}); export it as 8-bit or 16-bit RGB"
        raise Refusal("NotAPhoto", says)


def refuse_raw_files(tags: Mapping[int, Any]) -> None:
    """Raw files that look like TIFF begin with a thumbnail, which would pass for the photograph."""
    if DNG_VERSION in tags or int(tags.get(NEW_SUBFILE_TYPE, 0)) & 1:
        raise Refusal("NotAPhoto", "this is a camera raw file; develop it and export a TIFF or JPEG")


def refuse_animations(image: Image.Image, kind: Kind) -> None:
    """Several pictures that follow each other are not one photograph."""
    if kind in (PNG, WEBP) and getattr(image, "n_frames", 1) > 1:
        raise Refusal("NotAPhoto", "this is an animation; export the one picture that is meant")
