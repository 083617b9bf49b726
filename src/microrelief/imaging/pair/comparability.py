"""May these two photographs be compared? A list of checks, each with what it found and what to do at the camera."""

from dataclasses import dataclass, field
from enum import StrEnum


class CheckVerdict(StrEnum):
    """How one check ended."""

    OK = "ok"
    CAUTION = "caution"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Check:
    """One question asked of the pair."""

    name: str
    """For example "light direction"."""
    value: float
    unit: str
    limit: float
    """Beyond this the pair is refused; half-way to it begins caution unless the check says otherwise."""
    verdict: CheckVerdict
    says: str
    """What was found and, unless ok, what to do about it at the camera. Plain words."""


@dataclass(frozen=True)
class Comparability:
    """The audit of a pair."""

    grade: str
    """A (alike in every respect) to F (refused)."""
    comparable: bool
    checks: tuple[Check, ...] = field(default=())

    def worst(self, count: int = 2) -> tuple[Check, ...]:
        """The checks that weigh most against the pair, worst first; empty when all are ok."""
        order = {CheckVerdict.REFUSE: 0, CheckVerdict.CAUTION: 1}
        found = [check for check in self.checks if check.verdict in order]
        return tuple(sorted(found, key=lambda c: (order[c.verdict], -abs(c.value) / (abs(c.limit) or 1)))[:count])
