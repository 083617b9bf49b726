"""What begins a round, adds and drops pairs, works it out, and puts it to use."""

from typing import IO, Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from microrelief.web.audit.trail import record
from microrelief.web.consents.actions import permits
from microrelief.web.patients.access import require
from microrelief.web.patients.models import Patient
from microrelief.web.people.actor import Actor
from microrelief.web.people.permissions import Permission
from microrelief.web.photosets.models import PhotoSet, SetView
from microrelief.web.refusals import NotHere, Unusable
from microrelief.web.retests import held
from microrelief.web.retests.models import Retest, RetestPair, rounds_in_use
from microrelief.web.retests.signals import conclusion_asked, pair_added

FEWEST = 3
"""As imaging.change.repeatability.FEWEST_PAIRS, which this process does not import; a test compares them."""
ADVISED = 10


@transaction.atomic
def begin_retest(*, by: Actor) -> Retest:
    """The open round, or a new one."""
    require(by, Permission.CHANGE_SETTINGS)
    open_states = (Retest.COLLECTING, Retest.ASKED)
    standing = Retest.objects.select_for_update().filter(state__in=open_states).first()
    if standing is not None:
        return standing
    made = Retest(begun_by=by.person)
    made._history_user = by.person  # type: ignore[attr-defined]
    made.save(force_insert=True)
    record("retest.begun", by=by, about=made)
    return made


def add_volunteer(*, by: Actor, first: IO[bytes], second: IO[bytes], consented: bool) -> RetestPair:
    """Somebody who is no patient here: two files that are compared and then gone. Raises Unusable."""
    require(by, Permission.CHANGE_SETTINGS)
    pair = uuid4()
    held.hold(pair, (first.read(), second.read()))
    try:
        with transaction.atomic():
            made = _new_pair(by, pair, consented)
            record("retest.pair_added", by=by, about=made)
            pair_added.send(RetestPair, pair=made)
            return made
    except BaseException:
        held.forget(pair)
        raise


@transaction.atomic
def add_patient_pair(*, by: Actor, number: str, consented: bool) -> RetestPair:
    """The two sets that were taken of a patient on one day. Raises Unusable with what is missing."""
    require(by, Permission.CHANGE_SETTINGS)
    digits = number.strip()
    found = Patient.objects.for_user(by)
    patient = found.filter(number=int(digits)).first() if digits.isdecimal() and len(digits) < 9 else None
    if patient is None:
        raise Unusable("There is no record of this number among the patients you treat.")
    require(by, Permission.SEE_PHOTOS, patient)
    if permits(patient, "comparison") is None:
        raise Unusable("This patient has not consented to the measured comparison: ask for it first.")
    first, second = _twice_on_a_day(patient)
    made = _new_pair(by, uuid4(), consented, first_photo=first.photo_id, second_photo=second.photo_id)
    record("retest.record_added", by=by, about=made, patient=patient.pk)
    pair_added.send(RetestPair, pair=made)
    return made


@transaction.atomic
def drop_pair(*, by: Actor, pair: RetestPair) -> None:
    """Leave it out: somebody blinked, or does not want it any more."""
    require(by, Permission.CHANGE_SETTINGS)
    retest = _as_it_stands(pair.retest)
    pair = RetestPair.objects.select_for_update().get(pk=pair.pk)
    if retest.state != Retest.COLLECTING or pair.dropped_at is not None:
        raise Unusable("This round is closed: begin another one.")
    held.forget(pair.pk)
    pair.dropped_at, pair.compared = timezone.now(), {}
    pair.first_photo = pair.second_photo = None
    pair.save()
    record("retest.pair_dropped", by=by, about=pair)


@transaction.atomic
def ask_conclusion(*, by: Actor, retest: Retest) -> None:
    """Work it out from the pairs there are. Raises Unusable while they are too few or still compared."""
    require(by, Permission.CHANGE_SETTINGS)
    retest = _as_it_stands(retest)
    pairs = standing_pairs(retest)
    if retest.state != Retest.COLLECTING:
        return
    if any(one.state == RetestPair.WAITING for one in pairs):
        raise Unusable("Some photographs are still being compared: wait until all are.")
    if sum(one.comparable for one in pairs) < FEWEST:
        raise Unusable(
            f"At least {FEWEST} comparable pairs are needed, better {ADVISED}: photograph more people twice."
        )
    _change(retest, by, state=Retest.ASKED)
    record("retest.asked", by=by, about=retest)
    conclusion_asked.send(Retest, retest=retest)


