"""What writes the clinic's words on a sheet."""

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from microrelief.web.audit.trail import record
from microrelief.web.leaflets.models import SHEETS, Leaflet
from microrelief.web.patients.access import require
from microrelief.web.people.actor import Actor
from microrelief.web.people.permissions import Permission
from microrelief.web.refusals import Unusable


@transaction.atomic
def write_leaflet(*, by: Actor, sheet: str, language: str, text: str) -> Leaflet:
    """Another version, for sheets from now on. The same words again are no other version."""
    require(by, Permission.CHANGE_SETTINGS)
    if sheet not in dict(SHEETS) or language not in dict(settings.LANGUAGES):
        raise Unusable("Choose the sheet and the language from the list.")
    standing = Leaflet.objects.select_for_update().filter(sheet=sheet, language=language)
    last = standing.first()
    if last is not None and last.text == text.strip():
        return last
    number = (standing.aggregate(last=Max("number"))["last"] or 0) + 1
    made = Leaflet.objects.create(
        sheet=sheet, language=language, number=number, text=text.strip(), made_by=by.person
    )
    record(
        "leaflet.written", by=by, about=made, facts={"sheet": sheet, "language": language, "number": number}
    )
    return made
