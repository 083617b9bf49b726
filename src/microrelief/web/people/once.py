"""A double click, a retry, a second device: the same key makes one record and gets the same answer.

sent = once(by=actor, action="patient.add", key=key, content=[...])
if sent.made: return sent.made          # it was made before
patient = ...; sent.settle(patient.pk)  # in the same transaction
"""

import hmac
import json
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from microrelief.web.keyring import site_secret
from microrelief.web.people.actor import Actor
from microrelief.web.people.models import SentOnce
from microrelief.web.refusals import KeyReused, Unusable

KEPT = timedelta(days=30)
KEY = re.compile(r"[A-Za-z0-9_\-.:]{8,80}")


@dataclass
class Sent:
    """What is known of a key."""

    row: SentOnce

    @property
    def made(self) -> UUID | None:
        """The record that was made under it, None where this is the first time."""
        return self.row.made

    def settle(self, made: UUID) -> None:
        """Remember what was made."""
        SentOnce.objects.filter(pk=self.row.pk).update(made=made)


def new_key() -> str:
    """A key for a form that is about to be shown."""
    return secrets.token_urlsafe(18)


def once(*, by: Actor, action: str, key: str, content: object) -> Sent:
    """Claim the key, in the transaction of the change; a second claimant waits for the first.

    Raises KeyReused where it came with other content, Unusable where it is no key.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("the key belongs into the transaction of what it makes")
    fingerprint = _fingerprint(content)
    _refuse_no_key(key)
    found = SentOnce.objects.filter(person=by.person, action=action, key=key).first()
    if found is None:
        try:
            with transaction.atomic():
                return Sent(
                    SentOnce.objects.create(person=by.person, action=action, key=key, fingerprint=fingerprint)
                )
        except IntegrityError:  # somebody was first, and has committed
            found = SentOnce.objects.get(person=by.person, action=action, key=key)
    return Sent(_same(found, fingerprint))


def forget_old_keys() -> None:
    """At the start: nobody retries after a month."""
    SentOnce.objects.filter(at__lt=timezone.now() - KEPT).delete()


def made_before(*, by: Actor, action: str, key: str, content: object) -> UUID | None:
    """What was made under the key, without claiming it: spares the work of doing it again."""
    _refuse_no_key(key)
    found = SentOnce.objects.filter(person=by.person, action=action, key=key).first()
    return _same(found, _fingerprint(content)).made if found else None


def _refuse_no_key(key: str) -> None:
    if not KEY.fullmatch(key):
        raise Unusable(
            "The idempotency key must have 8 to 80 letters, digits or - _ . : and be new for each record."
        )


def _same(found: SentOnce, fingerprint: str) -> SentOnce:
    if not hmac.compare_digest(found.fingerprint, fingerprint):
        raise KeyReused(
            "The same key came with other content: nothing was saved; use a new key for a new record."
        )
    return found


def _fingerprint(content: object) -> str:
    text = json.dumps(content, sort_keys=True, default=str)
    return hmac.digest(site_secret("sent once"), text.encode(), "sha256").hex()
