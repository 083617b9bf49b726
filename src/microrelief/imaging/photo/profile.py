"""Pixels in the colour space their file names become pixels in sRGB.

Conversion is relative colorimetric, without black point compensation: white becomes white and every colour
that sRGB can hold keeps its measured value. The perceptual intent would bend all colours, skin among them,
to make room for the few that sRGB cannot hold; those are clipped instead.
"""

import io

from PIL import Image, ImageChops, ImageCms

MODE_OF_SPACE = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}
"""Colour space of an ICC profile (ICC.1:2022, table 19) -> Pillow's mode."""

UNSEEN_LEVELS = 1
"""A profile that moves no colour by more than this many of 255 levels is sRGB under another name."""


class ForeignProfile(ValueError):
    """The profile cannot be used for these pixels. The message completes "the colour profile ..."."""


def profile_name(icc: bytes) -> str:
    """The description inside an ICC profile; "unreadable" where it has none."""
    try:
        name = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(icc)))
    except Exception:
        return "unreadable"
    return "".join(c for c in name if c.isprintable()).strip()[:100] or "unnamed"


def to_srgb(image: Image.Image, icc: bytes) -> Image.Image:
    """An 8-bit picture (mode RGB, L or CMYK) through its ICC profile into sRGB, mode RGB.

    Raises ForeignProfile where the profile is broken or belongs to another kind of pixels.
    """
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        space = source.profile.xcolor_space.strip()
    except Exception as broken:
        raise ForeignProfile("cannot be read") from broken
    if MODE_OF_SPACE.get(space) != image.mode:
        raise ForeignProfile(f"is for {space or 'unknown'} pixels and these are {image.mode}")
    try:
        transform = ImageCms.buildTransform(
            source,
            ImageCms.createProfile("sRGB"),
            image.mode,
            "RGB",
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        )
        if image.mode == "RGB" and leaves_colours_alone(transform):
            return image
        converted = ImageCms.applyTransform(image, transform, inPlace=image.mode == "RGB")
    except ImageCms.PyCMSError as broken:
        raise ForeignProfile("cannot be applied") from broken
    return image if converted is None else converted


def leaves_colours_alone(transform: ImageCms.ImageCmsTransform) -> bool:
    """Whether the transform is the identity within rounding, tried on 16 levels of each channel."""
    levels = range(0, 256, 17)
    colours = bytes(v for r in levels for g in levels for b in levels for v in (r, g, b))
    given = Image.frombytes("RGB", (64, 64), colours)
    moved = ImageChops.difference(given, transform.apply(given)).tobytes()
    return max(moved) <= UNSEEN_LEVELS
