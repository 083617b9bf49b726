"""What a person may do: permissions an enum, roles plain data that hold sets of them.

A permission says what a role may do at all. For everything of a patient a treatment relation is asked for too
(patients/access.py). An API key's scopes are permissions as well, and only ever take away.
"""

from dataclasses import dataclass
from enum import StrEnum


class Permission(StrEnum):
    """One thing that can be allowed."""

    SEE_PATIENTS = "patients.see"
    ADD_PATIENTS = "patients.add"
    EDIT_PATIENTS = "patients.edit"
    MERGE_PATIENTS = "patients.merge"
    EXPORT_PATIENT = "patients.export"
    ERASE_PATIENT = "patients.erase"
    HOLD_PATIENT = "patients.hold"
    CHANGE_CARE_TEAM = "patients.care_team"
    BREAK_GLASS = "patients.break_glass"
    SEE_PHOTOS = "photos.see"
    SEE_ORIGINALS = "photos.originals"
    ADD_PHOTOS = "photos.add"
    MOVE_PHOTOS = "photos.move"
    WRITE_RECORD = "record.write"
    SIGN_RECORD = "record.sign"
    RECALL_LOT = "record.recall"
    RECORD_CONSENT = "consents.record"
    WITHDRAW_CONSENT = "consents.withdraw"
    READ_AUDIT = "audit.read"
    RELEASE_BRAKE = "brake.release"
    MANAGE_STAFF = "people.manage"
    MANAGE_OWN_KEYS = "keys.own"
    CHANGE_SETTINGS = "settings.change"


IN_WORDS = {
    Permission.SEE_PATIENTS: "See the patients one treats",
    Permission.ADD_PATIENTS: "Add patients",
    Permission.EDIT_PATIENTS: "Correct who a patient is",
    Permission.MERGE_PATIENTS: "Merge duplicates",
    Permission.EXPORT_PATIENT: "Hand out a whole record",
    Permission.ERASE_PATIENT: "Erase a record",
    Permission.HOLD_PATIENT: "Hold or restrict a record",
    Permission.CHANGE_CARE_TEAM: "Say who treats a patient",
    Permission.BREAK_GLASS: "See somebody else's patient with a reason",
    Permission.SEE_PHOTOS: "See photographs",
    Permission.SEE_ORIGINALS: "Open original photographs",
    Permission.ADD_PHOTOS: "Add and describe photographs",
    Permission.MOVE_PHOTOS: "Move photographs, take them out of sight",
    Permission.WRITE_RECORD: "Write consultations, plans and sessions",
    Permission.SIGN_RECORD: "Decide and sign them",
    Permission.RECALL_LOT: "Find everybody who was treated with a lot",
    Permission.RECORD_CONSENT: "Record consents",
    Permission.WITHDRAW_CONSENT: "Record withdrawals",
    Permission.READ_AUDIT: "Read the trail",
    Permission.RELEASE_BRAKE: "Let somebody go on whom the brake stopped",
    Permission.MANAGE_STAFF: "Manage staff",
    Permission.MANAGE_OWN_KEYS: "Make keys for programs",
    Permission.CHANGE_SETTINGS: "Change the settings",
}


@dataclass(frozen=True)
class Role:
    """A name, what it is for, and what it may do."""

    name: str
    says: str
    may: frozenset[Permission]


_assisting = frozenset(
    {
        Permission.SEE_PATIENTS,
        Permission.ADD_PATIENTS,
        Permission.EDIT_PATIENTS,
        Permission.SEE_PHOTOS,
        Permission.ADD_PHOTOS,
        Permission.WRITE_RECORD,
        Permission.RECALL_LOT,
        Permission.RECORD_CONSENT,
        Permission.WITHDRAW_CONSENT,
    }
)
_treating = _assisting | {
    Permission.SIGN_RECORD,
    Permission.SEE_ORIGINALS,
    Permission.MOVE_PHOTOS,
    Permission.MERGE_PATIENTS,
    Permission.CHANGE_CARE_TEAM,
    Permission.BREAK_GLASS,
    Permission.EXPORT_PATIENT,
    Permission.MANAGE_OWN_KEYS,
}
_owning = _treating | {
    Permission.ERASE_PATIENT,
    Permission.HOLD_PATIENT,
    Permission.READ_AUDIT,
    Permission.RELEASE_BRAKE,
    Permission.MANAGE_STAFF,
    Permission.CHANGE_SETTINGS,
}

ROLES = {
    "owner": Role(
        "Owner", "Runs the clinic: staff, settings, audit, and everything a clinician does", _owning
    ),
    "clinician": Role("Clinician", "Treats patients: records, photographs, originals, exports", _treating),
    "assistant": Role("Assistant", "Takes photographs, keeps records and consents", _assisting),
    "auditor": Role("Auditor", "Reads the audit trail, and nothing else", frozenset({Permission.READ_AUDIT})),
}
ROLE_CHOICES = [(key, role.name) for key, role in ROLES.items()]
