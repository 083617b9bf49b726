"""Repeatability against published figures, and what it does to an interval."""

import math
from dataclasses import replace

import numpy as np
import pytest

from microrelief.imaging.change.outcome import Outcome, Verdict
from microrelief.imaging.change.repeatability import (
    SCALES,
    RepeatedPair,
    Scatter,
    measure_scatter,
    off_scale,
    on_scale,
)
from microrelief.imaging.change.widen import FLAG, widen_outcome

# Peak flow of 17 people, measured twice with one meter, litres a minute: Bland and Altman 1986, table 1
FIRST = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
SECOND = [490, 397, 512, 401, 470, 611, 415, 431, 638, 429, 420, 633, 275, 492, 165, 372, 421]


def repeats(differences, deviation=0.05):
    return [
        RepeatedPair(person, f"{person}a", f"{person}b", float(value), deviation)
        for person, value in enumerate(differences)
    ]


def photographed(levels, deviation=0.05, person=0):
    """All pairs of one person's photographs whose levels are these."""
    return [
        RepeatedPair(person, str(i), str(j), levels[j] - levels[i], deviation)
        for i in range(len(levels))
        for j in range(i + 1, len(levels))
    ]


def test_the_published_within_subject_deviation_comes_out():
    found = measure_scatter(repeats(np.subtract(SECOND, FIRST), 20.0))
    assert found.within_deviation == pytest.approx(15.3, abs=0.05)  # Bland and Altman 1999
    assert found.coefficient == pytest.approx(42.4, abs=0.1)
    assert found.degrees_of_freedom == 17


@pytest.mark.parametrize(("pairs", "times"), [(3, 2.92), (10, 1.59), (20, 1.36)])
def test_few_pairs_promise_less(pairs, times):
    # sqrt(n / chi-square at 5 %): 0.352, 3.940 and 10.851 in every table
    found = measure_scatter(repeats([0.1] * pairs))
    assert found.detectable / found.coefficient == pytest.approx(times, abs=0.01)


def test_several_photographs_of_one_person_count_as_their_variance():
    levels = np.random.default_rng(1).normal(0, 0.1, 5)
    found = measure_scatter(photographed(list(levels)))
    assert (found.pairs, found.degrees_of_freedom) == (10, 4)
    assert found.within_deviation == pytest.approx(np.std(levels, ddof=1))


def test_photographs_that_no_pair_ties_together_are_not_counted_twice():
    pairs = [RepeatedPair(0, a, b, 0.1, 0.05) for a, b in (("1", "2"), ("2", "3"), ("4", "5"))]
    assert measure_scatter(pairs).degrees_of_freedom == 3


def test_exchanging_every_pair_turns_the_bias_and_nothing_else():
    pairs = photographed([0.0, 0.1, 0.15]) + photographed([0.0, 0.2, -0.1], person=1)
    turned = [replace(pair, before=pair.after, after=pair.before, value=-pair.value) for pair in pairs]
    there, back = measure_scatter(pairs), measure_scatter(turned)
    assert back.bias == pytest.approx(-there.bias)
    assert back.bias_low == pytest.approx(-there.bias_high)
    for name in ("within_deviation", "coefficient", "detectable", "factor", "held", "degrees_of_freedom"):
        assert getattr(back, name) == getattr(there, name)


def test_a_steady_shift_is_told_as_bias_and_chance_is_not():
    assert measure_scatter(repeats([0.1, 0.11, 0.09, 0.1, 0.1, 0.1, 0.11, 0.12])).bias_low > 0
    even = measure_scatter(repeats([0.1, -0.11, 0.09, -0.1]))
    assert even.bias_low < 0 < even.bias_high


def test_too_few_are_refused():
    with pytest.raises(ValueError, match="2 repeats are fewer than 3"):
        measure_scatter(repeats([0.1, 0.2]))


