"""What the frame around every page needs to know."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from microrelief.web.people.permissions import Permission


@dataclass(frozen=True)
class Place:
    """One place in the menu."""

    url_name: str
    says: str
    needs: Permission
    prefix: str


PLACES = (
    Place("today", "Today", Permission.SEE_PATIENTS, "/today"),
    Place("patients", "Patients", Permission.SEE_PATIENTS, "/patients"),
    Place("recall", "Recall", Permission.RECALL_LOT, "/recall"),
    Place("audit", "Audit", Permission.READ_AUDIT, "/audit"),
    Place("staff", "Staff", Permission.MANAGE_STAFF, "/staff"),
    Place("clinic_settings", "Settings", Permission.CHANGE_SETTINGS, "/settings"),
)


def frame(request: HttpRequest) -> dict[str, Any]:
    """The menu of this person, and when the browser should look whether the session is over."""
    actor = getattr(request, "actor", None)
    return {
        "menu": menu_of(request),
        "actor": actor,
        "idle_seconds": settings.IDLE_SECONDS,
        "demo": settings.DEMO,
    }


def menu_of(request: HttpRequest) -> list[dict[str, Any]]:
    """The places this person may go to."""
    actor = getattr(request, "actor", None)
    if actor is None or getattr(request, "awaits_second_factor", False):
        return []
    return [
        {"url": reverse(place.url_name), "says": place.says, "here": request.path.startswith(place.prefix)}
        for place in PLACES
        if actor is not None
        and actor.may(place.needs)
        and not getattr(request, "awaits_second_factor", False)
    ]
