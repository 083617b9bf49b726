"""Pain from 0 to 10, as the person says it: the generic numeric scale."""

from collections.abc import Mapping
from typing import Any

from microrelief.pathway.instruments.score import Item, Score, read_answers

NAME = "pain"
SOURCE = "own-default"
ITEMS = (Item("pain", "How bad is the pain now, from 0 (none) to 10 (the worst you can imagine)?", 0, 10),)


def score(given: Mapping[str, Any]) -> Score:
    """Read one number. Raises FactsError when it is missing or impossible."""
    told = read_answers(NAME, ITEMS, given)
    return Score(
        NAME, told["pain"], 0, 10, "lower", "As the person said.", {}, ("One person's scale.",), SOURCE
    )
