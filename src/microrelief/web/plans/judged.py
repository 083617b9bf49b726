"""A plan becomes its days: sessions and review from the course, steps before each from the preparation."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.conf import settings

from microrelief.errors import FactsError
from microrelief.pathway.course import plan_course
from microrelief.pathway.finding import Finding, Outcome, Step
from microrelief.pathway.preparation import plan_preparation
from microrelief.pathway.rulebook import Rule, RulesOfTheDay
from microrelief.web.clinic.language import clinic_language, language_of_patient
from microrelief.web.consultations.judged import SCAR_KINDS, sentence
from microrelief.web.consultations.models import Consultation
from microrelief.web.leaflets.models import Leaflet, words_at
from microrelief.web.patients.models import Patient
from microrelief.web.plans.last_used import as_facts
from microrelief.web.plans.models import Plan
from microrelief.web.sheets.actions import last_signed
from microrelief.web.sheets.answers import Group, checked, the_book
from microrelief.web.sheets.pages import Heard

COURSE = Group("course", "Sessions", ("first_session_on", "sessions_planned", "interval_days"))
SO_FAR = Group("so_far", "So far", ("redness_or_pigment_clear", "sessions_without_detectable_change"))
BEFORE = Group(
    "before",
    "Before a session",
    (
        "uses",
        "prescribed_aspirin",
        "photosensitising_drug",
        "could_be_pregnant",
        "shaves",
        "antiviral_decision",
    ),
    "None of the rest",
)
SESSION_STEP = "Session "


@dataclass(frozen=True)
class Planned:
    """What the rules say of a plan."""

    wrong: dict[str, str]
    course: Heard
    preparation: Heard
    sessions: tuple[Step, ...] = ()
    """The sessions and the review."""

    @property
    def session_days(self) -> list[date]:
        """The days of the sessions."""
        return [step.on for step in self.sessions if step.says.startswith(SESSION_STEP)]

    @property
    def asks_last_use(self) -> bool:
        """Whether a day to stop has passed already."""
        return any(
            "last_used" in ask
            for ask in (self.preparation.outcome.questions if self.preparation.outcome else ())
        )

    @property
    def against(self) -> list[Finding]:
        """What needs a reason before it is agreed on."""
        spoken = [*self.course.spoken, *self.preparation.spoken]
        return [one for one in spoken if one.level in ("stop", "move")]

    @property
    def review_on(self) -> date | None:
        """The day on which a result may first be called one."""
        others = [step.on for step in self.sessions if not step.says.startswith(SESSION_STEP)]
        return others[-1] if others else None


def planned(plan: Plan, sessions_done: int) -> Planned:
    """The plan as it stands now."""
    facts, wrong = checked("course", plan.answers)
    facts |= {"visit_on": plan.on, "sessions_done": sessions_done}
    if kinds := scar_kinds(plan.patient):
        facts["scar_types"] = kinds
    course, problem = None, ""
    try:
        course = plan_course(facts, the_book(plan.on))
    except FactsError as error:
        problem = sentence(error, "course")
    steps = course.steps if course else ()
    first = next((step.on for step in steps if step.on >= plan.on), None)
    preparation, wrong_too = preparation_for(plan, first) if first else (Heard("Preparation", None), {})
    return Planned({**wrong, **wrong_too}, Heard("Course", course, problem), preparation, steps)


def preparation_for(plan: Plan, session_on: date) -> tuple[Heard, dict[str, str]]:
    """The dated plan of the days around one session, and the answers that cannot be."""
    facts, wrong = checked("preparation", plan.answers)
    facts |= {
        "visit_on": min(plan.on, session_on),
        "session_on": session_on,
        **from_consultation(plan.patient),
    }
    if listed := as_facts(plan.last_used, facts.get("uses"), facts["visit_on"]):
        facts["last_used"] = listed
    if facts.get("herpes_history") is not True:
        facts.pop("antiviral_decision", None)
    try:
        outcome = plan_preparation(facts, the_book(plan.on))
    except FactsError as error:
        return Heard("Preparation", None, sentence(error, "preparation")), wrong
    return Heard("Preparation", outcome), wrong


def calendar_of(plan: Plan, found: Planned) -> Outcome | None:
    """Sessions, review, and the steps around the first session, as one calendar."""
    course = found.course.outcome
    if course is None:
        return None
    steps = {(step.on, step.says): step for step in course.steps}
    for day in found.session_days:
        heard, _ = preparation_for(plan, day)
        if heard.outcome:
            steps |= {(step.on, step.says): step for step in heard.outcome.steps}
    return replace(course, steps=tuple(sorted(steps.values(), key=lambda step: step.on)))


def from_consultation(patient: Patient) -> dict[str, Any]:
    """What the last signed consultation knows that a plan or a session needs as well."""
    last = last_signed(Consultation, patient)
    if last is None:
        return {}
    shared = ("fitzpatrick", "herpes_history")
    return {name: last.answers[name] for name in shared if name in last.answers}


def scar_kinds(patient: Patient) -> list[str]:
    """The kinds of scar on the last signed map."""
    last = last_signed(Consultation, patient)
    scars = last.scars if last else []
    return [kind for kind in SCAR_KINDS if any(scar["kind"] == kind for scar in scars)]


def aftercare_of(rules: RulesOfTheDay) -> dict[str, Any]:
    """What stands on a sheet for the time after a session: what to do, what is usual, when to call."""
    flags = red_flags(rules)
    return {
        "care": care_after(rules),
        "usual": usual_after(rules),
        "emergency": flags["emergency"],
        "same_day": flags["same day"],
        "tell": flags["contact the clinic"],
        "rules_of": max(rule.since for rule in rules.of("recovery")),
    }


def own_words(leaflet: str, patient: Patient, moment: datetime | None) -> Leaflet | None:
    """The clinic's own words of that moment, in the patient's language first."""
    languages = [language_of_patient(patient), clinic_language(), settings.LANGUAGE_CODE]
    return words_at(leaflet, list(dict.fromkeys(one for one in languages if one)), moment)


def care_after(rules: Any) -> list[dict[str, Any]]:
    """What to do and to avoid after a session, window by window."""
    found = [rule for rule in rules.of("recovery") if rule.id.startswith("recovery.care_")]
    return [
        {"rule": rule, "window": window_words(rule), "from": rule.number("from"), "to": rule.number("to")}
        for rule in sorted(found, key=lambda rule: rule.number("from"))
    ]


def usual_after(rules: Any) -> list[Rule]:
    """What is usual after a session."""
    left_out = ("barrier", "roller", "redness_short")
    return [
        rule
        for rule in rules.of("recovery")
        if rule.id.startswith("recovery.expect_") and not any(part in rule.id for part in left_out)
    ]


def red_flags(rules: Any) -> dict[str, list[Rule]]:
    """What must be told, by how soon."""
    found: dict[str, list[Rule]] = {"emergency": [], "same day": [], "contact the clinic": []}
    for rule in rules.of("recovery"):
        if rule.id.startswith("recovery.red_") and rule.level in found:
            found[rule.level].append(rule)
    return found


def window_words(rule: Rule) -> str:
    """`the first 4 hours`, `day 3 to 7`."""
    start, end = rule.number("from"), rule.number("to")
    if start == 0:
        return f"The first {end:g} hours"
    if end <= 24:
        return "The rest of the first day"
    return f"Day {start / 24:g} to {end / 24:g}"
