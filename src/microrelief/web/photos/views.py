"""Pages and files of photographs."""

from typing import IO, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from microrelief.errors import PhotoError
from microrelief.vault.envelope import Kind
from microrelief.web.patients.access import patient_for
from microrelief.web.patients.models import Patient
from microrelief.web.patients.views import about
from microrelief.web.people.doors import asked_by, confirmed_lately, needs
from microrelief.web.people.once import new_key
from microrelief.web.people.permissions import Permission
from microrelief.web.photos import actions
from microrelief.web.photos.forms import DescribeForm, MoveForm, UploadForm
from microrelief.web.photos.models import Photo
from microrelief.web.refusals import EditConflict

COPIES = {"thumbnail": Kind.THUMBNAIL, "screen": Kind.SCREEN}
ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/tiff": "tif",
    "image/webp": "webp",
    "image/heic": "heic",
}


@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_PHOTOS)
def photos(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The photographs of a patient, and the form that adds one."""
    actor = asked_by(request)
    patient = patient_for(actor, patient_id, Permission.SEE_PHOTOS)
    form = UploadForm(request.POST or None, request.FILES or None, initial={"key": new_key()})
    status = 200
    if request.method == "POST":
        patient = patient_for(actor, patient_id, Permission.ADD_PHOTOS)
        status = 422
        if form.is_valid():
            upload = cast(IO[bytes], form.cleaned_data["photo"])
            try:
                actions.add_photo(
                    by=actor,
                    patient=patient,
                    key=form.cleaned_data["key"],
                    upload=upload,
                    size=form.cleaned_data["photo"].size,
                    file_name=form.cleaned_data["photo"].name,
                    view=form.cleaned_data["view"],
                    note=form.cleaned_data["note"],
                )
            except PhotoError as error:
                form.add_error("photo", str(error))
            else:
                messages.success(request, "The photograph is kept.")
                return redirect("photos", patient.pk)
    found = Photo.objects.for_user(actor).filter(patient_id__in=patient.all_ids())
    context = {
        **about(actor, patient),
        "photos": found.filter(removed_at=None, from_diary=False),  # those of a diary stand in it
        "removed": found.exclude(removed_at=None) if actor.may(Permission.MOVE_PHOTOS) else [],
        "form": form,
    }
    return render(request, "photos/photos.html", context, status=status)


@require_GET
@needs(Permission.SEE_PHOTOS)
def photo(request: HttpRequest, photo_id: UUID) -> HttpResponse:
    """One photograph at the size of the screen."""
    actor = asked_by(request)
    found = actions.photo_for(actor, photo_id)
    patient = found.patient.surviving or found.patient
    context = {
        **about(actor, patient),
        "photo": found,
        "describe": DescribeForm(initial={"view": found.view, "note": found.note, "version": found.version}),
        "move": MoveForm(initial={"version": found.version}),
    }
    return render(request, "photos/photo.html", context)


@require_GET
@needs(Permission.SEE_PHOTOS)
def copy(request: HttpRequest, photo_id: UUID, size: str) -> HttpResponseBase:
    """The pixels of a thumbnail or of the copy for the screen."""
    actor = asked_by(request)
    found = actions.photo_for(actor, photo_id)
    return _file(actions.open_copy(by=actor, photo=found, kind=COPIES[size]), "image/jpeg", "")


@require_GET
@needs(Permission.SEE_ORIGINALS)
def original(request: HttpRequest, photo_id: UUID) -> HttpResponseBase:
    """The very file that was taken in; that it was opened is in the trail."""
    actor = asked_by(request)
    found = actions.photo_for(actor, photo_id, Permission.SEE_ORIGINALS)
    pieces = actions.open_original(by=actor, photo=found, why="download")
    ending = ENDINGS.get(found.media_type, "bin")
    return _file(
        pieces, found.media_type, f"photo-{found.patient.record_number}-{str(found.pk)[:8]}.{ending}"
    )


@require_POST
@needs(Permission.ADD_PHOTOS)
def describe(request: HttpRequest, photo_id: UUID) -> HttpResponse:
    """Another view or note."""
    actor = asked_by(request)
    found = actions.photo_for(actor, photo_id, Permission.ADD_PHOTOS)
    form = DescribeForm(request.POST)
    if form.is_valid():
        try:
            actions.describe_photo(by=actor, photo=found, **form.cleaned_data)
        except EditConflict as error:
            rows = [
                {
                    "label": form.fields[name].label or name.capitalize(),
                    "theirs": getattr(error.theirs, name),
                    "yours": error.yours[name],
                    "differs": getattr(error.theirs, name) != error.yours[name],
                }
                for name in ("view", "note")
            ]
            again = DescribeForm({**request.POST.dict(), "version": str(error.theirs.version)})
            context = {**about(actor, found.patient), "photo": found, "form": again, "conflict": rows}
            return render(request, "photos/describe.html", context, status=409)
        messages.success(request, "Saved.")
    return redirect("photo", found.pk)


@require_POST
@needs(Permission.MOVE_PHOTOS)
def move(request: HttpRequest, photo_id: UUID) -> HttpResponse:
    """File the photograph under the patient it belongs to."""
    actor = asked_by(request)
    found = actions.photo_for(actor, photo_id, Permission.MOVE_PHOTOS)
    confirmed_lately(request)
    form = MoveForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Enter the number and the date of birth of the right patient.")
        return redirect("photo", found.pk)
    number = form.cleaned_data["number"].strip().lstrip("0")
    to = Patient.objects.for_user(actor).filter(number=int(number) if number.isdecimal() else -1).first()
    if to is None:
        messages.error(request, "You treat no patient with this number.")
        return redirect("photo", found.pk)
    actions.move_photo(
        by=actor,
        photo=found,
        to=to,
        version=form.cleaned_data["version"],
        birth_date=form.cleaned_data["birth_date"],
    )
    messages.success(
        request, "The photograph is filed under this patient now; moving it back is the same step."
    )
    return redirect("photos", to.pk)


@require_POST
@needs(Permission.MOVE_PHOTOS)
def remove(request: HttpRequest, photo_id: UUID) -> HttpResponse:
    """Out of sight."""
    actor = asked_by(request)
    found = actions.photo_for(actor, photo_id, Permission.MOVE_PHOTOS)
    actions.remove_photo(by=actor, photo=found, version=found.version)
    messages.success(request, "Out of sight; it can be brought back below.")
    return redirect("photos", found.patient.surviving_id or found.patient_id)


@require_POST
@needs(Permission.MOVE_PHOTOS)
def take_back(request: HttpRequest, photo_id: UUID) -> HttpResponse:
    """In sight again."""
    actor = asked_by(request)
    found = actions.photo_for(actor, photo_id, Permission.MOVE_PHOTOS, removed=True)
    actions.take_photo_back(by=actor, photo=found)
    return redirect("photos", found.patient.surviving_id or found.patient_id)


def _file(pieces: object, media_type: str, attachment: str) -> HttpResponseBase:
    """Decrypted bytes, which a browser may show or save and never run."""
    response = StreamingHttpResponse(pieces, content_type=media_type)  # type: ignore[arg-type]
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    if attachment:
        response["Content-Disposition"] = content_disposition_header(True, attachment)
    return response
