"""The page on the format is so: a photograph is opened by what docs/reference/vault-format.md says alone."""

import base64
import hashlib
import hmac
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from microrelief.vault.chain import head_of, next_entry
from microrelief.vault.envelope import HEADER, SEGMENT_BYTES, Kind, sealed
from microrelief.vault.keys import SCRYPT, WRAPPED, ClinicKeys

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "vault-format.md").read_text("utf-8")


def derive(key: bytes, purpose: str, salt: bytes = b"", length: int = 32) -> bytes:
    """HKDF-SHA-256 for at most 32 bytes, written out (RFC 5869)."""
    pseudorandom = hmac.digest(salt or bytes(32), key, "sha256")
    return hmac.digest(pseudorandom, f"microrelief {purpose}".encode() + b"\x01", "sha256")[:length]


def bound(*names: str) -> bytes:
    return b"".join(len(name.encode()).to_bytes(4, "big") + name.encode() for name in names)


def unwrapped(wrapped: bytes, by: bytes, what: int, *names: str) -> bytes:
    assert wrapped[:8] == b"MRKY\x01\x01" + bytes([what, 0])
    assert wrapped[8:24] == derive(by, "key id", length=16)
    cipher = AESGCM(derive(by, "wrapping keys"))
    return cipher.decrypt(wrapped[40:52], wrapped[52:100], wrapped[:52] + bound(*names))


@pytest.mark.parametrize("size", [0, 5, 65536, 150_000])
def test_a_photograph_opens_by_the_page_alone(size, tmp_path):
    plain = bytes(range(256)) * (size // 256 + 1)
    plain = plain[:size]
    keys = ClinicKeys.create(tmp_path)
    wrapped_patient = keys.new_patient_key("Pé")
    patient = keys.patient_key("Pé", wrapped_patient)
    wrapped_photo = patient.new_photo_key("f1")
    blob = sealed(patient.photo_key("f1", wrapped_photo), Kind.DERIVED, plain, version=3)

    file = json.loads((tmp_path / "clinic.json").read_bytes())
    clinic_key = base64.b64decode(file["contents"]["clinic"][-1])
    patient_key = unwrapped(wrapped_patient, clinic_key, 1, "Pé")
    photo_key = unwrapped(wrapped_photo, patient_key, 2, "Pé", "f1")
    assert blob[:12] == b"MRBLOB\r\n" + bytes([1, 1, 4, 0])
    assert blob[12:28] == derive(photo_key, "key id", length=16)
    assert blob[28:44] == derive(patient_key, "key id", length=16)
    cipher = AESGCM(derive(photo_key, "blob", blob[44:76]))
    associated = blob[:76] + bound("Pé", "f1") + bytes([4]) + (3).to_bytes(8, "big")
    segments = [blob[at : at + 65552] for at in range(76, len(blob), 65552)]
    found = b""
    for number, segment in enumerate(segments):
        nonce = bytes(7) + number.to_bytes(4, "big") + bytes([number == len(segments) - 1])
        found += cipher.decrypt(nonce, segment, associated)
    assert found == plain


def test_a_trail_is_verified_by_the_page_alone(tmp_path):
    keys = ClinicKeys.create(tmp_path)
    now = datetime(2026, 11, 22, 9, 0, 0, 250_000, tzinfo=UTC)
    entry = next_entry(keys, None, {"who": "Zoë", "did": "photo.view"}, now)
    assert (entry.sequence, entry.at, entry.previous) == (1, "2026-11-22T09:00:00.250000Z", "0" * 64)
    assert entry.event == '{"did":"photo.view","who":"Zoë"}'
    file = json.loads((tmp_path / "clinic.json").read_bytes())
    key = derive(base64.b64decode(file["contents"]["clinic"][-1]), "audit trail")

    def mac(*parts: object) -> str:
        return hmac.digest(key, json.dumps(parts, separators=(",", ":")).encode(), hashlib.sha256).hex()

    assert entry.mac == mac("entry", 1, entry.at, entry.event, entry.previous, entry.key_id)
    head = head_of(keys, entry, now)
    assert head.mac == mac("head", 1, entry.mac, head.at, head.key_id)


def test_a_locked_key_file_opens_by_the_page_alone(tmp_path):
    keys = ClinicKeys.create(tmp_path, "correct horse")
    file = json.loads((tmp_path / "clinic.json").read_bytes())
    cost, box = file["scrypt"], file["aes-256-gcm"]
    key = hashlib.scrypt(
        b"correct horse",
        salt=base64.b64decode(cost["salt"]),
        n=131072,
        r=8,
        p=1,
        maxmem=1 << 28,
        dklen=32,
    )
    nonce, closed = base64.b64decode(box["nonce"]), base64.b64decode(box["sealed"])
    contents = json.loads(AESGCM(key).decrypt(nonce, closed, b"microrelief clinic keys"))
    assert derive(base64.b64decode(contents["clinic"][0]), "key id", length=16) == keys.current_id
    assert set(contents["secrets"]) == {"database", "site"}


def test_the_page_states_the_sizes_of_the_code():
    rows = [tuple(map(int, found)) for found in re.findall(r"^\| (\d+) \| (\d+) \|", PAGE, re.MULTILINE)]
    blob, wrapped = rows[:8], rows[8:]
    for fields, size in ((blob, HEADER.size), (wrapped, WRAPPED.size + 48)):
        ends = [at + length for at, length in fields]
        assert [at for at, _ in fields] == [0, *ends[:-1]]
        assert ends[-1] == size
    assert f"{SEGMENT_BYTES:,}" in PAGE
    assert f"n {SCRYPT['n']}, r {SCRYPT['r']}, p {SCRYPT['p']}" in PAGE
