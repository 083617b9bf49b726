"""What makes and changes photo sets. Each is atomic and writes the trail together with the change."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import IO, Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from microrelief.web.audit.trail import record
from microrelief.web.patients.access import of_patients, require
from microrelief.web.patients.models import Patient
from microrelief.web.patients.record import save_change, save_new
from microrelief.web.people.actor import Actor
from microrelief.web.people.once import once
from microrelief.web.people.permissions import Permission
from microrelief.web.photos.actions import add_photo
from microrelief.web.photos.models import Photo
from microrelief.web.photosets.models import PhotoSet, SetView, baseline_of
from microrelief.web.photosets.signals import photograph_came, view_taken
from microrelief.web.refusals import EditConflict, NotHere, Unusable

VIEWS = dict(Photo.VIEWS)
MANY = ("close_up", "other")
"""Views of which a set may hold several."""
LONGEST_REASON = 300


def take_view(
    *,
    by: Actor,
    patient: Patient,
    set_key: str,
    key: str,
    view: str,
    upload: IO[bytes],
    size: int,
    file_name: str = "",
    source: str = "camera",
    number: int = 1,
) -> SetView:
    """Keep a photograph as a view of today's set; the set is made with its first photograph.

    The same `set_key` is the same set, the same `key` the same photograph. A second one of a view takes
    the place of the first, which goes out of sight and stays in the record.
    """
    number = _checked_view(view, number)
    photo = add_photo(
        by=by, patient=patient, key=key, upload=upload, size=size, file_name=file_name, view=view,
        taken_at=timezone.localtime() if source == "camera" else None,
    )  # fmt: skip
    with transaction.atomic():
        found = _open_set(by, patient, set_key, source, photo)
        standing = found.views.filter(view=view, number=number).first()
        if standing is not None and standing.photo_id == photo.pk:
            return standing
        taken = _put(by, found, view, number, photo, standing)
        _after_filing(by, taken)
    return taken


def _checked_view(view: str, number: int) -> int:
    if view not in VIEWS:
        raise Unusable("There is no such view: choose one of the list.")
    return max(1, min(number, 99)) if view in MANY else 1


def _open_set(by: Actor, patient: Patient, set_key: str, source: str, photo: Photo) -> PhotoSet:
    sent = once(by=by, action="photoset.open", key=set_key, content=[str(patient.pk)])
    if sent.made:
        return PhotoSet.objects.get(pk=sent.made)
    taken = photo.taken_at.date() if photo.taken_at and source != "camera" else None
    made = _new_set(by, patient, taken or timezone.localdate(), source)
    sent.settle(made.pk)
    return made


def _new_set(by: Actor, patient: Patient, day: date, source: str) -> PhotoSet:
    require(by, Permission.ADD_PHOTOS, patient)
    made = PhotoSet(patient=patient, day=day, source=source, made_by=by.person)
    made.is_baseline = baseline_of(patient) is None  # the first one, until somebody chooses another
    save_new(made, by=by)
    record("photoset.opened", by=by, about=made, patient=patient.pk, facts={"source": source})
    return made


def _put(
    by: Actor, into: PhotoSet, view: str, number: int, photo: Photo, standing: SetView | None
) -> SetView:
    questions = plain_questions(by, photo)
    if standing is None:
        taken = SetView(
            patient_id=into.patient_id, photo_set=into, view=view, number=number, photo=photo,
            added_by=by.person,
        )  # fmt: skip
        taken.questions = questions
        save_new(taken, by=by)
        record("photoset.view_taken", by=by, about=taken, patient=into.patient_id, facts={"view": view})
        return taken
    changed: list[Any] = [standing]
    earlier = standing.photo
    if earlier is not None and earlier.removed_at is None:
        save_change(earlier, by=by, version=earlier.version, removed_at=timezone.now())
        changed.append(earlier)
    save_change(
        standing, by=by, version=standing.version, photo=photo, skipped="", reading={}, questions=questions,
        answers={},
    )  # fmt: skip
    record("photoset.view_retaken", by=by, about=changed, patient=into.patient_id, facts={"view": view})
    return standing


def _after_filing(by: Actor, taken: SetView) -> None:
    _read_later(taken)
    view_taken.send(SetView, view=taken, by=by)


def plain_questions(by: Actor, photo: Photo) -> list[dict[str, str]]:
    """What hash and date alone make one ask: is this the right patient, the right day?"""
    questions = []
    same = Photo.objects.filter(sha256=photo.sha256, removed_at=None).exclude(pk=photo.pk)
    here = same.filter(patient_id__in=photo.patient.all_ids()).first()
    if here is not None:
        questions.append(_question("duplicate", "This very file is in this record already."))
    elsewhere = same.exclude(patient_id__in=photo.patient.all_ids())
    if elsewhere.exists():
        known = of_patients(by, elsewhere.select_related("patient")).first()
        whose = f"patient {known.patient.record_number}" if known is not None else "another patient"
        questions.append(_question("duplicate_elsewhere", f"This very file is filed under {whose}."))
    born, taken = photo.patient.birth_date, photo.taken_at
    if taken is not None and taken > datetime.now(UTC) + timedelta(days=1):
        questions.append(
            _question("date", f"The file says that it was taken on {taken:%d %B %Y}, in the future.")
        )
    if taken is not None and born is not None and taken.date() < born:
        questions.append(_question("date", f"The file says {taken:%d %B %Y}: before this patient was born."))
    return questions


def _question(kind: str, says: str) -> dict[str, str]:
    return {"kind": kind, "says": says}


def set_for(actor: Actor, set_id: UUID, permission: Permission = Permission.SEE_PHOTOS) -> PhotoSet:
    """The set, if this person may do this with it."""
    found = PhotoSet.objects.for_user(actor).filter(pk=set_id).select_related("patient__surviving").first()
    if found is None:
        raise NotHere("The address is wrong, the set is gone, or you do not treat this patient.")
    require(actor, permission, found.patient)
    return found


def view_for(actor: Actor, view_id: UUID, permission: Permission = Permission.ADD_PHOTOS) -> SetView:
    """The view, if this person may do this with it."""
    seen = of_patients(actor, SetView.objects.select_related("patient__surviving", "photo", "photo_set"))
    found = seen.filter(pk=view_id).first() if actor.may(Permission.SEE_PHOTOS) else None
    if found is None:
        raise NotHere("The address is wrong, the view is gone, or you do not treat this patient.")
    require(actor, permission, found.patient)
    return found


@transaction.atomic
def skip_view(*, by: Actor, patient: Patient, set_key: str, view: str, reason: str) -> SetView:
    """No photograph of this view, and why. A view that was taken stays taken."""
    require(by, Permission.ADD_PHOTOS, patient)
    _checked_view(view, 1)
    reason = reason.strip()[:LONGEST_REASON]
    if not reason:
        raise Unusable("Say in a word why this view is left out.")
    sent = once(by=by, action="photoset.open", key=set_key, content=[str(patient.pk)])
    found = PhotoSet.objects.get(pk=sent.made) if sent.made else None
    if found is None:
        found = _new_set(by, patient, timezone.localdate(), "camera")
        sent.settle(found.pk)
    standing = found.views.filter(view=view, number=1).first()
    if standing is not None and standing.photo_id is not None:
        raise Unusable("This view was taken already.")
    if standing is None:
        standing = SetView(patient_id=found.patient_id, photo_set=found, view=view, added_by=by.person)
        standing.skipped = reason
        save_new(standing, by=by)
    else:
        save_change(standing, by=by, version=standing.version, skipped=reason)
    record("photoset.view_skipped", by=by, about=standing, patient=found.patient_id, facts={"view": view})
    return standing


@transaction.atomic
def finish_set(*, by: Actor, photo_set: PhotoSet) -> None:
    """The set is complete."""
    require(by, Permission.ADD_PHOTOS, photo_set.patient)
    if photo_set.finished_at is None:
        save_change(photo_set, by=by, version=photo_set.version, finished_at=timezone.now())
        record("photoset.finished", by=by, about=photo_set, patient=photo_set.patient_id)


@transaction.atomic
def choose_baseline(*, by: Actor, photo_set: PhotoSet) -> None:
    """Later sets are matched and compared with this one."""
    require(by, Permission.ADD_PHOTOS, photo_set.patient)
    if any(one.open_questions() for one in photo_set.taken()):
        raise Unusable("A question about one of its photographs is open: answer it first.")
    if not photo_set.taken():
        raise Unusable("This set has no photograph yet.")
    changed = []
    for other in PhotoSet.objects.filter(patient_id__in=photo_set.patient.all_ids(), is_baseline=True):
        if other.pk != photo_set.pk:
            save_change(other, by=by, version=other.version, is_baseline=False)
            changed.append(other)
    save_change(photo_set, by=by, version=photo_set.version, is_baseline=True)
    record("photoset.baseline", by=by, about=[photo_set, *changed], patient=photo_set.patient_id)


@transaction.atomic
def describe_set(
    *, by: Actor, photo_set: PhotoSet, version: int, day: date, last_session_on: date | None, note: str
) -> None:
    """Another day, note, or day of the last treatment. Raises EditConflict."""
    require(by, Permission.ADD_PHOTOS, photo_set.patient)
    if day > timezone.localdate():
        raise Unusable("The day lies in the future.")
    if last_session_on is not None and last_session_on > day:
        raise Unusable("The last session must lie before the photographs.")
    save_change(
        photo_set, by=by, version=version, day=day, last_session_on=last_session_on, note=note.strip()
    )
    record("photoset.described", by=by, about=photo_set, patient=photo_set.patient_id)


@transaction.atomic
def answer_question(*, by: Actor, view: SetView, kind: str) -> None:
    """Somebody looked: the photograph is right where it is."""
    require(by, Permission.ADD_PHOTOS, view.patient)
    if kind not in {one["kind"] for one in view.open_questions()}:
        return
    answers = {**view.answers, kind: f"{by.person.pk} {timezone.now():%Y-%m-%dT%H:%M}"}
    save_change(view, by=by, version=view.version, answers=answers)
    record("photoset.question_answered", by=by, about=view, patient=view.patient_id, facts={"kind": kind})


@transaction.atomic
def take_out(*, by: Actor, view: SetView) -> None:
    """Out of sight and out of the set: the wrong patient, the wrong view. The record keeps it."""
    require(by, Permission.ADD_PHOTOS, view.patient)
    changed: list[Any] = [view]
    if view.photo is not None and view.photo.removed_at is None:
        save_change(view.photo, by=by, version=view.photo.version, removed_at=timezone.now())
        changed.append(view.photo)
    if view.photo_set_id is None:
        save_change(view, by=by, version=view.version, dropped_at=timezone.now())
    else:
        save_change(view, by=by, version=view.version, photo=None, questions=[], skipped="taken out again")
    record("photoset.view_taken_out", by=by, about=changed, patient=view.patient_id)


def note_reading(
    view: SetView, reading: dict[str, Any], questions: Iterable[dict[str, str]], proposed: str | None
) -> None:
    """What the measuring child saw. Somebody else's change meanwhile is kept; this is written onto it."""
    for _ in range(3):
        try:
            with transaction.atomic():
                view.refresh_from_db()
                more = [one for one in questions if one["kind"] not in {q["kind"] for q in view.questions}]
                changes: dict[str, Any] = {"reading": reading, "questions": [*view.questions, *more]}
                if proposed and view.photo_set_id is None and not view.reading:
                    changes["view"] = proposed
                save_change(view, by=Actor(view.added_by, door="command"), version=view.version, **changes)
                record("photoset.view_read", by=None, about=view, patient=view.patient_id)
                return
        except EditConflict:
            continue


