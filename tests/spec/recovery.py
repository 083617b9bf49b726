"""After the session

A diary entry becomes *fine*, *watch*, *contact the clinic*, *same day* or *emergency*, with the sentence
that the patient reads, what is usual at that hour, and what to do and avoid. On brown and black skin redness
is easily missed: warmth, pain and the person's own usual colour are asked for, and the absence of redness
reassures nobody.

The examples begin on day 3 after a pen session, everything calm, skin type II.
"""

from datetime import date

from tests.spec.example import EXPECTED, UNANSWERED, example

STAGE = "recovery"
BASE = {
    "session_on": date(2026, 12, 1),
    "visit_on": date(2026, 12, 4),
    "fitzpatrick": "II",
    "device": "pen",
    "needle_length_mm": 1.5,
    "redness": "less",
    "warmth": "none",
    "pain": "none",
    "swelling": "none",
    "temperature_celsius": 36.6,
    "grouped_blisters": False,
    "pus": False,
    "numbing_toxicity_signs": False,
    "allergy_signs": False,
    "bumps": False,
    "draining_bumps": False,
    "tracks": False,
    "new_brown_patch": False,
    "raised_scar": False,
    "flaking": False,
    "bruise": False,
}
R = "recovery."
DAY_0, DAY_1, DAY_4, DAY_8 = date(2026, 12, 1), date(2026, 12, 2), date(2026, 12, 5), date(2026, 12, 9)
DAY_15, DAY_20, DAY_30 = date(2026, 12, 16), date(2026, 12, 21), date(2026, 12, 31)
EXAMPLES = [
    example(R + "expect_pinpoint_bleeding", "the first hour", EXPECTED, visit_on=DAY_0),
    example(R + "expect_redness_short", "a pen, day 1", EXPECTED, visit_on=DAY_1),
    example(R + "expect_redness_roller", "a roller, day 1", EXPECTED, visit_on=DAY_1, device="roller"),
    example(R + "expect_transient", "day 3", EXPECTED),
    example(R + "expect_swelling", "day 1", EXPECTED, visit_on=DAY_1),
    example(R + "expect_flaking", "day 3", EXPECTED),
    example(R + "expect_bruise", "day 3", EXPECTED),
    example(R + "expect_barrier_quarter", "0.25 mm, day 1", EXPECTED, visit_on=DAY_1, needle_length_mm=0.25),
    example(R + "expect_barrier_half", "0.5 mm, day 1", EXPECTED, visit_on=DAY_1, needle_length_mm=0.5),
    example(R + "expect_barrier_long", "1.5 mm, day 1", EXPECTED, visit_on=DAY_1),
    example(R + "expect_closure", "day 1", EXPECTED, visit_on=DAY_1),
    example(R + "expect_pigment", "day 20", EXPECTED, visit_on=DAY_20, redness="none"),
    example(
        R + "dark_skin",
        "type V, nobody asked about warmth",
        "ask",
        fitzpatrick="V",
        redness="none",
        warmth=UNANSWERED,
    ),
    example(R + "dark_skin", "type V, cool and without pain", "fine", fitzpatrick="V", redness="none"),
    example(R + "redness_late", "red on day 3", "fine"),
    example(R + "redness_late", "red on day 4", "contact the clinic", "a message", visit_on=DAY_4),
    example(R + "redness_late", "red on day 8", "contact the clinic", "a clinician looks", visit_on=DAY_8),
    example(
        R + "redness_late",
        "type VI, no redness seen but warm on day 4",
        "contact the clinic",
        visit_on=DAY_4,
        fitzpatrick="VI",
        redness="none",
        warmth="same",
    ),
    example(
        R + "increasing_early", "pain growing on day 1", "watch", "tomorrow", visit_on=DAY_1, pain="more"
    ),
    example(
        R + "swelling_late",
        "swollen on day 8",
        "contact the clinic",
        visit_on=DAY_8,
        redness="none",
        swelling="same",
    ),
    example(
        R + "red_blisters", "blisters in a group on day 4", "same day", visit_on=DAY_4, grouped_blisters=True
    ),
    example(R + "red_blisters", "nobody asked", "ask", grouped_blisters=UNANSWERED),
    example(R + "red_infection", "pain growing on day 3", "same day", "more than 48", pain="more"),
    example(R + "red_infection", "38.2 degrees", "same day", "fever begins at 38", temperature_celsius=38.2),
    example(R + "red_infection", "pus on day 1", "same day", visit_on=DAY_1, pus=True),
    example(R + "red_numbing", "a taste of metal", "emergency", visit_on=DAY_0, numbing_toxicity_signs=True),
    example(R + "red_allergy", "a swollen face and hives", "emergency", visit_on=DAY_0, allergy_signs=True),
    example(
        R + "red_bumps",
        "bumps on day 15",
        "contact the clinic",
        "dermatologist",
        visit_on=DAY_15,
        redness="none",
        bumps=True,
    ),
    example(R + "bumps_early", "bumps on day 8", "watch", visit_on=DAY_8, redness="none", bumps=True),
    example(
        R + "red_tracks",
        "lines on day 15",
        "contact the clinic",
        visit_on=DAY_15,
        redness="none",
        tracks=True,
    ),
    example(
        R + "red_brown_patch",
        "type IV, a dark patch on day 20",
        "contact the clinic",
        visit_on=DAY_20,
        fitzpatrick="IV",
        redness="none",
        new_brown_patch=True,
    ),
    example(
        R + "red_raised_scar",
        "a firm raised scar",
        "contact the clinic",
        visit_on=DAY_30,
        redness="none",
        raised_scar=True,
    ),
    example(
        R + "red_draining",
        "bumps that drain on day 30",
        "same day",
        visit_on=DAY_30,
        redness="none",
        draining_bumps=True,
    ),
    example(
        R + "bruise_late",
        "a bruise on day 15",
        "contact the clinic",
        visit_on=DAY_15,
        redness="none",
        bruise=True,
    ),
    example(
        R + "flaking_late",
        "flaking on day 8",
        "contact the clinic",
        visit_on=DAY_8,
        redness="none",
        flaking=True,
    ),
    example(R + "care_0", "the first hours", EXPECTED, visit_on=DAY_0),
    example(R + "care_4", "five hours after", EXPECTED, visit_on=DAY_0, hours_since_session=5),
    example(R + "care_24", "day 1", EXPECTED, visit_on=DAY_1),
    example(R + "care_72", "day 3", EXPECTED),
    example(R + "care_168", "day 8", EXPECTED, visit_on=DAY_8),
    example(R + "care_672", "day 30", EXPECTED, visit_on=DAY_30),
]
