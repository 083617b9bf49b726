"""Pages of sessions: begin, check, numb, needle, sign; and the recall of a lot."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from microrelief.web.audit.trail import record
from microrelief.web.clinic.models import the_clinic
from microrelief.web.face_map.zones import IN_LIST, ZONES
from microrelief.web.patients.access import patient_for
from microrelief.web.patients.views import about
from microrelief.web.people.actor import Actor
from microrelief.web.people.doors import asked_by, confirmed_lately, needs
from microrelief.web.people.permissions import Permission
from microrelief.web.plans.last_used import shown_last_used
from microrelief.web.plans.models import Plan
from microrelief.web.refusals import EditConflict, Unusable
from microrelief.web.sheets import actions as sheets
from microrelief.web.sheets.answers import fields
from microrelief.web.sheets.pages import Shown, differences, wants_parts
from microrelief.web.stock.actions import offered
from microrelief.web.stock.kinds import KINDS
from microrelief.web.treatments import actions
from microrelief.web.treatments.groups import EVENT_GRADES, EVENT_KINDS, STAGES, WHEN
from microrelief.web.treatments.judged import Block, Checked, check, limits_of
from microrelief.web.treatments.models import Treatment
from microrelief.web.treatments.reading import picked, read_page

PICKED_IN = {"cream": "numbing", "topical": "after"}
LABELS = {
    "answers": "Answers",
    "kept_to_sheet": "Kept to the preparation sheet",
    "last_used": "Last used",
    "zones": "Zones",
    "events": "Events",
    "note": "Note",
    "overrides": "Set aside",
}


@require_POST
@needs(Permission.WRITE_RECORD)
def begin(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The open draft, or a new one."""
    actor = asked_by(request)
    patient = patient_for(actor, patient_id, Permission.WRITE_RECORD)
    return redirect("treatment", actions.begin_treatment(by=actor, patient=patient).pk)


@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_PATIENTS)
def treatment(request: HttpRequest, treatment_id: UUID) -> HttpResponse:
    """Read it; write on it while it is a draft."""
    actor = asked_by(request)
    sheet = sheets.sheet_for(Treatment, actor, treatment_id)
    if request.method == "GET":
        with transaction.atomic():
            record("treatment.viewed", by=actor, patient=sheet.patient_id)
        return _page(request, actor, sheet)
    sheet = sheets.sheet_for(Treatment, actor, treatment_id, Permission.WRITE_RECORD)
    conflict = _save(request, actor, sheet)
    if conflict or wants_parts(request):
        return _page(request, actor, sheet, conflict)
    if request.POST.get("rest"):
        return redirect(f"{request.path}#{request.POST['rest']}")
    if request.POST.get("use") or request.POST.get("use_depths"):
        return redirect(f"{request.path}#{_place(request.POST)}")
    messages.success(request, "Saved as a draft.")
    return redirect(request.path)


@require_POST
@needs(Permission.WRITE_RECORD)
def copy_last(request: HttpRequest, treatment_id: UUID) -> HttpResponse:
    """Device, cream and zones as last time."""
    actor = asked_by(request)
    sheet = sheets.sheet_for(Treatment, actor, treatment_id, Permission.WRITE_RECORD)
    conflict = _save(request, actor, sheet)
    if conflict:
        return _page(request, actor, sheet, conflict)
    changes = actions.as_last_time(sheet)
    if changes:
        actions.save_treatment(by=actor, sheet=sheet, version=sheet.version, **changes)
        messages.success(
            request, "Copied from the last session. Lot, times and today's checks are asked anew."
        )
    else:
        messages.info(request, "There is no signed session to copy from.")
    return redirect("treatment", sheet.pk)


@require_POST
@needs(Permission.WRITE_RECORD)
def start(request: HttpRequest, treatment_id: UUID) -> HttpResponse:
    """Allow the first needle."""
    actor = asked_by(request)
    sheet = sheets.sheet_for(Treatment, actor, treatment_id, Permission.WRITE_RECORD)
    conflict = _save(request, actor, sheet)
    if conflict:
        return _page(request, actor, sheet, conflict)
    try:
        actions.start(by=actor, sheet=sheet, version=sheet.version)
    except Unusable as error:
        return _page(request, actor, sheet, refused=error.says)
    messages.success(request, "Begun. Mark depth and passes on the face.")
    return redirect(reverse("treatment", args=[sheet.pk]) + "#zones")


@require_POST
@needs(Permission.SIGN_RECORD)
def sign(request: HttpRequest, treatment_id: UUID) -> HttpResponse:
    """Sign what is whole, with a proof of who it is."""
    actor = asked_by(request)
    sheet = sheets.sheet_for(Treatment, actor, treatment_id, Permission.SIGN_RECORD)
    confirmed_lately(request)
    conflict = _save(request, actor, sheet)
    if conflict:
        return _page(request, actor, sheet, conflict)
    try:
        actions.sign_treatment(by=actor, sheet=sheet, version=sheet.version)
    except Unusable as error:
        return _page(request, actor, sheet, refused=error.says)
    messages.success(request, "Signed. It is never changed from now on; a correction is signed in its place.")
    return redirect("patient", sheet.patient_id)


