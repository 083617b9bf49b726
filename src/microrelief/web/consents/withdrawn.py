"""The list of withdrawn consents, beside the database: an older state does not bring one back."""

import logging
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.db import transaction

from microrelief.errors import VaultError
from microrelief.web.audit.trail import record
from microrelief.web.configuration import configuration
from microrelief.web.consents.models import Consent
from microrelief.web.patients.record import save_change
from microrelief.web.patients.signed_list import Row, add_to_list, rows_in
from microrelief.web.people.actor import Actor
from microrelief.web.people.models import Person

FILE, NAME = "withdrawn.json", "withdrawn"
Withdrawn = Row
"""consent, at, by: ids and dates, no name and no purpose."""
log = logging.getLogger(__name__)


def withdrawn_in_database() -> list[Withdrawn]:
    """What the database knows of."""
    rows = Consent.objects.exclude(withdrawn_at=None).values_list("pk", "withdrawn_at", "withdrawn_by")
    found = [(pk, at, by) for pk, at, by in rows.order_by("pk") if at is not None]
    return [{"consent": str(pk), "at": at.isoformat(), "by": str(by)} for pk, at, by in found]


def withdrawn_in_file(path: Path) -> list[Withdrawn]:
    """What the list says; empty where there is none. Raises BackupUnusable where it is not this clinic's."""
    return rows_in(path, NAME)


def keep_withdrawn() -> None:
    """After a withdrawal: it stands whether this succeeds or not, and the next start writes it."""
    try:
        add_to_list(configuration().data_folder / FILE, NAME, "consent", withdrawn_in_database())
    except VaultError as failure:
        log.error("the list of withdrawn consents was not written: %s", failure)


@transaction.atomic
def withdraw_all_again(withdrawn: Sequence[Withdrawn]) -> int:
    """Withdraw those on the list that came back with an older state. Returns how many did."""
    again = 0
    for one in withdrawn:
        consent = Consent.objects.filter(pk=UUID(one["consent"]), withdrawn_at=None).first()
        if consent is None or consent.patient.erased_at is not None:
            continue
        by = Person.objects.filter(pk=one["by"]).first() or consent.recorded_by
        save_change(
            consent,
            by=Actor(by, door="command"),
            version=consent.version,
            withdrawn_at=datetime.fromisoformat(one["at"]),
            withdrawn_by=by,
        )
        facts = {"purpose": consent.purpose}
        record("consent.withdrawn_again", by=None, about=consent, patient=consent.patient_id, facts=facts)
        again += 1
    transaction.on_commit(keep_withdrawn)
    return again
