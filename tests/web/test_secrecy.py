"""T21, T35: after a day's work nothing on the disk says who was treated; T29, T38: nothing is altered.

The names are planted by us and looked for in every byte that was written: data folder, temporary files, log,
backup.
"""

import csv
import io
import json
import logging
import os
import random
import shutil
import string
import sys
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from microrelief.web.pages.log import NamelessFormatter
from tests.web.postgresql import SETTING, database
from tests.web.running import Browser, Program, Site, new_folder, photograph

NAMES = 200
PICTURE_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF", b"ftypheic", b"II*\0", b"MM\0*")
SHARED = (
    Path(os.environ.get("MICRORELIEF_SHARED", Path(__file__).parents[2].parent / "shared"))
    / "data"
    / "hostile"
)


def planted(count: int, seed: int = 3) -> list[str]:
    """Words that nothing else could have written."""
    draw = random.Random(seed)
    return ["Q" + "".join(draw.choices(string.ascii_lowercase, k=11)) for _ in range(count)]


@pytest.fixture(scope="module")
def worked():
    """A site in which somebody worked, killed at the end as a thief would find it."""
    folder = new_folder()
    temporary = folder / "temporary"
    temporary.mkdir()
    url = database(os.environ[SETTING], "secrecy") if SETTING in os.environ else ""
    names = planted(NAMES)
    families, rest = names[:20], iter(names[20:])
    with Site(folder / "data", url, {"TMPDIR": str(temporary)}) as site:
        seeded = site.seed(len(families), names=",".join(families))
        site.start()
        try:
            _work(site, seeded, families, rest)
            site.run("backup", "--data", str(site.data), "--to", str(folder / "one.backup"))
            site.run("backup", "--data", str(site.data), "--drill")
            site.kill()
            yield folder, site, seeded, names
        finally:
            site.kill()
            shutil.rmtree(folder, ignore_errors=True)


def _work(site: Site, seeded: dict, families: list[str], rest) -> None:
    program, browser = Program(site, seeded["key"]), Browser(site, seeded["sessions"][0])
    for number, patient in enumerate(seeded["patients"]):
        name, note, place = next(rest), next(rest), next(rest)
        answer = program.upload(
            patient, with_artist(photograph(name, 96), place), name=f"{name}.jpg", note=note
        )
        assert answer.status == 201, answer.body
        identity = {"family_name": families[number], "given_name": next(rest), "birth_date": "1990-01-01"}
        more = {"phone": "0", "email": f"{next(rest)}@example.org", "note": next(rest), "version": 1}
        assert program.send(f"/patients/{patient}", identity | more, method="PUT").status == 200
        consent = {"purpose": "record", "answer": "given", "how": "spoken", "signed_on": "2020-01-01"}
        said = {"witness": next(rest), "remark": next(rest), "signer_name": next(rest)}
        assert (
            program.send(f"/patients/{patient}/consents", consent | said, f"consent-{number}").status == 201
        )
        assert browser.get(f"/patients/?q={families[number]}").status == 200
        assert browser.get(f"/patients/{patient}/photos/").status == 200
        assert program.get(f"/photos/{answer.json['id']}/screen").status == 200
    export = program.get(f"/patients/{seeded['patients'][0]}/export?plain=true")
    assert export.status == 200
    with zipfile.ZipFile(io.BytesIO(export.body)) as file:  # the export is what it should be: readable
        assert families[0] in file.read("record.json").decode()
    # what goes wrong is written into the log
    assert program.get(f"/patients/{families[0]}").status == 404
    assert (
        program.upload(seeded["patients"][0], families[1].encode(), name=f"{families[1]}.jpg").status == 422
    )
    assert (
        program.send("/patients", {"family_name": families[2], "birth_date": families[3]}, "k" * 9).status
        == 422
    )
    assert browser.get(f"/{families[4]}%0d%0aforged").status == 404
    browser.post("/account/sign-in/", {"login": f"{families[5]}@example.org", "password": families[6]})


