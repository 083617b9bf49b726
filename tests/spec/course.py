"""The course

Sessions, the review, and when to stop; and what published series achieved with the scars that a clinician
saw, so that hopes are set from evidence. The figures come from different studies and scales.

The examples begin with three sessions every 28 days from 5 January 2027, rolling scars.
"""

from datetime import date

from tests.spec.example import EXPECTED, PLANNED, UNANSWERED, example

STAGE = "course"
BASE = {
    "visit_on": date(2026, 12, 1),
    "first_session_on": date(2027, 1, 5),
    "sessions_planned": 3,
    "interval_days": 28,
    "sessions_done": 0,
    "sessions_without_detectable_change": 0,
    "redness_or_pigment_clear": True,
    "scar_types": ["rolling"],
}
C = "course."
LATER = {"visit_on": date(2027, 8, 1), "sessions_done": 3}
EXAMPLES = [
    example(C + "sessions", "two planned", "caution", "expect less", sessions_planned=2),
    example(C + "sessions", "not said", "ask", sessions_planned=UNANSWERED),
    example(C + "interval", "the third session", PLANNED, "2027-03-02"),
    example(C + "interval", "every three weeks", "caution", interval_days=21),
    example(C + "interval", "every ten days", "stop", interval_days=10),
    example(C + "review", "twelve weeks after the third", PLANNED, "2027-05-25"),
    example(
        C + "stop",
        "three sessions without a detectable change",
        "stop",
        sessions_without_detectable_change=3,
        **LATER,
    ),
    example(C + "stop", "two sessions without", "ok", sessions_without_detectable_change=2, **LATER),
    example(C + "next_when_clear", "still red", "stop", redness_or_pigment_clear=False, **LATER),
    example(C + "long_course", "six done", "caution", **{**LATER, "sessions_done": 6}),
    example(C + "scar_rolling", "rolling", "ok", "1.06"),
    example(C + "scar_shallow_boxcar", "shallow boxcar", "ok", scar_types=["shallow boxcar"]),
    example(C + "scar_deep", "icepick", "caution", "CROSS", scar_types=["icepick"]),
    example(C + "scar_raised", "a keloid", "stop", scar_types=["keloid"]),
    example(C + "scar_macular", "flat marks", "caution", scar_types=["macular"]),
    example(C + "usual_needle", "everybody", EXPECTED),
    example(C + "needle_compared", "everybody", EXPECTED),
    example(C + "expectation", "everybody", EXPECTED),
]
