"""The questions of a session in the order of the hour, by the rulebook's stage that judges them."""

from microrelief.pathway.facts import questions
from microrelief.web.sheets.answers import Group

SINCE = Group(
    "since",
    "Since last time",
    (
        "suspicious_lesion_in_field",
        "wound_in_field",
        "infection_in_field",
        "cold_sore_active",
        "active_acne",
        "active_dermatosis",
        "sunburnt_on",
        "tanned_on",
        "pregnant_or_nursing",
        "isotretinoin",
        "isotretinoin_stopped_on",
        "blood_thinner",
    ),
    "Nothing new",
)
PHOTOS = Group("photos", "Photographs first", ("photos_before_numbing",))
NUMBING = Group(
    "numbing",
    "Numbing",
    (
        "product",
        "label",
        "lidocaine_percent",
        "prescriber_signed_off",
        "grams",
        "area_cm2",
        "weight_kg",
        "batch",
        "expires_on",
        "skin_intact",
        "occluded",
        "heat_applied",
        "second_anaesthetic",
        "applied_to_needled_skin",
        "applied_at",
        "removed_at",
        "all_removed_before_needling",
        "needling_at",
    ),
)
DEVICE = Group(
    "device",
    "Device and cartridge",
    (
        "device",
        "device_name",
        "device_serial",
        "cartridge_lot",
        "cartridge_serial",
        "cartridge_expires_on",
        "sterile_pack_intact",
        "cartridge_used_before",
    ),
)
TIP = Group(
    "tip",
    "Needles, speed and evidence of the device",
    (
        "needles",
        "strokes_per_second",
        "glide_cm_per_second",
        "tip_width_cm",
        "drum_diameter_cm",
        "drum_width_cm",
        "device_evidence_cap_mm",
        "device_evidence_file",
    ),
)
AFTER = Group(
    "after",
    "At the end",
    ("topicals", "endpoint", "stop_signs", "pigment_consent", "discarded_in_sharps", "operator"),
)
_CREAM = "product=" + "|".join(one for one in questions("numbing")["product"].choices if one != "none")
WHEN = {
    "isotretinoin_stopped_on": "isotretinoin=before",
    "label": "product=lidocaine 2.5% + prilocaine 2.5%",
    "lidocaine_percent": "product=compounded|other",
    "prescriber_signed_off": "product=compounded|other",
    **{name: _CREAM for name in NUMBING.names if name not in ("product", "label", "lidocaine_percent",
                                                             "prescriber_signed_off", "second_anaesthetic")},
    **dict.fromkeys(("strokes_per_second", "glide_cm_per_second", "tip_width_cm"), "device=pen"),
    **dict.fromkeys(("drum_diameter_cm", "drum_width_cm"), "device=roller"),
}  # fmt: skip
STAGES = (
    ("suitability", SINCE),
    ("session", PHOTOS),
    ("numbing", NUMBING),
    ("session", DEVICE),
    ("session", TIP),
    ("session", AFTER),
)
SAME_DEVICE = (
    "device", "device_name", "device_serial", "device_evidence_cap_mm", "device_evidence_file", "needles",
    "strokes_per_second", "glide_cm_per_second", "tip_width_cm", "drum_diameter_cm", "drum_width_cm",
)  # fmt: skip
SAME_AGAIN = ("product", "label", "grams", "area_cm2", "weight_kg", "occluded", "topicals")
HELD_ON = ("isotretinoin", "isotretinoin_stopped_on", "blood_thinner")
"""Of these "nothing new" means: as the consultation says."""
EVENT_KINDS = (
    "fainting",
    "bleeding",
    "reaction to the cream",
    "allergic reaction",
    "pain",
    "device fault",
    "other",
)
EVENT_GRADES = ("mild", "moderate", "severe")
