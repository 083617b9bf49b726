"""A patient's record is erased by destroying its key; what must be kept is held or restricted instead."""

import logging
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.utils import timezone

from microrelief.errors import VaultError
from microrelief.web.audit.trail import record
from microrelief.web.clinic.models import the_clinic
from microrelief.web.custody.erased import forget_free_pages, keep_list
from microrelief.web.patients.access import require
from microrelief.web.patients.keys import destroy_key
from microrelief.web.patients.models import Erasure, Hold, Patient
from microrelief.web.patients.record import history_of, record_models
from microrelief.web.patients.search import forget
from microrelief.web.people.actor import Actor
from microrelief.web.people.models import Person
from microrelief.web.people.permissions import Permission
from microrelief.web.photos.actions import delete_files
from microrelief.web.photos.models import Blob
from microrelief.web.refusals import OnHold, Unusable

log = logging.getLogger(__name__)

BASES = {
    "retention_over": "the time it must be kept is over",
    "never_treated": "nobody was ever treated under this record",
    "court": "a court or authority ordered it",
    "law": "the law of this country allows it earlier",
}


def kept_until(patient: Patient) -> date:
    """The day until which the record is kept: the clinic's number of years after its last entry."""
    last = patient.created_at
    for model in record_models():
        history = history_of(model, patient.all_ids())
        last = max(last, history.aggregate(last=models.Max("history_date"))["last"] or last)
    day = timezone.localtime(last).date()
    try:
        return day.replace(year=day.year + the_clinic().retention_years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + the_clinic().retention_years, day=28)


@transaction.atomic
def erase_patient(*, by: Actor, patient: Patient, version: int, number: str, basis: str) -> None:
    """Destroy the key of the patient and of everything merged into them; files go after the commit.

    `number` is typed by whoever does it. Raises OnHold where a hold stands or the record must still be kept.
    """
    require(by, Permission.ERASE_PATIENT, patient)
    if basis not in BASES:
        raise Unusable("Say on which ground the record is erased.")
    if number.strip().lstrip("0") != str(patient.number):
        raise Unusable("Type the number of this record to erase it.")
    everything = list(Patient.objects.filter(pk__in=patient.all_ids()))
    if Hold.objects.filter(patient__in=everything, lifted_at=None).exists():
        raise OnHold("This record is on hold: lift the hold first.")
    until = kept_until(patient)
    if basis == "retention_over" and timezone.localdate() < until:
        raise OnHold(f"This record must be kept until {until}: restrict it instead.")
    if not Patient.objects.filter(pk=patient.pk, version=version).exists():
        raise Unusable("Somebody changed this record meanwhile: look at it again.")
    for one in everything:
        _erase(by, one, basis)
    transaction.on_commit(_afterwards)


@transaction.atomic
def erase_all_again(erased: Sequence[Mapping[str, Any]]) -> int:
    """Erase those on the list (custody.erased) that came back with an older state. Returns how many did."""
    back = 0
    for one in erased:
        patient = Patient.objects.filter(pk=UUID(one["patient"]), erased_at=None).first()
        if patient:
            erase_again(patient, one)
            back += 1
    transaction.on_commit(_afterwards)
    return back


@transaction.atomic
def erase_again(patient: Patient, erased: Mapping[str, Any]) -> None:
    """After a restore: what was erased since that backup; `erased` as custody.erased tells it."""
    emptied, versions = _empty(patient)
    by = Person.objects.filter(pk=erased["by"]).first() or patient.created_by
    erasure, _ = Erasure.objects.update_or_create(
        patient_id=patient.pk,
        defaults={
            "number": patient.number,
            "at": datetime.fromisoformat(erased["at"]),
            "by": by,
            "basis": erased["basis"],
        },
    )
    record(
        "patient.erased_again",
        by=None,
        about=[*emptied, erasure],
        rewritten=versions,
        patient=patient.pk,
        facts={"basis": erased["basis"], "number": patient.number},
    )


def _afterwards() -> None:
    """What is erased stays erased whether this succeeds or not; the next start does it again."""
    try:
        keep_list()
    except VaultError as failure:
        log.error("the list of the erased was not written: %s", failure)
    forget_free_pages()


def _erase(by: Actor, patient: Patient, basis: str) -> None:
    emptied, versions = _empty(patient)
    erasure = Erasure.objects.create(patient_id=patient.pk, number=patient.number, by=by.person, basis=basis)
    record(
        "patient.erased",
        by=by,
        about=[*emptied, erasure],
        rewritten=versions,
        patient=patient.pk,
        facts={"basis": basis},
    )


def _empty(patient: Patient) -> tuple[list[models.Model], list[models.Model]]:
    """Key destroyed, contents emptied in rows and history, files named for deletion; both as they are now."""
    changed: list[models.Model] = [destroy_key(patient.pk)]
    versions: list[models.Model] = []
    for model in record_models():
        whose = {"pk": patient.pk} if model is Patient else {"patient_id": patient.pk}
        model._base_manager.filter(**whose).update(contents=b"")
        history_of(model, [patient.pk]).update(contents=b"")
        versions += history_of(model, [patient.pk])
        changed += list(model._base_manager.filter(**whose).exclude(pk=patient.pk))
    now = timezone.now()
    Patient.objects.filter(pk=patient.pk).update(erased_at=now, version=models.F("version") + 1)
    patient.refresh_from_db()
    changed.append(patient)
    blobs = Blob.objects.filter(photo__patient_id=patient.pk)
    names = list(blobs.values_list("name", flat=True))
    forget(patient.pk)
    transaction.on_commit(partial(delete_files, names))
    return changed, versions
