"""The clinic's repeatability in the settings' index."""

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from microrelief.web.clinic.settings_row import SettingsRow
from microrelief.web.retests.actions import ADVISED, standing_pairs
from microrelief.web.retests.models import Retest, rounds_in_use


def rows() -> list[SettingsRow]:
    """Whether one is in use, or how far it is."""
    used = rounds_in_use().first()
    collecting = Retest.objects.filter(state=Retest.COLLECTING).first()
    now = _("not measured yet")
    if used and used.worked_out_at:
        now = _("in use, of %(day)s") % {"day": date_format(timezone.localdate(used.worked_out_at), "j F Y")}
    elif collecting:
        counted = sum(one.comparable for one in standing_pairs(collecting))
        now = _("%(number)d of %(advised)d pairs") % {"number": counted, "advised": ADVISED}
    return [
        SettingsRow(
            _("Our own repeatability"),
            _("Photograph ten volunteers twice: what your comparisons can show"),
            reverse("retests"),
            now,
            "good" if used else "",
        )
    ]
