"""Recoveries on the page of the day: red flags first, then what to look at, then diaries that are silent."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from microrelief.web.people.actor import Actor
from microrelief.web.people.permissions import Permission
from microrelief.web.recovery.models import ASK, LOOK, RED, DiaryEntry, DiaryLink
from microrelief.web.recovery.session import first_of, needled_at
from microrelief.web.recovery.words import after_words, strengths_in_words
from microrelief.web.sheets.answers import the_book
from microrelief.web.treatments.models import Treatment
from microrelief.web.visits.models import Visit
from microrelief.web.visits.need import Need
from microrelief.web.visits.timeline_entry import TodayItem


def items(actor: Actor, day: date) -> list[TodayItem]:
    """One line for each session, by its gravest open entry."""
    found = DiaryEntry.objects.for_user(actor).select_related("patient", "treatment")
    red = _gravest(found.red())
    looked = {key: one for key, one in _gravest(found.to_look_at()).items() if key not in red}
    lines = [_line(one, urgent=True) for one in red.values()]
    lines += [_line(one, urgent=False) for one in looked.values()]
    return [*lines, *_silent(actor, {*red, *looked})]


def needs(actor: Actor, visit: Visit) -> list[Need]:
    """After a signed session: the patient's link."""
    if visit.purpose != Visit.SESSION or not actor.may(Permission.WRITE_RECORD):
        return []
    signed = (
        Treatment.objects.for_user(actor).signed().filter(patient_id=visit.patient_id, on=visit.on).first()
    )
    if signed is None:
        return []
    first = first_of(signed)
    if DiaryLink.objects.filter(treatment=first).exists():
        return [Need(_("Diary link"), reverse("recovery", args=[first.pk]), done=True)]
    return [Need(_("Diary link"), reverse("new_diary_link", args=[first.pk]), begins=True)]


def _gravest(found: "object") -> dict[object, DiaryEntry]:
    """Of each session the gravest, and of equal ones the last."""
    gravest: dict[object, DiaryEntry] = {}
    for one in found.order_by("at"):  # type: ignore[attr-defined]
        before = gravest.get(one.treatment_id)
        if before is None or one.gravity >= before.gravity:
            gravest[one.treatment_id] = one
    return gravest


def _line(one: DiaryEntry, *, urgent: bool) -> TodayItem:
    return TodayItem(
        kind=_("red flag") if urgent else _("recovery"),
        urgent=urgent,
        title=f"{one.patient.name}: {_why(one)}",
        line=": ".join(
            part for part in (after_words(one.treatment, one.at), strengths_in_words(one, there=True)) if part
        ),
        url=reverse("recovery", args=[one.treatment_id]) + f"#entry-{one.pk}",
    )


def _why(one: DiaryEntry) -> str:
    """Why it is on the list."""
    fever = [_("feels feverish, not measured")] if one.asks_fever else []
    if one.level in RED:
        return ", ".join([one.level, *fever])
    if fever:
        return fever[0]
    if one.level == ASK:
        return _("left questions open")
    if one.level in LOOK:
        return one.level
    return _("sent a photograph") if one.photo_id else _("wrote a note")


def _silent(actor: Actor, listed: set[object]) -> Iterator[TodayItem]:
    now = timezone.now()
    links = DiaryLink.objects.for_user(actor).filter(revoked_at=None, expires_at__gt=now)
    today = timezone.localdate()
    points = the_book(today).on(today)["recovery.contact_points"]
    silent_after = timedelta(days=points.number("message_day") + 1)  # "after one to two days"
    since = today - timedelta(days=points.number("photo_day") + 1)  # then the photograph is overdue
    links = links.filter(treatment__on__gte=since).select_related("patient", "treatment")
    for link in links.annotate(last=Max("treatment__diary__at")):
        last = link.last or needled_at(link.treatment)
        if link.treatment_id in listed or now - last < silent_after:
            continue
        heard = (
            _("last entry %(when)s") % {"when": after_words(link.treatment, link.last)} if link.last else ""
        )
        yield TodayItem(
            kind=_("recovery"),
            urgent=False,
            title=_("%(name)s: the diary is silent") % {"name": link.patient.name},
            line=heard or _("nothing was written since the session"),
            url=reverse("recovery", args=[link.treatment_id]),
        )
