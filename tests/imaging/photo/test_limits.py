"""What is no photograph, or costs too much: one sentence each, no child left, nothing else raised."""

import io
import os
import re
import signal
import struct
import subprocess
import sys
import threading
import time
import zlib
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image, PngImagePlugin

from microrelief.errors import NotAPhoto, PhotoDamaged, PhotoError, PhotoMissing, PhotoTooLarge, SetupError
from microrelief.imaging.photo import read
from microrelief.imaging.photo.decode import in_plain_words
from microrelief.imaging.photo.read import ReadLimits, read_photo
from tests.imaging.photo.conftest import children
from tests.imaging.photo.test_read import png_chunk

SENTENCE = re.compile(
    r"^[^\n]+: [a-z].*[;,:] ?.*\b(give|export|copy|save|check|change|develop|close)\b[^\n]*[^.\n]$"
)
"""Name of the file, what is the matter, and what to do next."""


def refusal(path: Path, error: type[PhotoError], limits: ReadLimits = read.USUAL_LIMITS) -> str:
    with pytest.raises(PhotoError) as caught:
        read_photo(path, limits)
    assert type(caught.value) is error
    assert caught.value.path == path
    assert SENTENCE.match(str(caught.value)), str(caught.value)
    return str(caught.value)


def test_missing(tmp_path):
    assert "no such file" in refusal(tmp_path / "a.jpg", PhotoMissing)


@pytest.mark.parametrize("name", ["x" * 300 + ".jpg", "a\0b.jpg"])
def test_names_that_no_file_can_have(name, tmp_path):
    assert "no such file" in refusal(tmp_path / name, PhotoMissing)


def test_folder(tmp_path):
    assert "folder" in refusal(tmp_path, PhotoMissing)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    assert "pipe" in refusal(tmp_path / "pipe.jpg", PhotoMissing)


def test_not_allowed_to_read(tmp_path, monkeypatch):
    """Tests may run as root, who may read everything: so the system's answer is played."""

    def denied(*_):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "a.jpg").write_bytes(b"x")
    monkeypatch.setattr(read.os, "open", denied)
    assert "may not read" in refusal(tmp_path / "a.jpg", PhotoMissing)


def test_empty(tmp_path):
    (tmp_path / "a.jpg").touch()
    assert "empty" in refusal(tmp_path / "a.jpg", PhotoDamaged)


OTHER_KINDS = {
    "GIF": b"GIF89a" + bytes(20),
    "BMP": b"BM" + bytes(60),
    "PDF": b"%PDF-1.7\n",
    "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n",
    "AVIF": b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf",
    "CR2": b"II*\0\x10\0\0\0CR\x02\0",
    "CR3": b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom",
    "RAF": b"FUJIFILMCCD-RAW 0201",
    "DICOM": bytes(128) + b"DICM",
    "SVG": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
    "JPEG 2000": b"\0\0\0\x0cjP  \r\n\x87\n",
    "JPEG XL": b"\xff\x0a" + bytes(10),
    "video": b"\0\0\0\x18ftypqt  \0\0\0\0qt  mp42",
    "Photoshop": b"8BPS\0\1",
    "ZIP": b"PK\x03\x04",
    "icon": b"\0\0\x01\0\x01\0",
}


@pytest.mark.parametrize("name", OTHER_KINDS)
def test_other_kinds_are_named_whatever_the_file_is_called(name, tmp_path):
    (tmp_path / "a.jpg").write_bytes(OTHER_KINDS[name])
    says = refusal(tmp_path / "a.jpg", NotAPhoto)
    assert name in says
    assert "JPEG, PNG, TIFF, WebP and HEIC" in says


def test_not_a_picture(tmp_path):
    (tmp_path / "a.jpg").write_text("Dear diary")
    assert "not a picture" in refusal(tmp_path / "a.jpg", NotAPhoto)


