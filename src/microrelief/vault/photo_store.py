"""Blobs under server-made names.

    with Uncommitted(store) as blobs:
        kept = blobs.put(encrypted(photo_key, Kind.ORIGINAL, upload))   # on the disk when this returns
        with transaction.atomic():                                      # synchronous=FULL
            ...the row that names it, the entry of the trail...
            blobs.commits()                                             # the last thing before the commit
    ...acknowledge...

Whatever happens in between, at most a file without a row is left over, and `sweep` at the next start puts it
aside; a row without a file cannot come about.

Only blobs of `envelope` are taken, so that no plaintext reaches the disk by mistake. A store knows neither
keys nor patients.
"""

import hashlib
import os
import re
import secrets
import shutil
import sys
import time
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol, Self

if sys.platform != "win32":
    import fcntl

from microrelief.errors import AlreadyKept, BlobMissing, StorageFull, StoreBusy, VaultError
from microrelief.vault import durable
from microrelief.vault.durable import TEMPORARY, in_plain_words
from microrelief.vault.envelope import MAGIC

NAME = re.compile(r"[0-9a-f]{32}")

RESERVE_BYTES = 64 << 20
"""Room that uploads leave: the database must still be able to take a withdrawal of consent."""

DAYS_ASIDE = 30
"""How long a file without a row waits for its row: an older database may have been restored by mistake."""

READ_BYTES = 1 << 20


@dataclass(frozen=True)
class Kept:
    """A blob that is on the disk. Its row keeps all three, so that files are checked without any key."""

    name: str
    size: int
    sha256: str
    """Of the encrypted bytes."""


@dataclass(frozen=True)
class Swept:
    """What a sweep found."""

    unfinished: int
    """Files that were being written when the process ended; removed."""
    without_row: tuple[str, ...]
    """Names of whole files that no row names; put aside, and removed after DAYS_ASIDE."""
    brought_back: tuple[str, ...]
    """Names that had been put aside and that a row names again."""
    without_file: tuple[str, ...]
    """Names that a row has and no file: restore them from a backup."""


class PhotoStore(Protocol):
    """What the site may ask of any store, in a folder or in object storage."""

    def put(self, name: str, blob: Iterable[bytes]) -> Kept:
        """Keep the blob; it survives a power cut when this returns. The same bytes again: the same answer.

        Raises AlreadyKept where other bytes stand under the name, StorageFull or StorageFailed.
        """
        ...

    def open(self, name: str) -> IO[bytes]:
        """The blob, for reading; the caller closes it. Raises BlobMissing."""
        ...

    def delete(self, name: str) -> None:
        """Remove the blob; no harm where it is gone."""
        ...

    def names(self) -> Iterator[str]:
        """Every blob there is, in no order."""
        ...

    def sweep(self, known: Iterable[str]) -> Swept:
        """Tidy up at the start, given every name that a row has. Raises StoreBusy."""
        ...

    def check_room(self, size: int) -> None:
        """Raises StorageFull where an upload of so many bytes should be refused before it is read."""
        ...


def new_name() -> str:
    """A name that nobody can guess: 128 random bits."""
    return secrets.token_hex(16)


class Uncommitted:
    """Blobs that have no row yet. Where the block fails, they are removed, unless `commits` was called.

    From then on nobody can know: a commit that reports an error may have reached the disk all the same, and
    what follows a commit may fail too. Such blobs are left, and the sweep at the next start asks the rows.
    """

    def __init__(self, store: PhotoStore) -> None:
        self._store = store
        self._names: list[str] = []

    def put(self, blob: Iterable[bytes]) -> Kept:
        """As PhotoStore.put, under a new name."""
        kept = self._store.put(new_name(), blob)
        self._names.append(kept.name)
        return kept

    def commits(self) -> None:
        """To be called inside the transaction, when nothing but its commit is left to do."""
        self._names.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            for name in self._names:
                with suppress(VaultError):  # the failure that brought us here is the one to tell
                    self._store.delete(name)


