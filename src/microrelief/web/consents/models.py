"""What is signed, and the ledger of who answered what to it."""

import uuid
from datetime import date

from django.db import models
from django.db.models import Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from microrelief.web.audit.models import Sealed
from microrelief.web.consents.purposes import CHANNELS, HOW, PURPOSES, SIGNERS, Purpose
from microrelief.web.patients.access import of_patients
from microrelief.web.patients.models import Patient
from microrelief.web.patients.record import PatientRecord, Word
from microrelief.web.people.actor import Actor
from microrelief.web.people.models import Person

PURPOSE_CHOICES = [(key, purpose.name) for key, purpose in PURPOSES.items()]


class ConsentText(Sealed):
    """The words that were signed. Never changed: another sentence is another version."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=20, choices=PURPOSE_CHOICES)
    language = models.CharField(max_length=10, default="en")
    version = models.CharField(max_length=40)
    text = models.TextField()
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_text_each", fields=("purpose", "language", "version"))
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}, {self.version}"


class ConsentQuerySet(models.QuerySet["Consent"]):
    """Consents, as far as somebody may know of them, and as far as they count."""

    def for_user(self, actor: Actor) -> "ConsentQuerySet":
        """Those of patients this person sees."""
        return of_patients(actor, self)  # type: ignore[return-value]

    def in_force(self, on: date | None = None) -> "ConsentQuerySet":
        """Given, not withdrawn, not run out."""
        day = on or timezone.localdate()
        return self.filter(
            Q(expires_on=None) | Q(expires_on__gte=day), answer=Consent.GIVEN, withdrawn_at=None
        )


class Consent(PatientRecord):
    """One answer to one purpose. A refusal is a row too; a withdrawal ends a row and leaves it readable."""

    GIVEN, REFUSED = "given", "refused"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="consents")
    purpose = models.CharField(max_length=20, choices=PURPOSE_CHOICES)
    text = models.ForeignKey(ConsentText, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(max_length=10, choices=[(GIVEN, "given"), (REFUSED, "refused")])
    how = models.CharField(max_length=10, choices=list(HOW.items()))
    channels = models.JSONField(default=list)
    """Where pictures may go; empty where none leave the record."""
    photos = models.JSONField(default=list)
    """Ids of the photographs it covers; empty is none for purposes that show faces."""
    signed_on = models.DateField()
    """The day that was entered; `received_at` is this computer's own word for it."""
    received_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    expires_on = models.DateField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    signer_name = Word("")
    signer = Word("patient")
    witness = Word("")
    remark = Word("")
    signature = Word("")
    """Strokes on the screen, as an SVG path."""
    withdrawal_remark = Word("")

    objects = ConsentQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ("-received_at",)
        constraints = [
            models.CheckConstraint(
                name="consent_withdrawn_at_and_by",
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.answer}"

    @property
    def purpose_facts(self) -> Purpose:
        """What the purpose is."""
        return PURPOSES[self.purpose]

    @property
    def signer_words(self) -> str:
        """Who signed, in words."""
        return SIGNERS.get(self.signer, self.signer)

    @property
    def channel_words(self) -> list[str]:
        """Where pictures may go, in words."""
        return [CHANNELS.get(one, one) for one in self.channels]

    @property
    def state(self) -> str:
        """`given`, `refused`, `withdrawn` or `expired`."""
        if self.withdrawn_at:
            return "withdrawn"
        if self.answer == self.REFUSED:
            return "refused"
        return "expired" if self.expires_on and self.expires_on < timezone.localdate() else "given"
