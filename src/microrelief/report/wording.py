"""Numbers become sentences. Only this module says which way is good; the rest says `after - before`.

Each sentence stands on one Outcome and says its interval and what the pair could have shown. Nothing here
names a disease, its degree, or what a treatment did.
"""

import math
import unicodedata
from dataclasses import dataclass, replace
from datetime import date, datetime

from microrelief.imaging.change.outcome import Change, Outcome, Verdict
from microrelief.imaging.change.repeatability import Repeatability, off_scale
from microrelief.imaging.face.face import Pose
from microrelief.imaging.pair.comparability import Check, CheckVerdict, Comparability

INTENDED_USE = (
    "Microrelief documents and compares photographs. Differences describe pixels. "
    "It is not for diagnosis, severity grading or choosing treatment."
)
"""The one approved sentence that names what the program is not for; it stands on every page."""


@dataclass(frozen=True)
class Measure:
    """How people speak of one of the three quantities."""

    key: str
    title: str
    subject: str
    """Begins a sentence that goes on with "read 31 % shallower"."""
    less: str
    """The word for a negative change, which is the good direction."""
    more: str
    means: str
    """What the number is a percentage of."""


MEASURES = (
    Measure(
        "relief", "Relief", "Scars", "shallower", "deeper",
        "Depth of the scars, read from the shading at scar scale (about 0.5 to 6 mm). "
        "−30 % means that 70 % of the depth is left. It is a ratio between two photographs, never a depth in "
        "millimetres.",
    ),
    Measure(
        "redness", "Redness", "Redness above clear skin", "lower", "higher",
        "How much redder the scars and their zone are than the face’s own clear skin in the same "
        "photograph. −30 % means that 70 % of that excess is left.",
    ),
    Measure(
        "pigment", "Pigment", "Brown pigment above clear skin", "lower", "higher",
        "How much browner the scars and their zone are than the face’s own clear skin in the same "
        "photograph. −30 % means that 70 % of that excess is left.",
    ),
)  # fmt: skip

NO_CHANGE = "No change we can measure"
NOT_COMPARABLE = "Not comparable"
_MINUS, _THIN, _NOT_BREAKING = "\u2212", "\u202f", "\u00a0"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_GRADES = {
    "A": "alike in every respect we check",
    "B": "alike enough; small differences are noted",
    "C": "usable with care; read the cautions",
    "D": "weakly comparable; only large changes can be trusted",
    "E": "barely comparable; look, do not count",
    "F": "too different to compare",
}

DOES_NOT_MEAN = (
    "A photograph shows shading, not depth. The relief number compares the shading of the same scars "
    "under nearly the same light; it cannot be turned into millimetres.",
    "An interval is the range in which the true change lies 95 times out of 100 if only alignment, light and "
    "camera noise play a part. It does not cover make-up, swelling or a tan unless a check says so.",
    "“No change we can measure” is a finding about this pair of photographs. It does not say that nothing "
    "happened; it says that anything smaller than the stated change would not show.",
    "A change between two dates is not proof of its cause. Skin changes by itself, and in the first days "
    "after needling swelling alone makes scars look flat.",
    "There is no single score. Relief, redness and pigment are three different things and may go "
    "different ways.",
    "One pair says nothing about another person, and nothing about what a further session would do.",
)


def measure(key: str) -> Measure:
    """The measure "relief", "redness" or "pigment"."""
    return next(found for found in MEASURES if found.key == key)


def meanings(change: Change) -> tuple[Measure, ...]:
    """The three measures as the page explains them; a close-up has no face to speak of."""
    if not change.pair.close_up:
        return MEASURES
    return tuple(replace(found, means=found.means.replace("the face’s own", "its own")) for found in MEASURES)


def headline(change: Change) -> str:
    """The verdict of the whole page in one or two short sentences; never one number for three things."""
    if not change.comparability.comparable:
        return f"{NOT_COMPARABLE}: these two photographs are too different to measure a change."
    said: dict[str, list[Measure]] = {}
    for found in MEASURES:
        said.setdefault(_short_verdict(found, getattr(change, found.key)), []).append(found)
    return " ".join(_headline_sentence(verdict, measures) for verdict, measures in said.items())


def _short_verdict(found: Measure, outcome: Outcome) -> str:
    if outcome.verdict is Verdict.IMPROVED:
        return found.less
    if outcome.verdict is Verdict.WORSE:
        return found.more
    return "same" if outcome.verdict is Verdict.NO_CHANGE else "none"


