"""One row: the clinic's name and how long it keeps what."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from simple_history.models import HistoricalRecords

from microrelief.web.audit.models import Sealed

RETENTION_YEARS = 10
"""Default of years after the last entry; German law (BGB 630f) asks for ten, others for more or less."""
GLASS_HOURS = 12


class Clinic(Sealed):
    """The clinic this installation serves."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    name = models.CharField("name of the clinic", max_length=200, default="", blank=True)
    phone = models.CharField("phone for patients", max_length=40, default="", blank=True)
    retention_years = models.PositiveSmallIntegerField(
        "years a record is kept after its last entry",
        default=RETENTION_YEARS,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
    )
    glass_hours = models.PositiveSmallIntegerField(
        "hours a broken glass stays open",
        default=GLASS_HOURS,
        validators=[MinValueValidator(1), MaxValueValidator(72)],
    )
    version = models.PositiveIntegerField(default=1)

    history = HistoricalRecords()

    class Meta:
        constraints = [models.CheckConstraint(name="one_clinic", condition=models.Q(id=1))]

    def __str__(self) -> str:
        return self.name or "the clinic"


def the_clinic() -> Clinic:
    """The one row, or its defaults where nobody has set anything yet."""
    return Clinic.objects.filter(pk=1).first() or Clinic()
