"""An entry becomes a sentence that the owner reads."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from microrelief.web.audit.models import Entry
from microrelief.web.consents.purposes import CHANNELS
from microrelief.web.languages.sentences import spoken
from microrelief.web.patients.models import Patient
from microrelief.web.people.models import Person
from microrelief.web.people.permissions import ROLES

LINKS = ("diary", "link")
"""The doors of a patient's links: the trail knows the link, and not who held the phone."""
SENTENCES = {
    "clinic.changed": "{who} changed the clinic's settings ({fields})",
    "person.first_link": "The program made the link for the owner's account",
    "person.invited": "{who} made an invitation as {role}",
    "person.password_link": "{who} made a link for a new password of {person}",
    "person.link_revoked": "{who} withdrew an open link",
    "person.joined": "{who} joined as {role}",
    "person.password_set": "{who} set a new password by link",
    "person.password_changed": "{who} changed their password",
    "person.language_chosen": "{who} chose a language ({language})",
    "person.role_changed": "{who} changed a role from {from} to {to}",
    "person.disabled": "{who} closed the account of {about}",
    "person.enabled": "{who} opened the account of {about} again",
    "person.sessions_ended": "{who} signed {about} out everywhere",
    "person.second_factors_removed": "{who} took the second factors of {about} away",
    "person.second_factor_added": "{who} added a second factor ({type})",
    "person.second_factor_removed": "{who} removed a second factor ({type})",
    "person.signed_in": "{who} signed in",
    "person.signed_out": "{who} signed out",
    "person.sign_in_failed": "Somebody failed to sign in as {person}",
    "person.locked_out": "The account {person} was locked for a while after too many wrong passwords",
    "patient.added": "{who} added {patient}",
    "patient.changed": "{who} changed {patient} ({fields})",
    "patient.team_added": "{who} put {person} on the care team of {patient}",
    "patient.team_removed": "{who} took {person} off the care team of {patient}",
    "patient.glass_broken": "{who} broke the glass of {patient}",
    "patient.glass_noted": "{who} looked at why the glass of {patient} was broken",
    "patient.merged": "{who} merged a duplicate into {patient}",
    "patient.merge_undone": "{who} took a merge out of {patient}",
    "patient.held": "{who} put {patient} on hold",
    "patient.hold_lifted": "{who} lifted a hold of {patient}",
    "patient.restricted": "{who} restricted {patient}",
    "patient.opened": "{who} opened {patient} again",
    "patient.viewed": "{who} opened the record of {patient}",
    "patient.exported": "{who} exported {patient} with {photos} photographs, protected by: {protected}",
    "patient.erased": "{who} erased {patient} ({basis})",
    "patient.erased_again": "The program erased {patient} again after a restore",
    "photo.added": "{who} added a photograph to {patient}",
    "photo.original_viewed": "{who} opened an original photograph of {patient} ({why})",
    "photo.described": "{who} changed view or note of a photograph of {patient}",
    "photo.moved": "{who} moved a photograph to {patient}",
    "photo.removed": "{who} took a photograph of {patient} out of sight",
    "photo.taken_back": "{who} brought a photograph of {patient} back",
    "photoset.opened": "{who} began a set of photographs of {patient} ({source})",
    "photoset.view_taken": "{who} photographed {patient} ({view})",
    "photoset.view_retaken": "{who} photographed {patient} again ({view})",
    "photoset.view_skipped": "{who} left a view of {patient} out ({view})",
    "photoset.view_taken_out": "{who} took a photograph out of a set of {patient}",
    "photoset.view_read": "The program looked at a photograph of {patient}",
    "photoset.question_answered": "{who} said that a photograph of {patient} is right ({kind})",
    "photoset.finished": "{who} finished a set of photographs of {patient}",
    "photoset.baseline": "{who} chose the baseline of {patient}",
    "photoset.described": "{who} changed day or note of a set of {patient}",
    "photoset.imported": "{who} imported a photograph of {patient}",
    "photoset.filed": "{who} filed an imported photograph of {patient} ({view})",
    "comparison.asked": "{who} asked for a comparison of {patient} ({view})",
    "comparison.done": "The program compared two photographs of {patient} ({state}, grade {grade})",
    "consent.given": "{who} recorded a consent of {patient} ({purpose})",
    "consent.refused": "{who} recorded a refusal of {patient} ({purpose})",
    "consent.withdrawn": "{who} recorded that {patient} withdrew a consent ({purpose})",
    "consent.withdrawn_again": "A consent of {patient} was withdrawn again after a restore ({purpose})",
    "photo.handed_out": "{who} handed out a copy of a photograph of {patient} ({purpose}, {channel})",
    "consent.text_written": "{who} wrote a consent text ({purpose})",
    "consent.text_brought": "The program brought a consent text ({purpose})",
    "leaflet.written": "{who} wrote version {number} of the {sheet} sheet's words ({language})",
    "limit.set": "{who} signed a limit of the clinic's own for {rule} (less strict: {loosens})",
    "limit.ended": "{who} ended the clinic's own limit for {rule}",
    "retest.begun": "{who} began to measure the clinic's repeatability",
    "retest.pair_added": "{who} added a volunteer photographed twice",
    "retest.record_added": "{who} added two photographs of {patient} to the clinic's repeatability",
    "retest.pair_dropped": "{who} took a volunteer out of the clinic's repeatability",
    "retest.compared": "The program compared a volunteer's two photographs",
    "retest.worked_out": "The program worked out the clinic's repeatability from {pairs} pairs",
    "retest.asked": "{who} asked for the clinic's repeatability to be worked out",
    "retest.used": "{who} put the clinic's repeatability to use",
    "retest.ended": "{who} ended the use of the clinic's repeatability",
    "stock.added": "{who} put something on the clinic's list of products ({kind})",
    "stock.changed": "{who} changed something on the clinic's list of products ({kind})",
    "stock.retired": "{who} retired something on the clinic's list of products ({kind})",
    "stock.taken_up": "{who} took something up again on the clinic's list of products ({kind})",
    "visit.planned": "{who} planned a visit of {patient} ({for} on {on})",
    "visit.changed": "{who} set the visit of {patient} on {on} to {state}",
    "visit.moved": "{who} moved a visit of {patient} to {on}",
    "consultation.begun": "{who} began a consultation of {patient}",
    "consultation.saved": "{who} saved a draft of a consultation of {patient}",
    "consultation.viewed": "{who} opened a consultation of {patient}",
    "consultation.dropped": "{who} put aside a draft of a consultation of {patient}",
    "consultation.signed": "{who} signed a consultation of {patient}",
    "plan.begun": "{who} began a plan of {patient}",
    "plan.saved": "{who} saved a draft of a plan of {patient}",
    "plan.dropped": "{who} put aside a draft of a plan of {patient}",
    "plan.signed": "{who} agreed on a plan of {patient}",
    "plan.link_made": "{who} made the link to a plan of {patient}, for {days} days",
    "plan.link_revoked": "{who} took the link to a plan of {patient} back",
    "plan.link_opened": "{who} opened a plan of {patient}",
    "plan.link_refused": "A link to a plan of {patient} did not open ({why})",
    "treatment.begun": "{who} opened a session of {patient}",
    "treatment.saved": "{who} saved a draft of a session of {patient}",
    "treatment.viewed": "{who} opened a session of {patient} to read",
    "treatment.dropped": "{who} put aside a draft of a session of {patient}",
    "treatment.started": "{who} allowed the first needle in a session of {patient}",
    "treatment.signed": "{who} signed a session of {patient}",
    "treatment.recalled": "{who} looked for everybody on the lot {lot} and found {found}",
    "diary.link_made": "{who} made the link to a diary of {patient}, for {days} days",
    "diary.link_revoked": "{who} took the link to a diary of {patient} back",
    "diary.opened": "{who} opened a diary of {patient}",
    "diary.refused": "A link to a diary did not open ({why})",
    "diary.locked": "Too many links that open nothing came from {from}: it waits for a quarter of an hour",
    "diary.written": "{who} wrote in a diary of {patient} ({level})",
    "diary.viewed": "{who} looked at a recovery of {patient}",
    "diary.followed_up": "{who} wrote down what was done about the diary of {patient} ({did})",
    "event.written": "{who} wrote down an adverse event of {patient}",
    "event.sealed_anew": "{who} put what went wrong after sessions under the patients' keys",
    "event.changed": "{who} changed an adverse event of {patient}",
    "brake.stopped": "{who} was stopped by the brake after {photos} photographs within an hour",
    "brake.noticed": "{who} opened {photos} photographs within an hour",
    "brake.noticed_in_a_day": "{who} opened {photos} photographs within a day",
    "brake.released": "{who} let {person} go on after the brake ({reason})",
    "brake.seen": "{who} looked at how many photographs {person} opened",
    "key.made": "{who} made an API key",
    "key.revoked": "{who} withdrew an API key",
    "clock.confirmed": "Somebody at this computer said that its clock is right",
    "versions.sealed": "The program sealed {versions} earlier versions of records",
    "clinic.restored": "The records were restored from the backup of {made}",
    "demo.made": "The program made a demonstration: everything in it is invented, its past is written later",
    "demo.seeded": "The program wrote the demonstration's past, with its clock set back, up to here",
    "audit.read": "{who} read the trail",
    "audit.verified": "{who} verified the trail",
}


