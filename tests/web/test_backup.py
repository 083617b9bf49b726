"""T24: what is backed up comes back, hash by hash, or not at all. T23: the erased stay erased."""

import io
import json
import os
import random
import shutil
import subprocess
import tarfile
import threading
from pathlib import Path
from uuid import uuid4

import pyrage
import pytest

from tests.web.forensics import decrypted_pages
from tests.web.postgresql import SETTING, cluster, database, why_no_postgresql
from tests.web.running import Browser, Program, Site, new_folder, photograph

PATIENTS = 3


@pytest.fixture(scope="module")
def folder():
    made = new_folder()
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def clinic(folder):
    """A clinic that was worked in, and its backup; the server is down."""
    url = database(os.environ[SETTING], "backed_up") if SETTING in os.environ else ""
    with Site(folder / "data", url) as site:
        seeded = site.seed(PATIENTS)
        program = Program(site.start(), seeded["key"])
        for number, patient in enumerate(seeded["patients"]):
            for more in range(2):
                assert (
                    program.upload(patient, photograph(f"{number} {more}"), note="Größe: 3 µm, 日本").status
                    == 201
                )
        consent = {"purpose": "record", "answer": "given", "how": "paper", "signed_on": "2020-01-01"}
        assert program.send(f"/patients/{seeded['patients'][0]}/consents", consent, "consent-1").status == 201
        backup = folder / "one.backup"
        said = site.run("backup", "--data", str(site.data), "--to", str(backup)).stdout
        assert "The clinic's key is NOT in it" in said
        site.stop()
        yield site, seeded, backup


def restored(clinic, into: Path, *more: str, url: str = "", source: Path | None = None, check: bool = True):
    site, _, backup = clinic
    asked = ["restore", "--from", str(source or backup), "--data", str(into), *more]
    if "--keys" not in more and "--identity" not in more and "--passphrase-file" not in more:
        asked += ["--keys", str(site.data / "keys")]
    return Site(into, url).run(*asked, check=check)


def tables(site: Site, to: Path) -> dict:
    """What a backup of the site says of its rows and files."""
    site.run("backup", "--data", str(site.data), "--to", str(to))
    with tarfile.open(to) as file:
        manifest = json.load(file.extractfile("manifest.json"))["manifest"]
    return {"rows": manifest["tables"], "photos": manifest["photos"]}


@pytest.mark.slow
def test_T24_a_restored_clinic_is_equal_and_opens(clinic, folder):
    site, seeded, _ = clinic
    said = restored(clinic, folder / "again").stdout
    assert "equal row by row" in said
    assert f"{2 * PATIENTS} photographs opened" in " ".join(said.split())
    again = Site(folder / "again")
    before, after = tables(site, folder / "a.backup"), tables(again, folder / "b.backup")
    assert before["photos"] == after["photos"]
    changed = {name for name in before["rows"] if before["rows"][name] != after["rows"][name]}
    assert changed == {"audit.entry", "api.apikey"}  # that it was restored; and keys of then open nothing
    with again:
        assert Program(again.start(), seeded["key"]).get("/patients").status == 401
    assert "whole" in site.run("audit", "verify", "--data", str(again.data)).stdout


def test_T24_the_drill_proves_and_leaves_nothing(clinic):
    site, _, _ = clinic
    before = {path.name for path in site.data.iterdir()}
    said = site.run("backup", "--data", str(site.data), "--drill").stdout
    assert "The drill succeeded" in said
    assert {path.name for path in site.data.iterdir()} - {
        "records.sqlite3-wal",
        "records.sqlite3-shm",
    } <= before


@pytest.mark.slow
def test_T24_a_backup_holds_one_moment_while_photographs_are_taken_in(folder):
    """Rows and files of one moment: a backup with a row without its file would not come back."""
    with Site(folder / "busy") as site:
        seeded = site.seed()
        program = Program(site.start(), seeded["key"])
        over = threading.Event()
        statuses = []

        def work() -> None:
            while not over.is_set():
                statuses.append(program.upload(seeded["patients"][0], photograph(uuid4(), 64)).status)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            for number in range(3):
                site.run("backup", "--data", str(site.data), "--to", str(folder / f"busy{number}.backup"))
        finally:
            over.set()
            thread.join()
        assert set(statuses) == {201}
        keys = ("--keys", str(site.data / "keys"))
        restored((site, seeded, folder / "busy2.backup"), folder / "busy again", *keys)


