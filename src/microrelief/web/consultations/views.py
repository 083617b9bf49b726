"""Pages of consultations: begin, write with the findings beside, sign, read."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from microrelief.pathway.finding import DECISIONS
from microrelief.web.audit.trail import record
from microrelief.web.consultations import actions
from microrelief.web.consultations.groups import GROUPS, STAGE, WHEN
from microrelief.web.consultations.judged import SCAR_KINDS, Judged, judged, needs_why, to_set_aside
from microrelief.web.consultations.models import Consultation
from microrelief.web.consultations.reading import read_page
from microrelief.web.face_map.zones import IN_LIST, ZONES
from microrelief.web.patients.access import patient_for
from microrelief.web.patients.views import about
from microrelief.web.people.actor import Actor
from microrelief.web.people.doors import asked_by, confirmed_lately, needs
from microrelief.web.people.permissions import Permission
from microrelief.web.refusals import EditConflict, Unusable
from microrelief.web.sheets import actions as sheets
from microrelief.web.sheets.answers import fields
from microrelief.web.sheets.pages import Shown, differences, wants_parts

LABELS = {
    "answers": "Answers",
    "wish": "What the patient hopes for",
    "findings": "What was seen",
    "scars": "Scars on the map",
    "grades": "Grades",
    "does": "Decision",
    "why": "Why",
    "overrides": "Set aside",
}


@require_POST
@needs(Permission.WRITE_RECORD)
def begin(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The open draft, or a new one."""
    actor = asked_by(request)
    patient = patient_for(actor, patient_id, Permission.WRITE_RECORD)
    return redirect("consultation", actions.begin_consultation(by=actor, patient=patient).pk)


@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_PATIENTS)
def consultation(request: HttpRequest, consultation_id: UUID) -> HttpResponse:
    """Read it; write on it while it is a draft."""
    actor = asked_by(request)
    sheet = sheets.sheet_for(Consultation, actor, consultation_id)
    if request.method == "GET":
        with transaction.atomic():
            record("consultation.viewed", by=actor, patient=sheet.patient_id)
        return _page(request, actor, sheet)
    sheet = sheets.sheet_for(Consultation, actor, consultation_id, Permission.WRITE_RECORD)
    conflict = _save(request, actor, sheet)
    if conflict or wants_parts(request):
        return _page(request, actor, sheet, conflict)
    if request.POST.get("rest"):
        return redirect(f"{request.path}#{request.POST['rest']}")
    messages.success(request, "Saved as a draft.")
    return redirect(request.path)


@require_POST
@needs(Permission.SIGN_RECORD)
def sign(request: HttpRequest, consultation_id: UUID) -> HttpResponse:
    """Save what the page holds, then sign it with the name and a proof of who it is."""
    actor = asked_by(request)
    sheet = sheets.sheet_for(Consultation, actor, consultation_id, Permission.SIGN_RECORD)
    confirmed_lately(request)
    conflict = _save(request, actor, sheet)
    if conflict:
        return _page(request, actor, sheet, conflict)
    try:
        actions.sign_consultation(by=actor, sheet=sheet, version=sheet.version)
    except Unusable as error:
        return _page(request, actor, sheet, refused=error.says)
    messages.success(request, "Signed. It is never changed from now on; a correction is signed in its place.")
    return (
        redirect("plan_of", sheet.patient_id)
        if sheet.does == "treat"
        else redirect("patient", sheet.patient_id)
    )


@require_POST
@needs(Permission.WRITE_RECORD)
def copy_forward(request: HttpRequest, consultation_id: UUID) -> HttpResponse:
    """What holds for longer than a day, from the last signed consultation."""
    actor = asked_by(request)
    sheet = sheets.sheet_for(Consultation, actor, consultation_id, Permission.WRITE_RECORD)
    conflict = _save(request, actor, sheet)
    if conflict:
        return _page(request, actor, sheet, conflict)
    changes = actions.copied_forward(sheet)
    if changes:
        actions.save_consultation(by=actor, sheet=sheet, version=sheet.version, **changes)
        messages.success(request, f"{len(sheet.copied)} answers copied: go through them with the patient.")
    else:
        messages.info(request, "There is no signed consultation to copy from.")
    return redirect("consultation", sheet.pk)


@require_POST
@needs(Permission.WRITE_RECORD)
def correct(request: HttpRequest, consultation_id: UUID) -> HttpResponse:
    """A new draft in the place of a signed one."""
    actor = asked_by(request)
    sheet = sheets.sheet_for(Consultation, actor, consultation_id, Permission.WRITE_RECORD)
    return redirect("consultation", sheets.correct(by=actor, sheet=sheet).pk)


@require_POST
@needs(Permission.WRITE_RECORD)
def drop(request: HttpRequest, consultation_id: UUID) -> HttpResponse:
    """Put the draft aside."""
    actor = asked_by(request)
    sheet = sheets.sheet_for(Consultation, actor, consultation_id, Permission.WRITE_RECORD)
    sheets.drop(by=actor, sheet=sheet)
    messages.success(request, "The draft was put aside.")
    return redirect("patient", sheet.patient_id)


def _save(request: HttpRequest, actor: Actor, sheet: Consultation) -> list[dict[str, Any]]:
    """Save the page; gives the differences where somebody else was faster, and the sheet then holds ours."""
    if "version" not in request.POST:
        return []
    changes = read_page(request.POST, sheet)
    version = request.POST["version"]
    try:
        actions.save_consultation(
            by=actor, sheet=sheet, version=int(version) if version.isdecimal() else 0, **changes
        )
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
    sheet: Consultation,
    conflict: list[dict[str, Any]] | None = None,
    refused: str = "",
) -> HttpResponse:
    found = judged(sheet)
    may_write = sheet.is_open and actor.may(Permission.WRITE_RECORD)
    context = {
        **about(actor, sheet.patient),
        "sheet": sheet,
        "found": found,
        "conflict": conflict,
        "refused": refused,
        "may_write": may_write,
        "may_sign": sheet.is_open and actor.may(Permission.SIGN_RECORD),
        "decisions": [{"does": does, "on": does == sheet.does} for does in DECISIONS],
        "aside": [
            {"finding": one, "why": sheet.overrides.get(one.rule.id, "")}
            for one in to_set_aside(sheet, found.outcome)
        ],
        "needs_why": needs_why(sheet, found.outcome),
    }
    status = 409 if conflict else 422 if refused else 200
    if wants_parts(request):
        return render(request, "consultations/parts.html", context, status=status)
    context |= {
        "shown": _shown(sheet, found),
        "zones": [{"key": zone.key, "label": zone.label} for zone in (*IN_LIST, *_rims())],
        "kinds": SCAR_KINDS,
        "can_copy": may_write and not sheet.copied and bool(actions.copied_forward(sheet)),
        "scars": [{**scar, "label": _zone_label(scar)} for scar in sheet.scars],
    }
    template = "consultations/write.html" if may_write else "consultations/read.html"
    return render(request, template, context, status=status)


def _shown(sheet: Consultation, found: Judged) -> list[Shown]:
    return [
        Shown(
            group,
            fields(STAGE, group.names, sheet.answers, wrong=found.wrong, copied=sheet.copied, when=WHEN),
        )
        for group in GROUPS
    ]


def _rims() -> list[Any]:
    return [zone for zone in ZONES.values() if not zone.needled]


def _zone_label(scar: dict[str, Any]) -> str:
    zone = ZONES.get(scar.get("zone", ""))
    return zone.label if zone else "no zone"
