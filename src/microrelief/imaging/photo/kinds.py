"""The first bytes of a file become the kind of file it is, so that a refusal can name what was given."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A kind of file: what people call it, and Pillow's reader where it is one that is read."""

    name: str
    reader: str = ""


JPEG = Kind("JPEG", "JPEG")
PNG = Kind("PNG", "PNG")
TIFF = Kind("TIFF", "TIFF")
WEBP = Kind("WebP", "WEBP")
HEIC = Kind("HEIC", "HEIF")
UNKNOWN = Kind("")

READ = "JPEG, PNG, TIFF, WebP and HEIC"
ANY_READ = "JPEG, PNG, TIFF, WebP or HEIC"
"""What is read, in words."""

HEAD_BYTES = 4096
"""So many first bytes are enough for `file_kind`."""

_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_BRANDS = {
    b"avif": Kind("AVIF picture"),
    b"avis": Kind("AVIF picture"),
    b"crx ": Kind("camera raw file (CR3)"),
    b"jxl ": Kind("JPEG XL picture"),
}

# Signatures as their specifications give them; order matters where one begins another.
_SIGNATURES: tuple[tuple[bytes, Kind], ...] = (
    (rb"\xff\xd8\xff", JPEG),
    (rb"\x89PNG\r\n\x1a\n", PNG),
    (rb"II\*\0.{4}CR", Kind("camera raw file (CR2)")),
    (rb"II\*\0|MM\0\*|II\+\0|MM\0\+", TIFF),
    (rb"RIFF.{4}WEBP", WEBP),
    (rb"IIRO|IIRS|MMOR", Kind("camera raw file (ORF)")),
    (rb"IIU\0", Kind("camera raw file (RW2)")),
    (rb"FUJIFILMCCD-RAW", Kind("camera raw file (RAF)")),
    (rb"FOVb", Kind("camera raw file (X3F)")),
    (rb"GIF8[79]a", Kind("GIF picture")),
    (rb"BM.{4}.{4}", Kind("BMP picture")),
    (rb"\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51", Kind("JPEG 2000 picture")),
    (rb"\xff\x0a|\0\0\0\x0cJXL ", Kind("JPEG XL picture")),
    (rb"8BPS", Kind("Photoshop file")),
    (rb"%PDF-", Kind("PDF document")),
    (rb"%!PS|\xc5\xd0\xd3\xc6", Kind("PostScript file")),
    (rb".{128}DICM", Kind("DICOM file")),
    (rb"PK\x03\x04", Kind("ZIP archive or office document")),
    (rb"\0\0\x01\0[^\0]", Kind("icon file")),
    (rb"RIFF.{4}AVI ", Kind("video")),
    (rb"\x1a\x45\xdf\xa3", Kind("video")),
    (rb"\s*(?:\xef\xbb\xbf)?\s*<(?:\?xml|!DOCTYPE|html|svg)", Kind("web page, SVG drawing or XML file")),
)
_COMPILED = tuple((re.compile(pattern, re.DOTALL | re.IGNORECASE), kind) for pattern, kind in _SIGNATURES)


def file_kind(head: bytes) -> Kind:
    """What a file is by its first bytes; its name and ending are not believed.

    Parameters: the first `HEAD_BYTES` bytes. Returns `UNKNOWN` where no signature fits.

    >>> file_kind(bytes.fromhex("ffd8ffe0")).name
    'JPEG'
    >>> file_kind(b"GIF89a").name, file_kind(b"GIF89a").reader
    ('GIF picture', '')
    """
    if head[4:8] == b"ftyp":
        return _brand_kind(head)
    return next((kind for pattern, kind in _COMPILED if pattern.match(head)), UNKNOWN)


def _brand_kind(head: bytes) -> Kind:
    """An ISO base media file (ISO/IEC 14496-12) says what it is by its brands, the main one first."""
    box_bytes = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[8:12]] + [head[at : at + 4] for at in range(16, box_bytes - 3, 4)]
    for brand in brands:
        if brand in _BRANDS:
            return _BRANDS[brand]
        if brand in _HEIC_BRANDS and not {b"avif", b"avis"} & set(brands):
            return HEIC
    return Kind("video")
