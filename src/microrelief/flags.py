"""Reasons to distrust a number: one table of name, short form and sentence.

A flag travels with the number it is about, into the result file and onto the page. A new one is one line
here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Flag:
    """One reason to distrust a number."""

    name: str
    """As it stands in the result file, for example "few_scars"."""
    short: str
    """Two or three words, for a table."""
    sentence: str
    """What it means for the reader, in plain words."""


_TABLE = (
    Flag(
        "few_scars",
        "few scars",
        "Only a few scars could be followed, so one scar weighs heavily in the number.",
    ),
    Flag(
        "no_scars",
        "no scars",
        "Too few scars stand out of the skin's texture in these photographs to measure their depth.",
    ),
    Flag(
        "colour_hides_relief",
        "colour hides relief",
        "The scars stand out by their colour more than by light and shade, so their depth is read with a "
        "wide interval; light that grazes the skin more would narrow it.",
    ),
    Flag(
        "scars_not_repeated",
        "scars look different",
        "The scars of one photograph differ from those of the other in a way that healing does not explain: "
        "moved light, faded colour, or an imperfect match; the interval is wider for it.",
    ),
    Flag(
        "no_marks",
        "no marks",
        "No scar differs in colour from the skin around it, so there is no excess whose change could be "
        "measured.",
    ),
    Flag(
        "coarse_resolution",
        "coarse pixels",
        "The pixels are large compared with a small scar; fine scars are not seen.",
    ),
    Flag(
        "expression_differs",
        "expression differs",
        "The face moves skin differently in the two photographs; folds can look like relief.",
    ),
    Flag(
        "light_differs",
        "light differs",
        "The light came from another side or was harder or softer; shadows in scars change with it.",
    ),
    Flag(
        "flat_light",
        "flat light",
        "The light is so even that scars throw almost no shadow; relief is hard to see.",
    ),
    Flag(
        "sharpness_matched",
        "sharpness matched",
        "One photograph was sharper; the sharper one was softened to match before measuring.",
    ),
    Flag(
        "tone_matched",
        "tones matched",
        "The two files were brightened or darkened differently; their tone curves were matched first.",
    ),
    Flag(
        "white_balance_differs",
        "white balance differs",
        "The colours of the light or of the camera differ; redness and pigment carry a wider interval.",
    ),
    Flag(
        "different_processing",
        "processed differently",
        "The two files went through different processing, for example another phone, app or export.",
    ),
    Flag(
        "retouching_suspected",
        "possible retouching",
        "Fine skin texture is missing as it is after a beauty filter or retouching.",
    ),
    Flag(
        "clipped",
        "burnt out or black",
        "Part of the skin is burnt out or fully black; nothing can be read there.",
    ),
    Flag("beard", "beard", "Hair covers part of the skin; the covered skin was left out."),
    Flag(
        "partly_hidden",
        "partly hidden",
        "Part of this zone is hidden or turned away in one photograph; only the rest was measured.",
    ),
    Flag("small_zone", "small zone", "Only a small patch of skin could be used in this zone."),
    Flag(
        "registration_weak",
        "alignment weak",
        "The two photographs could not be laid on each other exactly here.",
    ),
    Flag(
        "closed_eyes_scale",
        "scale from eye corners",
        "The eyes are closed, so millimetres come from the eye corners and are less certain.",
    ),
    Flag(
        "dark_skin_redness",
        "redness harder to see",
        "Pigment covers redness in darker skin, so the interval of redness is wider.",
    ),
    Flag(
        "no_capture_date",
        "no date in the file",
        "The file does not say when it was taken; the order before and after is as you gave it.",
    ),
)

FLAGS: Mapping[str, Flag] = MappingProxyType({flag.name: flag for flag in _TABLE})
"""Every known flag by its name."""


def flag(name: str) -> Flag:
    """The flag of that name; one that is missing from the table is shown by its bare name rather than hidden.

    >>> flag("few_scars").short
    'few scars'
    """
    words = name.replace("_", " ")
    return FLAGS.get(name, Flag(name, words, f"Marked as doubtful: {words}."))
