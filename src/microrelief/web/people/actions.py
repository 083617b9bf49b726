"""What changes accounts."""

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from microrelief.web.configuration import configuration
from microrelief.web.people.models import LINK_LASTS, Invitation, Person, hash_token, new_token


@transaction.atomic
def owner_link() -> str:
    """The link that makes the owner's account, or "" once there is an owner. An earlier link stops opening."""
    if Person.objects.filter(role="owner", is_active=True).exists():
        return ""
    Invitation.objects.filter(role="owner", used_at=None, revoked_at=None).update(revoked_at=timezone.now())
    token = new_token()
    Invitation.objects.create(
        kind=Invitation.JOIN,
        role="owner",
        token_hash=hash_token(token),
        expires_at=timezone.now() + LINK_LASTS,
    )
    return link_address(token)


def link_address(token: str) -> str:
    """The whole address of a one-time link."""
    return configuration().site_address + reverse("join", args=[token])
