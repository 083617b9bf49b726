"""Quartile satisfaction: how much better somebody feels it is, in percent, becomes 0 to 3. Generic and
free."""

from collections.abc import Mapping
from typing import Any

from microrelief.pathway.instruments.score import Item, Score, read_answers

NAME = "quartile_satisfaction"
SOURCE = "own-default"
BANDS = ("less than 25 percent", "25 to 49 percent", "50 to 74 percent", "75 to 100 percent")
ITEMS = (Item("improvement_percent", "How much better is it, in percent?", 0, 100, whole=False),)


def score(given: Mapping[str, Any]) -> Score:
    """Band one percentage: 25, 50 and 75 begin a band. Raises FactsError when it is missing or impossible."""
    told = read_answers(NAME, ITEMS, given)
    band = min(int(told["improvement_percent"] // 25), 3)
    cautions = ("Not comparable between studies; an opinion, not a measurement.",)
    return Score(NAME, band, 0, 3, "higher", BANDS[band].capitalize() + ".", {}, cautions, SOURCE)
