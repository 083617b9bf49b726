"""A decoded picture of 8 bits, of any colour model, becomes upright RGB in sRGB."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PIL import Image

from microrelief.imaging.photo.header import Header
from microrelief.imaging.photo.refusal import Refusal

MID_GREY = 119
"""What shows through transparent parts: L* 50. White or black would draw the strongest edges there can be."""

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""Exif orientation (CIPA DC-008, 4.6.5.1) -> what makes the picture upright."""

P3_PRIMARIES, WIDE_PRIMARIES, HDR_TRANSFERS = 12, 9, (16, 18)
"""ITU-T H.273: Display P3; Rec. 2020; PQ and HLG."""

INTEROPERABILITY_INDEX = 0x0001
"""R98 means sRGB, R03 Adobe RGB (CIPA DC-010)."""

TRANSPARENCY_NOTE = "Transparent parts were laid on mid grey."


def eight_bit(image: Image.Image, header: Header) -> tuple[Image.Image, list[str]]:
    """Turn, split transparency off, convert, lay on grey. Returns a picture of mode RGB, and notes."""
    notes: list[str] = []
    if header.orientation != 1:
        image = image.transpose(TURNS[header.orientation])
    if image.mode.startswith("I;16"):  # only where a profile forbids 16 bits
        image = image.point(lambda level: level / 256).convert("L")
    image, alpha = without_alpha(image)
    image = in_srgb(image, header, notes)
    if alpha is None:
        return image, notes
    notes.append(TRANSPARENCY_NOTE)
    ground = Image.new("RGB", image.size, (MID_GREY,) * 3)
    ground.paste(image, mask=alpha)
    return ground, notes


def without_alpha(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Colours of mode RGB, L or CMYK, and the transparency; None where every pixel is opaque."""
    straight = {"RGBa": "RGBA", "La": "LA", "RGBX": "RGB"}.get(image.mode)
    if straight:
        image = image.convert(straight)
    if image.has_transparency_data and image.mode not in ("RGBA", "LA", "PA"):
        image = image.convert("LA" if image.mode == "L" else "RGBA")
    alpha = image.getchannel("A") if image.mode in ("RGBA", "LA", "PA") else None
    if alpha is not None and alpha.getextrema() == (255, 255):
        alpha = None
    plain = {"1": "L", "LA": "L", "P": "RGB", "PA": "RGB", "RGBA": "RGB", "YCbCr": "RGB"}.get(image.mode)
    return (image.convert(plain) if plain else image), alpha


def in_srgb(image: Image.Image, header: Header, notes: list[str]) -> Image.Image:
    """Through the embedded profile, or the colour space the file names, or taken as sRGB."""
    if header.icc:
        from microrelief.imaging.photo.profile import ForeignProfile, to_srgb

        try:
            return to_srgb(image, header.icc)
        except ForeignProfile as reason:
            notes.append(f"The colour profile {reason}; the picture was read as if it had none.")
    elif header.nclx:
        return from_primaries(image.convert("RGB"), header.nclx, notes)
    if image.mode == "CMYK":
        notes.append("The picture is CMYK without a usable profile; its colours are a guess.")
    if not header.icc and str(header.interoperability_tags.get(INTEROPERABILITY_INDEX)).startswith("R03"):
        notes.append("The camera wrote Adobe RGB without a profile; it was read as sRGB and looks too pale.")
    return image.convert("RGB") if image.mode != "RGB" else image


def from_primaries(image: Image.Image, nclx: Mapping[str, Any], notes: list[str]) -> Image.Image:
    """A colour space named by number: Display P3 is converted, Rec. 2020 noted, PQ and HLG refused."""
    if nclx.get("transfer_characteristics") in HDR_TRANSFERS:
        says = "this is a high-dynamic-range picture (PQ or HLG); export it as an ordinary JPEG"
        raise Refusal("NotAPhoto", says)
    if nclx.get("color_primaries") == P3_PRIMARIES:
        import numpy as np

        from microrelief.imaging.photo.matrix_profile import DISPLAY_P3

        pixels = np.array(image)
        DISPLAY_P3.convert(pixels)
        return Image.fromarray(pixels)
    if nclx.get("color_primaries") == WIDE_PRIMARIES:
        notes.append("The file names Rec. 2020 colours without a profile; they were read as sRGB, too pale.")
    return image
