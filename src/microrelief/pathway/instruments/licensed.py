"""Adapters for licensed questionnaires (DLQI, FACE-Q, SCAR-Q, POSAS): numbers in, score out, never their
texts.

The clinic holds the licence and the form; `licence` names it, and without it nothing is scored.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from microrelief.errors import FactsError
from microrelief.pathway.instruments.score import Item, Score, read_answers

DLQI_BANDS = ((1, "no effect"), (5, "small"), (10, "moderate"), (20, "very large"), (30, "extremely large"))
DLQI_SMALLEST_CHANGE_THAT_MATTERS = 4  # points; basra2015, recalled


@dataclass(frozen=True)
class Licensed:
    """One licensed questionnaire: its items by number, and what its licence asks for."""

    name: str
    owner: str
    source: str
    items: tuple[Item, ...]
    lowest: float
    highest: float
    better: str


LICENSED = {
    "dlqi": Licensed(
        "dlqi",
        "Finlay and Khan, Cardiff; the copyright line must show in electronic forms and nothing may "
        "be altered",
        "dlqi-cardiff",
        tuple(Item(f"item_{at}", f"Item {at} of your licensed form.", 0, 3) for at in range(1, 11)),
        0,
        30,
        "lower",
    ),
    "posas_observer": Licensed(
        "posas_observer",
        "POSAS; registration, unaltered; photographs cannot show pliability",
        "posas-faq",
        tuple(Item(f"item_{at}", f"Item {at} of your registered form.", 1, 10) for at in range(1, 7)),
        6,
        60,
        "lower",
    ),
    "posas_patient": Licensed(
        "posas_patient",
        "POSAS; registration, unaltered",
        "posas-faq",
        tuple(Item(f"item_{at}", f"Item {at} of your registered form.", 1, 10) for at in range(1, 7)),
        6,
        60,
        "lower",
    ),
    "face_q": Licensed(
        "face_q",
        "Memorial Sloan Kettering; a signed licence is required",
        "faceq-guide",
        (Item("rasch_score", "The converted score of your licensed form.", 0, 100, whole=False),),
        0,
        100,
        "your form says which",
    ),
    "scar_q": Licensed(
        "scar_q",
        "McMaster, Q-Portfolio; a licence is required",
        "scarq-licence",
        (Item("rasch_score", "The converted score of your licensed form.", 0, 100, whole=False),),
        0,
        100,
        "your form says which",
    ),
}


def score_licensed(name: str, given: Mapping[str, Any]) -> Score:
    """Add what was answered on the clinic's own form.

    Raises FactsError without a licence, for missing items and for answers out of range.
    """
    form = LICENSED[name]
    answers = dict(given) if isinstance(given, Mapping) else {}
    licence = answers.pop("licence", "")
    if not isinstance(licence, str) or not licence.strip():
        raise FactsError(
            f"{name}.licence", f"is missing; this questionnaire belongs to {form.owner}. Name your licence."
        )
    told = read_answers(name, form.items, answers)
    total = sum(told.values())
    read = Score(
        name, total, form.lowest, form.highest, form.better, "", {}, (f"(c) {form.owner}.",), form.source
    )
    return replace(read, says=dlqi_band(total) if name == "dlqi" else f"Under licence: {licence}.")


def dlqi_band(points: float) -> str:
    """The effect on life that a sum of DLQI stands for: 0-1, 2-5, 6-10, 11-20, 21-30."""
    return next(f"Effect on life: {words}." for most, words in DLQI_BANDS if points <= most)