def _headline_sentence(verdict: str, measures: list[Measure]) -> str:
    if verdict in ("same", "none"):
        names = _listed([found.title.lower() for found in measures])
        names = names[0].upper() + names[1:]
        return f"{names}: no change we can measure." if verdict == "same" else f"{names}: not comparable."
    names = _listed(["scars" if found.key == "relief" else found.title.lower() for found in measures])
    one = len(measures) == 1 and measures[0].key != "relief"
    return f"{names[0].upper()}{names[1:]} read{'s' if one else ''} {verdict}."


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def sentence(key: str, outcome: Outcome, reason: str = "") -> str:
    """One measure in plain words with its interval and the smallest change the pair could have shown.

    Parameters: "relief", "redness" or "pigment"; its outcome; why it is not comparable, if it is not.
    """
    found = measure(key)
    if _numberless(outcome):
        why = reason or outcome.basis or "nothing here can be measured in both photographs"
        return f"{NOT_COMPARABLE}: {legible(why).rstrip('.')}."
    assert outcome.change_percent is not None
    assert outcome.detectable_percent is not None
    could = percent(outcome.detectable_percent)
    if outcome.verdict is Verdict.NO_CHANGE:
        return f"{NO_CHANGE}: a change under {could} would not show in this pair."
    size = percent(outcome.change_percent)
    word = found.less if outcome.change_percent < 0 else found.more
    return (
        f"{found.subject} read{'' if key == 'relief' else 's'} {size} {word} "
        f"(95{_THIN}% interval {interval(key, outcome)}); "
        f"this pair could have shown a change of {could} or more."
    )


def interval(key: str, outcome: Outcome) -> str:
    """The 95 % interval with its direction, for example "24 to 38 % shallower"; "" when not comparable."""
    if _numberless(outcome):
        return ""
    assert outcome.low is not None
    assert outcome.high is not None
    found = measure(key)
    low, high = outcome.low, outcome.high
    if high <= 0:
        return f"{_number(high)} to {percent(low)} {found.less}"
    if low >= 0:
        return f"{_number(low)} to {percent(high)} {found.more}"
    return f"{percent(low)} {found.less} to {percent(high)} {found.more}"


def repeatability_sentence(used: Repeatability) -> str:
    """What of the clinic's own repeats a comparison honours."""
    said = [
        f"{measure(key).title.lower()} up to {percent(-off_scale(key, -scatter.coefficient))} "
        f"(from {scatter.pairs} pairs, which leave room for {percent(-off_scale(key, -scatter.detectable))}; "
        + (
            f"intervals widened {scatter.factor:.1f} times)"
            if scatter.factor > 1
            else "intervals as they are)"
        )
        for key, scatter in used.measures.items()
    ]
    return (
        f"Held against this clinic’s own repeated photographs of {date_words(used.made_on)}. There unchanged "
        f"skin reads changes of {', '.join(said)}; no interval above is narrower."
    )


def signed(value: float) -> str:
    """A signed percentage without a direction word: "−31 %", "+4 %", "0 %"."""
    text = _number(value)
    sign = "" if text == "0" else _MINUS if value < 0 else "+"
    return f"{sign}{text}{_THIN}%"


def signed_interval(outcome: Outcome) -> str:
    """For example "−38 to −24 %"; "" when not comparable."""
    if _numberless(outcome):
        return ""
    assert outcome.low is not None
    assert outcome.high is not None
    return f"{signed(outcome.low).removesuffix(f'{_THIN}%')} to {signed(outcome.high)}"


def percent(value: float) -> str:
    """The size of a percentage: "31 %", below 1 with one digit."""
    return f"{_number(value)}{_THIN}%"


def _number(value: float) -> str:
    size = abs(value)
    return f"{size:.1f}" if 0.05 <= size < 0.95 else f"{size:.0f}"


def _numberless(outcome: Outcome) -> bool:
    numbers = (outcome.change_percent, outcome.low, outcome.high, outcome.detectable_percent)
    return outcome.verdict is Verdict.NOT_COMPARABLE or any(
        n is None or not math.isfinite(n) for n in numbers
    )


def verdict_word(key: str, outcome: Outcome) -> str:
    """A verdict in a word or two: "shallower", "higher", "no change we can measure", "not comparable"."""
    short = _short_verdict(measure(key), outcome)
    return {"same": NO_CHANGE.lower(), "none": NOT_COMPARABLE.lower()}.get(short, short)


