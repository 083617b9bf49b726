"""Sign-ins and second factors, which allauth and axes change, written into the trail."""

from typing import Any

from allauth.account.signals import password_changed, user_logged_in
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from microrelief.web.audit.trail import record
from microrelief.web.people.account_adapter import client_address
from microrelief.web.people.actor import Actor
from microrelief.web.people.models import Person


@receiver(user_logged_in)
def signed_in(request: HttpRequest, user: Person, **_: Any) -> None:
    """Who came in."""
    _note("person.signed_in", request, user)


@receiver(user_logged_out)
def signed_out(request: HttpRequest, user: Person | None, **_: Any) -> None:
    """Who went."""
    if user is not None:
        _note("person.signed_out", request, user)


@receiver(user_login_failed)
def sign_in_failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """A wrong password. The trail names the account if there is one, never what was typed."""
    email = str(credentials.get("email") or credentials.get("username") or "")
    person = Person.objects.filter(email__iexact=email).first() if email else None
    with transaction.atomic():
        record(
            "person.sign_in_failed",
            by=None,
            facts={"person": str(person.pk) if person else "unknown", "from": _address(request)},
        )


@receiver(user_locked_out)
def locked_out(request: HttpRequest | None = None, username: str = "", **_: Any) -> None:
    """Too many wrong passwords for one account."""
    person = Person.objects.filter(email__iexact=username).first() if username else None
    with transaction.atomic():
        record(
            "person.locked_out",
            by=None,
            facts={"person": str(person.pk) if person else "unknown", "from": _address(request)},
        )


@receiver(password_changed)
def changed_password(request: HttpRequest, user: Person, **_: Any) -> None:
    """A new password, by oneself."""
    _note("person.password_changed", request, user)


@receiver(authenticator_added)
@receiver(authenticator_reset)
def added_second_factor(request: HttpRequest, user: Person, authenticator: Any, **_: Any) -> None:
    """A passkey, an app, or recovery codes."""
    _note("person.second_factor_added", request, user, {"type": authenticator.type})


@receiver(authenticator_removed)
def removed_second_factor(request: HttpRequest, user: Person, authenticator: Any, **_: Any) -> None:
    """A passkey, an app, or recovery codes."""
    _note("person.second_factor_removed", request, user, {"type": authenticator.type})


def _note(
    kind: str, request: HttpRequest | None, person: Person, facts: dict[str, str] | None = None
) -> None:
    with transaction.atomic():
        record(kind, by=Actor(person, address=_address(request)), facts=facts)


def _address(request: HttpRequest | None) -> str:
    return client_address(request) if request is not None else ""
