"""T03: whatever bytes come in, our parsers raise the errors they list and nothing else.

`MICRORELIEF_EXAMPLES=10000 python -m pytest tests/property/test_fuzz.py` does it at length.
"""

import contextlib
import hashlib
import io
import json
import os
import tarfile
import traceback
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

import microrelief
from microrelief.cohort.repeatability_file import parse_repeatability
from microrelief.errors import BackupUnusable, BlobDamaged, KeyFileError, NewerFormat, RepeatsError, WrongKey
from microrelief.imaging.photo.decode import in_plain_words
from microrelief.imaging.photo.facts import capture_facts
from microrelief.imaging.photo.header import read_header, webp_size
from microrelief.imaging.photo.kinds import file_kind
from microrelief.imaging.photo.matrix_profile import matrix_profile
from microrelief.imaging.photo.profile import ForeignProfile, profile_name
from microrelief.imaging.photo.read import REFUSALS, parsed
from microrelief.imaging.photo.refusal import Refusal, refuse_scan_bombs
from microrelief.vault.chain import HeadFile, head_of, next_entry, verify
from microrelief.vault.envelope import Kind, opened, sealed
from microrelief.vault.keys import KEY_FILE, ClinicKeys, PhotoKey
from microrelief.web.backup import archive
from microrelief.web.measuring.wire import Message, receive, send
from microrelief.web.patients import signed_list
from tests.property.mutated import DEEP, mutated, mutated_json

EXAMPLES = int(os.environ.get("MICRORELIEF_EXAMPLES", "60"))
FUZZ = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
OURS = str(Path(microrelief.__file__).parent)
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def pictures() -> dict[str, bytes]:
    """A small photograph of each kind, with a colour profile and a camera's words."""
    pixels = np.random.default_rng(3).integers(0, 256, (24, 32, 3), dtype=np.uint8)
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Canon", 6
    exif.get_ifd(0x8769).update({0x9003: "2026:11:22 09:00:00", 0x829A: (1, 125), 0x8827: 200, 0x9209: 1})
    made = {}
    for kind, more in (("JPEG", {"progressive": True}), ("PNG", {}), ("TIFF", {}), ("WEBP", {})):
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, kind, exif=exif, icc_profile=PROFILE, **more)
        made[kind] = file.getvalue()
    return made


PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
PICTURES = pictures()
PHOTO_KEY = PhotoKey("p1", "f1", bytes(16), bytes(range(32)))
BLOB = sealed(PHOTO_KEY, Kind.ORIGINAL, b"photograph" * 20)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


@pytest.fixture(scope="module")
def keys(folder) -> ClinicKeys:
    return ClinicKeys.create(folder / "keys")


@FUZZ
@given(data=mutated(list(PICTURES.values())))
def test_T03_a_photographs_header_is_read_or_refused(data: bytes):
    file_kind(data)
    webp_size(data)
    with contextlib.suppress(Refusal):
        refuse_scan_bombs(io.BytesIO(data))
    refused = ""
    try:
        header = read_header(io.BytesIO(data), 1_000_000)
        asdict(capture_facts(header.tags, header.exposure_tags, file_format=header.kind.name))
        profile_name(header.icc)
    except Refusal as refusal:
        refused = refusal.error
    except Exception as failure:
        event(type(failure).__name__)
        if traceback.extract_tb(failure.__traceback__)[-1].filename.startswith(OURS):
            raise
        refused = in_plain_words(failure)[0]  # the decoder's own, which decode.py takes as a whole
    assert refused in ("", *REFUSALS)


