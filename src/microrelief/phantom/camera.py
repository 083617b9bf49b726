"""Linear light becomes a photograph: lens, sensor, the phone's own processing, a filter, JPEG.

Every step is a function of an array (H, W, 3) and returns a new one. Until `encode`, values are linear sRGB
with 1 = white; after it they are encoded, 0 to 1. `photograph` runs them in the order in which a camera does.
"""

import io
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Picture = NDArray[np.float32]
Curve = Literal["srgb", "s", "flat", "hdr"]
Filter = Literal["none", "bilateral", "guided", "frequency", "mean", "denoise"]


@dataclass(frozen=True)
class Camera:
    """How a photograph is taken and processed; the defaults change nothing but the encoding."""

    exposure_ev: float = 0.0
    white_balance: tuple[float, float, float] = (1.0, 1.0, 1.0)
    """Gains of red, green and blue."""
    vignetting: float = 0.0
    """Share of light lost in the corner."""
    defocus_px: float = 0.0
    """Radius of the blur disk."""
    lens_blur_px: float = 0.0
    """Standard deviation of what the lens and the anti-alias filter blur in focus."""
    motion_px: float = 0.0
    motion_degrees: float = 0.0
    shot_noise: float = 0.0
    """Standard deviation at white, relative: sqrt of photons."""
    read_noise: float = 0.0
    """Standard deviation in the dark, as a share of white."""
    denoise: float = 0.0
    """0 none to 1 strong: the camera's own noise reduction."""
    curve: Curve = "srgb"
    curve_strength: float = 1.0
    filter: Filter = "none"
    filter_strength: float = 1.0
    sharpen: float = 0.0
    resize: float = 1.0
    """Of the picture's width and height."""
    jpeg_quality: int = 92
    roll_degrees: float = 0.0
    shift_px: tuple[float, float] = (0.0, 0.0)
    """(rows, columns)"""


def photograph(linear: Picture, camera: Camera, random: np.random.Generator) -> NDArray[np.uint8]:
    """Linear light (H, W, 3) to an 8-bit picture, before JPEG. Equal generators give equal pictures."""
    light = np.asarray(linear, dtype=np.float32)
    light = frame(light, camera.roll_degrees, camera.shift_px, camera.resize)
    light = motion(
        defocus(light, camera.defocus_px * camera.resize),
        camera.motion_px * camera.resize,
        camera.motion_degrees,
    )
    if camera.lens_blur_px > 0:
        light = cv2.GaussianBlur(light, (0, 0), camera.lens_blur_px)
    light = light * np.float32(2.0**camera.exposure_ev) * falloff(light.shape, camera.vignetting)[..., None]
    light = sensor_noise(light, camera.shot_noise, camera.read_noise, random)
    light = light * np.array(camera.white_balance, dtype=np.float32)
    if camera.denoise > 0:
        light = own_denoise(light, camera.denoise)
    encoded = encode(light, camera.curve, camera.curve_strength)
    encoded = beautify(encoded, camera.filter, camera.filter_strength)
    if camera.sharpen > 0:
        encoded = encoded + camera.sharpen * (encoded - cv2.GaussianBlur(encoded, (0, 0), 1.2))
    dither = random.uniform(-0.5, 0.5, encoded.shape).astype(np.float32)
    return np.clip(np.round(encoded * 255 + dither), 0, 255).astype(np.uint8)


def to_jpeg(picture: NDArray[np.uint8], quality: int, exif: Image.Exif | None = None) -> bytes:
    """The picture as a JPEG file with 4:2:0 chroma, as phones write it (4:4:4 from quality 95)."""
    file = io.BytesIO()
    options = {} if exif is None else {"exif": exif}
    Image.fromarray(picture).save(
        file, "JPEG", quality=quality, subsampling=0 if quality >= 95 else 2, **options
    )
    return file.getvalue()


