"""The questions of a consultation in their order, and which answers hold for longer than a day."""

from microrelief.web.sheets.answers import Group

STAGE = "suitability"
GROUPS = (
    Group(
        "field",
        "The skin to be treated, today",
        (
            "suspicious_lesion_in_field",
            "wound_in_field",
            "infection_in_field",
            "infection_cleared_on",
            "cold_sore_active",
            "cold_sore_crusts_gone_on",
            "active_acne",
            "active_dermatosis",
            "keratosis_or_mole_in_field",
            "tattoo_in_field",
        ),
        "Nothing of the rest",
    ),
    Group(
        "health",
        "Health and medicines",
        (
            "pregnant_or_nursing",
            "isotretinoin",
            "isotretinoin_stopped_on",
            "blood_thinner",
            "bleeding_disorder",
            "keloid_tendency",
            "herpes_history",
            "diabetes",
            "hba1c_percent",
            "immunosuppressed",
            "chemotherapy_now",
            "connective_tissue_or_heart",
            "anaesthetic_allergy",
            "steel_allergy",
            "nickel_allergy",
            "methaemoglobinaemia_or_g6pd",
            "class_iii_antiarrhythmic",
        ),
        "None of the rest",
    ),
    Group(
        "skin",
        "Skin, sun and earlier treatment",
        (
            "fitzpatrick",
            "melasma_or_pih",
            "scars_younger_than_a_year",
            "sunburnt_on",
            "tanned_on",
            "filler_or_botulinum_on",
            "peel_on",
            "ablative_or_surgery_on",
        ),
        "None of the rest",
    ),
    Group(
        "hope",
        "Hopes and worries",
        ("expects_scar_free", "dysmorphia_concern", "dysmorphic_concern_score"),
    ),
    Group("device", "The device", ("device_authorised_for_acne_scars", "under_us_label", "home_roller")),
)
BY_KEY = {group.key: group for group in GROUPS}
NAMES = tuple(name for group in GROUPS for name in group.names)
WHEN = {"isotretinoin_stopped_on": "isotretinoin=before", "hba1c_percent": "diabetes=yes"}
HOLDS_FOR_LONGER = (
    "fitzpatrick", "fitzpatrick_entered_by", "keloid_tendency", "herpes_history", "bleeding_disorder",
    "blood_thinner", "diabetes", "hba1c_percent", "immunosuppressed", "connective_tissue_or_heart",
    "anaesthetic_allergy", "steel_allergy", "nickel_allergy", "methaemoglobinaemia_or_g6pd",
    "class_iii_antiarrhythmic", "isotretinoin", "isotretinoin_stopped_on", "melasma_or_pih",
    "filler_or_botulinum_on", "peel_on", "ablative_or_surgery_on", "tanned_on", "tattoo_in_field",
    "keratosis_or_mole_in_field", "device_authorised_for_acne_scars", "under_us_label", "home_roller",
)  # fmt: skip
"""Copied forward on a press, marked, and gone through before signing; what changes from day to day is not."""
