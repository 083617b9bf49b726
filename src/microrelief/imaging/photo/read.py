"""A file becomes a Photo.

The file is opened for reading only, copied once into memory that has no name on any disk, and hashed on the
way; the very bytes that were hashed go to a child process (decode.py) that decodes them under limits. Its
pixels come back in memory that both processes share, so nothing is copied. The child never outlives the
call.
"""

import hashlib
import json
import mmap
import os
import signal
import stat
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from microrelief.errors import NotAPhoto, PhotoDamaged, PhotoMissing, PhotoTooLarge, SetupError
from microrelief.imaging.photo.decode import READY
from microrelief.imaging.photo.photo import CaptureFacts, Photo

CHUNK_BYTES = 1 << 20
REFUSALS = {error.__name__: error for error in (NotAPhoto, PhotoDamaged, PhotoTooLarge)}
"""The errors that the child may name."""

START = "import sys; sys.path[:] = sys.argv[2:]; from microrelief.imaging.photo.decode import main; main()"
"""What the child runs: isolated (-I), without site-packages' start-up files (-S), on its parent's paths."""


@dataclass(frozen=True)
class ReadLimits:
    """What a photograph may cost. Beyond it, PhotoTooLarge."""

    seconds: float = 10.0
    """On the clock, and of processor time, for one file."""
    memory_bytes: int = 1 << 30
    """Address space of the decoding process; a 12-megapixel photograph needs a quarter of it."""
    pixels: int = 64_000_000
    """Above the 50 of telephones and the 61 of the largest full-frame cameras."""
    file_bytes: int = 400 << 20
    """Above a 16-bit TIFF of as many pixels."""


USUAL_LIMITS = ReadLimits()


def read_photo(path: Path | str, limits: ReadLimits = USUAL_LIMITS) -> Photo:
    """The photograph in a JPEG, PNG, TIFF, WebP or HEIC file: upright, in sRGB, with its capture facts.

    Returns a Photo; its `srgb` has shape (H, W, 3), uint8, or uint16 where the file has 16 bits; read-only.
    Raises PhotoMissing, NotAPhoto, PhotoDamaged or PhotoTooLarge, each a sentence that says what to do;
    SetupError where the decoding process itself cannot start.
    """
    path = Path(path)
    with nameless_file() as given:
        sha256, file_bytes = copy_bytes(path, given, limits)
        return photo_in(path, given, sha256, file_bytes, limits)


def read_stream(
    stream: IO[bytes], given: IO[bytes], name: str = "The photograph", limits: ReadLimits = USUAL_LIMITS
) -> Photo:
    """As `read_photo`, of bytes that stand in no file, such as an upload; `name` is what errors call it.

    `given`, from `nameless_file`, receives the very bytes that were hashed and decoded, and stays open.
    """
    path = Path(name)
    sha256, file_bytes = copy_stream(path, stream, given, limits)
    return photo_in(path, given, sha256, file_bytes, limits)


def photo_in(path: Path, given: IO[bytes], sha256: str, file_bytes: int, limits: ReadLimits) -> Photo:
    """The photograph whose bytes are in `given`, decoded by the child."""
    with nameless_file() as pixels:
        answer = decoded_in_child(path, given, pixels, limits)
        try:
            srgb = shared_pixels(pixels, answer, limits)
            facts = CaptureFacts(**answer["facts"])
            return Photo(path, sha256, file_bytes, srgb, facts, tuple(answer["notes"]))
        except (KeyError, TypeError, ValueError):  # the child is not trusted: a file may have taken it over
            says = "the picture is damaged: its pixels do not add up; export it again, or copy it again"
            raise PhotoDamaged(path, says) from None


def read_pair(
    before: Path | str, after: Path | str, limits: ReadLimits = USUAL_LIMITS
) -> tuple[Photo, Photo]:
    """Two photographs, decoded side by side. Raises as `read_photo` does, for `before` first."""
    with ThreadPoolExecutor(2) as pool:
        first, second = (pool.submit(read_photo, path, limits) for path in (before, after))
        return first.result(), second.result()


