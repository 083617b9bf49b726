"""Capture facts: what is read, what is never read, and bad tags that cost nothing but themselves."""

import struct
from dataclasses import fields

import numpy as np
import pytest
from PIL import Image

from microrelief.imaging.photo.facts import capture_facts, jpeg_quality
from microrelief.imaging.photo.photo import CaptureFacts
from microrelief.imaging.photo.read import read_photo

SECRETS = {0x013B: "ANNA ARTIST", 0x8298: "BORIS RIGHTS", 0x010E: "PATIENT NAME", 0x013C: "ANNAS-PHONE"}
SECRETS_OF_EXPOSURE = {
    0xA430: "CLARA OWNER",
    0xA431: "SERIAL 77",
    0xA435: "LENS 88",
    0x927C: b"MAKERNOTE",
    0x9286: b"ASCII\0\0\0COMMENT",
}


@pytest.fixture
def tagged() -> Image.Exif:
    exif = Image.Exif()
    exif.update({0x010F: "Acme", 0x0110: "Cam 7\0junk", 0x0131: "fw 1.2", **SECRETS})
    exif.get_ifd(0x8769).update(
        {
            0x9003: "2026:03:14 09:21:00",
            0x829A: 1 / 125,
            0x829D: 2.8,
            0x8827: 200,
            0x9209: 0x19,
            0x920A: 5.7,
            0xA404: 1.5,
            0xA405: 26,
            0xA434: "Acme 5.7 mm",
            **SECRETS_OF_EXPOSURE,
        }
    )
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 30.0), 3: "E", 4: (2.0, 17.0, 40.0)})
    return exif


@pytest.mark.parametrize("file", ["a.jpg", "a.png", "a.webp", "a.tif", "a.heic"])
def test_T38_facts_are_read_and_secrets_are_not(file, tmp_path, tagged):
    import pillow_heif

    image = Image.new("RGB", (64, 64), (200, 150, 120))
    if file == "a.heic":
        pillow_heif.from_pillow(image).save(tmp_path / file, exif=tagged.tobytes())
    else:
        if file == "a.tif":
            tagged[0x8769] = dict(tagged.get_ifd(0x8769))  # else Pillow's TIFF writer leaves the block out
        image.save(tmp_path / file, exif=tagged)
    facts = read_photo(tmp_path / file).facts
    assert (facts.make, facts.model, facts.lens, facts.software) == ("Acme", "Cam 7", "Acme 5.7 mm", "fw 1.2")
    assert facts.taken_at == "2026-03-14T09:21:00"
    assert (facts.iso, facts.flash_fired) == (200, True)
    numbers = (
        facts.exposure_seconds,
        facts.f_number,
        facts.focal_length_mm,
        facts.focal_length_35mm,
        facts.digital_zoom,
    )
    np.testing.assert_allclose(numbers, (1 / 125, 2.8, 5.7, 26, 1.5), rtol=1e-4)
    said = repr(facts)
    for secret in (
        "ANNA",
        "BORIS",
        "PATIENT",
        "CLARA",
        "SERIAL",
        "LENS 88",
        "MAKER",
        "COMMENT",
        "48.",
        "51.0",
    ):
        assert secret not in said


def test_T38_the_facts_have_no_place_for_a_place_or_a_name():
    """A new fact must be thought about here."""
    assert {f.name for f in fields(CaptureFacts)} == {
        *("taken_at", "make", "model", "lens", "software", "focal_length_mm", "focal_length_35mm"),
        *("exposure_seconds", "f_number", "iso", "flash_fired", "digital_zoom", "colour_profile"),
        *("file_format", "bits", "jpeg_quality"),
    }


class Hostile(dict):
    """Tags that raise when they are looked up, as Pillow's do when they cannot be decoded."""

    def get(self, tag, default=None):
        raise struct.error("unpack requires a buffer of 8 bytes")


@pytest.mark.parametrize(
    "tags",
    [
        Hostile(),
        {
            0x9003: "0000:00:00 00:00:00",
            0x829A: float("nan"),
            0x829D: "f/2",
            0x8827: (),
            0x9209: "?",
            0x920A: -1,
        },
        {0x9003: b"\xff\xfe", 0x829A: 0, 0x829D: float("inf"), 0x8827: 0, 0xA434: None, 0xA404: 0},
    ],
)
def test_bad_tags_are_empty_facts(tags):
    facts = capture_facts(Hostile(), tags)
    assert facts == CaptureFacts()


def test_text_is_one_printable_line():
    assert capture_facts({0x0110: "a\x1b[31m\nb\u202e" + "c" * 300}, {}).model == "a[31mb" + "c" * 94


def test_broken_exif_does_not_fail_a_photo(tmp_path, picture, colours):
    for junk in (
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        b"Exif\0\0MM",
        b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\x01" * 50,
    ):
        picture.save(tmp_path / "a.png", exif=junk)
        photo = read_photo(tmp_path / "a.png")
        np.testing.assert_array_equal(photo.srgb, colours)


@pytest.mark.parametrize("quality", [1, 10, 25, 50, 75, 90, 95, 100])
def test_jpeg_quality_of_the_reference_encoder_is_exact(quality, tmp_path, picture):
    picture.save(tmp_path / "a.jpg", quality=quality)
    assert read_photo(tmp_path / "a.jpg").facts.jpeg_quality == quality


def test_jpeg_quality_of_a_foreign_table_is_an_estimate():
    assert 80 <= jpeg_quality([6] * 16 + [16] * 32 + [40] * 16) <= 90
