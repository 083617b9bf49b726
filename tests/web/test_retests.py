"""The clinic's own repeatability: volunteers photographed twice, and what is kept of them."""

import hashlib
import io
import json
import math
import os
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from microrelief.cohort.repeatability_file import parse_repeatability
from microrelief.imaging.change.repeatability import ADVISED_PAIRS, FEWEST_PAIRS
from microrelief.web.audit.verify import verify_trail
from microrelief.web.background.worker import work_off
from microrelief.web.clinic.models import Clinic
from microrelief.web.comparisons import jobs as comparing
from microrelief.web.comparisons.actions import compare_sets
from microrelief.web.comparisons.jobs import run_comparison
from microrelief.web.comparisons.models import Comparison
from microrelief.web.consents.actions import record_consent
from microrelief.web.measuring.child import _answered
from microrelief.web.measuring.process import MeasuringProcess, NotMeasured, thorough
from microrelief.web.measuring.wire import Message
from microrelief.web.people.once import new_key
from microrelief.web.refusals import Unusable
from microrelief.web.retests import actions, held, jobs
from microrelief.web.retests.models import Retest, RetestPair, document_in_use
from tests.web.conftest import AFTER, BEFORE, sign_in
from tests.web.test_comparisons import taken_on
from tests.web.test_photosets import picture, take

READINGS = {1: 3.0, 2: -3.0, 3: 3.0}
"""What each person's unchanged skin reads, in percent."""
COMPARED = {"grade": "A", "comparable": True, "reasons": []}


class Child:
    """Stands in the measuring child's place and remembers what it was shown."""

    def __init__(self) -> None:
        self.shown: list[list[bytes]] = []

    def ask(self, question, parts, **_):
        self.shown.append(list(parts))
        sha = [hashlib.sha256(part).hexdigest() for part in parts]
        change = READINGS[question["person"]]
        readings = {"relief": [change, change - 5, change + 5]}
        person = {"person": question["person"], "before_sha256": sha[0], "after_sha256": sha[1]}
        return Message({"compared": {**person, **COMPARED, "readings": readings}})


@pytest.fixture
def child(monkeypatch):
    standing = Child()
    monkeypatch.setattr(jobs, "thorough", lambda: standing)
    return standing


def volunteer(cast, first: bytes, second: bytes, consented: str = "on"):
    sent = {"first": SimpleUploadedFile("a.jpg", first), "second": SimpleUploadedFile("b.jpg", second)}
    return sign_in(cast.alice).post(reverse("retests"), sent | {"consented": consented})


_written: list[str] | None = None
"""Names of files that are opened to be written while a test listens; None: nobody listens."""


def _hear(event: str, told: tuple) -> None:
    if event != "open" or _written is None or not isinstance(told[0], str | bytes):
        return
    if (told[2] or 0) & (os.O_WRONLY | os.O_RDWR):
        _written.append(os.fsdecode(told[0]))


@pytest.fixture
def written(monkeypatch):
    """What the process writes by Python, temporary files too; the database's own files are searched apart."""
    if not getattr(_hear, "set", False):
        sys.addaudithook(_hear)  # for good: Python takes none back
        _hear.set = True
    monkeypatch.setattr(sys.modules[__name__], "_written", [])
    return _written


