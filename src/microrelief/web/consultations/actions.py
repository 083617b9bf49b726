"""What writes, copies and signs a consultation. Drafts may hold anything; what is signed is whole."""

from typing import Any

from django.db import transaction

from microrelief.errors import FactsError
from microrelief.pathway.facts import questions
from microrelief.pathway.table import outcome_document
from microrelief.web.consultations.groups import HOLDS_FOR_LONGER, STAGE
from microrelief.web.consultations.judged import decided, judged, needs_why, to_set_aside
from microrelief.web.consultations.models import Consultation
from microrelief.web.patients.models import Patient
from microrelief.web.people.actor import Actor
from microrelief.web.refusals import Unusable
from microrelief.web.sheets import actions as sheets
from microrelief.web.visits.actions import done_today
from microrelief.web.visits.models import Visit


def begin_consultation(*, by: Actor, patient: Patient) -> Consultation:
    """The open draft, or a new one."""
    return sheets.begin(Consultation, by=by, patient=patient)


def save_consultation(*, by: Actor, sheet: Consultation, version: int, **changes: Any) -> None:
    """Keep the draft. Who entered the skin type is written beside it: it is never guessed."""
    answers = dict(changes.get("answers", sheet.answers))
    if answers.get("fitzpatrick") != sheet.answers.get("fitzpatrick"):
        answers["fitzpatrick_entered_by"] = by.person.name
    elif "fitzpatrick_entered_by" in sheet.answers:
        answers["fitzpatrick_entered_by"] = sheet.answers["fitzpatrick_entered_by"]
    if "fitzpatrick" not in answers:
        answers.pop("fitzpatrick_entered_by", None)
    copied = changes.get("copied", sheet.copied)
    changes["copied"] = {
        name: day
        for name, day in copied.items()
        if answers.get(name) == sheet.answers.get(name, answers.get(name))
    }
    sheets.save_draft(by=by, sheet=sheet, version=version, **{**changes, "answers": answers})


def copied_forward(sheet: Consultation) -> dict[str, Any]:
    """What the last signed consultation says for longer than its day, under what this one says itself.

    Gives the changes for `save_consultation`; nothing where there is nothing to copy.
    """
    last = sheets.last_signed(Consultation, sheet.patient)
    if last is None or last.pk == sheet.corrects_id:
        return {}
    taken = {
        name: last.answers[name]
        for name in HOLDS_FOR_LONGER
        if name in last.answers and name not in sheet.answers
    }
    day = f"{last.on:%-d %B %Y}"
    marked = {name: day for name in taken if name != "fitzpatrick_entered_by"}
    return {
        "answers": {**sheet.answers, **taken},
        "copied": {**sheet.copied, **marked},
        "scars": sheet.scars or last.scars,
        "wish": sheet.wish or last.wish,
    }


@transaction.atomic
def sign_consultation(*, by: Actor, sheet: Consultation, version: int) -> None:
    """Sign what the draft says, with what the rules say of it now. Raises Unusable with what is missing."""
    found = judged(sheet)
    if found.wrong:
        name, says = next(iter(found.wrong.items()))
        raise Unusable(f"{questions(STAGE)[name].asks} {says}")
    if sheet.copied:
        raise Unusable(
            f"{len(sheet.copied)} answers were copied and not gone through: "
            "ask again, or press “It all still holds”."
        )
    if found.outcome is None:
        raise Unusable(found.heard.problem)
    half = [grade.title for grade in found.grades if grade.problem]
    if half:
        raise Unusable(f"{half[0]} is answered in part, which is not scored: answer all of it, or empty it.")
    if not sheet.does:
        raise Unusable("Say what you decided: treat, refer, defer or do not treat.")
    aside = to_set_aside(sheet, found.outcome)
    for one in aside:
        if not sheet.overrides.get(one.rule.id, "").strip():
            raise Unusable(f"Give a reason for setting this aside: {one.says}")
    if needs_why(sheet, found.outcome) and not sheet.why.strip():
        raise Unusable(f"The findings suggest “{found.suggests}”: say why you decided “{sheet.does}”.")
    try:
        outcome = decided(sheet, found.outcome, by.person.name)
    except FactsError as error:
        raise Unusable(f"The decision is not whole: {str(error).split(': ', 1)[-1]}") from error
    sheets.sign(
        by=by,
        sheet=sheet,
        version=version,
        overrides={
            rule: why for rule, why in sheet.overrides.items() if rule in {one.rule.id for one in aside}
        },
        said={STAGE: outcome_document(outcome)},
        scores={grade.name: grade.score.document() for grade in found.grades if grade.score},
    )
    done_today(by=by, patient=sheet.patient, purpose=Visit.CONSULTATION, on=sheet.on)
