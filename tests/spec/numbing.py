"""Numbing

Product, grams, area and minutes against the label, with the sums shown. What no label limits never passes
silently: a compounded or unknown product is a warning at best.

The examples begin with 45 g of lidocaine and prilocaine on 300 cm2 under film for 90 minutes, on an adult of
70 kg.
"""

from datetime import date

from tests.spec.example import EXPECTED, UNANSWERED, example

STAGE = "numbing"
BASE = {
    "visit_on": date(2026, 12, 1),
    "product": "lidocaine 2.5% + prilocaine 2.5%",
    "label": "UK",
    "grams": 45,
    "area_cm2": 300,
    "minutes_on": 90,
    "occluded": True,
    "heat_applied": False,
    "skin_intact": True,
    "all_removed_before_needling": True,
    "applied_to_needled_skin": False,
    "second_anaesthetic": False,
    "weight_kg": 70,
    "age_years": 30,
    "methaemoglobinaemia_or_g6pd": False,
    "class_iii_antiarrhythmic": False,
    "anaesthetic_allergy": "none",
    "batch": "A17",
    "expires_on": date(2027, 6, 30),
}
N = "numbing."
OPEN = {
    "product": "compounded",
    "lidocaine_percent": 23,
    "grams": 10,
    "area_cm2": 100,
    "occluded": False,
    "prescriber_signed_off": True,
}
TIMES = {"minutes_on": UNANSWERED, "applied_at": "09:00", "removed_at": "10:15"}
EXAMPLES = [
    example(N + "product_lidocaine_prilocaine", "60 g on 400 cm2", "ok", grams=60, area_cm2=400),
    example(N + "product_lidocaine_prilocaine", "61 g", "stop", "limit is 60", grams=61, area_cm2=400),
    example(N + "product_lidocaine_prilocaine", "601 cm2", "stop", "limit is 600", area_cm2=601),
    example(N + "product_lidocaine_prilocaine", "five hours and a minute", "stop", minutes_on=301),
    example(N + "product_lidocaine_prilocaine", "45 minutes", "warning", "Wait", minutes_on=45),
    example(
        N + "product_lidocaine_prilocaine", "45 g on 200 cm2, too thick", "warning", "thicker", area_cm2=200
    ),
    example(N + "product_lidocaine_prilocaine", "no film", "warning", occluded=False),
    example(
        N + "product_lidocaine_prilocaine_us", "45 g on 225 cm2, US label", "ok", label="US", area_cm2=225
    ),
    example(
        N + "product_lidocaine_prilocaine_us",
        "the same for three hours",
        "warning",
        label="US",
        area_cm2=225,
        minutes_on=180,
    ),
    example(N + "product_lidocaine_4", "half an hour", "ok", product="lidocaine 4%", minutes_on=30),
    example(
        N + "product_lidocaine_5",
        "on the face",
        "warning",
        "Off its label",
        product="lidocaine 5%",
        minutes_on=30,
    ),
    example(
        N + "product_lidocaine_tetracaine",
        "54 g",
        "stop",
        product="lidocaine 7% + tetracaine 7%",
        grams=54,
        minutes_on=30,
    ),
    example(N + "compounded", "23 percent, signed off", "warning", "23 percent", **OPEN),
    example(N + "compounded", "not signed off", "stop", **{**OPEN, "prescriber_signed_off": False}),
    example(N + "compounded", "strength not known", "ask", **{**OPEN, "lidocaine_percent": UNANSWERED}),
    example(N + "compounded_cover", "under film", "stop", **{**OPEN, "occluded": True}),
    example(N + "unknown_product", "something from abroad", "stop", **{**OPEN, "product": "other"}),
    example(N + "unknown_product", "nobody wrote it down", "ask", product=UNANSWERED),
    example(N + "prilocaine", "G6PD deficiency", "stop", methaemoglobinaemia_or_g6pd=True),
    example(N + "prilocaine", "nobody asked", "ask", methaemoglobinaemia_or_g6pd=UNANSWERED),
    example(N + "antiarrhythmic", "amiodarone", "warning", class_iii_antiarrhythmic=True),
    example(N + "allergy", "allergic to amides", "stop", anaesthetic_allergy="amide"),
    example(N + "allergy", "allergic to esters, cream of amides", "ok", anaesthetic_allergy="ester"),
    example(N + "second_agent", "a second cream on top", "stop", second_anaesthetic=True),
    example(N + "needled_skin", "again after the first pass", "stop", applied_to_needled_skin=True),
    example(N + "intact_skin", "broken skin", "stop", skin_intact=False),
    example(N + "removal", "some left on", "stop", all_removed_before_needling=False),
    example(N + "heat", "a warm pack", "warning", heat_applied=True),
    example(N + "minors", "16 years", "stop", age_years=16),
    example(N + "minors_us_weight", "16 years", EXPECTED, age_years=16),
    example(N + "systemic", "30 g of a 23 percent gel", "warning", "no label", **{**OPEN, "grams": 30}),
    example(N + "systemic_measured", "lidocaine with prilocaine", EXPECTED),
    example(N + "face_area", "500 cm2", "warning", area_cm2=500),
    example(
        N + "duration", "needling 105 minutes after removal", "warning", "105", needling_at="12:00", **TIMES
    ),
    example(N + "duration", "needling 15 minutes after removal", "ok", needling_at="10:30", **TIMES),
    example(N + "record", "no batch", "ask", batch=UNANSWERED),
    example(N + "expiry", "expired in June", "stop", expires_on=date(2026, 6, 30)),
]
