"""A file becomes a Photo: every format, turn and colour model that is read."""

import hashlib
import io
from pathlib import Path

import cv2
import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from microrelief.errors import MicroreliefError
from microrelief.imaging.photo.colour import to_linear
from microrelief.imaging.photo.read import read_pair, read_photo
from tests.imaging.photo import profiles

FORMATS = {
    "JPEG": ("a.jpg", {"quality": 95, "subsampling": 0}, 6),
    "PNG": ("a.png", {}, 0),
    "TIFF": ("a.tif", {"compression": "tiff_lzw"}, 0),
    "WebP": ("a.webp", {"lossless": True}, 0),
}


@pytest.mark.parametrize("name", FORMATS)
def test_reads_each_format(name, tmp_path, picture, colours):
    file, options, worst = FORMATS[name]
    picture.save(tmp_path / file, **options)
    photo = read_photo(tmp_path / file)
    assert photo.srgb.shape == (40, 60, 3)
    assert photo.srgb.dtype == np.uint8
    assert np.abs(photo.srgb.astype(int) - colours).max() <= worst
    assert (photo.facts.file_format, photo.facts.bits, photo.notes) == (name, 8, ())


def test_reads_heic(tmp_path, picture, colours):
    heif = pillow_heif.from_pillow(picture.resize((240, 160)))
    heif.save(tmp_path / "a.heic", quality=95)
    photo = read_photo(tmp_path / "a.heic")
    assert photo.facts.file_format == "HEIC"
    assert np.abs(photo.srgb.astype(int) - np.asarray(picture.resize((240, 160)))).mean() < 3


def test_the_first_picture_of_several_is_read(tmp_path, picture, colours):
    picture.save(tmp_path / "a.mpo", "MPO", save_all=True, append_images=[picture.rotate(180)], quality=95)
    photo = read_photo(tmp_path / "a.mpo")
    assert photo.facts.file_format == "JPEG"
    assert np.abs(photo.srgb.astype(int) - colours).mean() < 3


def test_the_hash_is_of_the_file_and_the_file_is_not_touched(tmp_path, picture):
    path = tmp_path / "a.png"
    picture.save(path)
    before, data = path.stat(), path.read_bytes()
    photo = read_photo(path)
    assert (photo.sha256, photo.file_bytes) == (hashlib.sha256(data).hexdigest(), len(data))
    assert path.read_bytes() == data
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]


def test_pixels_cannot_be_overwritten(tmp_path, picture):
    picture.save(tmp_path / "a.png")
    with pytest.raises(ValueError, match="read-only"):
        read_photo(tmp_path / "a.png").srgb[0, 0, 0] = 1


def as_stored(upright: np.ndarray, orientation: int) -> np.ndarray:
    """The pixels that a camera held in this way stores: the standard's table of row 0 and column 0."""
    return {
        1: upright,
        2: upright[:, ::-1],  # row 0 is the top, column 0 the right
        3: upright[::-1, ::-1],  # bottom, right
        4: upright[::-1],  # bottom, left
        5: upright.swapaxes(0, 1),  # row 0 is the left, column 0 the top
        6: upright[:, ::-1].swapaxes(0, 1),  # right, top
        7: upright[::-1, ::-1].swapaxes(0, 1),  # right, bottom
        8: upright[::-1].swapaxes(0, 1),  # left, bottom
    }[orientation]


