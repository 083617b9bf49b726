"""What begins, saves, drops and signs a sheet. Each is atomic and writes the trail with the change."""

from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from microrelief.web.audit.trail import record, refuse_wrong_clock
from microrelief.web.patients.access import require
from microrelief.web.patients.models import Patient
from microrelief.web.patients.record import save_change, save_new
from microrelief.web.people.actor import Actor
from microrelief.web.people.permissions import Permission
from microrelief.web.refusals import NotHere, OnHold
from microrelief.web.sheets.models import Sheet

Kind = TypeVar("Kind", bound=Sheet)


@transaction.atomic
def begin(model: type[Kind], *, by: Actor, patient: Patient, visit: Any = None, **first: Any) -> Kind:
    """The patient's open draft of this kind, or a new one that holds `first`. Twice is once."""
    require(by, Permission.WRITE_RECORD, patient)
    found = model.objects.open().select_for_update().filter(patient=patient).first()
    if found is not None:
        return found  # type: ignore[no-any-return]
    sheet = model(patient=patient, visit=visit, began_by=by.person, **_columns(model, first))
    for name, value in first.items():
        if name in model.words:
            setattr(sheet, name, value)
    save_new(sheet, by=by)
    record(f"{model.noun}.begun", by=by, about=sheet, patient=patient.pk)
    return sheet


@transaction.atomic
def save_draft(*, by: Actor, sheet: Sheet, version: int, **changes: Any) -> None:
    """Keep what was entered so far. Raises EditConflict, OnHold where it is signed already."""
    require(by, Permission.WRITE_RECORD, sheet.patient)
    _refuse_closed(sheet)
    if all(getattr(sheet, name) == value for name, value in changes.items()) and sheet.version == version:
        return
    save_change(sheet, by=by, version=version, **changes)
    record(f"{sheet.noun}.saved", by=by, about=sheet, patient=sheet.patient_id)


@transaction.atomic
def drop(*, by: Actor, sheet: Sheet) -> None:
    """Put a draft aside that is not wanted; it stays readable in the history."""
    require(by, Permission.WRITE_RECORD, sheet.patient)
    _refuse_closed(sheet)
    save_change(sheet, by=by, version=sheet.version, dropped_at=timezone.now())
    record(f"{sheet.noun}.dropped", by=by, about=sheet, patient=sheet.patient_id)


@transaction.atomic
def sign(*, by: Actor, sheet: Sheet, version: int, **changes: Any) -> None:
    """Close the sheet with a name and a time. Whoever calls has checked that it is whole."""
    require(by, Permission.SIGN_RECORD, sheet.patient)
    _refuse_closed(sheet)
    refuse_wrong_clock()
    overrides = changes.get("overrides", sheet.overrides)
    save_change(sheet, by=by, version=version, **changes, signed_at=timezone.now(), signed_by=by.person)
    facts = {"overridden": ",".join(sorted(overrides))[:120]} if overrides else {}
    record(f"{sheet.noun}.signed", by=by, about=sheet, patient=sheet.patient_id, facts=facts)


@transaction.atomic
def correct(*, by: Actor, sheet: Kind) -> Kind:
    """A new draft with everything the signed sheet says, to be signed in its place."""
    require(by, Permission.WRITE_RECORD, sheet.patient)
    if sheet.signed_at is None:
        raise OnHold("This is a draft: write on it.")
    if not type(sheet).objects.signed().filter(pk=sheet.pk).exists():
        raise OnHold("This was corrected already: correct what was signed in its place.")
    first = {name: value for name, value in sheet.opened.items() if name != "said"}
    first |= {name: getattr(sheet, name) for name in sheet.carried}
    draft = begin(
        type(sheet), by=by, patient=sheet.patient, visit=sheet.visit, corrects=sheet, on=sheet.on, **first
    )
    if draft.corrects != sheet:
        raise OnHold("Another draft is open for this patient: sign it or put it aside first.")
    return draft


def sheet_for(
    model: type[Kind], actor: Actor, sheet_id: UUID, permission: Permission = Permission.SEE_PATIENTS
) -> Kind:
    """The sheet, if this person may do this with it."""
    found = (
        model.objects.for_user(actor).select_related("patient", "began_by", "signed_by").filter(pk=sheet_id)
    )
    sheet: Kind | None = found.first()
    if sheet is None:
        raise NotHere("The address is wrong, the record is gone, or you do not treat this patient.")
    require(actor, permission, sheet.patient)
    return sheet


def last_signed(model: type[Kind], patient: Patient, before: Kind | None = None) -> Kind | None:
    """The newest sheet of this kind that counts; with `before`, the one it follows, on the same day too."""
    found = model.objects.signed().filter(patient_id__in=patient.all_ids())
    if before is not None:
        found = found.filter(on__lte=before.on).exclude(pk=before.pk)
        if before.corrects is not None:
            found = found.exclude(pk=before.corrects.pk)
    return found.order_by("-on", "-signed_at").first()


def _columns(model: type[Sheet], first: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in first.items() if name not in model.words}


def _refuse_closed(sheet: Sheet) -> None:
    if sheet.signed_at is not None:
        raise OnHold(
            "This was signed and is never changed: write a correction, which is signed in its place."
        )
    if sheet.dropped_at is not None:
        raise OnHold("This draft was put aside: begin a new one.")
