"""ECCA (echelle d'evaluation clinique des cicatrices d'acne), in our words: counts of six kinds become 0 to
540 points.

    points = sum over kinds of weight x (0 none, 1 fewer than 5, 2 from 5 to 20, 3 more than 20)

The wording was recalled, not read; its maximum agrees: 180 x 3 = 540. The V, U and M rows alone reach 180.
"""

from collections.abc import Mapping
from typing import Any

from microrelief.pathway.instruments.score import Item, Score, read_answers

NAME = "ecca"
SOURCE = "dreno2007"
MOST, MOST_ATROPHIC = 540, 180
WEIGHTS = {
    "v_icepick": 15,
    "u_boxcar": 20,
    "m_rolling": 25,
    "elastolysis": 30,
    "hypertrophic_young": 40,
    "keloid_or_old": 50,
}
_ATROPHIC = ("v_icepick", "u_boxcar", "m_rolling")
ITEMS = (
    Item("v_icepick", "How many V-shaped scars, points narrower than 2 mm?", 0, 1000),
    Item("u_boxcar", "How many U-shaped scars, 2 to 4 mm with steep edges?", 0, 1000),
    Item("m_rolling", "How many M-shaped scars, wider than 4 mm with an uneven floor?", 0, 1000),
    Item("elastolysis", "How many spots of slack, thinned skin?", 0, 1000),
    Item("hypertrophic_young", "How many inflamed raised scars younger than two years?", 0, 1000),
    Item("keloid_or_old", "How many keloids or raised scars older than two years?", 0, 1000),
)


def score(given: Mapping[str, Any]) -> Score:
    """Score counts of six kinds. Raises FactsError when one is missing (0 is an answer) or impossible."""
    told = read_answers(NAME, ITEMS, given)
    parts: dict[str, float] = {name: weight * amount(told[name]) for name, weight in WEIGHTS.items()}
    total = sum(parts.values())
    parts["of which V, U and M"] = sum(parts[name] for name in _ATROPHIC)
    cautions = (
        f"Needling papers often report V, U and M alone (at most {MOST_ATROPHIC}): compare like with like.",
        "It hardly moves with small changes.",
    )
    return Score(NAME, total, 0, MOST, "lower", "Kinds of scar, weighted.", parts, cautions, SOURCE)


def amount(scars: float) -> int:
    """0 none, 1 fewer than 5, 2 from 5 to 20, 3 more than 20."""
    return 0 if scars == 0 else 1 if scars < 5 else 2 if scars <= 20 else 3
