"""The clinic's keys.

The clinic's key stands in one file (`keys/clinic.json`). It wraps one key per patient, and each patient's key
wraps one random key per photograph; what is wrapped are plain bytes that the caller keeps in its database:

    keys = ClinicKeys.open_or_create(data / "keys")
    wrapped = keys.new_patient_key(patient_id)              # keep this in the patient's row
    patient = keys.patient_key(patient_id, wrapped)
    wrapped_photo = patient.new_photo_key(photo_id)         # keep this in the photograph's row
    photo = patient.photo_key(photo_id, wrapped_photo)      # goes to envelope.encrypted

To destroy a wrapped patient key in every copy is to erase that patient's photographs. A key's id is derived
from the key itself, so that a blob says which key it wants and a wrong key is told from a damaged blob.
Algorithms and layouts: docs/reference/vault-format.md.
"""

import base64
import json
import os
import struct
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from microrelief.errors import BlobDamaged, KeyFileError, NewerFormat, WrongKey
from microrelief.vault.durable import create, in_plain_words, make_folder, replace

KEY_FILE = "clinic.json"
FORMAT, FORMAT_VERSION = "microrelief clinic keys", 1
KEY_BYTES, ID_BYTES, NONCE_BYTES, TAG_BYTES = 32, 16, 12, 16

AES_256_GCM = 1
"""Algorithm id in every header: AES-256-GCM (NIST SP 800-38D) under a key derived with HKDF-SHA-256."""

PATIENT_KEY, PHOTO_KEY = 1, 2
"""What a wrapped key is."""

WRAPPED = struct.Struct(">4sBBBx16s16s12s")
"""Magic, version, algorithm, what it is, a zero; id of the wrapping key, id of the wrapped key, nonce."""
WRAPPED_MAGIC = b"MRKY"
WRAPPED_VERSION = 1

SCRYPT = {"n": 1 << 17, "r": 8, "p": 1}
"""Cost of a passphrase: 128 MiB and most of a second (OWASP password storage cheat sheet, 2025)."""
MOST_SCRYPT_MEMORY = 1 << 30
"""A key file that asks for more was not written by us."""

SECRETS = ("database", "site")
"""Other secrets of the clinic that live in the key file: SQLCipher's key and the site's signing key."""


@dataclass(frozen=True)
class PhotoKey:
    """The key of one photograph. `envelope` encrypts its original and all that is derived from it."""

    patient_id: str
    photo_id: str
    patient_key_id: bytes
    key: bytes = field(repr=False)

    @property
    def id(self) -> bytes:
        """16 bytes, derived from the key."""
        return key_id(self.key)


@dataclass(frozen=True)
class PatientKey:
    """The key of one patient, unwrapped. Never kept anywhere but in memory."""

    patient_id: str
    key: bytes = field(repr=False)

    @property
    def id(self) -> bytes:
        """16 bytes, derived from the key."""
        return key_id(self.key)

    def new_photo_key(self, photo_id: str) -> bytes:
        """A random key for a photograph, wrapped: 100 bytes for the photograph's row."""
        return wrapped(os.urandom(KEY_BYTES), self.key, PHOTO_KEY, (self.patient_id, photo_id))

    def photo_key(self, photo_id: str, wrapped_key: bytes) -> PhotoKey:
        """The key of the photograph. Raises WrongKey where another patient's key wrapped it, BlobDamaged
        where it was changed or belongs to another photograph.
        """
        key = unwrapped(wrapped_key, {self.id: self.key}, PHOTO_KEY, (self.patient_id, photo_id))
        return PhotoKey(self.patient_id, photo_id, self.id, key)


