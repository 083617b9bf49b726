"""The clinic's key file, and keys wrapped by keys."""

import json
import multiprocessing
import os
import stat

import pytest

from microrelief.errors import BlobDamaged, KeyFileError, NewerFormat, WrongKey
from microrelief.vault import durable
from microrelief.vault.keys import KEY_FILE, ClinicKeys


def test_keys_are_the_same_after_opening_again(tmp_path):
    made = ClinicKeys.create(tmp_path / "keys")
    wrapped = made.new_patient_key("p1")
    wrapped_photo = made.patient_key("p1", wrapped).new_photo_key("f1")
    again = ClinicKeys.open(tmp_path / "keys")
    assert again.patient_key("p1", wrapped).photo_key("f1", wrapped_photo) == made.patient_key(
        "p1", wrapped
    ).photo_key("f1", wrapped_photo)
    assert again.secret("database") == made.secret("database") != made.secret("site")
    assert again.audit_keys() == made.audit_keys()


def test_only_this_account_may_read_the_key_file(tmp_path):
    ClinicKeys.create(tmp_path / "keys")
    assert stat.S_IMODE((tmp_path / "keys" / KEY_FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert os.listdir(tmp_path / "keys") == [KEY_FILE]


def test_a_key_file_open_to_others_is_refused(tmp_path):
    ClinicKeys.create(tmp_path)
    (tmp_path / KEY_FILE).chmod(0o640)
    with pytest.raises(KeyFileError, match="chmod 600"):
        ClinicKeys.open(tmp_path)


def test_a_key_file_is_never_overwritten(tmp_path):
    ClinicKeys.create(tmp_path)
    before = (tmp_path / KEY_FILE).read_bytes()
    with pytest.raises(KeyFileError, match="not touched"):
        ClinicKeys.create(tmp_path)
    assert (tmp_path / KEY_FILE).read_bytes() == before


def _current_id(folder) -> str:
    return ClinicKeys.open_or_create(folder).current_id.hex()


def test_processes_that_start_at_once_get_the_same_keys(tmp_path):
    with multiprocessing.get_context("fork").Pool(6) as pool:
        assert len(set(pool.map(_current_id, [tmp_path / "keys"] * 24))) == 1


def test_without_the_file_it_says_so(tmp_path):
    with pytest.raises(KeyFileError, match="no key file"):
        ClinicKeys.open(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"format": "other"}', b"\xff"])
def test_a_damaged_key_file_is_named(content, tmp_path):
    ClinicKeys.create(tmp_path)
    (tmp_path / KEY_FILE).write_bytes(content)
    with pytest.raises(KeyFileError, match="damaged"):
        ClinicKeys.open(tmp_path)


@pytest.mark.parametrize("field", ["clinic", "audit", "secrets"])
def test_a_key_file_with_a_part_missing_is_damaged(field, tmp_path):
    ClinicKeys.create(tmp_path)
    file = json.loads((tmp_path / KEY_FILE).read_bytes())
    file["contents"][field] = [] if field != "audit" else 3
    (tmp_path / KEY_FILE).write_text(json.dumps(file))
    with pytest.raises(KeyFileError, match="damaged"):
        ClinicKeys.open(tmp_path)


def test_a_later_key_file_is_not_called_damaged(tmp_path):
    ClinicKeys.create(tmp_path)
    file = json.loads((tmp_path / KEY_FILE).read_bytes())
    (tmp_path / KEY_FILE).write_text(json.dumps({**file, "version": 2}))
    with pytest.raises(NewerFormat, match="update"):
        ClinicKeys.open(tmp_path)


def test_a_passphrase_locks_the_file(tmp_path):
    made = ClinicKeys.create(tmp_path, "correct horse")
    data = (tmp_path / KEY_FILE).read_text("utf-8")
    assert '"contents"' not in data
    with pytest.raises(KeyFileError, match="locked"):
        ClinicKeys.open(tmp_path)
    with pytest.raises(WrongKey, match="passphrase"):
        ClinicKeys.open(tmp_path, "correct house")
    opened = ClinicKeys.open(tmp_path, "correct horse")
    assert opened.current_id == made.current_id
    opened.begin_rotation()  # what is written later stays locked
    with pytest.raises(KeyFileError, match="locked"):
        ClinicKeys.open(tmp_path)
    ClinicKeys.open(tmp_path, "correct horse").change_passphrase(None)
    assert ClinicKeys.open(tmp_path).current_id == opened.current_id


def test_a_key_file_that_asks_for_much_memory_is_refused(tmp_path):
    ClinicKeys.create(tmp_path, "x")
    file = json.loads((tmp_path / KEY_FILE).read_bytes())
    file["scrypt"]["n"] = 1 << 40
    (tmp_path / KEY_FILE).write_text(json.dumps(file))
    with pytest.raises(KeyFileError, match="damaged"):
        ClinicKeys.open(tmp_path, "x")


def test_another_clinics_keys_open_nothing(keys, tmp_path):
    other = ClinicKeys.create(tmp_path)
    with pytest.raises(WrongKey, match="not at hand"):
        other.patient_key("p1", keys.new_patient_key("p1"))


def test_a_wrapped_key_opens_only_for_its_owner(keys):
    wrapped = keys.new_patient_key("p1")
    with pytest.raises(BlobDamaged):
        keys.patient_key("p2", wrapped)
    patient, other = keys.patient_key("p1", wrapped), keys.patient_key("p2", keys.new_patient_key("p2"))
    wrapped_photo = patient.new_photo_key("f1")
    with pytest.raises(BlobDamaged):
        patient.photo_key("f2", wrapped_photo)
    with pytest.raises(WrongKey):
        other.photo_key("f1", wrapped_photo)


def test_every_changed_byte_of_a_wrapped_key_is_noticed(keys):
    wrapped = keys.new_patient_key("p1")
    for at in range(len(wrapped)):
        for flip in (1, 128):
            changed = bytearray(wrapped)
            changed[at] ^= flip
            with pytest.raises((BlobDamaged, WrongKey, NewerFormat)):
                keys.patient_key("p1", bytes(changed))
    for length in range(len(wrapped)):
        with pytest.raises(BlobDamaged):
            keys.patient_key("p1", wrapped[:length])


def test_no_key_shows_in_a_repr_or_a_wrapped_key(keys, photo_key):
    assert photo_key.key.hex() not in repr(photo_key)
    assert str(photo_key.key) not in repr(photo_key)
    patient = keys.patient_key("p1", wrapped := keys.new_patient_key("p1"))
    assert str(patient.key) not in repr(patient)
    assert patient.key not in wrapped


def test_rotation_goes_on_where_it_was_cut_off(tmp_path):
    keys = ClinicKeys.create(tmp_path)
    rows = {f"p{i}": keys.new_patient_key(f"p{i}") for i in range(20)}
    inside = {name: keys.patient_key(name, wrapped).key for name, wrapped in rows.items()}
    old_id = keys.current_id
    for done_before_the_cut in (0, 7, 20):
        keys = ClinicKeys.open(tmp_path)  # as after a crash
        keys.begin_rotation()
        left = [name for name in rows if keys.needs_rewrapping(rows[name])]
        for name in left[: done_before_the_cut - (20 - len(left))]:
            rows[name] = keys.rewrapped(name, rows[name])
        if done_before_the_cut < 20:
            with pytest.raises(KeyFileError, match=f"{20 - done_before_the_cut} patient keys"):
                keys.finish_rotation(rows.values())
    assert keys.rotating
    keys.finish_rotation(rows.values())
    keys = ClinicKeys.open(tmp_path)
    assert not keys.rotating
    assert keys.current_id != old_id
    assert {name: keys.patient_key(name, wrapped).key for name, wrapped in rows.items()} == inside
    assert set(keys.audit_keys()) == {old_id, keys.current_id}


def test_a_rotated_key_is_gone_from_the_file(tmp_path):
    keys = ClinicKeys.create(tmp_path)
    old = json.loads((tmp_path / KEY_FILE).read_bytes())["contents"]["clinic"][0]
    before = keys.new_patient_key("p1")
    keys.begin_rotation()
    keys.finish_rotation([keys.rewrapped("p1", before)])
    assert old not in (tmp_path / KEY_FILE).read_text("utf-8")
    with pytest.raises(WrongKey):
        ClinicKeys.open(tmp_path).patient_key("p1", before)


def test_a_new_clinic_key_is_on_the_disk_before_it_wraps_anything(tmp_path, monkeypatch):
    keys = ClinicKeys.create(tmp_path)

    def fails(folder):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(durable, "sync_folder", fails)
    with pytest.raises(Exception, match="Input/output error"):
        keys.begin_rotation()
    assert not keys.rotating
