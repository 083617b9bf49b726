"""What must hold before anything is served; each thing that does not is one sentence with what to do."""

import ipaddress
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, urlsplit

from microrelief.errors import SettingsRefused
from microrelief.web.configuration import Configuration

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


def refuse_unsafe(configuration: Configuration) -> None:
    """Raise SettingsRefused, naming every unsafe setting; otherwise nothing."""
    found = list(unsafe(configuration))
    if found:
        raise SettingsRefused("the site does not start: " + "; ".join(found))


def unsafe(configuration: Configuration) -> Iterator[str]:
    """Each setting that would expose patients, as a sentence."""
    if configuration.debug:
        yield "MICRORELIEF_DEBUG is on, and its error pages show patients' data: switch it off"
    if configuration.demo:
        yield from _unsafe_demo(configuration)
    yield from _unsafe_address(configuration)
    yield from _unsafe_folder("the data folder", configuration.data_folder)
    yield from _unsafe_folder("the keys folder", configuration.keys_folder)
    yield from _unsafe_keys(configuration.keys_folder)
    yield from _unsafe_database(configuration)


def _unsafe_demo(configuration: Configuration) -> Iterator[str]:
    """Its password is printed and it asks for no second factor: nobody else may reach it."""
    if configuration.host not in LOOPBACK_NAMES or configuration.address or configuration.trusted_proxy:
        yield (
            "a demonstration is open on this computer only: leave MICRORELIEF_HOST, MICRORELIEF_ADDRESS and "
            "MICRORELIEF_TRUSTED_PROXY away"
        )
    if configuration.database_url or configuration.keys or configuration.key_passphrase:
        yield (
            "a demonstration keeps everything in its own folder: leave MICRORELIEF_DATABASE_URL, "
            "MICRORELIEF_KEYS and MICRORELIEF_KEY_PASSPHRASE away"
        )


def _unsafe_address(configuration: Configuration) -> Iterator[str]:
    address = urlsplit(configuration.site_address)
    if address.scheme not in ("http", "https") or not address.hostname or address.path:
        yield "MICRORELIEF_ADDRESS must read like https://records.example, without a path"
        return
    if configuration.address and address.scheme == "http" and address.hostname not in LOOPBACK_NAMES:
        yield "MICRORELIEF_ADDRESS begins with http://, so anybody on the network could read along: use https://"
    if configuration.host not in LOOPBACK_NAMES and not (
        configuration.encrypted_transport and configuration.trusted_proxy
    ):
        yield (
            f"MICRORELIEF_HOST {configuration.host} is open to the network without TLS: set "
            "MICRORELIEF_ADDRESS to the https:// address of the proxy in front and MICRORELIEF_TRUSTED_PROXY "
            "to its IP address, or keep localhost"
        )
    if configuration.trusted_proxy:
        try:
            ipaddress.ip_address(configuration.trusted_proxy)
        except ValueError:
            yield "MICRORELIEF_TRUSTED_PROXY must be one IP address, for anybody else could forge theirs"


def _unsafe_folder(name: str, folder: Path) -> Iterator[str]:
    if folder.is_symlink():
        yield f"{name} {folder} is a link: name the folder itself"
        return
    if not folder.exists():
        return
    if not folder.is_dir():
        yield f"{name} {folder} is not a folder: name another"
        return
    status = folder.stat()
    if status.st_uid != os.geteuid():
        yield f"{name} {folder} belongs to another user: chown it to the user that runs the site"
    if stat.S_IMODE(status.st_mode) & 0o077:
        yield f"{name} {folder} can be opened by other users of this computer: chmod 700 {folder}"


def _unsafe_keys(folder: Path) -> Iterator[str]:
    if not folder.is_dir():
        return
    for file in folder.iterdir():
        if file.is_file() and stat.S_IMODE(file.stat().st_mode) & 0o077:
            yield f"the key {file} can be read by other users of this computer: chmod 600 {file}"


def _unsafe_database(configuration: Configuration) -> Iterator[str]:
    if configuration.database_url is None:
        return
    url = urlsplit(configuration.database_url.get_secret_value())
    if url.scheme not in ("postgresql", "postgres") or not url.path.strip("/"):
        yield "MICRORELIEF_DATABASE_URL must read like postgresql://user:password@host/name"
    elif _elsewhere(url) and "sslmode=verify-full" not in url.query:
        yield (
            "MICRORELIEF_DATABASE_URL names another computer without verified TLS: "
            "add ?sslmode=verify-full&sslrootcert=FILE"
        )


def _elsewhere(url: SplitResult) -> bool:
    """Whether the database is on another computer; a host in the query counts, a folder there is a socket."""
    hosts = [
        url.hostname or "",
        *(host for name, host in parse_qsl(url.query) if name in ("host", "hostaddr")),
    ]
    return any(host and not host.startswith("/") and host not in LOOPBACK_NAMES for host in hosts)
