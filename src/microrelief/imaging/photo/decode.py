"""Bytes become pixels, in a process of their own. `read.py` starts it; nothing else should.

The file comes in on descriptor 0, pixels go out on descriptor 1 (rows of RGB, 8 or 16 bit, native byte
order) and one JSON answer on descriptor 2. The process first puts itself under limits, so that whatever a
file makes a decoder do ends here: a loop is cut by the clock, memory by the address space, a crash is one
refused photograph. Where Linux can hold it to that (confined.py), who takes it over reaches no network,
starts no program, signals nobody and writes no file; what the user can read it can read. Imports are few,
since every photograph waits for them; numpy and OpenCV are for the files that need them.
"""

from __future__ import annotations

import json
import math
import os
import signal
import sys
import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import IO, TYPE_CHECKING, Any

from PIL import Image

from microrelief.imaging.photo.confined import confine
from microrelief.imaging.photo.eight_bit import eight_bit
from microrelief.imaging.photo.facts import capture_facts
from microrelief.imaging.photo.header import Header, read_header
from microrelief.imaging.photo.refusal import Refusal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

READY = "ready\n"
"""Written before the file is touched: without it, the installation is at fault and not the photograph."""

BAND_BYTES = 4 << 20
"""Pixels are handed over in bands of about this size, so that the picture is in memory once."""


def main() -> None:
    """Restrain the process, decode, answer. What Python cannot catch, `read.py` reads off the exit."""
    limits = json.loads(sys.argv[1])
    answers, pixels = os.dup(2), os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)  # C libraries print warnings
    os.dup2(nowhere, 2)
    restrain(limits)
    write_all(answers, READY.encode())
    write_all(answers, json.dumps(decoded(os.fdopen(0, "rb"), pixels, limits["pixels"])).encode())
    os._exit(0)  # nothing is left to tidy, and tidying up after a broken decoder may hang


def restrain(limits: Mapping[str, Any]) -> None:
    """Limits of address space, processor seconds, seconds and output; no network, no programs, no files to
    write: as far as the system knows them.
    """
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
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, math.ceil(limits["seconds"])),
        (resource.RLIMIT_FSIZE, limits["pixels"] * 6),
        (resource.RLIMIT_AS, limits["memory_bytes"]),
    ):
        with suppress(ValueError, OSError):  # macOS refuses RLIMIT_AS
            resource.setrlimit(what, (most, most))
    confine()


def decoded(stream: IO[bytes], descriptor: int, most_pixels: int) -> dict[str, Any]:
    """Decode, hand the pixels over, and say what they are, or why there are none."""
    try:
        header = read_header(stream, most_pixels)
        facts = capture_facts(
            header.tags,
            header.exposure_tags,
            file_format=header.kind.name,
            jpeg_quality=header.jpeg_quality,
            colour_profile=colour_profile(header),
        )
        pixels, notes = upright_srgb(header)
        rows, columns = hand_over(pixels, descriptor)
        bits = 8 if isinstance(pixels, Image.Image) else 16
        return {"rows": rows, "columns": columns, "facts": {**asdict(facts), "bits": bits}, "notes": notes}
    except Refusal as refusal:
        return {"refused": refusal.error, "says": refusal.sentence}
    except Exception as failure:
        error, says = in_plain_words(failure)
        return {"refused": error, "says": says}


def upright_srgb(header: Header) -> tuple[Image.Image | NDArray[np.uint16], list[str]]:
    """Upright RGB in sRGB, and notes: an 8-bit Pillow image, or a uint16 array of shape (H, W, 3)."""
    header.image.load()  # strict: a file that breaks off raises
    if header.bits == 16:
        from microrelief.imaging.photo.sixteen_bit import sixteen_bit

        return sixteen_bit(header)
    return eight_bit(header.image, header)


def colour_profile(header: Header) -> str:
    """Name of the profile, or of the colour space that stands for one."""
    if header.icc:
        from microrelief.imaging.photo.profile import profile_name

        return profile_name(header.icc)
    return "Display P3" if header.nclx.get("color_primaries") == 12 else ""


def hand_over(pixels: Image.Image | NDArray[np.uint16], descriptor: int) -> tuple[int, int]:
    """Write the pixels, band by band. Returns (rows, columns)."""
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
    return rows, columns


def write_all(descriptor: int, data: bytes) -> None:
    """Write until everything is written."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def in_plain_words(failure: Exception) -> tuple[str, str]:
    """Name in errors.py and sentence for whatever a decoder raised."""
    reason = str(failure).lower()
    if isinstance(failure, MemoryError):
        says = (
            "decoding it needs more memory than a photograph should; save it as an ordinary JPEG, or smaller"
        )
        return "PhotoTooLarge", says
    if (
        "data too large" in reason or "too much memory" in reason
    ):  # Pillow, of texts and profiles in PNG files
        says = "texts inside the file unpack to far more than a photograph carries; export it again"
        return "PhotoTooLarge", says
    if "truncated" in reason or "end of file" in reason or isinstance(failure, EOFError):
        says = "the file breaks off before the picture is complete; copy it again from the camera"
        return "PhotoDamaged", says
    says = "the picture is damaged and cannot be decoded; export it again, or copy it again from the camera"
    return "PhotoDamaged", says