def frame(light: Picture, roll_degrees: float, shift_px: tuple[float, float], resize: float) -> Picture:
    """Roll about the centre, shift and resize, with area averaging when smaller."""
    rows, columns = light.shape[:2]
    if roll_degrees or any(shift_px):
        matrix = cv2.getRotationMatrix2D(((columns - 1) / 2, (rows - 1) / 2), -roll_degrees, 1.0)
        matrix[:, 2] += (shift_px[1], shift_px[0])
        light = cv2.warpAffine(
            light, matrix, (columns, rows), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
        light = np.maximum(light, 0)
    if resize != 1.0:
        size = (round(columns * resize), round(rows * resize))
        light = cv2.resize(light, size, interpolation=cv2.INTER_AREA if resize < 1 else cv2.INTER_CUBIC)
    return light


def defocus(light: Picture, radius_px: float) -> Picture:
    """Blur by a disk with a soft edge of one pixel; its sum is one, so flat light stays as it is."""
    if radius_px <= 0.05:
        return light
    half = int(np.ceil(radius_px)) + 1
    y, x = np.mgrid[-half : half + 1, -half : half + 1]
    disk = np.clip(radius_px + 0.5 - np.hypot(x, y), 0, 1)
    blurred: Picture = cv2.filter2D(
        light, -1, (disk / disk.sum()).astype(np.float32), borderType=cv2.BORDER_REFLECT
    )
    return blurred


def motion(light: Picture, length_px: float, degrees: float) -> Picture:
    """Blur along a straight line."""
    if length_px <= 0.05:
        return light
    half = int(np.ceil(length_px / 2)) + 1
    y, x = np.mgrid[-half : half + 1, -half : half + 1]
    along = x * np.cos(np.radians(degrees)) - y * np.sin(np.radians(degrees))
    across = x * np.sin(np.radians(degrees)) + y * np.cos(np.radians(degrees))
    line = np.clip(length_px / 2 + 0.5 - np.abs(along), 0, 1) * np.clip(1 - np.abs(across), 0, 1)
    blurred: Picture = cv2.filter2D(
        light, -1, (line / line.sum()).astype(np.float32), borderType=cv2.BORDER_REFLECT
    )
    return blurred


def falloff(shape: tuple[int, ...], lost: float) -> Picture:
    """Vignetting: 1 in the middle, 1 - lost in the corner, with the fourth power of the field angle's
    cosine."""
    rows, columns = shape[:2]
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    radius = np.hypot((y - (rows - 1) / 2) / rows, (x - (columns - 1) / 2) / columns) / np.float32(
        np.sqrt(0.5)
    )
    tangent = np.sqrt(1 / np.sqrt(max(1 - lost, 1e-3)) - 1)  # cos^4 = 1 - lost at radius 1
    gain: Picture = ((1 + (tangent * radius) ** 2) ** -2).astype(np.float32)
    return gain


def sensor_noise(light: Picture, shot: float, read: float, random: np.random.Generator) -> Picture:
    """Photon noise (variance in proportion to light) and read noise, slightly correlated as after
    demosaicing."""
    if shot <= 0 and read <= 0:
        return light
    white = random.normal(0, 1, light.shape).astype(np.float32)
    soft = cv2.GaussianBlur(white, (0, 0), 0.55)
    grain = soft / np.float32(max(float(soft.std()), 1e-6))
    noisy: Picture = light + grain * np.sqrt(
        np.maximum(light, 0) * np.float32(shot) ** 2 + np.float32(read) ** 2
    )
    return noisy


def own_denoise(light: Picture, strength: float) -> Picture:
    """The camera's noise reduction: fine luminance detail cored, colour smoothed."""
    root = np.sqrt(np.maximum(light, 0))
    luminance = root @ np.array([0.25, 0.6, 0.15], dtype=np.float32)
    smooth = cv2.GaussianBlur(luminance, (0, 0), 1.0)
    detail = luminance - smooth
    limit = np.float32(0.012 * strength)
    cored = np.sign(detail) * np.maximum(np.abs(detail) - limit, 0)
    colour = cv2.GaussianBlur(root - luminance[..., None], (0, 0), 0.6 + 1.5 * strength)
    result: Picture = np.maximum(smooth[..., None] + cored[..., None] + colour, 0) ** 2
    return result


def encode(light: Picture, curve: Curve, strength: float = 1.0) -> Picture:
    """Linear to encoded values 0 to 1 by the sRGB function and a camera's look."""
    if curve == "hdr":
        luminance = np.maximum(light @ np.array([0.2126, 0.7152, 0.0722], dtype=np.float32), 1e-4)
        log = np.log(luminance)
        base = cv2.GaussianBlur(log, (0, 0), light.shape[0] / 25)
        # the shading of the whole face is flattened, its detail is raised
        mapped = (
            (1 - 0.45 * strength) * (base - base.mean()) + base.mean() + (1 + 0.25 * strength) * (log - base)
        )
        light = light * np.exp(mapped - log)[..., None]
    clipped = np.clip(light, 0, 1)
    encoded: Picture = np.where(
        clipped <= 0.0031308, 12.92 * clipped, 1.055 * np.maximum(clipped, 1e-8) ** (1 / 2.4) - 0.055
    ).astype(np.float32)
    if curve == "s":
        steep = encoded * encoded * (3 - 2 * encoded)
        encoded = encoded + np.float32(0.6 * strength) * (steep - encoded)
    elif curve == "flat":
        encoded = np.float32(0.5) + (encoded - np.float32(0.5)) * np.float32(1 - 0.4 * strength)
    return encoded


def decode(encoded: Picture) -> Picture:
    """Encoded sRGB 0 to 1 to linear light, the inverse of the plain curve."""
    linear: Picture = np.where(
        encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4
    ).astype(np.float32)
    return linear


def beautify(encoded: Picture, kind: Filter, strength: float) -> Picture:
    """Skin smoothing of several kinds at a strength of 0 to 1 (mixture with the unfiltered picture)."""
    if kind == "none" or strength <= 0:
        return encoded
    scale = encoded.shape[1] / 1200
    if kind == "bilateral":
        smooth = cv2.bilateralFilter(encoded, 0, 0.08, 5 * scale)
    elif kind == "guided":
        smooth = _guided(encoded, round(8 * scale), 0.0025)
    elif kind == "frequency":
        # retoucher's frequency separation: the middle band goes, the finest detail is put back
        low = cv2.GaussianBlur(encoded, (0, 0), 9 * scale)
        fine = encoded - cv2.GaussianBlur(encoded, (0, 0), 1.6 * scale)
        smooth = low + fine
        smooth = np.where(np.abs(encoded - low) > 0.12, encoded, smooth)
    elif kind == "mean":
        mean = cv2.blur(encoded, (round(13 * scale),) * 2)
        deviation = np.sqrt(np.maximum(cv2.blur(encoded**2, (round(13 * scale),) * 2) - mean**2, 0))
        keep = deviation / (deviation + 0.03)
        smooth = mean + keep * (encoded - mean)
    else:
        smooth = cv2.fastNlMeansDenoisingColored(
            (np.clip(encoded, 0, 1) * 255).astype(np.uint8), None, 6, 6, 5, 11
        )
        smooth = smooth.astype(np.float32) / 255
    mask = _skin_mask(encoded) * np.float32(strength)
    result: Picture = encoded + mask[..., None] * (smooth.astype(np.float32) - encoded)
    return result


def _guided(picture: Picture, radius: int, eps: float) -> Picture:
    size = (2 * radius + 1,) * 2
    mean = cv2.blur(picture, size)
    variance = cv2.blur(picture * picture, size) - mean * mean
    gain = variance / (variance + np.float32(eps))
    result: Picture = cv2.blur(gain, size) * picture + cv2.blur(mean - gain * mean, size)
    return result


def _skin_mask(encoded: Picture) -> Picture:
    # where the picture is reddish and not dark, softly: what a phone's filter takes for skin
    red, green, blue = (encoded[..., k] for k in range(3))
    share = (
        np.clip((red - blue) / 0.06, 0, 1)
        * np.clip((red - green + 0.02) / 0.05, 0, 1)
        * np.clip(red / 0.15, 0, 1)
    )
    soft: Picture = cv2.GaussianBlur(share.astype(np.float32), (0, 0), 4)
    return soft
