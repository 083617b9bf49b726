"""What makes and ends API keys, and what a key says about who asks."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from django.db import OperationalError, transaction
from django.utils import timezone

from microrelief.web.api.models import ApiKey
from microrelief.web.audit.trail import record
from microrelief.web.people.actor import Actor
from microrelief.web.people.models import hash_token, new_token
from microrelief.web.people.permissions import Permission
from microrelief.web.refusals import NotAllowed, NotHere, Unusable

PREFIX = "mr_"
NOTED_EVERY = timedelta(minutes=5)
LONGEST_DAYS = 366
NEVER_IN_A_KEY = frozenset(
    {
        Permission.MANAGE_STAFF,
        Permission.MANAGE_OWN_KEYS,
        Permission.CHANGE_SETTINGS,
        Permission.BREAK_GLASS,
        Permission.RELEASE_BRAKE,
    }
)
"""What only a person at a page does: a key that could make keys could raise its own rights."""


@transaction.atomic
def make_key(*, by: Actor, name: str, scopes: Iterable[str], days: int) -> str:
    """A new key, shown once. Only a person at a page makes one, and only of what they may do themselves."""
    if by.scopes is not None or not by.may(Permission.MANAGE_OWN_KEYS):
        raise NotAllowed("Keys are made on the page of your account.")
    try:
        wanted = {Permission(scope) for scope in scopes}
    except ValueError:
        raise Unusable("Choose what the key may do from the list.") from None
    if not wanted or not wanted <= possible_scopes(by) or not 1 <= days <= LONGEST_DAYS or not name.strip():
        raise Unusable("A key needs a name, at most a year, and some of the things you may do yourself.")
    secret = PREFIX + new_token()
    key = ApiKey.objects.create(
        person_id=by.person.pk,
        name=name.strip(),
        secret_hash=hash_token(secret),
        scopes=sorted(wanted),
        expires_at=timezone.now() + timedelta(days=days),
    )
    record("key.made", by=by, about=key, facts={"scopes": len(wanted), "days": days})
    return secret


@transaction.atomic
def revoke_key(*, by: Actor, key_id: UUID) -> None:
    """The key opens nothing any more, at once."""
    if by.scopes is not None:
        raise NotAllowed("Keys are withdrawn on the page of your account.")
    key = ApiKey.objects.filter(pk=key_id, person_id=by.person.pk).first()
    if key is None:
        raise NotHere("There is no such key of yours.")
    if key.revoked_at is None:
        key.revoked_at = timezone.now()
        key.save(update_fields=["revoked_at"])
        record("key.revoked", by=by, about=key)


def possible_scopes(by: Actor) -> frozenset[Permission]:
    """What a key of this person could be allowed."""
    return frozenset(permission for permission in Permission if by.may(permission)) - NEVER_IN_A_KEY


def actor_of(secret: str, address: str) -> Actor | None:
    """Who asks with this key, with what it leaves of their rights; None for a key that opens nothing."""
    if not secret.startswith(PREFIX):
        return None
    key = ApiKey.objects.select_related("person").filter(secret_hash=hash_token(secret)).first()
    if key is None or not key.usable:
        return None
    now = timezone.now()
    if key.last_used_at is None or now - key.last_used_at > NOTED_EVERY:
        with suppress(OperationalError):  # a full disk, or somebody who writes for long: reading goes on
            ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    scopes = frozenset(Permission(scope) for scope in key.scopes if scope in set(Permission)) - NEVER_IN_A_KEY
    return Actor(key.person, door="api", scopes=scopes, address=address)
