"""The session

Depth by zone against the device's evidence, passes and punctures with the formula, what goes on the skin,
and the record that must be whole before anybody signs.

    roller: punctures per cm2 = passes x needles / (pi x drum diameter x drum width)
    pen:    punctures per cm2 = passes x needles x strokes per second / (glide speed x tip width)

The examples begin with a first session by pen, 1.5 mm on the cheeks, six passes, everything recorded.
"""

from datetime import date

from tests.spec.example import UNANSWERED, example

STAGE = "session"
BASE = {
    "visit_on": date(2026, 12, 1),
    "fitzpatrick": "II",
    "fitzpatrick_entered_by": "Dr Berg",
    "device": "pen",
    "device_name": "Pen A",
    "device_serial": "P-001",
    "last_session_on": "never",
    "zones": [{"zone": "cheek", "needle_length_mm": 1.5, "passes": 6}],
    "topicals": ["sterile saline"],
    "endpoint": "even redness",
    "stop_signs": [],
    "photos_before_numbing": True,
    "cartridge_lot": "L42",
    "cartridge_serial": "7",
    "cartridge_expires_on": date(2027, 12, 31),
    "sterile_pack_intact": True,
    "cartridge_used_before": False,
    "cartridges_used_earlier": ["L42/6"],
    "opened_for": "patient 12",
    "discarded_in_sharps": True,
    "operator": "R. Haas",
}
S = "session."


def zone(name: str, length: float, passes: int = 6) -> list[dict[str, object]]:
    return [{"zone": name, "needle_length_mm": length, "passes": passes}]


EXAMPLES = [
    example(S + "interval", "the first session", "ok"),
    example(S + "interval", "13 days after the last", "stop", "13 days", last_session_on=date(2026, 11, 18)),
    example(S + "interval", "14 days after the last", "warning", last_session_on=date(2026, 11, 17)),
    example(S + "interval", "28 days after the last", "ok", last_session_on=date(2026, 11, 3)),
    example(S + "interval", "nobody knows", "ask", last_session_on=UNANSWERED),
    example(S + "next_when_clear", "every session", "ok"),
    example(S + "depth_cap", "1.75 mm", "stop", "cap is 1.5", zones=zone("cheek", 1.75)),
    example(
        S + "depth_cap",
        "2 mm with a device whose evidence reaches so far",
        "ok",
        zones=zone("cheek", 2),
        device_evidence_cap_mm=2,
        device_evidence_file="maker's study 7",
    ),
    example(S + "orbital_rim", "a needle on the lid", "stop", zones=zone("inside the orbital rim", 0.25)),
    example(S + "no_needle", "over a tattoo", "stop", zones=zone("tattoo", 0.5)),
    example(
        S + "zone_around_eye", "1 mm around the eye", "warning", "up to 0.5", zones=zone("around the eye", 1)
    ),
    example(S + "zone_bony", "1.5 mm on the forehead", "warning", zones=zone("forehead", 1.5)),
    example(S + "zone_nose_tip_lip", "1 mm on the upper lip", "ok", zones=zone("upper lip", 1)),
    example(S + "zone_cheek", "1.5 mm on the cheek", "ok"),
    example(
        S + "zone_neck",
        "half a millimetre on the neck",
        "warning",
        "not an authorised",
        zones=zone("neck", 0.5),
    ),
    example(S + "reached_depth", "every session", "ok"),
    example(S + "passes", "21 passes", "warning", zones=zone("cheek", 1.5, 21)),
    example(S + "density", "six passes of a pen", "ok"),
    example(
        S + "density",
        "15 passes of a roller: about 229 punctures",
        "ok",
        device="roller",
        zones=zone("cheek", 1.5, 15),
    ),
    example(S + "endpoint", "none reached", "warning", endpoint="none reached"),
    example(S + "stop_signs", "bleeding runs together", "stop", stop_signs=["confluent bleeding"]),
    example(S + "topicals", "vitamin C", "stop", "vitamin C", topicals=["vitamin C"]),
    example(S + "topicals", "nobody wrote it down", "ask", topicals=UNANSWERED),
    example(S + "photos_first", "photographs after the cream", "stop", photos_before_numbing=False),
    example(
        S + "pigment_consent", "type V, not talked through", "stop", fitzpatrick="V", pigment_consent=False
    ),
    example(S + "pigment_consent", "type V, nobody knows", "ask", fitzpatrick="V"),
    example(S + "expiry", "expired yesterday", "stop", cartridge_expires_on=date(2026, 11, 30)),
    example(S + "sterile_pack", "a torn pack", "stop", sterile_pack_intact=False),
    example(S + "single_use", "used before", "stop", cartridge_used_before=True),
    example(
        S + "single_use", "its number stands in an earlier record", "stop", "L42/6", cartridge_serial="6"
    ),
    example(S + "record", "no operator named", "ask", "operator", operator=UNANSWERED),
    example(S + "sharps", "not in the sharps box", "stop", discarded_in_sharps=False),
    example(S + "radiofrequency", "a radiofrequency device", "stop", device="radiofrequency"),
    example(S + "roller", "a roller", "ok", device="roller"),
]
