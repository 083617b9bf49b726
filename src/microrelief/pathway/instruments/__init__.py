"""Grading scales, one a file, in our own words with a citation; licensed ones are adapters without their
texts."""

from collections.abc import Callable, Mapping
from typing import Any

from microrelief.errors import FactsError
from microrelief.pathway.instruments import (
    ecca,
    gais,
    goodman_baron_qualitative,
    goodman_baron_quantitative,
    pain,
    quartile_satisfaction,
    scar_s,
)
from microrelief.pathway.instruments.licensed import LICENSED, score_licensed
from microrelief.pathway.instruments.score import Item, Score

_OWN: Mapping[str, tuple[Callable[[Mapping[str, Any]], Score], tuple[Item, ...], str]] = {
    module.NAME: (module.score, module.ITEMS, module.__doc__ or "")
    for module in (
        goodman_baron_qualitative,
        goodman_baron_quantitative,
        ecca,
        scar_s,
        gais,
        quartile_satisfaction,
        pain,
    )
}
NAMES = (*_OWN, *LICENSED)


def score(name: str, given: Mapping[str, Any]) -> Score:
    """Score one scale by its name. Raises FactsError for an unknown scale or answers that cannot be."""
    if name in _OWN:
        return _OWN[name][0](given)
    if name in LICENSED:
        return score_licensed(name, given)
    raise FactsError(name, f"is no scale here; accepted are {', '.join(NAMES)}.")


def items(name: str) -> tuple[Item, ...]:
    """The questions of one scale. Raises FactsError for an unknown scale."""
    if name in _OWN:
        return _OWN[name][1]
    if name in LICENSED:
        return LICENSED[name].items
    raise FactsError(name, f"is no scale here; accepted are {', '.join(NAMES)}.")


def describe(name: str) -> str:
    """What a scale asks and accepts, as the facts file it reads."""
    if name in _OWN:
        _, items, about = _OWN[name]
        head = [f"# {about.strip().splitlines()[0]}"]
    elif name in LICENSED:
        items, head = (
            LICENSED[name].items,
            [f"# {LICENSED[name].owner}.", '# licence = "the licence you hold"'],
        )
    else:
        raise FactsError(name, f"is no scale here; accepted are {', '.join(NAMES)}.")
    return "\n".join([*head, *(f"# {item.name} =   # {item.asks} ({item.accepts})" for item in items)])
