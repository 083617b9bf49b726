"""What the apps named in settings.TIMELINE_APPS have to show becomes one spine and one day.

An app offers any of: timeline.entries(actor, patient), today.items(actor, day), today.needs(actor, visit).
The order of the list is the order of a day.
"""

from collections.abc import Iterator
from datetime import date
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from django.conf import settings

from microrelief.web.patients.models import Patient
from microrelief.web.people.actor import Actor
from microrelief.web.visits.models import Visit
from microrelief.web.visits.need import Need
from microrelief.web.visits.timeline_entry import TimelineEntry, TodayItem


def spine(actor: Actor, patient: Patient) -> list[TimelineEntry]:
    """Everything of a patient, the newest first."""
    found = [entry for module in _offering("timeline") for entry in module.entries(actor, patient)]
    return sorted(found, key=lambda one: (one.on, one.at.timestamp() if one.at else 0.0), reverse=True)


def items(actor: Actor, day: date) -> list[TodayItem]:
    """What is to be done or looked at, the urgent first."""
    found = [
        item for module in _offering("today") if hasattr(module, "items") for item in module.items(actor, day)
    ]
    return sorted(found, key=lambda one: not one.urgent)


def needs(actor: Actor, visit: Visit) -> list[Need]:
    """What a visit needs, in the order of the apps."""
    return [
        need
        for module in _offering("today")
        if hasattr(module, "needs")
        for need in module.needs(actor, visit)
    ]


def _offering(name: str) -> Iterator[ModuleType]:
    for app in settings.TIMELINE_APPS:
        if find_spec(f"{app}.{name}"):
            yield import_module(f"{app}.{name}")
