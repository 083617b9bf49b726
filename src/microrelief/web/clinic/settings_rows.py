"""The clinic's own lines of the settings' index."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from microrelief.web.clinic.models import the_clinic
from microrelief.web.clinic.settings_row import SettingsRow
from microrelief.web.people.models import Person


def rows() -> list[SettingsRow]:
    """Who the clinic is, its time and language, who works here, how long records stay."""
    clinic = the_clinic()
    working = Person.objects.filter(is_active=True).count()
    years = clinic.retention_years
    return [
        SettingsRow(
            _("The clinic"),
            _("Name, phone, address and opening hours, as patients read them"),
            reverse("clinic_details"),
            clinic.name or _("no name yet"),
            "" if clinic.name and clinic.phone else "warn",
        ),
        SettingsRow(
            _("Time and language"),
            _("What the clock and the pages go by"),
            reverse("clinic_time"),
            f"{clinic.time_zone.replace('_', ' ')}, {dict(settings.LANGUAGES).get(clinic.language, '')}",
        ),
        SettingsRow(
            _("Staff"),
            _("Invite, change roles, close accounts"),
            reverse("staff"),
            ngettext("%(number)d person", "%(number)d people", working) % {"number": working},
        ),
        SettingsRow(
            _("How long records stay"),
            _("Years after the last entry, and hours a broken glass stays open"),
            reverse("clinic_retention"),
            ngettext("%(number)d year", "%(number)d years", years) % {"number": years},
        ),
    ]
