"""Person, and the one-time links that make or restore an account."""

import hashlib
import secrets
import uuid
from datetime import timedelta
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac

from microrelief.web.audit.models import Sealed
from microrelief.web.people.permissions import ROLE_CHOICES, ROLES, Role

TOKEN_BYTES = 32
LINK_LASTS = timedelta(hours=24)


class PersonManager(BaseUserManager["Person"]):
    """Finds people by e-mail, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "Person":
        """The person with this e-mail."""
        return self.get(email__iexact=username or "")


class Person(AbstractBaseUser, Sealed):
    """Somebody who works here. Never deleted: the record says who did what for as long as it is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField("e-mail", unique=True)
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=20, choices=ROLE_CHOICES)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=timezone.now)
    disabled_at = models.DateTimeField(null=True, blank=True)
    session_generation = models.PositiveIntegerField(default=0)
    """Part of every session's signature: one more, and all sessions of this person are dead."""
    version = models.PositiveIntegerField(default=1)

    language = models.CharField(max_length=10, default="", blank=True)
    """Empty is the clinic's."""

    unsealed_fields = frozenset({"password", "last_login", "session_generation"})
    later_fields: ClassVar[dict[str, Any]] = {"language": ""}
    objects = PersonManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name", "role"]

    class Meta:
        verbose_name_plural = "people"
        constraints = [
            models.CheckConstraint(
                name="person_disabled_has_date",
                condition=models.Q(is_active=True, disabled_at=None)
                | models.Q(is_active=False, disabled_at__isnull=False),
            ),
            models.CheckConstraint(name="person_role_known", condition=models.Q(role__in=list(ROLES))),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def role_facts(self) -> Role:
        """The role's name, sentence and permissions."""
        return ROLES[self.role]

    def _get_session_auth_hash(self, secret: Any = None) -> str:
        """Django's, and the generation of sessions."""
        return salted_hmac(
            "microrelief.people.session",
            f"{self.password}:{self.session_generation}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()


class Invitation(Sealed):
    """A one-time link: makes an account, or sets a new password. Only the token's hash is kept."""

    JOIN, RESET = "join", "reset"

    unsealed_fields = frozenset({"used_at", "revoked_at", "person"})

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=[(JOIN, "join"), (RESET, "new password")])
    token_hash = models.CharField(max_length=64, unique=True)
    email = models.EmailField(blank=True)
    role = models.CharField(max_length=20, choices=ROLE_CHOICES)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="links")
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="links_made")
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.kind} as {self.role}"

    @property
    def usable(self) -> bool:
        """Whether the link still opens."""
        return self.used_at is None and self.revoked_at is None and self.expires_at > timezone.now()


def new_token() -> str:
    """256 random bits, for an address."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_token(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


class SentOnce(models.Model):
    """What a client sent under a key of its own: sent again, it answers with the same record."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=40)
    key = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64)
    """Keyed hash of what was sent."""
    made = models.UUIDField(null=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name_plural = "sent once"
        constraints = [models.UniqueConstraint(name="sent_once", fields=("person", "action", "key"))]

    def __str__(self) -> str:
        return f"{self.action} {self.key}"