def with_artist(photo: bytes, artist: str) -> bytes:
    picture = Image.open(io.BytesIO(photo))
    exif = picture.getexif()
    exif[0x013B], exif[0x9C9D] = artist, artist.encode("utf-16-le")
    file = io.BytesIO()
    picture.save(file, "JPEG", exif=exif, comment=artist.encode(), quality=90)
    return file.getvalue()


def every_file(folder: Path):
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path, path.read_bytes()


def pictures_in(content: bytes) -> int:
    """How many pictures can be decoded from somewhere in it."""
    found = 0
    for start in PICTURE_STARTS:
        at = content.find(start)
        while at >= 0:
            try:
                with Image.open(
                    io.BytesIO(content[max(0, at - (4 if start.startswith(b"ftyp") else 0)) :])
                ) as picture:
                    picture.load()
                found += 1
            except Exception:  # random bytes that look like a start
                pass
            at = content.find(start, at + 1)
    return found


@pytest.mark.slow
def test_T21_the_disk_holds_no_name_and_no_picture(worked, capsys):
    folder, _, _, names = worked
    files, size, hits, pictures = 0, 0, [], 0
    for path, content in every_file(folder):
        files, size = files + 1, size + len(content)
        lowered = content.lower()
        hits += [
            (path.name, name)
            for name in names
            if name.lower().encode() in lowered or name.lower().encode("utf-16-le") in lowered
        ]
        pictures += pictures_in(content)
    with capsys.disabled():
        print(
            f"\nT21: {len(names)} names in {files} files, {size >> 10} KiB: {len(hits)}, pictures: {pictures}"
        )
    assert {path.name for path, _ in every_file(folder)} >= {"one.backup", "data.log", "trail.head"}
    assert hits == []
    assert pictures == 0


@pytest.mark.slow
def test_T21_the_search_finds_what_lies_open(worked, tmp_path):
    """A search that finds nothing anywhere would prove nothing."""
    content = b"\0" * 100 + with_artist(photograph("open"), "Somebody") + b"\0" * 100
    assert pictures_in(content) >= 1
    assert b"Somebody" in content


@pytest.mark.slow
@pytest.mark.skipif(SETTING in os.environ, reason="the encrypted file is SQLite's")
def test_T21_another_key_opens_nothing(worked, tmp_path):
    _, site, _, _ = worked
    stolen, other = tmp_path / "stolen", Site(tmp_path / "other")
    shutil.copytree(site.data, stolen)
    other.seed(0)
    shutil.copy(other.data / "keys" / "clinic.json", stolen / "keys" / "clinic.json")
    done = Site(stolen).run("audit", "verify", "--data", str(stolen), check=False)
    assert done.returncode == 2
    assert "does not open with this key" in done.stderr


@pytest.mark.slow
def test_T35_the_log_names_nobody_and_cannot_be_forged(worked):
    _, site, seeded, names = worked
    log = site.log.read_text()
    assert log.count("404 GET") >= 2, log
    assert not [name for name in names if name.lower() in log.lower()]
    assert not [patient for patient in seeded["patients"] if patient in log]
    assert "\nforged" not in log


