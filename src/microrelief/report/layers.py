"""An aligned pair becomes pictures to look at: photographs as JPEG, maps as clear PNG, outlines as paths.

All layers of one comparison share one frame: the common grid, at most LONG_SIDE pixels long. The originals
are only moved and enlarged alike so that the face fills the same frame; they are never turned or bent.
"""

import base64
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from microrelief.imaging.change.outcome import Change
from microrelief.imaging.photo.photo import Photo

Bytes = NDArray[np.uint8]
Mask = NDArray[np.bool_]

LONG_SIDE = 1600
MAP_LONG_SIDE = 1000
FIGURE_LONG_SIDE = 720
JPEG_QUALITY = 90
MOST_BYTES = 750_000
OUTSIDE = (238, 239, 241)
"""What lies outside a photograph is drawn in this grey."""

# Ends and middle of the diverging colours, sRGB. Blue and orange stay apart for red-, green- and blue-blind
# eyes, and both grow darker from the middle, so that a grey print still shows where there is much change.
_LESS, _LITTLE_LESS, _MIDDLE, _LITTLE_MORE, _MORE = (
    (17, 66, 142), (104, 158, 214), (246, 245, 242), (233, 158, 82), (146, 62, 4),
)  # fmt: skip
_HATCH_LIGHT, _HATCH_DARK = (214, 216, 220), (150, 154, 160)


@dataclass(frozen=True)
class Frame:
    """Size of the shown pictures and of a pixel in them."""

    width: int
    height: int
    mm_per_pixel: float
    share: float
    """Shown pixels per grid pixel, at most 1."""


@dataclass(frozen=True)
class ChangeMap:
    """One map, drawn."""

    key: str
    limit: float
    """The colours run from -limit to +limit."""
    unit: str
    overlay: bytes
    """PNG, transparent where there is nothing to say; hatched where the face was not measured."""
    figure: bytes
    """JPEG of the map on the grey photograph."""


@dataclass(frozen=True)
class Layers:
    """Every picture of the page, encoded."""

    frame: Frame
    before: bytes
    after: bytes
    after_matched: bytes
    before_original: bytes
    after_original: bytes
    maps: tuple[ChangeMap, ...]
    gains: tuple[float, float, float]
    """Red, green and blue of the after photograph were multiplied by these to match the before photograph."""


def drawn_layers(change: Change) -> Layers:
    """All pictures of a change. The maps are left out where the pair is refused."""
    frame = shown_frame(change, LONG_SIDE)
    gains = colour_gains(change)
    with ThreadPoolExecutor(4) as pool:  # resizing and encoding release the interpreter
        pictures = {
            "before": pool.submit(lambda: jpeg(shown(change.pair.before_linear, frame))),
            "after": pool.submit(lambda: jpeg(shown(change.pair.after_linear, frame))),
            "after_matched": pool.submit(lambda: jpeg(shown(change.pair.after_linear, frame, gains))),
            "before_original": pool.submit(
                lambda: jpeg(original(change.before, change.pair.before_map, frame))
            ),
            "after_original": pool.submit(lambda: jpeg(original(change.after, change.pair.after_map, frame))),
        }
        maps = [pool.submit(_change_map, change, key) for key in _mapped(change)]
        return Layers(
            frame=frame,
            maps=tuple(found.result() for found in maps),
            gains=gains,
            **{name: picture.result() for name, picture in pictures.items()},
        )


def shown_frame(change: Change, long_side: int) -> Frame:
    """The common grid at no more than `long_side` pixels; never enlarged."""
    rows, columns = change.pair.before_linear.shape[:2]
    share = min(1.0, long_side / max(rows, columns))
    width, height = max(1, round(columns * share)), max(1, round(rows * share))
    return Frame(width, height, change.pair.mm_per_pixel / share, share)


