"""Whoever was stopped, for the owner's page of the day."""

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from microrelief.web.brake.models import Stop
from microrelief.web.people.actor import Actor
from microrelief.web.people.permissions import Permission
from microrelief.web.visits.timeline_entry import TodayItem


def items(actor: Actor, day: date) -> list[TodayItem]:
    """Stops that nobody has answered."""
    if not actor.may(Permission.RELEASE_BRAKE):
        return []
    return [
        TodayItem(
            kind=_("brake"),
            urgent=stop.kind == Stop.STOPPED,
            title=_title(actor, stop),
            line=stop.photos_words,
            url=reverse("brake"),
        )
        for stop in Stop.objects.filter(ended_at=None).select_related("person")
    ]


def _title(actor: Actor, stop: Stop) -> str:
    if stop.kind == Stop.NOTICED:
        return _("%(name)s opened many photographs") % {"name": stop.person.name}
    if stop.person_id == actor.person.pk:
        return _("You were stopped: too many photographs left")
    return _("%(name)s was stopped: too many photographs left") % {"name": stop.person.name}
