"""The real server under what happens to real ones: kills, full disks, locks, double submits, wrong clocks."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest

from tests.vault.volume import why_no_memory_disk
from tests.web.full import filled
from tests.web.hostile import tried
from tests.web.kill import judged, killed
from tests.web.postgresql import SETTING, database
from tests.web.running import CLOCK, Browser, Program, Site, new_folder, photograph

SUBMITS = 50
SHARED = Path(os.environ.get("MICRORELIEF_SHARED", Path(__file__).parents[2].parent / "shared"))
HOSTILE = SHARED / "data" / "hostile"


@pytest.fixture
def folder():
    made = new_folder()
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def database_url() -> str:
    """A new database where the tests run on PostgreSQL, "" for the encrypted file."""
    return database(os.environ[SETTING], f"faults{uuid4().hex[:8]}") if SETTING in os.environ else ""


@pytest.fixture
def site(folder, database_url):
    with Site(folder / "data", database_url) as made:
        yield made


def tell(capsys, line: object) -> None:
    with capsys.disabled():
        print(f"\n{line}")


@pytest.mark.slow
def test_T15_killed_while_uploading_nothing_acknowledged_is_lost(folder, database_url, capsys):
    found = killed(folder, kills=6, database_url=database_url)
    tell(capsys, found)
    assert len(found.acknowledged) >= 6
    assert found.unanswered >= 3, "no kill came while something was uploaded"
    assert found.answered_otherwise == []
    assert found.last.sound, found


@pytest.mark.slow
@pytest.mark.skipif(bool(why_no_memory_disk()), reason=why_no_memory_disk() or "-")
def test_T27_a_full_disk_is_said_and_takes_nothing(capsys):
    found = filled(most=400 << 10, step=16 << 10)
    tell(capsys, found)
    assert found.answers["upload 507"] >= 5
    assert found.answers["upload 201"] >= 5
    assert len(found.says) >= 2, "the disk was full at one step only"
    assert found.faults == []
    assert found.last.sound, found


@pytest.mark.slow
def test_T13_fifty_at_once_make_one(site, capsys):
    seeded = site.seed()
    program, patient = Program(site.start(), seeded["key"]), seeded["patients"][0]
    photo, person = photograph("one"), {"family_name": "Once", "birth_date": "1990-02-03"}

    def upload(number: int) -> tuple[int, str]:
        answer = program.upload(patient, photo, "the-same-key-for-all")
        return answer.status, answer.json.get("id", "")

    def add(number: int) -> tuple[int, str]:
        answer = program.send("/patients", person, "another-key-for-all")
        return answer.status, answer.json.get("id", "")

    with ThreadPoolExecutor(SUBMITS) as pool:
        photos, patients = list(pool.map(upload, range(SUBMITS))), list(pool.map(add, range(SUBMITS)))
    kept = program.get(f"/patients/{patient}/photos").json
    tell(
        capsys,
        f"T13: {SUBMITS} uploads at once: {len(set(photos))} answer(s), {len(kept)} photograph(s) kept",
    )
    assert {status for status, _ in [*photos, *patients]} <= {201, 503}  # 503: sent again, it gets its answer
    assert {photo_id for status, photo_id in photos if status == 201} == {kept[0]["id"]}
    assert len(kept) == 1
    assert len({patient_id for status, patient_id in patients if status == 201}) == 1
    assert len([one for one in program.get("/patients?q=once").json if one["family_name"] == "Once"]) == 1
    other = program.upload(patient, photograph("two"), "the-same-key-for-all")
    assert (other.status, other.json["title"]) == (409, "This was sent before with other content")
    site.stop()
    assert judged(site, {kept[0]["id"]: kept[0]["sha256"]}).sound


@pytest.mark.slow
def test_T28_a_held_lock_is_waited_for_and_then_said(site):
    seeded = site.seed()
    program, patient = Program(site.start(), seeded["key"]), seeded["patients"][0]
    browser = Browser(site, seeded["sessions"][0])
    known = program.upload(patient, photograph("before")).json
    photo, key = photograph("held"), str(uuid4())
    with holding(site, seconds=25):
        with ThreadPoolExecutor(4) as pool:
            writing = [pool.submit(program.upload, patient, photo, key) for _ in range(3)]
            looked = program.get(f"/photos/{known['id']}/screen")
            page = browser.get(f"/patients/{patient}/photos/")
            answers = [one.result() for one in writing]
        assert (looked.status, page.status) == (200, 200)
    assert {answer.status for answer in answers} == {503}
    assert all("retry-after" in answer.headers for answer in answers)
    assert answers[0].json["title"] == "The clinic's computer is busy"
    after = program.upload(patient, photo, key)
    assert after.status == 201
    site.stop()
    found = judged(site, {known["id"]: known["sha256"], after.json["id"]: after.json["sha256"]})
    assert found.sound, found


@pytest.mark.slow
@pytest.mark.skipif(
    not shutil.which("faketime"), reason="faketime is not installed (Debian: apt-get install faketime)"
)
def test_T26_a_clock_that_went_back_signs_nothing(site):
    """Two days back: records keep their order, withdrawals work, signing waits until somebody says so."""
    seeded = site.seed()
    site.start()
    program, patient = Program(site, seeded["key"]), seeded["patients"][0]

    def consent(key: str):
        content = {"purpose": "record", "answer": "given", "how": "paper"}
        return program.send(f"/patients/{patient}/consents", content | {"signed_on": "2020-01-01"}, key)

    first = consent("consent-before")
    assert first.status == 201, first.body
    site.stop()

    site.before = ("faketime", "-f", "-2d")
    site.settings |= {"FAKETIME_DONT_FAKE_MONOTONIC": "1", "PYTHONPATH": str(CLOCK)}
    site.start()
    refused = consent("consent-back")
    assert (refused.status, refused.json["title"]) == (409, "This computer's clock went backwards")
    assert "microrelief clock --confirm" in refused.json["says"]
    assert program.upload(patient, photograph("back")).status == 201
    assert consent("consent-back").status == 409, "an entry with the wrong time must not open signing"
    withdrawn = program.send(f"/consents/{first.json['id']}/withdraw", {})
    assert withdrawn.status == 200
    site.stop()
    site.run("clock", "--data", str(site.data), "--confirm")
    site.start()
    assert consent("consent-back").status == 201
    site.stop()

    site.before = ()
    verified = site.run("audit", "verify", "--data", str(site.data)).stdout
    assert "The trail is whole" in verified
    assert "earlier than before" in verified
    assert date.today().isoformat() not in refused.json["says"].partition(",")[0]


@contextlib.contextmanager
def holding(site: Site, seconds: float):
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.web.hold", str(site.data), str(seconds)],
        env=site.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "held"
        yield
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_T15_an_upload_is_kept_and_found_again_after_a_kill(site):
    """The short form of the above: one photograph, one kill."""
    seeded = site.seed()
    program = Program(site.start(), seeded["key"])
    kept = program.upload(seeded["patients"][0], photograph("kept"))
    site.kill()
    assert kept.status == 201
    found = judged(site, {kept.json["id"]: kept.json["sha256"]})
    assert (found.rows, found.lost, found.without_row, found.unfinished) == (1, [], 0, 0)
    assert found.sound, json.dumps(found.__dict__)


@pytest.mark.parametrize(("megabytes", "status"), [(39, 422), (41.5, 413), (43, 413)])
@pytest.mark.slow
def test_T02_more_bytes_than_a_photograph_has_are_refused(site, megabytes, status):
    seeded = site.seed()
    program = Program(site.start(), seeded["key"])
    began = time.monotonic()
    answer = program.upload(seeded["patients"][0], bytes(int(megabytes * 2**20)))
    assert answer.status == status, (answer.status, answer.body[:300], time.monotonic() - began)


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.skipif(not HOSTILE.is_dir(), reason="the hostile files are in ../shared/data, which is not here")
def test_T01_T02_hostile_files_are_each_answered(folder, capsys):
    """Every bomb, and every tenth of the others; `python -m tests.web.hostile` sends all."""
    files = sorted(path for path in HOSTILE.rglob("*") if path.is_file())
    chosen = [path for number, path in enumerate(files) if path.parent.name == "bombs" or number % 10 == 0]
    assert len(chosen) >= 100
    found = tried(folder, chosen)
    tell(capsys, found)
    assert found.faults == []
    assert sum(found.answers.values()) == len(chosen)
    assert found.answers[201] >= 10
    assert found.last.sound, found
