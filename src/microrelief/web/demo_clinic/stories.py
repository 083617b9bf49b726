"""The ten people, each a story that yields the moments at which it goes on. Nobody of them exists.

The names say so; the faces are the phantom's (microrelief.phantom.clinic), one sitter each.
"""

from datetime import date, time
from typing import Any

from django.utils import timezone

from microrelief.web.consents.actions import withdraw_consent
from microrelief.web.consultations.actions import begin_consultation, save_consultation
from microrelief.web.demo_clinic.room import Room, Story, scars
from microrelief.web.patients.actions import add_to_care_team
from microrelief.web.patients.models import Patient
from microrelief.web.people.models import Person
from microrelief.web.visits.actions import plan_visit, set_state
from microrelief.web.visits.models import Visit

AGREED = ("treatment", "record", "comparison")


def _team(room: Room) -> list[Person]:
    return [room.owner.person, room.clinician.person]


def _first_visit(
    room: Room, family: str, given: str, born: date, *, at: time | None = None, **more: str
) -> tuple[Patient, Visit]:
    patient = room.new_patient(family, given, born, _team(room), **more)
    visit = plan_visit(
        by=room.assistant,
        patient=patient,
        key=room.key("visit"),
        on=timezone.localdate(),
        purpose=Visit.CONSULTATION,
        at=at,
    )
    set_state(by=room.assistant, visit=visit, version=visit.version, state=Visit.HERE)
    return patient, visit


def _review(room: Room, patient: Patient) -> None:
    """The review that the plan put into the days."""
    visit = Visit.objects.get(patient=patient, on=timezone.localdate(), purpose=Visit.REVIEW)
    set_state(by=room.assistant, visit=visit, version=visit.version, state=Visit.DONE)


def finished(room: Room) -> Story:
    """A finished series: three sessions, the result twelve weeks later."""
    yield room.on(-203, 9, 10)
    patient, _ = _first_visit(room, "Fable", "Fiona", date(1993, 5, 14))
    yield room.on(-203, 9, 40)
    sheet = room.consultation(
        patient,
        "III",
        scars(
            ("rolling", "cheek-right", 4, 6, 290, 570),
            ("rolling", "cheek-left", 4, 5, 705, 570),
            ("shallow boxcar", "temple-left", 2, 3, 770, 360),
        ),
        "To leave the house without make-up",
        "Rolling scars on both cheeks, tethered at two points on the right.",
    )
    room.decides(sheet, "treat")
    room.agrees(patient, *AGREED)
    yield room.on(-203, 10, 20)
    room.plans(patient, room.day(-196), 3, ["retinoid"], "Bring a hat for the way home.")
    for number, days in enumerate((-196, -168, -140)):
        yield room.on(days, 8, 40)
        room.photographs(
            patient,
            "finished",
            number + 1,
            *(("front", "left_45", "right_45") if number == 0 else ("front",)),
        )
        zones = (("cheek-right", 1.5, 6), ("cheek-left", 1.5, 6), ("temple-left", 0.75, 4))
        yield from room.session(patient, days, 9, zones=zones)
    yield room.on(-56, 11)
    room.photographs(patient, "finished", 4, "front", "left_45", "right_45")
    _review(room, patient)
    yield room.on(-56, 11, 30)
    shown = [str(one.photo_id) for one in patient.photo_sets.filter(is_baseline=True).first().taken()]  # type: ignore[union-attr]
    room.agrees(
        patient,
        "teaching",
        channels=["lecture"],
        photos=shown,
        expires_on=room.day(9),
        remark="Front and both sides, eyes covered",
    )


def midway(room: Room) -> Story:
    """In the middle of a series, two comparisons behind her."""
    yield room.on(-71, 14)
    patient, _ = _first_visit(room, "Pretend", "Priya", date(1998, 9, 2))
    yield room.on(-71, 14, 30)
    sheet = room.consultation(
        patient,
        "V",
        scars(("shallow boxcar", "cheek-right", 3, 7, 285, 590), ("icepick", "cheek-left", 1, 9, 715, 560)),
        "The dark spots bother me more than the holes",
        melasma_or_pih=True,
        scars_younger_than_a_year=True,
    )
    room.decides(sheet, "treat")
    room.agrees(patient, *AGREED)
    room.plans(patient, room.day(-63), 4, ["retinoid", "exfoliant"])
    for number, days in enumerate((-63, -35, -7)):
        yield room.on(days, 9, 30)
        room.photographs(patient, "midway", number + 1, "front")
        session = yield from room.session(patient, days, 10)
    phone = room.diary(session)
    for days, redness in ((-6, (2, "less")), (-5, (1, "less")), (-3, (0, "none")), (-1, (0, "none"))):
        yield room.on(days, 19)
        room.writes(phone, {"redness": redness})


