"""Photo sets: taken, skipped, retaken, asked about, imported and reviewed."""

import io
import json
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from microrelief.web.audit.models import Entry
from microrelief.web.people.once import new_key
from microrelief.web.photos.models import Photo
from microrelief.web.photosets import actions
from microrelief.web.photosets.jobs import proposed_view
from microrelief.web.photosets.models import PhotoSet, SetView, baseline_of
from microrelief.web.photosets.timeline import entries
from microrelief.web.photosets.today import items
from microrelief.web.refusals import KeyReused, NotHere, Unusable
from tests.web.conftest import sign_in


def picture(shade: int = 120, taken: str = "") -> bytes:
    """A small JPEG, perhaps with a capture time."""
    file, image = io.BytesIO(), Image.new("RGB", (64, 80), (shade, shade, shade))
    exif = Image.Exif()
    if taken:
        exif.get_ifd(0x8769)[36867] = taken
    image.save(file, "JPEG", exif=exif)
    return file.getvalue()


def take(cast, content=None, *, view="front", set_key="set-one-0", by="bob", patient=None, **more) -> SetView:
    content = content or picture()
    return actions.take_view(
        by=cast.actor(by), patient=patient or cast.anna, set_key=set_key, key=more.pop("key", new_key()),
        view=view, upload=io.BytesIO(content), size=len(content), **more,
    )  # fmt: skip


def test_the_first_photograph_makes_the_set_and_the_first_set_is_the_baseline(cast):
    first, second = take(cast), take(cast, picture(90), view="left_45")
    assert first.photo_set_id == second.photo_set_id
    assert baseline_of(cast.anna).pk == first.photo_set_id
    later = take(cast, picture(60), set_key="set-two-0")
    assert not later.photo_set.is_baseline


def test_a_photograph_without_a_time_gets_this_computers(cast):
    taken = take(cast)
    assert abs(timezone.now() - taken.photo.taken_at) < timedelta(minutes=5)
    assert any("this computer" in remark for remark in taken.photo.remarks)


def test_the_same_key_is_the_same_photograph(cast):
    key = new_key()
    assert take(cast, key=key).pk == take(cast, key=key).pk
    assert Photo.objects.filter(patient=cast.anna).count() == 1
    with pytest.raises(KeyReused):
        take(cast, picture(30), key=key)


def test_a_retake_takes_the_place_and_the_first_goes_out_of_sight(cast):
    first = take(cast)
    again = take(cast, picture(80))
    assert again.pk == first.pk
    assert again.photo_id != first.photo_id
    assert Photo.objects.get(pk=first.photo_id).removed_at is not None
    assert Entry.objects.filter(kind="photoset.view_retaken").count() == 1


def test_a_view_is_left_out_only_with_a_reason_and_not_once_it_was_taken(cast):
    skip = {"by": cast.actor("carol"), "patient": cast.anna, "set_key": "set-one-0"}
    with pytest.raises(Unusable, match="why"):
        actions.skip_view(**skip, view="left_90", reason="  ")
    skipped = actions.skip_view(**skip, view="left_90", reason="cannot turn so far")
    assert (skipped.photo, skipped.skipped) == (None, "cannot turn so far")
    assert b"cannot turn" not in bytes(SetView.objects.get(pk=skipped.pk).contents)
    taken = take(cast, view="left_90", by="carol")
    assert (taken.pk, taken.skipped) == (skipped.pk, "")
    with pytest.raises(Unusable, match="taken already"):
        actions.skip_view(**skip, view="left_90", reason="cannot turn so far")


def test_the_same_file_twice_and_elsewhere_is_asked_about(cast):
    take(cast, patient=cast.ben, by="erin", set_key="bens-set-0")
    taken = take(cast)
    assert [one["kind"] for one in taken.open_questions()] == ["duplicate_elsewhere"]
    assert "Winter" not in json.dumps(taken.questions)  # Bob does not treat Ben
    assert str(cast.ben.record_number) not in json.dumps(taken.questions)
    actions.answer_question(by=cast.actor("bob"), view=taken, kind="duplicate_elsewhere")
    assert SetView.objects.get(pk=taken.pk).open_questions() == []


def test_a_date_that_cannot_be_is_asked_about(cast):
    before_birth = take(cast, picture(taken="1985:01:01 10:00:00"), source="upload")
    assert "before this patient was born" in before_birth.open_questions()[0]["says"]
    future = f"{timezone.localdate() + timedelta(days=400):%Y:%m:%d} 10:00:00"
    later = take(cast, picture(33, future), source="upload", view="left_45")
    assert "future" in later.open_questions()[0]["says"]
    with pytest.raises(Unusable, match="open"):
        actions.choose_baseline(by=cast.actor("bob"), photo_set=later.photo_set)


def test_a_photograph_taken_out_leaves_the_set_and_stays_in_the_record(cast):
    taken = take(cast)
    photo = taken.photo
    actions.take_out(by=cast.actor("carol"), view=taken)
    assert taken.photo_set.taken() == []
    assert Photo.objects.get(pk=photo.pk).removed_at is not None


def test_one_baseline_at_a_time(cast):
    take(cast)
    other = take(cast, picture(70), set_key="set-two-0").photo_set
    actions.choose_baseline(by=cast.actor("bob"), photo_set=other)
    assert PhotoSet.objects.filter(patient=cast.anna, is_baseline=True).get() == other


