"""What adds to the ledger of consent, and what asks it."""

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib import resources
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from microrelief.vault.envelope import Kind
from microrelief.web.audit.models import Entry
from microrelief.web.audit.trail import record, refuse_wrong_clock
from microrelief.web.consents.models import Consent, ConsentText
from microrelief.web.consents.purposes import CHANNELS, HOW, PURPOSES, SIGNERS
from microrelief.web.consents.withdrawn import keep_withdrawn
from microrelief.web.patients.access import require
from microrelief.web.patients.models import Patient
from microrelief.web.patients.record import save_change, save_new
from microrelief.web.people.actor import Actor
from microrelief.web.people.once import once
from microrelief.web.people.permissions import Permission
from microrelief.web.photos.actions import closed_on_failure, open_copy
from microrelief.web.photos.models import Photo
from microrelief.web.refusals import ConsentEnded, NoConsent, NotHere, OnHold, Unusable

SIGNATURE = re.compile(r"(?:[ML] ?-?\d{1,5}(?:\.\d{1,2})? -?\d{1,5}(?:\.\d{1,2})? ?){2,4000}")
"""Strokes, and nothing else that an SVG can hold."""
LONGEST = timedelta(days=366 * 20)

HANDED_OUT = "photo.handed_out"

Effect = Callable[[Actor, Consent], None]
EFFECTS: list[Effect] = []
"""What a withdrawal sets off, in its own transaction: whoever publishes adds a function here."""


OURS = {"en": "texts.toml", "de": "texts.de.toml"}
"""The texts that come with the program, by language; a German one is a text with a version of its own."""


@transaction.atomic
def record_consent(
    *,
    by: Actor,
    patient: Patient,
    key: str,
    purpose: str,
    answer: str,
    how: str,
    signed_on: date,
    text_id: UUID | None = None,
    channels: Sequence[str] = (),
    photos: Sequence[UUID] = (),
    expires_on: date | None = None,
    signer: str = "patient",
    signer_name: str = "",
    witness: str = "",
    remark: str = "",
    signature: str = "",
) -> Consent:
    """Write down an answer: given or refused, to this text, in this way. The same key: the same row."""
    require(by, Permission.RECORD_CONSENT, patient)
    stands_for = "" if how == "typed" and answer == Consent.GIVEN else patient.name
    said = {
        "signer": signer,
        "signer_name": signer_name.strip() or stands_for,
        "witness": witness.strip(),
        "remark": remark.strip(),
        "signature": signature.strip(),
    }
    scope = {"channels": sorted(set(channels)), "photos": sorted({str(one) for one in photos})}
    content = [str(patient.pk), purpose, answer, how, signed_on, text_id, scope, expires_on, said]
    sent = once(by=by, action="consent.record", key=key, content=content)
    if sent.made:
        return Consent.objects.get(pk=sent.made)
    refuse_wrong_clock()
    _refuse_unusable(patient, purpose, answer, how, signed_on, expires_on, scope, said)
    consent = Consent(
        patient=patient,
        purpose=purpose,
        text=_text(purpose, text_id),
        answer=answer,
        how=how,
        signed_on=signed_on,
        expires_on=expires_on,
        recorded_by=by.person,
        **scope,
    )
    for name, value in said.items():
        setattr(consent, name, value)
    save_new(consent, by=by)
    sent.settle(consent.pk)
    record(
        "consent.given" if answer == Consent.GIVEN else "consent.refused",
        by=by,
        about=consent,
        patient=patient.pk,
        facts={"purpose": purpose, "text": str(consent.text_id), "how": how},
    )
    return consent


@transaction.atomic
def withdraw_consent(*, by: Actor, consent: Consent, remark: str = "") -> None:
    """One step, with effect at once. Withdrawn twice is withdrawn once."""
    require(by, Permission.WITHDRAW_CONSENT, consent.patient)
    if consent.answer != Consent.GIVEN:
        raise Unusable("A refusal cannot be withdrawn: record the consent instead.")
    consent.refresh_from_db()
    if consent.withdrawn_at:
        return
    save_change(
        consent,
        by=by,
        version=consent.version,
        withdrawn_at=timezone.now(),
        withdrawn_by=by.person,
        withdrawal_remark=remark.strip(),
    )
    for effect in EFFECTS:
        effect(by, consent)
    transaction.on_commit(keep_withdrawn)
    record(
        "consent.withdrawn",
        by=by,
        about=consent,
        patient=consent.patient_id,
        facts={"purpose": consent.purpose},
    )


