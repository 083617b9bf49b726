"""Pages of consent: the ledger of a patient, an answer, a withdrawal."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header, url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from microrelief.web.clinic.language import language_of_patient
from microrelief.web.consents import actions
from microrelief.web.consents.forms import ConsentForm, TextForm
from microrelief.web.consents.models import Consent
from microrelief.web.consents.purposes import CHANNELS, PURPOSES
from microrelief.web.patients.access import patient_for
from microrelief.web.patients.views import about
from microrelief.web.people.doors import asked_by, confirmed_lately, needs
from microrelief.web.people.once import new_key
from microrelief.web.people.permissions import Permission
from microrelief.web.photos.actions import photo_for
from microrelief.web.photos.models import Photo
from microrelief.web.refusals import Unusable


@require_GET
@needs(Permission.SEE_PATIENTS)
def consents(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The ledger: what stands for each purpose, and every row that led there."""
    actor = asked_by(request)
    patient = patient_for(actor, patient_id)
    rows = Consent.objects.for_user(actor).filter(patient_id__in=patient.all_ids())
    rows = rows.select_related("text", "recorded_by", "withdrawn_by")
    photos = Photo.objects.for_user(actor).filter(patient_id__in=patient.all_ids(), removed_at=None)
    known = {str(photo.pk): photo for photo in photos}
    standing = []
    for key, purpose in PURPOSES.items():
        consent = next((row for row in rows if row.purpose == key), None)
        leaves = consent if purpose.shows_faces else None
        copies = actions.handed_out(patient, key) if purpose.shows_faces else []
        standing.append(
            {
                "key": key,
                "purpose": purpose,
                "consent": consent,
                "gone_out": [copy for copy in copies if copy.covered],
                "call_back": [copy for copy in copies if not copy.covered],
                "photos": [known[one] for one in leaves.photos if one in known] if leaves else [],
                "channels": [(one, CHANNELS[one]) for one in leaves.channels] if leaves else [],
            }
        )
    context = {
        **about(actor, patient),
        "standing": standing,
        "rows": rows,
        "channels": CHANNELS,
        "may_hand_out": actor.may(Permission.EXPORT_PATIENT),
    }
    return render(request, "consents/consents.html", context)


@require_http_methods(["GET", "POST"])
@needs(Permission.RECORD_CONSENT)
def ask(request: HttpRequest, patient_id: UUID, purpose: str) -> HttpResponse:
    """Read the text, answer, sign."""
    if purpose not in PURPOSES:
        raise Http404
    actor = asked_by(request)
    patient = patient_for(actor, patient_id, Permission.RECORD_CONSENT)
    text = next(one for one in actions.current_texts(language_of_patient(patient)) if one.purpose == purpose)
    form = ConsentForm(
        request.POST or None,
        patient=patient,
        shows_faces=PURPOSES[purpose].shows_faces,
        initial={"key": new_key(), "text_id": text.pk},
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.record_consent(by=actor, patient=patient, purpose=purpose, **form.cleaned_data)
        except Unusable as error:
            form.add_error(None, error.says)
        else:
            messages.success(request, "Written down.")
            return redirect(_back(request) or reverse("consents", args=[patient.pk]))
    context = {
        **about(actor, patient),
        "back": _back(request),
        "purpose": PURPOSES[purpose],
        "text": text,
        "form": form,
    }
    return render(request, "consents/ask.html", context, status=422 if form.is_bound else 200)


def _back(request: HttpRequest) -> str:
    """The page that asked for this consent, where it is one of ours."""
    wanted = request.GET.get("next", "")
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else ""


@require_POST
@needs(Permission.WITHDRAW_CONSENT)
def withdraw(request: HttpRequest, consent_id: UUID) -> HttpResponse:
    """One step."""
    actor = asked_by(request)
    consent = actions.consent_for(actor, consent_id, Permission.WITHDRAW_CONSENT)
    actions.withdraw_consent(by=actor, consent=consent, remark=request.POST.get("remark", "")[:1000])
    messages.success(request, "Withdrawn, from this moment.")
    return redirect("consents", consent.patient.surviving_id or consent.patient_id)


@require_POST
@needs(Permission.EXPORT_PATIENT)
def hand_out(request: HttpRequest, photo_id: UUID) -> HttpResponseBase:
    """A copy for teaching, the website or the like, where the consent allows it now."""
    actor = asked_by(request)
    photo = photo_for(actor, photo_id, Permission.EXPORT_PATIENT)
    pieces = actions.hand_out_copy(
        by=actor,
        photo=photo,
        purpose=request.POST.get("purpose", ""),
        channel=request.POST.get("channel", ""),
    )
    response = StreamingHttpResponse(pieces, content_type="image/jpeg")
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Content-Disposition"] = content_disposition_header(True, f"photo-{str(photo.pk)[:8]}.jpg")
    return response


@require_http_methods(["GET", "POST"])
@needs(Permission.CHANGE_SETTINGS)
def texts(request: HttpRequest) -> HttpResponse:
    """What is signed for each purpose, and a new version of it."""
    actor = asked_by(request)
    form = TextForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        confirmed_lately(request)
        try:
            actions.write_text(by=actor, **form.cleaned_data)
        except Unusable as error:
            form.add_error(None, error.says)
        else:
            messages.success(request, "From now on this text is signed.")
            return redirect("consent_texts")
    by_language = [actions.current_texts(language) for language, _ in settings.LANGUAGES]
    each = [text for of_purpose in zip(*by_language, strict=True) for text in dict.fromkeys(of_purpose)]
    context = {"texts": each, "form": form}
    return render(request, "consents/texts.html", context, status=422 if form.is_bound else 200)
