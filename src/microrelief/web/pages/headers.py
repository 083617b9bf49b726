"""Headers that no package sets for us."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

Answer = Callable[[HttpRequest], HttpResponse]


def no_store(answer: Answer) -> Answer:
    """No page, photograph or answer of the API stays in a cache; scripts and styles may."""

    def answered(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        if not request.path.startswith("/static/"):
            response["Cache-Control"] = "no-store, private"
            response["Cross-Origin-Resource-Policy"] = "same-origin"
            response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return response

    return answered
