"""Pairs of the same skin become a clinic's repeatability: what its camera, room and people make of nothing.

The same person is photographed twice with nothing done between, so every change that is read is an error. Of
these differences d (their scale is `on_scale`'s) Bland and Altman 1996 take the within-subject deviation
sw = sqrt(sum d^2 / 2n) and the repeatability coefficient 1.96 sqrt(2) sw, which two readings of unchanged
skin differ by less than, 95 times out of 100. A person photographed k times gives k (k - 1) / 2 pairs but
only k - 1 independent differences; those are what is counted.

Equations and use: docs/how-to/repeatability.md.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from scipy.stats import chi2, norm, t

Z95 = float(norm.ppf(0.975))
FEWEST_PAIRS = 3
"""Fewer comparable pairs say next to nothing: the upper limit for two is 4.4 times what was measured."""
ADVISED_PAIRS = 10
"""With 10 pairs of ten people the upper limit is 1.6 times what was measured, with 20 pairs 1.4."""
CONFIDENCE = 0.95
"""One-sided, of the upper limit of the within-subject deviation."""
LOG_RATIO, SYMMETRIC = "log ratio", "difference over mean"
SCALES: Mapping[str, str] = {"relief": LOG_RATIO, "redness": SYMMETRIC, "pigment": SYMMETRIC}
"""On which scale each measure's interval is symmetric, and exchanging the photographs only turns the sign."""
MOST_SYMMETRIC = 4 / 3
"""+400 %, the most that `marks` states."""


@dataclass(frozen=True)
class RepeatedPair:
    """What one comparison of unchanged skin read of one measure."""

    person: int
    before: str
    """Any name of the photograph, the same wherever it is used again."""
    after: str
    value: float
    """On the measure's scale; the truth is 0."""
    deviation: float
    """Standard deviation that the comparison's own interval stands for, same scale."""


@dataclass(frozen=True)
class Scatter:
    """Repeatability of one measure; all numbers but the counts and the factor are on its scale."""

    pairs: int
    people: int
    degrees_of_freedom: int
    """Independent differences."""
    bias: float
    """Mean of later photograph less earlier, and its 95 % interval; holds 0 unless something changes."""
    bias_low: float
    bias_high: float
    within_deviation: float
    """sw, standard deviation of one photograph about the person's mean."""
    coefficient: float
    """Repeatability coefficient, 1.96 sqrt(2) sw."""
    detectable: float
    """The same with the upper 95 % limit of sw: what may be promised on so few pairs."""
    factor: float
    """By how much the differences exceed what the comparisons' own intervals assumed; below 1: less."""
    held: int
    """Comparisons whose own 95 % interval held the truth, no change."""


@dataclass(frozen=True)
class Repeatability:
    """A clinic's own repeatability, to be used in its later comparisons."""

    made_on: str
    """Date, ISO 8601."""
    version: str
    """Version of the program that compared the repeats."""
    sha256: str
    """Of the file that it was read from."""
    pairs: int
    refused: int
    measures: Mapping[str, Scatter]
    """"relief", "redness", "pigment"; a measure with too few repeats is missing."""


def on_scale(measure: str, change_percent: float) -> float:
    """A change in percent on the measure's scale.

    >>> round(on_scale("relief", -30.0), 4), round(on_scale("redness", -30.0), 4)
    (-0.3567, -0.3529)
    """
    ratio = 1 + change_percent / 100
    if SCALES[measure] == LOG_RATIO:
        return math.log(max(ratio, 1e-6))
    return 2 * (ratio - 1) / (ratio + 1)


def off_scale(measure: str, value: float) -> float:
    """The other way: `off_scale(m, on_scale(m, p))` is p.

    >>> round(off_scale("redness", on_scale("redness", 12.0)), 6)
    12.0
    """
    if SCALES[measure] == LOG_RATIO:
        return 100 * (math.exp(min(value, 5.0)) - 1)
    inside = min(max(value, -2.0), MOST_SYMMETRIC)
    return 100 * ((2 + inside) / (2 - inside) - 1)


def measure_scatter(repeats: Sequence[RepeatedPair]) -> Scatter:
    """The repeatability of one measure from its comparable repeats.

    Raises ValueError on fewer than FEWEST_PAIRS. For one pair a person, of differences -0.1, 0.1, 0.1, -0.1:

    >>> pairs = [RepeatedPair(k, f"{k}a", f"{k}b", 0.1 * (-1) ** (k // 2), 0.05) for k in (1, 2, 4, 7)]
    >>> found = measure_scatter(pairs)
    >>> round(found.within_deviation, 4), round(found.coefficient, 3), round(found.factor, 3)
    (0.0707, 0.196, 2.0)
    """
    if len(repeats) < FEWEST_PAIRS:
        raise ValueError(f"{len(repeats)} repeats are fewer than {FEWEST_PAIRS}")
    people = [
        [repeat for repeat in repeats if repeat.person == person]
        for person in sorted({repeat.person for repeat in repeats})
    ]
    freedom = sum(_independent(own) for own in people)

    def squares(of: Callable[[RepeatedPair], float]) -> float:
        """Sum over independent differences."""
        return sum(_independent(own) * sum(of(pair) ** 2 for pair in own) / len(own) for own in people)

    within = math.sqrt(squares(lambda pair: pair.value) / freedom / 2)
    upper = within * math.sqrt(freedom / float(chi2.ppf(1 - CONFIDENCE, freedom)))
    bias = sum(repeat.value for repeat in repeats) / len(repeats)
    # a steady shift is scatter for whoever relies on one pair, but not for telling the shift itself
    about_bias = math.sqrt(squares(lambda pair: pair.value - bias) / (freedom - 1) / 2)
    reach = float(t.ppf(0.975, freedom - 1)) * about_bias * math.sqrt(_variance_of_mean(repeats))
    return Scatter(
        pairs=len(repeats),
        people=len(people),
        degrees_of_freedom=freedom,
        bias=bias,
        bias_low=bias - reach,
        bias_high=bias + reach,
        within_deviation=within,
        coefficient=Z95 * math.sqrt(2) * within,
        detectable=Z95 * math.sqrt(2) * upper,
        factor=math.sqrt(squares(lambda pair: pair.value / pair.deviation) / freedom),
        held=sum(abs(repeat.value) <= Z95 * repeat.deviation for repeat in repeats),
    )


def _independent(pairs: Sequence[RepeatedPair]) -> int:
    """Photographs less groups of photographs that the pairs tie together."""
    group: dict[str, str] = {}

    def root(name: str) -> str:
        while group.setdefault(name, name) != name:
            name = group[name]
        return name

    for pair in pairs:
        group[root(pair.before)] = root(pair.after)
    return len(group) - len({root(name) for name in group})


def _variance_of_mean(pairs: Sequence[RepeatedPair]) -> float:
    """Variance of the mean difference, in units of sw^2: each photograph counts as often as it stands after,
    less as often as it stands before."""
    times: dict[tuple[int, str], int] = {}
    for pair in pairs:
        times[pair.person, pair.after] = times.get((pair.person, pair.after), 0) + 1
        times[pair.person, pair.before] = times.get((pair.person, pair.before), 0) - 1
    return sum(count**2 for count in times.values()) / len(pairs) ** 2
