"""Goodman and Baron's qualitative grading of post-acne scars, in our words: what is seen becomes a grade
from 1 to 4.

Grade 0 (no scars) is ours; the scale has none. The rule for grades 3 and 4 rests on memory of the paper.
"""

from collections.abc import Mapping
from typing import Any

from microrelief.errors import FactsError
from microrelief.pathway.instruments.score import Item, Score, read_answers

NAME = "goodman_baron_qualitative"
SOURCE = "gb-qualitative"
ITEMS = (
    Item("scars", "Is there any scar or mark left by acne?", yes_or_no=True),
    Item("contour", "Does the skin's surface dip or rise anywhere, not its colour alone?", yes_or_no=True),
    Item(
        "obvious_at_50_cm",
        "Is that plain to see from half a metre or more, and hard to hide with make-up, stubble or hair?",
        yes_or_no=True,
    ),
    Item(
        "flat_when_stretched", "Do the dips become flat when the skin is stretched by hand?", yes_or_no=True
    ),
)
GRADES = (
    "No scars (a grade of our own).",
    "Macular: flat marks, red, dark or pale; colour without contour.",
    "Mild: contour that does not show from half a metre, or is easily hidden.",
    "Moderate: plain from half a metre, flat when stretched.",
    "Severe: plain from half a metre, not flat when stretched.",
)


def score(given: Mapping[str, Any]) -> Score:
    """Grade the answers. Raises FactsError for a missing, impossible or contradictory answer."""
    told = read_answers(NAME, ITEMS, given)
    if not told["scars"] and (told["contour"] or told["obvious_at_50_cm"]):
        raise FactsError(f"{NAME}.scars", "false contradicts a contour that is seen; correct one of them.")
    if told["obvious_at_50_cm"] and not told["contour"]:
        raise FactsError(
            f"{NAME}.obvious_at_50_cm", "true contradicts contour = false; colour alone is grade 1."
        )
    grade = _grade(told)
    cautions = (
        "Grades are steps in an order: no percent is taken of them, and no mean between two grades "
        "has a meaning.",
    )
    return Score(NAME, grade, 0, 4, "lower", GRADES[grade], {}, cautions, SOURCE)


def _grade(told: Mapping[str, bool]) -> int:
    if not told["scars"]:
        return 0
    if not told["contour"]:
        return 1
    if not told["obvious_at_50_cm"]:
        return 2
    return 3 if told["flat_when_stretched"] else 4
