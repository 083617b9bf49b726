"""A Change becomes a Change whose intervals honour the clinic's own repeatability.

An interval is widened, never narrowed: repeats taken minutes apart in one room know nothing of the months
between visits, so that they scatter little is no reason to trust a pair more than its own figures do.
"""

from dataclasses import replace

from microrelief.imaging.change.outcome import Change, Outcome, Verdict
from microrelief.imaging.change.repeatability import Repeatability, Scatter, off_scale, on_scale

FLAG = "clinic_repeatability"


def widen(change: Change, repeatability: Repeatability) -> Change:
    """Apply the clinic's repeatability to every outcome and state it in the change.

    A pair that the audit refused carries no numbers, so nothing is used and nothing is stated.
    """
    if not change.comparability.comparable:
        return change

    def widened(measure: str, outcome: Outcome) -> Outcome:
        scatter = repeatability.measures.get(measure)
        return outcome if scatter is None else widen_outcome(measure, outcome, scatter)

    return replace(
        change,
        relief=widened("relief", change.relief),
        redness=widened("redness", change.redness),
        pigment=widened("pigment", change.pigment),
        zones={
            zone: {measure: widened(measure, outcome) for measure, outcome in outcomes.items()}
            for zone, outcomes in change.zones.items()
        },
        repeatability=repeatability,
    )


def widen_outcome(measure: str, outcome: Outcome, scatter: Scatter) -> Outcome:
    """The interval, both sides and what could be detected by one factor; the change itself stays.

    The factor is the larger of the measured one and what brings half the interval to the clinic's
    repeatability coefficient; never below 1. The verdict follows from the new interval.
    """
    change, low, high = outcome.change_percent, outcome.low, outcome.high
    if change is None or low is None or high is None or outcome.detectable_percent is None:
        return outcome
    value, below, above = (on_scale(measure, percent) for percent in (change, low, high))
    half = (above - below) / 2
    factor = max(1.0, scatter.factor, scatter.coefficient / half if half > 0 else 1.0)
    if factor == 1.0:
        return outcome
    below, above = value - factor * (value - below), value + factor * (above - value)
    return replace(
        outcome,
        verdict=Verdict.IMPROVED if above < 0 else Verdict.WORSE if below > 0 else Verdict.NO_CHANGE,
        low=off_scale(measure, below),
        high=off_scale(measure, above),
        detectable_percent=-off_scale(measure, factor * on_scale(measure, -outcome.detectable_percent)),
        flags=(*outcome.flags, FLAG),
    )