def in_the_database(what: bytes) -> list[str]:
    """Tables with a row that holds it, as text or as bytes. The file is encrypted: it cannot be searched."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            values = (value for row in cursor.fetchall() for value in row)
            if any(
                what in (bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode()) for v in values
            ):
                found.append(table)
    return found


def test_a_volunteers_photographs_are_compared_and_never_written_down(cast, child, written):
    """As large as real ones: a small upload would stay in memory whatever takes it in."""
    face = b"a face that must not stay " * 200_000
    assert volunteer(cast, face + b"1", face + b"2").status_code == 302
    work_off()
    assert child.shown == [[face + b"1", face + b"2"]]
    pair = RetestPair.objects.get()
    assert pair.comparable
    assert in_the_database(b"face that must not stay") == []
    assert in_the_database(str(pair.pk).encode()), "the search finds what is there"
    assert not held._held
    assert [name for name in written if not Path(name).name.startswith("trail.head")] == []
    assert verify_trail().whole


def test_no_photograph_leads_to_its_pair_without_the_clinics_key(cast, child):
    """A plain SHA-256 would name the volunteer to whoever holds the photograph."""
    volunteer(cast, b"one", b"another")
    volunteer(cast, b"one", b"a third")
    work_off()
    for content in (b"one", b"another"):
        assert in_the_database(hashlib.sha256(content).hexdigest().encode()) == []
    first, second = [one.compared for one in RetestPair.objects.all()]
    assert first["before_sha256"] == second["before_sha256"], "a photograph that is used twice is known"
    assert first["after_sha256"] != second["after_sha256"]
    assert len(first["after_sha256"]) == 64


def test_photographs_that_a_restart_lost_are_asked_for_again(cast, child):
    volunteer(cast, b"1", b"2")
    held._held.clear()  # the program was started again
    work_off()
    pair = RetestPair.objects.get()
    assert (pair.state, pair.why) == (RetestPair.FAILED, jobs.LOST)
    assert not child.shown
    assert "take them once more" in sign_in(cast.alice).get(reverse("retests")).content.decode()


def test_nobody_is_compared_without_being_asked(cast, child):
    assert volunteer(cast, b"1", b"2", consented="").status_code == 422
    with pytest.raises(Unusable):
        actions.add_volunteer(
            by=cast.actor("alice"), first=io.BytesIO(b"1"), second=io.BytesIO(b"2"), consented=False
        )
    assert not RetestPair.objects.exists()
    assert not held._held


def test_memory_holds_a_few_pairs_and_no_more(cast):
    for number in range(held.MOST_HELD):
        assert volunteer(cast, b"1", str(number).encode()).status_code == 302
    assert volunteer(cast, b"1", b"one more").status_code == 422
    assert RetestPair.objects.count() == held.MOST_HELD


def test_a_patients_two_sets_of_a_day_count_with_consent_and_leave_no_way_back(cast, child):
    number, alice = str(cast.anna.number), cast.actor("alice")

    def add():
        return actions.add_patient_pair(by=alice, number=number, consented=True)

    with pytest.raises(Unusable, match="not consented"):
        add()
    record_consent(
        by=cast.actor("bob"), patient=cast.anna, key=new_key(), purpose="comparison", answer="given",
        how="paper", signed_on=date.today(),
    )  # fmt: skip
    first = take(cast, picture(31), set_key="set-first")
    with pytest.raises(Unusable, match="no two sets of one day"):
        add()
    take(cast, picture(32), set_key="set-second")
    pair = add()
    assert pair.first_photo == first.photo_id
    work_off()
    pair.refresh_from_db()
    assert pair.comparable
    assert pair.first_photo is None
    assert pair.second_photo is None
    with pytest.raises(Unusable, match="no record of this number"):
        actions.add_patient_pair(by=alice, number=str(cast.ben.number), consented=True)


def three_pairs(cast) -> Retest:
    for number in range(3):
        volunteer(cast, f"{number} first".encode(), f"{number} second".encode())
    work_off()
    return Retest.objects.get()


def test_what_comes_out_is_what_bland_and_altman_say(cast, child, monkeypatch):
    """Three people, changes of d: sw = sqrt(sum d^2 / 2n), and 1.96 sqrt(2) sw is the coefficient."""
    retest = three_pairs(cast)
    monkeypatch.setattr(jobs, "thorough", thorough)
    alice = sign_in(cast.alice)
    alice.post(reverse("work_out_retest", args=[retest.pk]))
    work_off()
    retest.refresh_from_db()
    assert retest.state == Retest.DONE, retest.why
    logs = [math.log(1 + percent / 100) for percent in (3, -3, 3)]
    coefficient = 1.959964 * math.sqrt(2) * math.sqrt(sum(d * d for d in logs) / 6)
    (relief,) = retest.measures
    assert relief["coefficient_percent"] == pytest.approx(100 * (1 - math.exp(-coefficient)), rel=1e-3)
    assert relief["detectable_percent"] > relief["coefficient_percent"]
    assert bytes(retest.plot).startswith(b"\x89PNG")
    page = alice.get(reverse("retests")).content.decode()
    assert "Use from now on" in page
    assert document_in_use() == ""
    alice.post(reverse("use_retest", args=[retest.pk]))
    assert json.loads(document_in_use())["schema"] == "microrelief/repeatability/1"
    alice.post(reverse("stop_using_retest"))
    assert document_in_use() == ""
    assert verify_trail().whole


def test_two_pairs_are_not_worked_out_and_a_dropped_one_does_not_count(cast, child):
    retest = three_pairs(cast)
    alice = sign_in(cast.alice)
    alice.post(reverse("drop_retest_pair", args=[retest.pairs.first().pk]))
    assert alice.post(reverse("work_out_retest", args=[retest.pk])).status_code == 422
    retest.refresh_from_db()
    assert retest.state == Retest.COLLECTING


def test_a_page_that_is_behind_drops_no_pair_of_a_round_that_is_closed(cast, child):
    """Its copy of the round still collects; saved whole, it would bring that state back."""
    retest = three_pairs(cast)
    pair = actions.pair_for(retest.pairs.first().pk)
    actions.ask_conclusion(by=cast.actor("alice"), retest=retest)
    with pytest.raises(Unusable, match="closed"):
        actions.drop_pair(by=cast.actor("alice"), pair=pair)
    assert len(actions.standing_pairs(retest)) == 3


def test_what_is_in_use_can_be_stopped_after_a_newer_round(cast):
    in_use(cast)
    newer = actions.begin_retest(by=cast.actor("alice"))
    actions.keep_conclusion(newer, document="{}", plot=b"x")
    alice = sign_in(cast.alice)
    page = alice.get(reverse("retests")).content.decode()
    assert "Stop using it" in page
    assert "Use from now on" in page
    alice.post(reverse("stop_using_retest"))
    page = alice.get(reverse("retests")).content.decode()
    assert "Stop using it" not in page
    assert "Earlier rounds" in page


def test_a_round_is_dated_by_the_clinics_day(cast, child, monkeypatch):
    """Half past ten in the evening in London is the next morning in Auckland, for the worker too."""
    retest = three_pairs(cast)
    Clinic.objects.create(pk=1, time_zone="Pacific/Auckland")
    monkeypatch.setattr("django.utils.timezone.now", lambda: datetime(2026, 11, 28, 22, 30, tzinfo=UTC))
    asked = []

    class Asked:
        def ask(self, question, parts, **_):
            asked.append(question)
            return Message({"file": "{}", "measures": []}, (b"plot",))

    monkeypatch.setattr(jobs, "thorough", Asked)
    actions.ask_conclusion(by=cast.actor("alice"), retest=retest)
    work_off()
    assert asked[0]["today"] == "2026-11-29"
    actions.use_retest(by=cast.actor("alice"), retest=retest)
    assert "29 November" in sign_in(cast.alice).get(reverse("clinic_settings")).content.decode()


def test_the_numbers_on_the_page_are_the_measurements_own():
    assert (actions.FEWEST, actions.ADVISED) == (FEWEST_PAIRS, ADVISED_PAIRS)


def in_use(cast) -> None:
    scatter = {
        "pairs": 10, "people": 10, "degrees_of_freedom": 10,
        "bias": 0.0, "bias_low": -0.01, "bias_high": 0.01,
        "within_deviation": 0.05, "coefficient": 0.14, "detectable": 0.2, "held": 5, "factor": 3.0,
        "scale": "log ratio", "bias_percent": 0.0, "bias_low_percent": -1.0, "bias_high_percent": 1.0,
        "coefficient_percent": 13.0, "detectable_percent": 18.0,
    }  # fmt: skip
    pair = {"before": "", "after": "", "grade": "A", "comparable": True, "reasons": [], "percent": {}}
    document = {
        "schema": "microrelief/repeatability/1", "version": "0.1.0", "made_on": "2026-11-28",
        "pairs": [{"person": number, **pair} for number in range(1, 11)],
        "refused": {"pairs": 0, "reasons": {}}, "measures": {"relief": scatter},
    }  # fmt: skip
    text = json.dumps(document)
    assert parse_repeatability(text.encode(), "the file").pairs == 10, "one that comparisons accept"
    retest = actions.begin_retest(by=cast.actor("alice"))
    actions.keep_conclusion(retest, document=text, plot=b"x")
    actions.use_retest(by=cast.actor("alice"), retest=retest)


def test_a_comparison_is_asked_with_the_repeatability_in_use(cast, monkeypatch):
    asked = []

    class Asked:
        def ask(self, question, parts, **_):
            asked.append(question)
            raise NotMeasured("Test", "This is all that is looked at here.")

    monkeypatch.setattr(comparing, "thorough", Asked)
    in_use(cast)
    baseline = taken_on(cast, picture(31), date.today() - timedelta(days=90))
    later = taken_on(cast, picture(32), date.today())
    compare_sets(by=cast.actor("bob"), one=baseline.photo_set, other=later.photo_set)
    run_comparison.func(str(Comparison.objects.get().pk))
    assert json.loads(asked[0]["repeatability"])["made_on"] == "2026-11-28"


def test_too_few_repeats_are_refused_in_a_whole_sentence():
    """What stands before a colon is no file's name here: without it nobody learns what was wrong."""
    nothing_read = {"person": 1, "before_sha256": "", "after_sha256": "", "readings": {}}
    refused = nothing_read | {"grade": "F", "comparable": False, "reasons": ["pose"]}
    question = {"ask": "repeatability", "compared": [refused], "today": "2026-11-28"}
    says = _answered(Message(question), io.BytesIO()).says["sentence"]
    assert says.startswith("1 of 1 repeated pairs cannot be compared")
    assert says.endswith("under the same light.")


@pytest.mark.slow
def test_the_childs_own_answer_honours_the_repeatability(cast):
    """The real child on the demonstration: the interval is as wide as the repeats ask, the page says so."""
    in_use(cast)
    question = {"ask": "pair", "names": ["front 1", "front 2"], "taken_at": ["2026-01-01", "2026-06-01"]}
    parts = [BEFORE.read_bytes(), AFTER.read_bytes()]
    child = MeasuringProcess()
    plain = child.ask(question, parts, seconds=600).says
    honest = child.ask(question | {"repeatability": document_in_use()}, parts, seconds=600).says
    child.stop()
    assert "repeatability" not in plain["document"]
    used = document_in_use().encode()
    assert honest["document"]["repeatability"]["sha256"] == hashlib.sha256(used).hexdigest()
    assert "own repeated photographs" in honest["body"]
    width = [one["document"]["relief"]["high"] - one["document"]["relief"]["low"] for one in (plain, honest)]
    assert width[1] > width[0]
