"""An open file becomes a Header: what it says before any pixel is decoded. Most refusals fall here."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, Any

from PIL import (
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from microrelief.imaging.photo.facts import attempt, jpeg_quality
from microrelief.imaging.photo.kinds import HEAD_BYTES, HEIC, JPEG, PNG, TIFF, WEBP, Kind, file_kind
from microrelief.imaging.photo.refusal import (
    Refusal,
    refuse_animations,
    refuse_other_kinds,
    refuse_other_pixels,
    refuse_raw_files,
    refuse_scan_bombs,
    refuse_too_many_pixels,
)

READERS = (JpegImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin)
"""Named so that Pillow need not load all of its readers to find these."""

BITS_PER_SAMPLE, ORIENTATION = 0x0102, 0x0112
EXIF_BLOCK, INTEROPERABILITY_BLOCK = 0x8769, 0xA005


@dataclass
class Header:
    """A picture that is open and not yet decoded."""

    image: Image.Image
    stream: IO[bytes]
    kind: Kind
    bits: int
    """8 or 16 for each sample, as the file says."""
    orientation: int
    """Exif's code, 1 to 8, of the turn that is still to be made after decoding."""
    icc: bytes
    """The embedded colour profile; empty where none."""
    nclx: Mapping[str, Any]
    """Colour space by the numbers of ITU-T H.273, in HEIC files; empty where none."""
    jpeg_quality: int | None
    tags: Mapping[int, Any] = field(default_factory=dict)
    exposure_tags: Mapping[int, Any] = field(default_factory=dict)
    interoperability_tags: Mapping[int, Any] = field(default_factory=dict)


def read_header(stream: IO[bytes], most_pixels: int) -> Header:
    """Open the file's first picture. Raises Refusal, or whatever the decoder raises."""
    head = stream.read(HEAD_BYTES)
    kind = file_kind(head)
    refuse_other_kinds(kind)
    if kind is JPEG:
        refuse_scan_bombs(stream)
    if kind is WEBP:  # libwebp asks for the whole canvas as soon as it opens a file
        refuse_too_many_pixels(webp_size(head), most_pixels)
    image = opened(stream, kind)
    refuse_too_many_pixels(image.size, most_pixels)
    refuse_other_pixels(image.mode)
    if kind is TIFF:
        refuse_raw_files(image.tag_v2)  # type: ignore[attr-defined]
    else:
        refuse_animations(image, kind)
    tags, exposure_tags, interoperability_tags = exif_blocks(image, kind)
    return Header(
        image,
        stream,
        kind,
        sample_bits(image, kind, head),
        orientation_to_do(kind, tags),
        image.info.get("icc_profile") or b"",
        image.info.get("nclx_profile") or {},
        quality(image) if kind is JPEG else None,
        tags,
        exposure_tags,
        interoperability_tags,
    )


def webp_size(head: bytes) -> tuple[int, int]:
    """(columns, rows) as the first chunk of a WebP file says (RFC 9649, 2.5 to 2.7)."""
    chunk, body = head[12:16], head[20:30]
    if chunk == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if chunk == b"VP8L":
        packed = int.from_bytes(body[1:5], "little")
        return 1 + (packed & 0x3FFF), 1 + (packed >> 14 & 0x3FFF)
    return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF


def opened(stream: IO[bytes], kind: Kind) -> Image.Image:
    """The file's first picture, its header read and its pixels not."""
    Image.MAX_IMAGE_PIXELS = None  # refuse_too_many_pixels says it in our words
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    if kind is HEIC:
        import pillow_heif

        pillow_heif.register_heif_opener(thumbnails=False)
    stream.seek(0)
    try:
        return Image.open(stream, formats=[kind.reader])
    except UnidentifiedImageError:
        says = f"it begins like a {kind.name} file but its header makes no sense; export or copy it again"
        raise Refusal("PhotoDamaged", says) from None


def exif_blocks(image: Image.Image, kind: Kind) -> tuple[Mapping[int, Any], ...]:
    """The tags of the picture, of its Exif block and of its interoperability block; empty where unreadable.

    Only real Exif is asked: Pillow would take an orientation from XMP too, which viewers do not follow.
    """
    exif = Image.Exif()
    with suppress(Exception):
        if kind is TIFF:
            exif = image.getexif()
        elif image.info.get("exif"):
            exif.load(image.info["exif"])
    return exif, block(exif, EXIF_BLOCK), block(exif, INTEROPERABILITY_BLOCK)


def block(exif: Image.Exif, number: int) -> Mapping[int, Any]:
    """One block of tags."""
    with suppress(Exception):
        return exif.get_ifd(number)
    return {}


def orientation_to_do(kind: Kind, tags: Mapping[int, Any]) -> int:
    """Exif's orientation, 1 to 8; 1 where it is missing, or where the decoder turns the picture itself."""
    if kind in (HEIC, TIFF):  # libheif, and Pillow and OpenCV for TIFF
        return 1
    code = attempt(int, tags, ORIENTATION)
    return code if code in range(1, 9) else 1


def sample_bits(image: Image.Image, kind: Kind, head: bytes) -> int:
    """8 or 16, as the file says it: Pillow cuts 16-bit colour to 8 without a word."""
    if kind is PNG:
        return 16 if head[24] == 16 else 8
    if kind is TIFF:
        return 16 if set(image.tag_v2.get(BITS_PER_SAMPLE, ())) == {16} else 8  # type: ignore[attr-defined]
    return 8


def quality(image: Image.Image) -> int | None:
    """JPEG quality; a strange table costs the estimate, not the photograph."""
    with suppress(Exception):
        return jpeg_quality(list(image.quantization[0]))  # type: ignore[attr-defined]
    return None
