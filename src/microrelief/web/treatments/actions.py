"""What begins, saves, starts and signs a session, and who was treated with a lot."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from microrelief.pathway.table import outcome_document
from microrelief.web.audit.trail import record
from microrelief.web.consultations.models import Consultation
from microrelief.web.patients.access import require
from microrelief.web.patients.models import Patient
from microrelief.web.patients.record import save_change
from microrelief.web.people.actor import Actor
from microrelief.web.people.permissions import Permission
from microrelief.web.refusals import NotAllowed, Unusable
from microrelief.web.sheets import actions as sheets
from microrelief.web.treatments.groups import HELD_ON, SAME_AGAIN, SAME_DEVICE
from microrelief.web.treatments.judged import check
from microrelief.web.treatments.models import Treatment, lot_key
from microrelief.web.visits.actions import done_today
from microrelief.web.visits.models import Visit


def begin_treatment(*, by: Actor, patient: Patient) -> Treatment:
    """The open draft, or a new one with the clinic's device and the operator."""
    answers: dict[str, Any] = {"operator": by.person.name}
    latest = Treatment.objects.signed().order_by("-signed_at").first()
    if latest is not None and latest.patient.erased_at is None:
        answers |= {name: latest.answers[name] for name in SAME_DEVICE if name in latest.answers}
    return sheets.begin(Treatment, by=by, patient=patient, answers=answers)


def save_treatment(*, by: Actor, sheet: Treatment, version: int, **changes: Any) -> None:
    """Keep the draft, with its lots where a recall looks."""
    answers = changes.get("answers", sheet.answers)
    changes |= {
        "lot": lot_key(answers.get("cartridge_lot", "")),
        "serial": lot_key(answers.get("cartridge_serial", "")),
        "batch": lot_key(answers.get("batch", "")),
        "device": lot_key(answers.get("device_serial", "")),
    }
    sheets.save_draft(by=by, sheet=sheet, version=version, **changes)


def nothing_new(sheet: Treatment, answers: dict[str, Any]) -> dict[str, Any]:
    """What the consultation says of medicines that go on, for the answers that "nothing new" gives."""
    last = sheets.last_signed(Consultation, sheet.patient)
    held = {name: last.answers[name] for name in HELD_ON if last is not None and name in last.answers}
    asked = {name: value for name, value in held.items() if name not in answers}
    return {**answers, **asked}


def as_last_time(sheet: Treatment) -> dict[str, Any]:
    """Device, cream, zones and what went on the skin, from the patient's last session; no lots, no times."""
    last = sheets.last_signed(Treatment, sheet.patient)
    if last is None:
        return {}
    taken = {
        name: last.answers[name]
        for name in (*SAME_DEVICE, *SAME_AGAIN)
        if name in last.answers and name not in sheet.answers
    }
    return {"answers": {**sheet.answers, **taken}, "zones": sheet.zones or last.zones}


@transaction.atomic
def start(*, by: Actor, sheet: Treatment, version: int) -> None:
    """Allow the first needle. Raises Unusable while something stands against it that nobody set aside."""
    require(by, Permission.WRITE_RECORD, sheet.patient)
    if sheet.started_at is not None:
        return
    found = check(sheet)
    if found.blocked:
        first = found.blocked[0]
        raise Unusable(f"Do not begin: {first.says} Mend it, or give a reason for going on.")
    if any(one.why for one in found.blocks) and not by.may(Permission.SIGN_RECORD):
        raise NotAllowed(
            "Going on against a rule is for a clinician to decide: ask one to begin this session."
        )
    save_change(sheet, by=by, version=version, started_at=timezone.now())
    ids = ",".join(sorted(one.id for one in found.blocks))[:120]
    record(
        "treatment.started",
        by=by,
        about=sheet,
        patient=sheet.patient_id,
        facts={"overridden": ids} if ids else {},
    )


@transaction.atomic
def sign_treatment(*, by: Actor, sheet: Treatment, version: int) -> None:
    """Sign what is whole. Raises Unusable with what is missing."""
    found = check(sheet)
    if found.missing:
        more = f" And {len(found.missing) - 1} more." if len(found.missing) > 1 else ""
        raise Unusable(f"Not ready to sign: {found.missing[0]}{more}")
    if not sheet.zones:
        raise Unusable("Not ready to sign: no zone was marked on the face.")
    for one in found.blocks:
        if not one.why:
            raise Unusable(f"Give a reason before signing: {one.says}")
    said = {one.outcome.stage: outcome_document(one.outcome) for one in found.heard if one.outcome}
    ids = {one.id for one in found.blocks}
    sheets.sign(
        by=by,
        sheet=sheet,
        version=version,
        said=said,
        overrides={rule: why for rule, why in sheet.overrides.items() if rule in ids},
    )
    done_today(by=by, patient=sheet.patient, purpose=Visit.SESSION, on=sheet.on)


@transaction.atomic
def recall(*, by: Actor, text: str) -> tuple[list[Treatment], list[str]]:
    """Every session with this lot, batch or device: one's own patients', and the numbers of the others.

    A recall concerns everybody who was treated; names stay with those who treat them.
    """
    require(by, Permission.RECALL_LOT)
    key = lot_key(text)
    if not key:
        return [], []
    found = Treatment.objects.filter(dropped_at=None).select_related("patient")
    found = found.filter(lot=key) | found.filter(batch=key) | found.filter(device=key)
    own_ids = set(Treatment.objects.for_user(by).filter(pk__in=found).values_list("pk", flat=True))
    own = [one for one in found if one.pk in own_ids]
    hidden = sorted(
        {(one.patient.surviving or one.patient).record_number for one in found if one.pk not in own_ids}
    )
    plain = "".join(sign if (sign.isalnum() and sign.isascii()) or sign in "_.:+-" else "_" for sign in key)
    record("treatment.recalled", by=by, facts={"lot": plain, "found": len(own) + len(hidden)})
    return own, hidden
