"""Pages of what leaves the clinic or must stay: one patient's export, holds, restriction, erasure."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from microrelief.web.custody.erasure import BASES, erase_patient, kept_until
from microrelief.web.custody.export import Protection, export_name, export_patient, new_passphrase
from microrelief.web.patients import actions
from microrelief.web.patients.access import patient_for
from microrelief.web.patients.views import about
from microrelief.web.people.doors import asked_by, confirmed_lately, needs
from microrelief.web.people.permissions import Permission
from microrelief.web.refusals import OnHold, Unusable


class HoldForm(forms.Form):
    """Why the record must stay."""

    reason = forms.CharField(label="Why the record must be kept", max_length=1000)


class EraseForm(forms.Form):
    """On which ground, and which record."""

    basis = forms.ChoiceField(label="On which ground", choices=list(BASES.items()))
    number = forms.CharField(label="Type the number of this record", max_length=9)
    version = forms.IntegerField(widget=forms.HiddenInput)


@require_GET
@needs(Permission.EXPORT_PATIENT)
def custody(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Export, holds, restriction and erasure of one patient."""
    actor = asked_by(request)
    patient = patient_for(actor, patient_id, Permission.EXPORT_PATIENT)
    context = {
        **about(actor, patient),
        "holds": patient.holds.select_related("made_by", "lifted_by").order_by("-since"),
        "kept_until": kept_until(patient),
        "passphrase": new_passphrase(),
        "hold_form": HoldForm(),
        "erase_form": EraseForm(initial={"version": patient.version}),
    }
    return render(request, "custody/custody.html", context)


@require_POST
@needs(Permission.EXPORT_PATIENT)
def export(request: HttpRequest, patient_id: UUID) -> HttpResponseBase:
    """Everything of one patient as a ZIP."""
    actor = asked_by(request)
    patient = patient_for(actor, patient_id, Permission.EXPORT_PATIENT)
    confirmed_lately(request)
    how = request.POST.get("how")
    protection = Protection(
        passphrase=request.POST.get("passphrase", "") if how == "passphrase" else "",
        recipient=request.POST.get("recipient", "") if how == "recipient" else "",
        plain=how == "plain",
    )
    response = StreamingHttpResponse(
        export_patient(by=actor, patient=patient, protection=protection),
        content_type="application/zip" if protection.plain else "application/octet-stream",
    )
    response["Content-Disposition"] = content_disposition_header(True, export_name(patient, protection))
    return response


@require_POST
@needs(Permission.HOLD_PATIENT)
def hold(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Put on hold, or lift a hold."""
    actor = asked_by(request)
    patient = patient_for(actor, patient_id, Permission.HOLD_PATIENT)
    if request.POST.get("lift"):
        try:
            lifted = UUID(request.POST["lift"])
        except ValueError:
            raise Unusable("Choose a hold of this record.") from None
        actions.lift_hold(by=actor, patient=patient, hold_id=lifted)
        messages.success(request, "The hold is lifted.")
    else:
        actions.put_on_hold(by=actor, patient=patient, reason=request.POST.get("reason", "")[:1000])
        messages.success(request, "On hold: nothing of this record is erased.")
    return redirect("custody", patient.pk)


@require_POST
@needs(Permission.HOLD_PATIENT)
def restrict(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Close the record to everybody but the owner, or open it again."""
    actor = asked_by(request)
    patient = patient_for(actor, patient_id, Permission.HOLD_PATIENT)
    closing = patient.restricted_at is None
    actions.restrict(
        by=actor, patient=patient, version=int(request.POST.get("version") or 0), restricted=closing
    )
    messages.success(request, "Closed to everybody but the owner." if closing else "Open again.")
    return redirect("custody", patient.pk)


@require_http_methods(["POST"])
@needs(Permission.ERASE_PATIENT)
def erase(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Destroy the key."""
    actor = asked_by(request)
    patient = patient_for(actor, patient_id, Permission.ERASE_PATIENT)
    confirmed_lately(request)
    form = EraseForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose the ground and type the number of the record.")
        return redirect("custody", patient.pk)
    try:
        erase_patient(by=actor, patient=patient, **form.cleaned_data)
    except (Unusable, OnHold) as error:
        messages.error(request, error.says)
        return redirect("custody", patient.pk)
    messages.success(
        request, f"Record {patient.record_number} is erased: nothing of it can be read any more."
    )
    return redirect("patients")
