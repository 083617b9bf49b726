"""The clinic's pages of a recovery: the link, the curve, what was written, what was done."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from microrelief.web.audit.trail import record
from microrelief.web.clinic.language import language_of_patient
from microrelief.web.clinic.models import the_clinic
from microrelief.web.leaflets.models import AFTERCARE
from microrelief.web.pages.qr import qr_code
from microrelief.web.patients.views import about
from microrelief.web.people.actor import Actor
from microrelief.web.people.doors import asked_by, needs
from microrelief.web.people.once import new_key
from microrelief.web.people.permissions import Permission
from microrelief.web.photos.diary import may_be_taken
from microrelief.web.plans.judged import aftercare_of, own_words
from microrelief.web.recovery import actions
from microrelief.web.recovery.asked import asked, read_entry
from microrelief.web.recovery.curve import HEIGHT, LEFT, TOP, WIDTH, curves_of
from microrelief.web.recovery.models import RED, AdverseEvent, DiaryEntry, DiaryLink, FollowUp
from microrelief.web.recovery.session import first_of, hours_after, last_of, skin_type
from microrelief.web.recovery.words import after_words, dialled, strengths_in_words
from microrelief.web.refusals import EditConflict, NotHere, Unusable
from microrelief.web.sheets.actions import sheet_for
from microrelief.web.sheets.answers import the_book
from microrelief.web.treatments.models import Treatment


@require_GET
@needs(Permission.SEE_PATIENTS)
def recovery(request: HttpRequest, treatment_id: UUID) -> HttpResponse:
    """One session's recovery."""
    actor = asked_by(request)
    treatment = _session(actor, treatment_id)
    with transaction.atomic():
        record("diary.viewed", by=actor, patient=treatment.patient_id)
    return render(request, "recovery/recovery.html", _page(actor, treatment))


@require_POST
@needs(Permission.WRITE_RECORD)
def new_link(request: HttpRequest, treatment_id: UUID) -> HttpResponse:
    """Make the link, and show it this once: as a code, as text, and on the sheet to print."""
    actor = asked_by(request)
    treatment = _session(actor, treatment_id, Permission.WRITE_RECORD)
    days = request.POST.get("days", "")
    link, address = actions.make_link(
        by=actor,
        treatment=treatment,
        days=int(days) if days.isdecimal() and len(days) < 4 else _days(treatment),
    )
    patient = treatment.patient.surviving or treatment.patient
    context = {
        **about(actor, treatment.patient),
        "treatment": treatment,
        "link": link,
        "address": address,
        "code": qr_code(address),
        "clinic": the_clinic(),
    }
    with override(language_of_patient(patient)):
        rules = the_book(treatment.on).on(timezone.localdate())
        printed = {**aftercare_of(rules), "ours": own_words(AFTERCARE, patient, None)}
        context["sheet"] = render_to_string("recovery/sheet.html", {**context, **printed}, request)
    return render(request, "recovery/link.html", context)


@require_POST
@needs(Permission.WRITE_RECORD)
def revoke(request: HttpRequest, link_id: UUID) -> HttpResponse:
    """Take the link back."""
    actor = asked_by(request)
    link = DiaryLink.objects.for_user(actor).select_related("patient").filter(pk=link_id).first()
    if link is None:
        raise NotHere(_("The address is wrong, the record is gone, or you do not treat this patient."))
    actions.revoke_diary_link(by=actor, link=link)
    messages.success(request, _("The link does not open any more."))
    return redirect("recovery", link.treatment_id)


@require_http_methods(["GET", "POST"])
@needs(Permission.WRITE_RECORD)
def write(request: HttpRequest, treatment_id: UUID) -> HttpResponse:
    """Write an entry for a patient who phones."""
    actor = asked_by(request)
    treatment = _session(actor, treatment_id, Permission.WRITE_RECORD)
    problem = ""
    if request.method == "POST":
        sent, photo = read_entry(request.POST), request.FILES.get("photo")
        try:
            entry = actions.write_entry(
                by=actor,
                treatment=treatment,
                key=request.POST.get("key", ""),
                answers=sent.answers,
                strength=sent.strength,
                note=sent.note,
                at=_when(request.POST.get("at", "")),
                asks_fever=sent.feverish,
                photo=photo.file if photo else None,
                photo_bytes=photo.size or 0 if photo else 0,
            )
        except Unusable as error:
            problem = error.says
        else:
            messages.success(request, entry.remark or _("The entry is kept."))
            return redirect(reverse("recovery", args=[treatment.pk]) + f"#entry-{entry.pk}")
    now = timezone.now()
    context = {
        **about(actor, treatment.patient),
        "treatment": treatment,
        "asked": asked(
            timezone.localdate(now),
            hours_after(treatment, now),
            skin_type(treatment.patient),
            request.POST if problem else None,
        ),
        "no_photo": not may_be_taken(treatment.patient),
        "key": new_key(),
        "at": request.POST.get("at") or timezone.localtime(now).strftime("%Y-%m-%dT%H:%M"),
        "problem": problem,
    }
    return render(request, "recovery/write.html", context, status=422 if problem else 200)


