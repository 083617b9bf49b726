"""The comparison itself, asked of the measuring child by the background work."""

from datetime import date
from functools import partial
from uuid import UUID

from django_tasks import task

from microrelief.errors import MicroreliefError
from microrelief.vault.envelope import Kind
from microrelief.web.comparisons.actions import begin, keep_refusal, keep_result, note_stage
from microrelief.web.comparisons.models import Comparison
from microrelief.web.consents.actions import refuse_after_no
from microrelief.web.measuring.process import MeasuringFailed, NotMeasured, thorough
from microrelief.web.photos.actions import copy_for_job
from microrelief.web.photos.models import Photo
from microrelief.web.refusals import ConsentEnded, Refusal
from microrelief.web.retests.models import document_in_use

COMPARE_SECONDS = 600.0
"""Many times what the largest photographs take on the slowest computer; then the child is stuck."""
MOST_ATTEMPTS = 3
GAVE_UP = (
    "It was tried several times and never came to an end. Ask once more; if it fails again, tell the owner."
)


@task()
def run_comparison(comparison_id: str) -> None:
    """Measure the pair and keep what was found, also where that is a refusal."""
    found = Comparison.objects.select_related("before", "after", "patient", "asked_by")
    comparison = found.filter(pk=UUID(comparison_id), state=Comparison.WAITING).first()
    if comparison is None or comparison.patient.erased_at is not None:
        return
    if begin(comparison) > MOST_ATTEMPTS:
        keep_refusal(comparison, Comparison.FAILED, GAVE_UP)
        return
    try:
        refuse_after_no(comparison.patient.surviving or comparison.patient, "comparison")
    except ConsentEnded as ended:
        keep_refusal(comparison, Comparison.FAILED, ended.says)
        return
    pair = (comparison.before, comparison.after)
    question = {
        "ask": "pair",
        "repeatability": document_in_use(),
        "names": [
            f"{comparison.get_view_display()} {day}" for day in (comparison.before_on, comparison.after_on)
        ],
        "taken_at": [
            _taken_at(photo, day)
            for photo, day in zip(pair, (comparison.before_on, comparison.after_on), strict=True)
        ],
    }
    try:
        originals = [b"".join(copy_for_job(photo, Kind.ORIGINAL)) for photo in pair]
        answer = thorough().ask(
            question, originals, seconds=COMPARE_SECONDS, progress=partial(note_stage, comparison.pk)
        )
        keep_result(comparison, answer)
    except NotMeasured as refusal:
        keep_refusal(comparison, Comparison.NOT_MEASURABLE, str(refusal))
    except (MeasuringFailed, Refusal) as failure:
        keep_refusal(comparison, Comparison.FAILED, "The measuring did not come to an end. Ask once more.")
        raise failure
    except MicroreliefError as failure:  # a missing file, a full disk: the sentence says what to do
        keep_refusal(comparison, Comparison.FAILED, str(failure))


def measure_later(comparison: Comparison, **_: object) -> None:
    """Signal: a comparison was asked for."""
    run_comparison.enqueue(str(comparison.pk))


def _taken_at(photo: Photo, day: date) -> str:
    """As the camera says, unless the record has another day: a camera's clock may be wrong."""
    if photo.taken_at is None or photo.taken_at.date() != day:
        return day.isoformat()
    return photo.taken_at.strftime("%Y-%m-%dT%H:%M:%S")
