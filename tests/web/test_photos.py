"""Photographs: kept once, shown only through access, moved with another key, never in the clear."""

import io
import re
import zipfile
from datetime import date
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from microrelief.web.audit.models import Entry
from microrelief.web.keyring import photo_store
from microrelief.web.people.once import new_key
from microrelief.web.photos import actions
from microrelief.web.photos.models import Blob, Photo
from microrelief.web.refusals import KeyReused, NotHere, Unusable
from tests.web.conftest import AFTER, BEFORE, DATA, patient, sign_in

CLIMBING = (
    "../../../tmp/evil\x00<b>.jpg", "/etc/evil.jpg", "CON.jpg",
    "..\\..\\evil.jpg", r"\\evil\share\a.jpg", r"C:\evil.jpg",
    "blobs/../../evil.jpg", "EVIL.JPG", "M\u00fcller.jpg", "Mu\u0308ller.jpg", "..",
    'a".html\r\nX: evil',
)  # fmt: skip
KEPT_BESIDE = {"trail.head", "test.sqlite3-wal", "test.sqlite3-shm"}
"""What an action of the site may make beside the photographs."""


def standing() -> set[Path]:
    """All of the data folder but its photographs; where the names lead, what is called as they are."""
    own = {path for path in DATA.rglob("*") if path.parent.name != "blobs"}
    led_to = {*DATA.parents, DATA / "photos" / "blobs", Path.cwd(), Path("/etc")}
    called = re.compile(r"evil|\.html|ller\.jpg|CON\.jpg", re.IGNORECASE)
    return own | {
        path for folder in led_to if folder.is_dir() for path in folder.iterdir() if called.search(path.name)
    }


def add(cast, path: Path = BEFORE, who="bob", whom=None, key=None, **more) -> Photo:
    data = path.read_bytes()
    return actions.add_photo(
        by=cast.actor(who),
        patient=whom or cast.anna,
        key=key or new_key(),
        upload=io.BytesIO(data),
        size=len(data),
        **more,
    )


def status(client, url) -> int:
    response = client.get(url)
    if response.streaming:
        assert b"".join(response.streaming_content)
    return int(response.status_code)


def read(client, url) -> bytes:
    response = client.get(url)
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def test_the_original_comes_back_byte_by_byte_and_is_in_the_trail(cast):
    photo = add(cast, file_name="Anna Sommer.jpg")
    client = sign_in(cast.bob)
    before = Entry.objects.filter(kind="photo.original_viewed").count()
    assert read(client, reverse("photo_original", args=[photo.pk])) == BEFORE.read_bytes()
    entry = Entry.objects.get(kind="photo.original_viewed")
    assert before == 0
    assert entry.actor == cast.bob.pk
    assert entry.patient == cast.anna.pk
    assert photo.sha256 in entry.event


def test_a_copy_shows_the_picture_and_nothing_else(cast):
    photo = add(cast)
    copy = read(sign_in(cast.carol), reverse("photo_copy", args=[photo.pk, "screen"]))
    picture = Image.open(io.BytesIO(copy))
    assert picture.size == (1200, 1500)
    assert not picture.getexif()


def test_no_file_in_the_store_is_a_picture(cast):
    photo = add(cast)
    names = set(photo.blobs.values_list("name", flat=True))
    assert len(names) == 3
    for name in names:
        data = (DATA / "photos" / "blobs" / name).read_bytes()
        assert data.startswith(b"MRBLOB")
        assert b"JFIF" not in data
        assert b"Exif" not in data


@pytest.mark.parametrize("kind", ["photo", "photo_original", "thumbnail", "screen"])
def test_somebody_elses_photograph_is_not_there(cast, kind):
    photo = add(cast, who="erin", whom=cast.ben)
    copies = ("thumbnail", "screen")
    url = reverse("photo_copy", args=[photo.pk, kind]) if kind in copies else reverse(kind, args=[photo.pk])
    assert status(sign_in(cast.bob), url) == 404
    assert status(sign_in(cast.erin), url) == 200


def test_an_assistant_sees_copies_and_no_originals(cast):
    photo = add(cast)
    client = sign_in(cast.carol)
    assert status(client, reverse("photo_copy", args=[photo.pk, "screen"])) == 200
    assert status(client, reverse("photo_original", args=[photo.pk])) == 403


def test_T06_a_photograph_served_back_can_do_nothing_in_a_browser(cast):
    photo = add(cast)
    response = sign_in(cast.bob).get(reverse("photo_original", args=[photo.pk]))
    assert b"".join(response.streaming_content)
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Cache-Control"] == "no-store, private"
    assert response["Content-Type"] == "image/jpeg"


def test_T13_the_same_key_is_the_same_photograph(cast):
    key = new_key()
    first, second = add(cast, key=key), add(cast, key=key)
    assert first.pk == second.pk
    assert Photo.objects.count() == 1
    assert len(list((DATA / "photos" / "blobs").iterdir())) >= 3
    with pytest.raises(KeyReused):
        add(cast, AFTER, key=key)
    assert Photo.objects.count() == 1


