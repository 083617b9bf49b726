"""What leaves or must stay: the export is complete, erasure destroys, holds and retention refuse."""

import hashlib
import io
import json
import re
import zipfile
from datetime import date, timedelta

import pyrage
import pytest
from django.urls import reverse
from django.utils import timezone

from microrelief.web.audit.models import Entry
from microrelief.web.custody.erasure import erase_patient, kept_until
from microrelief.web.keyring import photo_store
from microrelief.web.patients import actions
from microrelief.web.patients.models import Patient, PatientKeyRow
from microrelief.web.patients.record import record_models
from microrelief.web.photos.models import Photo
from microrelief.web.refusals import NotAllowed, NotHere, OnHold, Unusable
from tests.web.conftest import BEFORE, patient, sign_in
from tests.web.test_consents import answer
from tests.web.test_photos import add

ANNA = {"family_name": "Sommer", "given_name": "Anna", "birth_date": date(1991, 4, 12)}


def exported(client, whom, **how) -> bytes:
    response = client.post(reverse("export_patient", args=[whom.pk]), how)
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def zip_of(content: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(content))


def test_an_export_is_complete_and_its_hashes_fit(cast):
    photo = add(cast, file_name="anna.jpg", note="left")
    answer(cast)
    actions.change_patient(
        by=cast.actor("bob"), patient=cast.anna, version=1, identity=ANNA | {"phone": "0111"}
    )
    archive = zip_of(exported(sign_in(cast.bob), cast.anna, how="plain"))
    said = json.loads(archive.read("record.json"))
    assert set(said["records"]) == {model._meta.label_lower for model in record_models()}
    [anna] = said["records"]["patients.patient"]
    assert (anna["family_name"], anna["phone"]) == ("Sommer", "0111")
    assert [version["phone"] for version in anna["versions"]] == ["0111", ""]
    [kept] = said["records"]["photos.photo"]
    assert (kept["file_name"], kept["sha256"]) == ("anna.jpg", photo.sha256)
    [consent] = said["records"]["consents.consent"]
    assert consent["signature"]
    assert archive.read(f"originals/{photo.pk}.jpg") == BEFORE.read_bytes()
    manifest = json.loads(archive.read("manifest.json"))
    assert set(manifest) == set(archive.namelist()) - {"manifest.json"}
    for name, facts in manifest.items():
        assert hashlib.sha256(archive.read(name)).hexdigest() == facts["sha256"]
    assert "Bob added patient 000001" in archive.read("access.json").decode()
    assert "wrapped" not in archive.read("record.json").decode()


def test_an_export_is_locked_with_the_passphrase_that_the_page_showed(cast):
    photo, client = add(cast), sign_in(cast.bob)
    page = client.get(reverse("custody", args=[cast.anna.pk])).content.decode()
    [passphrase] = set(re.findall(r"[a-z2-9]{5}(?:-[a-z2-9]{5}){4}", page))
    assert passphrase not in client.get(reverse("custody", args=[cast.anna.pk])).content.decode()
    locked = exported(client, cast.anna, how="passphrase", passphrase=passphrase)
    assert locked.startswith(b"age-encryption.org/v1")
    assert b"record.json" not in locked
    archive = zip_of(pyrage.passphrase.decrypt(locked, passphrase))
    assert archive.read(f"originals/{photo.pk}.jpg") == BEFORE.read_bytes()
    with pytest.raises(pyrage.DecryptError):
        pyrage.passphrase.decrypt(locked, passphrase[::-1])
    assert Entry.objects.get(kind="patient.exported").told["facts"]["protected"] == "passphrase"


def test_an_export_for_an_age_key_and_none_without_a_word(cast):
    add(cast)
    client, key = sign_in(cast.bob), pyrage.x25519.Identity.generate()
    locked = exported(client, cast.anna, how="recipient", recipient=str(key.to_public()))
    assert "record.json" in zip_of(pyrage.decrypt(locked, [key])).namelist()
    url = reverse("export_patient", args=[cast.anna.pk])
    for wrong in (
        {},
        {"how": "passphrase", "passphrase": ""},
        {"how": "passphrase", "passphrase": "secret"},
        {"how": "recipient", "recipient": "age1nobody"},
    ):
        assert client.post(url, wrong).status_code == 422
    assert Entry.objects.filter(kind="patient.exported").count() == 1


