"""Goodman and Baron's quantitative score of post-acne scars, in our words: counts of lesions become 0 to 84
points.

    points = sum over lesion types of (weight of its group) x (1 for 1-10, 2 for 11-20, 3 for more than 20
    lesions)
             + 6, 12 or 18 for keloidal or hypertrophic scars of less than 5, 5 to 20, more than 20 square
             centimetres

The wording of the paper was recalled, not read; its maximum agrees: 2x3 + 3x6 + 4x9 + 6 + 18 = 84.
"""

from collections.abc import Mapping
from typing import Any

from microrelief.pathway.instruments.score import Item, Score, read_answers

NAME = "goodman_baron_quantitative"
SOURCE = "gb-quantitative"
MOST = 84
RATER_SPREAD = 4  # points; gb-quantitative: 19 of 21 photographs agreed within it
WEIGHTS = {
    "macular_red_or_pigmented": 1,
    "mildly_atrophic_dish": 1,
    "moderately_atrophic_dish": 2,
    "punched_out_shallow_small": 2,
    "shallow_broad_atrophic": 2,
    "punched_out_deep_normal_base_small": 3,
    "punched_out_deep_abnormal_base_small": 3,
    "linear_or_troughed": 3,
    "deep_broad_atrophic": 3,
    "raised_papular": 2,
}
_ASKS = {
    "macular_red_or_pigmented": "How many flat red or dark marks?",
    "mildly_atrophic_dish": "How many slightly sunken, dish-shaped scars?",
    "moderately_atrophic_dish": "How many clearly sunken, dish-shaped scars?",
    "punched_out_shallow_small": "How many punched-out scars under 5 mm with a shallow base?",
    "shallow_broad_atrophic": "How many broad, shallow sunken areas?",
    "punched_out_deep_normal_base_small": "How many deep punched-out scars under 5 mm with normal "
    "skin at the base?",
    "punched_out_deep_abnormal_base_small": "How many deep punched-out scars under 5 mm with "
    "scarred skin at the base?",
    "linear_or_troughed": "How many line- or trough-shaped scars?",
    "deep_broad_atrophic": "How many broad, deep sunken areas?",
    "raised_papular": "How many raised, papular scars?",
}
ITEMS = (
    *(Item(name, _ASKS[name], 0, 1000) for name in WEIGHTS),
    Item(
        "keloidal_area_cm2",
        "How many square centimetres of keloidal or hypertrophic scar?",
        0,
        1000,
        whole=False,
    ),
)


def score(given: Mapping[str, Any]) -> Score:
    """Score lesion counts. Raises FactsError when an item is missing (0 is an answer) or impossible."""
    told = read_answers(NAME, ITEMS, given)
    parts = {name: weight * count_points(told[name]) for name, weight in WEIGHTS.items()}
    parts["keloidal_area_cm2"] = area_points(told["keloidal_area_cm2"])
    cautions = (f"A change of {RATER_SPREAD} points or fewer lies within the spread of raters.",)
    return Score(
        NAME,
        sum(parts.values()),
        0,
        MOST,
        "lower",
        "Lesion counts, weighted by kind.",
        parts,
        cautions,
        SOURCE,
    )


def count_points(lesions: float) -> int:
    """0, then 1 for up to 10 lesions, 2 for up to 20, 3 for more."""
    return 0 if lesions == 0 else 1 if lesions <= 10 else 2 if lesions <= 20 else 3


def area_points(area_cm2: float) -> int:
    """0, then 6 below 5 square centimetres, 12 up to 20, 18 above."""
    return 0 if area_cm2 == 0 else 6 if area_cm2 < 5 else 12 if area_cm2 <= 20 else 18
