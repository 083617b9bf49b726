"""Pages of accounts."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect


def open_link(request: HttpRequest, token: str) -> HttpResponse:
    request.session["link"] = token
    return redirect("join_form")


def join(request: HttpRequest) -> HttpResponse:
    return HttpResponse("soon")
