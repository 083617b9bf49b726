"""The settings' index, and the pages of the clinic itself."""

from importlib import import_module
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from microrelief.web.clinic.actions import change_clinic
from microrelief.web.clinic.forms import DetailsForm, RetentionForm, TimeForm
from microrelief.web.clinic.models import the_clinic
from microrelief.web.people.doors import asked_by, confirmed_lately, needs
from microrelief.web.people.permissions import Permission
from microrelief.web.refusals import EditConflict


@require_GET
@needs(Permission.CHANGE_SETTINGS)
def clinic_settings(request: HttpRequest) -> HttpResponse:
    """Everything that can be set, and what is set now."""
    found = [row for app in settings.SETTINGS_APPS for row in import_module(f"{app}.settings_rows").rows()]
    return render(request, "clinic/settings.html", {"rows": found})


@require_http_methods(["GET", "POST"])
@needs(Permission.CHANGE_SETTINGS)
def clinic_details(request: HttpRequest) -> HttpResponse:
    """Name, phone, address, hours."""
    return _part(request, DetailsForm, _("The clinic"))


@require_http_methods(["GET", "POST"])
@needs(Permission.CHANGE_SETTINGS)
def clinic_time(request: HttpRequest) -> HttpResponse:
    """Time zone and language."""
    return _part(request, TimeForm, _("Time and language"))


@require_http_methods(["GET", "POST"])
@needs(Permission.CHANGE_SETTINGS)
def clinic_retention(request: HttpRequest) -> HttpResponse:
    """How long what stays."""
    return _part(request, RetentionForm, _("How long records stay"))


def _part(request: HttpRequest, form_class: type[forms.ModelForm[Any]], title: str) -> HttpResponse:
    clinic = the_clinic()
    form = form_class(request.POST or None, initial={"version": clinic.version}, instance=clinic)
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
            form = form_class({**request.POST.dict(), "version": str(error.theirs.version)}, instance=clinic)
            status = 409
        else:
            messages.success(request, _("Saved."))
            return redirect("clinic_settings")
    context = {"form": form, "conflict": conflict, "title": title}
    return render(request, "clinic/part.html", context, status=status)