def test_nobody_reaches_a_set_of_a_patient_they_do_not_treat(cast):
    taken = take(cast)
    with pytest.raises(NotHere):
        actions.set_for(cast.actor("erin"), taken.photo_set_id)
    browser = sign_in(cast.erin)
    for address in (
        reverse("photo_set", args=[taken.photo_set_id]),
        reverse("set_progress", args=[taken.photo_set_id]),
        reverse("capture", args=[cast.anna.pk]),
        reverse("series", args=[cast.anna.pk]),
        reverse("import_photos", args=[cast.anna.pk]),
    ):
        assert browser.get(address).status_code == 404, address
    assert entries(cast.actor("erin"), cast.anna) == []


def test_a_legacy_folder_is_taken_in_reviewed_and_filed_by_day(cast):
    browser = sign_in(cast.carol)
    address = reverse("import_photos", args=[cast.anna.pk])
    for shade, name, taken in (
        (10, "a.jpg", "2025:02:01 09:00:00"),
        (20, "b.jpg", "2025:02:01 09:01:00"),
        (40, "c.jpg", ""),
    ):
        file = SimpleUploadedFile(name, picture(shade, taken), "image/jpeg")
        sent = {"photo": file, "folder": "Anna/2025", "key": f"import.{shade}-abcdef"}
        answer = browser.post(address, sent, headers={"accept": "application/json"})
        assert answer.json() == {"taken": 1, "says": ""}
    waiting = actions.to_review(cast.anna)
    assert [one.day for one in waiting] == [date(2025, 2, 1), date(2025, 2, 1), None]
    assert PhotoSet.objects.count() == 0
    page = browser.get(address).content.decode()
    assert "1 February 2025" in page
    assert "No date in the file" in page
    chosen = {}
    for one, view, day in zip(
        waiting, ("front", "front", "close_up"), ("2025-02-01", "2025-02-01", "2025-03-05"), strict=True
    ):
        chosen |= {f"take-{one.pk}": "on", f"view-{one.pk}": view, f"day-{one.pk}": day}
    assert browser.post(reverse("file_reviewed", args=[cast.anna.pk]), chosen).status_code == 302
    sets = list(PhotoSet.objects.order_by("day"))
    assert [(one.day, one.source, [v.view for v in one.in_order()]) for one in sets] == [
        (date(2025, 2, 1), "import", ["front", "other"]),
        (date(2025, 3, 5), "import", ["close_up"]),
    ]
    assert actions.to_review(cast.anna) == []
    again = browser.post(reverse("file_reviewed", args=[cast.anna.pk]), chosen)
    assert again.status_code == 422


def test_a_review_without_a_day_files_nothing(cast):
    content = picture()
    view = actions.import_photo(
        by=cast.actor("bob"), patient=cast.anna, key=new_key(), upload=io.BytesIO(content), size=len(content),
        file_name="x.jpg", folder="",
    )  # fmt: skip
    browser = sign_in(cast.bob)
    sent = {f"take-{view.pk}": "on", f"view-{view.pk}": "front", f"day-{view.pk}": ""}
    answer = browser.post(reverse("file_reviewed", args=[cast.anna.pk]), sent)
    assert answer.status_code == 422
    assert b"Give the day" in answer.content
    assert PhotoSet.objects.count() == 0


def test_what_is_no_photograph_is_named_and_the_others_are_kept(cast):
    browser = sign_in(cast.bob)
    files = [SimpleUploadedFile("good.jpg", picture()), SimpleUploadedFile("bad.jpg", b"no picture")]
    answer = browser.post(reverse("import_photos", args=[cast.anna.pk]), {"photo": files})
    assert answer.status_code == 422
    assert b"bad.jpg" in answer.content
    assert len(actions.to_review(cast.anna)) == 1


@pytest.mark.parametrize(
    ("reading", "view"),
    [
        ({"face": True, "yaw": 2.0}, "front"),
        ({"face": True, "yaw": -35.0}, "left_45"),
        ({"face": True, "yaw": 33.0}, "right_45"),
        ({"face": True, "yaw": 17.0}, None),
        ({"face": False, "kind": "NoFace"}, "close_up"),
        ({"face": False, "kind": "ProfileView"}, None),
    ],
)
def test_the_turn_of_the_head_proposes_the_view(reading, view):
    assert proposed_view(reading) == view


def test_a_set_stands_on_the_timeline_and_unfinished_on_the_day(cast):
    taken = take(cast)
    (line,) = entries(cast.actor("carol"), cast.anna)
    assert (line.kind, line.title, line.badge) == ("photo_set", "1 photograph", "baseline")
    assert [item.kind for item in items(cast.actor("carol"), timezone.localdate())] == ["photographs"]
    actions.finish_set(by=cast.actor("carol"), photo_set=taken.photo_set)
    assert items(cast.actor("carol"), timezone.localdate()) == []


def test_a_view_that_does_not_arrive_whole_is_answered_in_words(cast):
    browser = sign_in(cast.bob)
    answer = browser.post(reverse("take_view", args=[cast.anna.pk]), {"view": "front"})
    assert answer.status_code == 422
    assert "take it again" in answer.json()["says"]
    file = SimpleUploadedFile("x.jpg", b"no picture")
    sent = {"photo": file, "view": "front", "source": "upload", "set_key": "set-one-0", "key": new_key()}
    answer = browser.post(reverse("take_view", args=[cast.anna.pk]), sent)
    assert answer.status_code == 422
    assert PhotoSet.objects.count() == 0
