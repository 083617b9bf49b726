"""The page of the day, and what changes a visit."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from microrelief.web.patients.access import patient_for
from microrelief.web.patients.views import about
from microrelief.web.people.doors import asked_by, needs
from microrelief.web.people.once import new_key
from microrelief.web.people.permissions import Permission
from microrelief.web.refusals import EditConflict, Unusable
from microrelief.web.visits import actions, gathered
from microrelief.web.visits.forms import StateForm, VisitForm
from microrelief.web.visits.models import Visit


@require_GET
@needs(Permission.SEE_PATIENTS)
def today(request: HttpRequest) -> HttpResponse:
    """Who comes, what each visit still needs, and what is to be looked at."""
    actor = asked_by(request)
    day = _day(request.GET.get("day", ""))
    visits = Visit.objects.for_user(actor).filter(on=day).select_related("patient")
    now = timezone.localdate()
    context = {
        "day": day,
        "is_today": day == now,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "visits": [{"visit": visit, "needs": gathered.needs(actor, visit)} for visit in visits],
        "items": gathered.items(actor, now) if day == now else [],
        "may_add": actor.may(Permission.ADD_PATIENTS),
        "may_write": actor.may(Permission.WRITE_RECORD),
    }
    return render(request, "visits/today.html", context)


@require_http_methods(["GET", "POST"])
@needs(Permission.WRITE_RECORD)
def new_visit(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Put a visit into the days."""
    actor = asked_by(request)
    patient = patient_for(actor, patient_id, Permission.WRITE_RECORD)
    form = VisitForm(
        request.POST or None,
        initial={"key": new_key(), "on": timezone.localdate(), "purpose": Visit.CONSULTATION},
    )
    if request.method == "POST" and form.is_valid():
        try:
            visit = actions.plan_visit(by=actor, patient=patient, **form.cleaned_data)
        except Unusable as error:
            form.add_error(None, error.says)
        else:
            messages.success(request, f"{visit.get_purpose_display().capitalize()} on {visit.on:%-d %B %Y}.")
            return redirect("patient", patient.pk)
    context = {**about(actor, patient), "form": form}
    return render(request, "visits/new.html", context, status=422 if form.is_bound else 200)


@require_POST
@needs(Permission.WRITE_RECORD)
def visit_state(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """Here, done, did not come."""
    actor = asked_by(request)
    visit = actions.visit_for(actor, visit_id, Permission.WRITE_RECORD)
    form = StateForm(request.POST)
    if not form.is_valid():
        raise Unusable("Choose how far the visit has come, on the page of the day.")
    try:
        actions.set_state(by=actor, visit=visit, **form.cleaned_data)
    except EditConflict as error:
        messages.warning(
            request, f"Somebody else had set it to “{error.theirs.get_state_display()}”; look again."
        )
    return redirect(f"/today/?day={visit.on}")


def _day(text: str) -> date:
    try:
        found: Any = parse_date(text)
    except ValueError:
        found = None
    return found or timezone.localdate()
