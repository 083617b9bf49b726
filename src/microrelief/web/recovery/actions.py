"""What makes, opens and ends a patient's link, keeps an entry, and writes down what was done about it.

Each is atomic and writes the trail with the change. Staff come as an Actor through the ordinary permissions;
the patient comes as ByLink, which opens one session's diary and nothing else.
"""

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import IO, Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from microrelief.errors import PhotoError, StorageFull
from microrelief.pathway.facts import UNKNOWN
from microrelief.pathway.table import outcome_document
from microrelief.web.audit.trail import record
from microrelief.web.configuration import configuration
from microrelief.web.patients.access import require
from microrelief.web.patients.record import save_change, save_new
from microrelief.web.people.actor import Actor
from microrelief.web.people.models import hash_token, new_token
from microrelief.web.people.once import KEY, once
from microrelief.web.people.permissions import Permission
from microrelief.web.photos.diary import Keep, diary_photo, may_be_taken
from microrelief.web.recovery.judged import judge
from microrelief.web.recovery.models import (
    RED,
    SIGNS,
    STRENGTHS,
    AdverseEvent,
    DiaryEntry,
    DiaryLink,
    FollowUp,
)
from microrelief.web.recovery.session import first_of, needled_at
from microrelief.web.refusals import KeyReused, LinkSpent, NotHere, Unusable
from microrelief.web.treatments.models import Treatment


class LinkClosed(LinkSpent):
    """A patient's link that does not open: `why` is unknown, expired, revoked or closed."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(_("This link does not open any more: call the clinic, which makes a new one."))


NOT_READ = gettext_noop("It could not be read as a photograph.")
TOO_LARGE = gettext_noop("It was too large to be sent.")
SAID_NO = gettext_noop("The consent to photographs was refused or withdrawn.")
NO_ROOM = gettext_noop("There was no room for it on the clinic's computer.")
"""Why a photograph was not kept: in the program's language, for patient and staff may each read another."""
LONGEST_NOTE = 2000
MOST_ENTRIES = 400
"""With one link: two a day for the longest time that a link opens. Whoever has it cannot fill the disk."""


@dataclass(frozen=True)
class ByLink:
    """A patient at the door of one link. The trail names the link, for it cannot know who held the phone."""

    link: DiaryLink
    address: str = ""
    door: str = "diary"

    @property
    def person(self) -> DiaryLink:
        """What the trail writes down in the place of a person."""
        return self.link


@transaction.atomic
def make_link(*, by: Actor, treatment: Treatment, days: int = DiaryLink.DAYS) -> tuple[DiaryLink, str]:
    """A link to the diary of a signed session, and its address, which nobody can look up again.

    It opens until `days` after the session. An earlier link of the session stops opening at once.
    """
    require(by, Permission.WRITE_RECORD, treatment.patient)
    treatment = first_of(treatment)
    if treatment.signed_at is None:
        raise Unusable(_("The link is made once the session is signed: sign it first."))
    if not 1 <= days <= DiaryLink.MOST_DAYS:
        raise Unusable(_("Choose from 1 to %(most)s days.") % {"most": DiaryLink.MOST_DAYS})
    expires = needled_at(treatment) + timedelta(days=days)
    if expires <= timezone.now():
        raise Unusable(_("With so few days the link would be closed already: choose more."))
    for earlier in DiaryLink.objects.select_for_update().filter(treatment=treatment, revoked_at=None):
        _revoke(by, earlier)
    token = new_token()
    link = DiaryLink(
        patient_id=treatment.patient_id,
        treatment=treatment,
        token_hash=hash_token(token),
        made_by=by.person,
        expires_at=expires,
    )
    save_new(link, by=by)
    record("diary.link_made", by=by, about=link, patient=link.patient_id, facts={"days": days})
    return link, configuration().site_address + reverse("open_diary", args=[token])


@transaction.atomic
def revoke_diary_link(*, by: Actor, link: DiaryLink) -> None:
    """It stops opening at once, also for a phone that has it open. Twice is once."""
    require(by, Permission.WRITE_RECORD, link.patient)
    if link.revoked_at is None:
        _revoke(by, link)


@transaction.atomic
def open_link(*, token: str, address: str = "") -> DiaryLink:
    """The link of a token, with its use in the trail. Raises LinkClosed; `refuse_link` writes it."""
    found = DiaryLink.objects.filter(token_hash=hash_token(token)).select_related(
        "patient__surviving", "treatment"
    )
    link: DiaryLink | None = found.first()
    if link is None or not link.usable:
        raise LinkClosed("unknown" if link is None else link.why_not)
    DiaryLink.objects.filter(pk=link.pk).update(opened_at=timezone.now())
    record("diary.opened", by=ByLink(link, address), patient=link.patient_id)
    return link


