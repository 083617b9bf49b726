"""What lets photographs out, stops who takes too many, and lets them go on."""

import logging
import math
import time
from collections.abc import Iterable
from uuid import UUID

from django.db import OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from microrelief.web.audit.trail import record
from microrelief.web.brake.counted import Look, Noticed, Stopped, Wait, counts
from microrelief.web.brake.models import COPY, ORIGINAL, REASONS, Stop
from microrelief.web.people.actor import Actor
from microrelief.web.people.permissions import Permission
from microrelief.web.refusals import NotAllowed, NotHere, TooMany, Unusable

__all__ = ["COPY", "ORIGINAL", "end_stop", "let_out", "open_stop"]
log = logging.getLogger(__name__)


def let_out(*, by: Actor, photos: Iterable[UUID], as_what: str) -> None:
    """Before any byte of these photographs leaves. Raises TooMany; nothing is written for an ordinary look.

    Call it outside a transaction that the refusal would roll back: the stop must stand.
    """
    looks: list[Look] = [(photo, as_what) for photo in photos]
    stop = open_stop(by.person.pk)
    if stop is not None and stop.what in (COPY, as_what):
        raise TooMany(_stopped_words(by))
    now = seconds_now()
    try:
        with counts.of(by.person.pk) as count:
            count.take(looks, now)
            noticed = count.noticeable(now)
    except Wait as wait:
        raise TooMany(
            _("Many photographs were opened within a few minutes: wait %(seconds)d seconds and try again.")
            % {"seconds": math.ceil(wait.seconds)}
        ) from None
    except Stopped as stopped:
        _speak(by, Stop.STOPPED, as_what, Noticed(stopped.photos, 1))
        raise TooMany(_stopped_words(by)) from None
    if noticed:
        _speak(by, Stop.NOTICED, as_what, noticed)


def seconds_now() -> float:
    """By the clock that nobody can set back."""
    return time.monotonic()


def open_stop(person_id: UUID) -> Stop | None:
    """The stop that stands against this person, the widest first; None where none does."""
    standing = Stop.objects.filter(person_id=person_id, kind=Stop.STOPPED, ended_at=None)
    return standing.order_by("what").first()


def end_stop(*, by: Actor, stop_id: UUID, reason: str) -> Stop:
    """Let somebody go on for an hour, or say that what was noticed was seen. An owner, also for herself."""
    if not by.may(Permission.RELEASE_BRAKE):
        raise NotAllowed("Ask the owner of the clinic.")
    with transaction.atomic():
        stop = Stop.objects.select_for_update().filter(pk=stop_id, ended_at=None).first()
        if stop is None:
            raise NotHere("Somebody has answered this already.")
        if stop.kind == Stop.STOPPED and reason not in REASONS:
            raise Unusable("Say why they may go on: choose a reason of the list.")
        stop.ended_at, stop.ended_by = timezone.now(), by.person
        stop.reason = reason if stop.kind == Stop.STOPPED else ""
        stop.save(update_fields=["ended_at", "ended_by", "reason"])
        facts = {"person": str(stop.person_id)}
        if stop.kind == Stop.STOPPED:
            record("brake.released", by=by, about=stop, facts=facts | {"reason": reason})
        else:
            record("brake.seen", by=by, about=stop, facts=facts)
    if stop.kind == Stop.STOPPED:
        with counts.of(stop.person_id) as count:
            count.release(seconds_now())
    return stop


def _speak(by: Actor, kind: str, what: str, many: Noticed) -> None:
    """The owner reads it on the page of the day. Where nothing can be written, the refusal stands anyhow."""
    try:
        with transaction.atomic():
            found = {"photos": many.photos, "hours": many.hours}
            stop = Stop.objects.create(person=by.person, kind=kind, what=what, door=by.door, **found)
            told = f"brake.{kind}" if many.hours == 1 else f"brake.{kind}_in_a_day"
            record(told, by=by, about=stop, facts=found)
    except OperationalError as failure:  # a full disk, a lock that is held for long
        log.error("a stop of the brake was not written: %s", type(failure).__name__)


def _stopped_words(by: Actor) -> str:
    if by.may(Permission.RELEASE_BRAKE):
        return _(
            "Too many photographs left within an hour. Confirm on the page Today that you go on, and why."
        )
    return _("Too many photographs left within an hour. Ask the owner of the clinic to let you go on.")