def nameless_file() -> IO[bytes]:
    """A file that is gone once it is closed: in memory where the system can (Linux), else unlinked."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("photo"), "w+b", buffering=0)
    return tempfile.TemporaryFile(buffering=0)


def copy_bytes(path: Path, given: IO[bytes], limits: ReadLimits) -> tuple[str, int]:
    """Copy the file once; returns its SHA-256 and size. Raises where there is nothing to read."""
    try:
        # Not blocking, since opening a named pipe would otherwise wait for ever.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except PermissionError:
        if path.is_dir():
            raise PhotoMissing(path, "this is a folder; give the photograph inside it") from None
        says = "this account may not read the file; change its permissions or copy it elsewhere"
        raise PhotoMissing(path, says) from None
    except (OSError, ValueError):
        raise PhotoMissing(path, "there is no such file; check the name and the folder") from None
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        if stat.S_ISDIR(mode):
            raise PhotoMissing(path, "this is a folder; give the photograph inside it")
        raise PhotoMissing(path, "this is a device or a pipe; save the photograph to a file and give that")
    with os.fdopen(descriptor, "rb", buffering=0) as original:
        return copy_stream(path, original, given, limits)


def copy_stream(path: Path, original: IO[bytes], given: IO[bytes], limits: ReadLimits) -> tuple[str, int]:
    """Copy what is left of the stream; returns its SHA-256 and size. Raises where it is too much or none."""
    digest, size = hashlib.sha256(), 0
    try:
        while chunk := original.read(CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
            if size > limits.file_bytes:
                most = f"{limits.file_bytes >> 20} MiB"
                says = f"the file is larger than {most}; export it as JPEG or as a smaller TIFF"
                raise PhotoTooLarge(path, says)
            given.write(chunk)
    except OSError as failure:
        says = f"reading stopped ({failure.strerror}); copy the file to this computer and try again"
        raise PhotoMissing(path, says) from None
    if size == 0:
        raise PhotoDamaged(path, "the file is empty (0 bytes); copy it again from the camera")
    given.seek(0)
    return digest.hexdigest(), size


def decoded_in_child(path: Path, given: IO[bytes], pixels: IO[bytes], limits: ReadLimits) -> dict[str, Any]:
    """Run decode.py on the bytes. Returns its answer; raises what it refuses, or what its end tells."""
    child = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", START, json.dumps(asdict(limits)), *import_folders()],
        stdin=given,
        stdout=pixels,
        stderr=subprocess.PIPE,
        start_new_session=True,
        # a library that somebody preloads (a false clock, an allocator) may want files that the child gave up
        env={name: value for name, value in os.environ.items() if name != "LD_PRELOAD"},
    )
    try:
        answers = child.communicate(timeout=limits.seconds)[1].decode("utf-8", "replace")
    except subprocess.TimeoutExpired:
        raise PhotoTooLarge(path, too_slow(limits)) from None
    finally:
        if child.returncode is None:
            end(child)
    if not answers.startswith(READY):
        raise SetupError(
            f"The photo decoder could not start; install Microrelief again. ({answers[-300:].strip()})"
        )
    answer = parsed(answers.removeprefix(READY))
    if "rows" in answer:
        return answer
    if answer.get("refused") in REFUSALS:
        raise REFUSALS[answer["refused"]](path, answer["says"])
    raise fate(path, child.returncode, limits)


def import_folders() -> list[str]:
    """Where this process imports from, but for the working folder, in which anything may lie."""
    house = str(Path(__file__).resolve().parents[3])
    here = os.getcwd()
    folders = [f for f in sys.path if f == house or (Path(f).is_absolute() and f != here)]
    return folders if house in folders else [*folders, house]


def end(child: subprocess.Popen[bytes]) -> None:
    """Kill the child and whatever it started, and wait until it is gone."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)  # its own session, hence its own group
    child.kill()
    child.wait()
    if child.stderr:
        child.stderr.close()


def too_slow(limits: ReadLimits) -> str:
    """The sentence for a file that uses its time up."""
    return f"decoding it took more than {limits.seconds:g} s; save it as an ordinary JPEG, or smaller"


def parsed(answer: str) -> dict[str, Any]:
    """The child's JSON; empty where it was cut off."""
    with suppress(ValueError, RecursionError):
        content = json.loads(answer)
        if isinstance(content, dict):
            return content
    return {}


def fate(path: Path, returncode: int, limits: ReadLimits) -> Exception:
    """What the end of a child that gave no answer means."""
    by_clock = [-getattr(signal, name, 0) for name in ("SIGXCPU", "SIGALRM")]
    if returncode in by_clock and returncode:
        return PhotoTooLarge(path, too_slow(limits))
    if returncode == -getattr(signal, "SIGKILL", 9):
        return PhotoTooLarge(
            path, "the computer ran out of memory while decoding it; close programs, or save it smaller"
        )
    return PhotoDamaged(path, "the picture is damaged: its decoder crashed; export or copy it again")


def shared_pixels(pixels: IO[bytes], answer: dict[str, Any], limits: ReadLimits) -> np.ndarray[Any, Any]:
    """The child's pixels, mapped and not copied. Raises ValueError where shape and size do not agree."""
    rows, columns = int(answer["rows"]), int(answer["columns"])
    dtype = np.dtype(np.uint16 if answer["facts"]["bits"] == 16 else np.uint8)
    size = rows * columns * 3 * dtype.itemsize
    if rows <= 0 or not 0 < rows * columns <= limits.pixels or os.fstat(pixels.fileno()).st_size != size:
        raise ValueError("pixels do not add up")
    shared = mmap.mmap(pixels.fileno(), size, access=mmap.ACCESS_READ)
    return np.ndarray((rows, columns, 3), dtype, buffer=shared)
