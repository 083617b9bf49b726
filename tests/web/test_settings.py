"""What a clinic sets, and what follows from it on the pages of the day."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from microrelief.web.audit import seal
from microrelief.web.audit.models import Entry
from microrelief.web.audit.verify import verify_trail
from microrelief.web.clinic.models import Clinic, the_clinic
from microrelief.web.patients.models import Patient
from microrelief.web.people.models import Person
from tests.web.conftest import sign_in

WHO = {
    "name": "Haut am Markt",
    "phone": "+49 30 1234",
    "address": "Markt 1\nBerlin",
    "opening_hours": "Mon to Fri, 9 to 17",
}


def test_what_patients_read_of_the_clinic_is_kept_with_its_history(cast):
    alice = sign_in(cast.alice)
    sent = alice.post(reverse("clinic_details"), WHO | {"version": "1"})
    assert sent.status_code == 302
    assert the_clinic().opening_hours == WHO["opening_hours"]
    assert Clinic.history.latest().history_user == cast.alice
    assert Entry.objects.filter(kind="clinic.changed").exists()
    index = alice.get(reverse("clinic_settings")).content.decode()
    assert "Haut am Markt" in index


def test_two_owners_who_change_the_clinic_at_once_see_each_other(cast):
    alice = sign_in(cast.alice)
    alice.post(reverse("clinic_details"), WHO | {"version": "1"})
    late = alice.post(reverse("clinic_details"), WHO | {"name": "Other", "version": "1"})
    assert late.status_code == 409
    assert the_clinic().name == "Haut am Markt"
    assert "Haut am Markt" in late.content.decode()


def test_the_day_is_the_clinics_and_not_greenwichs(cast, monkeypatch):
    """Half past ten in the evening in London is the next morning in Auckland."""
    Clinic.objects.create(pk=1, time_zone="Pacific/Auckland")
    monkeypatch.setattr("django.utils.timezone.now", lambda: datetime(2026, 11, 28, 22, 30, tzinfo=UTC))
    page = sign_in(cast.bob).get(reverse("today")).content.decode()
    assert "29 November" in page
    assert "28 November" not in page


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd"])
def test_a_zone_that_is_none_leaves_the_site_standing(cast, zone):
    Clinic.objects.create(pk=1, time_zone=zone)
    assert sign_in(cast.bob).get(reverse("today")).status_code == 200
    alice = sign_in(cast.alice)
    assert (
        alice.post(reverse("clinic_time"), {"time_zone": zone, "language": "en", "version": "1"}).status_code
        == 422
    )


def test_each_person_and_each_patient_has_a_language(cast):
    bob = sign_in(cast.bob)
    assert bob.post(reverse("choose_language"), {"language": "de"}).status_code == 302
    bob.post(reverse("choose_language"), {"language": "tlh"})
    assert Person.objects.get(pk=cast.bob.pk).language == "de"
    same = {"family_name": "Sommer", "given_name": "Anna", "birth_date": "1991-04-12", "version": "1"}
    assert (
        bob.post(reverse("change_patient", args=[cast.anna.pk]), same | {"language": "de"}).status_code == 302
    )
    assert Patient.objects.get(pk=cast.anna.pk).language == "de"


def test_rows_that_were_sealed_before_a_column_existed_still_fit(cast, monkeypatch):
    """A new version must not accuse the old rows; a value that somebody slips in later must be found."""
    columns = seal.sealed_columns
    with monkeypatch.context() as before:
        before.setattr(
            seal, "sealed_columns", lambda model: tuple(c for c in columns(model) if c != "language")
        )
        sign_in(cast.alice).post(reverse("clinic_details"), WHO | {"version": "1"})
    assert verify_trail().whole
    Clinic.objects.filter(pk=1).update(language="de")
    found = verify_trail()
    assert not found.whole
    assert "clinic.clinic" in found.says