def shown(
    linear: NDArray[np.float32], frame: Frame, gains: tuple[float, float, float] = (1.0, 1.0, 1.0)
) -> Bytes:
    """Linear light (H, W, 3) as sRGB pixels (height, width, 3) of the frame; unknown pixels become grey."""
    small = _resized(linear, frame.width, frame.height)
    unknown = ~np.isfinite(small).all(axis=2)
    if gains != (1.0, 1.0, 1.0):
        small = small * np.asarray(gains, dtype=np.float32)
    steps = np.clip(np.nan_to_num(small) * 4095, 0, 4095).astype(np.uint16)
    picture: Bytes = _ENCODED[steps]
    picture[unknown] = OUTSIDE
    return picture


def _encoding_table() -> Bytes:
    light = np.arange(4096, dtype=np.float64) / 4095
    encoded = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(encoded * 255), dtype=np.uint8)


_ENCODED = _encoding_table()
"""sRGB of 12-bit linear light: for looking at, three times as fast as the power for every pixel."""


def colour_gains(change: Change) -> tuple[float, float, float]:
    """Factors on the linear red, green and blue of the after photograph that make its skin match the before.

    The ratio of the medians over valid skin; (1, 1, 1) where there is no valid skin. For looking only:
    nothing is measured on the matched picture.
    """
    step = 4  # a sixteenth of the skin gives the same median
    skin = change.pair.valid[::step, ::step]
    before = change.pair.before_linear[::step, ::step][skin]
    after = change.pair.after_linear[::step, ::step][skin]
    known = np.isfinite(before).all(axis=1) & np.isfinite(after).all(axis=1)
    if not known.any():
        return (1.0, 1.0, 1.0)
    ratio = np.median(before[known], axis=0) / np.maximum(np.median(after[known], axis=0), 1e-4)
    red, green, blue = (float(gain) for gain in np.clip(ratio, 0.2, 5.0))
    return (red, green, blue)


