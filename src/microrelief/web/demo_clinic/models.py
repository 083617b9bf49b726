"""The mark of a demonstration: one row, the first of its data folder, sealed in the trail."""

from django.db import models, transaction
from django.utils import timezone

from microrelief.errors import SettingsRefused
from microrelief.web.audit.models import Entry, Sealed
from microrelief.web.audit.trail import record
from microrelief.web.people.models import Person


class DemoMark(Sealed):
    """That everything in this data folder is invented."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    made_at = models.DateTimeField(default=timezone.now)
    seeded_at = models.DateTimeField(null=True)
    """When the last of its stories was written; none is a demonstration that is not whole."""
    last_entry = models.BigIntegerField(null=True)
    """The trail's last entry then: what follows was done by visitors."""

    class Meta:
        constraints = [models.CheckConstraint(name="one_demo_mark", condition=models.Q(id=1))]

    def __str__(self) -> str:
        return "demonstration"


def demo_mark() -> DemoMark | None:
    """The mark, None in every clinic that is one."""
    return DemoMark.objects.filter(pk=1).first()


@transaction.atomic
def make_demo() -> DemoMark:
    """Mark an empty data folder. Raises SettingsRefused where anybody has an account."""
    if Person.objects.exists() or Entry.objects.exclude(kind="person.first_link").exists():
        raise SettingsRefused(
            "this data folder holds a clinic's records, which never become a demonstration: name another "
            "folder"
        )
    mark = DemoMark.objects.create()
    record("demo.made", by=None, about=mark)
    return mark


@transaction.atomic
def note_seeded(mark: DemoMark) -> None:
    """All stories are written."""
    last = Entry.objects.order_by("-sequence").values_list("sequence", flat=True).first() or 0
    mark.seeded_at, mark.last_entry = timezone.now(), last + 1
    mark.save()
    record("demo.seeded", by=None, about=mark)


VISITING = frozenset(
    {
        "comparison.done",
        "photoset.view_read",
        "audit.read",
        "audit.verified",
        "diary.opened",
        "diary.refused",
    }
)
"""What happens by itself or by looking; nobody misses it."""


def visited(mark: DemoMark) -> bool:
    """Whether somebody wrote anything since: what they wrote is not thrown away unasked."""
    later = Entry.objects.filter(sequence__gt=mark.last_entry or 0)
    return later.exclude(kind__in=VISITING).exclude(kind__startswith="person.").exclude(
        kind__endswith="viewed"
    ).exists()  # fmt: skip


def refuse_mixture(*, demo: bool) -> None:
    """A demonstration is opened as one, and nothing else is. Raises SettingsRefused."""
    marked = demo_mark() is not None
    if marked and not demo:
        raise SettingsRefused(
            "this data folder is a demonstration and never becomes a clinic: name another folder for your "
            "clinic, or open this one with microrelief serve --demo"
        )
    if demo and not marked:
        raise SettingsRefused(
            "this data folder is no demonstration, so it is not opened as one: leave --demo away, or name "
            "another folder"
        )