def consent_for(actor: Actor, consent_id: UUID, permission: Permission = Permission.SEE_PATIENTS) -> Consent:
    """The row of the ledger, if this person may do this with it."""
    consent = Consent.objects.for_user(actor).select_related("patient", "text").filter(pk=consent_id).first()
    if consent is None:
        raise NotHere("The address is wrong, the consent is gone, or you do not treat this patient.")
    require(actor, permission, consent.patient)
    return consent


def permits(
    patient: Patient, purpose: str, *, channel: str = "", photo_id: UUID | None = None
) -> Consent | None:
    """The consent that allows it now, or None. The last answer counts: a refusal, or its withdrawal, ends
    whatever was given before.
    """
    last = last_answer(patient, purpose)
    if last is None or last.state != Consent.GIVEN:
        return None
    if channel and channel not in last.channels:
        return None
    if photo_id and PURPOSES[purpose].shows_faces and str(photo_id) not in last.photos:
        return None
    return last


def require_consent(
    patient: Patient, purpose: str, *, channel: str = "", photo_id: UUID | None = None
) -> Consent:
    """Before anything is shown or handed out under a consent: there is one now, for this purpose, channel and
    photograph. Raises ConsentEnded (410) where it was withdrawn or ran out, NoConsent where there is none.
    """
    found = permits(patient, purpose, channel=channel, photo_id=photo_id)
    if found is not None:
        return found
    refuse_after_no(patient, purpose)
    raise NoConsent("There is no consent to this purpose, channel and photograph: ask for it first.")


def refuse_after_no(patient: Patient, purpose: str) -> None:
    """For what is part of the treatment until somebody says no to it. Raises ConsentEnded after a refusal, a
    withdrawal, or the end of what was given.
    """
    last = last_answer(patient, purpose)
    if last is not None and last.state != Consent.GIVEN:
        raise ConsentEnded(
            f"The consent to this ({PURPOSES[purpose].name.lower()}) is {last.state}: nothing is shown or "
            "made under it. A new answer is written down under Consent."
        )


def last_answer(patient: Patient, purpose: str) -> Consent | None:
    """The answer that counts, whatever it says."""
    answers = Consent.objects.filter(patient_id__in=patient.all_ids(), purpose=purpose)
    return answers.order_by("-received_at", "-pk").first()


def hand_out_copy(*, by: Actor, photo: Photo, purpose: str, channel: str) -> Iterator[bytes]:
    """A copy for a purpose outside the treatment, with nothing in it but the picture; the trail says where it
    went, so that it can be called back.
    """
    require(by, Permission.EXPORT_PATIENT, photo.patient)
    if purpose not in PURPOSES or not PURPOSES[purpose].shows_faces or channel not in CHANNELS:
        raise Unusable("Choose the purpose and where the picture goes.")
    patient = photo.patient.surviving or photo.patient
    require_consent(patient, purpose, channel=channel, photo_id=photo.pk)
    copy = open_copy(by=by, photo=photo, kind=Kind.SCREEN)  # a stop of the brake must stand
    with closed_on_failure(copy) as pieces, transaction.atomic():
        consent = require_consent(patient, purpose, channel=channel, photo_id=photo.pk)
        facts = {"purpose": purpose, "channel": channel, "consent": str(consent.pk)}
        record(HANDED_OUT, by=by, about=photo, patient=photo.patient_id, facts=facts)
    return pieces


@dataclass(frozen=True)
class HandedOut:
    """A copy that left, and whether the answer that counts now still covers it."""

    at: datetime
    channel: str
    covered: bool

    @property
    def says(self) -> str:
        """Where it went, in words."""
        return CHANNELS.get(self.channel, self.channel)


def handed_out(patient: Patient, purpose: str) -> list[HandedOut]:
    """The copies that ever went out for a purpose: those no longer covered must be called back, whichever
    answers came in between.
    """
    last = permits(patient, purpose)
    channels, photos = (set(last.channels), set(last.photos)) if last else (set(), set())
    entries = Entry.objects.filter(kind=HANDED_OUT, patient__in=patient.all_ids()).order_by("sequence")
    found = []
    for entry in entries:
        told = entry.told
        if told["facts"]["purpose"] == purpose:
            channel = told["facts"]["channel"]
            covered = channel in channels and all(key in photos for _, key, _ in told["records"])
            found.append(HandedOut(entry.moment, channel, covered))
    return found


