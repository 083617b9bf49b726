"""Getting ready

A session date and a person's products become a dated plan. A step that was missed moves the session, and the
finding says to which day. Most of these days are clinics' habit and sheets differ, so each rule shows the
range in use.

The examples are seen from 1 December 2026, for a session on 5 January 2027, with nothing in use.
"""

from datetime import date

from tests.spec.example import PLANNED, UNANSWERED, example

STAGE = "preparation"
BASE = {
    "visit_on": date(2026, 12, 1),
    "session_on": date(2027, 1, 5),
    "uses": [],
    "herpes_history": False,
    "prescribed_aspirin": False,
    "photosensitising_drug": False,
    "could_be_pregnant": False,
    "fitzpatrick": "II",
}
P = "preparation."
EVE = date(2027, 1, 4)


def used(product: str, on: date) -> list[dict[str, object]]:
    return [{"product": product, "on": on}]


EXAMPLES = [
    example(P + "retinoid", "in use, five weeks ahead", "ok", "2027-01-02", uses=["retinoid"]),
    example(P + "retinoid", "in use", PLANNED, "2027-01-02", uses=["retinoid"]),
    example(
        P + "retinoid",
        "used on the eve",
        "move",
        "2027-01-07",
        visit_on=EVE,
        uses=["retinoid"],
        last_used=used("retinoid", EVE),
        fitzpatrick="II",
    ),
    example(P + "retinoid", "nobody asked what is in use", "ask", uses=UNANSWERED),
    example(P + "exfoliant", "acids in use", PLANNED, "2027-01-02", uses=["exfoliant"]),
    example(P + "benzoyl_peroxide", "in use", PLANNED, "2027-01-03", uses=["benzoyl_peroxide"]),
    example(P + "hydroquinone", "in use", PLANNED, "2027-01-03", uses=["hydroquinone"]),
    example(P + "sun", "type II", PLANNED, "2026-12-22"),
    example(P + "sun", "type IV", PLANNED, "2026-12-08", fitzpatrick="IV"),
    example(
        P + "sun",
        "sunbathed a week before",
        "move",
        "2027-01-12",
        visit_on=EVE,
        last_used=used("sun", date(2026, 12, 29)),
    ),
    example(P + "self_tan", "in use", PLANNED, "2026-12-29", uses=["self_tan"]),
    example(P + "waxing", "in use", PLANNED, "2026-12-29", uses=["waxing"]),
    example(P + "facial_or_peel", "has facials", PLANNED, "2026-12-08", uses=["facial_or_peel"]),
    example(
        P + "facial_or_peel",
        "a facial three weeks before, the clinic sees it late",
        "move",
        "2027-01-12",
        visit_on=date(2026, 12, 20),
        uses=["facial_or_peel"],
        last_used=used("facial_or_peel", date(2026, 12, 15)),
    ),
    example(
        P + "anti_inflammatory",
        "takes ibuprofen now and then",
        PLANNED,
        "2027-01-02",
        uses=["anti_inflammatory"],
    ),
    example(
        P + "anti_inflammatory",
        "took one yesterday",
        "caution",
        visit_on=EVE,
        uses=["anti_inflammatory"],
        last_used=used("anti_inflammatory", date(2027, 1, 3)),
    ),
    example(
        P + "prescribed_aspirin",
        "aspirin on prescription",
        "caution",
        "only the prescriber",
        prescribed_aspirin=True,
    ),
    example(P + "supplements_or_alcohol", "fish oil", PLANNED, "2027-01-02", uses=["supplements_or_alcohol"]),
    example(P + "photosensitising_drug", "doxycycline", "caution", photosensitising_drug=True),
    example(P + "herpes_prophylaxis", "cold sores, nothing decided yet", "refer", herpes_history=True),
    example(
        P + "herpes_prophylaxis",
        "an antiviral is prescribed",
        PLANNED,
        "2027-01-04",
        herpes_history=True,
        antiviral_decision="prescribed",
    ),
    example(P + "shaving", "shaves", PLANNED, "2027-01-04", shaves=True),
    example(P + "bare_face", "everybody", PLANNED, "2027-01-05"),
    example(P + "baseline", "everybody", PLANNED, "2027-01-05"),
    example(P + "pregnancy_test", "pregnancy is possible", "caution", could_be_pregnant=True),
]