def unchanged(room: Room) -> Story:
    """Three sessions, and no change that can be measured."""
    yield room.on(-176, 10)
    patient, _ = _first_visit(room, "Sample", "Sami", date(1987, 1, 23))
    yield room.on(-176, 10, 30)
    sheet = room.consultation(
        patient,
        "IV",
        scars(("icepick", "cheek-right", 1, 14, 300, 600), ("icepick", "cheek-left", 1, 11, 700, 600)),
        "Fewer holes",
        "Deep, narrow scars. Told that needling reaches these least.",
    )
    room.decides(sheet, "treat", plain=False)
    room.agrees(patient, *AGREED)
    room.plans(patient, room.day(-168), 3)
    for number, days in enumerate((-168, -140, -112)):
        if number == 0:
            yield room.on(days, 12, 40)
            room.photographs(patient, "unchanged", 1, "front")
        yield from room.session(patient, days, 13)
    yield room.on(-28, 13)
    room.photographs(patient, "unchanged", 2, "front")
    _review(room, patient)


def numbing(room: Room) -> Story:
    """The second session is under way: the cream is on. Today's photographs cannot be compared."""
    yield room.on(-41, 15)
    patient, _ = _first_visit(room, "Mockup", "Malik", date(1990, 11, 30))
    yield room.on(-41, 15, 30)
    sheet = room.consultation(
        patient,
        "VI",
        scars(("rolling", "cheek-right", 5, 4, 290, 580), ("rolling", "cheek-left", 5, 4, 710, 580)),
        "Smoother cheeks",
    )
    room.decides(sheet, "treat")
    room.agrees(patient, *AGREED)
    room.plans(patient, room.day(-28), 3)
    yield room.on(-28, 9, 30)
    room.photographs(patient, "numbing", 1, "front")
    yield from room.session(patient, -28, 10, zones=(("cheek-right", 1.0, 6), ("cheek-left", 1.0, 6)))
    yield room.ago(58)
    _arrives(room, patient, Visit.SESSION)
    yield room.ago(52)
    room.photographs(patient, "numbing", 2, "front")
    yield room.ago(38)
    room.numbs(patient, timezone.now())


def today(room: Room) -> Story:
    """The plan is agreed, the skin prepared; the first session is today."""
    yield room.on(-34, 11)
    patient, _ = _first_visit(room, "Template", "Tessa", date(2001, 3, 8))
    yield room.on(-34, 11, 30)
    sheet = room.consultation(
        patient,
        "II",
        scars(("shallow boxcar", "cheek-left", 3, 6, 700, 580), ("rolling", "temple-left", 4, 2, 780, 350)),
        "Less shadow on the left side",
        tanned_on=room.day(-80).isoformat(),
    )
    room.decides(sheet, "treat")
    room.agrees(patient, "record", "comparison")
    yield room.on(-34, 12)
    room.photographs(patient, "today", 1, "front")
    room.plans(patient, room.today, 3, ["retinoid"])
    yield room.on(-3, 16)
    room.agrees(patient, "treatment")
    yield room.ago(64)
    visit = Visit.objects.get(patient=patient, on=room.today)
    set_state(by=room.assistant, visit=visit, version=visit.version, state=Visit.HERE)


def yesterday(room: Room) -> Story:
    """The first session was yesterday."""
    yield room.on(-22, 16)
    patient, _ = _first_visit(room, "Story", "Stella", date(1995, 7, 19))
    yield room.on(-22, 16, 20)
    sheet = room.consultation(
        patient,
        "V",
        scars(("rolling", "cheek-right", 4, 5, 290, 570), ("rolling", "cheek-left", 4, 4, 710, 570)),
        "Smoother cheeks for the wedding in summer",
        herpes_history=False,
    )
    room.decides(sheet, "treat")
    room.agrees(patient, *AGREED)
    room.plans(patient, room.day(-1), 4)
    yield room.on(-1, 9, 40)
    room.photographs(patient, "yesterday", 1, "front")
    phone = room.diary((yield from room.session(patient, -1, 10)))
    yield room.on(-1, 20, 30)
    room.writes(
        phone, {"warmth": (2, "same"), "pain": (1, "less"), "redness": (1, "same")}, "Feels like sunburn."
    )
    yield room.ago(85)
    room.writes(
        phone, {"warmth": (1, "less"), "redness": (1, "less")}, "Slept well.", temperature_celsius=36.7
    )


