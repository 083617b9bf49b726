"""The clinic's words on its sheets, in the settings' index."""

from django.urls import reverse
from django.utils.translation import gettext as _

from microrelief.web.clinic.settings_row import SettingsRow
from microrelief.web.leaflets.models import Leaflet


def rows() -> list[SettingsRow]:
    """What is printed."""
    written = Leaflet.objects.exclude(text="").exists()
    return [
        SettingsRow(
            _("Sheets for patients"),
            _("Your own words on the preparation and aftercare sheets, in each language"),
            reverse("leaflets"),
            _("with words of yours") if written else _("the rules' words only"),
        )
    ]