@require_POST
@needs(Permission.WRITE_RECORD)
def correct(request: HttpRequest, treatment_id: UUID) -> HttpResponse:
    """A new draft in the place of a signed one."""
    actor = asked_by(request)
    sheet = sheets.sheet_for(Treatment, actor, treatment_id, Permission.WRITE_RECORD)
    return redirect("treatment", sheets.correct(by=actor, sheet=sheet).pk)


@require_POST
@needs(Permission.WRITE_RECORD)
def drop(request: HttpRequest, treatment_id: UUID) -> HttpResponse:
    """Put the draft aside."""
    actor = asked_by(request)
    sheet = sheets.sheet_for(Treatment, actor, treatment_id, Permission.WRITE_RECORD)
    sheets.drop(by=actor, sheet=sheet)
    messages.success(request, "The draft was put aside.")
    return redirect("patient", sheet.patient_id)


@require_GET
@needs(Permission.RECALL_LOT)
def recall(request: HttpRequest) -> HttpResponse:
    """Every patient on a lot, a batch of cream, or a device."""
    text = request.GET.get("lot", "")[:80]
    own, hidden = actions.recall(by=asked_by(request), text=text) if text.strip() else ([], [])
    return render(request, "treatments/recall.html", {"lot": text, "own": own, "hidden": hidden})


def _save(request: HttpRequest, actor: Actor, sheet: Treatment) -> list[dict[str, Any]]:
    if "version" not in request.POST:
        return []
    changes = read_page(request.POST, sheet)
    version = request.POST["version"]
    try:
        actions.save_treatment(
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
    sheet: Treatment,
    conflict: list[dict[str, Any]] | None = None,
    refused: str = "",
) -> HttpResponse:
    found = check(sheet)
    may_write = sheet.is_open and actor.may(Permission.WRITE_RECORD)
    context = {
        **about(actor, sheet.patient),
        "sheet": sheet,
        "found": found,
        "blocks": [{"block": one, "url": _mend(one)} for one in found.blocks],
        "conflict": conflict,
        "refused": refused,
        "removed_at": sheet.answers.get("removed_at", ""),
        "limits": limits_of(found.numbing.outcome),
        "may_sign": sheet.is_open and actor.may(Permission.SIGN_RECORD),
    }
    status = 409 if conflict else 422 if refused else 200
    if wants_parts(request):
        return render(request, "treatments/parts.html", context, status=status)
    context |= {
        "groups": _groups(sheet, found),
        "rows": _rows(sheet),
        "left_out": the_clinic().zones_left_out,
        "shelf": (shelf := {kind: offered(kind) for kind in KINDS}),
        "may_take_depths": any(one.depths for one in shelf["cartridge"]),
        "values": {one["zone"]: f"{one['mm']:g} × {one['passes']}" for one in sheet.zones},
        "listed": [{**one, "label": ZONES[one["zone"]].label} for one in sheet.zones if one["zone"] in ZONES],
        "products": _products(sheet),
        "event_kinds": EVENT_KINDS,
        "event_grades": EVENT_GRADES,
        "can_copy": may_write and bool(actions.as_last_time(sheet)) and not sheet.zones,
        "first": sheet.zones[0] if sheet.zones else {"mm": 1.0, "passes": 4},
    }
    return render(
        request, "treatments/write.html" if may_write else "treatments/read.html", context, status=status
    )


def _place(sent: QueryDict) -> str:
    """The part of the page that a picked thing was picked in."""
    if sent.get("use_depths"):
        return "zones"
    item = picked(sent.get("use", ""))
    return PICKED_IN.get(item.kind, "device") if item else "device"


def _rows(sheet: Treatment) -> list[dict[str, Any]]:
    """The zones that are treated here, and any that this session holds."""
    numbers = {one["zone"]: one for one in sheet.zones}
    left_out = the_clinic().zones_left_out
    return [
        {"zone": zone, "set": numbers.get(zone.key)}
        for zone in IN_LIST
        if zone.key not in left_out or zone.key in numbers
    ]


def _groups(sheet: Treatment, found: Checked) -> dict[str, Shown]:
    return {
        group.key: Shown(group, fields(stage, group.names, sheet.answers, wrong=found.wrong, when=WHEN))
        for stage, group in STAGES
    }


def _products(sheet: Treatment) -> list[dict[str, str]]:
    """What had to stop before the session, and when it was used last."""
    plan = sheets.last_signed(Plan, sheet.patient)
    return shown_last_used(plan.answers.get("uses") if plan else None, sheet.last_used)


def _mend(block: Block) -> str:
    return reverse(block.mend, args=block.mend_args) if block.mend else ""