@transaction.atomic
def refuse_link(*, token: str, why: str, address: str = "") -> None:
    """Write down that a link did not open, and whose it was if it was one."""
    link = DiaryLink.objects.filter(token_hash=hash_token(token)).first()
    record(
        "diary.refused",
        by=ByLink(link, address) if link else None,
        patient=link.patient_id if link else None,
        facts={"why": why} | ({} if link else {"from": plain_address(address)}),
    )


def write_entry(
    *,
    by: Actor | ByLink,
    treatment: Treatment,
    key: str,
    answers: dict[str, Any],
    strength: dict[str, int] | None = None,
    note: str = "",
    at: datetime | None = None,
    asks_fever: bool = False,
    photo: IO[bytes] | None = None,
    photo_bytes: int = 0,
    photo_lost: bool = False,
) -> DiaryEntry:
    """Keep one entry and what the rules say of it. The same key: the same entry, however often it is sent.

    `answers` by the rulebook's names (questions/recovery.toml); `strength` of redness, warmth, pain and
    swelling as a place in STRENGTHS. A photograph that is none costs the photograph, never the entry;
    `photo_lost`: there was one, and it was too large to be sent.
    """
    treatment = first_of(treatment)
    _refuse_who_may_not(by, treatment)
    if not KEY.fullmatch(key):
        raise Unusable(_("This entry carries no key of its own: reload the page and write it again."))
    at = _moment(treatment, at)
    strength = _strength(strength or {})
    outcome, level, facts = judge(treatment, answers, at, strength, feverish=asks_fever)
    entry = DiaryEntry(
        patient_id=treatment.patient_id,
        treatment=treatment,
        sent_key=key,
        at=at,
        link=by.link if isinstance(by, ByLink) else None,
        written_by=None if isinstance(by, ByLink) else by.person,
        level=level,
        asks_fever=asks_fever and answers.get("temperature_celsius", UNKNOWN) is UNKNOWN,
    )
    entry.answers = {name: value for name, value in answers.items() if value is not None}
    entry.strength = strength
    entry.note = note.strip()[:LONGEST_NOTE]
    entry.has_note = bool(entry.note)
    entry.remark = TOO_LARGE if photo_lost else ""
    entry.said = outcome_document(outcome)
    entry.facts = facts
    before = DiaryEntry.objects.filter(treatment=treatment, sent_key=key).first()
    if before is not None:
        return _same(before, entry)
    if entry.link is not None and entry.link.entries.count() >= MOST_ENTRIES:
        raise Unusable(
            _("So many entries were written with this link that it takes no more: call the clinic.")
        )
    try:
        with ExitStack() as held:
            keep = None
            if photo is not None and not may_be_taken(treatment.patient):
                entry.remark = SAID_NO
            elif photo is not None:
                try:
                    keep = held.enter_context(
                        diary_photo(patient=treatment.patient, upload=photo, size=photo_bytes)
                    )
                except PhotoError:
                    entry.remark = NOT_READ
                except StorageFull:  # then nothing is kept, and the phone keeps both
                    if level not in RED:
                        raise
                    entry.remark = NO_ROOM  # somebody must hear of it now: a few words have room
            return _keep(by, entry, keep)
    except IntegrityError:  # the same entry came at the same time, and was first
        return _same(DiaryEntry.objects.get(treatment=treatment, sent_key=key), entry)


@transaction.atomic
def follow_up(*, by: Actor, entry: DiaryEntry, key: str, did: str, says: str = "") -> FollowUp:
    """Write down what was done about an entry; a red flag leaves the list once somebody was spoken to."""
    require(by, Permission.WRITE_RECORD, entry.patient)
    if did not in dict(FollowUp.DID):
        raise Unusable(_("Choose what was done."))
    if entry.level in RED and not says.strip():
        raise Unusable(_("Write in a few words what was said or done: this was a red flag."))
    says = says.strip()[:LONGEST_NOTE]
    sent = once(by=by, action="diary.follow_up", key=key, content=[str(entry.pk), did, says])
    if sent.made:
        return FollowUp.objects.get(pk=sent.made)
    made = FollowUp(
        patient_id=entry.patient_id,
        treatment_id=entry.treatment_id,
        entry=entry,
        sent_key=key,
        by=by.person,
        did=did,
    )
    made.says = says
    save_new(made, by=by)
    sent.settle(made.pk)
    record("diary.followed_up", by=by, about=made, patient=made.patient_id, facts={"did": did})
    return made