def import_photo(
    *, by: Actor, patient: Patient, key: str, upload: IO[bytes], size: int, file_name: str, folder: str
) -> SetView:
    """A photograph of a legacy folder, to be reviewed. The same key: the same photograph."""
    photo = add_photo(
        by=by, patient=patient, key=key, upload=upload, size=size, file_name=file_name, view="other"
    )
    with transaction.atomic():
        standing = SetView.objects.filter(photo=photo).first()
        if standing is not None:
            return standing
        view = SetView(patient=patient, view="other", photo=photo, added_by=by.person)
        view.folder = folder[-200:]
        view.day = photo.taken_at.date() if photo.taken_at else None
        view.questions = plain_questions(by, photo)
        save_new(view, by=by)
        record("photoset.imported", by=by, about=view, patient=patient.pk)
        _read_later(view)
    return view


def _read_later(view: SetView) -> None:
    photograph_came.send(SetView, view=view)


def to_review(patient: Patient) -> list[SetView]:
    """Imported photographs that nobody has filed or left out."""
    found = SetView.objects.filter(
        patient_id__in=patient.all_ids(), photo_set=None, dropped_at=None, photo__removed_at=None
    ).select_related("photo")
    return sorted(found, key=lambda one: (one.day or date.max, one.photo.file_name if one.photo else ""))


