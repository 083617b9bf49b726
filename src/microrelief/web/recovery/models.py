"""The patient's link, what was written in the diary, what was done about it, and what went wrong.

All hang on one signed session. `written_by` None is the patient, through the link.
"""

import uuid
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from microrelief.pathway.rulebook import LEVELS
from microrelief.web.patients.access import of_patients
from microrelief.web.patients.models import Patient
from microrelief.web.patients.record import PatientRecord, Word
from microrelief.web.people.actor import Actor
from microrelief.web.people.models import Person
from microrelief.web.photos.models import Photo
from microrelief.web.treatments.models import Treatment

FINE, ASK, WATCH, CONTACT, SAME_DAY, EMERGENCY = LEVELS["recovery"]
RED = (SAME_DAY, EMERGENCY)
LOOK = (ASK, WATCH, CONTACT)


class RecoveryQuerySet(models.QuerySet[Any]):
    """Records of recoveries, as far as somebody may know of them."""

    def for_user(self, actor: Actor) -> Self:
        """Those of patients this person sees."""
        return of_patients(actor, self)  # type: ignore[return-value]


class DiaryLink(PatientRecord):
    """An address that opens one session's diary, and nothing else. Only the token's hash is kept."""

    DAYS = 14
    """How long after the session it opens, where nobody says otherwise."""
    MOST_DAYS = 183
    """The rules watch for a raised scar as long as that."""

    unsealed_fields = frozenset({"opened_at"})

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="diary_links")
    treatment = models.ForeignKey(Treatment, on_delete=models.PROTECT, related_name="diary_links")
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField(null=True)
    """When it was opened last; each opening stands in the trail."""

    objects = RecoveryQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["opened_at"])

    class Meta:
        ordering = ("-made_at",)
        constraints = [
            models.UniqueConstraint(
                name="one_open_diary_link", fields=("treatment",), condition=Q(revoked_at=None)
            ),
            models.CheckConstraint(
                name="diary_link_revoked_at_and_by",
                condition=Q(revoked_at=None, revoked_by=None)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"diary link {self.pk}"

    @property
    def usable(self) -> bool:
        """Whether it still opens; of a record that was merged the surviving one counts as well."""
        records = [one for one in (self.patient, self.patient.surviving) if one is not None]
        closed = any(one.erased_at or one.restricted_at for one in records)
        return self.revoked_at is None and self.expires_at > timezone.now() and not closed

    @property
    def why_not(self) -> str:
        """`revoked`, `expired` or `closed`, where it opens no more: a word for the trail."""
        if self.revoked_at:
            return "revoked"
        return "expired" if self.expires_at <= timezone.now() else "closed"


class DiaryEntryQuerySet(RecoveryQuerySet):
    """Entries, and which of them still wait for somebody."""

    def red(self) -> Self:
        """Red flags about which nobody wrote yet what was done."""
        return self.filter(level__in=RED).filter(~Exists(_after(FollowUp.ANSWERS_RED)))

    def to_look_at(self) -> Self:
        """Not red, but to be looked at or read, and nobody did yet."""
        told = Q(link__isnull=False) & (Q(has_note=True) | Q(photo__isnull=False))
        asked = Q(level__in=LOOK) | Q(asks_fever=True) | told
        return self.filter(asked).exclude(level__in=RED).filter(~Exists(_after(FollowUp.ANSWERS)))


class DiaryEntry(PatientRecord):
    """What was written at one moment, and what the rules said of it then."""

    LEVELS = [(level, level) for level in LEVELS["recovery"]]

    later_fields: ClassVar[dict[str, Any]] = {"has_note": False}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="diary")
    treatment = models.ForeignKey(Treatment, on_delete=models.PROTECT, related_name="diary")
    sent_key = models.CharField(max_length=80)
    """The writer's own: sent again, it is the same entry."""
    at = models.DateTimeField()
    """When it was written; on a phone without a connection that is before it came."""
    came_at = models.DateTimeField(default=timezone.now)
    link = models.ForeignKey(DiaryLink, on_delete=models.PROTECT, null=True, related_name="entries")
    written_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    level = models.CharField(max_length=20, choices=LEVELS)
    """The gravest that the rules found in what was answered; ask where something was left open."""
    asks_fever = models.BooleanField(default=False)
    """Feels feverish and has not measured: the rules cannot judge it, somebody should."""
    has_note = models.BooleanField(default=False)
    """Somebody reads it: no rule can."""
    photo = models.OneToOneField(Photo, on_delete=models.PROTECT, null=True, related_name="diary_entry")

    answers: Word[dict[str, Any]] = Word({})
    """By the rulebook's names; what is not there was not answered."""
    strength: Word[dict[str, int]] = Word({})
    """How strong each sign is, as a place in STRENGTHS."""
    note = Word("")
    remark = Word("")
    """What the program could not keep of it, in a sentence: a photograph that was none."""
    said: Word[dict[str, Any]] = Word({})
    """What the rules said, as their document."""
    facts: Word[dict[str, Any]] = Word({})
    """What they were told of the session beside the answers."""

    objects = DiaryEntryQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ("-at", "-came_at")
        constraints = [
            models.UniqueConstraint(name="diary_entry_once", fields=("treatment", "sent_key")),
            models.CheckConstraint(
                name="diary_entry_has_writer",
                condition=Q(link=None, written_by__isnull=False) | Q(link__isnull=False, written_by=None),
            ),
        ]

    def __str__(self) -> str:
        return f"diary entry {self.pk}"

    @property
    def is_red(self) -> bool:
        """Whether somebody must be called."""
        return self.level in RED

    @property
    def gravity(self) -> tuple[int, bool]:
        """The graver, the greater."""
        return LEVELS["recovery"].index(self.level), self.asks_fever


class FollowUp(PatientRecord):
    """What the clinic did about an entry, and about those of the same session before it."""

    LOOKED, NOT_REACHED, CALLED, ADVISED, SEEN, SENT_ON = (
        "looked",
        "not_reached",
        "called",
        "advised",
        "seen",
        "sent_on",
    )
    DID = [
        (CALLED, _("called and spoke with the patient")),
        (ADVISED, _("gave advice")),
        (SEEN, _("saw the patient in the clinic")),
        (SENT_ON, _("sent the patient to a doctor or a hospital")),
        (NOT_REACHED, _("called and reached nobody")),
        (LOOKED, _("looked at it: nothing to do")),
    ]
    ANSWERS_RED = (CALLED, ADVISED, SEEN, SENT_ON)
    ANSWERS = (*ANSWERS_RED, LOOKED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="follow_ups")
    treatment = models.ForeignKey(Treatment, on_delete=models.PROTECT, related_name="follow_ups")
    entry = models.ForeignKey(DiaryEntry, on_delete=models.PROTECT, related_name="follow_ups")
    sent_key = models.CharField(max_length=80)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    did = models.CharField(max_length=12, choices=DID)

    says = Word("")

    objects = RecoveryQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ("-at",)
        constraints = [models.UniqueConstraint(name="follow_up_once", fields=("entry", "sent_key"))]

    def __str__(self) -> str:
        return f"follow-up {self.pk}"


class AdverseEvent(PatientRecord):
    """Something that went wrong after a session: what, how badly, until when."""

    GRADES = [("mild", _("mild")), ("moderate", _("moderate")), ("severe", _("severe"))]
    KINDS = [
        ("herpes", _("cold sores or blisters")),
        ("infection", _("infection")),
        ("allergy", _("allergic reaction")),
        ("long redness", _("redness that stays")),
        ("swelling", _("swelling that stays")),
        ("dark marks", _("dark marks")),
        ("tracks", _("lines in the skin")),
        ("bumps", _("bumps or granulomas")),
        ("raised scar", _("raised scar")),
        ("acne", _("acne flare")),
        ("other", _("other")),
    ]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="adverse_events")
    treatment = models.ForeignKey(Treatment, on_delete=models.PROTECT, related_name="adverse_events")
    entry = models.ForeignKey(DiaryEntry, on_delete=models.PROTECT, null=True, related_name="events")
    """The entry that told of it; its photograph belongs to the event."""
    sent_key = models.CharField(max_length=80)
    on = models.DateField()
    ended_on = models.DateField(null=True)
    written_at = models.DateTimeField(default=timezone.now)
    written_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    grade = Word("")
    kind = Word("")
    says = Word("")

    objects = RecoveryQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ("-on", "-written_at")
        constraints = [
            models.UniqueConstraint(name="adverse_event_once", fields=("treatment", "sent_key")),
            models.CheckConstraint(
                name="adverse_event_ends_after_it_began",
                condition=Q(ended_on=None) | Q(ended_on__gte=models.F("on")),
            ),
        ]

    def __str__(self) -> str:
        return f"adverse event {self.pk}"

    @property
    def grade_words(self) -> str:
        """How bad it was."""
        return str(dict(self.GRADES).get(self.grade, self.grade))

    @property
    def kind_words(self) -> str:
        """What it was."""
        return str(dict(self.KINDS).get(self.kind, self.kind))


STRENGTHS = (_("none"), _("a little"), _("clearly"), _("strongly"))
SIGNS = ("redness", "warmth", "pain", "swelling")


def _after(did: tuple[str, ...]) -> models.QuerySet[FollowUp]:
    """What was done about this entry, or about one of the same session that came later."""
    return FollowUp.objects.filter(
        treatment=OuterRef("treatment"), entry__came_at__gte=OuterRef("came_at"), did__in=did
    )