@FUZZ
@given(st.dictionaries(st.sampled_from(range(0x10000)), st.text() | st.binary() | st.floats()), st.data())
def test_T03_a_cameras_words_cost_at_most_the_fact(tags: dict, data: st.DataObject):
    value = st.one_of(st.text(), st.binary(), st.floats(), st.integers(), st.tuples(), st.just("2026:02:30 "))
    known = (0x010F, 0x0110, 0x9003, 0x829A, 0x829D, 0x8827, 0x9209, 0x920A, 0xA404, 0xA405, 0xA434)
    tags |= data.draw(st.dictionaries(st.sampled_from(known), value))
    facts = capture_facts(tags, tags, file_format="JPEG")
    assert not facts.taken_at or datetime.fromisoformat(facts.taken_at)


@FUZZ
@given(data=mutated([PROFILE]))
def test_T03_a_colour_profile_is_read_or_foreign(data: bytes):
    profile_name(data)
    with contextlib.suppress(ForeignProfile), np.errstate(all="ignore"):
        matrix_profile(data, 256)


@FUZZ
@given(data=mutated([b'{"rows": 2, "columns": 3, "facts": {}}']))
def test_T03_a_decoders_answer_is_a_table_or_empty(data: bytes):
    assert isinstance(parsed(data.decode("utf-8", "replace")), dict)


@FUZZ
@given(data=mutated([BLOB]))
def test_T03_a_blob_opens_whole_or_is_damaged(data: bytes):
    try:
        assert opened(PHOTO_KEY, Kind.ORIGINAL, data) == b"photograph" * 20
    except (BlobDamaged, NewerFormat, WrongKey):
        assert data != BLOB


@FUZZ
@given(data=st.data())
def test_T03_a_wrapped_key_opens_or_is_damaged(keys: ClinicKeys, data: st.DataObject):
    wrapped = keys.new_patient_key("p1")
    with contextlib.suppress(BlobDamaged, NewerFormat, WrongKey):
        keys.patient_key("p1", data.draw(mutated([wrapped])))


@pytest.mark.parametrize("passphrase", [None, "long and secret"])
@FUZZ
@given(data=st.data())
def test_T03_a_key_file_opens_or_is_damaged(folder, passphrase: str | None, data: st.DataObject):
    place = folder / f"fuzzed-{passphrase is None}"
    with pytest.MonkeyPatch.context() as cheap:
        cheap.setattr("microrelief.vault.keys.SCRYPT", {"n": 2, "r": 1, "p": 1})
        (place / KEY_FILE).unlink(missing_ok=True)
        ClinicKeys.create(place, passphrase)
    good = (place / KEY_FILE).read_bytes()
    changed = mutated_json(json.loads(good))
    # a locked file's bytes are not turned at random: a cost of a gigabyte is allowed, and takes its time
    (place / KEY_FILE).write_bytes(data.draw(changed if passphrase else changed | mutated([good])))
    with contextlib.suppress(KeyFileError, NewerFormat, WrongKey):
        ClinicKeys.open(place, passphrase)


@FUZZ
@given(data=st.data())
def test_T03_the_trails_head_is_read_and_judged_or_damaged(folder, keys: ClinicKeys, data: st.DataObject):
    entry = next_entry(keys, None, {"did": "photo.view"}, NOW)
    good = asdict(head_of(keys, entry, NOW))
    file = HeadFile(folder / "trail.head")
    file.path.write_bytes(data.draw(mutated([json.dumps(good).encode()]) | mutated_json(good)))
    with contextlib.suppress(BlobDamaged):
        head = file.read()
        assert head is not None
        assert verify([entry], keys.audit_keys(), [head]).whole == (asdict(head) == good)


def backup(keys: ClinicKeys, listed: bytes | None = None) -> bytes:
    """A backup without photographs, its list replaced where one is given."""
    rows = sealed(archive.rows_key(keys, "b1"), Kind.DERIVED, b'["a.b",{}]\n')
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:", format=tarfile.PAX_FORMAT) as tar:
        for name, part in ((archive.KEYS, b"locked"), (archive.ROWS, rows)):
            archive.add(tar, name, len(part), io.BytesIO(part))
        part = listed if listed is not None else archive.signed(manifest(rows), keys)
        archive.add(tar, archive.MANIFEST, len(part), io.BytesIO(part))
    return file.getvalue()