class ClinicKeys:
    """What the clinic's key file holds. Safe to share between threads; one process writes the file."""

    def __init__(self, path: Path, contents: Mapping[str, Any], passphrase: str | None) -> None:
        """Use `open`, `create` or `open_or_create`."""
        self.path = path
        self._passphrase = passphrase
        self._lock = threading.Lock()
        try:
            self._clinic = {key_id(key): key for key in map(_unpacked, contents["clinic"])}
            self._retired_audit = {bytes.fromhex(i): _unpacked(k) for i, k in contents["audit"].items()}
            self._secrets = {name: _unpacked(contents["secrets"][name]) for name in SECRETS}
            self.current_id = key_id(_unpacked(contents["clinic"][-1]))
        except (KeyError, TypeError, ValueError, IndexError, AttributeError):
            raise KeyFileError(_damaged(path)) from None

    @classmethod
    def open(cls, folder: Path, passphrase: str | None = None) -> "ClinicKeys":
        """The keys in the folder. Raises KeyFileError where the file is missing, locked, damaged, or open
        to other accounts; WrongKey where the passphrase does not fit.
        """
        path = Path(folder) / KEY_FILE
        try:
            with path.open("rb") as file:
                mode, data = os.fstat(file.fileno()).st_mode, file.read()
        except FileNotFoundError:
            raise KeyFileError(
                f"There is no key file {path}; put the clinic's key file there, or begin in an empty folder"
            ) from None
        except OSError as failure:
            raise KeyFileError(
                f"The key file {path} cannot be read ({failure.strerror}); give it back to this account"
            ) from None
        if os.name == "posix" and mode & 0o077:
            raise KeyFileError(
                f"Other accounts of this computer may open the key file {path}; run: chmod 600 {path}"
            )
        contents, locked = _opened(path, data, passphrase)
        return cls(path, contents, passphrase if locked else None)

    @classmethod
    def create(cls, folder: Path, passphrase: str | None = None) -> "ClinicKeys":
        """New keys in a new file that only this account may read. Raises KeyFileError where one is there."""
        path = Path(folder) / KEY_FILE
        contents = {
            "clinic": [_packed(os.urandom(KEY_BYTES))],
            "audit": {},
            "secrets": {name: _packed(os.urandom(KEY_BYTES)) for name in SECRETS},
        }
        with in_plain_words("Writing the key file"):
            make_folder(path.parent)
            try:
                create(path, _closed(contents, passphrase))
            except FileExistsError:
                raise KeyFileError(
                    f"There is a key file {path} already; it was not touched, open it instead"
                ) from None
        return cls(path, contents, passphrase)

    @classmethod
    def open_or_create(cls, folder: Path, passphrase: str | None = None) -> "ClinicKeys":
        """The keys in the folder, made at the first start. Two processes that start at once get the same."""
        if not (Path(folder) / KEY_FILE).exists():
            try:
                return cls.create(folder, passphrase)
            except KeyFileError:
                if not (Path(folder) / KEY_FILE).exists():
                    raise
        return cls.open(folder, passphrase)

    def new_patient_key(self, patient_id: str) -> bytes:
        """A random key for a patient, wrapped by the clinic's: 100 bytes for the patient's row."""
        return self._wrapped_now(os.urandom(KEY_BYTES), patient_id)

    def patient_key(self, patient_id: str, wrapped_key: bytes) -> PatientKey:
        """The key of the patient. Raises WrongKey where another clinic's key wrapped it, BlobDamaged where
        it was changed or belongs to another patient.
        """
        key = unwrapped(wrapped_key, self._clinic, PATIENT_KEY, (patient_id,))
        return PatientKey(patient_id, key)

    def secret(self, name: str) -> bytes:
        """32 random bytes that were made with the key file and do not rotate with the clinic's key."""
        return self._secrets[name]

    def audit_keys(self) -> dict[bytes, bytes]:
        """Id of each clinic key that ever was -> the key that authenticates the trail; for `chain.verify`."""
        return {**self._retired_audit, **{i: derived(key, AUDIT) for i, key in self._clinic.items()}}

    @property
    def rotating(self) -> bool:
        """Whether a rotation was begun and not finished: go on with it."""
        return len(self._clinic) > 1

    def begin_rotation(self) -> None:
        """Make a new clinic key; the old one stays until `finish_rotation`. Going on is no harm: while a
        rotation is under way this changes nothing, so the whole procedure may be run again after a crash:

            keys.begin_rotation()
            for row in rows: if keys.needs_rewrapping(row.key): row.key = keys.rewrapped(row.id, row.key)
            keys.finish_rotation(all the wrapped keys)
        """
        with self._lock:
            if self.rotating:
                return
            new = os.urandom(KEY_BYTES)
            clinic = {**self._clinic, key_id(new): new}
            self._save(clinic, self._retired_audit, self._passphrase)
            self._clinic, self.current_id = clinic, key_id(new)

    def needs_rewrapping(self, wrapped_key: bytes) -> bool:
        """Whether an old clinic key wrapped it."""
        return wrapped_by(wrapped_key) != self.current_id

    def rewrapped(self, patient_id: str, wrapped_key: bytes) -> bytes:
        """The same patient key under the current clinic key; no photograph is touched."""
        return self._wrapped_now(self.patient_key(patient_id, wrapped_key).key, patient_id)

    def finish_rotation(self, wrapped_keys: Iterable[bytes]) -> None:
        """Forget the old clinic keys, given every wrapped patient key there is. Raises KeyFileError where
        one still needs the old key. What is kept of an old key only verifies the trail of its time; backups
        older than the rotation need the key file of their time.
        """
        with self._lock:
            left = sum(self.needs_rewrapping(wrapped_key) for wrapped_key in wrapped_keys)
            if left:
                raise KeyFileError(f"{left} patient keys still need the old clinic key; rewrap them first")
            audit = self.audit_keys()
            clinic = {self.current_id: self._clinic[self.current_id]}
            audit.pop(self.current_id)
            self._save(clinic, audit, self._passphrase)
            self._clinic, self._retired_audit = clinic, audit

    def change_passphrase(self, passphrase: str | None) -> None:
        """Lock the key file with another passphrase, or with none. Old copies of it keep the old one."""
        with self._lock:
            self._save(self._clinic, self._retired_audit, passphrase)
            self._passphrase = passphrase

    def _wrapped_now(self, key: bytes, patient_id: str) -> bytes:
        with self._lock:
            return wrapped(key, self._clinic[self.current_id], PATIENT_KEY, (patient_id,))

    def _save(
        self, clinic: Mapping[bytes, bytes], audit: Mapping[bytes, bytes], passphrase: str | None
    ) -> None:
        contents = {
            "clinic": [_packed(key) for key in clinic.values()],
            "audit": {i.hex(): _packed(key) for i, key in audit.items()},
            "secrets": {name: _packed(secret) for name, secret in self._secrets.items()},
        }
        with in_plain_words("Writing the key file"):
            replace(self.path, _closed(contents, passphrase))


