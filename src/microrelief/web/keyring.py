"""The clinic's key becomes the keys of the site's parts; none can be computed from another."""

import os
import secrets
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from microrelief.errors import SettingsRefused
from microrelief.web.configuration import configuration

KEY_BYTES = 32
KEY_FILE = "clinic.key"
_no_data_folder = secrets.token_bytes(KEY_BYTES)  # types are checked and pages are generated without one


def key_for(purpose: str) -> bytes:
    """32 bytes for one purpose, the same as long as the clinic's key is the same."""
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=f"microrelief/{purpose}".encode()).derive(
        clinic_key()
    )


@cache
def clinic_key() -> bytes:
    """The clinic's key from its file."""
    if configuration().data is None:
        return _no_data_folder
    file = configuration().keys_folder / KEY_FILE
    try:
        key = bytes.fromhex(file.read_text("ascii").strip())
    except (OSError, ValueError) as error:
        raise SettingsRefused(
            f"the clinic's key {file} cannot be read: restore it from its copy, nothing opens without it"
        ) from error
    if len(key) != KEY_BYTES or len(set(key)) < KEY_BYTES // 2:
        raise SettingsRefused(
            f"the clinic's key {file} is not {KEY_BYTES} random bytes: restore it from its copy"
        )
    return key


def make_clinic_key(folder: Path) -> None:
    """Write a new key, whole and on the disk before anything is encrypted with it."""
    file = folder / KEY_FILE
    unfinished = folder / f".{KEY_FILE}.new"
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(secrets.token_bytes(KEY_BYTES).hex() + "\n")
        out.flush()
        os.fsync(out.fileno())
    unfinished.rename(file)
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
