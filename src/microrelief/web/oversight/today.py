"""Broken glasses that nobody has looked at, for the owner's page of the day."""

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from microrelief.web.patients.models import CareRelation
from microrelief.web.people.actor import Actor
from microrelief.web.people.permissions import Permission
from microrelief.web.visits.timeline_entry import TodayItem


def items(actor: Actor, day: date) -> list[TodayItem]:
    """At once, and until they were seen; the patient by number only."""
    if not actor.may(Permission.READ_AUDIT):
        return []
    broken = CareRelation.objects.filter(
        kind=CareRelation.BROKE_GLASS, seen_by_owner_at=None, patient__erased_at=None
    )
    return [
        TodayItem(
            kind=_("broken glass"),
            urgent=True,
            title=_("%(name)s opened the record of a patient they do not treat") % {"name": one.person.name},
            line=_("%(patient)s: %(reason)s") % {"patient": one.patient, "reason": one.reason},
            url=reverse("audit"),
        )
        for one in broken.select_related("patient", "person").order_by("-since")
    ]
