"""Bytes become pixels, in a process of their own. `read.py` starts it; nothing else should.

The file comes in on descriptor 0, pixels go out on descriptor 1 (rows of RGB, 8 or 16 bit, native byte order) and one
JSON answer on descriptor 2. The process first puts itself under limits, so that whatever a file makes a decoder do
ends here: a loop is cut by the clock, memory by the address space, a crash is one refused photograph.
Imports are few because every photograph waits for them.
"""

from __future__ import annotations

import json
import math
import os
import re
import signal
import sys
import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import IO, TYPE_CHECKING, Any

from PIL import Image, ImageFile, JpegImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin

from microrelief.imaging.photo.facts import capture_facts, jpeg_quality
from microrelief.imaging.photo.kinds import HEAD_BYTES, HEIC, JPEG, PNG, READ, TIFF, WEBP, Kind, file_kind
from microrelief.imaging.photo.photo import CaptureFacts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

READY = "ready\n"
"""Written before the file is touched: without it, the installation is at fault and not the photograph."""

READERS = (JpegImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin)
"""Named so that Pillow need not load all of its readers to find these."""

MOST_SCANS = 100
"""Progressive JPEG files hold about 10 scans; each costs a pass over the whole picture, so thousands are a bomb."""

MID_GREY = (119, 119, 119)
"""What shows through transparent parts: L* 50. White or black would draw the strongest edges a face can have."""

BAND_BYTES = 4 << 20
"""Pixels are handed over in bands of about this size, so that the picture is in memory once."""

ORIENTATION, PHOTOMETRIC, BITS_PER_SAMPLE, SAMPLE_FORMAT = 0x0112, 0x0106, 0x0102, 0x0153
NEW_SUBFILE_TYPE, DNG_VERSION, EXIF_BLOCK, INTEROPERABILITY_BLOCK = 0x00FE, 0xC612, 0x8769, 0xA005
INTEROPERABILITY_INDEX = 0x0001

P3_PRIMARIES, WIDE_PRIMARIES, HDR_TRANSFERS = 12, 9, (16, 18)
"""ITU-T H.273: Display P3; Rec. 2020; PQ and HLG."""


class Refusal(Exception):
    """Why this file becomes no photograph: the name of a class in errors.py, and a sentence."""

    def __init__(self, error: str, sentence: str) -> None:
        self.error, self.sentence = error, sentence
        super().__init__(sentence)


@dataclass
class Decoded:
    """A picture on its way out: an 8-bit Pillow image of mode RGB, or a uint16 array of shape (H, W, 3)."""

    pixels: Image.Image | NDArray[np.uint16]
    facts: CaptureFacts
    notes: list[str] = field(default_factory=list)


def main() -> None:
    """Restrain the process, decode descriptor 0, answer. What Python cannot catch, `read.py` reads off the exit."""
    limits = json.loads(sys.argv[1])
    answers, pixels = os.dup(2), os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)  # C libraries print warnings
    os.dup2(nowhere, 2)
    restrain(limits)
    write_all(answers, READY.encode())
    try:
        answer = answer_for(decode(os.fdopen(0, "rb"), limits["pixels"]), pixels)
    except Refusal as refusal:
        answer = {"refused": refusal.error, "says": refusal.sentence}
    except MemoryError:
        answer = {"refused": "PhotoTooLarge", "says": TOO_MUCH_MEMORY}
    except (
        Exception
    ) as failure:  # decoders raise anything: OSError, ValueError, SyntaxError, KeyError, struct.error ...
        error, says = in_plain_words(failure)
        answer = {"refused": error, "says": says}
    write_all(answers, json.dumps(answer).encode())
    os._exit(0)  # nothing is left to tidy, and tidying up after a broken decoder may hang


TOO_MUCH_MEMORY = "decoding it needs more memory than a photograph should; export it as an ordinary JPEG"


