"""What a recovery is called in a line: the day, the signs, how strong; and a number as a phone dials it."""

import re
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from microrelief.pathway.recovery import HOURS_A_DAY
from microrelief.web.recovery.models import SIGNS, STRENGTHS, DiaryEntry
from microrelief.web.recovery.session import hours_after
from microrelief.web.treatments.models import Treatment

COUNTED_IN_HOURS = 48
_NUMBER = re.compile(r"[+(\s]*[0-9][0-9\s()/.–-]*")
_ONLY_AT_HOME = re.compile(r"\(\s*0\s*\)")


def sign_words(sign: str) -> str:
    """The sign, as it is said."""
    return {
        "redness": _("redness"),
        "warmth": _("warmth"),
        "pain": _("pain"),
        "swelling": _("swelling"),
    }[sign]


def trend_words(trend: str) -> str:
    """How it goes."""
    return {"less": _("getting less"), "same": _("staying the same"), "more": _("getting more")}.get(
        trend, ""
    )


def day_words(treatment: Treatment, at: datetime) -> str:
    """`hour 5`, `day 4`: hours count in the first two days."""
    hours = int(hours_after(treatment, at))
    if hours < COUNTED_IN_HOURS:
        return _("hour %(hours)s") % {"hours": hours}
    return _("day %(day)s") % {"day": hours // HOURS_A_DAY}


def after_words(treatment: Treatment, at: datetime) -> str:
    """`5 hours after`, `4 days after`."""
    hours = int(hours_after(treatment, at))
    if hours < COUNTED_IN_HOURS:
        return ngettext("%(count)s hour after", "%(count)s hours after", hours) % {"count": hours}
    days = hours // HOURS_A_DAY
    return ngettext("%(count)s day after", "%(count)s days after", days) % {"count": days}


def strengths_in_words(entry: DiaryEntry, *, there: bool = False) -> str:
    """`pain a little, getting less; no swelling`: the signs; with `there` only those that are."""
    parts = []
    for sign in SIGNS:
        trend = str(entry.answers.get(sign, ""))
        if trend == "none" or entry.strength.get(sign) == 0:
            if not there:
                parts.append(_("no %(sign)s") % {"sign": sign_words(sign)})
        elif trend or sign in entry.strength:
            how = str(STRENGTHS[entry.strength[sign]]) if sign in entry.strength else ""
            said = " ".join(part for part in (sign_words(sign), how) if part)
            parts.append(", ".join(part for part in (said, trend_words(trend)) if part))
    return "; ".join(parts)


def dialled(phone: str) -> str:
    """`+49 (0)30 123` as `+4930123`: the nought in brackets is dialled only without the country's number.

    The first number of what was written; empty where there is none.
    """
    found = _NUMBER.search(phone)
    number = found.group().lstrip("( ") if found else ""
    if number.startswith(("+", "00")):
        number = _ONLY_AT_HOME.sub("", number)
    digits = re.sub(r"[^0-9]", "", number)
    return "+" * number.startswith("+") + digits