class FolderStore:
    """Blobs in a folder of this computer: `blobs/` holds them, `aside/` those without a row."""

    def __init__(self, folder: Path, reserve_bytes: int = RESERVE_BYTES) -> None:
        self.folder = Path(folder)
        self.reserve_bytes = reserve_bytes
        self._blobs, self._aside = self.folder / "blobs", self.folder / "aside"
        self._has_put = False
        with in_plain_words("Opening the photo store"):
            for made in (self.folder, self._blobs, self._aside):
                durable.make_folder(made)
        self._lock = _StoreLock(self.folder / "lock")

    def close(self) -> None:
        """Give the store up, so that another process may sweep it. The end of the process does the same."""
        self._lock.close()

    def put(self, name: str, blob: Iterable[bytes]) -> Kept:
        """See PhotoStore. What `blob` itself raises goes to the caller as it is."""
        self._has_put = True
        path = self._path(name)
        try:
            with in_plain_words("Keeping the photograph"):
                size, sha256 = self._written(path, _blobs_only(blob))
        except _SourceFailed as failed:
            raise failed.failure from None
        return Kept(name, size, sha256)

    def open(self, name: str) -> IO[bytes]:
        """See PhotoStore."""
        with in_plain_words("Reading the photograph"):
            try:
                return self._path(name).open("rb")
            except FileNotFoundError:
                raise BlobMissing(
                    f"The file of photograph {name} is missing; restore it from a backup"
                ) from None

    def delete(self, name: str) -> None:
        """See PhotoStore. A file that was put aside goes as well."""
        path = self._path(name)
        with in_plain_words("Removing the photograph"):
            for each in (path, self._aside / name):
                with suppress(FileNotFoundError):
                    each.unlink()
                    durable.sync_folder(each.parent)

    def names(self) -> Iterator[str]:
        """See PhotoStore."""
        return (entry for entry in os.listdir(self._blobs) if NAME.fullmatch(entry))

    def sweep(self, known: Iterable[str]) -> Swept:
        """See PhotoStore. Raises StoreBusy while another process has the store, or after the first `put`:
        a file whose row is about to be committed would look like a leftover.
        """
        if self._has_put:
            raise StoreBusy("The store is in use; sweep it at the start, before the first upload")
        with self._lock.alone(), in_plain_words("Tidying the photo store"):
            return self._swept({name for name in known if NAME.fullmatch(name)})

    def check_room(self, size: int) -> None:
        """See PhotoStore. Leaves `reserve_bytes` for the database."""
        with in_plain_words("Looking at the disk"):
            free = shutil.disk_usage(self._blobs).free
        if free < size + self.reserve_bytes:
            raise StorageFull(
                f"The disk has {free >> 20} MiB left and {self.reserve_bytes >> 20} MiB of them are kept for "
                "the database; free some room and send the photograph again, nothing was kept"
            )

    def _written(self, path: Path, blob: Iterable[bytes]) -> tuple[int, str]:
        temporary = durable.temporary_beside(path)
        try:
            size, sha256 = durable.write_synced(temporary, blob)
            try:
                os.link(temporary, path)  # unlike a rename, it never takes the place of another file
            except FileExistsError:
                if (path.stat().st_size, _sha256(path)) != (size, sha256):
                    says = "Another photograph is kept under this name; nothing was changed, send it anew"
                    raise AlreadyKept(path.name, says) from None
        finally:
            durable.remove_quietly(temporary)
        durable.sync_folder(path.parent)
        return size, sha256

    def _swept(self, known: set[str]) -> Swept:
        files = os.listdir(self._blobs)
        unfinished = [file for file in files if file.endswith(TEMPORARY)]
        for file in unfinished:
            (self._blobs / file).unlink()
        here, aside = set(filter(NAME.fullmatch, files)), set(filter(NAME.fullmatch, os.listdir(self._aside)))
        without_row = sorted(here - known)
        for name in without_row:
            os.utime(self._blobs / name)  # counts the days from now
            os.rename(self._blobs / name, self._aside / name)
        brought_back = sorted((known - here) & aside)
        for name in brought_back:
            os.rename(self._aside / name, self._blobs / name)
        oldest = time.time() - DAYS_ASIDE * 86400
        for name in aside - known:
            if (self._aside / name).stat().st_mtime < oldest:
                (self._aside / name).unlink()
        for folder in (self._aside, self._blobs):  # the new name first: a blob may be in both, never in none
            durable.sync_folder(folder)
        return Swept(
            len(unfinished), tuple(without_row), tuple(brought_back), tuple(sorted(known - here - aside))
        )

    def _path(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise ValueError(f"not a name that new_name() made: {name!r}")
        return self._blobs / name


class _StoreLock:
    """Every process that opened the store shares it; a sweep wants it alone. It ends with the process."""

    def __init__(self, path: Path) -> None:
        with in_plain_words("Opening the photo store"):
            self._file = os.open(path, os.O_RDONLY | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        self.close = weakref.finalize(self, os.close, self._file)
        self._shared()

    def _shared(self) -> None:
        if sys.platform != "win32":  # there, nothing but the site opens the store
            fcntl.flock(self._file, fcntl.LOCK_SH)

    @contextmanager
    def alone(self) -> Iterator[None]:
        if sys.platform != "win32":
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self._shared()
                says = "Another process has the photo store open; stop it, or start without tidying up"
                raise StoreBusy(says) from None
        try:
            yield
        finally:
            self._shared()


class _SourceFailed(Exception):
    """The bytes that were to be kept broke off; the disk is not to blame."""

    def __init__(self, failure: Exception) -> None:
        self.failure = failure


def _blobs_only(blob: Iterable[bytes]) -> Iterator[bytes]:
    try:
        pieces = iter(blob)
        first = next(pieces, b"")
        if not first.startswith(MAGIC):
            raise ValueError("only encrypted blobs are kept")
        yield first
        yield from pieces
    except Exception as failure:
        raise _SourceFailed(failure) from None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
