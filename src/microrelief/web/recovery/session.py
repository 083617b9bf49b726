"""Which session a recovery belongs to, when it was, and what the rules need to know of it.

A corrected session is another sheet: everything of the recovery hangs on the first of them, and the facts
come from the last that was signed.
"""

from datetime import datetime, time, timedelta
from typing import Any, cast

from django.utils import timezone

from microrelief.web.consultations.models import Consultation
from microrelief.web.patients.models import Patient
from microrelief.web.sheets.actions import last_signed
from microrelief.web.treatments.models import Treatment

NOON = time(12)


def first_of(treatment: Treatment) -> Treatment:
    """The sheet that was signed first, of which this may be a correction."""
    first: Any = treatment
    while first.corrects is not None:
        first = first.corrects
    return cast(Treatment, first)


def last_of(treatment: Treatment) -> Treatment:
    """The sheet that counts: the last signed correction of it, or itself."""
    while True:
        later = treatment.corrections.filter(signed_at__isnull=False).first()
        if later is None:
            return treatment
        treatment = later


def needled_at(treatment: Treatment) -> datetime:
    """When the first needle was allowed; noon where the sheet was written on another day."""
    started = treatment.started_at
    if started is not None and timezone.localdate(started) == treatment.on:
        return started
    return timezone.make_aware(datetime.combine(treatment.on, NOON))


def hours_after(treatment: Treatment, at: datetime) -> float:
    """Hours since the session, from nought."""
    return max(0.0, (at - needled_at(treatment)) / timedelta(hours=1))


def facts_of_session(treatment: Treatment) -> dict[str, Any]:
    """Device, longest needle and skin type, as far as they were written down."""
    sheet = last_of(treatment)
    lengths = [zone["mm"] for zone in sheet.zones]
    found = {
        "device": sheet.answers.get("device"),
        "needle_length_mm": max(lengths) if lengths else None,
        "fitzpatrick": skin_type(treatment.patient),
    }
    return {name: value for name, value in found.items() if value is not None}


def skin_type(patient: Patient) -> str | None:
    """The Fitzpatrick type a clinician entered."""
    last = last_signed(Consultation, patient.surviving or patient)
    found = last.answers.get("fitzpatrick") if last is not None else None
    return str(found) if found else None