def redflag(room: Room) -> Story:
    """Three days after the session redness spreads, with fever."""
    yield room.on(-30, 10)
    patient, _ = _first_visit(room, "Placeholder", "Paul", date(1989, 2, 11), phone="+00 000 0000")
    yield room.on(-30, 10, 30)
    sheet = room.consultation(
        patient,
        "II",
        scars(("deep boxcar", "cheek-right", 3, 5, 285, 590), ("rolling", "cheek-left", 5, 3, 715, 560)),
        "Fewer craters",
    )
    room.decides(sheet, "treat")
    room.agrees(patient, *AGREED)
    room.plans(patient, room.day(-3), 3)
    yield room.on(-3, 13, 30)
    room.photographs(patient, "redflag", 1, "front")
    zones = (("cheek-right", 1.5, 6), ("cheek-left", 1.5, 6))
    phone = room.diary((yield from room.session(patient, -3, 14, zones=zones)))
    yield room.on(-3, 21)
    room.writes(phone, {"redness": (2, "same"), "warmth": (2, "same"), "pain": (1, "same")})
    yield room.on(-2, 20)
    room.writes(phone, {"redness": (2, "less"), "warmth": (1, "less")}, "Better than yesterday.")
    yield room.on(-1, 21)
    room.writes(phone, {"redness": (2, "same"), "warmth": (2, "same"), "pain": (1, "same")}, "A bit tight.")
    yield room.ago(47)
    room.writes(
        phone,
        {"redness": (3, "more"), "warmth": (3, "more"), "pain": (2, "more"), "swelling": (2, "more")},
        "The red is spreading down to the jaw since last night, and I am shivering.",
        temperature_celsius=38.6,
    )


def new(room: Room) -> Story:
    """Here for the first time, half asked."""
    yield room.ago(31)
    patient, _ = _first_visit(room, "Newcomer", "Noa", date(1999, 12, 3))
    room.agrees(patient, "record")
    yield room.ago(26)
    room.photographs(patient, "new", 1, "front")
    yield room.ago(14)
    sheet = begin_consultation(by=room.clinician, patient=patient)
    asked: dict[str, Any] = {
        "suspicious_lesion_in_field": False, "wound_in_field": False, "infection_in_field": False,
        "active_acne": "none", "pregnant_or_nursing": False, "isotretinoin": "before",
        "isotretinoin_stopped_on": room.day(-120).isoformat(), "fitzpatrick": "III",
    }  # fmt: skip
    save_consultation(
        by=room.clinician,
        sheet=sheet,
        version=sheet.version,
        answers=asked,
        wish="A calmer face on camera",
        scars=scars(("rolling", "cheek-right", 4, 3, 290, 570)),
    )


def deferred(room: Room) -> Story:
    """The acne is inflamed: that first, so not now."""
    yield room.on(-9, 9)
    patient, _ = _first_visit(room, "Invented", "Ivo", date(2003, 8, 27))
    yield room.on(-9, 9, 30)
    sheet = room.consultation(
        patient,
        "IV",
        scars(("icepick", "cheek-left", 1, 6, 700, 590)),
        "Scars away before university",
        "Papules and pustules on both cheeks.",
        active_acne="papulopustular",
        scars_younger_than_a_year=True,
    )
    room.decides(sheet, "defer")
    room.agrees(patient, "record")
    yield room.on(-9, 10)
    room.photographs(patient, "deferred", 1, "front")
    plan_visit(
        by=room.assistant,
        patient=patient,
        key=room.key("visit"),
        on=room.day(75),
        purpose=Visit.CONSULTATION,
        note="look at the acne again",
    )


def referred(room: Room) -> Story:
    """Worries that another specialist should hear; later the consent to photographs is taken back."""
    yield room.on(-16, 17)
    patient = room.new_patient("Example", "Elena", date(1984, 4, 5), [room.owner.person])
    add_to_care_team(by=room.owner, patient=patient, person=room.clinician.person)
    yield room.on(-16, 17, 20)
    sheet = room.consultation(
        patient,
        "I",
        scars(("icepick", "cheek-right", 1, 2, 300, 580)),
        "Skin without any trace",
        "Two shallow scars, hardly seen from half a metre; thinks about them for hours each day.",
        dysmorphia_concern=True,
        dysmorphic_concern_score=17,
        expects_scar_free=True,
    )
    room.decides(sheet, "refer", plain=False)
    [to_photographs] = room.agrees(patient, "record")
    yield room.on(-16, 17, 50)
    room.photographs(patient, "referred", 1, "front")
    yield room.on(-2, 12)
    withdraw_consent(by=room.assistant, consent=to_photographs, remark="By phone: does not come back for now")


def _arrives(room: Room, patient: Patient, purpose: str) -> None:
    visit = Visit.objects.filter(patient=patient, on=room.today, purpose=purpose).first()
    visit = visit or plan_visit(
        by=room.assistant, patient=patient, key=room.key("visit"), on=room.today, purpose=purpose
    )
    set_state(by=room.assistant, visit=visit, version=visit.version, state=Visit.HERE)


STORIES = (finished, unchanged, midway, numbing, today, redflag, yesterday, referred, deferred, new)