@transaction.atomic
def use_retest(*, by: Actor, retest: Retest) -> None:
    """Every comparison from now on honours it; the one before is ended."""
    require(by, Permission.CHANGE_SETTINGS)
    retest = _as_it_stands(retest)
    if retest.state != Retest.DONE:
        raise Unusable("This round has no result that could be used.")
    if retest.in_use:
        return
    stop_using(by=by)
    _change(retest, by, used_from=timezone.now(), used_until=None)
    record("retest.used", by=by, about=retest)


@transaction.atomic
def stop_using(*, by: Actor) -> None:
    """Comparisons from now on state what the program knows by itself."""
    require(by, Permission.CHANGE_SETTINGS)
    for one in rounds_in_use().select_for_update():
        _change(one, by, used_until=timezone.now())
        record("retest.ended", by=by, about=one)


@transaction.atomic
def keep_compared(pair: RetestPair, *, compared: dict[str, Any] | None, why: str = "") -> None:
    """What came of one pair; where the photographs lie is forgotten."""
    pair = RetestPair.objects.select_for_update().get(pk=pair.pk)
    if pair.state != RetestPair.WAITING or pair.dropped_at is not None:
        return
    pair.state = RetestPair.FAILED if compared is None else RetestPair.COMPARED
    pair.compared, pair.why = compared or {}, why[:500]
    pair.first_photo = pair.second_photo = None
    pair.save()
    record("retest.compared", by=None, about=pair)


@transaction.atomic
def keep_conclusion(
    retest: Retest, *, document: str = "", measures: Any = (), plot: bytes = b"", why: str = ""
) -> None:
    """What the round came to, or why it came to nothing: then pairs can be added again."""
    state = Retest.DONE if document else Retest.COLLECTING
    now = timezone.now() if document else None
    changes = {"document": document, "measures": list(measures), "plot": plot, "why": why[:500]}
    _change(retest, None, state=state, worked_out_at=now, **changes)
    pairs = sum(one.comparable for one in standing_pairs(retest))
    record("retest.worked_out", by=None, about=retest, facts={"pairs": pairs})


def standing_pairs(retest: Retest) -> list[RetestPair]:
    """Those that were not dropped."""
    return list(retest.pairs.filter(dropped_at=None))


def pair_for(pair_id: UUID) -> RetestPair:
    """One pair."""
    found = RetestPair.objects.select_related("retest").filter(pk=pair_id).first()
    if found is None:
        raise NotHere("There is no such pair: look at the list.")
    return found


def retest_for(retest_id: UUID) -> Retest:
    """One round."""
    found = Retest.objects.filter(pk=retest_id).first()
    if found is None:
        raise NotHere("There is no such round: look at the list.")
    return found


def _new_pair(by: Actor, pair: UUID, consented: bool, **photos: Any) -> RetestPair:
    if not consented:
        raise Unusable("Ask the volunteer first, and tick that the answer was yes.")
    retest = begin_retest(by=by)
    if retest.state == Retest.ASKED:
        raise Unusable("The last round is just being worked out: wait a moment, then begin another one.")
    last = retest.pairs.aggregate(last=Max("number"))["last"] or 0
    return RetestPair.objects.create(
        pk=pair, retest=retest, number=last + 1, consented=True, added_by=by.person, **photos
    )


def _twice_on_a_day(patient: Patient) -> tuple[SetView, SetView]:
    """The front views of two sets of the newest day that has two."""
    days: dict[Any, list[SetView]] = {}
    sets = PhotoSet.objects.filter(patient_id__in=patient.all_ids()).order_by("-day", "made_at")
    for one in sets:
        front = next((view for view in one.taken() if view.view == "front"), None)
        if front is not None:
            days.setdefault(one.day, []).append(front)
    twice = next((views for views in days.values() if len(views) > 1), None)
    if twice is None:
        raise Unusable(
            "This record has no two sets of one day: take the front view, let the person stand up and sit "
            "down again, and take it once more as a new set."
        )
    return twice[0], twice[1]


def _as_it_stands(retest: Retest) -> Retest:
    """The row itself, locked: what was read before this transaction may have changed, and is saved whole."""
    return Retest.objects.select_for_update().get(pk=retest.pk)


def _change(retest: Retest, by: Actor | None, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(retest, name, value)
    retest._history_user = by.person if by else None  # type: ignore[attr-defined]
    retest.save()
