"""Pages of plans: write with the findings beside, agree, print the sheets, take the calendar along."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import override
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from microrelief.pathway.calendar import plan_calendar
from microrelief.web.clinic.language import language_of_patient
from microrelief.web.clinic.models import the_clinic
from microrelief.web.consents.actions import permits
from microrelief.web.consents.purposes import PURPOSES
from microrelief.web.leaflets.models import AFTERCARE, PREPARATION
from microrelief.web.pages.qr import qr_code
from microrelief.web.patients.access import patient_for
from microrelief.web.patients.views import about
from microrelief.web.people.actor import Actor
from microrelief.web.people.doors import asked_by, confirmed_lately, needs
from microrelief.web.people.permissions import Permission
from microrelief.web.plans import actions
from microrelief.web.plans.judged import (
    BEFORE,
    COURSE,
    SO_FAR,
    Planned,
    aftercare_of,
    calendar_of,
    from_consultation,
    own_words,
    planned,
    preparation_for,
)
from microrelief.web.plans.last_used import read_last_used, shown_last_used
from microrelief.web.plans.link import make_plan_link, revoke_plan_link, usual_days
from microrelief.web.plans.models import Plan, PlanLink
from microrelief.web.plans.so_far import sessions_done
from microrelief.web.refusals import EditConflict, NotHere, Unusable
from microrelief.web.sheets import actions as sheets
from microrelief.web.sheets.answers import Group, fields, fill_rest, read_answers, read_overrides, the_book
from microrelief.web.sheets.pages import Shown, differences, wants_parts
from microrelief.web.visits.models import Visit

ASKED = ("treatment", "record", "comparison")
LABELS = {
    "answers": "Answers",
    "last_used": "Last used",
    "note": "Words for the patient",
    "overrides": "Set aside",
}


@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_PATIENTS)
def plan_of(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The patient's plan: the draft, else the one that was agreed, else the offer to make one."""
    actor = asked_by(request)
    patient = patient_for(actor, patient_id)
    if request.method == "POST":
        patient = patient_for(actor, patient_id, Permission.WRITE_RECORD)
        return redirect("plan", actions.begin_plan(by=actor, patient=patient).pk)
    found = Plan.objects.for_user(actor).filter(patient_id__in=patient.all_ids())
    plan = found.open().first() or sheets.last_signed(Plan, patient)
    if plan is not None:
        return redirect("plan", plan.pk)
    return render(request, "plans/none.html", about(actor, patient))


