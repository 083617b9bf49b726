"""Diary entries and adverse events, on the spine."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from microrelief.web.patients.models import Patient
from microrelief.web.people.actor import Actor
from microrelief.web.recovery.models import RED, AdverseEvent, DiaryEntry
from microrelief.web.recovery.words import day_words, strengths_in_words
from microrelief.web.visits.timeline_entry import TimelineEntry


def entries(actor: Actor, patient: Patient) -> list[TimelineEntry]:
    """Each entry with what the rules said; each event with its grade."""
    return [*_diary(actor, patient), *_events(actor, patient)]


def _diary(actor: Actor, patient: Patient) -> Iterator[TimelineEntry]:
    found = DiaryEntry.objects.for_user(actor).filter(patient_id__in=patient.all_ids())
    open_red = set(found.red().values_list("pk", flat=True))
    for one in found.select_related("treatment"):
        badge = one.level if one.level in RED else ""
        yield TimelineEntry(
            on=timezone.localdate(one.at),
            at=one.at,
            kind="diary",
            title=_("Diary, %(day)s") % {"day": day_words(one.treatment, one.at)},
            line=strengths_in_words(one),
            url=reverse("recovery", args=[one.treatment_id]) + f"#entry-{one.pk}",
            badge=_("open: %(level)s") % {"level": badge} if one.pk in open_red else badge,
        )


def _events(actor: Actor, patient: Patient) -> Iterator[TimelineEntry]:
    found = AdverseEvent.objects.for_user(actor).filter(patient_id__in=patient.all_ids())
    for one in found:
        until = _("until %(day)s") % {"day": f"{one.ended_on:%-d %B}"} if one.ended_on else _("not over yet")
        yield TimelineEntry(
            on=one.on,
            at=None,
            kind="event",
            title=_("Event: %(kind)s") % {"kind": one.kind_words},
            line=until,
            quote=one.says,
            url=reverse("recovery", args=[one.treatment_id]) + "#events",
            badge=one.grade_words,
        )
