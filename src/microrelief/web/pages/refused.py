"""A refusal raised anywhere becomes a page with its sentence and status."""

from collections.abc import Callable

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse

from microrelief.errors import InputError, StorageFailed, StorageFull, StoreBusy, VaultError
from microrelief.web.pages.views import error_page
from microrelief.web.refusals import Refusal

BUSY = (503, "The clinic's computer is busy", "Nothing was changed. Try again in a few seconds.")
FULL = (
    507,
    "The disk is full",
    "Nothing was kept. Free some room on the clinic's computer, then send it again.",
)


OF_THE_VAULT = (
    (StorageFull, FULL[0], FULL[1]),
    (StoreBusy, BUSY[0], BUSY[1]),
    (StorageFailed, 500, "The disk does not answer as it should"),
    (VaultError, 500, "This cannot be opened"),
    (InputError, 422, "This cannot be used"),
)
"""The first that fits."""


def status_and_words(error: Exception) -> tuple[int, str, str] | None:
    """Status, title and sentence for an error that is meant to be read; None for a fault of the program."""
    if isinstance(error, Refusal):
        return error.status, error.title, error.says
    if isinstance(error, OperationalError):
        return FULL if "full" in str(error) else BUSY
    for kind, status, title in OF_THE_VAULT:
        if isinstance(error, kind):
            return status, title, str(error)
    return None


class refusals_as_pages:  # noqa: N801  a middleware is named like the others
    """Middleware: the exception hook."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Nothing on the way in."""
        return self.answer(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The page for a refusal; anything else goes on."""
        said = status_and_words(error)
        if said is None:
            return None
        status, title, advice = said
        response = error_page(request, status, title, advice)
        if status == 503:
            response["Retry-After"] = "5"
        return response