@pytest.mark.parametrize("tag", [0xC612, 0x00FE])
def test_raw_files_that_look_like_tiff(tag, tmp_path, picture):
    """Their first picture is a thumbnail: reading it would be a silent mistake."""
    info = {0xC612: b"\x01\x04\0\0"} if tag == 0xC612 else {0x00FE: 1}
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    tags = ImageFileDirectory_v2()
    for number, value in info.items():
        tags[number] = value
    picture.save(tmp_path / "a.dng", "TIFF", tiffinfo=tags)
    assert "raw" in refusal(tmp_path / "a.dng", NotAPhoto)


@pytest.mark.parametrize("file", ["a.png", "a.webp"])
def test_animations(file, tmp_path, picture):
    picture.save(tmp_path / file, save_all=True, append_images=[picture.rotate(90)], lossless=True)
    assert "animation" in refusal(tmp_path / file, NotAPhoto)


def test_pixels_that_are_not_colours(tmp_path):
    Image.fromarray(np.ones((8, 8), np.float32)).save(tmp_path / "a.tif")
    assert "(F)" in refusal(tmp_path / "a.tif", NotAPhoto)


@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
@pytest.mark.parametrize("file", ["a.jpg", "a.png", "a.tif", "a.webp", "a.heic", "deep.png", "deep.tif"])
def test_truncated_files_are_refused(file, share, tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (200, 300, 3), dtype=np.uint8)
    if file.startswith("deep"):
        import cv2

        cv2.imwrite(str(tmp_path / file), noise.astype(np.uint16) * 256 + 7)
    elif file == "a.heic":
        pillow_heif.from_pillow(Image.fromarray(noise)).save(tmp_path / file)
    else:
        Image.fromarray(noise).save(tmp_path / file)
    data = (tmp_path / file).read_bytes()
    (tmp_path / file).write_bytes(data[: int(len(data) * share)])
    refusal(tmp_path / file, PhotoDamaged)


