"""A consultation: answers to the questions of suitability, the scars on the map, grades, and the decision."""

from typing import Any, ClassVar

from simple_history.models import HistoricalRecords

from microrelief.web.patients.record import Word
from microrelief.web.sheets.models import Sheet


class Consultation(Sheet):
    """History and examination of one day."""

    title: ClassVar[str] = "consultation"
    noun: ClassVar[str] = "consultation"

    wish = Word("")
    """What the patient hopes for, in their words."""
    findings = Word("")
    """What was seen, in the professional's words."""
    scars: Word[list[dict[str, Any]]] = Word([])
    """Each with kind, zone, size in mm, number; x and y in thousandths of the drawing where it was tapped."""
    grades: Word[dict[str, dict[str, Any]]] = Word({})
    """Answers to each grading scale that was begun."""
    scores: Word[dict[str, Any]] = Word({})
    """What those came to when it was signed."""
    does = Word("")
    """What the professional decided, one of pathway.finding.DECISIONS."""
    why = Word("")

    history = HistoricalRecords()

    class Meta(Sheet.Meta):
        pass