@transaction.atomic
def file_reviewed(*, by: Actor, patient: Patient, chosen: dict[UUID, tuple[str, date]]) -> list[PhotoSet]:
    """File reviewed photographs: view and day of each. One set a day; an imported one is filled up."""
    require(by, Permission.ADD_PHOTOS, patient)
    waiting = {one.pk: one for one in to_review(patient)}
    missing = set(chosen) - set(waiting)
    if missing:
        raise Unusable("Somebody else filed some of these meanwhile: look at the list again.")
    for view_id, (view, day) in chosen.items():
        _checked_view(view, 1)
        if day > timezone.localdate():
            raise Unusable("A day lies in the future.")
        if waiting[view_id].open_questions():
            raise Unusable("A question about one of these photographs is open: answer it, or leave it out.")
    sets: dict[date, PhotoSet] = {}
    for view_id, (view, day) in sorted(chosen.items(), key=lambda item: item[1][1]):
        into = sets.get(day) or PhotoSet.objects.filter(patient=patient, day=day, source="import").first()
        into = sets[day] = into or _new_set(by, patient, day, "import")
        _file_into(by, waiting[view_id], into, view, day)
    for one in sets.values():
        if one.finished_at is None:
            finish_set(by=by, photo_set=one)
    return list(sets.values())


def _file_into(by: Actor, waiting: SetView, into: PhotoSet, view: str, day: date) -> None:
    photo = waiting.photo
    assert photo is not None
    last = into.views.filter(view=view).order_by("-number").first()
    if last is not None and view not in MANY:
        view, last = "other", into.views.filter(view="other").order_by("-number").first()
    number = last.number + 1 if last is not None else 1
    save_change(waiting, by=by, version=waiting.version, photo_set=into, view=view, number=number, day=day)
    if photo.view != view:
        save_change(photo, by=by, version=photo.version, view=view)
    record("photoset.filed", by=by, about=[waiting, photo], patient=into.patient_id, facts={"view": view})
    view_taken.send(SetView, view=waiting, by=by)
