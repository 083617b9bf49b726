"""What is worked out of a photograph after it was filed; nobody waits for it."""

from typing import Any
from uuid import UUID

from django_tasks import task

from microrelief.vault.envelope import Kind
from microrelief.web.measuring.process import MeasuringFailed, NotMeasured, thorough
from microrelief.web.photos.actions import copy_for_job
from microrelief.web.photosets.actions import note_reading
from microrelief.web.photosets.models import SetView, baseline_of

READ_SECONDS = 600.0
"""Many times what it takes on a busy computer; then the child is stuck."""
FRONT_WITHIN_DEGREES = 15.0
"""Turned less than this is a front view; a quarter of the way to a profile and more, an oblique one."""
OBLIQUE_FROM_DEGREES = 20.0


@task()
def read_view(view_id: str) -> None:
    """How the head is turned, and whether it can be the person of the baseline."""
    view = SetView.objects.select_related("photo", "patient").filter(pk=UUID(view_id)).first()
    if view is None or view.photo is None or view.patient.erased_at is not None:
        return
    parts = [b"".join(copy_for_job(view.photo, Kind.SCREEN))]
    baseline = _like_in_baseline(view)
    if baseline is not None and baseline.photo is not None:
        parts.append(b"".join(copy_for_job(baseline.photo, Kind.SCREEN)))
    try:
        reading = thorough().ask({"ask": "reading"}, parts, seconds=READ_SECONDS).says
    except (NotMeasured, MeasuringFailed) as refusal:
        reading = {"face": False, "kind": "NotRead", "why": str(refusal)[:200]}
    note_reading(view, reading, _questions(reading, view), proposed_view(reading))


def look_at(view: SetView, **_: object) -> None:
    """Signal: a photograph came."""
    read_view.enqueue(str(view.pk))


def _like_in_baseline(view: SetView) -> SetView | None:
    """The baseline's photograph of the same view: a turned head's proportions fit no front view."""
    baseline = baseline_of(view.patient)
    if baseline is None or baseline.pk == view.photo_set_id:
        return None
    return baseline.views.filter(view=view.view, photo__removed_at=None).exclude(photo=None).first()


def _questions(reading: dict[str, Any], view: SetView) -> list[dict[str, str]]:
    questions = []
    if reading.get("same_person", {}).get("doubtful"):
        says = "The proportions of this face hardly fit the baseline's. Is it the same patient?"
        questions.append({"kind": "another_person", "says": says})
    yaw = reading.get("yaw")
    if view.photo_set_id is not None and yaw is not None and view.view.endswith("_45"):
        shown = "left_45" if yaw < 0 else "right_45"
        if abs(yaw) > OBLIQUE_FROM_DEGREES and shown != view.view:
            side = "left" if shown == "left_45" else "right"
            questions.append(
                {"kind": "other_side", "says": f"This seems to show the {side} side. Is the view right?"}
            )
    return questions


def proposed_view(reading: dict[str, Any]) -> str | None:
    """Which view an imported photograph seems to be; a person decides."""
    if not reading.get("face"):
        return "close_up" if reading.get("kind") == "NoFace" else None
    yaw = float(reading["yaw"])
    if abs(yaw) <= FRONT_WITHIN_DEGREES:
        return "front"
    if abs(yaw) < OBLIQUE_FROM_DEGREES:
        return None
    return "left_45" if yaw < 0 else "right_45"