def restrain(limits: Mapping[str, Any]) -> None:
    """Limits of address space, processor seconds, seconds and output, as far as the system knows them."""
    warnings.simplefilter("ignore")
    for library in ("OPENBLAS", "OMP", "MKL"):
        os.environ[f"{library}_NUM_THREADS"] = "1"  # each thread's stack counts as address space
    if hasattr(signal, "setitimer"):  # ends this process even where its parent was killed
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, limits["seconds"] + 1)
    try:
        import resource
    except ImportError:  # Windows: the parent's clock is all there is
        return
    seconds = math.ceil(limits["seconds"])
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, limits["pixels"] * 6),
        (resource.RLIMIT_AS, limits["memory_bytes"]),
    ):
        with suppress(ValueError, OSError):  # macOS knows no RLIMIT_AS
            resource.setrlimit(what, (most, most))


def decode(stream: IO[bytes], most_pixels: int) -> Decoded:
    """An open file becomes an upright picture in sRGB. Raises Refusal, or whatever the decoder raises."""
    head = stream.read(HEAD_BYTES)
    kind = file_kind(head)
    refuse_other_kinds(kind)
    if kind is JPEG:
        refuse_scan_bombs(stream)
    if kind is WEBP:  # libwebp asks for the whole canvas as soon as it opens a file
        refuse_too_many_pixels(webp_size(head), most_pixels)
    stream.seek(0)
    image = opened(stream, kind)
    refuse_too_many_pixels(image.size, most_pixels)
    refuse_other_pictures(image, kind)
    tags, exposure = exif_blocks(image, kind)
    notes: list[str] = []
    icc = image.info.get("icc_profile") or b""
    known: dict[str, Any] = {"file_format": kind.name, "colour_profile": ""}
    if kind is JPEG:
        with suppress(Exception):  # a strange table costs the estimate, not the photograph
            known["jpeg_quality"] = jpeg_quality(list(image.quantization[0]))  # type: ignore[attr-defined]
    if icc:
        from microrelief.imaging.photo.profile import profile_name

        known["colour_profile"] = profile_name(icc)
    orientation = 1 if kind is HEIC else upright_code(tags)  # libheif has already turned the picture
    nclx = image.info.get("nclx_profile")
    bits = sample_bits(image, kind, head)
    image.load()  # strict: LOAD_TRUNCATED_IMAGES stays off
    pixels: Image.Image | NDArray[np.uint16]
    if bits == 16:
        pixels = sixteen_bit(image, stream, kind, icc, orientation, notes)
        if isinstance(pixels, Image.Image):
            bits = 8
    else:
        if kind is not TIFF:  # Pillow turns TIFF pictures itself, on loading
            image = turned(image, orientation)
        pixels = eight_bit(image, icc, notes)
        if not icc:
            pixels = from_named_primaries(pixels, nclx, tags, exposure, known, notes)
    facts = capture_facts(tags, exposure, bits=bits, **known)
    return Decoded(pixels, facts, notes)


def in_plain_words(failure: Exception) -> tuple[str, str]:
    """Name in errors.py and sentence for whatever a decoder raised."""
    reason = str(failure).lower()
    if "truncated" in reason or "end of file" in reason or isinstance(failure, EOFError):
        return (
            "PhotoDamaged",
            "the file breaks off before the picture is complete; copy it again from the camera",
        )
    if "data too large" in reason or "too much memory" in reason:  # Pillow, of PNG texts and profiles
        return (
            "PhotoTooLarge",
            "texts inside the file unpack to far more than a photograph carries; export it again",
        )
    return (
        "PhotoDamaged",
        "the picture is damaged and cannot be decoded; export it again, or copy it from the camera",
    )


def refuse_other_kinds(kind: Kind) -> None:
    """Only the kinds on the list go on to a decoder."""
    if kind.reader:
        return
    if kind.name:
        raise Refusal(
            "NotAPhoto", f"this is a {kind.name}; {READ} photographs are read, so export it as one of these"
        )
    raise Refusal("NotAPhoto", f"this is not a picture; give a {READ.replace(' and ', ' or ')} photograph")


