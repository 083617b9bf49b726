"""Pages of photo sets, and what the capture page asks for."""

from collections.abc import Callable
from functools import wraps
from typing import IO, Any, Concatenate, ParamSpec, cast
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from microrelief.errors import MicroreliefError, PhotoError
from microrelief.vault.envelope import Kind
from microrelief.web.languages.sentences import spoken_answer
from microrelief.web.measuring.process import MeasuringBusy, MeasuringFailed, NotMeasured, live
from microrelief.web.pages.refused import status_and_words
from microrelief.web.patients.access import patient_for
from microrelief.web.patients.models import Patient
from microrelief.web.patients.views import about
from microrelief.web.people.actor import Actor
from microrelief.web.people.doors import asked_by, needs
from microrelief.web.people.once import new_key
from microrelief.web.people.permissions import Permission
from microrelief.web.photos.actions import copy_for_job
from microrelief.web.photos.models import Photo
from microrelief.web.photosets import actions
from microrelief.web.photosets.forms import (
    DescribeSetForm,
    FrameForm,
    ImportForm,
    ReviewForm,
    SkipForm,
    TakeForm,
)
from microrelief.web.photosets.models import HOW_TO_SIT, SEQUENCE, PhotoSet, baseline_of
from microrelief.web.refusals import EditConflict, Refusal, Unusable

FRAME_BYTES = 1 << 20
FRAME_SECONDS = 90.0
"""Then the child is stuck. The first frame waits for the model, which a slow computer loads for a while."""
FRAME_PATIENCE = 0.5
"""A frame that must wait longer is not worth an answer: the next one is on its way."""
SKIP_REASONS = ("not needed today", "cannot turn so far", "dressing or wound", "patient prefers not")

TICKS = (
    ("face", "Face"),
    ("pose", "Head"),
    ("distance", "Distance"),
    ("light", "Light"),
    ("sharpness", "Sharpness"),
    ("expression", "Expression"),
)

Parameters = ParamSpec("Parameters")
View = Callable[Concatenate[HttpRequest, Parameters], HttpResponse]