def test_T24_every_changed_byte_is_found(clinic, folder, tmp_path, capsys):
    """In this process, for speed: the check that stands before everything else."""
    from microrelief.errors import BackupUnusable
    from microrelief.vault.keys import ClinicKeys
    from microrelief.web.backup import archive

    site, _, backup = clinic
    keys = ClinicKeys.open(site.data / "keys")
    archive.checked(backup, keys)
    whole, draw, found = backup.read_bytes(), random.Random(5), 0
    with tarfile.open(backup) as file:
        parts = [part for part in file if part.name != archive.README]
    tried = [draw.choice(parts) for _ in range(60)]
    for part in tried:
        changed = bytearray(whole)
        changed[part.offset_data + draw.randrange(part.size)] ^= 1 << draw.randrange(8)
        (tmp_path / "changed").write_bytes(changed)
        with pytest.raises(BackupUnusable):
            archive.checked(tmp_path / "changed", keys)
        found += 1
    for length in [draw.randrange(len(whole) - 11_000) for _ in range(20)]:
        (tmp_path / "cut").write_bytes(whole[:length])
        with pytest.raises(BackupUnusable):
            archive.checked(tmp_path / "cut", keys)
    with capsys.disabled():
        print(f"\nT24: {found} of {len(tried)} changed bits and 20 of 20 cut-off backups found")


def with_parts(backup: Path, to: Path, *more: tarfile.TarInfo) -> Path:
    """The backup with these behind its own parts."""
    with tarfile.open(backup) as old, tarfile.open(to, "w", format=tarfile.PAX_FORMAT) as new:
        for part in old:
            new.addfile(part, old.extractfile(part))
        for part in more:
            new.addfile(part, io.BytesIO(b"x" * part.size))
    return to


def hostile_parts() -> list[tarfile.TarInfo]:
    names = [
        "../evil", "../../evil", "/tmp/microrelief-evil", "photos/../../evil", "photos/..",
        "ROWS", "photos/" + "A" * 32, "keys/clinic.json",
        "photos/" + "a" * 32 + "/../../../evil", r"..\evil", r"\\evil\share\x", "C:\\evil",
        "M\u00fcller", "Mu\u0308ller", "rows\0evil", "rows", "README.txt", "manifest.json",
    ]  # fmt: skip
    parts = [tarfile.TarInfo(name) for name in names]
    for part in parts:
        part.size = 5
    for name in ("rows", "evil", "photos/" + "a" * 32):
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE):
            for target in ("/etc/passwd", "../../evil"):
                part = tarfile.TarInfo(name)
                part.type, part.linkname = kind, target
                parts.append(part)
    return parts


def test_T05_a_backup_with_parts_that_lead_elsewhere_is_refused(clinic, folder, tmp_path, capsys):
    from microrelief.errors import BackupUnusable
    from microrelief.vault.keys import ClinicKeys
    from microrelief.web.backup import archive

    site, _, backup = clinic
    keys = ClinicKeys.open(site.data / "keys")
    archive.checked(with_parts(backup, tmp_path / "same"), keys)  # as it is, it is a backup
    parts, bad, refused = hostile_parts(), tmp_path / "bad", 0
    for part in parts:
        with_parts(backup, bad, part)
        try:
            archive.checked(bad, keys)
        except BackupUnusable:
            refused += 1
        else:
            assert "\0" in part.name  # tar ends a name there: what is left of it must be one of ours
    for name in (
        "../evil",
        "/tmp/microrelief-evil",
        "A" * 32,
        "a" * 32 + "\n",
    ):  # and where the list itself names them
        listed = archive.checked(backup, keys).manifest
        listed["photos"] |= {name: (5, "0" * 64)}
        with tarfile.open(bad, "w") as new:
            content = archive.signed(listed, keys)
            archive.add(new, archive.MANIFEST, len(content), io.BytesIO(content))
        with pytest.raises(BackupUnusable):
            archive.checked(bad, keys)
    with capsys.disabled():
        print(f"\nT05: {refused} of {len(parts)} parts that lead elsewhere refused")


