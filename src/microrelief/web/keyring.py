"""The one door to the vault: the clinic's keys and the store of photographs, opened once in a process."""

import secrets
from functools import cache

from microrelief.vault.chain import HeadFile
from microrelief.vault.keys import ClinicKeys, derived
from microrelief.vault.photo_store import FolderStore, PhotoStore
from microrelief.web.configuration import configuration

_no_data_folder = secrets.token_bytes(32)  # types are checked and pages are generated without one


@cache
def clinic_keys() -> ClinicKeys:
    """The clinic's keys. Raises KeyFileError or WrongKey."""
    passphrase = configuration().key_passphrase
    return ClinicKeys.open(
        configuration().keys_folder, passphrase.get_secret_value() if passphrase is not None else None
    )


@cache
def photo_store() -> PhotoStore:
    """Where encrypted photographs lie."""
    return FolderStore(configuration().data_folder / "photos")


@cache
def head_file() -> HeadFile:
    """The signed head of the trail, beside the database."""
    return HeadFile(configuration().data_folder / "trail.head")


def secret(name: str) -> bytes:
    """One of the clinic's secrets, `database` or `site`."""
    return _no_data_folder if configuration().data is None else clinic_keys().secret(name)


def site_secret(purpose: str) -> bytes:
    """A secret of the site for one purpose; none can be computed from another."""
    return derived(secret("site"), purpose)
