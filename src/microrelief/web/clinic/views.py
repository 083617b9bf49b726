"""The page of the clinic's settings."""

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from microrelief.web.clinic.actions import change_clinic
from microrelief.web.clinic.models import Clinic, the_clinic
from microrelief.web.people.doors import asked_by, confirmed_lately, needs
from microrelief.web.people.permissions import Permission
from microrelief.web.refusals import EditConflict


class ClinicForm(forms.ModelForm):  # type: ignore[type-arg]
    """The clinic's settings, of the version that was seen."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Clinic
        fields: ClassVar[list[str]] = ["name", "phone", "retention_years", "glass_hours"]


@require_http_methods(["GET", "POST"])
@needs(Permission.CHANGE_SETTINGS)
def clinic_settings(request: HttpRequest) -> HttpResponse:
    """Show and change."""
    clinic = the_clinic()
    form = ClinicForm(request.POST or None, initial={"version": clinic.version}, instance=clinic)
    conflict: list[dict[str, Any]] = []
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        confirmed_lately(request)
        try:
            change_clinic(by=asked_by(request), **form.cleaned_data)
        except EditConflict as error:
            conflict = [
                {
                    "label": form.fields[name].label,
                    "theirs": getattr(error.theirs, name),
                    "yours": value,
                    "differs": getattr(error.theirs, name) != value,
                }
                for name, value in error.yours.items()
            ]
            form = ClinicForm({**request.POST.dict(), "version": str(error.theirs.version)}, instance=clinic)
            status = 409
        else:
            messages.success(request, "Saved.")
            return redirect("clinic_settings")
    return render(request, "clinic/settings.html", {"form": form, "conflict": conflict}, status=status)
