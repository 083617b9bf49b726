"""What allauth and axes ask of us: no sign-up from outside, no mail, one honest network address."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by invitation only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: the owner invites."""
        return False

    def login(self, request: HttpRequest, user: Any) -> None:
        """Somebody who has just signed in is not asked again for the first sensitive step."""
        super().login(request, user)
        records = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY)
        if records:
            records[-1]["reauthenticated"] = True
            request.session[AUTHENTICATION_METHODS_SESSION_KEY] = records

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """No mail leaves a clinic's computer by itself."""

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address as the trusted proxy or the socket gave it, never a header as it came."""
        return client_address(request)


def client_address(request: HttpRequest) -> str:
    """REMOTE_ADDR: waitress has put it right, from the trusted proxy alone."""
    return str(request.META.get("REMOTE_ADDR", ""))


def attempted_email(request: HttpRequest | None, credentials: dict[str, Any] | None = None) -> str:
    """Which account somebody tried to open: axes counts by it."""
    given = credentials or {}
    name = given.get("email") or given.get("username") or given.get("login")
    if not name and request is not None:
        name = request.POST.get("login", "")
    return str(name or "").strip().lower()[:254]
