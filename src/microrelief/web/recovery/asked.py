"""What the diary asks at an hour after the session, and what was sent becomes answers.

hour, skin type -> Asked (signs in their order, other signs that matter now)
what was sent   -> Sent (answers by the rulebook's names, strengths, note)

Which other signs matter when follows from the rules: each is asked from its rule's `usual_from` on, what
should have gone from `notify_after` on, those of numbing on the first day only. Offline nobody knows the
hour, so all are asked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from microrelief.pathway.recovery import REDNESS_MISSED
from microrelief.pathway.rulebook import Rule, RulesOfTheDay
from microrelief.web.recovery.models import RED, SIGNS, STRENGTHS
from microrelief.web.recovery.words import trend_words
from microrelief.web.sheets.answers import the_book

TRENDS = ("less", "same", "more")
HOURS_A_DAY = 24
NONE = "none_of_these"
FEVERISH = "feverish"
MARK = "on"
OTHERS = (
    "allergy_signs",
    "numbing_toxicity_signs",
    "grouped_blisters",
    "pus",
    "draining_bumps",
    "bumps",
    "tracks",
    "new_brown_patch",
    "raised_scar",
    "bruise",
    "flaking",
)
"""The gravest first."""
RULES = {
    "allergy_signs": "red_allergy",
    "numbing_toxicity_signs": "red_numbing",
    "grouped_blisters": "red_blisters",
    "pus": "red_infection",
    "draining_bumps": "red_draining",
    "bumps": "red_bumps",
    "tracks": "red_tracks",
    "new_brown_patch": "red_brown_patch",
    "raised_scar": "red_raised_scar",
    "bruise": "bruise_late",
    "flaking": "flaking_late",
}


@dataclass(frozen=True)
class SignAsked:
    """One sign with how strong it is and how it goes."""

    name: str
    asks: str
    helps: str
    strengths: list[tuple[int, str, bool]]
    """Place, words, whether it was chosen."""
    trends: list[tuple[str, str, bool]]
    only_with_others: bool = False
    """Asked once another sign is there."""


@dataclass(frozen=True)
class OtherAsked:
    """Something to tick; `level` and `says` are what the phone shows by itself without a connection."""

    name: str
    asks: str
    level: str
    says: str
    chosen: bool = False

    @property
    def is_red(self) -> bool:
        """Whether somebody must be called at once."""
        return self.level in RED


@dataclass(frozen=True)
class Asked:
    """The whole page."""

    signs: list[SignAsked]
    others: list[OtherAsked]
    fever_from: float
    """Degrees Celsius."""
    sent: QueryDict
    """What was sent and could not be kept: it stands in the form again."""


@dataclass(frozen=True)
class Sent:
    """What came back."""

    answers: dict[str, Any]
    strength: dict[str, int]
    note: str
    feverish: bool


def asked(
    on: date, hours: float | None = None, fitzpatrick: str | None = None, sent: QueryDict | None = None
) -> Asked:
    """What to ask on this day; without hours everything, as the page without a connection does."""
    sent = sent or QueryDict()
    rules = the_book(on).on(on)
    names = [name for name in OTHERS if hours is None or _matters(rules[f"recovery.{RULES[name]}"], hours)]
    return Asked(
        list(_signs(fitzpatrick, sent, knows_hour=hours is not None)),
        [_other(name, rules, chosen=sent.get(name) == MARK) for name in names],
        rules["recovery.red_infection"].number("fever_from"),
        sent,
    )


def left_open(
    questions: Asked, answers: Mapping[str, Any], strength: Mapping[str, int], *, feverish: bool
) -> list[str]:
    """What the page asks for and was not answered: a sign, which way it goes, or the whole of the others.

    One box that was ticked answers the others: the page asks for what is there.
    """
    there = [sign for sign in SIGNS if strength.get(sign) or answers.get(sign) not in (None, "none")]
    found = [
        sign.name
        for sign in questions.signs
        if answers.get(sign.name) is None and (there or not sign.only_with_others)
    ]
    if not feverish and all(answers.get(other.name) is None for other in questions.others):
        found.append("others")
    return found


def read_entry(sent: QueryDict) -> Sent:
    """The answers among what was sent. What was neither ticked nor denied stays unknown."""
    answers: dict[str, Any] = {}
    strength: dict[str, int] = {}
    for sign in SIGNS:
        how, trend = sent.get(f"how_{sign}", ""), sent.get(f"trend_{sign}", "")
        if how.isdecimal() and int(how) < len(STRENGTHS):
            strength[sign] = int(how)
        if how == "0":
            answers[sign] = "none"
        elif trend in TRENDS:
            answers[sign] = trend
    denied = bool(sent.get(NONE))
    shown = set(sent.getlist("asked"))
    for name in OTHERS:
        if sent.get(name) == MARK:
            answers[name] = True
        elif denied and name in shown:
            answers[name] = False
    if (measured := _number(sent.get("temperature_celsius", ""))) is not None:
        answers["temperature_celsius"] = measured
    return Sent(answers, strength, sent.get("note", ""), sent.get(FEVERISH) == MARK)


def _signs(fitzpatrick: str | None, sent: QueryDict, *, knows_hour: bool) -> Iterator[SignAsked]:
    """Where redness is easily missed, warmth and pain come first, and colour is the person's own.

    So it is asked as well of a skin whose type nobody wrote down: it may be dark.
    """
    dark = fitzpatrick is None or fitzpatrick in REDNESS_MISSED
    order = ("warmth", "pain", "swelling", "redness") if dark else ("redness", "swelling", "pain", "warmth")
    for name in order:
        how, going = sent.get(f"how_{name}"), sent.get(f"trend_{name}")
        yield SignAsked(
            name,
            _asks(name, dark),
            _("Redness is hard to see on brown or black skin: compare with your own usual colour.")
            if name == "redness" and dark
            else "",
            [(at, str(words).capitalize(), how == str(at)) for at, words in enumerate(STRENGTHS)],
            [(trend, trend_words(trend).capitalize(), going == trend) for trend in TRENDS],
            only_with_others=name == "warmth" and not dark and knows_hour,
        )


def _asks(name: str, dark: bool) -> str:
    if name == "redness" and dark:
        return _("Is the skin redder or darker than it usually is?")
    return {
        "redness": _("Is the skin redder than it usually is?"),
        "warmth": _("Does the skin feel warmer than the rest of you?"),
        "pain": _("Does it hurt?"),
        "swelling": _("Is it swollen?"),
    }[name]


def _other(name: str, rules: RulesOfTheDay, *, chosen: bool) -> OtherAsked:
    rule = rules[f"recovery.{RULES[name]}"]
    asks = {
        "allergy_signs": _("My face swells and I wheeze or have hives"),
        "numbing_toxicity_signs": _(
            "Ringing ears, a taste of metal, numbness around the mouth, unrest, a fit, or blue-grey lips"
        ),
        "grouped_blisters": _("Small blisters or raw spots in a group, or burning pain"),
        "pus": _("Pus"),
        "draining_bumps": _("Bumps with fluid coming out"),
        "bumps": _("Firm bumps that were not there before"),
        "tracks": _("Fine pitted lines in rows"),
        "new_brown_patch": _("A new brown or dark patch"),
        "raised_scar": _("A new raised, firm scar"),
        "bruise": _("A bruise"),
        "flaking": _("Dry or flaking skin"),
    }[name]
    return OtherAsked(name, asks, rule.level, rule.patient, chosen)


def _matters(rule: Rule, hours: float) -> bool:
    if "usual_from" in rule.values and rule.level not in RED:
        return hours >= rule.number("usual_from") * HOURS_A_DAY
    if "notify_after" in rule.values:  # of bruise and flaking, in days
        return hours > rule.number("notify_after") * HOURS_A_DAY
    if rule.id == "recovery.red_draining":
        return hours >= rule.number("usual_from") * HOURS_A_DAY
    if rule.id == "recovery.red_numbing":
        return hours <= HOURS_A_DAY
    return True


def _number(text: str) -> float | str | None:
    """As a number; what is none is handed on, so that the reader is told."""
    text = text.strip().replace(",", ".")[:10]
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        return text
