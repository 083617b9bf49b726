"""The comparison of a volunteer's two photographs, and what all of them come to, by the background work."""

import hmac
from functools import partial
from typing import Any
from uuid import UUID

from django.utils import timezone
from django_tasks import task

from microrelief.errors import MicroreliefError
from microrelief.vault.envelope import Kind
from microrelief.web.keyring import site_secret
from microrelief.web.measuring.process import thorough
from microrelief.web.photos.actions import copy_for_job
from microrelief.web.photos.models import Photo
from microrelief.web.refusals import Refusal
from microrelief.web.retests import held
from microrelief.web.retests.actions import keep_compared, keep_conclusion, standing_pairs
from microrelief.web.retests.models import Retest, RetestPair

COMPARE_SECONDS = 600.0
CONCLUDE_SECONDS = 120.0
MOST_ATTEMPTS = 3
LOST = "The two photographs were held in memory only, and the program was started again: take them once more."
GONE = "The photographs were moved, taken out of sight or erased meanwhile."
STUCK = "The measuring did not come to an end: take the two photographs once more."


@task()
def compare_pair(pair_id: str) -> None:
    """Compare, keep the numbers, let the photographs go."""
    pair = RetestPair.objects.filter(pk=UUID(pair_id), state=RetestPair.WAITING, dropped_at=None).first()
    if pair is None:
        held.forget(UUID(pair_id))
        return
    RetestPair.objects.filter(pk=pair.pk).update(attempts=pair.attempts + 1)
    if pair.attempts >= MOST_ATTEMPTS:
        keep_compared(pair, compared=None, why=STUCK)
        return
    try:
        photographs = _photographs(pair)
        if photographs is None:
            keep_compared(pair, compared=None, why=GONE if pair.first_photo else LOST)
            return
        answer = thorough().ask(
            {"ask": "repeat", "person": pair.number},
            photographs,
            seconds=COMPARE_SECONDS,
            progress=partial(_note_stage, pair.pk),
        )
        keep_compared(pair, compared=_without_way_back(answer.says["compared"]))
    except (MicroreliefError, Refusal):
        keep_compared(pair, compared=None, why=STUCK)


@task()
def conclude(retest_id: str) -> None:
    """All pairs become the file, the figures and the plot."""
    retest = Retest.objects.filter(pk=UUID(retest_id), state=Retest.ASKED).first()
    if retest is None:
        return
    compared = [one.compared for one in standing_pairs(retest) if one.compared]
    try:
        answer = thorough().ask(
            {"ask": "repeatability", "compared": compared, "today": timezone.localdate().isoformat()},
            [],
            seconds=CONCLUDE_SECONDS,
        )
    except MicroreliefError as failure:  # too few pairs in every measure: the sentence says what to do
        keep_conclusion(retest, why=str(failure))
        return
    keep_conclusion(
        retest, document=answer.says["file"], measures=answer.says["measures"], plot=answer.parts[0]
    )


def compare_later(pair: RetestPair, **_: object) -> None:
    """Signal: a pair was added."""
    compare_pair.enqueue(str(pair.pk))


def conclude_later(retest: Retest, **_: object) -> None:
    """Signal: the round is to be worked out."""
    conclude.enqueue(str(retest.pk))


def _photographs(pair: RetestPair) -> list[bytes] | None:
    if pair.first_photo is None:
        both = held.take(pair.pk)
        return list(both) if both else None
    order = [key for key in (pair.first_photo, pair.second_photo) if key is not None]
    standing = Photo.objects.filter(pk__in=order, removed_at=None, patient__erased_at=None)
    found = {one.pk: one for one in standing}
    if len(found) != 2:
        return None
    return [b"".join(copy_for_job(found[key], Kind.ORIGINAL)) for key in order]


def _without_way_back(compared: dict[str, Any]) -> dict[str, Any]:
    """The same with fingerprints for the files' SHA-256, which anybody who has a file could compute.

    The child that compares knows no key, so it is done here, before anything is kept.
    """
    key = site_secret("retest-photographs")
    shas = {name: compared.get(name, "") for name in ("before_sha256", "after_sha256")}
    prints = {name: sha and hmac.new(key, sha.encode(), "sha256").hexdigest() for name, sha in shas.items()}
    return {**compared, **prints}


def _note_stage(pair: UUID, stage: str) -> None:
    RetestPair.objects.filter(pk=pair).update(stage=stage[:60])
