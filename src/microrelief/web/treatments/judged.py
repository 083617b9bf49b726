"""A session as it stands becomes what the rules say, what blocks the first needle, what is missing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from microrelief.errors import FactsError
from microrelief.pathway.facts import NEVER
from microrelief.pathway.finding import Finding, Outcome
from microrelief.pathway.numbing import check_numbing
from microrelief.pathway.preparation import plan_preparation
from microrelief.pathway.session import check_session
from microrelief.pathway.suitability import age_on, judge_suitability
from microrelief.web.consents.actions import permits
from microrelief.web.consultations.judged import facts_of, sentence
from microrelief.web.consultations.models import Consultation
from microrelief.web.face_map.zones import ZONES
from microrelief.web.patients.models import Patient
from microrelief.web.photos.models import Photo
from microrelief.web.plans.last_used import SUN, as_facts
from microrelief.web.plans.models import Plan
from microrelief.web.sheets.actions import last_signed
from microrelief.web.sheets.answers import checked, the_book
from microrelief.web.sheets.pages import GRAVE, Heard
from microrelief.web.treatments.groups import SINCE
from microrelief.web.treatments.models import Treatment, lot_key

FROM_CONSULTATION = (
    "fitzpatrick",
    "fitzpatrick_entered_by",
    "methaemoglobinaemia_or_g6pd",
    "class_iii_antiarrhythmic",
    "anaesthetic_allergy",
)


@dataclass(frozen=True)
class Block:
    """Something that stands against the first needle until it is mended or set aside with a reason."""

    id: str
    level: str
    says: str
    why: str = ""
    """The reason that was given."""
    finding: Finding | None = None
    mend: str = ""
    """Name of the address where it is mended."""
    mend_args: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Checked:
    """Everything that is known of one session."""

    wrong: dict[str, str]
    since: Heard
    preparation: Heard
    numbing: Heard
    session: Heard
    blocks: list[Block]
    """What stands against the first needle, with the reason where one was given."""
    stops: list[Block]
    """What needs a reason before it is signed."""
    missing: list[str]
    """What must be answered before it is signed."""

    @property
    def blocked(self) -> list[Block]:
        """What no reason was given for."""
        return [one for one in self.blocks if not one.why]

    @property
    def heard(self) -> tuple[Heard, ...]:
        """In the order of the hour."""
        return (self.since, self.preparation, self.numbing, self.session)


def check(sheet: Treatment) -> Checked:
    """The session as it stands now, by the rules of its day."""
    consultation = last_signed(Consultation, sheet.patient)
    known = {
        name: consultation.answers[name]
        for name in FROM_CONSULTATION
        if consultation is not None and name in consultation.answers
    }
    since, wrong = _since(sheet, consultation)
    preparation = _preparation(sheet, known, consultation)
    numbing, wrong_numbing = _numbing(sheet, known)
    session, wrong_session = _session(sheet, known)
    wrong |= {**wrong_numbing, **wrong_session}
    heard = (since, preparation, numbing, session)
    reasons = sheet.overrides
    blocks = [
        *_own_blocks(sheet, consultation, since),
        *(_block(one, reasons) for spoken in heard for one in spoken.spoken if _stands_against(one)),
    ]
    blocks = list({one.id: one for one in blocks}.values())
    stops = [one for one in blocks if one.level in GRAVE]
    problems = [spoken.problem for spoken in heard if spoken.problem]
    missing = [*wrong.values(), *problems, *numbing.questions, *session.questions]
    return Checked(wrong, since, preparation, numbing, session, blocks, stops, missing)


def _stands_against(finding: Finding) -> bool:
    return finding.level in GRAVE


def _block(finding: Finding, reasons: dict[str, str]) -> Block:
    return Block(finding.rule.id, finding.level, finding.says, reasons.get(finding.rule.id, ""), finding)


def _own_blocks(sheet: Treatment, consultation: Consultation | None, since: Heard) -> Iterator[Block]:
    """What a session needs of the record itself; the rulebook speaks of skin, cream and needle."""
    reasons, patient = sheet.overrides, sheet.patient

    def block(name: str, says: str, mend: str, *args: Any) -> Block:
        return Block(name, "stop", says, reasons.get(name, ""), mend=mend, mend_args=args)

    if consultation is None:
        yield block("record.consultation", "There is no signed consultation.", "patient", patient.pk)
    elif consultation.does != "treat":
        yield block(
            "record.decision",
            f"The consultation of {consultation.on:%-d %B %Y} decided: {consultation.does}.",
            "consultation",
            consultation.pk,
        )
    if permits(patient, "treatment") is None:
        yield block(
            "record.consent", "There is no consent to the treatment.", "ask_consent", patient.pk, "treatment"
        )
    if not has_photos(patient):
        yield block(
            "record.baseline", "There are no photographs to compare with later.", "photos", patient.pk
        )
    if since.questions:
        count = len(since.questions)
        yield block(
            "record.since",
            f"Not everything was asked: {count} {'question is' if count == 1 else 'questions are'} open.",
            "treatment",
            sheet.pk,
        )


def has_photos(patient: Patient) -> bool:
    """Whether anything can be compared later."""
    clinics = Photo.objects.filter(removed_at=None, from_diary=False)
    return clinics.filter(patient_id__in=patient.all_ids()).exists()


def _since(sheet: Treatment, consultation: Consultation | None) -> tuple[Heard, dict[str, str]]:
    """Suitability today: what the consultation says, with today's answers over what may have changed."""
    facts: dict[str, Any] = {"visit_on": sheet.on, "born_on": sheet.patient.birth_date}
    if consultation is not None:
        before, _ = facts_of(consultation, sheet.on)
        facts |= {name: value for name, value in before.items() if name not in SINCE.names}
    today, wrong = checked(
        "suitability", {name: sheet.answers[name] for name in SINCE.names if name in sheet.answers}
    )
    facts |= today
    try:
        return Heard("May be treated today", judge_suitability(facts, the_book(sheet.on))), wrong
    except FactsError as error:
        return Heard("May be treated today", None, sentence(error, "suitability")), wrong


