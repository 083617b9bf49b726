"""GAIS, global aesthetic improvement, in our words: an opinion on a pair becomes 1 (best) to 5 (worse).

Some papers run from +3 to -3. The direction is part of the answer, so that nobody reads it upside down.
"""

from collections.abc import Mapping
from typing import Any

from microrelief.errors import FactsError
from microrelief.pathway.instruments.score import Item, Score, read_answers

NAME = "gais"
SOURCE = "skinpen-gais"
WORDS = ("very much improved", "much improved", "improved", "no change", "worse")
ITEMS = (
    Item("grade", f"Which fits: {'; '.join(f'{at} {word}' for at, word in enumerate(WORDS, 1))}?", 1, 5),
    Item(
        "one_is_best",
        "Is 1 the best grade of your form (say false for forms from +3 to -3, which are not read)?",
        yes_or_no=True,
    ),
)


def score(given: Mapping[str, Any]) -> Score:
    """Read one grade. Raises FactsError when it is missing, impossible, or of a form that runs the other
    way."""
    told = read_answers(NAME, ITEMS, given)
    if not told["one_is_best"]:
        raise FactsError(
            f"{NAME}.one_is_best", "false is not accepted; turn the grade so that 1 is the best."
        )
    cautions = (
        "Raters have seen improvement in untreated skin: blind the order.",
        "An opinion, not a measurement.",
    )
    return Score(
        NAME,
        told["grade"],
        1,
        5,
        "lower",
        WORDS[int(told["grade"]) - 1].capitalize() + ".",
        {},
        cautions,
        SOURCE,
    )