def test_T35_an_exception_is_logged_by_type_and_place_only():
    try:
        try:
            raise ValueError("Sommer, Anna\nforged line")
        except ValueError as first:
            raise RuntimeError("the record of Sommer") from first
    except RuntimeError:
        record = logging.LogRecord(
            "django.x", logging.ERROR, __file__, 1, "Failed for %s", ("Sommer",), sys.exc_info()
        )
    said = NamelessFormatter().format(record)
    assert "RuntimeError at test_secrecy.py" in said
    assert "after ValueError" in said
    assert "Sommer" not in said
    assert "\n" not in said


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.skipif(
    not SHARED.is_dir(), reason="the naughty strings are in ../shared/data, which is not here"
)
def test_T29_every_string_comes_back_as_it_was_given(tmp_path, capsys):
    strings = naughty_strings()
    assert len(strings) >= 300
    with Site(tmp_path / "data") as site:
        seeded = site.seed()
        program, patient = Program(site.start(), seeded["key"]), seeded["patients"][0]
        altered, refused, version = [], [], 1
        for number, text in enumerate(strings):
            given = {"family_name": "Sommer", "birth_date": "1990-01-01", "note": text, "version": version}
            answer = program.send(f"/patients/{patient}", given, method="PUT")
            if answer.status == 422:
                refused.append(text)
            elif answer.status != 200 or answer.json["note"].strip() != text.strip():
                altered.append((number, text, answer.status))
            version = answer.json.get("version", version)
            assert answer.status in (200, 422), (text, answer.status)
        with zipfile.ZipFile(io.BytesIO(program.get(f"/patients/{patient}/export?plain=true").body)) as file:
            record = json.loads(file.read("record.json"))
        kept = {one["note"].strip() for one in record["records"]["patients.patient"][0]["versions"]}
        page = Browser(site, seeded["sessions"][0]).get(f"/patients/{patient}/")
    missing = [text for text in strings if text.strip() and text not in refused and text.strip() not in kept]
    with capsys.disabled():
        print(f"\nT29: {len(strings)} strings, {len(refused)} refused, {len(altered + missing)} altered")
    assert (altered, missing) == ([], [])
    assert len(refused) < len(strings) / 10
    assert page.status == 200
    assert b"<script>alert" not in page.body


def naughty_strings() -> list[str]:
    found: list[str] = []
    for path in sorted((SHARED / "text").iterdir()):
        text = path.read_bytes().decode("utf-8", "replace")
        if path.suffix == ".json":
            found += [one for one in json.loads(text) if isinstance(one, str)]
        elif path.suffix == ".csv":
            found += [cell for row in csv.reader(io.StringIO(text)) for cell in row]
        else:
            found += [line for line in text.splitlines() if not line.startswith("#")]
    return [one for one in dict.fromkeys(found) if len(one) <= 4000]


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.skipif(not SHARED.is_dir(), reason="the camera files are in ../shared/data, which is not here")
def test_T38_copies_hold_the_picture_and_nothing_else(tmp_path, capsys):
    with Site(tmp_path / "data") as site:
        seeded = site.seed()
        program, patient = Program(site.start(), seeded["key"]), seeded["patients"][0]
        taken, with_tags, left = 0, 0, []
        for path in sorted((SHARED / "exif").iterdir()):
            given = path.read_bytes()
            answer = program.upload(patient, given, name=path.name)
            assert answer.status in (201, 413, 422), (path.name, answer.status, answer.body)
            if answer.status != 201:
                continue
            taken += 1
            with_tags += b"Exif" in given
            original = program.get(f"/photos/{answer.json['id']}/original").body
            assert original == given, path.name
            screen = program.get(f"/photos/{answer.json['id']}/screen").body
            left += [(path.name, one) for one in not_picture(screen)]
    with capsys.disabled():
        print(f"\nT38: {taken} photographs taken in, {with_tags} with tags; left in copies: {left}")
    assert with_tags >= 20
    assert left == []


def not_picture(jpeg: bytes) -> list[str]:
    """Every segment of a JPEG that is not needed to draw it, and what trails behind its end."""
    needed = {0xC0, 0xC2, 0xC4, 0xDB, 0xDD}
    at, found = 2, []
    assert jpeg[:2] == b"\xff\xd8"
    while jpeg[at + 1] != 0xDA:
        marker, size = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4], "big")
        jfif = marker == 0xE0 and jpeg[at + 4 : at + 9] == b"JFIF\0" and size == 16
        if marker not in needed and not jfif:
            found.append(f"segment {marker:02x}")
        at += 2 + size
    if not jpeg.endswith(b"\xff\xd9") or jpeg.count(b"\xff\xd8\xff") > 1:
        found.append("trailing bytes")
    return found
