"""Answers to a grading scale become a Score: every item answered and in its range, or a refusal that names
the item."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from microrelief.errors import FactsError
from microrelief.pathway.facts import shown


@dataclass(frozen=True)
class Item:
    """One question of a scale: a number from `low` to `high`, or true/false where `yes_or_no`."""

    name: str
    asks: str
    low: float = 0
    high: float = 0
    whole: bool = True
    yes_or_no: bool = False

    @property
    def accepts(self) -> str:
        """What may be answered, in words."""
        if self.yes_or_no:
            return "true or false"
        return f"a {'whole ' if self.whole else ''}number from {self.low:g} to {self.high:g}"


@dataclass(frozen=True)
class Score:
    """The score of one scale. `parts` are its sums; `cautions` what the number must not be used for."""

    instrument: str
    value: float
    lowest: float
    highest: float
    better: str  # "lower" or "higher"; a licensed form says it itself
    says: str
    parts: Mapping[str, float]
    cautions: tuple[str, ...]
    source: str

    def text(self) -> str:
        """A few lines for a person."""
        lines = [
            f"{self.instrument}: {self.value:g} ({self.lowest:g} to {self.highest:g}, {self.better} "
            f"is better). {self.says}"
        ]
        lines += [f"  {name}: {points:g}" for name, points in self.parts.items()]
        lines += [f"  Beware: {caution}" for caution in self.cautions]
        return "\n".join([*lines, f"  [{self.source}]"])

    def document(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"schema": "microrelief/instrument/1", **asdict(self), "cautions": list(self.cautions)}


def read_answers(instrument: str, items: tuple[Item, ...], given: Mapping[str, Any]) -> dict[str, Any]:
    """Check the answers of one scale. A partial set is refused: a sum over what was answered is another
    scale.

    Raises FactsError naming the item, the value and what is accepted.
    """
    if not isinstance(given, Mapping):
        raise FactsError(instrument, f"{shown(given)} is not a table of answers; give item = value lines.")
    names = [item.name for item in items]
    for name, value in given.items():
        if name not in names:
            raise FactsError(
                f"{instrument}.{shown(name)}".replace("'", ""),
                f"is no item of it (value {shown(value)}); items are {', '.join(names)}.",
            )
    answers: dict[str, Any] = {}
    for item in items:
        where = f"{instrument}.{item.name}"
        if given.get(item.name, "unknown") in ("unknown", None):
            raise FactsError(
                where,
                f"is not answered, and a partial answer is not scored. {item.asks} Accepted: {item.accepts}.",
            )
        answers[item.name] = _check(item, given[item.name], where)
    return answers


def _check(item: Item, value: Any, where: str) -> Any:
    if item.yes_or_no:
        if isinstance(value, bool):
            return value
    elif _is_number(value) and item.low <= value <= item.high and not (item.whole and value != int(value)):
        return value
    raise FactsError(where, f"{shown(value)} is not accepted; give {item.accepts}.")


def _is_number(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, int | float)