def manifest(rows: bytes) -> dict:
    stated = {"size": len(rows), "sha256": hashlib.sha256(rows).hexdigest()}
    return {"format": archive.FORMAT, "version": 1, "id": "b1", "rows": stated, "photos": {}}


@FUZZ
@given(data=st.data())
def test_T03_a_backup_is_whole_or_unusable(folder, keys: ClinicKeys, data: st.DataObject):
    path, good = folder / "a.backup", backup(keys)
    signed = json.loads(archive.signed(manifest(b""), keys))
    listed = mutated_json(signed) | mutated([json.dumps(signed).encode()])
    path.write_bytes(data.draw(mutated([good, good[512:]]) | listed.map(lambda part: backup(keys, part))))
    for reading in (lambda: archive.key_file_in(path), lambda: read_whole(path, keys)):
        with contextlib.suppress(BackupUnusable):
            reading()


def read_whole(path, keys: ClinicKeys) -> None:
    found = archive.checked(path, keys)
    assert list(archive.rows(found)) == [b'["a.b",{}]']
    assert not list(archive.photos(found))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
@pytest.mark.parametrize("to", ["nowhere", archive.MANIFEST])
def test_T03_a_backups_part_that_is_a_link_is_not_followed(tmp_path, keys: ClinicKeys, kind: bytes, to: str):
    part = tarfile.TarInfo(archive.MANIFEST)
    part.type, part.linkname = kind, to
    with tarfile.open(tmp_path / "a.backup", "w:") as file:
        file.addfile(part)
    with pytest.raises(BackupUnusable):
        archive.checked(tmp_path / "a.backup", keys)


def test_T03_a_backups_part_of_holes_is_not_read_to_its_end(tmp_path, keys: ClinicKeys):
    part = tarfile.TarInfo("holes")
    part.pax_headers = {"GNU.sparse.map": "0,0", "GNU.sparse.size": str(1 << 62)}
    with tarfile.open(tmp_path / "a.backup", "w:", format=tarfile.PAX_FORMAT) as file:
        file.addfile(part)
    with pytest.raises(BackupUnusable, match="lists its parts"):
        archive.checked(tmp_path / "a.backup", keys)


@FUZZ
@given(data=st.data())
def test_T03_a_signed_list_is_ours_or_damaged(folder, data: st.DataObject):
    path = folder / "erased.json"
    path.unlink(missing_ok=True)
    signed_list.add_to_list(path, "erased", "patient", [{"patient": "p1", "at": "2026-11-22"}])
    good = path.read_bytes()
    path.write_bytes(data.draw(mutated([good]) | mutated_json(json.loads(good))))
    try:
        assert signed_list.rows_in(path, "erased") == [{"patient": "p1", "at": "2026-11-22"}]
    except BackupUnusable:
        assert path.read_bytes() != good


@FUZZ
@given(data=st.data())
def test_T03_a_measuring_childs_message_is_one_or_none(data: st.DataObject):
    whole = io.BytesIO()
    send(whole, Message({"stage": "skin"}, [b"12", b"345"]))
    words = mutated_json({"stage": "skin", "parts": [2, 3]})
    framed = words.map(lambda text: len(text).to_bytes(4, "big") + text + b"12345")
    deep = st.just(len(DEEP).to_bytes(4, "big") + DEEP)
    with contextlib.suppress(ValueError):
        found = receive(io.BytesIO(data.draw(mutated([whole.getvalue()]) | framed | deep)))
        assert found is None or isinstance(found.says, dict)


@FUZZ
@given(data=mutated([b'{"schema": "microrelief/repeatability/1", "version": "1", "pairs": []}']))
def test_T03_a_file_of_repeats_is_used_or_refused(data: bytes):
    with contextlib.suppress(RepeatsError):
        parse_repeatability(data, "the file")
