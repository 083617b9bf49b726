"""The clinic's own limits in the settings' index."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from microrelief.web.clinic.settings_row import SettingsRow
from microrelief.web.clinic_rules.models import OwnLimit


def rows() -> list[SettingsRow]:
    """How many, and whether one asks less than the book."""
    standing = OwnLimit.objects.running(timezone.localdate())
    count, loose = standing.count(), standing.filter(loosens=True).count()
    now = ngettext("%(number)d of your own", "%(number)d of your own", count) % {"number": count}
    if loose:
        now += ", " + ngettext("%(number)d less strict", "%(number)d less strict", loose) % {"number": loose}
    return [
        SettingsRow(
            _("Rules and limits"),
            _("Make a rule stricter, or set another limit with a reason"),
            reverse("clinic_rules"),
            now if count else _("as the book has them"),
            "warn" if loose else "",
        )
    ]