def verdict_mark(outcome: Outcome) -> str:
    """Which sign goes with a verdict: "down", "up", "same" or "none"; no judgement."""
    return {
        Verdict.IMPROVED: "down",
        Verdict.WORSE: "up",
        Verdict.NO_CHANGE: "same",
        Verdict.NOT_COMPARABLE: "none",
    }[outcome.verdict]


def could_show(outcome: Outcome) -> str:
    """For example "detectable from 12 %"; "" when not comparable."""
    if _numberless(outcome) or outcome.detectable_percent is None:
        return ""
    return f"detectable from {percent(outcome.detectable_percent)}"


def check_word(verdict: CheckVerdict) -> str:
    """The word beside the sign of one check."""
    return {CheckVerdict.OK: "fine", CheckVerdict.CAUTION: "caution", CheckVerdict.REFUSE: "too different"}[
        verdict
    ]


def grade_sentence(comparability: Comparability) -> str:
    """What the comparability grade means."""
    return _GRADES.get(comparability.grade, "")


def reasons(comparability: Comparability, count: int = 2) -> list[str]:
    """The worst reasons against the pair as short sentences, worst first."""
    return [first_sentence(check) for check in comparability.worst(count)]


def first_sentence(check: Check) -> str:
    """What a check found, without the advice that follows."""
    head, stop, _ = check.says.partition(". ")
    return legible(head + ("." if stop and not head.endswith(".") else ""))


_ZONE_SIDES = ("right", "left")


def zone_name(name: str) -> str:
    """A zone as clinicians say it, with the patient's side first.

    >>> zone_name("cheek_left"), zone_name("upper lip")
    ('Left cheek', 'Upper lip')
    """
    words = name.replace("_", " ").replace("-", " ").lower().split()
    side = [word for word in words if word in _ZONE_SIDES]
    said = " ".join(side + [word for word in words if word not in _ZONE_SIDES])
    return legible(said[:1].upper() + said[1:])


def date_words(taken_at: str) -> str:
    """A capture time as a date, "14 Mar 2026"; "unknown date" when the file does not say."""
    when = capture_date(taken_at)
    return (
        "unknown date"
        if when is None
        else f"{when.day}{_NOT_BREAKING}{_MONTHS[when.month - 1]}{_NOT_BREAKING}{when.year}"
    )


def time_words(taken_at: str) -> str:
    """A capture time as date and minute, "14 Mar 2026, 09:21"; what cannot be read is shown as it stands."""
    if capture_date(taken_at) is None:
        return legible(taken_at) or "not stated"
    time = taken_at[11:16]
    return f"{date_words(taken_at)}, {time}" if time else date_words(taken_at)


def pose_words(pose: Pose) -> str:
    """How the head is turned, from the patient's side: "4° to their left, chin 2° down, tilted 1° right"."""
    turns = (
        (pose.yaw_degrees, "{}° to their left", "{}° to their right"),
        (pose.pitch_degrees, "chin {}° up", "chin {}° down"),
        (pose.roll_degrees, "tilted {}° to their left", "tilted {}° to their right"),
    )
    said = [
        (more if angle > 0 else less).format(round(abs(angle))) for angle, more, less in turns if round(angle)
    ]
    return ", ".join(said) or "straight on"


def days_words(before_taken_at: str, after_taken_at: str) -> str:
    """The time between two capture times: "98 days apart"; says so when it is unknown or runs backwards."""
    before, after = capture_date(before_taken_at), capture_date(after_taken_at)
    if before is None or after is None:
        return "days between unknown"
    days = (after - before).days
    if days < 0:
        return f"after was taken {-days} days earlier than before"
    return "same day" if days == 0 else f"{days} day{'s' if days > 1 else ''} apart"


def capture_date(taken_at: str) -> date | None:
    """The calendar date of a capture time as the camera wrote it; None where none can be read."""
    try:
        return datetime.fromisoformat(taken_at).date()
    except ValueError:
        return None


def legible(text: str, longest: int = 200) -> str:
    """Text from outside as it may be shown: no control or direction-changing characters, not endless.

    >>> legible("a\\x00b\\u202ec")
    'a�b�c'
    """
    shown = "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Cn") else sign
        for sign in text
    )
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"
