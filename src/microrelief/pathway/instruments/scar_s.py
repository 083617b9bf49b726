"""SCAR-S, the clinician's grading of acne scars (not SCARS, SCAR or SCAR-Q), in our words: three sites
become 0 to 15."""

from collections.abc import Mapping
from typing import Any

from microrelief.pathway.instruments.score import Item, Score, read_answers

NAME = "scar_s"
SOURCE = "tan2010"
GRADES = (
    "0 clear",
    "1 almost clear, hardly seen from 2.5 m",
    "2 mild, less than half of the site",
    "3 moderate, more than half of the site",
    "4 severe, the whole site",
    "5 very severe, the whole site and prominent",
)
ITEMS = tuple(
    Item(site, f"Which grade has the {site}: {'; '.join(GRADES)}?", 0, 5)
    for site in ("face", "chest", "back")
)


def score(given: Mapping[str, Any]) -> Score:
    """Add the grades of three sites. Raises FactsError when a site is missing: an unseen site is not a clear
    one."""
    told = read_answers(NAME, ITEMS, given)
    cautions = ("Its agreement with the person's own rating was weak (r = 0.31 for the face).",)
    return Score(
        NAME, sum(told.values()), 0, 15, "lower", "Three sites, 0 to 5 each.", told, cautions, SOURCE
    )
