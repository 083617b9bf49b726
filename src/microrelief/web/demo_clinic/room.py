"""What every story needs: the staff, the days, the photographs, and the usual way of each step.

Everything is done by the site's own actions, as a person of the staff would by its pages.
"""

import io
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from microrelief.pathway.facts import NEVER
from microrelief.web.consents.actions import record_consent
from microrelief.web.consents.models import Consent
from microrelief.web.consultations.actions import begin_consultation, save_consultation, sign_consultation
from microrelief.web.consultations.models import Consultation
from microrelief.web.patients.actions import add_patient
from microrelief.web.patients.models import Patient
from microrelief.web.people.actor import Actor
from microrelief.web.people.models import Person
from microrelief.web.photosets.actions import finish_set, skip_view, take_view
from microrelief.web.photosets.models import PhotoSet
from microrelief.web.plans.actions import begin_plan, sign_plan
from microrelief.web.plans.models import Plan
from microrelief.web.plans.so_far import sessions_done
from microrelief.web.recovery.actions import ByLink, make_link, open_link, write_entry
from microrelief.web.sheets.actions import save_draft
from microrelief.web.stock.actions import add_item
from microrelief.web.treatments.actions import begin_treatment, save_treatment, sign_treatment, start
from microrelief.web.treatments.models import Treatment

Story = Iterator[datetime]
"""Yields the moment at which it wants to go on."""

SUITABLE: Mapping[str, Any] = {
    "methaemoglobinaemia_or_g6pd": False,
    "class_iii_antiarrhythmic": False,
    "anaesthetic_allergy": "none",
    "herpes_history": False,
    "suspicious_lesion_in_field": False,
    "wound_in_field": False,
    "infection_in_field": False,
    "infection_cleared_on": NEVER,
    "cold_sore_active": False,
    "cold_sore_crusts_gone_on": NEVER,
    "bleeding_disorder": False,
    "blood_thinner": False,
    "steel_allergy": False,
    "nickel_allergy": False,
    "pregnant_or_nursing": False,
    "isotretinoin": "never",
    "keloid_tendency": False,
    "active_acne": "none",
    "scars_younger_than_a_year": False,
    "diabetes": False,
    "immunosuppressed": False,
    "chemotherapy_now": False,
    "connective_tissue_or_heart": False,
    "active_dermatosis": "none",
    "keratosis_or_mole_in_field": False,
    "tattoo_in_field": False,
    "sunburnt_on": NEVER,
    "tanned_on": NEVER,
    "melasma_or_pih": False,
    "filler_or_botulinum_on": NEVER,
    "peel_on": NEVER,
    "ablative_or_surgery_on": NEVER,
    "dysmorphic_concern_score": 5,
    "dysmorphia_concern": False,
    "expects_scar_free": False,
    "device_authorised_for_acne_scars": True,
    "home_roller": False,
    "under_us_label": False,
}
SINCE = (
    "suspicious_lesion_in_field", "wound_in_field", "infection_in_field", "cold_sore_active", "active_acne",
    "active_dermatosis", "sunburnt_on", "tanned_on", "pregnant_or_nursing", "isotretinoin", "blood_thinner",
)  # fmt: skip
NUMBED: Mapping[str, Any] = {
    "product": "lidocaine 2.5% + prilocaine 2.5%",
    "label": "UK",
    "grams": 30,
    "area_cm2": 220,
    "weight_kg": 66,
    "batch": "DEMO-B204",
    "skin_intact": True,
    "occluded": True,
    "heat_applied": False,
    "second_anaesthetic": False,
    "applied_to_needled_skin": False,
}
PEN: Mapping[str, Any] = {
    "device": "pen",
    "device_name": "Demo Pen",
    "device_serial": "DEMO-P-001",
    "needles": 12,
}
NO_OTHER_SIGNS: Mapping[str, bool] = {
    "allergy_signs": False,
    "grouped_blisters": False,
    "pus": False,
    "draining_bumps": False,
    "bumps": False,
    "new_brown_patch": False,
}
CHEEKS = (("cheek-right", 1.25, 6), ("cheek-left", 1.25, 6))
PROFILES = ("left_90", "right_90")
PHONE = "127.0.0.1"
"""Where a demonstration's links are opened."""


