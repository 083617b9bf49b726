"""What sets a limit of the clinic's own, and what ends it."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from microrelief.errors import RulebookError
from microrelief.pathway.limits import is_hard, limits_of, loosened
from microrelief.pathway.rulebook import Rule, read_override
from microrelief.web.audit.trail import record, refuse_wrong_clock
from microrelief.web.clinic_rules.book import book, clinic_book
from microrelief.web.clinic_rules.models import OwnLimit
from microrelief.web.patients.access import require
from microrelief.web.people.actor import Actor
from microrelief.web.people.permissions import Permission
from microrelief.web.refusals import NotHere, Unusable

SHORTEST_REASON = 10
SHORTEST_HARD_REASON = 40
"""Letters: a safety stop is not loosened with a word."""


@transaction.atomic
def set_limit(
    *, by: Actor, rule_id: str, values: dict[str, Any], level: str, why: str, since: date, knowingly: bool
) -> OwnLimit:
    """Sign it; what stood for the same rule, or was to stand later, ends the day before. Raises Unusable.

    Nothing is dated back: what was judged by the rules of its day stays judged so.
    """
    require(by, Permission.CHANGE_SETTINGS)
    refuse_wrong_clock()
    rule = rule_today(rule_id)
    why = " ".join(why.split())
    _refuse_unusable(rule, values, level, why, since, knowingly)
    for standing in OwnLimit.objects.select_for_update().running(since).filter(rule=rule_id):
        _end(standing, by, since)
    limit = OwnLimit(
        rule=rule_id, values=values, level=level, why=why, since=since,
        loosens=bool(loosened(rule, values)), signed_by=by.person,
    )  # fmt: skip
    limit._history_user = by.person  # type: ignore[attr-defined]
    limit.save(force_insert=True)
    record(
        "limit.set", by=by, about=limit, facts={"rule": rule_id, "loosens": "yes" if limit.loosens else "no"}
    )
    _refuse_two_at_once()
    return limit


@transaction.atomic
def end_limit(*, by: Actor, limit: OwnLimit) -> None:
    """From today the book's own value holds again. Ended twice is ended once."""
    require(by, Permission.CHANGE_SETTINGS)
    limit = OwnLimit.objects.select_for_update().get(pk=limit.pk)
    today = timezone.localdate()
    if OwnLimit.objects.running(today).filter(pk=limit.pk).exists():
        _end(limit, by, today)


def limit_for(limit_id: UUID) -> OwnLimit:
    """One limit, ended or not."""
    found = OwnLimit.objects.filter(pk=limit_id).first()
    if found is None:
        raise NotHere("There is no such limit: look at the list of rules.")
    return found


def rule_today(rule_id: str) -> Rule:
    """The book's own rule as it stands today. Raises NotHere."""
    rule = book().on(timezone.localdate()).rules.get(rule_id)
    if rule is None:
        raise NotHere("There is no such rule in force today: look at the list of rules.")
    return rule


def _end(limit: OwnLimit, by: Actor, first_day_without: date) -> None:
    limit.until = limit.last_day(first_day_without)
    limit.ended_at = timezone.now()
    limit.ended_by = by.person
    limit._history_user = by.person  # type: ignore[attr-defined]
    limit.save()
    record("limit.ended", by=by, about=limit, facts={"rule": limit.rule})


def _refuse_two_at_once() -> None:
    """The trail's turn is ours until the commit: what somebody else set meanwhile is seen here, not by the
    pages, none of which could be judged by two limits of one day."""
    try:
        clinic_book()
    except RulebookError as error:
        raise Unusable("Somebody else set this limit meanwhile: look at it, then set yours again.") from error


def _refuse_unusable(
    rule: Rule, values: dict[str, Any], level: str, why: str, since: date, knowingly: bool
) -> None:
    if set(values) - set(limits_of(rule)):
        raise Unusable("Only the limits on the page can be changed; what a study found stays as published.")
    try:
        read_override(
            book(),
            rule.id,
            {**values, "why": why or "…", "since": since, **({"level": level} if level else {})},
        )
    except RulebookError as error:
        raise Unusable(str(error).split(": ", 1)[-1]) from error
    if since < timezone.localdate():
        raise Unusable(
            "It can hold from today on, not from earlier: old visits stay judged by their day's rules."
        )
    if len(why) < SHORTEST_REASON:
        raise Unusable("Give the reason in a sentence: it stands beside every finding.")
    loose = loosened(rule, values)
    if loose and not knowingly:
        raise Unusable("This asks less than the book: say that you know it, or give a stricter limit.")
    if any(is_hard(rule, name) for name in loose) and len(why) < SHORTEST_HARD_REASON:
        raise Unusable(
            "This loosens a safety stop: say in full on what evidence you do, so that others can judge it."
        )
