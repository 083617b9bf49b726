"""An AlignedPair becomes a Change: relief, redness and pigment, over the face and per zone, with maps."""

import math

import numpy as np

from microrelief.imaging.arrays import Floats, Mask, brightest, smooth, smooth_within
from microrelief.imaging.change.marks import Marks, find_marks, read_marks
from microrelief.imaging.change.outcome import Change, Outcome
from microrelief.imaging.change.relief import (
    FEWEST_SCARS,
    contrast_gain,
    read_relief,
)
from microrelief.imaging.change.scars import NOT_SCARRED, Scars, find_scars
from microrelief.imaging.change.uncertain import not_comparable, outcome_of
from microrelief.imaging.light.relative import LightDifference
from microrelief.imaging.pair.alignment import AlignedPair
from microrelief.imaging.pair.comparability import CheckVerdict, Comparability
from microrelief.imaging.pair.texture import TextureDifference, equally_sharp, grain
from microrelief.imaging.skin.separate import SkinLayers
from microrelief.version import __version__

CHECK_FLAGS = {
    "expression": "expression_differs",
    "light direction": "light_differs",
    "light evenness": "light_differs",
    "light hardness": "light_differs",
    "clipping": "clipped",
    "white balance": "white_balance_differs",
    "tone curve": "tone_matched",
    "sharpness": "sharpness_matched",
    "noise and processing": "different_processing",
    "retouching": "retouching_suspected",
    "resolution": "coarse_resolution",
    "registration": "registration_weak",
    "skin in view": "partly_hidden",
    "light stated": "light_not_known",
    "texture found again": "focus_not_known",
    "beard": "beard",
}
DOUBT_PER_CAUTION = {"relief": 0.03, "redness": 0.12, "pigment": 0.12}
"""Deviation added for a check just beyond its caution limit, times 0.4; for one at the edge of refusal,
times 1.4. Colour gets more: it is a small difference between channels."""
CLOSE_UP_DOUBT = 0.06
"""Deviation added to a close-up's relief: the doubts were set on whole faces, and its pits are fewer and
larger."""
DEFOCUS_DOUBT = 0.3
"""Share of the finest contrast lost to defocus that is doubted after the two are made equally sharp."""
COARSE_DOUBT = 0.28
"""Deviation added at the coarsest resolution that is not refused: one person's phone photographs from 60
and 45 cm, 0.42 mm per pixel, read 44 % deeper scars where nothing had changed."""
CLIPPED_DOUBT = 0.1
"""Deviation added to relief where so much skin is burnt out or black that the pair is just not refused: the
scars that are left are few, near the curve's end and in hard shadow (docs/methods/relief.md)."""
RETOUCHED_DOUBT = 1.2
"""Share of what skin seems to have been smoothed by that is taken as doubt of relief: a filter that takes a
fifth of the finest texture may take a third of the scars (docs/methods/relief.md)."""
LIGHT_NOT_KNOWN_DOUBT = 0.15
"""Deviation added to the relief of a close-up whose light no one stated to be the same
(docs/methods/close-up.md)."""
SHADE_IN_COLOUR = 0.35
"""Share of a close-up's log change of relief that is taken as doubt of its redness and pigment. Light wanders
inside skin, red light furthest, so the shade in a pit is not grey and goes when the pit fills: patches whose
colour had not changed read up to -20 % of redness and -38 % of pigment at half the depth."""
EXCESS_DOUBT = 0.0075
"""Deviation of the difference between the mean excesses of a close-up's marks, log units: of two unchanged
patches whose marks were hardly coloured, redness moved by 0.013 and pigment by 0.014."""
CODED_COLOUR_DOUBT = 0.014
"""The same that a JPEG file of quality 50 adds, less in proportion to the steps its colour is rounded to:
the same ten photographs saved at quality 75 moved by 0.0076 (root mean square), all marks together
(docs/methods/redness.md)."""
CODED_LIKE = 85
"""Quality that is taken for a file that is coded with loss and does not say how coarsely."""
UNCODED = ("", "PNG", "TIFF")
"""Formats, and pixels that come from no file, whose colour is not rounded."""
FEW_SCARS = 8
MOSTLY_REPEATED, MOSTLY_RELIEF = 0.08, 0.35
"""Flags are set when more of the scars' contrast is not repeated, and when less of it heals as one."""
SMALL_ZONE_CM2 = 2.0
LEAST_ZONE_SHARE = 0.35
"""A zone with less of its skin measurable gets no number."""
DARK_LEVEL = 0.12
"""Median linear light of skin below which haemoglobin is hard to tell from melanin and noise."""
DARK_DOUBT = 0.08


