"""The rulebook's third story (docs/tutorial/pathway-red-flag.md) as steps on the pages.

Chidi has skin type VI. The consultation and the session are written into the record by the program itself,
for the first story walks those pages; the diary and what the clinic does about it are walked here.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from tests.web.server import python

SEED = """
import json, sys
from datetime import date, timedelta
from pathlib import Path
from microrelief.web.start import open_site
open_site(Path(sys.argv[1]))
from django.db import transaction
from django.utils import timezone
from microrelief.web.audit.trail import record
from microrelief.web.clinic.actions import change_clinic
from microrelief.web.clinic.models import the_clinic
from microrelief.web.consultations.models import Consultation
from microrelief.web.patients.actions import add_patient
from microrelief.web.patients.record import save_new
from microrelief.web.people.actor import Actor
from microrelief.web.people.models import Person
from microrelief.web.treatments.models import Treatment
berg = Actor(Person.objects.get())
change_clinic(by=berg, version=the_clinic().version, name="Clinic Berg", phone="+49 30 1234567")
chidi = add_patient(by=berg, key="story-0003", identity={
    "family_name": "Okafor", "given_name": "Chidi", "birth_date": date(1990, 3, 2), "phone": "+49 170 555"})
at = timezone.now() - timedelta(days=4)
made = {}
for model, answers in ((Consultation, {"fitzpatrick": "VI"}), (Treatment, {"device": "pen"})):
    sheet = model(patient=chidi, on=timezone.localdate(at), began_by=berg.person, began_at=at,
                  signed_at=at, signed_by=berg.person)
    sheet.answers = answers
    if model is Treatment:
        sheet.started_at = at
        sheet.zones = [{"zone": "cheek-left", "mm": 1.25, "passes": 4}]
    with transaction.atomic():
        save_new(sheet, by=berg)
        record(f"{sheet.noun}.signed", by=berg, about=sheet, patient=chidi.pk)
    made[sheet.noun] = str(sheet.pk)
print(json.dumps({"patient": str(chidi.pk), "session": made["treatment"]}))
"""


@dataclass(frozen=True)
class Chidi:
    """Where his pages are."""

    patient: str
    session: str


def seed(folder: Path) -> Chidi:
    found = json.loads(python(SEED, folder).splitlines()[-1])
    return Chidi(f"/patients/{found['patient']}/", f"/sessions/{found['session']}/")


def feel(page, sign: str, how: str, trend: str = "") -> None:
    """One sign: two taps, one where there is nothing."""
    asked = page.locator(f"[data-sign={sign}]")
    asked.locator(f".four label:has-text('{how}')").click()
    if trend:
        asked.locator(f".three label:has-text('{trend}')").click()


def day_4(page) -> None:
    """The left cheek burns, and there are small blisters in a group; no redness that he can see."""
    feel(page, "warmth", "Clearly", "Getting more")
    feel(page, "pain", "Strongly", "Getting more")
    feel(page, "swelling", "A little", "Getting less")
    feel(page, "redness", "None")
    page.locator("#others label:has-text('blisters')").click()
    page.fill("#temperature", "37,2")


def well(page) -> None:
    """A quiet day."""
    feel(page, "warmth", "None")
    feel(page, "pain", "A little", "Getting less")
    feel(page, "swelling", "None")
    feel(page, "redness", "None")
    page.locator("#others label:has-text('None of these')").click()
