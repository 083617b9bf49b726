"""Every address of the site and what it asks for. An address that is not here fails test_access.py.

`needs` is the permission; PUBLIC is anybody, SIGNED_IN anybody with an account. `about` says whose record the
address names: what is somebody else's must look as if it were not there. `sends` is what a POST or PUT needs
so that it gets as far as asking who may.
"""

from dataclasses import dataclass, field
from typing import Any

from microrelief.web.people.permissions import Permission

PUBLIC, SIGNED_IN = "public", "signed in"
ANY = ("GET", "POST", "PUT", "PATCH", "DELETE")
GET, POST, BOTH = ("GET",), ("POST",), ("GET", "POST")


@dataclass(frozen=True)
class Address:
    methods: tuple[str, ...]
    needs: Permission | str
    about: str = ""
    sends: dict[str, Any] = field(default_factory=dict)
    post_needs: Permission | None = None
    """Where writing asks for more than reading."""


def _sheet(noun: str) -> dict[str, tuple[Any, ...]]:
    """A page of questions: read and written on at one address, signed, corrected, put aside."""
    return {
        noun: (BOTH, Permission.SEE_PATIENTS, noun, {}, Permission.WRITE_RECORD),
        f"sign_{noun}": (POST, Permission.SIGN_RECORD, noun),
        f"drop_{noun}": (POST, Permission.WRITE_RECORD, noun),
        **({} if noun == "plan" else {f"correct_{noun}": (POST, Permission.WRITE_RECORD, noun)}),
    }