def measure(
    pair: AlignedPair,
    layers: tuple[SkinLayers, SkinLayers],
    light: LightDifference,
    texture: TextureDifference,
    comparability: Comparability,
    seconds: dict[str, float],
) -> Change:
    """Measure the three quantities; those that the audit takes away come back as "not comparable", without
    numbers."""
    before, after = layers
    readable = np.logical_or.reduce(
        [mask for name, mask in pair.whole_zones.items() if name not in NOT_SCARRED]
    )
    reliefs = equally_sharp(
        before.relief(pair.valid, pair.mm_per_pixel), after.relief(pair.valid, pair.mm_per_pixel), texture
    )
    scars = find_scars(*reliefs, pair.valid, pair.mm_per_pixel, readable)
    noise = grain(*reliefs, pair.valid) if texture.defocus_px else texture.noise
    gain = contrast_gain(scars, noise)
    flags = _flags(pair, comparability)
    doubt = _doubt(comparability)
    doubt["relief"] = math.hypot(doubt["relief"], DEFOCUS_DOUBT * texture.defocus)
    if pair.close_up:
        doubt["relief"] = math.hypot(doubt["relief"], CLOSE_UP_DOUBT)
    level = _skin_level(pair)
    marked = {
        "redness": find_marks(
            before.haemoglobin, after.haemoglobin, scars.marked, pair.valid, pair.mm_per_pixel
        ),
        "pigment": find_marks(before.melanin, after.melanin, scars.marked, pair.valid, pair.mm_per_pixel),
    }

    def outcomes(within: Mask | None, extra_flags: tuple[str, ...]) -> dict[str, Outcome]:
        found = {
            "relief": _relief(
                pair,
                scars,
                within,
                gain,
                light,
                doubt["relief"],
                flags["relief"] if within is None else extra_flags,
                comparability,
            )
        }
        for name, marks in marked.items():
            found[name] = _marks(
                pair,
                marks,
                name,
                within,
                gain,
                level,
                math.hypot(doubt[name], _shade_in_colour(pair, found["relief"])),
                flags[name] if within is None else extra_flags,
                comparability,
            )
        return found

    whole = outcomes(None, ())
    zones = {name: outcomes(mask, _zone_flags(pair, name)) for name, mask in pair.zones.items()}
    for name in pair.zones:
        if pair.zones[name].sum() < LEAST_ZONE_SHARE * pair.zone_areas_px[name]:
            zones[name] = {
                key: not_comparable((*zones[name][key].flags, "partly_hidden")) for key in zones[name]
            }
    return Change(
        before=pair.before.photo,
        after=pair.after.photo,
        comparability=comparability,
        relief=whole["relief"],
        redness=whole["redness"],
        pigment=whole["pigment"],
        zones=zones,
        pair=pair,
        maps=_maps(pair, scars, marked, gain[0]),
        map_units={
            "relief": "change of local relief contrast, log ratio",
            "redness": "change of haemoglobin over clear skin, log units",
            "pigment": "change of melanin over clear skin, log units",
        },
        scar_outlines=scars.outlines(),
        version=__version__,
        seconds=seconds,
    )


def _relief(
    pair: AlignedPair,
    scars: Scars,
    within: Mask | None,
    gain: tuple[float, float],
    light: LightDifference,
    doubt: float,
    flags: tuple[str, ...],
    comparability: Comparability,
) -> Outcome:
    if comparability.refused("relief"):
        return not_comparable(flags)
    reading = read_relief(scars, within, gain, light, doubt)
    if reading is None:
        return not_comparable(
            (*flags, "no_scars"), f"fewer than {FEWEST_SCARS} scars stand out of the skin's texture"
        )
    if reading.scars < FEW_SCARS:
        flags = (*flags, "few_scars")
    if reading.unrepeated > MOSTLY_REPEATED:
        flags = (*flags, "scars_not_repeated")
    if reading.share < MOSTLY_RELIEF:
        flags = (*flags, "colour_hides_relief")
    area = (
        float((scars.usable if within is None else scars.usable & within).sum())
        * (pair.mm_per_pixel / 10) ** 2
    )
    return outcome_of(reading.estimate, flags, f"{reading.scars} scars, {area:.0f} cm² of skin")


def _marks(
    pair: AlignedPair,
    marks: Marks,
    name: str,
    within: Mask | None,
    gain: tuple[float, float],
    level: float,
    doubt: float,
    flags: tuple[str, ...],
    comparability: Comparability,
) -> Outcome:
    if comparability.refused(name):
        return not_comparable(flags)
    if name == "redness" and level < DARK_LEVEL:
        doubt = math.hypot(doubt, DARK_DOUBT)
        flags = (*flags, "dark_skin_redness")
    # a tone curve that flattens shading flattens colour too
    faint = math.hypot(_coded_colour(pair), EXCESS_DOUBT if pair.close_up else 0.0)
    found = read_marks(marks, within, math.hypot(doubt, *gain), flags, pair.mm_per_pixel, faint)
    return found or not_comparable(
        (*flags, "no_marks"), "no scar or mark differs in colour from the skin around it"
    )