@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_PATIENTS)
def plan(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """Read it; write on it while it is a draft."""
    actor = asked_by(request)
    sheet = sheets.sheet_for(Plan, actor, plan_id)
    if request.method == "GET":
        return _page(request, actor, sheet)
    sheet = sheets.sheet_for(Plan, actor, plan_id, Permission.WRITE_RECORD)
    conflict = _save(request, actor, sheet)
    if conflict or wants_parts(request):
        return _page(request, actor, sheet, conflict)
    if request.POST.get("rest"):
        return redirect(f"{request.path}#{request.POST['rest']}")
    messages.success(request, "Saved as a draft.")
    return redirect(request.path)


@require_POST
@needs(Permission.SIGN_RECORD)
def sign(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """Agree on it, with a proof of who it is; the sessions are expected from now on."""
    actor = asked_by(request)
    sheet = sheets.sheet_for(Plan, actor, plan_id, Permission.SIGN_RECORD)
    confirmed_lately(request)
    conflict = _save(request, actor, sheet)
    if conflict:
        return _page(request, actor, sheet, conflict)
    try:
        done = sessions_done(sheet.patient, sheet.on)
        actions.sign_plan(by=actor, plan=sheet, version=sheet.version, sessions_done=done)
    except Unusable as error:
        return _page(request, actor, sheet, refused=error.says)
    messages.success(
        request, "Agreed. The sessions stand in the days; print the sheets or hand out the calendar."
    )
    return redirect("plan", sheet.pk)


@require_POST
@needs(Permission.WRITE_RECORD)
def drop(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """Put the draft aside."""
    actor = asked_by(request)
    sheet = sheets.sheet_for(Plan, actor, plan_id, Permission.WRITE_RECORD)
    sheets.drop(by=actor, sheet=sheet)
    messages.success(request, "The draft was put aside.")
    return redirect("patient", sheet.patient_id)


@require_GET
@needs(Permission.SEE_PATIENTS)
def preparation(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """The dated sheet for the days before one session, to print."""
    actor = asked_by(request)
    sheet = sheets.sheet_for(Plan, actor, plan_id)
    days = planned(sheet, 0).session_days
    asked = _day(request.GET.get("session", ""))
    session_on = asked if asked in days else next((day for day in days if day >= sheet.on), None)
    if session_on is None:
        raise NotHere("This plan has no session yet: give the day of the first one.")
    heard, _ = preparation_for(sheet, session_on)
    context = {
        **about(actor, sheet.patient),
        "sheet": sheet,
        "clinic": the_clinic(),
        "session_on": session_on,
        "ours": own_words(PREPARATION, sheet.patient, sheet.signed_at),
        "days": days,
        "heard": heard,
    }
    with override(language_of_patient(sheet.patient)):
        return render(request, "plans/preparation.html", context)


@require_GET
@needs(Permission.SEE_PATIENTS)
def aftercare(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """What to do after a session, what is usual, and when to call, to print."""
    actor = asked_by(request)
    sheet = sheets.sheet_for(Plan, actor, plan_id)
    rules = the_book(sheet.on).on(sheet.on)
    context = {
        **about(actor, sheet.patient),
        "sheet": sheet,
        "clinic": the_clinic(),
        "ours": own_words(AFTERCARE, sheet.patient, sheet.signed_at),
        **aftercare_of(rules),
    }
    with override(language_of_patient(sheet.patient)):
        return render(request, "plans/aftercare.html", context)


@require_GET
@needs(Permission.SEE_PATIENTS)
def calendar(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """The days as a calendar file; nobody is named in it."""
    actor = asked_by(request)
    sheet = sheets.sheet_for(Plan, actor, plan_id)
    outcome = calendar_of(sheet, planned(sheet, 0))
    if outcome is None:
        raise NotHere("This plan has no days yet: give the day of the first session.")
    response = HttpResponse(plan_calendar(outcome), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="plan.ics"'
    return response


@require_POST
@needs(Permission.WRITE_RECORD)
def new_link(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """Make the patient's link, and show it this once: as a code and as text."""
    actor = asked_by(request)
    sheet = sheets.sheet_for(Plan, actor, plan_id, Permission.WRITE_RECORD)
    sent = request.POST.get("days", "")
    days = int(sent) if sent.isdecimal() and len(sent) < 4 else _link_days(planned(sheet, 0))
    link, address = make_plan_link(by=actor, plan=sheet, days=days)
    context = {
        **about(actor, sheet.patient),
        "sheet": sheet,
        "link": link,
        "address": address,
        "code": qr_code(address),
    }
    return render(request, "plans/link.html", context)


@require_POST
@needs(Permission.WRITE_RECORD)
def revoke_link(request: HttpRequest, link_id: UUID) -> HttpResponse:
    """Take the link back."""
    actor = asked_by(request)
    link = PlanLink.objects.for_user(actor).select_related("patient").filter(pk=link_id).first()
    if link is None:
        raise NotHere("The address is wrong, the record is gone, or you do not treat this patient.")
    revoke_plan_link(by=actor, link=link)
    messages.success(request, "The link does not open any more.")
    return redirect("plan", link.plan_id)


def _link_days(found: Planned) -> int:
    return usual_days(found.session_days, timezone.localdate())


def _save(request: HttpRequest, actor: Actor, sheet: Plan) -> list[dict[str, Any]]:
    sent = request.POST
    if "version" not in sent:
        return []
    answers = {
        **read_answers("course", (*COURSE.names, *SO_FAR.names), sent),
        **read_answers("preparation", BEFORE.names, sent),
    }
    if sent.get("rest") == BEFORE.key:
        answers = {**answers, **fill_rest("preparation", BEFORE.names[:-1], answers)}
    changes = {
        "answers": answers,
        "last_used": read_last_used(sent),
        "note": sent.get("note", "").strip()[:4000],
        "overrides": read_overrides(sent, sheet.overrides),
    }
    version = int(sent["version"]) if sent["version"].isdecimal() else 0
    try:
        sheets.save_draft(by=actor, sheet=sheet, version=version, **changes)
    except EditConflict as error:
        rows = differences(error, LABELS)
        sheet.version = error.theirs.version
        for name, value in changes.items():
            setattr(sheet, name, value)
        return rows or [
            {"label": "Saved meanwhile", "theirs": "the same", "yours": "the same", "differs": False}
        ]
    return []


def _page(
    request: HttpRequest,
    actor: Actor,
    sheet: Plan,
    conflict: list[dict[str, Any]] | None = None,
    refused: str = "",
) -> HttpResponse:
    done = sessions_done(sheet.patient, sheet.on)
    found = planned(sheet, done)
    may_write = sheet.is_open and actor.may(Permission.WRITE_RECORD)
    context = {
        **about(actor, sheet.patient),
        "sheet": sheet,
        "found": found,
        "conflict": conflict,
        "refused": refused,
        "may_sign": sheet.is_open and actor.may(Permission.SIGN_RECORD),
        "aside": [{"finding": one, "why": sheet.overrides.get(one.rule.id, "")} for one in found.against],
        "products": shown_last_used(sheet.answers.get("uses"), sheet.last_used),
    }
    status = 409 if conflict else 422 if refused else 200
    if wants_parts(request):
        return render(request, "plans/parts.html", context, status=status)
    context |= {
        "shown": _shown(sheet, found.wrong, done),
        "consents": [
            {"key": key, "purpose": PURPOSES[key], "given": permits(sheet.patient, key)} for key in ASKED
        ],
        "visits": Visit.objects.for_user(actor).filter(
            patient_id__in=sheet.patient.all_ids(), on__gte=sheet.on
        ),
        "clinic": the_clinic(),
        "open_link": next((link for link in sheet.links.all() if link.usable), None),
        "link_days": _link_days(found),
        "most_days": PlanLink.MOST_DAYS,
    }
    return render(request, "plans/write.html" if may_write else "plans/read.html", context, status=status)


def _shown(sheet: Plan, wrong: dict[str, str], done: int) -> list[Shown]:
    def group(stage: str, one: Group, names: tuple[str, ...]) -> Shown:
        return Shown(one, fields(stage, names, sheet.answers, wrong=wrong))

    herpes = from_consultation(sheet.patient).get("herpes_history") is True
    return [
        group("course", COURSE, COURSE.names),
        *([group("course", SO_FAR, SO_FAR.names)] if done else []),
        group("preparation", BEFORE, BEFORE.names if herpes else BEFORE.names[:-1]),
    ]


def _day(text: str) -> Any:
    try:
        return parse_date(text)
    except ValueError:
        return None