@pytest.mark.parametrize("measure", SCALES)
def test_the_scale_turns_over_when_the_photographs_are_exchanged(measure):
    assert on_scale(measure, 100 * (1 / 0.7 - 1)) == pytest.approx(-on_scale(measure, -30))
    assert off_scale(measure, on_scale(measure, 37.0)) == pytest.approx(37)


def scatter(factor=0.5, coefficient=0.01) -> Scatter:
    return replace(measure_scatter(repeats([0.1] * 5)), factor=factor, coefficient=coefficient)


def outcome(measure, value, half, flags=()) -> Outcome:
    low, high = value - half, value + half
    verdict = Verdict.IMPROVED if high < 0 else Verdict.WORSE if low > 0 else Verdict.NO_CHANGE
    percents = (off_scale(measure, number) for number in (value, low, high))
    return Outcome(verdict, *percents, -off_scale(measure, -half), flags, "41 scars")


@pytest.mark.parametrize("measure", SCALES)
def test_a_clinic_that_scatters_less_changes_nothing(measure):
    claimed = outcome(measure, -0.3, 0.1)
    assert widen_outcome(measure, claimed, scatter(factor=0.4, coefficient=0.09)) is claimed


@pytest.mark.parametrize("measure", SCALES)
def test_a_clinic_that_scatters_more_widens_by_as_much_and_takes_the_verdict_away(measure):
    found = widen_outcome(measure, outcome(measure, -0.15, 0.1, ("small_zone",)), scatter(factor=2.0))
    assert found.verdict is Verdict.NO_CHANGE
    assert on_scale(measure, found.low) == pytest.approx(-0.35)
    assert on_scale(measure, found.high) == pytest.approx(0.05)
    assert on_scale(measure, -found.detectable_percent) == pytest.approx(-0.2)
    assert found.change_percent == pytest.approx(off_scale(measure, -0.15))
    assert found.flags == ("small_zone", FLAG)


def test_no_interval_is_narrower_than_the_repeatability_coefficient():
    found = widen_outcome("relief", outcome("relief", -0.08, 0.03), scatter(coefficient=0.09))
    assert on_scale("relief", found.low) == pytest.approx(-0.17)
    assert found.verdict is Verdict.NO_CHANGE


@pytest.mark.parametrize("measure", SCALES)
def test_widening_turns_over_with_the_photographs(measure):
    there = widen_outcome(measure, outcome(measure, -0.3, 0.1), scatter(factor=1.7))
    back = widen_outcome(measure, outcome(measure, 0.3, 0.1), scatter(factor=1.7))
    assert on_scale(measure, back.low) == pytest.approx(-on_scale(measure, there.high))
    assert {there.verdict, back.verdict} == {Verdict.IMPROVED, Verdict.WORSE}


def test_a_refused_outcome_stays_without_numbers():
    refused = Outcome(Verdict.NOT_COMPARABLE, None, None, None, None, ("no_scars",))
    assert widen_outcome("relief", refused, scatter(factor=3.0)) is refused


def test_a_whole_excess_that_went_stays_a_percentage():
    gone = outcome("redness", -1.9, 0.5)
    found = widen_outcome("redness", gone, scatter(factor=3.0))
    assert found.low == -100
    assert math.isfinite(found.high)
    assert widen_outcome("redness", outcome("redness", 1.3, 0.5), scatter(factor=3.0)).high <= 400.001


def test_widened_intervals_hold_where_the_clinics_scatter_is_larger_than_assumed():
    """A clinic whose readings scatter 1.8 times what their intervals say measures that on 15 repeats."""
    random = np.random.default_rng(20261122)
    assumed, truly, held, plain = 0.05, 0.09, 0, 0
    for _ in range(400):
        factor = measure_scatter(repeats(random.normal(0, truly, 15), assumed)).factor
        error = abs(random.normal(0, truly))
        held += error <= 1.96 * assumed * max(factor, 1.0)
        plain += error <= 1.96 * assumed
    assert plain / 400 < 0.80
    assert held / 400 > 0.91
