"""Something that happened becomes an entry of the trail, in the transaction of the change itself."""

import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any, Protocol
from uuid import UUID

from django.db import connection, models, transaction
from django.utils import timezone

from microrelief.errors import VaultError
from microrelief.vault import chain
from microrelief.web.audit.models import Entry, Sealed
from microrelief.web.audit.seal import record_name, seal_of
from microrelief.web.audit.versions import FORGOTTEN, VersionSeal, all_versions, seals_of, seals_of_noted
from microrelief.web.keyring import clinic_keys, head_file
from microrelief.web.refusals import ClockWentBack

ONE_AT_A_TIME = 0x4D52_5452
"""Number of the advisory lock on PostgreSQL; SQLite's IMMEDIATE transactions are one at a time already."""

PLAIN_FACT = re.compile(r"[A-Za-z0-9_.:,+\-]{0,120}")
"""A fact is a word, a number, an id: never a sentence, for a sentence may hold a name."""

CLOCK_CONFIRMED = "clock.confirmed"
VERSIONS_SEALED = "versions.sealed"
"""From this entry on every earlier version of a record is sealed; one that is not is a forgery."""
log = logging.getLogger(__name__)
_head_behind = False


class Author(Protocol):
    """Whoever did it: people.actor.Actor, of which the trail needs to know no more."""

    @property
    def person(self) -> models.Model:
        """The person."""
        ...

    @property
    def door(self) -> str:
        """Page, API or command."""
        ...

    @property
    def address(self) -> str:
        """The network address."""
        ...


def record(
    kind: str,
    *,
    by: Author | None,
    about: models.Model | Iterable[models.Model] = (),
    gone: Iterable[models.Model] = (),
    rewritten: Iterable[models.Model] = (),
    patient: UUID | None = None,
    facts: Mapping[str, object] | None = None,
) -> None:
    """Append one entry, with the seal of every record that changed and of every version that was saved.

    Call it after the change and in its transaction: both stand or neither. `by` None is the program itself.
    `gone` are records that are about to be deleted, `rewritten` earlier versions that were changed. Raises
    ValueError for a fact that could hold a name.
    """
    versions = [*seals_of_noted(), *seals_of(rewritten)]
    _record(kind, by, about, gone, patient, facts, versions)


@transaction.atomic
def seal_all_versions_once() -> None:
    """At the start: versions from before versions were sealed are vouched for as they stand, once."""
    if not Entry.objects.filter(kind=VERSIONS_SEALED).exists():
        for versions in all_versions():
            _record(VERSIONS_SEALED, None, (), (), None, {"versions": len(versions)}, versions)


@transaction.atomic
def seal_noted_versions() -> None:
    """Those of which no entry speaks, by an entry of their own."""
    if versions := seals_of_noted():
        _record(VERSIONS_SEALED, None, (), (), None, {"versions": len(versions)}, versions)


FORGOTTEN.append(seal_noted_versions)


def _record(
    kind: str,
    by: Author | None,
    about: models.Model | Iterable[models.Model],
    gone: Iterable[models.Model],
    patient: UUID | None,
    facts: Mapping[str, object] | None,
    versions: list[VersionSeal],
) -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("an entry of the trail belongs into the transaction of its change")
    changed = [about] if isinstance(about, models.Model) else list(about)
    event: dict[str, Any] = {
        "kind": kind,
        "by": str(by.person.pk) if by else None,
        "door": by.door if by else "program",
        "from": by.address if by else "",
        "patient": str(patient) if patient else None,
        "records": [
            *(
                [record_name(one), str(one.pk), seal_of(one) if isinstance(one, Sealed) else ""]
                for one in changed
            ),
            *([record_name(one), str(one.pk), "gone"] for one in gone),
        ],
        "facts": {name: _fact(name, value) for name, value in (facts or {}).items()},
    }
    if versions:
        event["versions"] = versions
    _append(event, by.person.pk if by else None, patient)


def _append(event: dict[str, Any], actor: UUID | None, patient: UUID | None) -> None:
    wait_for_turn()
    last = Entry.objects.order_by("-sequence").first()
    now = timezone.now()
    entry = chain.next_entry(clinic_keys(), last.link if last else None, event, now)
    Entry.objects.create(**asdict(entry), moment=now, kind=event["kind"], actor=actor, patient=patient)
    # after the commit: a head without its entry would cry wolf after a power cut
    transaction.on_commit(partial(_advance_head, entry))


def head_is_behind() -> bool:
    """Whether the last head could not be written: until one can, a cut-off end would go unnoticed."""
    return _head_behind


def catch_up_head() -> str:
    """At the start: a head that a crash left behind is advanced. Returns a sentence where the trail is
    behind: its end was cut off, or an older database was put in its place.
    """
    last, head = Entry.objects.order_by("-sequence").first(), head_file().read()
    ends = last.sequence if last else 0
    if head and head.sequence > ends:
        return (
            f"The trail ends with entry {ends}, and its head says that there were {head.sequence}: an older "
            "database was put in its place, or its end was cut off. Look at the audit before going on."
        )
    if last and (head is None or head.sequence < ends):
        _advance_head(last.link)
    return ""


def refuse_wrong_clock() -> None:
    """Call before anything that is signed or dated by today. Raises ClockWentBack.

    The latest entry decides, not the last: every click writes one with the wrong time as well.
    `confirm_clock` ends it, for a clock that stood in the future once would forbid signing until then.
    """
    confirmed = Entry.objects.filter(kind=CLOCK_CONFIRMED).order_by("-sequence").first()
    counted = Entry.objects.filter(sequence__gte=confirmed.sequence) if confirmed else Entry.objects.all()
    latest = counted.order_by("-moment").first()
    if latest and chain.clock_went_back(latest.link, timezone.now()):
        raise ClockWentBack(
            f"This computer's clock says {timezone.now():%Y-%m-%d %H:%M} UTC, and something was recorded at "
            f"{latest.moment:%Y-%m-%d %H:%M} UTC already: set the clock right, then sign again. If it "
            "is right now and was wrong then, the owner runs: microrelief clock --confirm"
        )


@transaction.atomic
def confirm_clock(*, by: Author | None) -> None:
    """The clock is right now, and was wrong before."""
    record(CLOCK_CONFIRMED, by=by)


def _advance_head(entry: chain.Entry) -> None:
    """What is committed stays committed: where the disk says no, the next entry advances the head as well."""
    global _head_behind  # noqa: PLW0603  one head, one process
    try:
        head_file().advance(chain.head_of(clinic_keys(), entry, timezone.now()))
        _head_behind = False
    except VaultError as failure:
        _head_behind = True
        log.error("the head of the trail was not advanced: %s", failure)


def wait_for_turn() -> None:
    """Until this transaction alone may add to the trail; also before what counts on from the last."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])


def _fact(name: str, value: object) -> str | int:
    if isinstance(value, bool) or not isinstance(value, int):
        text = str(value)
        if not PLAIN_FACT.fullmatch(text):
            raise ValueError(f"the fact {name} of the trail is not a plain word")
        return text
    return value
