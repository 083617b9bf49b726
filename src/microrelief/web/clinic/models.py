"""One row: who the clinic is, in which zone of time and language it works, how long it keeps what."""

from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from microrelief.web.audit.models import Sealed

RETENTION_YEARS = 10
"""Default of years after the last entry; German law (BGB 630f) asks for ten, others for more or less."""
GLASS_HOURS = 12


class Clinic(Sealed):
    """The clinic this installation serves."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    name = models.CharField(_("name of the clinic"), max_length=200, default="", blank=True)
    phone = models.CharField(_("phone for patients"), max_length=40, default="", blank=True)
    address = models.TextField(_("address"), max_length=400, default="", blank=True)
    opening_hours = models.TextField(
        _("opening hours, as patients read them"), max_length=400, default="", blank=True
    )
    time_zone = models.CharField(_("time zone"), max_length=60, default="UTC")
    language = models.CharField(_("language"), max_length=10, default="en")
    zones_left_out = models.JSONField(_("zones that are not treated here"), default=list, blank=True)
    """Keys of the drawn face; what a record holds already is shown all the same."""
    retention_years = models.PositiveSmallIntegerField(
        _("years a record is kept after its last entry"),
        default=RETENTION_YEARS,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
    )
    glass_hours = models.PositiveSmallIntegerField(
        _("hours a broken glass stays open"),
        default=GLASS_HOURS,
        validators=[MinValueValidator(1), MaxValueValidator(72)],
    )
    version = models.PositiveIntegerField(default=1)

    later_fields: ClassVar[dict[str, Any]] = {
        "address": "",
        "opening_hours": "",
        "time_zone": "UTC",
        "language": "en",
        "zones_left_out": [],
    }
    history = HistoricalRecords()

    class Meta:
        constraints = [models.CheckConstraint(name="one_clinic", condition=models.Q(id=1))]

    def __str__(self) -> str:
        return self.name or "the clinic"


def the_clinic() -> Clinic:
    """The one row, or its defaults where nobody has set anything yet."""
    return Clinic.objects.filter(pk=1).first() or Clinic()
