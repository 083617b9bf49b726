"""Every page, answer and piece of background work counts its hours and days where the clinic is."""

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import DatabaseError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from microrelief.web.clinic.models import the_clinic


def at_the_clinic(
    answer: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: the clinic's time zone holds while the request is answered."""

    def answered(request: HttpRequest) -> HttpResponseBase:
        begin_at_the_clinic()
        try:
            return answer(request)
        finally:
            timezone.deactivate()

    return answered


def begin_at_the_clinic(**_: object) -> None:
    """The clinic's time zone holds in this thread; also a signal, when the worker takes up a task."""
    try:
        timezone.activate(ZoneInfo(the_clinic().time_zone))
    except (DatabaseError, ZoneInfoNotFoundError, ValueError):  # whoever asks next will hear of it
        timezone.deactivate()


def end_at_the_clinic(**_: object) -> None:
    """Signal: the task has ended."""
    timezone.deactivate()