def test_T13_the_back_button_sends_the_same_form_again(cast):
    client, url = sign_in(cast.bob), reverse("photos", args=[cast.anna.pk])
    key = client.get(url).context["form"]["key"].value()
    for _ in range(2):
        upload = SimpleUploadedFile("a.jpg", BEFORE.read_bytes(), "image/jpeg")
        assert client.post(url, {"photo": upload, "view": "front", "key": key}).status_code == 302
    assert Photo.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("../../etc/passwd.jpg", b"root:x:0:0"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("a.html", b"<html><script>alert(1)</script>"),
        ("a.jpg", b""),
        ("cut.jpg", BEFORE.read_bytes()[:20_000]),
        ("nul\0.jpg", b"GIF89a"),
    ],
)
def test_T06_what_is_no_photograph_is_refused_with_a_sentence_and_leaves_nothing(cast, name, data):
    files = set((DATA / "photos" / "blobs").iterdir())
    response = sign_in(cast.bob).post(
        reverse("photos", args=[cast.anna.pk]),
        {"photo": SimpleUploadedFile(name, data, "image/jpeg"), "view": "front", "key": new_key()},
    )
    assert response.status_code == 422
    assert response.context["form"].errors
    assert Photo.objects.count() == Blob.objects.count() == 0
    assert set((DATA / "photos" / "blobs").iterdir()) == files


@pytest.mark.parametrize("name", CLIMBING)
def test_T05_a_name_that_climbs_stays_a_name(cast, name):
    """The uploaded name is a word of the record: no file is called so, here or in the export."""
    photo_store()  # makes its folders when it is first asked for
    before = standing()
    photo = add(cast, file_name=name)
    client = sign_in(cast.bob)
    page = client.get(reverse("photo", args=[photo.pk]))
    assert b"<b>" not in page.content
    response = client.get(reverse("photo_original", args=[photo.pk]))
    assert b"".join(response.streaming_content) == BEFORE.read_bytes()
    assert re.fullmatch(r'attachment; filename="photo-[\w-]+\.jpg"', response["Content-Disposition"])
    said = client.post(reverse("export_patient", args=[cast.anna.pk]), {"how": "plain"})
    content = b"".join(said.streaming_content)
    assert re.fullmatch(r'attachment; filename="[\w-]+\.zip"', said["Content-Disposition"])
    with zipfile.ZipFile(io.BytesIO(content)) as export:
        assert set(export.namelist()) == {
            "README.txt", "record.json", "access.json", "manifest.json", f"originals/{photo.pk}.jpg",
        }  # fmt: skip
    assert not {path for path in standing() - before if path.name not in KEPT_BESIDE}
    blobs = {path.name for path in (DATA / "photos" / "blobs").iterdir()}
    assert all(re.fullmatch("[0-9a-f]{32}", blob) for blob in blobs)


def test_a_moved_photograph_is_under_the_right_patients_key_and_moves_back(
    cast, django_capture_on_commit_callbacks
):
    clara = patient(cast.bob, "Herbst", "Clara", date(1990, 1, 1))
    photo = add(cast, note="left cheek")
    old = set(photo.blobs.values_list("name", flat=True))
    bob = cast.actor("bob")
    with pytest.raises(Unusable, match="birth date"):
        actions.move_photo(by=bob, photo=photo, to=clara, version=1, birth_date=date(1991, 4, 12))
    with django_capture_on_commit_callbacks(execute=True):
        actions.move_photo(by=bob, photo=photo, to=clara, version=1, birth_date=date(1990, 1, 1))
    moved = Photo.objects.get(pk=photo.pk)
    assert moved.patient == clara
    assert moved.note == "left cheek"
    assert not old & set(moved.blobs.values_list("name", flat=True))
    assert not old & set(photo_store().names())
    assert b"".join(actions.open_original(by=bob, photo=moved)) == BEFORE.read_bytes()
    with pytest.raises(NotHere):
        actions.photo_for(cast.actor("carol"), photo.pk)
    actions.move_photo(
        by=bob, photo=moved, to=cast.anna, version=moved.version, birth_date=cast.anna.birth_date
    )
    back = Photo.objects.get(pk=photo.pk)
    assert back.patient == cast.anna
    assert b"".join(actions.open_original(by=bob, photo=back)) == BEFORE.read_bytes()


def test_a_photograph_of_a_merged_record_is_seen_under_the_one_that_stays(cast):
    from microrelief.web.patients.actions import merge_patients

    double = patient(cast.bob, "Sommer", "A.", date(1991, 4, 13))
    photo = add(cast, whom=double)
    merge_patients(by=cast.actor("bob"), duplicate=double, into=cast.anna, birth_date=date(1991, 4, 12))
    assert status(sign_in(cast.carol), reverse("photo_copy", args=[photo.pk, "thumbnail"])) == 200
    assert str(photo.pk) in sign_in(cast.carol).get(reverse("photos", args=[cast.anna.pk])).content.decode()


def test_out_of_sight_is_out_of_every_address_and_comes_back(cast):
    photo = add(cast)
    client = sign_in(cast.bob)
    client.post(reverse("remove_photo", args=[photo.pk]))
    for url in (reverse("photo", args=[photo.pk]), reverse("photo_original", args=[photo.pk])):
        assert client.get(url).status_code == 404
    client.post(reverse("take_photo_back", args=[photo.pk]))
    assert client.get(reverse("photo", args=[photo.pk])).status_code == 200


def test_T14_two_descriptions_of_one_photograph(cast):
    photo = add(cast)
    client, url = sign_in(cast.bob), reverse("describe_photo", args=[photo.pk])
    assert client.post(url, {"view": "left_45", "note": "mine", "version": 1}).status_code == 302
    conflict = client.post(url, {"view": "front", "note": "yours", "version": 1})
    assert conflict.status_code == 409
    assert b"mine" in conflict.content
    assert b"yours" in conflict.content
    assert Photo.objects.get(pk=photo.pk).note == "mine"
