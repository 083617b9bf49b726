"""That somebody was stopped, or that it was noticed how much they opened; and who let them go on."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from microrelief.web.audit.models import Sealed
from microrelief.web.people.models import Person

REASONS = {
    "full_day": _("many patients in a short time"),
    "handing_out": _("patients asked for their records"),
    "moving": _("the photographs move to another system"),
    "research": _("research to which the patients consented"),
    "other_reason": _("another reason, which is written down elsewhere"),
}


COPY, ORIGINAL = "copy", "original"


class Stop(Sealed):
    """One time that the brake spoke. Nothing of a patient stands in it."""

    STOPPED, NOTICED = "stopped", "noticed"

    later_fields: ClassVar[dict[str, Any]] = {"hours": 1}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=[(STOPPED, _("stopped")), (NOTICED, _("noticed"))])
    what = models.CharField(max_length=10, choices=[(COPY, _("photographs")), (ORIGINAL, _("originals"))])
    """What it stopped: originals and exports alone, or every look as well."""
    at = models.DateTimeField(default=timezone.now)
    door = models.CharField(max_length=10)
    photos = models.PositiveIntegerField()
    """So many had left within `hours`."""
    hours = models.PositiveSmallIntegerField(default=1)
    ended_at = models.DateTimeField(null=True)
    """When somebody let them go on, or had seen what was noticed."""
    ended_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=20, choices=list(REASONS.items()), default="")

    class Meta:
        ordering = ("-at",)
        constraints = [
            models.CheckConstraint(
                name="stop_ended_at_and_by",
                condition=models.Q(ended_at=None, ended_by=None)
                | models.Q(ended_at__isnull=False, ended_by__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.kind}"

    @property
    def photos_words(self) -> str:
        """How many within how long."""
        found = {"photos": self.photos}
        if self.hours > 1:
            return (
                ngettext(
                    "%(photos)d photograph within a day", "%(photos)d photographs within a day", self.photos
                )
                % found
            )
        return (
            ngettext(
                "%(photos)d photograph within an hour", "%(photos)d photographs within an hour", self.photos
            )
            % found
        )
