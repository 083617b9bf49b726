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
    """Beyond this the pair is refused."""
    verdict: CheckVerdict
    says: str
    """What was found and, unless ok, what to do about it at the camera. Plain words."""
    caution: float = 0.0
    """Beyond this the check is a caution: the interval widens."""
    affects: tuple[str, ...] = ("pigment", "redness", "relief")
    """The measures that a refusal by this check takes away."""


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

    def refused(self, measure: str) -> bool:
        """Whether a check takes `measure` ("relief", "redness" or "pigment") away; a refused pair loses all three."""
        return not self.comparable or any(check.verdict is CheckVerdict.REFUSE and measure in check.affects for check in self.checks)


def graded(checks: list[Check]) -> Comparability:
    """Grade a list of checks.

    F: relief may not be claimed. E: some other measure may not. D, C, B: four or more, two or three, one caution.
    A: alike in every respect.
    """
    refusals = [check for check in checks if check.verdict is CheckVerdict.REFUSE and check.affects]
    cautions = sum(check.verdict is not CheckVerdict.OK for check in checks)
    comparable = not any("relief" in check.affects for check in refusals)
    if not comparable:
        grade = "F"
    elif refusals:
        grade = "E"
    else:
        grade = "A" if cautions == 0 else "B" if cautions == 1 else "C" if cautions <= 3 else "D"
    return Comparability(grade=grade, comparable=comparable, checks=tuple(checks))