def test_nobody_exports_somebody_elses_patient(cast):
    assert sign_in(cast.bob).post(reverse("export_patient", args=[cast.ben.pk])).status_code == 404
    assert sign_in(cast.carol).post(reverse("export_patient", args=[cast.anna.pk])).status_code == 403


def test_erasure_leaves_nothing_to_read_and_the_others_alone(cast, django_capture_on_commit_callbacks):
    gone, stays = add(cast), add(cast, who="erin", whom=cast.ben)
    answer(cast)
    double = patient(cast.alice, "Sommer", "A.", date(1991, 4, 13))
    actions.merge_patients(
        by=cast.actor("alice"), duplicate=double, into=cast.anna, birth_date=cast.anna.birth_date
    )
    files = set(gone.blobs.values_list("name", flat=True))
    anna = Patient.objects.get(pk=cast.anna.pk)
    with django_capture_on_commit_callbacks(execute=True):
        erase_patient(
            by=cast.actor("alice"), patient=anna, version=anna.version, number="000001", basis="law"
        )
    for model in record_models():
        whose = "pk" if model is Patient else "patient_id"
        for one in (cast.anna.pk, double.pk):
            rows = list(model.objects.filter(**{whose: one}))
            rows += list(model.history.filter(**{"id" if model is Patient else whose: one}))
            assert all(bytes(row.contents) == b"" for row in rows)
    assert PatientKeyRow.objects.filter(wrapped=None).count() == 2
    assert not files & set(photo_store().names())
    with pytest.raises(OnHold, match="erased"):
        Photo.objects.get(pk=gone.pk).photo_key()
    assert sign_in(cast.bob).get(reverse("patient", args=[anna.pk])).status_code == 404
    page = sign_in(cast.erin).get(reverse("photo_copy", args=[stays.pk, "screen"]))
    assert b"".join(page.streaming_content)
    assert Patient.objects.get(pk=cast.ben.pk).family_name == "Winter"


def test_a_hold_and_the_retention_refuse(cast):
    alice = cast.actor("alice")
    until = kept_until(cast.anna)
    assert until.year == timezone.localdate().year + 10
    asked = {"by": alice, "patient": cast.anna, "version": 1, "number": "1"}
    with pytest.raises(OnHold, match=str(until)):
        erase_patient(**asked, basis="retention_over")
    hold = actions.put_on_hold(by=alice, patient=cast.anna, reason="A claim is open")
    with pytest.raises(OnHold, match="on hold"):
        erase_patient(**asked, basis="law")
    actions.lift_hold(by=alice, patient=cast.anna, hold_id=hold.pk)
    with pytest.raises(Unusable):
        erase_patient(**{**asked, "number": "2"}, basis="law")
    with pytest.raises(NotAllowed):
        erase_patient(**{**asked, "by": cast.actor("bob")}, basis="law")
    with pytest.raises(NotHere):
        erase_patient(**{**asked, "by": cast.actor("erin")}, basis="law")
    assert Patient.objects.get(pk=cast.anna.pk).erased_at is None
    erase_patient(**asked, basis="law")


def test_the_retention_counts_from_the_last_entry(cast, settings):
    Patient.objects.filter(pk=cast.anna.pk).update(created_at=timezone.now() - timedelta(days=4000))
    assert kept_until(Patient.objects.get(pk=cast.anna.pk)) > timezone.localdate()


def test_a_restricted_record_is_the_owners_alone(cast):
    actions.restrict(by=cast.actor("alice"), patient=cast.anna, version=1, restricted=True)
    url = reverse("patient", args=[cast.anna.pk])
    assert sign_in(cast.bob).get(url).status_code == 404
    assert sign_in(cast.alice).get(url).status_code == 200
    anna = Patient.objects.get(pk=cast.anna.pk)
    actions.restrict(by=cast.actor("alice"), patient=anna, version=anna.version, restricted=False)
    assert sign_in(cast.bob).get(url).status_code == 200
