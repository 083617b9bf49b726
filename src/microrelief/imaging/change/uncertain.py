"""A ratio with its uncertainty becomes a change in percent, its interval, what could have been detected, and
a verdict."""

import math
from dataclasses import dataclass

from microrelief.imaging.change.outcome import Outcome, Verdict

Z95 = 1.959964
"""Two-sided 95 % of the normal distribution."""


@dataclass(frozen=True)
class Estimate:
    """log(after / before) of a quantity, its 95 % interval, and the smallest change, as a log, that this pair
    would show."""

    value: float
    low: float
    high: float
    detectable: float

    def moved_by(self, log_ratio: float) -> "Estimate":
        """The same estimate after a correction; what could be detected stays."""
        return Estimate(self.value + log_ratio, self.low + log_ratio, self.high + log_ratio, self.detectable)

    def widened_by(self, deviation: float) -> "Estimate":
        """The same estimate with a further doubt of its own, independent of the others."""
        reach = Z95 * deviation
        return Estimate(
            self.value,
            self.value - math.hypot(self.value - self.low, reach),
            self.value + math.hypot(self.high - self.value, reach),
            math.hypot(self.detectable, reach),
        )


def outcome_of(ratio: Estimate, flags: tuple[str, ...], basis: str) -> Outcome:
    """Less than before is `improved`, more is `worse`, and what the interval cannot tell from zero is no
    measurable change.

    Everything is kept in the logarithm, so that exchanging the photographs mirrors the verdict exactly.
    """
    verdict = Verdict.IMPROVED if ratio.high < 0 else Verdict.WORSE if ratio.low > 0 else Verdict.NO_CHANGE
    return Outcome(
        verdict=verdict,
        change_percent=percent(ratio.value),
        low=percent(ratio.low),
        high=percent(ratio.high),
        detectable_percent=-percent(-ratio.detectable),
        flags=flags,
        basis=basis,
    )


def not_comparable(flags: tuple[str, ...], basis: str = "") -> Outcome:
    """The answer when no number would be safe."""
    return Outcome(Verdict.NOT_COMPARABLE, None, None, None, None, flags, basis)


def percent(log_ratio: float) -> float:
    """Percent change of a log ratio: percent(log(0.7)) is -30."""
    return 100 * (math.exp(min(log_ratio, 5.0)) - 1)
