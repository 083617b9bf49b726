"""One version of the clinic's words on one sheet, in one language. Never changed: other words are a new one.

A plan that was agreed on shows the words of the moment of its signature, also when newer ones were written.
"""

import uuid
from datetime import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from microrelief.web.audit.models import Sealed
from microrelief.web.people.models import Person

PREPARATION, AFTERCARE = "preparation", "aftercare"
SHEETS = [(PREPARATION, _("Before a session")), (AFTERCARE, _("After a session"))]


class Leaflet(Sealed):
    """Words from `made_at` on; empty words take the clinic's own away again."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sheet = models.CharField(max_length=12, choices=SHEETS)
    language = models.CharField(max_length=10)
    number = models.PositiveIntegerField()
    text = models.TextField(max_length=4000, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("sheet", "language", "-number")
        constraints = [
            models.UniqueConstraint(name="one_leaflet_each", fields=("sheet", "language", "number"))
        ]

    def __str__(self) -> str:
        return f"{self.sheet} {self.language} {self.number}"


def words_at(sheet: str, languages: list[str], moment: datetime | None) -> Leaflet | None:
    """What stood on the sheet at that moment, now for None, in the first of the languages that has words."""
    when = moment or timezone.now()
    for language in languages:
        found = Leaflet.objects.filter(sheet=sheet, language=language, made_at__lte=when).first()
        if found is not None and found.text:
            return found
    return None
