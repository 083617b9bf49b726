"""What changes the clinic's settings."""

from typing import Any

from django.db import transaction
from django.db.models import F

from microrelief.web.audit.trail import record
from microrelief.web.clinic.models import Clinic
from microrelief.web.people.actor import Actor
from microrelief.web.people.permissions import Permission
from microrelief.web.refusals import EditConflict, NotAllowed


@transaction.atomic
def change_clinic(*, by: Actor, version: int, **settings: Any) -> Clinic:
    """Other settings from now on. Raises EditConflict."""
    if not by.may(Permission.CHANGE_SETTINGS):
        raise NotAllowed("Only the owner changes the settings.")
    Clinic.objects.get_or_create(pk=1)
    if not Clinic.objects.filter(pk=1, version=version).update(version=F("version") + 1):
        raise EditConflict(Clinic.objects.get(pk=1), settings)
    clinic = Clinic.objects.get(pk=1)
    changed = [name for name, value in settings.items() if getattr(clinic, name) != value]
    for name, value in settings.items():
        setattr(clinic, name, value)
    clinic._history_user = by.person  # type: ignore[attr-defined]
    clinic.save()
    record("clinic.changed", by=by, about=clinic, facts={"fields": ",".join(changed)})
    return clinic
