"""In which language a page is: the person's, else the one chosen on this browser, else the clinic's."""

from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation

from microrelief.web.clinic.models import the_clinic

Answer = Callable[[HttpRequest], HttpResponseBase]


def in_language(answer: Answer) -> Answer:
    """Middleware, after it is known who asks: their language, else the clinic's.

    Before anybody is signed in, Django's LocaleMiddleware has taken the cookie or the browser's own language,
    and that stays.
    """

    def answered(request: HttpRequest) -> HttpResponseBase:
        actor = getattr(request, "actor", None)
        chosen = getattr(actor.person, "language", "") if actor is not None else ""
        if actor is not None and not chosen and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            chosen = clinic_language()
        if known(chosen):
            translation.activate(chosen)
            request.LANGUAGE_CODE = chosen
        return answer(request)

    return answered


def clinic_language() -> str:
    """The clinic's language, or "" where none was chosen or the database does not answer."""
    try:
        return str(getattr(the_clinic(), "language", ""))
    except DatabaseError:  # whoever asks next will hear of it
        return ""


def language_of_patient(patient: object) -> str:
    """What the patient reads is in: their own language, else the clinic's, else the program's first."""
    for chosen in (getattr(patient, "language", ""), clinic_language()):
        if known(chosen):
            return str(chosen)
    return settings.LANGUAGE_CODE


def known(language: object) -> bool:
    """Whether the site speaks it."""
    return language in dict(settings.LANGUAGES)
