"""Comparisons: measured in the background by a child without keys, shown as a page of the record."""

import io
import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.compat import TaskResultStatus
from django_tasks_db.models import DBTaskResult
from PIL import Image

from microrelief.report import wording
from microrelief.vault.envelope import Kind
from microrelief.vault.photo_store import FolderStore
from microrelief.web.audit.models import Entry
from microrelief.web.audit.verify import verify_trail
from microrelief.web.background.worker import take_up_left, work_off
from microrelief.web.comparisons import actions
from microrelief.web.comparisons.chart import Point, series_chart
from microrelief.web.comparisons.models import Comparison
from microrelief.web.comparisons.timeline import entries
from microrelief.web.comparisons.words import MEASURE_WORDS, patient_sentence
from microrelief.web.keyring import photo_store
from microrelief.web.measuring.process import MeasuringFailed, MeasuringProcess, NotMeasured, stop_all
from microrelief.web.patients.models import Patient
from microrelief.web.people.once import new_key
from microrelief.web.photos.actions import move_photo, remove_photo
from microrelief.web.photos.models import Blob, Photo
from microrelief.web.photosets.actions import describe_set, take_view
from microrelief.web.photosets.models import PhotoSet, SetView
from microrelief.web.refusals import NotHere, Unusable
from tests.web.conftest import AFTER, BEFORE, sign_in
from tests.web.test_photosets import picture, take


@pytest.fixture(autouse=True, scope="module")
def _children_end():
    yield
    stop_all()


def taken_on(cast, content: bytes, day: date, view: str = "front") -> SetView:
    """A view of a set of that day."""
    taken = take(cast, content, set_key=f"set-{day}", view=view)
    photo_set = PhotoSet.objects.get(pk=taken.photo_set_id)
    describe_set(
        by=cast.actor("bob"), photo_set=photo_set, version=photo_set.version, day=day,
        last_session_on=None, note="",
    )  # fmt: skip
    return SetView.objects.get(pk=taken.pk)


def frame() -> bytes:
    """The demonstration's face as a frame of the live camera."""
    file = io.BytesIO()
    with Image.open(BEFORE) as found:
        found.resize((576, 720)).save(file, "JPEG", quality=85)
    return file.getvalue()


def two_days(cast) -> Comparison:
    """Two small grey pictures on two days: nothing that could be measured, and fast."""
    today = timezone.localdate()
    taken_on(cast, picture(100), today - timedelta(days=98))
    taken_on(cast, picture(101), today)
    return Comparison.objects.get()


def test_a_view_that_the_baseline_has_is_compared_at_once(cast):
    asked = two_days(cast)
    assert (asked.state, asked.view, asked.days) == ("waiting", "front", 98)
    assert DBTaskResult.objects.ready().count() == 3  # two readings, one comparison
    first, second = PhotoSet.objects.order_by("day")
    again = actions.compare_sets(by=cast.actor("bob"), one=second, other=first)
    assert [one.pk for one in again] == [asked.pk]


def test_a_page_that_waits_shows_the_photographs_and_how_far_it_is(cast):
    asked = two_days(cast)
    page = sign_in(cast.carol).get(reverse("comparison", args=[asked.pk])).content.decode()
    assert "Waits for its turn" in page
    assert reverse("photo_copy", args=[asked.before_id, "screen"]) in page


def test_a_refused_pair_is_an_answer_with_what_to_do(cast):
    asked = two_days(cast)
    work_off()
    asked.refresh_from_db()
    assert asked.state == Comparison.NOT_MEASURABLE
    assert asked.why.startswith("No face was found")
    page = sign_in(cast.carol).get(reverse("comparison", args=[asked.pk])).content.decode()
    assert "Not comparable: no change can be measured" in page
    assert "No face was found" in page
    read = SetView.objects.get(photo=asked.after)
    assert read.reading["kind"] == "NoFace"
    assert DBTaskResult.objects.failed().count() == 0


def test_what_a_dead_process_left_is_taken_up_and_given_up_after_three_times(cast):
    asked = two_days(cast)
    DBTaskResult.objects.update(status=TaskResultStatus.RUNNING, worker_ids=["the dead one"])
    work_off()
    assert Comparison.objects.get().state == Comparison.WAITING
    assert take_up_left() == 3
    Comparison.objects.update(attempts=3)
    work_off()
    asked.refresh_from_db()
    assert asked.state == Comparison.FAILED
    again = actions.ask_again(by=cast.actor("bob"), comparison=asked)
    assert again.pk != asked.pk
    work_off()
    again.refresh_from_db()
    assert again.state == Comparison.NOT_MEASURABLE


def test_a_photograph_that_was_moved_or_taken_away_takes_its_comparison_along(cast):
    asked = two_days(cast)
    bens = cast.ben
    from microrelief.web.patients.models import CareRelation

    CareRelation.objects.create(patient=bens, person=cast.bob, kind="treats", added_by=cast.erin)
    move_photo(
        by=cast.actor("bob"),
        photo=asked.after,
        to=bens,
        version=asked.after.version,
        birth_date=bens.birth_date,
    )
    with pytest.raises(NotHere, match="moved"):
        actions.comparison_for(cast.actor("bob"), asked.pk)
    assert entries(cast.actor("bob"), cast.anna) == []
    work_off()
    assert Comparison.objects.get().state != Comparison.DONE