def refuse_scan_bombs(stream: IO[bytes]) -> None:
    """Count a JPEG file's scans by walking its segments (ITU-T T.81, B.1): pixel limits do not see this bomb."""
    stream.seek(0)
    data = stream.read()
    next_marker = re.compile(rb"\xff+([\x01-\xcf\xd8-\xfe])")
    at, scans = 2, 0
    while found := next_marker.search(data, at):
        marker, at = found[1][0], found.end()
        if marker == 0xD9:
            return
        if marker == 0xDA:
            scans += 1
            sequential = (
                scans == 1
                and data[at + 2 : at + 3] != b"\x01"
                and not re.search(rb"\xff[\xc2\xc6\xca\xce]", data[:at])
            )
            if sequential:
                return
            if scans > MOST_SCANS:
                raise Refusal(
                    "PhotoTooLarge", f"the JPEG has more than {MOST_SCANS} scans; save it as an ordinary JPEG"
                )
        if marker not in (0x01, 0xD8):
            at += int.from_bytes(data[at : at + 2], "big")


def opened(stream: IO[bytes], kind: Kind) -> Image.Image:
    """The file's first picture, its header read and its pixels not."""
    Image.MAX_IMAGE_PIXELS = None  # refuse_too_many_pixels says it in our words
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    if kind is HEIC:
        import pillow_heif

        pillow_heif.register_heif_opener(thumbnails=False)
    try:
        return Image.open(stream, formats=[kind.reader])
    except Image.UnidentifiedImageError:
        says = f"it begins like a {kind.name} file but its header makes no sense; export or copy it again"
        raise Refusal("PhotoDamaged", says) from None


def webp_size(head: bytes) -> tuple[int, int]:
    """(columns, rows) as the first chunk of a WebP file says (RFC 9649, 2.5 to 2.7)."""
    chunk, body = head[12:16], head[20:30]
    if chunk == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if chunk == b"VP8L":
        packed = int.from_bytes(body[1:5], "little")
        return 1 + (packed & 0x3FFF), 1 + (packed >> 14 & 0x3FFF)
    return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF


def refuse_too_many_pixels(size: tuple[int, int], most_pixels: int) -> None:
    """More pixels than any camera we expect, or none."""
    columns, rows = size
    if columns * rows > most_pixels:
        says = (
            f"the picture has {columns} x {rows} pixels and {most_pixels // 1_000_000} million are read; "
            "save it smaller"
        )
        raise Refusal("PhotoTooLarge", says)
    if columns * rows == 0:
        raise Refusal("PhotoDamaged", "the picture has no pixels; export or copy it again")


def refuse_other_pictures(image: Image.Image, kind: Kind) -> None:
    """Raw files that look like TIFF hold a thumbnail first; animations are not one photograph; some pixels are not colours."""
    if kind is TIFF:
        first = image.tag_v2  # type: ignore[attr-defined]
        if DNG_VERSION in first or int(first.get(NEW_SUBFILE_TYPE, 0)) & 1:
            says = "this is a camera raw file; develop it and export a TIFF or JPEG"
            raise Refusal("NotAPhoto", says)
    if kind in (PNG, WEBP) and getattr(image, "n_frames", 1) > 1:
        raise Refusal("NotAPhoto", "this is an animation; export the one picture that is meant")
    if image.mode not in (
        "1",
        "L",
        "LA",
        "P",
        "PA",
        "RGB",
        "RGBA",
        "RGBX",
        "RGBa",
        "La",
        "CMYK",
        "YCbCr",
        "I;16",
        "I;16B",
    ):
        says = f"its pixels are of a kind that is not read ({image.mode}); export it as 8-bit or 16-bit RGB"
        raise Refusal("NotAPhoto", says)