def original(photo: Photo, sampled_at: NDArray[np.float32], frame: Frame) -> Bytes:
    """The photograph as it was taken, moved and enlarged so that the face fills the frame; never turned.

    Parameters: `sampled_at` (H, W, 2), where each grid pixel lies in the photograph (row, column).
    """
    rows, columns = sampled_at.shape[:2]
    step = max(1, min(rows, columns) // 64)
    there = sampled_at[::step, ::step].reshape(-1, 2).astype(np.float64)
    here = np.stack(
        np.meshgrid(np.arange(0, rows, step), np.arange(0, columns, step), indexing="ij"), axis=2
    ).reshape(-1, 2)
    known = np.isfinite(there).all(axis=1)
    if known.sum() < 16:
        return _fitted(_eight_bit(photo), frame)
    design = np.column_stack([here[known], np.ones(int(known.sum()))])
    fit, *_ = np.linalg.lstsq(design, there[known], rcond=None)
    size = float(np.sqrt(abs(np.linalg.det(fit[:2])))) / frame.share  # photograph pixels per shown pixel
    centre = np.array([rows / 2, columns / 2, 1.0]) @ fit
    if not np.isfinite(size) or size < 1e-3:
        return _fitted(_eight_bit(photo), frame)
    return _cropped(_eight_bit(photo), (float(centre[0]), float(centre[1])), size, frame)


def _eight_bit(photo: Photo) -> Bytes:
    if photo.srgb.dtype == np.uint8:
        return photo.srgb  # type: ignore[return-value]
    return (photo.srgb >> 8).astype(np.uint8)


def _cropped(picture: Bytes, centre: tuple[float, float], size: float, frame: Frame) -> Bytes:
    shrunk = 1.0
    if size > 1.0:  # shrink by areas first, so that fine texture does not become a false pattern
        top, bottom = (
            int(np.clip(centre[0] + sign * (size * frame.height / 2 + 2), 0, picture.shape[0]))
            for sign in (-1, 1)
        )
        left, right = (
            int(np.clip(centre[1] + sign * (size * frame.width / 2 + 2), 0, picture.shape[1]))
            for sign in (-1, 1)
        )
        if bottom - top >= size and right - left >= size:
            part = picture[top:bottom, left:right]
            width, height = max(1, round(part.shape[1] / size)), max(1, round(part.shape[0] / size))
            shrunk = size
            centre = ((centre[0] - top) / size, (centre[1] - left) / size)
            picture = cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA)
    step = size / shrunk
    matrix = np.array(
        [[step, 0, centre[1] - step * frame.width / 2], [0, step, centre[0] - step * frame.height / 2]],
        dtype=np.float64,
    )
    moved = cv2.warpAffine(
        picture,
        matrix,
        (frame.width, frame.height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=OUTSIDE,
    )
    return np.asarray(moved, dtype=np.uint8)


def _fitted(picture: Bytes, frame: Frame) -> Bytes:
    rows, columns = picture.shape[:2]
    size = max(rows / frame.height, columns / frame.width)
    return _cropped(picture, (rows / 2, columns / 2), size, frame)


def _mapped(change: Change) -> list[str]:
    if not change.comparability.comparable:
        return []
    return [
        key for key in ("relief", "redness", "pigment") if np.isfinite(change.maps.get(key, np.nan)).any()
    ]


def _change_map(change: Change, key: str) -> ChangeMap:
    values = change.maps[key]
    frame = shown_frame(change, MAP_LONG_SIDE)
    small = _small_map(values, frame)
    limit = map_limit(values)
    position = np.clip(np.nan_to_num(small) / limit, -1, 1)
    face = _face_mask(change, frame)
    known = np.isfinite(small)
    overlay = _overlay(position, known, face)
    figure_frame = shown_frame(change, FIGURE_LONG_SIDE)
    figure = _figure(change, overlay, figure_frame)
    return ChangeMap(key, limit, change.map_units.get(key, ""), _png(overlay), jpeg(figure, 86))


def _small_map(values: NDArray[np.float32], frame: Frame) -> NDArray[np.float32]:
    """Means over the known pixels of each area; NaN where fewer than half are known."""
    known = np.isfinite(values)
    share = _resized(known.astype(np.float32), frame.width, frame.height)
    total = _resized(np.where(known, values, np.float32(0)), frame.width, frame.height)
    return np.where(share >= 0.5, total / np.maximum(share, 1e-6), np.nan).astype(np.float32)


def map_limit(values: NDArray[np.float32]) -> float:
    """The end of the colour scale: 98 of 100 known pixels stay within; 1, 2 or 5 times a power of ten."""
    known = np.abs(values[::3, ::3][np.isfinite(values[::3, ::3])])
    reach = float(np.percentile(known, 98)) if known.size else 0.0
    if reach <= 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(reach))
    return float(next(step * power for step in (1, 2, 5, 10) if step * power >= reach * 0.999))


def diverging_colours(steps: int = 201) -> Bytes:
    """From less (blue) over nothing (near white) to more (orange), uint8 (steps, 3); `steps` is odd."""
    stops = np.array([_LESS, _LITTLE_LESS, _MIDDLE, _LITTLE_MORE, _MORE], dtype=np.float64)
    at = np.linspace(0, len(stops) - 1, steps)
    return np.stack(
        [np.rint(np.interp(at, np.arange(len(stops)), stops[:, c])) for c in range(3)], axis=1
    ).astype(np.uint8)