@dataclass(frozen=True)
class Told:
    """One line of the trail as it is read."""

    sequence: int
    moment: datetime
    says: str
    door: str
    address: str
    patient: UUID | None


def tell(entries: Iterable[Entry]) -> list[Told]:
    """Entries as sentences; people by name, patients by number."""
    found = list(entries)
    names = _Names(found)
    return [names.told(entry) for entry in found]


class _Names:
    """Names for the ids in a page of entries, looked up at once."""

    def __init__(self, entries: list[Entry]) -> None:
        ids = {entry.actor for entry in entries if entry.actor}
        for entry in entries:
            told = entry.told
            named = [str(told["facts"].get("person", ""))]
            named += [key for name, key, _ in told["records"] if name == "people.person"]
            ids |= {found for found in map(_uuid, named) if found}
        self._people = {person.pk: person.name for person in Person.objects.filter(pk__in=ids)}
        patients = Patient.objects.filter(pk__in={entry.patient for entry in entries if entry.patient})
        self._patients = {patient.pk: str(patient) for patient in patients}

    def told(self, entry: Entry) -> Told:
        told = entry.told
        words = _Words({name: spoken(str(value)) for name, value in told["facts"].items()})
        words["who"] = self._person(entry.actor, spoken("The program"))
        if told["door"] in LINKS:
            words["who"] = spoken("Whoever held the patient's link")
        patient = self._patients.get(entry.patient, "") if entry.patient else ""
        words["patient"] = spoken(patient or "a patient")
        if "person" in words:
            words["person"] = self._person(_uuid(words["person"]), spoken("an unknown account"))
        if "role" in words and words["role"] in ROLES:
            words["role"] = spoken(ROLES[words["role"]].name)
        if channel := str(told["facts"].get("channel", "")):
            words["channel"] = spoken(CHANNELS.get(channel, channel))
        about = [_uuid(key) for name, key, _ in told["records"] if name == "people.person"]
        words["about"] = self._person(about[0] if about else None, spoken("somebody"))
        sentence = spoken(SENTENCES.get(entry.kind, "{who}: " + entry.kind))
        return Told(
            entry.sequence,
            entry.moment,
            sentence.format_map(words),
            told["door"],
            told["from"],
            entry.patient,
        )

    def _person(self, key: UUID | None, otherwise: str) -> str:
        return self._people.get(key, otherwise) if key else otherwise


class _Words(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "…"


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
