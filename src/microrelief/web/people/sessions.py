"""How long a session lives, and that nobody works without a second factor."""

import time
from collections.abc import Callable

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.sessions.backends.base import UpdateError
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from microrelief.web.people.account_adapter import client_address
from microrelief.web.people.actor import Actor

Answer = Callable[[HttpRequest], HttpResponse]

NOTED_EVERY_SECONDS = 30
"""A click within this time of the last one noted is not written down again: reading stays reading."""
CLOCK_MAY_JUMP_BACK_SECONDS = 300
SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
BACKGROUND_HEADER = "X-Background"
"""A script that looks by itself sends it; it does not keep a session alive."""


def session_rules(answer: Answer) -> Answer:
    """Sign out what was idle or open for too long; send whoever lacks a second factor to add one."""

    def answered(request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return answer(request)
        ended = _ended(request)
        if ended:
            logout(request)
            messages.info(request, ended)
            if request.path.startswith("/api/"):
                return answer(request)
            where = f"?{urlencode({'next': request.path})}" if request.method == "GET" else ""
            return redirect(reverse("account_login") + where)
        request.actor = Actor(request.user, address=client_address(request))  # type: ignore[attr-defined]
        if not settings.DEMO and not has_second_factor(request.user.pk):
            request.awaits_second_factor = True  # type: ignore[attr-defined]
            if not _open_without_second_factor(request.path):
                return redirect("mfa_index")
        return answer(request)

    return answered


def has_second_factor(person_id: object) -> bool:
    """Whether a passkey or an authenticator app stands beside the password."""
    return bool(Authenticator.objects.filter(user_id=person_id, type__in=SECOND_FACTORS).exists())


def _ended(request: HttpRequest) -> str:
    """Why the session is over, or ""; notes that it was used."""
    now = time.time()
    session = request.session
    new = "began" not in session
    began = session.setdefault("began", now)
    seen = session.setdefault("seen", now)
    if now - began > settings.SESSION_COOKIE_AGE:
        return "You were signed out because the session was open for long. Sign in again."
    if now - seen > settings.IDLE_SECONDS:
        return "You were signed out because nothing was done for a while. Sign in again."
    if seen - now > CLOCK_MAY_JUMP_BACK_SECONDS:
        return "You were signed out because this computer's clock went backwards. Sign in again."
    if (new or now - seen > NOTED_EVERY_SECONDS) and BACKGROUND_HEADER not in request.headers:
        session["seen"] = now
        try:
            session.save()
            UserSession.objects.filter(session_key=session.session_key).update(last_seen_at=timezone.now())
            session.modified = new  # saved; a new one is saved once more, with its cookie
        except (OperationalError, UpdateError):  # a full disk, a locked database: reading goes on
            session.modified = False
    return ""


def _open_without_second_factor(path: str) -> bool:
    return path.startswith(("/account/", "/join/", "/static/")) or path == "/health"