def _overlay(position: NDArray[np.float32], known: Mask, face: Mask) -> Image.Image:
    """A palette picture: 0 clear, 1 and 2 hatching, from 3 on colours, more opaque for more change."""
    colours = diverging_colours()
    steps = len(colours)
    row, column = np.indices(known.shape, dtype=np.int32)
    period = max(6, known.shape[0] // 100)
    hatch = np.where((row + column) % period < period // 3, 2, 1)
    index = np.where(
        known, 3 + np.rint((position + 1) / 2 * (steps - 1)).astype(np.int32), np.where(face, hatch, 0)
    )
    palette = np.concatenate([[OUTSIDE], [_HATCH_LIGHT], [_HATCH_DARK], colours]).astype(np.uint8)
    strength = np.abs(np.linspace(-1, 1, steps))
    alpha = np.concatenate([[0, 70, 150], np.rint(255 * (0.55 + 0.4 * strength))]).astype(np.uint8)
    picture = Image.fromarray(index.astype(np.uint8))
    picture.putpalette(palette.tobytes())
    picture.info["transparency"] = alpha.tobytes()
    return picture


def _figure(change: Change, overlay: Image.Image, frame: Frame) -> Bytes:
    photograph = shown(change.pair.before_linear, frame)
    grey = cv2.cvtColor(photograph, cv2.COLOR_RGB2GRAY)
    base = np.repeat((grey * 0.72 + 60).clip(0, 255).astype(np.uint8)[:, :, None], 3, axis=2)
    colour = np.asarray(
        overlay.convert("RGBA").resize((frame.width, frame.height), Image.Resampling.BILINEAR)
    )
    alpha = colour[:, :, 3:].astype(np.float32) / 255
    return np.asarray(base * (1 - alpha) + colour[:, :, :3] * alpha, dtype=np.uint8)


def _face_mask(change: Change, frame: Frame) -> Mask:
    points = change.pair.landmarks[:, ::-1] * frame.share
    mask = np.zeros((frame.height, frame.width), np.uint8)
    if np.isfinite(points).all():
        cv2.fillConvexPoly(mask, cv2.convexHull(points.astype(np.int32)), 1)
    return mask.astype(bool)


def outline_path(mask: Mask, frame: Frame) -> str:
    """The outline of a mask on the grid as an SVG path in pixels of the frame; "" when the mask is empty."""
    rows, columns = mask.shape
    short = min(1.0, 500 / max(rows, columns))  # an outline needs no more, and this keeps the page small
    small = cv2.resize(
        mask.astype(np.uint8),
        (max(1, round(columns * short)), max(1, round(rows * short))),
        interpolation=cv2.INTER_AREA,
    )
    contours, _ = cv2.findContours(small, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    scale = frame.share / short
    parts = []
    for contour in contours:
        if cv2.contourArea(contour) < 12:
            continue
        points = cv2.approxPolyDP(contour, 0.7, closed=True)[:, 0, :].astype(np.float64)
        parts.append(_path((points + 0.5) * scale))
    return "".join(parts)


def scar_path(outlines: list[NDArray[np.float32]], frame: Frame) -> str:
    """Outlines of scars, each (n, 2) as (row, column) on the grid, as one SVG path in pixels of the frame."""
    return "".join(
        _path(outline[:, ::-1] * frame.share)
        for outline in outlines
        if len(outline) > 2 and np.isfinite(outline).all()
    )


def _path(points: NDArray[np.floating]) -> str:
    return "M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in points) + "Z"


def _resized(values: NDArray[np.float32], width: int, height: int) -> NDArray[np.float32]:
    if values.shape[:2] == (height, width):
        return values
    return np.asarray(cv2.resize(values, (width, height), interpolation=cv2.INTER_AREA), dtype=np.float32)


def jpeg(picture: Bytes, quality: int = JPEG_QUALITY) -> bytes:
    """Encoded without thinning the colours (4:4:4): redness is a matter of colour; coarser if too large.

    A grainy photograph can need four times the bytes of a clean one; MOST_BYTES keeps the page below 6 MB.
    """
    image = Image.fromarray(picture)
    for coarser in (0, 8, 18, 32, 50):
        content = _encoded(image, "JPEG", quality=quality - coarser, subsampling=0)
        if len(content) <= MOST_BYTES:
            break
    return content


def _png(picture: Image.Image) -> bytes:
    return _encoded(picture, "PNG", transparency=picture.info["transparency"], compress_level=6)


def _encoded(picture: Image.Image, kind: str, **settings: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **settings)
    return file.getvalue()


def data_uri(content: bytes, kind: Literal["jpeg", "png"]) -> str:
    """A picture as part of a page."""
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"