@transaction.atomic
def write_event(
    *,
    by: Actor,
    treatment: Treatment,
    key: str,
    on: date,
    kind: str,
    grade: str,
    says: str = "",
    entry: DiaryEntry | None = None,
    ended_on: date | None = None,
) -> AdverseEvent:
    """Write down what went wrong after a session, with the entry (and its photograph) that told of it."""
    treatment = first_of(treatment)
    require(by, Permission.WRITE_RECORD, treatment.patient)
    if kind not in dict(AdverseEvent.KINDS) or grade not in dict(AdverseEvent.GRADES):
        raise Unusable(_("Choose what it was and how bad."))
    _refuse_days(treatment, on, ended_on)
    entry = entry if entry is not None and entry.treatment_id == treatment.pk else None
    says = says.strip()[:LONGEST_NOTE]
    content = [str(treatment.pk), on, ended_on, kind, grade, says, str(entry.pk) if entry else ""]
    sent = once(by=by, action="event.write", key=key, content=content)
    if sent.made:
        return AdverseEvent.objects.get(pk=sent.made)
    made = AdverseEvent(
        patient_id=treatment.patient_id,
        treatment=treatment,
        entry=entry,
        sent_key=key,
        on=on,
        ended_on=ended_on,
        written_by=by.person,
    )
    made.grade, made.kind = grade, kind
    made.says = says
    save_new(made, by=by)
    sent.settle(made.pk)
    record("event.written", by=by, about=made, patient=made.patient_id)
    return made


@transaction.atomic
def end_event(*, by: Actor, event: AdverseEvent, version: int, ended_on: date | None) -> None:
    """When it was over, or that it is not. Raises EditConflict."""
    require(by, Permission.WRITE_RECORD, event.patient)
    _refuse_days(event.treatment, event.on, ended_on)
    save_change(event, by=by, version=version, ended_on=ended_on)
    record("event.changed", by=by, about=event, patient=event.patient_id)


def _revoke(by: Actor, link: DiaryLink) -> None:
    save_change(link, by=by, version=link.version, revoked_at=timezone.now(), revoked_by=by.person)
    record("diary.link_revoked", by=by, about=link, patient=link.patient_id)


def _refuse_who_may_not(by: Actor | ByLink, treatment: Treatment) -> None:
    if isinstance(by, Actor):
        require(by, Permission.WRITE_RECORD, treatment.patient)
        if treatment.signed_at is None:
            raise Unusable(_("The diary begins once the session is signed: sign it first."))
        return
    # asked anew: a link may have been taken back since the page was opened
    link = DiaryLink.objects.select_related("patient__surviving").filter(pk=by.link.pk).first()
    if link is None or not link.usable:
        raise LinkClosed("unknown" if link is None else link.why_not)
    if link.treatment_id != treatment.pk:
        raise NotHere(_("This link does not belong to that session."))


def _moment(treatment: Treatment, at: datetime | None) -> datetime:
    """When it was written: not before the session, not in the future."""
    now = timezone.now()
    return min(max(at or now, needled_at(treatment)), now)


def _strength(given: dict[str, int]) -> dict[str, int]:
    found = {name: given[name] for name in SIGNS if name in given}
    if any(not isinstance(value, int) or not 0 <= value < len(STRENGTHS) for value in found.values()):
        raise Unusable(_("Choose how strong it is from the words that are shown."))
    return found


def _same(before: DiaryEntry, again: DiaryEntry) -> DiaryEntry:
    """The entry of this key, if it says the same: anything else would be lost without a word."""
    if any(getattr(before, name) != getattr(again, name) for name in ("answers", "strength", "note")):
        raise KeyReused(_("The same key came with other answers: reload the page and write it again."))
    return before


@transaction.atomic
def _keep(by: Actor | ByLink, entry: DiaryEntry, keep: Keep | None) -> DiaryEntry:
    _refuse_who_may_not(by, entry.treatment)  # again, for the decoding took a while
    if keep is not None:
        entry.photo = keep.row(by)
    entry._history_user = entry.written_by  # type: ignore[attr-defined]
    entry.save(force_insert=True)
    facts = {"level": entry.level.replace(" ", "_"), "photo": int(entry.photo_id is not None)}
    record("diary.written", by=by, about=entry, patient=entry.patient_id, facts=facts)
    if keep is not None:
        keep.commits()
    return entry


def _refuse_days(treatment: Treatment, on: date, ended_on: date | None) -> None:
    if not treatment.on <= on <= timezone.localdate():
        raise Unusable(_("It began on a day from the session until today: check the day."))
    if ended_on is not None and not on <= ended_on <= timezone.localdate():
        raise Unusable(_("It ended on a day from its beginning until today: check the day."))


def plain_address(address: str) -> str:
    """What an address is written with, for the trail: it may be anything that a proxy handed on."""
    return "".join(sign for sign in address if sign.isalnum() or sign in ".:")[:60]
