"""What stands before a view: who asks, whether the role allows it, whether they proved it lately."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from microrelief.web.people.actor import Actor
from microrelief.web.people.permissions import Permission
from microrelief.web.refusals import NotAllowed

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def needs(permission: Permission | None) -> Callable[[View], View]:
    """Only for people whose role has the permission; None is anybody who is signed in."""

    def guarded(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            actor = getattr(request, "actor", None)
            if actor is None:
                return redirect_to_login(request.path if request.method == "GET" else "/")
            if permission is not None and not actor.may(permission):
                raise NotAllowed("If you need it for your work, ask the owner of the clinic.")
            return view(request, *args, **kwargs)

        return cast(View, answer)

    return guarded


def asked_by(request: HttpRequest) -> Actor:
    """Who asks. Only behind `needs`."""
    actor = getattr(request, "actor", None)
    if not isinstance(actor, Actor):
        raise NotAllowed("Sign in first.")
    return actor


def confirmed_lately(request: HttpRequest) -> None:
    """For a sensitive step: the password or second factor within the last minutes, else it is asked for now.

    The form that was sent is kept and goes on by itself after the answer.
    """
    raise_if_reauthentication_required(request, app="allauth.account")
