"""One microneedling session. Lots stand in columns: a recall must find every patient in a moment."""

from typing import Any, ClassVar

from django.db import models
from simple_history.models import HistoricalRecords

from microrelief.web.patients.record import Word
from microrelief.web.sheets.models import Sheet


class Treatment(Sheet):
    """What was checked, numbed, used and done on one day."""

    title: ClassVar[str] = "session"
    noun: ClassVar[str] = "treatment"

    lot = models.CharField(max_length=80, blank=True, db_index=True)
    """The cartridge's, as `lot_key` writes it; the record itself keeps what was typed."""
    serial = models.CharField(max_length=80, blank=True)
    batch = models.CharField(max_length=80, blank=True, db_index=True)
    """The numbing cream's."""
    device = models.CharField(max_length=80, blank=True, db_index=True)
    """The device's serial number."""
    started_at = models.DateTimeField(null=True)
    """When the first needle was allowed: everything that speaks against it was dealt with by then."""

    carried = ("started_at", "lot", "serial", "batch", "device")

    kept_to_sheet: Word[bool | None] = Word(None)
    """Whether the patient says that the preparation sheet was followed."""
    last_used: Word[dict[str, str]] = Word({})
    zones: Word[list[dict[str, Any]]] = Word([])
    """Each with zone, depth in mm and passes."""
    events: Word[list[dict[str, str]]] = Word([])
    note = Word("")

    history = HistoricalRecords()

    class Meta(Sheet.Meta):
        pass


def lot_key(text: str) -> str:
    """A lot as it is compared: capitals, no spaces."""
    return "".join(str(text).split()).upper()[:80]
