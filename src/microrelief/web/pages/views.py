"""The first page, and what an error says."""

from django.contrib.sessions.exceptions import SessionInterrupted
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

from microrelief.web.audit.trail import head_is_behind
from microrelief.web.pages.frame import menu_of

ERRORS = {
    400: ("This request cannot be used", "Go back, reload the page and try again."),
    403: ("Your role does not allow this", "If you need it for your work, ask the owner of the clinic."),
    404: (
        "There is nothing here for you",
        "The address is wrong, the record is gone, or you are not among those who treat this patient.",
    ),
    503: ("The clinic's computer is busy", "Nothing was changed. Try again in a few seconds."),
    500: (
        "Something went wrong on our side",
        "Nothing was changed. Try again; if it happens twice, tell the owner.",
    ),
}


def error_page(request: HttpRequest, status: int, title: str = "", advice: str = "") -> HttpResponse:
    """One page for every refusal: what happened, what to do next."""
    default_title, default_advice = ERRORS[status] if status in ERRORS else ERRORS[400]
    context = {"title": title or default_title, "advice": advice or default_advice, "status": status}
    return render(request, "pages/error.html", context, status=status)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The first page: to where one's work is."""
    places = menu_of(request)
    if getattr(request, "actor", None) is None:
        return redirect("account_login")
    return redirect(places[0]["url"] if places else "you")


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """For a watchdog: the process answers and the trail's head is written; nothing else is said."""
    if head_is_behind():
        says = "the head of the audit trail cannot be written: look at the disk\n"
        return HttpResponse(says, content_type="text/plain", status=500)
    return HttpResponse("ok", content_type="text/plain")


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The site's service worker: where there is no connection it says what still works, and keeps no page."""
    kept = [static(name) for name in ("site/site.css", "site/mark.svg")]
    context = {"kept": kept, "offline": reverse("site_offline")}
    return render(request, "pages/worker.js", context, content_type="text/javascript; charset=utf-8")


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What a tablet needs to keep the site on its first screen."""
    icons = [
        {"src": static(f"site/icon-{side}.png"), "sizes": f"{side}x{side}", "type": "image/png"}
        for side in (192, 512)
    ]
    return JsonResponse(
        {
            "name": "Microrelief",
            "short_name": "Microrelief",
            "id": "/",
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "background_color": "#f3f6f7",
            "theme_color": "#0b5a6b",
            "icons": icons,
        },
        content_type="application/manifest+json",
    )


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """The page that stands in where there is no connection; nobody is named on it."""
    return render(request, "pages/offline.html")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400; but a session that could not be written is the database's trouble, and not the reader's."""
    if isinstance(exception, SessionInterrupted):
        response = error_page(request, 503)
        response["Retry-After"] = "5"
        return response
    return error_page(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    return error_page(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404."""
    return error_page(request, 404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page was open for too long, or was not ours."""
    return error_page(
        request, 403, "This page was open for too long", "Reload it and enter it again; nothing was saved."
    )
