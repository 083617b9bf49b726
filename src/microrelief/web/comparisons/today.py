"""What comparisons put on the page of the day."""

from datetime import date

from django.urls import reverse

from microrelief.web.comparisons.models import Comparison
from microrelief.web.comparisons.timeline import headline
from microrelief.web.people.actor import Actor
from microrelief.web.visits.timeline_entry import TodayItem

MOST = 40


def items(actor: Actor, day: date) -> list[TodayItem]:
    """Front views whose comparison came to an end on that day."""
    found = Comparison.objects.for_user(actor).standing().filter(finished_at__date=day, view="front")
    return [
        TodayItem("comparison", False, one.patient.name, _line(one), reverse("comparison", args=[one.pk]))
        for one in found.select_related("patient")[:MOST]
    ]


def _line(one: Comparison) -> str:
    """Which two sets, for several pairs of one patient may end on a day."""
    return f"{one.before_on:%-d %b %Y} – {one.after_on:%-d %b %Y}: {headline(one)}"
