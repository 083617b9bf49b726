"""An opened picture becomes its capture facts. Places, names, serial numbers and maker notes are never read.

Only the tags named here are read (CIPA DC-008, Exif 3.0). Whatever is wrong with one of them costs that
fact, not the photograph.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from microrelief.imaging.photo.photo import CaptureFacts

MAKE, MODEL, SOFTWARE = 0x010F, 0x0110, 0x0131
EXPOSURE_TIME, F_NUMBER, ISO = 0x829A, 0x829D, 0x8827
DATE_TIME_ORIGINAL, FLASH, FOCAL_LENGTH = 0x9003, 0x9209, 0x920A
DIGITAL_ZOOM, FOCAL_LENGTH_35MM, LENS_MODEL = 0xA404, 0xA405, 0xA434

LONGEST_TEXT = 100
"""Longer strings are cut: no camera's name is longer, and the report prints them."""

Tags = Mapping[int, Any]

# ITU-T T.81 (1992), Table K.1: luminance quantisation at quality 50 of the IJG scale, in rows.
LUMINANCE_AT_50 = (
    *(16, 11, 10, 16, 24, 40, 51, 61),
    *(12, 12, 14, 19, 26, 58, 60, 55),
    *(14, 13, 16, 24, 40, 57, 69, 56),
    *(14, 17, 22, 29, 51, 87, 80, 62),
    *(18, 22, 37, 56, 68, 109, 103, 77),
    *(24, 35, 55, 64, 81, 104, 113, 92),
    *(49, 64, 78, 87, 103, 121, 120, 101),
    *(72, 92, 95, 98, 112, 100, 103, 99),
)


def capture_facts(image_tags: Tags, exposure_tags: Tags, **known: Any) -> CaptureFacts:
    """What the file says of how it was taken.

    Parameters: the tags of the picture itself (IFD 0) and of its Exif block, by number; `known` are facts
    that do not come from tags (`file_format`, `bits`, `colour_profile`, `jpeg_quality`).
    Returns facts, each empty where its tag is missing or makes no sense. Never raises for a bad tag.

    >>> capture_facts({MAKE: "Canon"}, {EXPOSURE_TIME: 0.008, F_NUMBER: float("nan")}).exposure_seconds
    0.008
    """
    facts = dict(known)
    for name, tags, tag, reading in (
        ("make", image_tags, MAKE, text),
        ("model", image_tags, MODEL, text),
        ("software", image_tags, SOFTWARE, text),
        ("lens", exposure_tags, LENS_MODEL, text),
        ("taken_at", exposure_tags, DATE_TIME_ORIGINAL, camera_time),
        ("exposure_seconds", exposure_tags, EXPOSURE_TIME, positive),
        ("f_number", exposure_tags, F_NUMBER, positive),
        ("iso", exposure_tags, ISO, sensitivity),
        ("flash_fired", exposure_tags, FLASH, flash_fired),
        ("focal_length_mm", exposure_tags, FOCAL_LENGTH, positive),
        ("focal_length_35mm", exposure_tags, FOCAL_LENGTH_35MM, positive),
        ("digital_zoom", exposure_tags, DIGITAL_ZOOM, positive),
    ):
        value = attempt(reading, tags, tag)
        if value is not None:
            facts[name] = value
    return CaptureFacts(**facts)


def attempt(reading: Callable[[Any], Any], tags: Tags, tag: int) -> Any:
    """A tag's value, or None. Looking a tag up can itself fail, since Pillow decodes it only then."""
    with suppress(Exception):
        value = tags.get(tag)
        if value is not None:
            return reading(value)
    return None


def text(value: Any) -> str:
    """Printable text on one line."""
    words = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    words = words.split("\0")[0]
    return "".join(c for c in words if c.isprintable() and c != "\N{REPLACEMENT CHARACTER}").strip()[
        :LONGEST_TEXT
    ]


def camera_time(value: Any) -> str | None:
    """ISO 8601 without a zone; a clock that was never set (0000:00:00) counts as nothing."""
    return datetime.strptime(text(value)[:19], "%Y:%m:%d %H:%M:%S").isoformat()


def positive(value: Any) -> float | None:
    """A finite number above zero; Exif writes 0 for "unknown" and n/0 for "infinite"."""
    number = float(value)
    return number if math.isfinite(number) and number > 0 else None


def sensitivity(value: Any) -> int | None:
    """ISO speed; some cameras write several, the first is the one used."""
    speed = int(value[0] if isinstance(value, tuple) else value)
    return speed if speed > 0 else None


def flash_fired(value: Any) -> bool:
    """Bit 0 of the flash tag."""
    return bool(int(value) & 1)


def jpeg_quality(luminance_table: list[int]) -> int:
    """The quality, 1 to 100, whose standard table lies nearest to this one.

    Parameters: 64 quantisation steps of luminance, in rows. Cameras have tables of their own, so for them
    it is an estimate on the scale of the Independent JPEG Group's encoder (its `jpeg_quality_scaling`); for
    files written by that encoder it is exact.

    >>> jpeg_quality(list(LUMINANCE_AT_50))
    50
    """

    def distance(quality: int) -> int:
        percent = 5000 // quality if quality < 50 else 200 - 2 * quality
        table = (min(max((step * percent + 50) // 100, 1), 255) for step in LUMINANCE_AT_50)
        return sum(abs(ours - theirs) for ours, theirs in zip(table, luminance_table, strict=True))

    return min(range(100, 0, -1), key=distance)
