"""What comparisons put on a patient's timeline and on the page of the day."""

from django.urls import reverse

from microrelief.web.comparisons.actions import comparisons_of
from microrelief.web.comparisons.models import Comparison
from microrelief.web.patients.models import Patient
from microrelief.web.people.actor import Actor
from microrelief.web.visits.timeline_entry import TimelineEntry


def entries(actor: Actor, patient: Patient) -> list[TimelineEntry]:
    """One line for each pair of days: the front view where there is one."""
    shown: dict[tuple[object, object], Comparison] = {}
    for one in comparisons_of(actor, patient):
        pair = (one.before_on, one.after_on)
        if pair not in shown or one.view == "front":
            shown[pair] = one
    return [
        TimelineEntry(
            on=one.after_on,
            at=None,
            kind="comparison",
            title=f"Compared with {one.before_on:%d %b %Y}",
            line=headline(one),
            url=reverse("comparison", args=[one.pk]),
            badge=one.grade,
        )
        for one in shown.values()
    ]


def headline(one: Comparison) -> str:
    """The verdict in a line."""
    if one.state == Comparison.WAITING:
        return "being compared"
    return str(one.told.get("headline", "")) or one.why