@pytest.mark.parametrize("file", ["a.png", "a.tif", "a.webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_T04_orientation_is_exact(orientation, file, tmp_path, colours):
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = Image.fromarray(np.ascontiguousarray(as_stored(colours, orientation)))
    stored.save(tmp_path / file, exif=exif, lossless=True)
    np.testing.assert_array_equal(read_photo(tmp_path / file).srgb, colours)


@pytest.mark.parametrize("file", ["a.png", "a.tif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_T04_orientation_is_exact_in_16_bit(orientation, file, tmp_path, colours):
    deep = colours.astype(np.uint16) * 257 + 3
    write_16_bit(tmp_path / file, as_stored(deep, orientation), orientation)
    np.testing.assert_array_equal(read_photo(tmp_path / file).srgb, deep)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_T04_orientation_of_jpeg_and_heic(orientation, tmp_path, picture):
    upright = np.asarray(picture.resize((240, 160)))
    stored = Image.fromarray(np.ascontiguousarray(as_stored(upright, orientation)))
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(tmp_path / "a.jpg", exif=exif, quality=95)
    pillow_heif.from_pillow(stored).save(tmp_path / "a.heic", exif=exif.tobytes())
    for file in ("a.jpg", "a.heic"):
        photo = read_photo(tmp_path / file)
        assert photo.shape == (160, 240)
        assert np.abs(photo.srgb.astype(int) - upright).mean() < 4


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_is_upright(orientation, tmp_path, picture, colours):
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture.save(tmp_path / "a.png", exif=exif)
    np.testing.assert_array_equal(read_photo(tmp_path / "a.png").srgb, colours)


def write_16_bit(path: Path, pixels: np.ndarray, orientation: int = 1, icc: bytes = b"") -> None:
    """16-bit colour by OpenCV; orientation and profile by hand, since it writes neither."""
    samples = np.ascontiguousarray(
        pixels[..., [2, 1, 0, 3][: pixels.shape[2]]] if pixels.ndim == 3 else pixels
    )
    if path.suffix == ".tif":
        cv2.imwrite(str(path), samples, [cv2.IMWRITE_TIFF_COMPRESSION, 1])
        if orientation != 1 or icc:
            path.write_bytes(tiff_with(path.read_bytes(), orientation, icc))
        return
    data = cv2.imencode(".png", samples)[1].tobytes()
    extra = b""
    if orientation != 1:
        exif = Image.Exif()
        exif[0x0112] = orientation
        extra += png_chunk(b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0"))
    if icc:
        import zlib

        extra += png_chunk(b"iCCP", b"tested\0\0" + zlib.compress(icc))
    path.write_bytes(data[:33] + extra + data[33:])


def png_chunk(name: bytes, body: bytes) -> bytes:
    import struct
    import zlib

    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def tiff_with(data: bytes, orientation: int, icc: bytes) -> bytes:
    """The same TIFF with a new directory at its end that carries two more tags."""
    import struct

    assert data[:2] == b"II"
    at = struct.unpack("<I", data[4:8])[0]
    count = struct.unpack("<H", data[at : at + 2])[0]
    entries = {e[:2]: e for e in (data[at + 2 + 12 * i : at + 14 + 12 * i] for i in range(count))}
    entries[struct.pack("<H", 274)] = struct.pack("<HHIHH", 274, 3, 1, orientation, 0)
    data += icc + b"\0" * (len(icc) % 2)
    if icc:
        entries[struct.pack("<H", 34675)] = struct.pack(
            "<HHII", 34675, 7, len(icc), len(data) - len(icc) - len(icc) % 2
        )
    ordered = sorted(entries.values(), key=lambda e: struct.unpack("<H", e[:2]))
    new = len(data)
    return (
        data[:4]
        + struct.pack("<I", new)
        + data[8:]
        + struct.pack("<H", len(ordered))
        + b"".join(ordered)
        + bytes(4)
    )


@pytest.mark.parametrize("file", ["a.png", "a.tif"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_16_bits_are_kept(channels, file, tmp_path):
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 65536, (30, 50, channels), dtype=np.uint16)
    if channels == 4:
        pixels[..., 3] = 65535
    write_16_bit(tmp_path / file, pixels[..., 0] if channels == 1 else pixels)
    photo = read_photo(tmp_path / file)
    assert (photo.srgb.dtype, photo.facts.bits, photo.notes) == (np.uint16, 16, ())
    expected = np.repeat(pixels, 3, axis=2) if channels == 1 else pixels[..., :3]
    np.testing.assert_array_equal(photo.srgb, expected)


def test_grey_becomes_three_equal_channels(tmp_path, colours):
    Image.fromarray(colours[..., 0]).save(tmp_path / "a.png")
    photo = read_photo(tmp_path / "a.png")
    np.testing.assert_array_equal(photo.srgb, np.repeat(colours[..., :1], 3, axis=2))


def test_black_and_white(tmp_path, colours):
    Image.fromarray(colours[..., 0] > 100).save(tmp_path / "a.png")
    expected = np.repeat((colours[..., :1] > 100) * np.uint8(255), 3, axis=2)
    np.testing.assert_array_equal(read_photo(tmp_path / "a.png").srgb, expected)


def test_palette(tmp_path, picture):
    few = picture.quantize(64)
    few.save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_photo(tmp_path / "a.png").srgb, np.asarray(few.convert("RGB")))


def test_opaque_alpha_changes_nothing_and_is_not_noted(tmp_path, picture, colours):
    picture.convert("RGBA").save(tmp_path / "a.png")
    photo = read_photo(tmp_path / "a.png")
    np.testing.assert_array_equal(photo.srgb, colours)
    assert photo.notes == ()


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_is_laid_on_mid_grey_and_noted(mode, tmp_path, colours):
    pixels = np.dstack([colours, np.full((40, 60), 255, np.uint8)])
    pixels[:, :30, 3] = 0
    if mode == "P":
        image = Image.fromarray(np.repeat(np.repeat(np.uint8([[0, 1]]), 40, 0), 30, 1), "P")
        image.putpalette([250, 0, 0, 10, 200, 30])
        image.save(tmp_path / "a.png", transparency=0)
    else:
        Image.fromarray(pixels).convert(mode).save(tmp_path / "a.png")
    photo = read_photo(tmp_path / "a.png")
    assert (photo.srgb[:, :30] == 119).all()
    expected = {
        "RGBA": colours,
        "LA": np.asarray(Image.fromarray(colours).convert("L"))[..., None],
        "P": [10, 200, 30],
    }
    assert (photo.srgb[:, 30:] == np.broadcast_to(expected[mode], (40, 60, 3))[:, 30:]).all()
    assert photo.notes == ("Transparent parts were laid on mid grey.",)


def test_transparency_in_16_bit(tmp_path):
    pixels = np.full((10, 20, 4), 40000, np.uint16)
    pixels[:, :10, 3], pixels[:, 10:, 3] = 0, 65535
    write_16_bit(tmp_path / "a.png", pixels)
    photo = read_photo(tmp_path / "a.png")
    assert (photo.srgb[:, :10] == 119 * 257).all()
    assert (photo.srgb[:, 10:] == 40000).all()
    assert photo.notes == ("Transparent parts were laid on mid grey.",)


@pytest.mark.parametrize("name", ["DISPLAY_P3", "ADOBE_RGB"])
def test_a_profile_is_converted_as_its_equations_say(name, tmp_path, colours):
    icc = getattr(profiles, name)
    Image.fromarray(colours).save(tmp_path / "a.png", icc_profile=icc)
    photo = read_photo(tmp_path / "a.png")
    assert photo.facts.colour_profile == "Tested"
    expected = by_equation(colours / 255, name)
    assert np.abs(photo.srgb - expected * 255).max() < 1.6
    assert np.abs(photo.srgb.astype(int) - colours).max() > 8  # it does something


@pytest.mark.parametrize("name", ["DISPLAY_P3", "ADOBE_RGB"])
@pytest.mark.parametrize("file", ["a.png", "a.tif"])
def test_a_profile_is_converted_in_16_bit(file, name, tmp_path, colours):
    deep = colours.astype(np.uint16) * 257
    write_16_bit(tmp_path / file, deep, icc=getattr(profiles, name))
    photo = read_photo(tmp_path / file)
    assert photo.srgb.dtype == np.uint16
    assert np.abs(photo.srgb - by_equation(deep / 65535, name) * 65535).max() < 60


def by_equation(encoded: np.ndarray, name: str) -> np.ndarray:
    """Curve, primaries, curve: the profile's own numbers, then the inverse of IEC 61966-2-1."""
    if name == "DISPLAY_P3":
        light = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
        to_d50 = np.array(profiles.P3_D50).T
    else:
        light = encoded ** (563 / 256)
        to_d50 = np.array(profiles.ADOBE_D50).T
    srgb_to_d50 = adapted_to_d50([(0.64, 0.33), (0.30, 0.60), (0.15, 0.06)])
    matrix = np.linalg.inv(srgb_to_d50) @ to_d50
    linear = np.clip(light @ (matrix / matrix.sum(axis=1, keepdims=True)).T, 0, 1)  # white to white
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


def adapted_to_d50(primaries: list[tuple[float, float]]) -> np.ndarray:
    """RGB to XYZ at D50 from chromaticities and D65, by Bradford's method (ICC.1:2022, annex E)."""
    columns = np.stack([(x / y, 1, (1 - x - y) / y) for x, y in [*primaries, (0.3127, 0.3290)]], axis=1)
    rgb, white = columns[:, :3], columns[:, 3]
    cones = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
    scale = np.diag((cones @ (0.9642, 1.0, 0.8249)) / (cones @ white))
    return np.linalg.inv(cones) @ scale @ cones @ rgb * np.linalg.solve(rgb, white)


def test_the_srgb_profile_changes_nothing(tmp_path, picture, colours):
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture.save(tmp_path / "a.png", icc_profile=srgb)
    photo = read_photo(tmp_path / "a.png")
    np.testing.assert_array_equal(photo.srgb, colours)
    assert photo.facts.colour_profile == "sRGB built-in"


def test_a_grey_profile(tmp_path, colours):
    Image.fromarray(colours[..., 0]).save(tmp_path / "a.png", icc_profile=profiles.GREY_GAMMA_1)
    photo = read_photo(tmp_path / "a.png")
    assert np.abs(to_linear(photo.srgb) - colours[..., :1] / 255).max() < 0.006  # one level near white
    assert (photo.srgb[..., 0] == photo.srgb[..., 1]).all()


def test_cmyk_with_a_profile(tmp_path):
    inks = np.zeros((16, 30, 4), np.uint8)
    inks[:, 10:20, 3] = 255  # black alone: L* 75
    inks[:, 20:] = (255, 255, 0, 0)  # two inks: L* 50
    Image.fromarray(inks, "CMYK").save(tmp_path / "a.tif", icc_profile=profiles.cmyk())
    photo = read_photo(tmp_path / "a.tif")
    paper, black, two = (photo.srgb[8, column] for column in (5, 15, 25))
    np.testing.assert_allclose(paper, 255, atol=1)
    np.testing.assert_allclose(black, 185, atol=2)  # L* 75 in sRGB
    np.testing.assert_allclose(two, 119, atol=2)
    assert photo.notes == ()


@pytest.mark.parametrize("file", ["a.jpg", "a.tif"])
def test_cmyk_without_a_profile_is_a_guess_that_is_noted(file, tmp_path):
    Image.new("CMYK", (32, 32), (0, 128, 255, 0)).save(tmp_path / file)
    photo = read_photo(tmp_path / file)
    np.testing.assert_allclose(photo.srgb[16, 16], (255, 127, 0), atol=3)
    assert photo.notes == ("The picture is CMYK without a usable profile; its colours are a guess.",)


def test_a_broken_profile_is_noted_and_not_fatal(tmp_path, picture, colours):
    picture.save(tmp_path / "a.png", icc_profile=b"nonsense" * 40)
    photo = read_photo(tmp_path / "a.png")
    np.testing.assert_array_equal(photo.srgb, colours)
    assert photo.notes == ("The colour profile cannot be read; the picture was read as if it had none.",)
    assert photo.facts.colour_profile == "unreadable"


def test_a_look_up_table_profile_makes_16_bit_8_bit_and_says_so(tmp_path, colours):
    lut = profiles.icc(b"RGB ", {b"A2B0": b"mft1" + bytes(44)})
    write_16_bit(tmp_path / "a.png", colours.astype(np.uint16) * 257, icc=lut)
    photo = read_photo(tmp_path / "a.png")
    assert (photo.srgb.dtype, photo.facts.bits) == (np.uint8, 8)
    assert "converted in 8 bit" in photo.notes[0]


@pytest.mark.parametrize(("primaries", "expected"), [(1, (200, 120, 100)), (12, (213, 115, 95))])
def test_heic_that_names_its_colours_by_number(primaries, expected, tmp_path):
    """Android phones name Display P3 by number. P3 (200, 120, 100) is sRGB (213, 115, 95)."""
    flat = Image.new("RGB", (128, 128), (200, 120, 100))
    heif = pillow_heif.from_pillow(flat)
    heif.save(
        tmp_path / "a.heic",
        quality=100,
        color_primaries=primaries,
        transfer_characteristics=13,
        matrix_coefficients=6,
        full_range_flag=1,
    )
    photo = read_photo(tmp_path / "a.heic")
    np.testing.assert_allclose(photo.srgb[64, 64], expected, atol=4)
    assert photo.facts.colour_profile == ("Display P3" if primaries == 12 else "")


def test_a_pair_is_read_in_order(tmp_path, picture):
    picture.save(tmp_path / "a.png")
    picture.rotate(180).save(tmp_path / "b.png")
    before, after = read_pair(tmp_path / "a.png", tmp_path / "b.png")
    assert (before.path.name, after.path.name) == ("a.png", "b.png")
    np.testing.assert_array_equal(before.srgb, after.srgb[::-1, ::-1])


def test_the_first_of_two_bad_files_is_named(tmp_path):
    with pytest.raises(MicroreliefError, match=r"first\.jpg"):
        read_pair(tmp_path / "first.jpg", tmp_path / "second.jpg")


def test_ultra_hdr_gain_maps_are_left_alone(tmp_path, picture, colours):
    """An Ultra-HDR file is a JPEG with a second behind it; viewers without HDR show the first."""
    first, gain = io.BytesIO(), io.BytesIO()
    picture.save(first, "JPEG", quality=95, subsampling=0)
    picture.convert("L").resize((15, 10)).save(gain, "JPEG")
    (tmp_path / "a.jpg").write_bytes(first.getvalue() + gain.getvalue())
    photo = read_photo(tmp_path / "a.jpg")
    assert photo.shape == (40, 60)
    assert np.abs(photo.srgb.astype(int) - colours).max() <= 6


def test_an_orientation_in_xmp_alone_is_not_followed(tmp_path, picture, colours):
    """Viewers show such a picture as it is stored; Pillow's own reading would turn it."""
    xmp = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", xmp)
    picture.save(tmp_path / "a.png", pnginfo=info)
    assert Image.open(tmp_path / "a.png").getexif()[0x0112] == 6
    np.testing.assert_array_equal(read_photo(tmp_path / "a.png").srgb, colours)


def test_adobe_rgb_that_stands_only_in_exif_is_noted(tmp_path, picture):
    exif = Image.Exif()
    exif[0x8769] = {0xA005: {1: "R03"}}
    picture.save(tmp_path / "a.jpg", exif=exif)
    assert "Adobe RGB without a profile" in read_photo(tmp_path / "a.jpg").notes[0]
