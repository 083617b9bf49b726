"""What a comparison says to the patient: the report's findings in everyday words, with the same numbers."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class MeasureWords:
    """How one measure is called, for staff and for patients."""

    key: str
    title: str
    less: str
    more: str
    everyday: str
    """The subject of a sentence for patients."""
    everyday_less: str
    everyday_more: str


MEASURE_WORDS = (
    MeasureWords("relief", "Relief", "shallower", "deeper", "The scars look", "shallower", "deeper"),
    MeasureWords("redness", "Redness", "lower", "higher", "The redness of the scars is", "less", "more"),
    MeasureWords("pigment", "Pigment", "lower", "higher", "The brown colour of the scars is", "less", "more"),
)
"""Titles and directions as `report.wording.MEASURES` has them; a test holds them together."""


def patient_sentence(words: MeasureWords, outcome: dict[str, Any]) -> dict[str, str]:
    """Title, verdict in a few words, and a sentence that always says how sure it is."""
    change, low, high, could = (
        outcome.get(name) for name in ("change_percent", "low", "high", "detectable_percent")
    )
    if (
        outcome.get("verdict", "not comparable") == "not comparable"
        or change is None
        or low is None
        or high is None
    ):
        return {
            "title": words.title,
            "verdict": "cannot be compared",
            "says": "These photographs do not allow a comparison of this. That says nothing about your skin.",
        }
    if outcome["verdict"] == "no measurable change":
        return {
            "title": words.title,
            "verdict": "no change we can measure",
            "says": f"If something changed, it is less than about {round(could or 0)}\u00a0%; "
            "smaller changes do not show between these two photographs.",
        }
    way = words.everyday_less if change < 0 else words.everyday_more
    near, far = sorted((abs(low), abs(high)))
    return {
        "title": words.title,
        "verdict": f"{round(abs(change))}\u00a0% {way}",
        "says": f"{words.everyday} about {round(abs(change))}\u00a0% {way}. The true change lies most likely "
        f"between {round(near)} and {round(far)}\u00a0%.",
    }