def test_one_set_alone_and_the_baseline_alone_are_refused_in_words(cast):
    today = timezone.localdate()
    only = taken_on(cast, picture(), today).photo_set
    browser = sign_in(cast.bob)
    answer = browser.post(reverse("compare_sets", args=[cast.anna.pk]), {"set": [str(only.pk)]})
    assert answer.status_code == 422
    assert b"baseline itself" in answer.content
    other = taken_on(cast, picture(9), today - timedelta(days=9), view="left_90").photo_set
    answer = browser.post(
        reverse("compare_sets", args=[cast.anna.pk]), {"set": [str(only.pk), str(other.pk)]}
    )
    assert b"no view in common" in answer.content
    assert Comparison.objects.count() == 0


def test_the_page_of_the_day_says_which_two_sets_were_compared(cast):
    """Two pairs of one patient may come to their end on one day."""
    today = timezone.localdate()
    first = today - timedelta(days=98)
    taken_on(cast, picture(), first)
    taken_on(cast, picture(9), today)
    one = Comparison.objects.get()
    one.state, one.why, one.finished_at = Comparison.FAILED, "It did not come to an end.", timezone.now()
    one.save()
    page = sign_in(cast.bob).get(reverse("today")).content.decode()
    assert f"{first:%-d %b %Y} – {today:%-d %b %Y}: It did not come to an end." in page


@pytest.mark.slow
def test_the_page_of_the_record_is_the_reports_own(cast):
    """The whole way, on the demonstration's photographs: numbers, words, encrypted pictures, trail."""
    today = timezone.localdate()
    taken_on(cast, BEFORE.read_bytes(), today - timedelta(days=98))
    latest = taken_on(cast, AFTER.read_bytes(), today)
    asked = Comparison.objects.get()
    work_off()
    asked.refresh_from_db()
    assert asked.state == Comparison.DONE, asked.why
    assert asked.document["schema"] == "microrelief/comparison/1"
    assert asked.comparable
    browser = sign_in(cast.carol)
    answer = browser.get(reverse("comparison", args=[asked.pk]))
    page = answer.content.decode()
    assert asked.told["headline"] in page
    for sentence in asked.told["sentences"].values():
        assert sentence in page
    assert "<style" not in page
    assert not re.search(r'\sstyle="|\son\w+="|<script>', page)
    for name in set(re.findall(r'src="(layer/[a-z_]+)"', page)):
        picture_answer = browser.get(reverse("comparison", args=[asked.pk]) + name)
        assert picture_answer.status_code == 200
        content = b"".join(picture_answer.streaming_content)
        assert content[:3] in (b"\xff\xd8\xff", b"\x89PN")
    # encrypted like everything else, and gone with the photograph's file
    assert Blob.objects.filter(photo=asked.after, kind=Kind.DERIVED).count() == len(asked.pictures)
    store = photo_store()
    assert isinstance(store, FolderStore)
    for blob in Blob.objects.filter(kind=Kind.DERIVED):
        with store.open(blob.name) as file:
            assert b"\xff\xd8\xff" not in file.read(64)
    assert asked.told["headline"].encode() not in bytes(
        Comparison.objects.values_list("contents", flat=True)[0]
    )
    assert verify_trail().whole
    # the series, the timeline, the patient's page
    series = browser.get(reverse("series", args=[cast.anna.pk])).content.decode()
    assert f"{asked.outcome('relief')['change_percent']:.0f}&nbsp;%" in series.replace("\u2212", "-")
    assert [line.badge for line in entries(cast.actor("carol"), cast.anna)] == [asked.grade]
    summary = browser.get(reverse("comparison_summary", args=[asked.pk])).content.decode()
    assert "98 days lie between them" in summary
    # too early, once the last session is known
    assert "Too early" not in page
    found = latest.photo_set
    found.refresh_from_db()
    describe_set(
        by=cast.actor("bob"), photo_set=found, version=found.version, day=today,
        last_session_on=today - timedelta(days=20), note="",
    )  # fmt: skip
    page = browser.get(reverse("comparison", args=[asked.pk])).content.decode()
    assert "Too early to call it a result: 20 days after the last session" in page
    assert (
        "too early to call this the result"
        in browser.get(reverse("comparison_summary", args=[asked.pk])).content.decode()
    )


def test_the_child_has_no_settings_of_the_site_and_starts_again_after_it_died(monkeypatch):
    monkeypatch.setenv("MICRORELIEF_KEY_PASSPHRASE", "do not tell")
    process = MeasuringProcess()
    try:
        with pytest.raises(NotMeasured) as refusal:
            process.ask({"ask": "frame", "view": "front"}, [b"no picture"], seconds=60)
        assert refusal.value.kind == "NotAPhoto"
        child = process._child
        with open(f"/proc/{child.pid}/environ", "rb") as file:
            assert b"do not tell" not in file.read()
        child.kill()
        child.wait()
        with pytest.raises(NotMeasured):
            process.ask({"ask": "frame", "view": "front"}, [b"no picture"], seconds=60)
        with pytest.raises(MeasuringFailed):
            process.ask({"ask": "frame", "view": "front"}, [frame()], seconds=0.01)
    finally:
        process.stop()


