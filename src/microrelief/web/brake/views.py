"""The page of the brake."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from microrelief.web.brake.actions import end_stop
from microrelief.web.brake.models import REASONS, Stop
from microrelief.web.people.doors import asked_by, confirmed_lately, needs
from microrelief.web.people.permissions import Permission

SHOWN = 50


@require_GET
@needs(Permission.RELEASE_BRAKE)
def brake(request: HttpRequest) -> HttpResponse:
    """Who was stopped, and the form that lets them go on."""
    stops = Stop.objects.select_related("person", "ended_by")
    context = {
        "open": stops.filter(ended_at=None),
        "past": stops.exclude(ended_at=None)[:SHOWN],
        "reasons": REASONS.items(),
    }
    return render(request, "brake/brake.html", context)


@require_POST
@needs(Permission.RELEASE_BRAKE)
def answer_stop(request: HttpRequest, stop_id: UUID) -> HttpResponse:
    """Let somebody go on, or say that it was seen."""
    confirmed_lately(request)
    stop = end_stop(by=asked_by(request), stop_id=stop_id, reason=request.POST.get("reason", ""))
    if stop.kind == Stop.STOPPED:
        messages.success(request, _("%(name)s may go on, for an hour.") % {"name": stop.person.name})
    return redirect("brake")