def current_texts(language: str = "en") -> list[ConsentText]:
    """The newest text of each purpose in this language, else in any; ours where the clinic wrote none."""
    return [_text(purpose, None, language) for purpose in PURPOSES]


@transaction.atomic
def write_text(*, by: Actor, purpose: str, version: str, text: str, language: str = "en") -> ConsentText:
    """The clinic's own words for a purpose, for consents from now on."""
    require(by, Permission.CHANGE_SETTINGS)
    if purpose not in PURPOSES or not text.strip() or not version.strip():
        raise Unusable("A text needs its purpose, its words and a version, for example the date.")
    if ConsentText.objects.filter(purpose=purpose, language=language, version=version).exists():
        raise Unusable(
            "There is a text of this version: what was signed is never changed, give another version."
        )
    made = ConsentText.objects.create(
        purpose=purpose, language=language, version=version.strip(), text=text.strip(), made_by=by.person
    )
    record("consent.text_written", by=by, about=made, facts={"purpose": purpose})
    return made


@transaction.atomic
def bring_texts() -> None:
    """Put the texts that come with the program beside the clinic's; at each start, once for each version."""
    for language, file in OURS.items():
        ours = tomllib.loads((resources.files("microrelief.web.consents") / file).read_text("utf-8"))
        for purpose, fields in ours.items():
            what = {"purpose": purpose, "language": language, "version": fields["version"]}
            if not ConsentText.objects.filter(**what).exists():
                made = ConsentText.objects.create(**what, text=" ".join(fields["text"].split()))
                record("consent.text_brought", by=None, about=made, facts={"purpose": purpose})


def _text(purpose: str, text_id: UUID | None, language: str = "en") -> ConsentText:
    texts = ConsentText.objects.filter(purpose=purpose).order_by("-made_at")
    found = texts.filter(pk=text_id).first() if text_id else None
    if not text_id:
        found = texts.filter(language=language).first() or texts.first()
    if found is None:
        raise Unusable("There is no text for this purpose: write one in the settings first.")
    return found


def _refuse_unusable(
    patient: Patient,
    purpose: str,
    answer: str,
    how: str,
    signed_on: date,
    expires_on: date | None,
    scope: dict[str, list[str]],
    said: dict[str, Any],
) -> None:
    if patient.erased_at:
        raise OnHold("This record was erased.")
    if purpose not in PURPOSES or answer not in (Consent.GIVEN, Consent.REFUSED) or how not in HOW:
        raise Unusable("Choose the purpose, the answer and the way it was given.")
    if said["signer"] not in SIGNERS:
        raise Unusable("Say who signed: the patient, a guardian or a representative.")
    today = timezone.localdate()
    if signed_on > today:
        raise Unusable("The day of signing lies in the future: check the date.")
    if patient.birth_date and signed_on < patient.birth_date:
        raise Unusable("The day of signing lies before the birth: check the date.")
    if expires_on and not signed_on <= expires_on <= signed_on + LONGEST:
        raise Unusable("The consent must run out after it was signed, within twenty years.")
    if not set(scope["channels"]) <= set(CHANNELS):
        raise Unusable("Choose the channels from the list.")
    if answer == Consent.GIVEN:
        _refuse_incomplete(patient, purpose, how, scope, said)


def _refuse_incomplete(
    patient: Patient, purpose: str, how: str, scope: dict[str, list[str]], said: dict[str, Any]
) -> None:
    if PURPOSES[purpose].shows_faces and not scope["channels"]:
        raise Unusable("Say through which channels the pictures may be shown: consent to everything is none.")
    known = {
        str(one)
        for one in Photo.objects.filter(
            patient_id__in=patient.all_ids(), removed_at=None, from_diary=False
        ).values_list("pk", flat=True)
    }
    if not set(scope["photos"]) <= known:
        raise Unusable("A photograph that was chosen is not one of this patient's.")
    if how == "tablet" and not SIGNATURE.fullmatch(said["signature"]):
        raise Unusable("The signature is missing: sign on the screen, or choose another way.")
    if how == "typed" and not said["signer_name"]:
        raise Unusable("The name is missing: who answers types it under “Name of who signs”.")
    if how == "spoken" and not said["witness"]:
        raise Unusable("A spoken consent needs a witness: enter the name.")