def exif_blocks(image: Image.Image, kind: Kind) -> tuple[Mapping[int, Any], Mapping[int, Any]]:
    """The tags of the picture and of its Exif block; empty where they cannot be read.

    Only real Exif is asked: Pillow would take an orientation from XMP too, which viewers do not follow.
    """
    exif = Image.Exif()
    with suppress(Exception):
        if kind is TIFF:
            exif = image.getexif()
        elif image.info.get("exif"):
            exif.load(image.info["exif"])
        tags = dict(exif.items())
        with suppress(Exception):
            return tags, dict(exif.get_ifd(EXIF_BLOCK)) | {
                "interoperability": exif.get_ifd(INTEROPERABILITY_BLOCK)
            }
        return tags, {}
    return {}, {}


def upright_code(tags: Mapping[int, Any]) -> int:
    """Exif orientation 1 to 8; anything else is 1."""
    code = tags.get(ORIENTATION, 1)
    return code if isinstance(code, int) and 1 <= code <= 8 else 1


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


def turned(image: Image.Image, orientation: int) -> Image.Image:
    """The picture as it was seen."""
    return image if orientation == 1 else image.transpose(TURNS[orientation])


def turned_array(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """The same turn for an array of shape (H, W) or (H, W, channels)."""
    if orientation >= 5:
        pixels = pixels.swapaxes(0, 1)
    rows, columns = {2: (1, -1), 3: (-1, -1), 4: (-1, 1), 6: (1, -1), 7: (-1, -1), 8: (-1, 1)}.get(
        orientation, (1, 1)
    )
    return pixels[::rows, ::columns]


def sample_bits(image: Image.Image, kind: Kind, head: bytes) -> int:
    """8 or 16, as the file says it (Pillow cuts 16-bit colour to 8 without a word)."""
    if kind is PNG:
        return 16 if head[24] == 16 else 8
    if kind is TIFF:
        tags = image.tag_v2  # type: ignore[attr-defined]
        return 16 if set(tags.get(BITS_PER_SAMPLE, ())) == {16} else 8
    return 8


def eight_bit(image: Image.Image, icc: bytes, notes: list[str]) -> Image.Image:
    """An 8-bit picture of any colour model becomes mode RGB in sRGB."""
    image, alpha = without_alpha(image)
    if icc:
        from microrelief.imaging.photo.profile import ForeignProfile, to_srgb_8bit

        try:
            image = to_srgb_8bit(image, icc)
        except ForeignProfile as reason:
            notes.append(f"The colour profile {reason}; the picture was read as if it had none.")
    if image.mode == "CMYK":
        notes.append("The picture is CMYK without a usable profile; its colours are a guess.")
    if image.mode != "RGB":
        image = image.convert("RGB")
    if alpha is None:
        return image
    notes.append("Transparent parts were laid on mid grey.")
    ground = Image.new("RGB", image.size, MID_GREY)
    ground.paste(image, mask=alpha)
    return ground


def without_alpha(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Colours of mode RGB, L or CMYK, and the transparency; None where every pixel is opaque."""
    if image.mode in ("RGBa", "La"):
        image = image.convert("RGBA" if image.mode == "RGBa" else "LA")
    if image.mode == "RGBX":
        image = image.convert("RGB")
    if image.has_transparency_data and image.mode not in ("RGBA", "LA", "PA"):
        image = image.convert("LA" if image.mode == "L" else "RGBA")
    alpha = image.getchannel("A") if image.mode in ("RGBA", "LA", "PA") else None
    if alpha is not None and alpha.getextrema() == (255, 255):
        alpha = None
    plain = {"1": "L", "LA": "L", "P": "RGB", "PA": "RGB", "RGBA": "RGB", "YCbCr": "RGB"}.get(image.mode)
    return (image.convert(plain) if plain else image), alpha


def from_named_primaries(
    image: Image.Image,
    nclx: Mapping[str, Any] | None,
    tags: Mapping[int, Any],
    exposure: Mapping[Any, Any],
    known: dict[str, Any],
    notes: list[str],
) -> Image.Image:
    """Colour spaces that a file names without a profile: Display P3 is converted, others are noted."""
    if nclx and nclx.get("transfer_characteristics") in HDR_TRANSFERS:
        says = "this is a high-dynamic-range picture (PQ or HLG); export it as an ordinary JPEG"
        raise Refusal("NotAPhoto", says)
    primaries = nclx.get("color_primaries") if nclx else None
    if primaries == P3_PRIMARIES:
        import numpy as np

        from microrelief.imaging.photo.profile import display_p3

        known["colour_profile"] = "Display P3"
        return Image.fromarray(display_p3(256).convert(np.asarray(image)))
    if primaries == WIDE_PRIMARIES:
        notes.append(
            "The file names Rec. 2020 colours without a profile; they were read as sRGB and look too pale."
        )
    with suppress(Exception):
        if str(exposure["interoperability"][INTEROPERABILITY_INDEX]).startswith("R03"):
            notes.append(
                "The camera wrote Adobe RGB without a profile; it was read as sRGB and looks too pale."
            )
    return image


def sixteen_bit(
    image: Image.Image, stream: IO[bytes], kind: Kind, icc: bytes, orientation: int, notes: list[str]
) -> NDArray[np.uint16] | Image.Image:
    """A 16-bit PNG or TIFF keeps its 16 bits. `image` is Pillow's loaded copy: proof that the file is whole.

    OpenCV reads the samples, since Pillow has no 16-bit colour. A profile of look-up tables can only be applied
    in 8 bit; then Pillow's 8-bit picture comes back, with a note.
    """
    import cv2
    import numpy as np

    from microrelief.imaging.photo.profile import ForeignProfile, matrix_profile

    cv2.setNumThreads(1)
    profile = None
    if icc:
        try:
            profile = matrix_profile(icc, 65536)
        except ForeignProfile as reason:
            notes.append(f"The colour profile {reason}; the picture was converted in 8 bit.")
            if image.mode.startswith("I;16"):
                eight = (np.asarray(image) >> 8).astype(np.uint8)
                image = Image.fromarray(eight)
            return eight_bit(image if kind is TIFF else turned(image, orientation), icc, notes)
    stream.seek(0)
    samples = cv2.imdecode(np.frombuffer(stream.read(), np.uint8), cv2.IMREAD_UNCHANGED)
    if samples is None or samples.dtype != np.uint16:
        raise Refusal(
            "PhotoDamaged", "its 16-bit samples cannot be read; export it again, as 16-bit or 8-bit TIFF"
        )
    if kind is not TIFF:  # OpenCV, too, turns TIFF pictures itself
        samples = turned_array(samples, orientation)
    alpha = None
    if samples.ndim == 3 and samples.shape[2] in (2, 4):
        alpha = samples[..., -1:]
        samples = samples[..., :-1]
    colours = (
        np.repeat(samples.reshape(*samples.shape[:2], 1), 3, axis=2)
        if samples.ndim == 2
        else samples[..., ::-1]
    )
    if profile:
        colours = profile.convert(colours)
    if alpha is not None and int(alpha.min()) < 65535:
        notes.append("Transparent parts were laid on mid grey.")
        grey = np.float32(MID_GREY[0] * 257)
        colours = np.rint(grey + (colours - grey) * (alpha / np.float32(65535))).astype(np.uint16)
    return colours


def answer_for(decoded: Decoded, descriptor: int) -> dict[str, Any]:
    """Hand the pixels over, and say what they are."""
    pixels = decoded.pixels
    if isinstance(pixels, Image.Image):
        columns, rows = pixels.size
        step = max(1, BAND_BYTES // (3 * columns))
        for top in range(0, rows, step):
            write_all(descriptor, pixels.crop((0, top, columns, min(rows, top + step))).tobytes())
    else:
        rows, columns = pixels.shape[:2]
        step = max(1, BAND_BYTES // (6 * columns))
        for top in range(0, rows, step):
            write_all(descriptor, pixels[top : top + step].tobytes())
    return {"rows": rows, "columns": columns, "facts": asdict(decoded.facts), "notes": decoded.notes}


def write_all(descriptor: int, data: bytes) -> None:
    """Write until everything is written."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


if __name__ == "__main__":
    main()