def _preparation(sheet: Treatment, known: dict[str, Any], consultation: Consultation | None) -> Heard:
    plan = last_signed(Plan, sheet.patient)
    facts, _ = checked("preparation", plan.answers if plan else {})
    facts |= {"visit_on": sheet.on, "session_on": sheet.on}
    facts |= {name: known[name] for name in ("fitzpatrick",) if name in known}
    if consultation is not None and "herpes_history" in consultation.answers:
        facts["herpes_history"] = consultation.answers["herpes_history"]
    if facts.get("herpes_history") is not True:
        facts.pop("antiviral_decision", None)
    last = dict(sheet.last_used)
    if sheet.kept_to_sheet:
        last = {**_as_the_sheet_says(sheet, facts), **last}
    if listed := as_facts(last, facts.get("uses"), sheet.on):
        facts["last_used"] = listed
    try:
        return Heard("Preparation", plan_preparation(facts, the_book(sheet.on)))
    except FactsError as error:
        return Heard("Preparation", None, sentence(error, "preparation"))


def _as_the_sheet_says(sheet: Treatment, facts: dict[str, Any]) -> dict[str, str]:
    """ "I kept to the sheet" says that nothing was used after the day it was to stop."""
    rules = the_book(sheet.on).on(sheet.on)
    dark = facts.get("fitzpatrick") not in ("I", "II", None)
    found = {}
    for product in [*facts.get("uses", []), SUN]:
        rule = rules[f"preparation.{product}"]
        name = "stop_dark" if product == SUN and dark else "stop"
        found[product] = (sheet.on - timedelta(days=int(rule.number(name)))).isoformat()
    return found


def _numbing(sheet: Treatment, known: dict[str, Any]) -> tuple[Heard, dict[str, str]]:
    facts, wrong = checked("numbing", sheet.answers, visit_on=sheet.on)
    facts |= {name: value for name, value in known.items() if not name.startswith("fitzpatrick")}
    if sheet.patient.birth_date:
        facts["age_years"] = age_on(sheet.patient.birth_date, sheet.on)
    try:
        return Heard("Numbing", check_numbing(facts, the_book(sheet.on))), wrong
    except FactsError as error:
        return Heard("Numbing", None, sentence(error, "numbing")), wrong


def _session(sheet: Treatment, known: dict[str, Any]) -> tuple[Heard, dict[str, str]]:
    last = last_signed(Treatment, sheet.patient, before=sheet)
    facts, wrong = checked("session", sheet.answers, visit_on=sheet.on)
    facts |= {name: value for name, value in known.items() if name.startswith("fitzpatrick")}
    facts |= {
        "last_session_on": last.on if last else NEVER,
        "opened_for": f"patient {sheet.patient.record_number}",
        "cartridges_used_earlier": used_earlier(sheet),
    }
    if zones := rule_zones(sheet.zones):
        facts["zones"] = zones
    try:
        return Heard("Session", check_session(facts, the_book(sheet.on))), wrong
    except FactsError as error:
        return Heard("Session", None, sentence(error, "session")), wrong


def used_earlier(sheet: Treatment) -> list[str]:
    """This cartridge, where any other session of the clinic holds it: as it is written here."""
    lot, serial = str(sheet.answers.get("cartridge_lot", "")), str(sheet.answers.get("cartridge_serial", ""))
    if not lot or not serial:
        return []
    others = Treatment.objects.filter(lot=lot_key(lot), serial=lot_key(serial), dropped_at=None)
    others = others.exclude(pk=sheet.pk).exclude(pk=sheet.corrects_id)
    return [f"{lot}/{serial}"] if others.exists() else []


def rule_zones(zones: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Zones as the rulebook knows them: without a side, the deeper and the more often of both."""
    found: dict[str, dict[str, Any]] = {}
    for one in zones:
        zone = ZONES.get(one["zone"])
        if zone is None:
            continue
        there = found.setdefault(zone.rule, {"zone": zone.rule, "needle_length_mm": 0.0, "passes": 0})
        there["needle_length_mm"] = max(there["needle_length_mm"], one["mm"])
        there["passes"] = max(there["passes"], one["passes"])
    return list(found.values())


def limits_of(outcome: Outcome | None) -> dict[str, float | str]:
    """How long the chosen cream stays on, in minutes: `least`, `most`, or `usual` where no label forbids."""
    limits: dict[str, float | str] = {"least": "", "most": "", "usual": ""}
    for finding in outcome.findings if outcome else ():
        rule = finding.rule
        if "min_minutes" in rule.values:
            for name, key in (("least", "min_minutes"), ("most", "max_minutes"), ("usual", "long_minutes")):
                if key in rule.values:
                    limits[name] = rule.number(key)
    return limits
