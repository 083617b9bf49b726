"""The patient's door to a plan: a link, the sheets and days of that plan, and nothing else of the record.

Unlike the diary's, the token stays in the address: the link only reads, so a patient may keep and reload it.
"""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import override
from django.views.decorators.http import require_GET

from microrelief.pathway.calendar import plan_calendar
from microrelief.web.clinic.language import language_of_patient
from microrelief.web.clinic.models import the_clinic
from microrelief.web.leaflets.models import AFTERCARE, PREPARATION
from microrelief.web.people.account_adapter import client_address
from microrelief.web.plans.judged import aftercare_of, calendar_of, own_words, planned, preparation_for
from microrelief.web.plans.link import open_plan_link
from microrelief.web.plans.models import PlanLink
from microrelief.web.sheets.answers import the_book


@require_GET
def opened(request: HttpRequest, token: str) -> HttpResponse:
    """What to do before a session, and after it."""
    link = open_plan_link(token=token, address=client_address(request))
    if link is None:
        return _closed(request)
    with override(language_of_patient(link.patient.surviving or link.patient)):
        asked = request.GET.get("session", "")
        page = render(request, "plans/opened.html", {**_page(link, asked), "token": token})
    return _told_to_nobody(page)


@require_GET
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """The days as a calendar file; nobody is named in it."""
    link = open_plan_link(token=token, address=client_address(request))
    outcome = calendar_of(link.plan, planned(link.plan, 0)) if link is not None else None
    if link is None or outcome is None:
        return _closed(request)
    with override(language_of_patient(link.patient.surviving or link.patient)):
        response = HttpResponse(plan_calendar(outcome), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="plan.ics"'
    return _told_to_nobody(response)


def _page(link: PlanLink, asked: str) -> dict[str, Any]:
    plan, today = link.plan, timezone.localdate()
    patient = link.patient.surviving or link.patient
    days = [day for day in planned(plan, 0).session_days if day >= today]
    session_on = _day(asked) if _day(asked) in days else next(iter(days), None)
    return {
        "clinic": the_clinic(),
        "link": link,
        "given_name": patient.given_name,
        "sheet": plan,
        "days": days,
        "session_on": session_on,
        "heard": preparation_for(plan, session_on)[0] if session_on else None,
        "ours_before": own_words(PREPARATION, patient, plan.signed_at),
        "ours_after": own_words(AFTERCARE, patient, plan.signed_at),
        **aftercare_of(the_book(plan.on).on(plan.on)),
    }


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _closed(request: HttpRequest) -> HttpResponse:
    """One page for unknown, expired and taken back: whoever tries links learns nothing."""
    page = render(request, "plans/link_closed.html", {"clinic": the_clinic()}, status=410)
    return _told_to_nobody(page)


def _told_to_nobody(response: HttpResponse) -> HttpResponse:
    """The token is in the address: no page that is opened from here hears it."""
    response["Referrer-Policy"] = "no-referrer"
    return response