def test_T05_a_restore_of_such_a_backup_writes_nothing_anywhere(clinic, tmp_path):
    _, _, backup = clinic
    place = tmp_path / "a" / "b"
    place.mkdir(parents=True)
    bad = with_parts(backup, tmp_path / "bad", *hostile_parts())
    before = sorted(tmp_path.rglob("*"))
    done = restored(clinic, place / "new", source=bad, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "is none of a backup" in done.stderr
    assert sorted(tmp_path.rglob("*")) == before
    assert not Path("/tmp/microrelief-evil").exists()


def test_T24_nothing_is_left_of_a_restore_that_was_refused(clinic, folder, tmp_path):
    _, _, backup = clinic
    changed = bytearray(backup.read_bytes())
    changed[len(changed) // 2] ^= 1
    (tmp_path / "bad").write_bytes(changed)
    done = restored(clinic, tmp_path / "new", source=tmp_path / "bad", check=False)
    assert done.returncode == 2
    assert "take another backup" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["bad"]


@pytest.mark.slow
def test_T24_what_cannot_be_restored_is_said(clinic, folder, tmp_path):
    _, _, backup = clinic
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    done = restored(clinic, tmp_path / "full", check=False)
    assert (done.returncode, "not empty" in done.stderr) == (2, True)
    other = Site(tmp_path / "other")
    other.seed(0)
    done = restored(clinic, tmp_path / "new", "--keys", str(other.data / "keys"), check=False)
    assert (done.returncode, "another clinic's key" in done.stderr) == (2, True)
    done = Site(tmp_path / "new").run(
        "restore", "--from", str(backup), "--data", str(tmp_path / "new"), check=False
    )
    assert (done.returncode, "does not hold the clinic's key" in done.stderr) == (2, True)
    assert not (tmp_path / "new").exists()


@pytest.mark.slow
def test_T24_another_version_is_refused(clinic, tmp_path):
    """A signed list that names a step this program does not know, or a later format."""
    from microrelief.vault.keys import ClinicKeys
    from microrelief.web.backup import archive

    site, _, backup = clinic
    keys = ClinicKeys.open(site.data / "keys")
    for name, change in (
        ("step", lambda manifest: manifest["migrations"].append(["photos", "0099_later"])),
        ("format", lambda manifest: manifest.update(version=2)),
    ):
        later = tmp_path / name
        with tarfile.open(backup) as old, tarfile.open(later, "w") as new:
            for part in old:
                content = old.extractfile(part).read()
                if part.name == archive.MANIFEST:
                    manifest = json.loads(content)["manifest"]
                    change(manifest)
                    content = archive.signed(manifest, keys)
                part.size = len(content)
                new.addfile(part, io.BytesIO(content))
        done = restored(clinic, tmp_path / "new", source=later, check=False)
        assert done.returncode == 2
        assert "version" in done.stderr
        assert not (tmp_path / "new").exists()


@pytest.mark.slow
def test_T24_the_key_in_the_backup_opens_for_whom_it_was_locked(clinic, tmp_path):
    site, _, _ = clinic
    identity = pyrage.x25519.Identity.generate()
    (tmp_path / "identity").write_text(f"# the clinic's escrow\n{identity}\n")
    (tmp_path / "passphrase").write_text("four words in a row\n")
    (tmp_path / "wrong").write_text("other words\n")
    for kind, lock, unlock in (
        ("age", ("--recipient", str(identity.to_public())), ("--identity", str(tmp_path / "identity"))),
        (
            "phrase",
            ("--passphrase-file", str(tmp_path / "passphrase")),
            ("--passphrase-file", str(tmp_path / "passphrase")),
        ),
    ):
        backup = tmp_path / f"{kind}.backup"
        said = site.run("backup", "--data", str(site.data), "--to", str(backup), *lock).stdout
        assert "NOT in it" not in said
        bad = restored(
            clinic, tmp_path / "bad", "--passphrase-file", str(tmp_path / "wrong"), source=backup, check=False
        )
        assert (bad.returncode, "does not open the key" in bad.stderr) == (2, True)
        restored(clinic, tmp_path / f"{kind} again", *unlock, source=backup)
        key = (tmp_path / f"{kind} again" / "keys" / "clinic.json").read_bytes()
        assert key == (site.data / "keys" / "clinic.json").read_bytes()


@pytest.mark.slow
@pytest.mark.skipif(bool(why_no_postgresql()), reason=why_no_postgresql() or "-")
def test_T24_to_postgresql_and_back_nothing_changes(clinic, folder):
    with cluster() as server:
        url = database(server, "there")
        said = restored(clinic, folder / "there", url=url).stdout
        assert "equal row by row" in said
        there = Site(folder / "there", url)
        on_postgresql = tables(there, folder / "there.backup")
        twice = restored(clinic, folder / "twice", url=url, check=False)
        assert (twice.returncode, "holds records already" in twice.stderr) == (2, True)
        source = folder / "there.backup"
        restored(clinic, folder / "back", source=source)
    back = tables(Site(folder / "back"), folder / "back.backup")
    assert back["photos"] == on_postgresql["photos"]
    changed = {name for name in back["rows"] if back["rows"][name] != on_postgresql["rows"][name]}
    assert changed == {"audit.entry"}


@pytest.mark.slow
def test_T23_one_of_a_hundred_is_erased_in_every_copy(folder, capsys):
    erased_and_others(folder / "hundred", 100, capsys)


def erased_and_others(folder: Path, patients: int, capsys) -> None:
    with Site(folder) as site:
        seeded = site.seed(patients)
        program = Program(site.start(), seeded["key"])
        photos = {}
        for patient in seeded["patients"]:
            answer = program.upload(patient, photograph(patient, 48), name=f"{patient}.jpg")
            photos[patient] = answer.json["id"]
        gone, *others = seeded["patients"]
        before = {patient: program.get(f"/photos/{photos[patient]}/original").body for patient in others}
        old = folder.parent / f"{folder.name} old.backup"
        site.run("backup", "--data", str(site.data), "--to", str(old))
        secrets = json.loads(site.run(str(site.data), gone, module="tests.web.forensics").stdout)
        assert all(secret in pages(site) for secret in map(bytes.fromhex, secrets["keys"])), (
            "a search that finds nothing"
        )
        blobs = {path.name: path.read_bytes() for path in (site.data / "photos" / "blobs").iterdir()}

        erased = Browser(site, seeded["sessions"][0]).post(
            f"/patients/{gone}/erase/", {"number": "1", "version": "1", "basis": "never_treated"}
        )
        assert erased.status == 302, erased.body[-3000:]
        assert program.get(f"/patients/{gone}").status == 404
        assert program.get(f"/photos/{photos[gone]}/original").status == 404
        after = pages(site)
        assert not [secret for secret in secrets["keys"] if bytes.fromhex(secret) in after]
        left = {path.name: path.read_bytes() for path in (site.data / "photos" / "blobs").iterdir()}
        assert set(blobs) - set(left) == set(secrets["files"])
        assert all(left[name] == content for name, content in blobs.items() if name in left)
        for patient in others:
            assert program.get(f"/photos/{photos[patient]}/original").body == before[patient]
        site.stop()
        # an older backup comes back, and the erased do not
        again = Site(folder.parent / f"{folder.name} again")
        asked = ("--keys", str(site.data / "keys"), "--erased", str(site.data / "erased.json"))
        said = again.run("restore", "--from", str(old), "--data", str(again.data), *asked).stdout
        assert "1 patients who were erased since were erased again" in said
        assert not set(secrets["files"]) & {path.name for path in (again.data / "photos" / "blobs").iterdir()}
        found = pages(again)
        assert not [secret for secret in secrets["keys"] if bytes.fromhex(secret) in found]
        # and an older database put back by hand: the next start erases again
        shutil.copy(again.data / "erased.json", folder.parent / "erased.json")
        by_hand = Site(folder.parent / f"{folder.name} by hand")
        by_hand.run("restore", "--from", str(old), "--data", str(by_hand.data), *asked[:2])
        shutil.copy(folder.parent / "erased.json", by_hand.data / "erased.json")
        with by_hand:
            by_hand.start()
            assert "were erased again" in by_hand.log.read_text()
    with capsys.disabled():
        print(f"\nT23: 1 of {patients} erased, {len(others)} others bit-identical; no byte of its keys left")


def pages(site: Site) -> bytes:
    """Every page of the database, decrypted, free ones too, and of its journal."""
    return decrypted_pages(site.data)


@pytest.mark.slow
def test_the_backup_is_readable_for_its_owner_only_and_never_written_over(clinic, folder):
    site, _, backup = clinic
    assert backup.stat().st_mode & 0o077 == 0
    before = backup.read_bytes()
    done = site.run("backup", "--data", str(site.data), "--to", str(backup), check=False)
    assert (done.returncode, "not touched" in done.stderr) == (2, True)
    assert backup.read_bytes() == before
    assert (
        subprocess.run(["grep", "-c", "Family", str(backup)], capture_output=True, check=False).stdout.strip()
        == b"0"
    )
