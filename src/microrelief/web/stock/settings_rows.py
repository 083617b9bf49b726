"""What the clinic uses, in the settings' index."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from microrelief.web.clinic.models import the_clinic
from microrelief.web.clinic.settings_row import SettingsRow
from microrelief.web.face_map.zones import IN_LIST
from microrelief.web.stock.models import StockItem


def rows() -> list[SettingsRow]:
    """Products and devices, zones."""
    offered = StockItem.objects.filter(retired_at=None).count()
    used = len(IN_LIST) - len(set(the_clinic().zones_left_out) & {zone.key for zone in IN_LIST})
    return [
        SettingsRow(
            _("Products and devices"),
            _("Numbing creams, pens and rollers, cartridges: one tap in a session"),
            reverse("stock"),
            ngettext("%(number)d offered", "%(number)d offered", offered) % {"number": offered}
            if offered
            else _("none yet"),
            "" if offered else "warn",
        ),
        SettingsRow(
            _("Zones"),
            _("Which parts of the face are treated here"),
            reverse("clinic_zones"),
            _("%(used)d of %(all)d in use") % {"used": used, "all": len(IN_LIST)},
        ),
    ]