def png(columns: int, rows: int, *chunks: bytes, rows_of_data: bytes = b"") -> bytes:
    """A grey PNG of 8 bits, written by hand."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, 0, 0, 0, 0))
    body = b"".join(chunks) + png_chunk(b"IDAT", zlib.compress(rows_of_data, 9)) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + header + body


def test_T02_huge_dimensions(tmp_path):
    (tmp_path / "a.png").write_bytes(png(50_000, 50_000))
    says = refusal(tmp_path / "a.png", PhotoTooLarge)
    assert "50000 x 50000" in says
    assert "64 million" in says


def test_T02_a_webp_of_34_bytes(tmp_path):
    body = b"VP8L" + struct.pack("<I", 14) + b"\x2f" + struct.pack("<I", 16382 | 16382 << 14) + bytes(9)
    (tmp_path / "a.webp").write_bytes(b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body)
    assert (tmp_path / "a.webp").stat().st_size == 34
    assert "16383 x 16383" in refusal(tmp_path / "a.webp", PhotoTooLarge)


@pytest.mark.parametrize("chunk", ["zTXt", "iCCP", "iTXt"])
def test_T02_texts_that_unpack_to_200_megabytes(chunk, tmp_path):
    packed = zlib.compress(bytes(200_000_000), 9)
    middle = {"zTXt": b"k\0\0", "iCCP": b"k\0\0", "iTXt": b"k\0\1\0\0\0"}[chunk]
    row = b"\0" * 33
    (tmp_path / "a.png").write_bytes(
        png(32, 32, png_chunk(chunk.encode(), middle + packed), rows_of_data=row * 32)
    )
    assert "unpack" in refusal(tmp_path / "a.png", PhotoTooLarge)


def progressive_with(scans: int) -> bytes:
    """A progressive JPEG whose last scan is repeated until it has so many."""
    stream = io.BytesIO()
    Image.effect_noise((64, 64), 60).save(stream, "JPEG", progressive=True)
    data = stream.getvalue()
    starts = [m.start() for m in re.finditer(b"\xff\xda", data)]
    last = data[starts[-1] : -2]
    return data[:-2] + last * (scans - len(starts)) + data[-2:]


def test_T02_thousands_of_scans(tmp_path):
    (tmp_path / "a.jpg").write_bytes(progressive_with(3000))
    assert "scans" in refusal(tmp_path / "a.jpg", PhotoTooLarge)
    (tmp_path / "a.jpg").write_bytes(progressive_with(50))
    assert read_photo(tmp_path / "a.jpg").shape == (64, 64)


def test_T02_scans_hidden_behind_other_segments(tmp_path):
    """Scan markers in a comment are no scans; an end marker in a comment ends nothing."""
    decoy = b"\xff\xfe" + struct.pack(">H", 2 + 400) + b"\xff\xda" * 198 + b"\xff\xd9" * 2
    plain, bomb = progressive_with(10), progressive_with(3000)
    (tmp_path / "plain.jpg").write_bytes(plain[:2] + decoy + plain[2:])
    assert read_photo(tmp_path / "plain.jpg").shape == (64, 64)
    (tmp_path / "bomb.jpg").write_bytes(bomb[:2] + decoy + bomb[2:])
    assert "scans" in refusal(tmp_path / "bomb.jpg", PhotoTooLarge)


def test_the_file_size_limit(tmp_path, picture):
    picture.save(tmp_path / "a.png")
    (tmp_path / "a.png").write_bytes((tmp_path / "a.png").read_bytes() + bytes(3 << 20))
    assert "larger than 2 MiB" in refusal(tmp_path / "a.png", PhotoTooLarge, ReadLimits(file_bytes=2 << 20))


def test_the_pixel_limit_is_exact(tmp_path, picture):
    picture.save(tmp_path / "a.png")
    assert read_photo(tmp_path / "a.png", ReadLimits(pixels=2400)).shape == (40, 60)
    refusal(tmp_path / "a.png", PhotoTooLarge, ReadLimits(pixels=2399))


@pytest.mark.skipif(sys.platform != "linux", reason="address space is limited on Linux only")
def test_T01_the_memory_limit(tmp_path):
    Image.new("RGB", (6000, 6000)).save(tmp_path / "a.png")
    assert read_photo(tmp_path / "a.png").shape == (6000, 6000)
    assert "memory" in refusal(tmp_path / "a.png", PhotoTooLarge, ReadLimits(memory_bytes=160 << 20))


def test_T01_the_time_limit_ends_the_child(tmp_path, others):
    """A picture that takes longer than it may: the child is gone, and so is everything it started."""
    Image.effect_noise((5000, 5000), 90).save(tmp_path / "a.png")
    assert "0.15 s" in refusal(tmp_path / "a.png", PhotoTooLarge, ReadLimits(seconds=0.15))
    assert children() <= others


@pytest.mark.skipif(not hasattr(signal, "SIGXCPU"), reason="no such signals here")
@pytest.mark.parametrize(
    ("code", "error", "word"),
    [
        (-getattr(signal, "SIGXCPU", 0), PhotoTooLarge, "10 s"),
        (-getattr(signal, "SIGALRM", 0), PhotoTooLarge, "10 s"),
        (-9, PhotoTooLarge, "memory"),
        (-11, PhotoDamaged, "crashed"),
        (-6, PhotoDamaged, "crashed"),
    ],
)
def test_T01_the_end_of_a_child_without_an_answer(code, error, word):
    failure = read.fate(Path("a.jpg"), code, read.USUAL_LIMITS)
    assert type(failure) is error
    assert word in str(failure)


def child_that(does: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "START", f"import os, sys, time; os.write(2, b'ready\\n'); {does}")


@pytest.mark.parametrize(
    "does",
    [
        "os.kill(os.getpid(), 11)",
        "sys.exit(0)",
        "os.write(2, b'no json')",
        "os.write(2, b'[1]')",
        'os.write(2, b\'{"rows": 9, "columns": 9, "facts": {"bits": 8}, "notes": []}\')',
        'os.write(2, b\'{"rows": -9, "columns": -9, "facts": {"bits": 8}, "notes": []}\')',
        'os.write(2, b\'{"rows": "x"}\')',
        'os.write(2, b\'{"refused": "SystemExit", "says": "x"}\')',
    ],
)
def test_T01_a_child_that_was_taken_over_is_not_believed(does, tmp_path, picture, monkeypatch):
    picture.save(tmp_path / "a.png")
    child_that(does, monkeypatch)
    refusal(tmp_path / "a.png", PhotoDamaged)


def test_T01_grandchildren_are_ended_too(tmp_path, picture, monkeypatch):
    picture.save(tmp_path / "a.png")
    marker = tmp_path / "pid"
    child_that(
        "import subprocess; p = subprocess.Popen(['sleep', '60']);"
        f"open({str(marker)!r}, 'w').write(str(p.pid)); time.sleep(60)",
        monkeypatch,
    )
    refusal(tmp_path / "a.png", PhotoTooLarge, ReadLimits(seconds=1.5))
    time.sleep(0.1)
    state = Path(f"/proc/{marker.read_text()}/stat")
    assert not state.exists() or state.read_text().split(") ")[1][0] == "Z"


def test_a_decoder_that_cannot_start_is_the_installations_fault(tmp_path, picture, monkeypatch):
    picture.save(tmp_path / "a.png")
    monkeypatch.setattr(read, "START", "import no_such_module")
    with pytest.raises(SetupError, match="no_such_module"):
        read_photo(tmp_path / "a.png")


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_T01_no_child_outlives_a_killed_parent(tmp_path, picture):
    """SIGKILL leaves the parent no time to tidy up: the child's own clock ends it."""
    picture.save(tmp_path / "a.png")
    stalled = read.START.replace(
        "main()",
        "restrain({'seconds': 0.5, 'pixels': 9, 'memory_bytes': 1 << 30}); import time; time.sleep(60)",
    )
    stalled = stalled.replace("import main", "import restrain").replace("; restrain", "; print(); restrain")
    code = (
        "import sys, os; from microrelief.imaging.photo import read;"
        f"read.START = {stalled!r}; read.read_photo({str(tmp_path / 'a.png')!r})"
    )
    folders = os.pathsep.join(f for f in sys.path if f)
    parent = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": folders})
    child = ""
    for _ in range(100):
        tasks = Path(f"/proc/{parent.pid}/task").glob("*/children")
        child = " ".join(t.read_text() for t in tasks).strip()
        if child:
            break
        time.sleep(0.05)
    time.sleep(0.5)
    parent.kill()
    parent.wait()
    assert child
    for _ in range(60):
        status = Path(f"/proc/{child}/stat")
        if not status.exists() or status.read_text().split(") ")[1][0] == "Z":
            return
        time.sleep(0.05)
    pytest.fail("the child is still there")


