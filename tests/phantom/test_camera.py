"""The camera's steps: what must pass through unchanged, and what each step must do."""

import io

import numpy as np
import pytest
from PIL import Image

from microrelief.phantom.camera import (
    Camera,
    beautify,
    decode,
    defocus,
    encode,
    falloff,
    motion,
    own_denoise,
    photograph,
    sensor_noise,
    to_jpeg,
)

SKIN = np.array([0.40, 0.24, 0.17], dtype=np.float32)


def scene(shape=(240, 200)) -> np.ndarray:
    random = np.random.default_rng(1)
    bumps = random.normal(1, 0.08, shape).astype(np.float32)
    return bumps[..., None] * SKIN


def test_the_default_camera_only_encodes():
    light = scene()
    picture = photograph(light, Camera(), np.random.default_rng(0))
    back = decode(picture.astype(np.float32) / 255)
    assert picture.dtype == np.uint8
    # half a step of 8 bits and half a step of dither
    assert np.abs(encode(back, "srgb") - encode(light, "srgb")).max() <= 1.01 / 255


def test_decode_undoes_the_plain_curve():
    ramp = np.linspace(0, 1, 500, dtype=np.float32)[:, None, None] * np.ones(3, np.float32)
    assert decode(encode(ramp, "srgb")) == pytest.approx(ramp, abs=2e-6)


def test_one_stop_doubles_linear_light():
    light = scene() * 0.3
    one, two = (photograph(light, Camera(exposure_ev=ev), np.random.default_rng(0)) for ev in (0.0, 1.0))
    ratio = decode(two.astype(np.float32) / 255).mean() / decode(one.astype(np.float32) / 255).mean()
    assert ratio == pytest.approx(2, rel=0.01)


@pytest.mark.parametrize("blur", [lambda x: defocus(x, 3.0), lambda x: motion(x, 7.0, 30.0)])
def test_blur_keeps_flat_light_and_the_mean_and_lowers_detail(blur):
    flat = np.full((40, 40, 3), 0.37, dtype=np.float32)
    assert blur(flat) == pytest.approx(flat, abs=1e-5)
    light = scene()
    assert blur(light).mean() == pytest.approx(light.mean(), rel=0.005)
    assert blur(light)[..., 1].std() < 0.7 * light[..., 1].std()


def test_vignetting_loses_the_stated_share_in_the_corner():
    gain = falloff((301, 201, 3), 0.2)
    assert gain[150, 100] == pytest.approx(1, abs=1e-4)
    assert gain[0, 0] == pytest.approx(0.8, abs=0.01)


def test_noise_has_the_stated_variance():
    flat = np.full((400, 400, 3), 0.25, dtype=np.float32)
    noise = sensor_noise(flat, 0.02, 0.005, np.random.default_rng(2)) - flat
    assert noise.std() == pytest.approx(np.sqrt(0.25 * 0.02**2 + 0.005**2), rel=0.05)
    assert abs(noise.mean()) < 2e-4


@pytest.mark.parametrize("kind", ["bilateral", "guided", "frequency", "mean", "denoise"])
def test_beauty_filters_smooth_skin_and_leave_what_is_not_skin(kind):
    skin = encode(scene(), "srgb")
    smooth = beautify(skin, kind, 1.0)
    inside = slice(40, -40)
    assert smooth[inside, inside].std(axis=(0, 1)).mean() < 0.9 * skin[inside, inside].std(axis=(0, 1)).mean()
    wall = np.repeat(skin.mean(axis=-1, keepdims=True), 3, axis=-1)
    assert beautify(wall, kind, 1.0) == pytest.approx(wall, abs=0.02)
    assert beautify(skin, kind, 0.0) is skin


def test_own_noise_reduction_removes_noise_but_not_a_step():
    light = np.full((100, 100, 3), 0.1, dtype=np.float32)
    light[:, 50:] = 0.5
    noisy = sensor_noise(light, 0.02, 0.002, np.random.default_rng(3))
    clean = own_denoise(noisy, 1.0)
    assert clean[20:80, 70:90].std() < 0.6 * noisy[20:80, 70:90].std()
    assert clean[:, 70:90].mean() == pytest.approx(0.5, rel=0.02)


def test_equal_generators_take_equal_pictures_and_others_do_not():
    camera = Camera(shot_noise=0.01, read_noise=0.001)
    one, same, other = (photograph(scene(), camera, np.random.default_rng(seed)) for seed in (4, 4, 5))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_jpeg_keeps_size_and_exif():
    exif = Image.Exif()
    exif[0x0110] = "Microrelief phantom"
    file = Image.open(
        io.BytesIO(to_jpeg(photograph(scene(), Camera(resize=0.5), np.random.default_rng(0)), 90, exif))
    )
    assert file.size == (100, 120)
    assert file.getexif()[0x0110] == "Microrelief phantom"