def test_ticks_of_a_frame_that_is_the_baseline_itself_are_all_on(cast):
    whole = BEFORE.read_bytes()
    baseline = take_view(
        by=cast.actor("bob"), patient=cast.anna, set_key="base-set", key=new_key(), view="front",
        upload=io.BytesIO(whole), size=len(whole),
    )  # fmt: skip
    from django.core.files.uploadedfile import SimpleUploadedFile

    sent = {"frame": SimpleUploadedFile("f.jpg", frame()), "view": "front", "against": baseline.photo_set_id}
    answer = sign_in(cast.carol).post(reverse("check_frame", args=[cast.anna.pk]), sent).json()
    assert answer["against_baseline"]
    assert {tick["name"]: tick["ok"] for tick in answer["ticks"]} == dict.fromkeys(
        ("face", "pose", "distance", "light", "sharpness", "expression"), True
    )
    assert Photo.objects.filter(patient=cast.anna).count() == 1  # a frame is looked at and forgotten


def test_words_for_patients_name_the_measures_as_the_report_does():
    assert [(one.key, one.title, one.less, one.more) for one in MEASURE_WORDS] == [
        (one.key, one.title, one.less, one.more) for one in wording.MEASURES
    ]


def numbers(verdict: str, change=None, low=None, high=None, detectable=None) -> dict[str, object]:
    return {
        "verdict": verdict, "change_percent": change, "low": low, "high": high,
        "detectable_percent": detectable,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("outcome", "verdict", "part"),
    [
        (numbers("improved", -31.0, -40.0, -22.0, 9.0), "31 % shallower", "between 22 and 40 %"),
        (numbers("worse", 12.0, 4.0, 20.0, 9.0), "12 % deeper", "between 4 and 20 %"),
        (
            numbers("no measurable change", -2.0, -8.0, 4.0, 9.0),
            "no change we can measure",
            "less than about 9 %",
        ),
        (numbers("not comparable"), "cannot be compared", "nothing about your skin"),
        ({}, "cannot be compared", "do not allow"),
    ],
)
def test_each_verdict_has_a_sentence_for_the_patient(outcome, verdict, part):
    told = {k: v.replace("\u00a0", " ") for k, v in patient_sentence(MEASURE_WORDS[0], outcome).items()}
    assert told["verdict"] == verdict
    assert part in told["says"]


def test_the_chart_turns_over_and_leaves_what_is_not_comparable_without_a_point():
    start = date(2026, 1, 1)

    def drawn(sign):
        points = [Point(start + timedelta(days=50), sign * 30, sign * 30 - 8, sign * 30 + 8, 10, "improved"),
                  Point(start + timedelta(days=100), None, None, None, None, "not comparable")]  # fmt: skip
        return series_chart("Relief", "shallower", "deeper", start, points, [start + timedelta(days=20)])

    def dot(svg):
        return float(re.search(r'c-dot" cx="[\d.]+" cy="([\d.]+)"', svg).group(1))

    lower, higher = dot(drawn(-1)), dot(drawn(1))
    zero = float(re.search(r'c-base" cx="[\d.]+" cy="([\d.]+)"', drawn(1)).group(1))
    assert lower - zero == pytest.approx(zero - higher, abs=0.2)
    assert lower > zero
    assert drawn(1).count('class="c-none"') == 1
    assert drawn(1).count('class="c-dot"') == 1
    assert drawn(1).count("c-session") == 1
    assert "not comparable" in drawn(1)
    assert "style" not in drawn(1)


def test_an_erased_patients_comparison_is_emptied(cast):
    asked = two_days(cast)
    work_off()
    from microrelief.web.custody.erasure import erase_patient

    anna = Patient.objects.get(pk=cast.anna.pk)
    erase_patient(
        by=cast.actor("alice"), patient=anna, version=anna.version, number=str(anna.number), basis="court"
    )
    row = Comparison.objects.values_list("contents", flat=True).get(pk=asked.pk)
    assert bytes(row) == b""
    assert all(bytes(one) == b"" for one in SetView.objects.values_list("contents", flat=True))


def test_a_removed_photograph_hides_its_comparison(cast):
    asked = two_days(cast)
    remove_photo(by=cast.actor("bob"), photo=asked.before, version=asked.before.version)
    assert sign_in(cast.bob).get(reverse("comparison", args=[asked.pk])).status_code == 404
    with pytest.raises(Unusable):
        actions.compare_sets(
            by=cast.actor("bob"), one=PhotoSet.objects.first(), other=PhotoSet.objects.last()
        )
    assert Entry.objects.filter(kind="comparison.asked").count() == 1
