"""What else is known of the time between two photographs: sessions, grades, and whether it is too early."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.conf import settings

from microrelief.pathway.course import judge_moment
from microrelief.pathway.finding import Finding
from microrelief.web.clinic_rules.book import clinic_book
from microrelief.web.patients.models import Patient
from microrelief.web.people.actor import Actor
from microrelief.web.photosets.models import PhotoSet

SESSION, DRAFT = "session", "draft"
"""The kind of a timeline entry that stands for a treatment, and the badge of one that has not begun."""


@dataclass(frozen=True)
class Grade:
    """What a professional read off a grading instrument on one day: shown beside the measures."""

    on: date
    instrument: str
    says: str


def session_days(actor: Actor, patient: Patient) -> list[date]:
    """The days of treatment, as the record's timeline and the photo sets know them."""
    found = {
        entry.on
        for entry in _offered("TIMELINE_APPS", "timeline", actor, patient)
        if entry.kind == SESSION and entry.badge != DRAFT
    }
    for one in PhotoSet.objects.for_user(actor).filter(patient_id__in=patient.all_ids()):
        if one.last_session_on is not None:
            found.add(one.last_session_on)
    return sorted(found)


def grades(actor: Actor, patient: Patient) -> list[Grade]:
    """A professional's grades, oldest first."""
    return sorted(_offered("GRADE_APPS", "grades", actor, patient), key=lambda grade: grade.on)


def too_early(days: list[date], seen_on: date) -> Finding | None:
    """The rulebook's finding where a set was taken too soon after the last session before it."""
    before = [day for day in days if day <= seen_on]
    if not before:
        return None
    finding = judge_moment(before[-1], seen_on, clinic_book())
    return finding if finding.level == "caution" else None


def last_session(days: list[date], seen_on: date) -> date | None:
    """The last treatment up to that day."""
    return next((day for day in reversed(days) if day <= seen_on), None)


def _offered(setting: str, module: str, actor: Actor, patient: Patient) -> Iterator[Any]:
    for app in getattr(settings, setting):
        if app != "microrelief.web.comparisons" and find_spec(f"{app}.{module}"):
            yield from import_module(f"{app}.{module}").entries(actor, patient)
