"""The file of a backup: a tar of encrypted photographs, the encrypted rows, and a signed list of both.

    README.txt      what this is, in plain words
    keys.age        the clinic's key file, locked, if that was asked for
    photos/NAME     each as it lies in the store
    rows            every row, encrypted with a key that follows from the clinic's
    manifest.json   what there must be, with every SHA-256, authenticated; last: a cut-off file has none

Nothing in it can be read without the clinic's key file.
"""

import hashlib
import hmac
import io
import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from microrelief.errors import BackupUnusable, BlobDamaged, WrongKey
from microrelief.vault.envelope import Kind, decrypted
from microrelief.vault.keys import ClinicKeys, PhotoKey, derived
from microrelief.vault.photo_store import NAME

FORMAT, FORMAT_VERSION = "microrelief backup", 1
README, KEYS, ROWS, MANIFEST, PHOTOS = "README.txt", "keys.age", "rows", "manifest.json", "photos/"
MOST_MANIFEST_BYTES = 1 << 30
READ_BYTES = 1 << 20
READ_ME = """A backup of a clinic's records, made by Microrelief.

Everything in it is encrypted. It opens only with the clinic's key file (keys/clinic.json of the data folder);
{keys}
Bring it back:  microrelief restore --from THIS_FILE --data NEW_FOLDER
Prove that it can be brought back:  microrelief backup --drill
"""


@dataclass(frozen=True)
class Checked:
    """A backup all of whose parts are what its list says."""

    path: Path
    manifest: dict[str, Any]
    key: PhotoKey


def rows_key(keys: ClinicKeys, backup_id: str) -> PhotoKey:
    """The key of the rows of one backup."""
    secret = derived(keys.secret("site"), "backup rows")
    return PhotoKey("backup", backup_id, bytes(16), secret)


def signed(manifest: dict[str, Any], keys: ClinicKeys) -> bytes:
    """The manifest with what authenticates it."""
    return (json.dumps({"manifest": manifest, "mac": _mac(manifest, keys)}, indent=1) + "\n").encode()


def add(file: tarfile.TarFile, name: str, size: int, content: IO[bytes]) -> None:
    """Put a part into the archive, readable for this account only."""
    part = tarfile.TarInfo(name)
    part.size, part.mode = size, 0o600
    file.addfile(part, content)


def key_file_in(path: Path) -> bytes | None:
    """The clinic's key file as the backup holds it, still locked; None where it holds none."""
    with _opened(path) as file:
        for part in _parts(file):
            if part.name == KEYS:
                return _bytes(file, part)
            if part.name.startswith(PHOTOS):
                return None
    return None


def checked(path: Path, keys: ClinicKeys) -> Checked:
    """Read all of it once. Raises BackupUnusable where a byte was changed, or the key does not fit."""
    seen: dict[str, tuple[int, str]] = {}
    manifest: dict[str, Any] | None = None
    with _opened(path) as file:
        for part in _parts(file):
            # a second part of one name: what is read later must be what was looked at here
            if part.name in seen or not _is_ours(part.name):
                raise BackupUnusable(
                    f"{path} is unusable: its part {part.name!r} is none of a backup; take another backup"
                )
            seen[part.name] = _digest(file, part)
            if part.name == MANIFEST:
                manifest = _manifest(_bytes(file, part), path, keys)
    if manifest is None:
        raise BackupUnusable(f"{path} was cut off: it has no list of its contents; take another backup")
    wanted = {ROWS: (manifest["rows"]["size"], manifest["rows"]["sha256"])}
    wanted |= {PHOTOS + name: (size, sha256) for name, (size, sha256) in manifest["photos"].items()}
    for name, stated in wanted.items():
        if seen.get(name) != stated:
            what = "missing" if name not in seen else "damaged"
            raise BackupUnusable(f"{path} is unusable: its part {name} is {what}; take another backup")
    return Checked(path, manifest, rows_key(keys, manifest["id"]))


def photos(backup: Checked) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Name and encrypted bytes of each photograph."""
    with _opened(backup.path) as file:
        for part in _parts(file):
            name = part.name.removeprefix(PHOTOS)
            if part.name.startswith(PHOTOS) and name in backup.manifest["photos"]:
                yield name, _pieces(file, part)


def rows(backup: Checked) -> Iterator[bytes]:
    """The canonical lines."""
    with _opened(backup.path) as file:
        part = file.extractfile(ROWS)
        assert part is not None
        left = b""
        for piece in decrypted(backup.key, Kind.DERIVED, part):
            *whole, left = (left + piece).split(b"\n")
            yield from whole
        if left:
            raise BackupUnusable(
                f"{backup.path} is unusable: its rows end in the middle; take another backup"
            )


def _parts(file: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Its parts, plain files all: a link could lead in a circle, a file of holes could be read for years."""
    for part in file:
        if not part.isreg() or part.issparse():
            raise tarfile.ReadError("a part is no plain file")
        yield part


@contextmanager
def _opened(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(path, "r:") as file:
            yield file
    except (tarfile.TarError, EOFError) as failure:
        raise BackupUnusable(
            f"{path} is no backup, or damaged where it lists its parts; take another"
        ) from failure
    except (BlobDamaged, WrongKey) as failure:
        raise BackupUnusable(f"{path} is unusable: {failure}") from failure
    except OSError as failure:
        raise BackupUnusable(f"{path} cannot be read: {failure.strerror}; name another file") from failure


def _is_ours(name: str) -> bool:
    if name.startswith(PHOTOS):
        return NAME.fullmatch(name.removeprefix(PHOTOS)) is not None
    return name in (README, KEYS, ROWS, MANIFEST)


def _manifest(data: bytes, path: Path, keys: ClinicKeys) -> dict[str, Any]:
    try:
        found = json.loads(data)
        manifest: dict[str, Any] = found["manifest"]
        mac, version = str(found["mac"]), (manifest["format"], int(manifest["version"]))
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError):  # JSON knows infinite numbers
        raise BackupUnusable(f"{path} is unusable: its list is damaged; take another backup") from None
    if version[0] == FORMAT and version[1] > FORMAT_VERSION:
        raise BackupUnusable(f"{path} was made by a later version of Microrelief: update this one first")
    if not mac.isascii() or not hmac.compare_digest(mac, _mac(manifest, keys)):
        raise BackupUnusable(
            f"{path} was made with another clinic's key, or its list was changed: give the key file that "
            "belongs to it with --keys"
        )
    if version != (FORMAT, FORMAT_VERSION) or not all(NAME.fullmatch(name) for name in manifest["photos"]):
        raise BackupUnusable(f"{path} is no backup that this version can read")
    manifest["photos"] = {name: tuple(stated) for name, stated in manifest["photos"].items()}
    return manifest


def _mac(manifest: dict[str, Any], keys: ClinicKeys) -> str:
    text = json.dumps(manifest, sort_keys=True, separators=(",", ":"))
    return hmac.digest(derived(keys.secret("site"), "backup list"), text.encode(), "sha256").hex()


def _bytes(file: tarfile.TarFile, part: tarfile.TarInfo) -> bytes:
    if part.size > MOST_MANIFEST_BYTES:
        raise tarfile.ReadError("too large")
    return b"".join(_pieces(file, part))


def _digest(file: tarfile.TarFile, part: tarfile.TarInfo) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    for piece in _pieces(file, part):
        digest.update(piece)
        size += len(piece)
    return size, digest.hexdigest()


def _pieces(file: tarfile.TarFile, part: tarfile.TarInfo) -> Iterator[bytes]:
    content = file.extractfile(part) or io.BytesIO()
    while piece := content.read(READ_BYTES):
        yield piece