def in_json(view: View[Parameters]) -> View[Parameters]:
    """What the capture page's script asks for: a refusal is a sentence in JSON, not a page."""

    @wraps(view)
    def answered(
        request: HttpRequest, /, *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (Refusal, MicroreliefError) as error:
            said = status_and_words(error)
            if said is None:
                raise
            return JsonResponse(spoken_answer({"says": said[2]}), status=said[0])

    return answered


@require_GET
@needs(Permission.SEE_PHOTOS)
def photo_sets(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Every set of a patient; two ticked ones are compared."""
    actor = asked_by(request)
    patient = patient_for(actor, patient_id, Permission.SEE_PHOTOS)
    found = sets_of(actor, patient)
    rows = [{"set": one, "taken": one.taken(), "asks": _asks(one)} for one in found]
    context = {
        **about(actor, patient),
        "rows": [row for row in rows if row["taken"] or row["set"].finished_at is None],
        "waiting": len(actions.to_review(patient)) if actor.may(Permission.ADD_PHOTOS) else 0,
        "key": new_key(),
    }
    return render(request, "photosets/photo_sets.html", context)


def sets_of(actor: Actor, patient: Patient) -> Any:
    """The patient's sets, the newest first."""
    return PhotoSet.objects.for_user(actor).filter(patient_id__in=patient.all_ids())


def _asks(one: PhotoSet) -> int:
    return sum(len(view.open_questions()) for view in one.taken())


@require_GET
@needs(Permission.ADD_PHOTOS)
def capture(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The guided set: live picture, ghost of the baseline, ticks, shutter."""
    actor = asked_by(request)
    patient = patient_for(actor, patient_id, Permission.ADD_PHOTOS)
    live().warm()
    others = [one for one in sets_of(actor, patient) if one.taken()]
    against = _against(request.GET.get("against", ""), others) or baseline_of(patient)
    ghosts = {
        one.view: reverse("photo_copy", args=[one.photo_id, "screen"])
        for one in (against.taken() if against else [])
        if one.number == 1
    }
    names = dict(Photo.VIEWS)
    steps = [
        {"view": view, "title": names[view], "how": HOW_TO_SIT[view], "ghost": ghosts.get(view, "")}
        for view in (*SEQUENCE, "close_up")
    ]
    context = {
        **about(actor, patient),
        "steps": steps,
        "against": against,
        "others": others,
        "set_key": new_key(),
        "ticks": TICKS,
        "reasons": SKIP_REASONS,
    }
    return render(request, "photosets/capture.html", context)


def _against(text: str, others: list[PhotoSet]) -> PhotoSet | None:
    return next((one for one in others if str(one.pk) == text), None)


@require_POST
@needs(Permission.ADD_PHOTOS)
@in_json
def check_frame(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Ticks for a frame of the live camera. The frame is looked at and forgotten."""
    actor = asked_by(request)
    patient = patient_for(actor, patient_id, Permission.ADD_PHOTOS)
    form = FrameForm(request.POST, request.FILES)
    if not form.is_valid():
        raise Unusable("The frame did not arrive whole.")
    frame: UploadedFile[Any] = form.cleaned_data["frame"]
    if (frame.size or 0) > FRAME_BYTES:
        raise Unusable("A frame of the live camera is smaller.")
    parts = [frame.read()]
    view = form.cleaned_data["view"]
    against = PhotoSet.objects.for_user(actor).filter(
        patient_id__in=patient.all_ids(), pk=form.cleaned_data["against"]
    ).first()  # fmt: skip
    if against is not None:
        match = next((one for one in against.taken() if one.view == view and one.number == 1), None)
        if match is not None and match.photo is not None:
            parts.append(b"".join(copy_for_job(match.photo, Kind.SCREEN)))
    try:
        answer = live().ask(
            {"ask": "frame", "view": view}, parts, seconds=FRAME_SECONDS, patience=FRAME_PATIENCE
        )
    except MeasuringBusy:
        return JsonResponse({"busy": True})
    except (MeasuringFailed, NotMeasured) as error:
        return JsonResponse(spoken_answer({"ticks": [], "says": str(error)[:200]}))
    return JsonResponse(spoken_answer(answer.says))


@require_POST
@needs(Permission.ADD_PHOTOS)
@in_json
def take(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Keep one photograph of the set."""
    actor = asked_by(request)
    patient = patient_for(actor, patient_id, Permission.ADD_PHOTOS)
    form = TakeForm(request.POST, request.FILES)
    if not form.is_valid():
        raise Unusable("The photograph did not arrive whole: take it again.")
    upload: UploadedFile[Any] = form.cleaned_data["photo"]
    data = form.cleaned_data
    taken = actions.take_view(
        by=actor,
        patient=patient,
        set_key=data["set_key"],
        key=data["key"],
        view=data["view"],
        number=data["number"] or 1,
        upload=cast(IO[bytes], upload),
        size=upload.size or 0,
        file_name=upload.name or "",
        source=data["source"],
    )
    return JsonResponse(
        spoken_answer(
            {"set": str(taken.photo_set_id), "set_view": str(taken.pk), "questions": taken.questions}
        )
    )


@require_POST
@needs(Permission.ADD_PHOTOS)
@in_json
def skip(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """A view that is left out, and why."""
    actor = asked_by(request)
    patient = patient_for(actor, patient_id, Permission.ADD_PHOTOS)
    form = SkipForm(request.POST)
    if not form.is_valid():
        raise Unusable("Say in a word why this view is left out.")
    skipped = actions.skip_view(by=actor, patient=patient, **form.cleaned_data)
    return JsonResponse({"set": str(skipped.photo_set_id)})


@require_GET
@needs(Permission.SEE_PHOTOS)
def photo_set(request: HttpRequest, set_id: UUID) -> HttpResponse:
    """One set: its views, what is asked of them, what it can be compared with."""
    actor = asked_by(request)
    found = actions.set_for(actor, set_id)
    return _set_page(request, found, DescribeSetForm(initial=_described(found)), 200)


def _described(found: PhotoSet) -> dict[str, Any]:
    return {
        "day": found.day,
        "last_session_on": found.last_session_on,
        "note": found.note,
        "version": found.version,
    }


def _set_page(request: HttpRequest, found: PhotoSet, form: DescribeSetForm, status: int) -> HttpResponse:
    actor = asked_by(request)
    patient = found.patient.surviving or found.patient
    others = [one for one in sets_of(actor, patient) if one.pk != found.pk and one.taken()]
    context = {
        **about(actor, patient),
        "set": found,
        "views": found.in_order(),
        "others": others,
        "form": form,
    }
    return render(request, "photosets/photo_set.html", context, status=status)


@require_POST
@needs(Permission.ADD_PHOTOS)
def finish(request: HttpRequest, set_id: UUID) -> HttpResponse:
    """The set is complete."""
    actor = asked_by(request)
    found = actions.set_for(actor, set_id, Permission.ADD_PHOTOS)
    actions.finish_set(by=actor, photo_set=found)
    return redirect("photo_set", found.pk)


@require_POST
@needs(Permission.ADD_PHOTOS)
def baseline(request: HttpRequest, set_id: UUID) -> HttpResponse:
    """Later sets are matched and compared with this one."""
    actor = asked_by(request)
    found = actions.set_for(actor, set_id, Permission.ADD_PHOTOS)
    actions.choose_baseline(by=actor, photo_set=found)
    messages.success(request, "Later sets are matched and compared with this one.")
    return redirect("photo_set", found.pk)


@require_POST
@needs(Permission.ADD_PHOTOS)
def describe(request: HttpRequest, set_id: UUID) -> HttpResponse:
    """Correct day, note, or day of the last session."""
    actor = asked_by(request)
    found = actions.set_for(actor, set_id, Permission.ADD_PHOTOS)
    form = DescribeSetForm(request.POST)
    if form.is_valid():
        try:
            actions.describe_set(by=actor, photo_set=found, **form.cleaned_data)
        except EditConflict as error:
            found.refresh_from_db()
            form = DescribeSetForm({**request.POST.dict(), "version": found.version})
            form.is_valid()
            form.add_error(None, f"Somebody else changed this set meanwhile; it now says {error.theirs.day}.")
            return _set_page(request, found, form, 409)
        except Unusable as error:
            form.add_error(None, error.says)
        else:
            messages.success(request, "Saved.")
            return redirect("photo_set", found.pk)
    return _set_page(request, found, form, 422)


@require_POST
@needs(Permission.ADD_PHOTOS)
def answer(request: HttpRequest, view_id: UUID) -> HttpResponse:
    """Somebody looked: it is right."""
    actor = asked_by(request)
    found = actions.view_for(actor, view_id)
    actions.answer_question(by=actor, view=found, kind=request.POST.get("kind", ""))
    return _back(request, found)


@require_POST
@needs(Permission.ADD_PHOTOS)
def take_out(request: HttpRequest, view_id: UUID) -> HttpResponse:
    """Out of the set and out of sight."""
    actor = asked_by(request)
    found = actions.view_for(actor, view_id)
    actions.take_out(by=actor, view=found)
    messages.success(request, "Taken out; the record keeps it out of sight.")
    return _back(request, found)


def _back(request: HttpRequest, found: Any) -> HttpResponse:
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"done": True})
    if found.photo_set_id is None:
        return redirect("import_photos", found.patient.surviving_id or found.patient_id)
    return redirect("photo_set", found.photo_set_id)


@require_http_methods(["GET", "POST"])
@needs(Permission.ADD_PHOTOS)
def import_photos(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Photographs of a legacy folder come in here, one request each or several, and wait for review."""
    actor = asked_by(request)
    patient = patient_for(actor, patient_id, Permission.ADD_PHOTOS)
    wrong: list[str] = []
    if request.method == "POST":
        taken = _imported(request, actor, patient, wrong)
        if request.headers.get("Accept", "").startswith("application/json"):
            return JsonResponse({"taken": taken, "says": " ".join(wrong)}, status=422 if wrong else 200)
        if not wrong:
            messages.success(request, f"{taken} taken in. Look through them below, then file them.")
            return redirect("import_photos", patient.pk)
    return _review_page(request, patient, wrong, 422 if wrong else 200)


def _imported(request: HttpRequest, actor: Actor, patient: Patient, wrong: list[str]) -> int:
    form = ImportForm(request.POST)
    folder = form.cleaned_data["folder"] if form.is_valid() else ""
    uploads = request.FILES.getlist("photo")
    if not uploads:
        wrong.append("Choose one or more photographs.")
    taken = 0
    for place, upload in enumerate(uploads):
        key = request.POST.get("key", "")
        try:
            actions.import_photo(
                by=actor,
                patient=patient,
                key=f"{key or new_key()}.{place}",
                upload=cast(IO[bytes], upload),
                size=upload.size or 0,
                file_name=upload.name or "",
                folder=folder,
            )
            taken += 1
        except (PhotoError, Refusal) as error:
            wrong.append(f"{upload.name}: {error.says if isinstance(error, Refusal) else error}")
    return taken


def _review_page(request: HttpRequest, patient: Patient, wrong: list[str], status: int) -> HttpResponse:
    actor = asked_by(request)
    waiting = actions.to_review(patient)
    days: dict[Any, list[Any]] = {}
    for one in waiting:
        days.setdefault(one.day, []).append(one)
    context = {
        **about(actor, patient),
        "days": list(days.items()),
        "waiting": waiting,
        "unread": sum(not one.reading for one in waiting),
        "choices": Photo.VIEWS,
        "wrong": wrong,
        "key": new_key(),
    }
    return render(request, "photosets/import.html", context, status=status)


@require_POST
@needs(Permission.ADD_PHOTOS)
def file_reviewed(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """File what is ticked."""
    actor = asked_by(request)
    patient = patient_for(actor, patient_id, Permission.ADD_PHOTOS)
    form = ReviewForm(request.POST, actions.to_review(patient))
    if form.wrong:
        return _review_page(request, patient, [form.wrong], 422)
    try:
        made = actions.file_reviewed(by=actor, patient=patient, chosen=form.chosen)
    except Unusable as error:
        return _review_page(request, patient, [error.says], 422)
    messages.success(request, f"{len(form.chosen)} photographs filed in {len(made)} sets.")
    return redirect("photo_sets", patient.pk)
