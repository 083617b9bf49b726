"""The patient, the key that opens what is kept of them, who treats them, why a record must stay."""

import uuid
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from microrelief.web.audit.models import Sealed
from microrelief.web.patients.record import DateWord, PatientRecord, Word
from microrelief.web.people.actor import Actor
from microrelief.web.people.models import Person
from microrelief.web.people.permissions import Permission

if TYPE_CHECKING:
    from datetime import date


class PatientQuerySet(models.QuerySet["Patient"]):
    """Patients, as far as somebody may know of them."""

    def for_user(self, actor: Actor) -> "PatientQuerySet":
        """Those this person treats, or whose glass they broke; neither erased nor merged into another.

        A restricted record (GDPR Art 18) is there only for whoever may lift the restriction.
        """
        if not actor.may(Permission.SEE_PATIENTS):
            return self.none()
        found = self.filter(
            Exists(CareRelation.objects.in_force().filter(patient=OuterRef("pk"), person=actor.person)),
            erased_at=None,
            merged_into=None,
        )
        return found if actor.may(Permission.HOLD_PATIENT) else found.filter(restricted_at=None)


class Patient(PatientRecord):
    """One person who is treated."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.PositiveIntegerField(unique=True, editable=False)
    """The record's number, from 1: an identifier that says nothing of the person."""
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="merged")
    surviving = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="all_merged")
    """The record at the end of the merges; none is the record itself."""
    restricted_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    family_name = Word("")
    given_name = Word("")
    birth_date = DateWord()
    phone = Word("")
    email = Word("")
    note = Word("")
    language = Word("")
    """What the sheets and the link are written in; empty is the clinic's."""

    objects = PatientQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ("number",)
        constraints = [
            models.CheckConstraint(
                name="patient_merged_has_surviving",
                condition=Q(merged_into=None, surviving=None)
                | Q(merged_into__isnull=False, surviving__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"patient {self.number:06d}"

    @property
    def whose(self) -> uuid.UUID:
        """A patient's own record is encrypted with their own key."""
        return self.pk

    @property
    def name(self) -> str:
        """As it stands in a list."""
        return ", ".join(part for part in (self.family_name, self.given_name) if part)

    @property
    def record_number(self) -> str:
        """As it is said and typed."""
        return f"{self.number:06d}"

    @property
    def born(self) -> "date | None":
        """The second identifier."""
        return self.birth_date

    def all_ids(self) -> list[uuid.UUID]:
        """This record and everything that was merged into it."""
        return [self.pk, *self.all_merged.values_list("pk", flat=True)]


class PatientKeyRow(Sealed):
    """The patient's key, wrapped by the clinic's. Not in the history: emptied, it is gone."""

    unsealed_fields = frozenset({"wrapped"})  # wrapped anew when the clinic's key rotates

    patient = models.OneToOneField(
        Patient, on_delete=models.PROTECT, primary_key=True, related_name="key_row"
    )
    wrapped = models.BinaryField(null=True, editable=False)
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="patient_key_or_date",
                condition=Q(wrapped__isnull=False, destroyed_at=None)
                | Q(wrapped=None, destroyed_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"key of {self.patient_id}"


class CareRelationQuerySet(models.QuerySet["CareRelation"]):
    """Relations, as far as they count."""

    def in_force(self) -> "CareRelationQuerySet":
        """Neither ended nor run out."""
        now = timezone.now()
        return self.filter(Q(until=None) | Q(until__gt=now), ended_at=None)


class CareRelation(PatientRecord):
    """Why somebody sees a patient: they treat them, or they broke the glass for a while, with a reason."""

    TREATS, BROKE_GLASS = "treats", "broke_glass"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="care_team")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="patients")
    kind = models.CharField(max_length=20, choices=[(TREATS, "treats"), (BROKE_GLASS, "broke the glass")])
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True)
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    seen_by_owner_at = models.DateTimeField(null=True)

    reason = Word("")

    objects = CareRelationQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_relation_each",
                fields=("patient", "person", "kind"),
                condition=Q(ended_at=None, kind="treats"),
            ),
            models.CheckConstraint(
                name="broken_glass_runs_out", condition=Q(kind="treats") | Q(until__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.kind} {self.patient_id}"


class Hold(PatientRecord):
    """Why a record must be kept: a legal claim, or another duty. Nothing on hold is erased."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="holds")
    since = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    reason = Word("")

    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="hold_lifted_at_and_by",
                condition=Q(lifted_at=None, lifted_by=None)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"hold on {self.patient_id}"


class Erasure(Sealed):
    """That a record was erased: what a restored backup must erase again. No name, no reason in words."""

    patient_id = models.UUIDField(primary_key=True)
    number = models.PositiveIntegerField()
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    basis = models.CharField(max_length=30)

    def __str__(self) -> str:
        return f"patient {self.number:06d} erased"
