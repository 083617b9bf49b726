"""What every page says to somebody who was stopped."""

from typing import Any

from django.http import HttpRequest

from microrelief.web.brake.actions import open_stop
from microrelief.web.people.permissions import Permission


def stopped(request: HttpRequest) -> dict[str, Any]:
    """Context of every page: the stop that stands against whoever asks."""
    actor = getattr(request, "actor", None)
    stop = open_stop(actor.person.pk) if actor else None
    return {
        "stopped": stop,
        "may_release_brake": bool(stop and actor and actor.may(Permission.RELEASE_BRAKE)),
    }