def pages() -> dict[str, Address]:
    return {
        "home": Address(GET, PUBLIC),
        "health": Address(GET, PUBLIC),
        "site_worker": Address(GET, PUBLIC),
        "site_manifest": Address(GET, PUBLIC),
        "site_offline": Address(GET, PUBLIC),
        "join": Address(GET, PUBLIC),
        "join_form": Address(BOTH, PUBLIC),
        # allauth's own; what they do for whom is its own tests' and test_accounts'
        "browser_language": Address(POST, PUBLIC, sends={"language": "de"}),
        "account_login": Address(BOTH, PUBLIC),
        "account_logout": Address(BOTH, PUBLIC),
        "account_inactive": Address(GET, PUBLIC),
        "account_reauthenticate": Address(BOTH, SIGNED_IN),
        "account_change_password": Address(BOTH, SIGNED_IN),
        "mfa_index": Address(GET, SIGNED_IN),
        "mfa_authenticate": Address(BOTH, PUBLIC),
        "mfa_reauthenticate": Address(BOTH, SIGNED_IN),
        "mfa_activate_totp": Address(BOTH, SIGNED_IN),
        "mfa_deactivate_totp": Address(BOTH, SIGNED_IN),
        "mfa_view_recovery_codes": Address(GET, SIGNED_IN),
        "mfa_generate_recovery_codes": Address(BOTH, SIGNED_IN),
        "mfa_download_recovery_codes": Address(GET, SIGNED_IN),
        "mfa_list_webauthn": Address(GET, SIGNED_IN),
        "mfa_add_webauthn": Address(BOTH, SIGNED_IN),
        "mfa_reauthenticate_webauthn": Address(BOTH, SIGNED_IN),
        "mfa_remove_webauthn": Address(BOTH, SIGNED_IN, "authenticator"),
        "mfa_edit_webauthn": Address(BOTH, SIGNED_IN, "authenticator"),
        "mfa_login_webauthn": Address(BOTH, PUBLIC),
        "usersessions_list": Address(BOTH, SIGNED_IN),
        "you": Address(GET, SIGNED_IN),
        "choose_language": Address(POST, SIGNED_IN),
        "api_keys": Address(BOTH, Permission.MANAGE_OWN_KEYS),
        "revoke_key": Address(POST, Permission.MANAGE_OWN_KEYS, "key"),
        "staff": Address(BOTH, Permission.MANAGE_STAFF),
        "colleague": Address(GET, Permission.MANAGE_STAFF, "person"),
        "change_role": Address(POST, Permission.MANAGE_STAFF, "person"),
        "disable_person": Address(POST, Permission.MANAGE_STAFF, "person", {"version": "1"}),
        "sign_out_person": Address(POST, Permission.MANAGE_STAFF, "person"),
        "new_password_link": Address(POST, Permission.MANAGE_STAFF, "person"),
        "remove_second_factors": Address(POST, Permission.MANAGE_STAFF, "person"),
        "revoke_link": Address(POST, Permission.MANAGE_STAFF, "link"),
        "patients": Address(GET, Permission.SEE_PATIENTS),
        "new_patient": Address(BOTH, Permission.ADD_PATIENTS),
        "break_glass": Address(BOTH, Permission.BREAK_GLASS),
        "patient": Address(GET, Permission.SEE_PATIENTS, "patient"),
        "change_patient": Address(BOTH, Permission.EDIT_PATIENTS, "patient"),
        "care_team": Address(BOTH, Permission.CHANGE_CARE_TEAM, "patient"),
        "merge_patient": Address(BOTH, Permission.MERGE_PATIENTS, "patient"),
        "take_merge_back": Address(POST, Permission.MERGE_PATIENTS, "merged"),
        "photos": Address(BOTH, Permission.SEE_PHOTOS, "patient", post_needs=Permission.ADD_PHOTOS),
        "photo": Address(GET, Permission.SEE_PHOTOS, "photo"),
        "photo_copy": Address(GET, Permission.SEE_PHOTOS, "photo"),
        "photo_original": Address(GET, Permission.SEE_ORIGINALS, "photo"),
        "describe_photo": Address(POST, Permission.ADD_PHOTOS, "photo"),
        "move_photo": Address(POST, Permission.MOVE_PHOTOS, "photo"),
        "remove_photo": Address(POST, Permission.MOVE_PHOTOS, "photo"),
        "take_photo_back": Address(POST, Permission.MOVE_PHOTOS, "removed photo"),
        "photo_sets": Address(GET, Permission.SEE_PHOTOS, "patient"),
        "capture": Address(GET, Permission.ADD_PHOTOS, "patient"),
        "check_frame": Address(POST, Permission.ADD_PHOTOS, "patient"),
        "take_view": Address(POST, Permission.ADD_PHOTOS, "patient"),
        "skip_view": Address(POST, Permission.ADD_PHOTOS, "patient"),
        "import_photos": Address(BOTH, Permission.ADD_PHOTOS, "patient"),
        "file_reviewed": Address(POST, Permission.ADD_PHOTOS, "patient"),
        "photo_set": Address(GET, Permission.SEE_PHOTOS, "photo set"),
        "finish_set": Address(POST, Permission.ADD_PHOTOS, "photo set"),
        "choose_baseline": Address(POST, Permission.ADD_PHOTOS, "photo set"),
        "describe_set": Address(POST, Permission.ADD_PHOTOS, "photo set"),
        "answer_question": Address(POST, Permission.ADD_PHOTOS, "set view"),
        "take_out_view": Address(POST, Permission.ADD_PHOTOS, "set view"),
        "compare_sets": Address(POST, Permission.ADD_PHOTOS, "patient"),
        "series": Address(GET, Permission.SEE_PHOTOS, "patient"),
        "set_progress": Address(GET, Permission.SEE_PHOTOS, "photo set"),
        "comparison": Address(GET, Permission.SEE_PHOTOS, "comparison"),
        "comparison_layer": Address(GET, Permission.SEE_PHOTOS, "comparison"),
        "compare_again": Address(POST, Permission.ADD_PHOTOS, "comparison"),
        "comparison_summary": Address(GET, Permission.SEE_PHOTOS, "comparison"),
        "consents": Address(GET, Permission.SEE_PATIENTS, "patient"),
        "ask_consent": Address(BOTH, Permission.RECORD_CONSENT, "patient"),
        "withdraw_consent": Address(POST, Permission.WITHDRAW_CONSENT, "consent"),
        "consent_texts": Address(BOTH, Permission.CHANGE_SETTINGS),
        "today": Address(GET, Permission.SEE_PATIENTS),
        "recall": Address(GET, Permission.RECALL_LOT),
        "new_visit": Address(BOTH, Permission.WRITE_RECORD, "patient"),
        "visit_state": Address(POST, Permission.WRITE_RECORD, "visit", {"state": "here", "version": "1"}),
        "plan_of": Address(BOTH, Permission.SEE_PATIENTS, "patient", post_needs=Permission.WRITE_RECORD),
        "preparation_sheet": Address(GET, Permission.SEE_PATIENTS, "plan"),
        "aftercare_sheet": Address(GET, Permission.SEE_PATIENTS, "plan"),
        "plan_calendar": Address(GET, Permission.SEE_PATIENTS, "plan"),
        "new_plan_link": Address(POST, Permission.WRITE_RECORD, "plan"),
        "revoke_plan_link": Address(POST, Permission.WRITE_RECORD, "plan link"),
        # what they show to whom is test_plan_link's
        "open_plan": Address(GET, PUBLIC),
        "open_plan_calendar": Address(GET, PUBLIC),
        "copy_consultation": Address(POST, Permission.WRITE_RECORD, "consultation"),
        "copy_treatment": Address(POST, Permission.WRITE_RECORD, "treatment"),
        "start_treatment": Address(POST, Permission.WRITE_RECORD, "treatment"),
        "begin_consultation": Address(POST, Permission.WRITE_RECORD, "patient"),
        "begin_treatment": Address(POST, Permission.WRITE_RECORD, "patient"),
        **{
            address: Address(*what)
            for noun in ("consultation", "plan", "treatment")
            for address, what in _sheet(noun).items()
        },
        "recovery": Address(GET, Permission.SEE_PATIENTS, "treatment"),
        "new_diary_link": Address(POST, Permission.WRITE_RECORD, "treatment"),
        "write_diary": Address(BOTH, Permission.WRITE_RECORD, "treatment"),
        "write_event": Address(POST, Permission.WRITE_RECORD, "treatment"),
        "revoke_diary_link": Address(POST, Permission.WRITE_RECORD, "diary link"),
        "follow_up": Address(POST, Permission.WRITE_RECORD, "diary entry"),
        "end_event": Address(POST, Permission.WRITE_RECORD, "adverse event"),
        # the patient's door: what it shows to whom is test_diary_door's
        "diary": Address(BOTH, PUBLIC),
        "diary_said": Address(GET, PUBLIC),
        "diary_is_open": Address(GET, PUBLIC),
        "diary_offline": Address(GET, PUBLIC),
        "leave_diary": Address(POST, PUBLIC),
        "diary_worker": Address(GET, PUBLIC),
        "diary_manifest": Address(GET, PUBLIC),
        "open_diary": Address(GET, PUBLIC),
        "hand_out": Address(
            POST, Permission.EXPORT_PATIENT, "photo", {"purpose": "website", "channel": "website"}
        ),
        "custody": Address(GET, Permission.EXPORT_PATIENT, "patient"),
        "export_patient": Address(POST, Permission.EXPORT_PATIENT, "patient", {"how": "plain"}),
        "hold_patient": Address(POST, Permission.HOLD_PATIENT, "patient", {"reason": "A claim"}),
        "restrict_patient": Address(POST, Permission.HOLD_PATIENT, "patient", {"version": "1"}),
        "erase_patient": Address(POST, Permission.ERASE_PATIENT, "patient"),
        "audit": Address(GET, Permission.READ_AUDIT),
        "verify_audit": Address(POST, Permission.READ_AUDIT),
        "note_glass": Address(POST, Permission.READ_AUDIT, "glass"),
        "access_report": Address(GET, Permission.READ_AUDIT, "number"),
        "brake": Address(GET, Permission.RELEASE_BRAKE),
        "answer_stop": Address(POST, Permission.RELEASE_BRAKE, "stop", {"reason": "full_day"}),
        "clinic_settings": Address(GET, Permission.CHANGE_SETTINGS),
        **{
            name: Address(BOTH, Permission.CHANGE_SETTINGS)
            for name in ("clinic_details", "clinic_time", "clinic_retention", "clinic_zones")
        },
        "leaflets": Address(BOTH, Permission.CHANGE_SETTINGS),
        "retests": Address(BOTH, Permission.CHANGE_SETTINGS),
        "add_patient_pair": Address(POST, Permission.CHANGE_SETTINGS),
        "stop_using_retest": Address(POST, Permission.CHANGE_SETTINGS),
        "drop_retest_pair": Address(POST, Permission.CHANGE_SETTINGS, "retest pair"),
        "work_out_retest": Address(POST, Permission.CHANGE_SETTINGS, "retest"),
        "use_retest": Address(POST, Permission.CHANGE_SETTINGS, "retest"),
        "retest_plot": Address(GET, Permission.CHANGE_SETTINGS, "retest"),
        "clinic_rules": Address(GET, Permission.CHANGE_SETTINGS),
        "clinic_rule": Address(BOTH, Permission.CHANGE_SETTINGS, "rule"),
        "end_limit": Address(POST, Permission.CHANGE_SETTINGS, "own limit"),
        "stock": Address(GET, Permission.CHANGE_SETTINGS),
        "new_stock_item": Address(BOTH, Permission.CHANGE_SETTINGS, "kind of stock"),
        "stock_item": Address(BOTH, Permission.CHANGE_SETTINGS, "stock item"),
        "retire_stock_item": Address(POST, Permission.CHANGE_SETTINGS, "stock item"),
        # ninja's own: the description, and a root that is not there
        "api:openapi-json": Address(ANY, SIGNED_IN),
        "api:api-root": Address(ANY, PUBLIC),
    }


