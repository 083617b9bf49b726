"""A plan: how many sessions, how far apart, from when, and what the patient uses that must stop before."""

from typing import ClassVar

from simple_history.models import HistoricalRecords

from microrelief.web.patients.record import Word
from microrelief.web.sheets.models import Sheet


class Plan(Sheet):
    """The course that was agreed with the patient. A newer signed plan takes the place of the older."""

    title: ClassVar[str] = "plan"
    noun: ClassVar[str] = "plan"

    last_used: Word[dict[str, str]] = Word({})
    """Day of last use by product, where its day to stop has passed already."""
    note = Word("")
    """Words of the clinic for the patient, printed on the sheets."""

    history = HistoricalRecords()

    class Meta(Sheet.Meta):
        pass