AUDIT = "audit trail"
WRAPPING = "wrapping keys"


def derived(key: bytes, purpose: str, salt: bytes | None = None, length: int = KEY_BYTES) -> bytes:
    """HKDF-SHA-256 (RFC 5869): a key for one purpose, from which the first cannot be found."""
    return HKDF(SHA256(), length, salt, b"microrelief " + purpose.encode()).derive(key)


def key_id(key: bytes) -> bytes:
    """16 bytes that name the key and say nothing of it."""
    return derived(key, "key id", length=ID_BYTES)


def wrapped(key: bytes, by: bytes, role: int, owner: tuple[str, ...]) -> bytes:
    """`key` encrypted with what is derived from `by`, bound to what it is and whose."""
    nonce = os.urandom(NONCE_BYTES)
    header = WRAPPED.pack(WRAPPED_MAGIC, WRAPPED_VERSION, AES_256_GCM, role, key_id(by), key_id(key), nonce)
    return header + AESGCM(derived(by, WRAPPING)).encrypt(nonce, key, header + bound_to(*owner))


def unwrapped(wrapped_key: bytes, by: Mapping[bytes, bytes], role: int, owner: tuple[str, ...]) -> bytes:
    """The key in it; `by` are the keys at hand, by id. Raises WrongKey, BlobDamaged or NewerFormat."""
    wrapping_id = wrapped_by(wrapped_key)
    if wrapping_id not in by:
        raise WrongKey(
            f"This key was wrapped by key {wrapping_id.hex()[:8]}, which is not at hand; "
            "use the key file that belongs to this database"
        )
    header, sealed = bytes(wrapped_key[: WRAPPED.size]), bytes(wrapped_key[WRAPPED.size :])
    nonce = WRAPPED.unpack(header)[-1]
    try:
        if header[6] == role:
            secret = derived(by[wrapping_id], WRAPPING)
            return AESGCM(secret).decrypt(nonce, sealed, header + bound_to(*owner))
    except InvalidTag:
        pass
    raise BlobDamaged("A wrapped key was changed, or belongs to another record; restore it from a backup")