IDENTITY = {"family_name": "Herbst", "given_name": "Clara", "birth_date": "1990-01-01"}


def api() -> dict[tuple[str, str], Address]:
    """By method and path, as OpenAPI names them."""
    patient, photo = "/api/v1/patients/{patient_id}", "/api/v1/photos/{photo_id}"
    consent = {"purpose": "record", "answer": "refused", "how": "paper", "signed_on": "2026-01-01"}
    return {
        ("get", "/api/v1/patients"): Address(GET, Permission.SEE_PATIENTS),
        ("post", "/api/v1/patients"): Address(POST, Permission.ADD_PATIENTS, sends=IDENTITY),
        ("get", patient): Address(GET, Permission.SEE_PATIENTS, "patient"),
        ("put", patient): Address(GET, Permission.EDIT_PATIENTS, "patient", IDENTITY | {"version": 1}),
        ("get", f"{patient}/export"): Address(GET, Permission.EXPORT_PATIENT, "patient", {"plain": "true"}),
        ("get", f"{patient}/photos"): Address(GET, Permission.SEE_PHOTOS, "patient"),
        ("post", f"{patient}/photos"): Address(POST, Permission.ADD_PHOTOS, "patient", {"photo": "file"}),
        ("get", photo): Address(GET, Permission.SEE_PHOTOS, "photo"),
        ("put", photo): Address(GET, Permission.ADD_PHOTOS, "photo", {"view": "front", "version": 1}),
        ("get", f"{photo}/screen"): Address(GET, Permission.SEE_PHOTOS, "photo"),
        ("get", f"{photo}/original"): Address(GET, Permission.SEE_ORIGINALS, "photo"),
        ("get", f"{patient}/consents"): Address(GET, Permission.SEE_PATIENTS, "patient"),
        ("post", f"{patient}/consents"): Address(POST, Permission.RECORD_CONSENT, "patient", consent),
        ("post", "/api/v1/consents/{consent_id}/withdraw"): Address(
            POST, Permission.WITHDRAW_CONSENT, "consent", {"remark": ""}
        ),
    }
