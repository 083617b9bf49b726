"""What asks for comparisons and keeps what they found."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from microrelief.vault.envelope import Kind, encrypted
from microrelief.vault.photo_store import Uncommitted
from microrelief.version import __version__
from microrelief.web.audit.trail import record
from microrelief.web.brake.actions import COPY
from microrelief.web.comparisons.models import Comparison
from microrelief.web.comparisons.signals import comparison_asked
from microrelief.web.consents.actions import last_answer, refuse_after_no
from microrelief.web.consents.models import Consent
from microrelief.web.keyring import photo_store
from microrelief.web.measuring.wire import Message
from microrelief.web.patients.access import require
from microrelief.web.patients.models import Patient
from microrelief.web.patients.record import save_change, save_new
from microrelief.web.people.actor import Actor
from microrelief.web.people.permissions import Permission
from microrelief.web.photos.actions import let_photos_out, open_derived
from microrelief.web.photos.models import Blob, Photo
from microrelief.web.photosets.models import PhotoSet, SetView, baseline_of, counterpart
from microrelief.web.refusals import NotHere, Unusable


def compare_with_baseline(view: SetView, by: Actor, **_: object) -> None:
    """Signal: a view was taken. Where the baseline has it too, the comparison is asked for at once."""
    match = counterpart(view, baseline_of(view.patient))
    if match is not None and not _said_no(view.patient):
        ask_views(by=by, one=match, other=view)


@transaction.atomic
def compare_sets(*, by: Actor, one: PhotoSet, other: PhotoSet) -> list[Comparison]:
    """Every view that both have, the front first. Raises Unusable where there is none."""
    require(by, Permission.ADD_PHOTOS, one.patient)
    if one.pk == other.pk or not set(one.patient.all_ids()) & set(other.patient.all_ids()):
        raise Unusable("Tick two sets of this patient.")
    before, after = sorted((one, other), key=lambda found: (found.day, found.made_at))
    pairs = [(match, view) for view in after.taken() if (match := counterpart(view, before)) is not None]
    if not pairs:
        raise Unusable("The two sets have no view in common: photograph the same views each time.")
    return [ask_views(by=by, one=match, other=view) for match, view in pairs]


@transaction.atomic
def ask_views(*, by: Actor, one: SetView, other: SetView) -> Comparison:
    """The comparison of two views: the one there is, or a new one that the background work takes up."""
    assert one.photo is not None
    assert other.photo is not None
    assert one.photo_set is not None
    assert other.photo_set is not None
    first = (one.photo_set.day, one.photo_set.made_at) <= (other.photo_set.day, other.photo_set.made_at)
    if first:
        return _ask(by, one.photo, other.photo, other.view, (one.photo_set.day, other.photo_set.day))
    return _ask(by, other.photo, one.photo, one.view, (other.photo_set.day, one.photo_set.day))


def _ask(by: Actor, before: Photo, after: Photo, view: str, days: tuple[date, date]) -> Comparison:
    require(by, Permission.ADD_PHOTOS, after.patient)
    if before.patient_id != after.patient_id:
        raise Unusable("The two photographs are filed under two records: move one of them first.")
    refuse_after_no(after.patient.surviving or after.patient, "comparison")
    standing = Comparison.objects.filter(before=before, after=after).exclude(state=Comparison.FAILED).first()
    if standing is not None:
        return standing
    asked = Comparison(
        patient_id=after.patient_id, before=before, after=after, view=view,
        before_on=days[0], after_on=days[1], asked_by=by.person,
    )  # fmt: skip
    try:
        with transaction.atomic():
            save_new(asked, by=by)
    except IntegrityError:  # somebody asked in the same moment
        return Comparison.objects.exclude(state=Comparison.FAILED).get(before=before, after=after)
    record("comparison.asked", by=by, about=asked, patient=asked.patient_id, facts={"view": view})
    comparison_asked.send(Comparison, comparison=asked)
    return asked


def comparison_for(
    actor: Actor, comparison_id: UUID, permission: Permission = Permission.SEE_PHOTOS
) -> Comparison:
    """The comparison, if this person may do this with it and its photographs are still where they were."""
    seen = Comparison.objects.for_user(actor).select_related("patient__surviving", "before", "after")
    found = seen.filter(pk=comparison_id).first()
    if found is None:
        raise NotHere("The address is wrong, the comparison is gone, or you do not treat this patient.")
    require(actor, permission, found.patient)
    if any(photo.removed_at or photo.patient_id != found.patient_id for photo in (found.before, found.after)):
        raise NotHere("One of the two photographs was taken out of sight or moved to another patient.")
    refuse_after_no(found.patient.surviving or found.patient, "comparison")
    return found


def comparisons_of(actor: Actor, patient: Patient) -> Any:
    """Those of a patient whose photographs are still where they were; none after a no to comparing."""
    if _said_no(patient):
        return Comparison.objects.none()
    found = Comparison.objects.for_user(actor).standing().filter(patient_id__in=patient.all_ids())
    return found.exclude(state=Comparison.FAILED).select_related("before", "after")


def _said_no(patient: Patient) -> bool:
    last = last_answer(patient.surviving or patient, "comparison")
    return last is not None and last.state != Consent.GIVEN


def begin(comparison: Comparison) -> int:
    """The job takes it up. Returns the how-manieth attempt it is."""
    Comparison.objects.filter(pk=comparison.pk).update(
        attempts=comparison.attempts + 1, started_at=timezone.now(), stage="reading both photographs"
    )
    comparison.refresh_from_db()
    return comparison.attempts


def note_stage(comparison_id: UUID, stage: str) -> None:
    """How far the job is."""
    Comparison.objects.filter(pk=comparison_id).update(stage=stage[:60])


def keep_result(comparison: Comparison, answer: Message) -> None:
    """What was found: words under the patient's key, pictures as files of the after photograph."""
    photo = comparison.after
    key = photo.photo_key()
    last = photo.blobs.filter(kind=Kind.DERIVED).aggregate(last=Max("number"))["last"] or 0
    names = answer.says["pictures"]
    with Uncommitted(photo_store()) as blobs:
        kept = {
            number: blobs.put(encrypted(key, Kind.DERIVED, part, version=number))
            for number, part in enumerate(answer.parts, start=last + 1)
        }
        with transaction.atomic():
            comparison.refresh_from_db()
            if comparison.state != Comparison.WAITING:
                raise Unusable("This comparison was finished meanwhile.")
            if Photo.objects.get(pk=photo.pk).patient_id != comparison.patient_id:
                raise Unusable("The photograph was moved meanwhile.")
            rows = [
                Blob.objects.create(
                    photo=photo,
                    kind=Kind.DERIVED,
                    number=number,
                    name=one.name,
                    size=one.size,
                    sha256=one.sha256,
                )
                for number, one in kept.items()
            ]
            told = {name: answer.says[name] for name in TOLD}
            pictures = {name: [number, media] for (name, media), number in zip(names, kept, strict=True)}
            _finish(
                comparison,
                rows,
                state=Comparison.DONE,
                program=__version__,
                document=answer.says["document"],
                told=told,
                body=answer.says["body"],
                pictures=pictures,
            )
            blobs.commits()