def _skin_level(pair: AlignedPair) -> float:
    """Median linear light of the brightest channel of skin, mean of both photographs."""
    both = pair.before_linear[pair.valid] + pair.after_linear[pair.valid]
    return float(np.median(brightest(both) / 2)) if len(both) else 0.0


def _coded_colour(pair: AlignedPair) -> float:
    """Doubt of the difference of the marks' mean excesses by what both files rounded colour to.

    The steps of a JPEG file are those of quality 50 times (100 - quality) / 50 (IJG's scale, 50 and above).
    """
    steps = [
        0.0 if facts.file_format in UNCODED else (100 - (facts.jpeg_quality or CODED_LIKE)) / 50
        for facts in (pair.before.photo.facts, pair.after.photo.facts)
    ]
    return CODED_COLOUR_DOUBT * math.hypot(*steps)


def _shade_in_colour(pair: AlignedPair, relief: Outcome) -> float:
    """Doubt of a close-up's colour, whose pits are resolved, from what their depth did."""
    if not pair.close_up or relief.change_percent is None:
        return 0.0
    return SHADE_IN_COLOUR * abs(math.log1p(relief.change_percent / 100))


def _doubt(comparability: Comparability) -> dict[str, float]:
    """What the cautions add to the deviation of each measure."""
    doubts = {"relief": 0.0, "redness": 0.0, "pigment": 0.0}
    for check in comparability.checks:
        if check.verdict is not CheckVerdict.CAUTION or check.name == "beard":
            continue
        beyond = (abs(check.value) - check.caution) / max(abs(check.limit) - check.caution, 1e-6)
        usual = {name: DOUBT_PER_CAUTION[name] * (0.4 + min(beyond, 1.0)) for name in check.affects}
        own = {
            "resolution": dict.fromkeys(doubts, COARSE_DOUBT * beyond),
            "clipping": {"relief": CLIPPED_DOUBT * beyond},
            "retouching": usual | {"relief": RETOUCHED_DOUBT * abs(check.value)},
            "light stated": {"relief": LIGHT_NOT_KNOWN_DOUBT},
        }
        added = own.get(check.name, usual)
        for name, doubt in added.items():
            doubts[name] = math.hypot(doubts[name], doubt)
    return doubts


def _flags(pair: AlignedPair, comparability: Comparability) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {"relief": [], "redness": [], "pigment": []}
    for check in comparability.checks:
        flag = CHECK_FLAGS.get(check.name)
        if flag and check.verdict is not CheckVerdict.OK:
            for name in check.affects:
                if flag not in found[name]:
                    found[name].append(flag)
    if "eye corners" in (pair.before.scale.source, pair.after.scale.source):
        found["relief"].append("closed_eyes_scale")
    if not (pair.before.photo.facts.taken_at and pair.after.photo.facts.taken_at):
        for flags in found.values():
            flags.append("no_capture_date")
    return {name: tuple(flags) for name, flags in found.items()}


def _zone_flags(pair: AlignedPair, name: str) -> tuple[str, ...]:
    area = float(pair.zones[name].sum()) * (pair.mm_per_pixel / 10) ** 2
    return ("small_zone",) if area < SMALL_ZONE_CM2 else ()


def _maps(pair: AlignedPair, scars: Scars, marked: dict[str, Marks], gain: float) -> dict[str, Floats]:
    """Maps (H, W), after minus before, NaN where not measurable; relief as the local log ratio of
    contrast."""
    wide = 1.6 / pair.mm_per_pixel
    energy = [smooth_within(image**2, scars.usable, wide) for image in (scars.before, scars.after)]
    floor = (
        float(np.median(energy[0][scars.usable]) + np.median(energy[1][scars.usable])) / 2
        if scars.usable.any()
        else 1e-6
    )
    # the floor keeps smooth skin near zero: only where there is relief can relief change
    relief = 0.5 * np.log((energy[1] / np.exp(2 * gain) + floor) / (energy[0] + floor))
    maps = {"relief": relief}
    for name, marks in marked.items():
        maps[name] = smooth(marks.after - marks.before, 0.5 / pair.mm_per_pixel)
    return {name: np.where(scars.usable, values, np.nan).astype(np.float32) for name, values in maps.items()}
