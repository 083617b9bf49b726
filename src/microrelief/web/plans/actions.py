"""What begins, saves and signs a plan; signing puts its sessions into the days."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from microrelief.pathway.table import outcome_document
from microrelief.web.patients.models import Patient
from microrelief.web.people.actor import Actor
from microrelief.web.plans.judged import planned
from microrelief.web.plans.models import Plan
from microrelief.web.refusals import Unusable
from microrelief.web.sheets import actions as sheets
from microrelief.web.sheets.answers import the_book
from microrelief.web.visits.actions import plan_visit
from microrelief.web.visits.models import Visit


def begin_plan(*, by: Actor, patient: Patient) -> Plan:
    """The open draft, or a new one: as the last plan said, else with the usual numbers of the rulebook."""
    last = sheets.last_signed(Plan, patient)
    rules = the_book().on(timezone.localdate())
    usual: dict[str, Any] = {
        "sessions_planned": int(rules["course.sessions"].number("usual")),
        "interval_days": int(rules["course.interval"].number("usual")),
        "first_session_on": (
            timezone.localdate() + timedelta(days=int(rules["course.interval"].number("usual")))
        ).isoformat(),
    }
    return sheets.begin(Plan, by=by, patient=patient, answers=dict(last.answers) if last else usual)


@transaction.atomic
def sign_plan(*, by: Actor, plan: Plan, version: int, sessions_done: int) -> None:
    """Agree on it: its sessions and the review are expected from now on. Raises Unusable."""
    found = planned(plan, sessions_done)
    if found.wrong:
        raise Unusable(next(iter(found.wrong.values())))
    if found.course.outcome is None:
        raise Unusable(found.course.problem)
    if found.preparation.problem:
        raise Unusable(found.preparation.problem)
    for finding in found.against:
        if not plan.overrides.get(finding.rule.id, "").strip():
            raise Unusable(f"Give a reason for planning against this: {finding.says}")
    open_questions = [*found.preparation.questions]
    if open_questions:
        raise Unusable(f"Still to ask: {open_questions[0]}")
    said = {"course": outcome_document(found.course.outcome)}
    if found.preparation.outcome:
        said["preparation"] = outcome_document(found.preparation.outcome)
    sheets.sign(by=by, sheet=plan, version=version, said=said)
    today = timezone.localdate()
    for day in found.session_days:
        if day >= today:
            plan_visit(by=by, patient=plan.patient, key=f"{plan.pk}:{day}", on=day, purpose=Visit.SESSION)
    if found.review_on and found.review_on >= today:
        plan_visit(
            by=by,
            patient=plan.patient,
            key=f"{plan.pk}:review",
            on=found.review_on,
            purpose=Visit.REVIEW,
        )