def test_the_working_folder_is_not_imported_from(tmp_path, picture, monkeypatch):
    """A file called json.py beside the photographs must not run."""
    picture.save(tmp_path / "a.png")
    for name in ("json.py", "PIL.py", "numpy.py"):
        (tmp_path / name).write_text("raise SystemExit('hijacked')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert read_photo("a.png").shape == (40, 60)


def test_nothing_is_left_open(tmp_path, picture):
    picture.save(tmp_path / "a.png")
    (tmp_path / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(30))
    folder = Path("/proc/self/fd")
    if not folder.is_dir():
        pytest.skip("looks into /proc")
    before = len(list(folder.iterdir()))
    for _ in range(5):
        read_photo(tmp_path / "a.png")
        refusal(tmp_path / "bad.png", PhotoDamaged)
        refusal(tmp_path, PhotoMissing)
    assert len(list(folder.iterdir())) <= before + 1


def test_threads_may_read_at_once(tmp_path, picture):
    picture.save(tmp_path / "a.png")
    shapes: list[tuple[int, int]] = []
    threads = [
        threading.Thread(target=lambda: shapes.append(read_photo(tmp_path / "a.png").shape)) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shapes == [(40, 60)] * 6


@pytest.mark.parametrize(
    "failure",
    [
        OSError(),
        ValueError(),
        SyntaxError(),
        TypeError(),
        RuntimeError(),
        EOFError(),
        KeyError(1),
        struct.error(),
        NotImplementedError(),
    ],
)
def test_T01_whatever_a_decoder_raises_is_damage(failure):
    assert in_plain_words(failure)[0] == "PhotoDamaged"


def test_the_texts_of_pillow_are_still_limited():
    """The sentence about texts depends on it."""
    assert PngImagePlugin.MAX_TEXT_CHUNK <= 1 << 24
