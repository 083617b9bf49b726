"""Repeated pairs become a clinic's repeatability: each is compared as any pair is, and its reading kept."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from microrelief.cohort.repeats import Repeat, Repeats
from microrelief.errors import InputError, RepeatsError
from microrelief.imaging.change.outcome import Change, Outcome
from microrelief.imaging.change.repeatability import (
    FEWEST_PAIRS,
    SCALES,
    Repeatability,
    RepeatedPair,
    measure_scatter,
    on_scale,
)
from microrelief.imaging.change.uncertain import Z95
from microrelief.imaging.compare import compare
from microrelief.imaging.pair.comparability import CheckVerdict
from microrelief.version import __version__

Reading = tuple[float, float, float]
"""Change, low and high in percent."""


@dataclass(frozen=True)
class Compared:
    """What one repeat came to."""

    person: int
    before_sha256: str
    after_sha256: str
    """Both empty when the photographs could not be compared at all."""
    grade: str
    comparable: bool
    reasons: tuple[str, ...]
    """Checks that refused the pair, or the sentence that says why it could not be read."""
    readings: Mapping[str, Reading] = field(default_factory=dict)
    """By measure; one that the pair could not show is missing."""


@dataclass(frozen=True)
class Retest:
    """All repeats of a folder, and what follows from them."""

    understood: str
    made_on: str
    compared: tuple[Compared, ...]
    repeatability: Repeatability
    """Its sha256 is empty: it comes from no file yet."""

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Why pairs were refused, the most frequent first."""
        return refusals(self.compared)


def run_retest(
    repeats: Repeats, today: date, say: Callable[[int, Repeat], None] = lambda number, repeat: None
) -> Retest:
    """Compare every repeat; `say` is called with its number, from 1, and the pair as each begins.

    Raises RepeatsError when fewer than FEWEST_PAIRS can be compared in any measure.
    """
    compared = []
    for number, repeat in enumerate(repeats.pairs, 1):
        say(number, repeat)
        compared.append(_compared(repeat))
    return concluded(repeats.understood, tuple(compared), today)


def concluded(understood: str, compared: tuple[Compared, ...], today: date) -> Retest:
    """The repeatability of compared repeats. Raises RepeatsError as `run_retest` does."""
    measures = {}
    for measure in SCALES:
        pairs = [_repeated(measure, pair) for pair in compared if measure in pair.readings]
        if len(pairs) >= FEWEST_PAIRS:
            measures[measure] = measure_scatter(pairs)
    refused = sum(not pair.comparable for pair in compared)
    if not measures:
        why = "".join(f" ({_listed(refusals(compared))})" if refused else "")
        raise RepeatsError(
            f"{refused} of {len(compared)} repeated pairs cannot be compared{why}, which leaves fewer than "
            f"{FEWEST_PAIRS} that show anything: photograph at least {FEWEST_PAIRS} people twice, better 10, "
            "from the same place, under the same light."
        )
    found = Repeatability(today.isoformat(), __version__, "", len(compared), refused, measures)
    return Retest(understood, today.isoformat(), compared, found)


def refusals(compared: tuple[Compared, ...]) -> list[tuple[str, int]]:
    """Reasons with the number of pairs they refused; a pair may have several."""
    return Counter(reason for pair in compared for reason in pair.reasons).most_common()


def _listed(reasons: list[tuple[str, int]]) -> str:
    return ", ".join(f"{reason} {count}" for reason, count in reasons)


def _compared(repeat: Repeat) -> Compared:
    try:
        return compared_change(repeat.person, compare(repeat.before, repeat.after))
    except InputError as error:
        return not_compared(repeat.person, error)


def not_compared(person: int, error: InputError) -> Compared:
    """A pair that cannot be read. The sentence names the file: it is said, and never stored."""
    return Compared(person, "", "", "F", False, (_reason(error),))


def compared_change(person: int, change: Change) -> Compared:
    """What is kept of the comparison of one repeat."""
    refusing = tuple(
        check.name for check in change.comparability.checks if check.verdict is CheckVerdict.REFUSE
    )
    comparable = change.comparability.comparable
    return Compared(
        person=person,
        before_sha256=change.before.sha256,
        after_sha256=change.after.sha256,
        grade=change.comparability.grade,
        comparable=comparable,
        reasons=() if comparable else refusing or ("the pair as a whole",),
        readings=_readings(change) if comparable else {},
    )


def _reason(error: InputError) -> str:
    """What went wrong, in words that name no file: the class says it."""
    words = "".join(f" {sign.lower()}" if sign.isupper() else sign for sign in type(error).__name__)
    return words.strip()


def _readings(change: Change) -> dict[str, Reading]:
    found = {}
    for measure in SCALES:
        outcome: Outcome = getattr(change, measure)
        if outcome.change_percent is not None and outcome.low is not None and outcome.high is not None:
            found[measure] = (float(outcome.change_percent), float(outcome.low), float(outcome.high))
    return found


def _repeated(measure: str, pair: Compared) -> RepeatedPair:
    value, low, high = (on_scale(measure, percent) for percent in pair.readings[measure])
    return RepeatedPair(
        pair.person, pair.before_sha256, pair.after_sha256, value, max(high - low, 1e-6) / (2 * Z95)
    )
