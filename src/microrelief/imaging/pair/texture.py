"""Fine texture of clear skin and of the face's features in both photographs: the witness for focus, noise and
filters.

Skin without scars does not change between two photographs, so a change of its finest contrast is the
camera's: defocus, noise, denoising, a tone curve, a filter. Brows, lashes and lips are not skin: a beauty
filter spares them, defocus does not. Medians of local energy are used, so that scars (a few per cent of the
skin) do not weigh in.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from microrelief.imaging.arrays import Floats, Mask, band, grown, smooth
from microrelief.imaging.face.zones import (
    LEFT_BROW,
    LEFT_EYE,
    LIPS,
    RIGHT_BROW,
    RIGHT_EYE,
    pixels_per_mm,
    polygon,
)

BANDS_PX = ((0.6, 1.2), (1.2, 2.4), (2.4, 4.8))
"""Gaussian standard deviations that bound each band, grid pixels, finest first."""
GRAIN_PX = 0.7
LEAST_DEFOCUS = 0.04
"""Natural log of contrast; well-taken photographs of one face differ by as much."""
MOST_BLUR_PX = 2.5
CLOSE_UP_PIXEL_MM = 0.1
"""On close-ups the bands are those of a grid no finer than this: what lies below is lost by a breath of
defocus and says nothing of scars."""


@dataclass(frozen=True)
class TextureDifference:
    """Natural logs of after / before, per band of BANDS_PX."""

    skin: tuple[float, ...]
    """Contrast of clear skin."""
    features: tuple[float, ...]
    """Contrast of brows, lashes and lips."""
    coherence: tuple[float, ...]
    """Correlation of the two photographs' clear skin, 0 to 1: low where noise or a filter has replaced the
    texture."""
    level: tuple[float, ...]
    """Contrast of clear skin, mean of both photographs, natural-log units of light."""
    noise: float
    """Of the finest grain, which is the sensor's and the file's."""
    defocus: float = 0.0
    """Finest contrast that skin and features lost alike: below 0 the after is less sharp."""
    defocus_px: float = 0.0
    """Standard deviation of the blur that makes the sharper photograph equal to the other."""


def compare_texture(
    before: Floats,
    after: Floats,
    valid: Mask,
    landmarks: NDArray[np.float64] | None,
    mm_per_pixel: float | None = None,
) -> TextureDifference:
    """Compare the fine texture of two aligned log-light images (H, W) on the skin in `valid`.

    Close-ups have no landmarks: without brows and lips nothing is said of features, and the bands are kept
    to CLOSE_UP_PIXEL_MM by the grid's `mm_per_pixel`.
    """
    unit = 1.0
    feature = np.zeros(valid.shape, bool)
    if landmarks is not None:
        scale = pixels_per_mm(landmarks)
        for ids in (RIGHT_BROW, LEFT_BROW, RIGHT_EYE, LEFT_EYE, LIPS):
            feature |= polygon(valid.shape, landmarks, ids, 1.0 * scale)
        feature &= ~grown(valid, 1)
    elif mm_per_pixel is not None:
        unit = max(1.0, CLOSE_UP_PIXEL_MM / mm_per_pixel)
    everywhere = np.ones(valid.shape, bool)
    skin, features, coherence, level = [], [], [], []
    inner = valid[::2, ::2]
    for fine, coarse in BANDS_PX:
        b, a = (band(image, everywhere, fine * unit, coarse * unit) for image in (before, after))
        energies = [smooth(x * y, 4.0 * unit)[::2, ::2] for x, y in ((b, b), (a, a), (b, a))]
        bb, aa, ba = (float(np.median(energy[inner])) if inner.any() else 1e-9 for energy in energies)
        bb, aa = max(bb, 1e-12), max(aa, 1e-12)
        skin.append(0.5 * float(np.log(aa / bb)))
        coherence.append(float(np.clip(ba / np.sqrt(aa * bb), 0, 1)))
        level.append(float((aa * bb) ** 0.25))
        if feature.sum() > 200:
            features.append(
                0.5
                * float(np.log(max((a[feature] ** 2).mean(), 1e-12) / max((b[feature] ** 2).mean(), 1e-12)))
            )
        else:
            features.append(0.0)
    # defocus and shake take fine contrast from skin and features alike; filters, files, moving faces do not
    alike = skin[0] * features[0] > 0 and min(abs(skin[0]), abs(features[0])) > LEAST_DEFOCUS
    defocus = min(skin[0], features[0], key=abs) if alike else 0.0
    sharper = before if defocus < 0 else after
    return TextureDifference(
        tuple(skin), tuple(features), tuple(coherence), tuple(level),
        grain(before, after, valid, GRAIN_PX * unit), defocus,
        _blur_that_takes(abs(defocus), sharper, feature) if alike else 0.0,
    )  # fmt: skip


def equally_sharp(before: Floats, after: Floats, texture: TextureDifference) -> tuple[Floats, Floats]:
    """Both layers (H, W), the sharper one blurred until it is as sharp as the other."""
    if texture.defocus_px <= 0:
        return before, after
    if texture.defocus < 0:
        return smooth(before, texture.defocus_px), after
    return before, smooth(after, texture.defocus_px)


def _blur_that_takes(log_contrast: float, image: Floats, feature: Mask) -> float:
    """The Gaussian blur, in pixels, that takes `log_contrast` from the finest band of the features."""
    rows, columns = np.nonzero(feature)
    margin = 8
    box = np.s_[
        max(rows.min() - margin, 0) : rows.max() + margin,
        max(columns.min() - margin, 0) : columns.max() + margin,
    ]
    image, feature = image[box], feature[box]
    everywhere = np.ones(feature.shape, bool)

    def contrast(sigma_px: float) -> float:
        blurred = smooth(image, sigma_px) if sigma_px > 0 else image
        return 0.5 * float(np.log(max((band(blurred, everywhere, *BANDS_PX[0])[feature] ** 2).mean(), 1e-12)))

    whole = contrast(0.0)
    low, high = 0.0, MOST_BLUR_PX
    for _ in range(6):
        middle = (low + high) / 2
        low, high = (middle, high) if whole - contrast(middle) < log_contrast else (low, middle)
    return (low + high) / 2


def grain(before: Floats, after: Floats, valid: Mask, grain_px: float = GRAIN_PX) -> float:
    """Log ratio of what a narrow blur takes away: nearly all of it is noise."""
    if not valid.any():
        return 0.0
    strength = [
        float(np.median(np.abs((image - smooth(image, grain_px))[valid]))) for image in (before, after)
    ]
    return float(np.log(max(strength[1], 1e-5) / max(strength[0], 1e-5)))
