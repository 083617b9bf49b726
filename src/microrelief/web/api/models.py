"""Keys with which programs work in somebody's name."""

import uuid

from django.db import models
from django.utils import timezone

from microrelief.web.audit.models import Sealed
from microrelief.web.people.models import Person


class ApiKey(Sealed):
    """A key of one person. Its scopes are permissions; they only take away from what the person may do."""

    unsealed_fields = frozenset({"last_used_at"})

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="api_keys")
    name = models.CharField(max_length=80)
    secret_hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "API key"

    def __str__(self) -> str:
        return self.name

    @property
    def usable(self) -> bool:
        """Whether it still opens anything."""
        return self.revoked_at is None and self.expires_at > timezone.now() and self.person.is_active