@require_POST
@needs(Permission.WRITE_RECORD)
def done(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """What was done about an entry."""
    actor = asked_by(request)
    entry = DiaryEntry.objects.for_user(actor).select_related("patient").filter(pk=entry_id).first()
    if entry is None:
        raise NotHere(_("The address is wrong, the record is gone, or you do not treat this patient."))
    sent = request.POST
    try:
        actions.follow_up(
            by=actor, entry=entry, key=sent.get("key", ""), did=sent.get("did", ""), says=sent.get("says", "")
        )
    except Unusable as error:
        messages.error(request, error.says)
    else:
        messages.success(request, _("Written down."))
    return redirect(reverse("recovery", args=[entry.treatment_id]) + f"#entry-{entry.pk}")


@require_POST
@needs(Permission.WRITE_RECORD)
def event(request: HttpRequest, treatment_id: UUID) -> HttpResponse:
    """Write down an adverse event."""
    actor = asked_by(request)
    treatment = _session(actor, treatment_id, Permission.WRITE_RECORD)
    sent = request.POST
    try:
        on = _day(sent.get("on", ""))
        if on is None:
            raise Unusable(_("Give the day on which it began."))
        actions.write_event(
            by=actor,
            treatment=treatment,
            key=sent.get("key", ""),
            on=on,
            kind=sent.get("kind", ""),
            grade=sent.get("grade", ""),
            says=sent.get("says", ""),
            entry=_entry_of(treatment, sent.get("entry", "")),
        )
    except Unusable as error:
        messages.error(request, error.says)
    else:
        messages.success(request, _("The event is written down."))
    return redirect(reverse("recovery", args=[treatment.pk]) + "#events")


@require_POST
@needs(Permission.WRITE_RECORD)
def end(request: HttpRequest, event_id: UUID) -> HttpResponse:
    """When an event was over."""
    actor = asked_by(request)
    found = AdverseEvent.objects.for_user(actor).select_related("patient", "treatment").filter(pk=event_id)
    one = found.first()
    if one is None:
        raise NotHere(_("The address is wrong, the record is gone, or you do not treat this patient."))
    version = request.POST.get("version", "")
    try:
        actions.end_event(
            by=actor,
            event=one,
            version=int(version) if version.isdecimal() else 0,
            ended_on=_day(request.POST.get("ended_on", "")),
        )
    except EditConflict:
        messages.warning(request, _("Somebody else changed this event meanwhile; look again."))
    except Unusable as error:
        messages.error(request, error.says)
    return redirect(reverse("recovery", args=[one.treatment_id]) + "#events")


def _page(actor: Actor, treatment: Treatment) -> dict[str, Any]:
    everything = DiaryEntry.objects.filter(treatment=treatment)
    entries = list(everything.select_related("photo", "written_by", "treatment").order_by("at", "came_at"))
    red = set(everything.red().values_list("pk", flat=True))
    looked = set(everything.to_look_at().values_list("pk", flat=True))
    links = DiaryLink.objects.filter(treatment=treatment).select_related("made_by", "patient", "treatment")
    rows = [_row(one, one.pk in red, one.pk in looked) for one in reversed(entries)]
    return {
        **about(actor, treatment.patient.surviving or treatment.patient),
        "treatment": treatment,
        "sheet": last_of(treatment),
        "after": after_words(treatment, timezone.now()),
        "rows": rows,
        # the gravest first, then the last that came: what is done about it ends those before it as well
        "open_red": sorted(
            (row for row in rows if row["open_red"]),
            key=lambda row: (row["entry"].gravity, row["entry"].came_at),
            reverse=True,
        ),
        "links": links,
        "open_link": next((link for link in links if link.usable), None),
        "days": _days(treatment),
        "dialled": dialled(treatment.patient.phone),
        "most_days": DiaryLink.MOST_DAYS,
        "curves": curves_of(treatment, entries, _earlier(treatment)),
        "drawing": {"width": WIDTH, "height": HEIGHT, "left": LEFT, "top": TOP},
        "events": AdverseEvent.objects.filter(treatment=treatment).select_related("written_by", "entry"),
        "did": FollowUp.DID,
        "kinds": AdverseEvent.KINDS,
        "grades": AdverseEvent.GRADES,
        "key": new_key(),
        "today": timezone.localdate(),
    }


def _row(one: DiaryEntry, open_red: bool, to_look_at: bool) -> dict[str, Any]:
    findings = [finding for finding in one.said.get("findings", []) if finding["patient"]]
    return {
        "entry": one,
        "after": after_words(one.treatment, one.at),
        "signs": strengths_in_words(one),
        "findings": findings,
        "ticked": [finding for finding in findings if finding["level"] in RED],
        "open_red": open_red,
        "to_look_at": to_look_at,
        "late": (one.came_at - one.at).total_seconds() > 600 and one.written_by is None,
        "follow_ups": one.follow_ups.select_related("by"),
        "key": new_key(),
    }


def _earlier(treatment: Treatment) -> list[list[DiaryEntry]]:
    """The diaries of the person's sessions before this one."""
    found: dict[UUID, list[DiaryEntry]] = {}
    entries = DiaryEntry.objects.filter(patient_id__in=treatment.patient.all_ids())
    for one in entries.filter(treatment__on__lt=treatment.on).select_related("treatment").order_by("at"):
        found.setdefault(one.treatment_id, []).append(one)
    return list(found.values())


def _session(actor: Actor, treatment_id: UUID, permission: Permission = Permission.SEE_PATIENTS) -> Treatment:
    return first_of(sheet_for(Treatment, actor, treatment_id, permission))


def _days(treatment: Treatment) -> int:
    """The default, and for an old session so many that the link is open at all."""
    passed = (timezone.localdate() - treatment.on).days
    return min(max(DiaryLink.DAYS, passed + DiaryLink.DAYS // 2), DiaryLink.MOST_DAYS)


def _entry_of(treatment: Treatment, text: str) -> DiaryEntry | None:
    try:
        return DiaryEntry.objects.filter(treatment=treatment, pk=UUID(text)).first()
    except ValueError:
        return None


def _when(text: str) -> Any:
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    return timezone.make_aware(found) if found is not None and timezone.is_naive(found) else found


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