@dataclass
class Room:
    """The clinic on its days."""

    owner: Actor
    clinician: Actor
    assistant: Actor
    pictures: Path
    """The folder of rendered photographs."""
    now: datetime
    """The real time, at which the demonstration ends."""
    cartridges: int = 0
    kept: dict[str, int] = field(default_factory=dict)
    """How many keys of a kind were given."""

    @property
    def today(self) -> date:
        """The demonstration's last day."""
        return timezone.localtime(self.now).date()

    def day(self, days: int) -> date:
        """So many days from today."""
        return self.today + timedelta(days=days)

    def on(self, days: int, hour: int, minute: int = 0) -> datetime:
        """A moment of an earlier day."""
        local = datetime.combine(self.day(days), time(hour, minute), tzinfo=timezone.get_current_timezone())
        return min(local, self.now)

    def ago(self, minutes: float) -> datetime:
        """A moment of today: shortly after midnight the minutes of the morning are pressed together."""
        midnight = datetime.combine(self.today, time(), tzinfo=timezone.get_current_timezone())
        passed = (self.now - midnight).total_seconds() / 60
        return self.now - timedelta(
            minutes=minutes if minutes < passed else passed * minutes / (minutes + 60)
        )

    def key(self, kind: str) -> str:
        """A key under which one thing is sent."""
        self.kept[kind] = self.kept.get(kind, 0) + 1
        return f"demo-{kind}-{self.kept[kind]:03d}"

    # --- one step each

    def new_patient(
        self, family: str, given: str, born: date, team: Sequence[Person], **more: str
    ) -> Patient:
        """Taken up at the desk."""
        identity = {"family_name": family, "given_name": given, "birth_date": born, **more}
        ids = [person.pk for person in team]
        return add_patient(by=self.assistant, key=self.key("patient"), identity=identity, team=ids)

    def agrees(self, patient: Patient, *purposes: str, **more: Any) -> list[Consent]:
        """Consents, signed on paper today."""
        return [
            record_consent(
                by=self.assistant, patient=patient, key=self.key("consent"), purpose=purpose,
                answer=more.get("answer", Consent.GIVEN), how="paper", signed_on=timezone.localdate(),
                **{name: value for name, value in more.items() if name != "answer"},
            )
            for purpose in purposes
        ]  # fmt: skip

    def photographs(self, patient: Patient, sitter: str, visit: int, *views: str) -> PhotoSet:
        """A set of the day, taken with the tablet; what else belongs into a set is left out with a reason."""
        set_key = self.key("set")
        for view in views:
            data = (self.pictures / f"{sitter}-{visit}-{view}.jpg").read_bytes()
            taken = take_view(
                by=self.assistant, patient=patient, set_key=set_key, key=self.key("photo"), view=view,
                upload=io.BytesIO(data), size=len(data), file_name=f"{view}.jpg",
            )  # fmt: skip
        left_out = ("left_45", "right_45") if len(views) == 1 else ()
        for view in (*left_out, *PROFILES):
            skip_view(by=self.assistant, patient=patient, set_key=set_key, view=view, reason="not asked for")
        assert taken.photo_set is not None
        finish_set(by=self.assistant, photo_set=taken.photo_set)
        return taken.photo_set

    def consultation(
        self,
        patient: Patient,
        skin: str,
        scars: list[dict[str, Any]],
        wish: str,
        findings: str = "",
        **answers: Any,
    ) -> Consultation:
        """A draft with everything asked."""
        sheet = begin_consultation(by=self.clinician, patient=patient)
        whole = {**SUITABLE, "fitzpatrick": skin, **answers}
        save_consultation(
            by=self.clinician,
            sheet=sheet,
            version=sheet.version,
            answers=whole,
            scars=scars,
            wish=wish,
            findings=findings,
        )
        return sheet

    def decides(self, sheet: Consultation, does: str, why: str = "", *, plain: bool = True) -> None:
        """The decision, signed, with a grade; `plain` are scars that one sees from half a metre."""
        seen = {"scars": True, "contour": True, "obvious_at_50_cm": plain, "flat_when_stretched": True}
        grades = {"goodman_baron_qualitative": seen}
        save_consultation(
            by=self.clinician, sheet=sheet, version=sheet.version, does=does, why=why, grades=grades
        )
        sign_consultation(by=self.clinician, sheet=sheet, version=sheet.version)

    def plans(
        self, patient: Patient, first: date, sessions: int, uses: Sequence[str] = (), note: str = ""
    ) -> Plan:
        """Agreed on."""
        plan = begin_plan(by=self.clinician, patient=patient)
        answers = {
            **plan.answers,
            "first_session_on": first.isoformat(),
            "sessions_planned": sessions,
            "interval_days": 28,
            "uses": list(uses),
            "prescribed_aspirin": False,
            "photosensitising_drug": False,
            "could_be_pregnant": False,
            "shaves": False,
        }
        # the preparation sheet was kept to: nothing was used after its day to stop
        last_used = {name: (first - timedelta(days=14)).isoformat() for name in uses}
        last_used["sun"] = (first - timedelta(days=70)).isoformat()
        save_draft(
            by=self.clinician,
            sheet=plan,
            version=plan.version,
            answers=answers,
            note=note,
            last_used={name: day for name, day in last_used.items() if day <= plan.on.isoformat()},
        )
        sign_plan(
            by=self.clinician, plan=plan, version=plan.version, sessions_done=sessions_done(patient, plan.on)
        )
        return plan

    def numbs(self, patient: Patient, at: datetime) -> Treatment:
        """A session is opened, nothing new was found, the cream is on."""
        sheet = begin_treatment(by=self.clinician, patient=patient)
        answers = {
            **sheet.answers,
            **{name: SUITABLE[name] for name in SINCE},
            "photos_before_numbing": True,
            **NUMBED,
            "expires_on": (timezone.localdate() + timedelta(days=300)).isoformat(),
            "applied_at": f"{timezone.localtime(at):%H:%M}",
        }
        save_treatment(
            by=self.clinician, sheet=sheet, version=sheet.version, answers=answers, kept_to_sheet=True
        )
        return sheet

    def needles(
        self, sheet: Treatment, zones: Sequence[tuple[str, float, int]] = CHEEKS, note: str = ""
    ) -> None:
        """The cream is off, the first needle is allowed, the session is done and signed."""
        self.cartridges += 1
        now = timezone.localtime()
        answers = {
            **sheet.answers,
            **PEN,
            "removed_at": f"{now:%H:%M}",
            "all_removed_before_needling": True,
            "needling_at": f"{now + timedelta(minutes=5):%H:%M}",
            "cartridge_lot": "DEMO-L42",
            "cartridge_serial": f"{self.cartridges:03d}",
            "cartridge_expires_on": (timezone.localdate() + timedelta(days=400)).isoformat(),
            "sterile_pack_intact": True,
            "cartridge_used_before": False,
        }
        save_treatment(by=self.clinician, sheet=sheet, version=sheet.version, answers=answers)
        start(by=self.clinician, sheet=sheet, version=sheet.version)
        answers |= {
            "topicals": ["sterile saline"],
            "endpoint": "even redness",
            "stop_signs": [],
            "pigment_consent": True,
            "discarded_in_sharps": True,
        }
        drawn = [{"zone": zone, "mm": mm, "passes": passes} for zone, mm, passes in zones]
        save_treatment(
            by=self.clinician, sheet=sheet, version=sheet.version, answers=answers, zones=drawn, note=note
        )
        sign_treatment(by=self.clinician, sheet=sheet, version=sheet.version)

    def session(
        self, patient: Patient, days: int, hour: int, **more: Any
    ) -> Generator[datetime, None, Treatment]:
        """A whole session of an earlier day, from the cream to the signature."""
        yield self.on(days, hour)
        sheet = self.numbs(patient, timezone.now())
        yield self.on(days, hour + 1, 15)
        self.needles(sheet, **more)
        return sheet

    def diary(self, sheet: Treatment) -> ByLink:
        """The patient's link is made and opened on their phone."""
        _, address = make_link(by=self.clinician, treatment=sheet)
        token = address.rstrip("/").rsplit("/", 1)[-1]
        return ByLink(open_link(token=token, address=PHONE), PHONE)

    def writes(
        self,
        phone: ByLink,
        signs: Mapping[str, tuple[int, str]],
        note: str = "",
        *,
        picture: str = "",
        **measured: Any,
    ) -> None:
        """An entry by the patient: each sign's strength and how it goes; what is not named is not there."""
        told = {name: signs.get(name, (0, "none")) for name in ("redness", "warmth", "pain", "swelling")}
        photo = (self.pictures / picture).read_bytes() if picture else None
        write_entry(
            by=phone,
            treatment=phone.link.treatment,
            key=self.key("diary"),
            answers={**{name: trend for name, (_, trend) in told.items()}, **NO_OTHER_SIGNS, **measured},
            strength={name: how for name, (how, _) in told.items()},
            note=note,
            photo=io.BytesIO(photo) if photo else None,
            photo_bytes=len(photo) if photo else 0,
        )

    def fills_the_shelf(self) -> None:
        """What the sessions use."""
        pen = {name: PEN[name] for name in ("device", "device_serial")}
        cream = {name: NUMBED[name] for name in ("product", "label")}
        for kind, name, answers in (
            ("device", PEN["device_name"], pen),
            ("cartridge", "Demo cartridge, 12 needles", {"needles": PEN["needles"]}),
            ("cream", "Demo cream", cream),
            ("topical", "sterile saline", {}),
        ):
            add_item(by=self.owner, kind=kind, name=name, limits="", answers=answers, depths={})


def scars(*found: tuple[str, str, float, int, int, int]) -> list[dict[str, Any]]:
    """Points on the face map: kind, zone, mm, number, x and y in thousandths."""
    return [
        {"kind": kind, "zone": zone, "size_mm": mm, "count": count, "x": x, "y": y}
        for kind, zone, mm, count, x, y in found
    ]