def wrapped_by(wrapped_key: bytes) -> bytes:
    """Id of the key that wrapped it. Raises BlobDamaged or NewerFormat."""
    if len(wrapped_key) != WRAPPED.size + KEY_BYTES + TAG_BYTES or wrapped_key[:4] != WRAPPED_MAGIC:
        raise BlobDamaged("A wrapped key is damaged; restore it from a backup")
    if tuple(wrapped_key[4:6]) != (WRAPPED_VERSION, AES_256_GCM):
        raise NewerFormat("A key was wrapped by a later version of Microrelief; update this one")
    return bytes(wrapped_key[8 : 8 + ID_BYTES])


def bound_to(*names: str) -> bytes:
    """Names as associated data, each with its length in front, so that ("ab", "c") is not ("a", "bc")."""
    parts = [name.encode() for name in names]
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def _closed(contents: Mapping[str, Any], passphrase: str | None) -> bytes:
    """The key file's bytes: JSON, its contents sealed where there is a passphrase."""
    file: dict[str, Any] = {"format": FORMAT, "version": FORMAT_VERSION}
    if passphrase is None:
        file |= {"locked": False, "contents": contents}
    else:
        salt, nonce = os.urandom(16), os.urandom(NONCE_BYTES)
        sealed = AESGCM(_from_passphrase(passphrase, salt, SCRYPT)).encrypt(
            nonce, json.dumps(contents).encode(), FORMAT.encode()
        )
        file |= {
            "locked": True,
            "scrypt": {**SCRYPT, "salt": _packed(salt)},
            "aes-256-gcm": {"nonce": _packed(nonce), "sealed": _packed(sealed)},
        }
    return (json.dumps(file, indent=1) + "\n").encode()


def _opened(path: Path, data: bytes, passphrase: str | None) -> tuple[Mapping[str, Any], bool]:
    """What the key file holds, and whether it was locked. Raises KeyFileError, WrongKey or NewerFormat."""
    try:
        file = json.loads(data)
        if file["format"] != FORMAT:
            raise KeyFileError(_damaged(path))
        if file["version"] != FORMAT_VERSION:
            raise NewerFormat(f"The key file {path} was written by a later version; update this one")
        if not file["locked"]:
            return dict(file["contents"]), False
        if passphrase is None:
            raise KeyFileError(f"The key file {path} is locked; give its passphrase")
        cost, box = file["scrypt"], file["aes-256-gcm"]
        key = _from_passphrase(passphrase, _unpacked(cost["salt"]), cost)
        opened = AESGCM(key).decrypt(_unpacked(box["nonce"]), _unpacked(box["sealed"]), FORMAT.encode())
        return dict(json.loads(opened)), True
    except InvalidTag:
        raise WrongKey(
            f"The passphrase does not open the key file {path}; try again, or put a copy of the file there"
        ) from None
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError):  # JSON knows infinite numbers
        raise KeyFileError(_damaged(path)) from None


def _from_passphrase(passphrase: str, salt: bytes, cost: Mapping[str, Any]) -> bytes:
    n, r, p = int(cost["n"]), int(cost["r"]), int(cost["p"])
    if n < 2 or r < 1 or p < 1 or 128 * n * r > MOST_SCRYPT_MEMORY or p > 16:
        raise ValueError("costs more than we ask for")
    return Scrypt(salt=salt, length=KEY_BYTES, n=n, r=r, p=p).derive(passphrase.encode())


def _packed(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _unpacked(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _damaged(path: Path) -> str:
    return f"The key file {path} is damaged; put a copy of it in its place"