TOLD = ("headline", "grade_says", "reasons", "advice", "sentences", "words")
"""What the report says of a change, kept beside the numbers."""


@transaction.atomic
def keep_refusal(comparison: Comparison, state: str, why: str) -> None:
    """That no number can be had from this pair, and why: an answer too."""
    comparison.refresh_from_db()
    if comparison.state == Comparison.WAITING:
        _finish(comparison, [], state=state, program=__version__, why=why[:500])


def _finish(comparison: Comparison, rows: list[Blob], **changes: Any) -> None:
    actor = Actor(comparison.asked_by, door="command")
    save_change(comparison, by=actor, version=comparison.version, finished_at=timezone.now(), **changes)
    record(
        "comparison.done",
        by=None,
        about=[comparison, *rows],
        patient=comparison.patient_id,
        facts={"state": comparison.state, "grade": comparison.grade or "none"},
    )


@transaction.atomic
def ask_again(*, by: Actor, comparison: Comparison) -> Comparison:
    """A comparison that did not come to an end is asked for once more, as a new one."""
    require(by, Permission.ADD_PHOTOS, comparison.patient)
    if comparison.state != Comparison.FAILED:
        return comparison
    return _ask(
        by, comparison.before, comparison.after, comparison.view, (comparison.before_on, comparison.after_on)
    )


def open_picture(*, by: Actor, comparison: Comparison, name: str) -> tuple[Any, str]:
    """One picture of the page, decrypted piece by piece, and its media type."""
    require(by, Permission.SEE_PHOTOS, comparison.patient)
    if name not in comparison.pictures:
        raise NotHere("There is no such picture of this comparison.")
    let_photos_out(by=by, photos=[comparison.before], as_what=COPY)
    number, media = comparison.pictures[name]
    return open_derived(by=by, photo=comparison.after, number=number), media
