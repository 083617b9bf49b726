"""An upload becomes an accepted photograph, or is refused in words for the person who sent it."""

import hashlib
import io
import subprocess
import sys
import threading

import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from microrelief.errors import NotAPhoto, PhotoDamaged, PhotoTooLarge, StoreBusy
from microrelief.imaging.photo.read import ReadLimits
from microrelief.vault import intake
from microrelief.vault.intake import SCREEN_PIXELS, THUMBNAIL_PIXELS, accepted, reduced
from tests.imaging.photo.conftest import children

SECRET = "Anna Example, 47.3769 N"


@pytest.fixture
def others() -> set[str]:
    """Processes of other tests that may run on."""
    return children()


@pytest.fixture
def picture() -> Image.Image:
    rows, columns = np.mgrid[0:600, 0:900]
    return Image.fromarray(
        np.stack([rows * 255 // 600, columns * 255 // 900, rows * 0 + 90], -1).astype(np.uint8)
    )


def file_of(picture: Image.Image, kind: str, **options) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def with_secrets(picture: Image.Image, kind: str) -> bytes:
    """A file that tells of its patient wherever its format can."""
    exif = Image.Exif()
    exif[0x010E] = exif[0x013B] = SECRET  # description, artist
    exif.get_ifd(0x8825)[0x001D] = SECRET  # place
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    options = {"exif": exif, "icc_profile": profile}
    if kind == "JPEG":
        options |= {"comment": SECRET.encode(), "xmp": SECRET.encode()}
    if kind == "PNG":
        options["pnginfo"] = PngImagePlugin.PngInfo()
        options["pnginfo"].add_text("Comment", SECRET)
    return file_of(picture, kind, **options) + SECRET.encode()


@pytest.mark.parametrize(
    ("kind", "media_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")]
)
def test_an_upload_is_accepted(picture, kind, media_type, others):
    upload = file_of(picture, kind)
    with accepted(io.BytesIO(upload)) as photo:
        assert photo.original.read() == upload
        assert (photo.sha256, photo.original_bytes) == (hashlib.sha256(upload).hexdigest(), len(upload))
        assert (photo.rows, photo.columns, photo.media_type) == (600, 900, media_type)
    assert photo.original.closed
    thumbnail, screen = (Image.open(io.BytesIO(copy)) for copy in (photo.thumbnail, photo.screen))
    assert (thumbnail.size, screen.size) == ((THUMBNAIL_PIXELS, 267), (900, 600))
    assert np.abs(np.asarray(screen, int) - np.asarray(picture, int)).mean() < 4
    assert children() <= others


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_T38_nothing_but_the_picture_is_in_the_copies(picture, kind):
    upload = with_secrets(picture, kind)
    assert SECRET.encode() in upload
    with accepted(io.BytesIO(upload)) as photo:
        assert photo.original.read() == upload
    for copy in (photo.thumbnail, photo.screen):
        segments = []
        at = 2
        while copy[at + 1] != 0xDA:  # up to the scan, by the lengths of the segments
            segments.append(copy[at + 1])
            at += 2 + int.from_bytes(copy[at + 2 : at + 4], "big")
        assert set(segments) <= {0xE0, 0xDB, 0xC0, 0xC4}  # JFIF, tables, frame: no Exif, XMP, ICC, comment
        assert copy.endswith(b"\xff\xd9")
        assert b"Anna" not in copy
        assert SECRET.encode("utf-16-le") not in copy


def test_copies_of_sixteen_bits_have_eight():
    deep = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    pixels = np.stack([deep] * 3, -1)
    assert np.array_equal(reduced(pixels, 300), np.rint(pixels / 257).astype(np.uint8))
    assert reduced(pixels, 64).shape == (64, 64, 3)
    assert (
        np.abs(reduced(pixels, 64).astype(float) * 257 - pixels.reshape(64, 4, 64, 4, 3).mean((1, 3))).max()
        < 300
    )


@pytest.mark.parametrize("shape", [(1, 50_000), (50_000, 1), (1, 1), (SCREEN_PIXELS + 1, 3)])
def test_copies_of_strange_shapes(shape):
    small = reduced(np.zeros((*shape, 3), np.uint8), SCREEN_PIXELS)
    assert max(small.shape[:2]) <= SCREEN_PIXELS
    assert min(small.shape[:2]) >= 1


@pytest.mark.parametrize(
    ("upload", "refusal"),
    [
        (b"", PhotoDamaged),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", NotAPhoto),
        (b"MZ" + bytes(5000), NotAPhoto),
        (b"\xff\xd8\xff\xe0" + bytes(100), PhotoDamaged),
    ],
)
def test_what_is_no_photograph_is_refused(upload, refusal, others):
    with pytest.raises(refusal, match=r"^The photograph: "), accepted(io.BytesIO(upload)):
        pass
    assert children() <= others


def test_an_upload_that_is_too_large_is_not_read_to_its_end():
    upload = io.BytesIO(bytes(20 << 20))
    with pytest.raises(PhotoTooLarge), accepted(upload, limits=ReadLimits(file_bytes=1 << 20)):
        pass
    assert upload.tell() <= 3 << 20


def test_an_upload_waits_for_its_turn_and_no_longer(picture, monkeypatch):
    monkeypatch.setattr(intake, "_turns", threading.BoundedSemaphore(1))
    monkeypatch.setattr(intake, "PATIENCE_SECONDS", 0.01)
    upload = file_of(picture, "JPEG")
    intake._turns.acquire()
    with pytest.raises(StoreBusy, match="again in a minute"), accepted(io.BytesIO(upload)):
        pass
    intake._turns.release()
    for _ in range(3):  # a refusal gives its turn back too
        with pytest.raises(NotAPhoto), accepted(io.BytesIO(b"text, no picture")):
            pass
    with accepted(io.BytesIO(upload)) as first, accepted(io.BytesIO(upload)) as second:
        assert first.sha256 == second.sha256


def test_no_decoder_runs_in_this_process(picture, tmp_path):
    """With every decoder taken out of the process that accepts, an upload is accepted all the same."""
    (tmp_path / "a.png").write_bytes(file_of(picture, "PNG"))
    code = """
import sys
import cv2
from PIL import Image, ImageFile
def refused(*_, **__): raise AssertionError("decoded in this process")
Image.open = ImageFile.ImageFile.load = cv2.imdecode = cv2.imread = refused
from microrelief.vault.intake import accepted
with open(sys.argv[1], "rb") as upload, accepted(upload) as photo:
    print(photo.rows, photo.columns, len(photo.thumbnail) > 0)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "a.png"], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["600", "900", "True"]
