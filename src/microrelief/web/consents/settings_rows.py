"""Consent texts in the settings' index."""

from django.urls import reverse
from django.utils.translation import gettext as _

from microrelief.web.clinic.settings_row import SettingsRow


def rows() -> list[SettingsRow]:
    """What is signed."""
    return [
        SettingsRow(
            _("Consent texts"),
            _("What is signed for each purpose; what was signed keeps its words"),
            reverse("consent_texts"),
        )
    ]
