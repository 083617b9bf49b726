"""Bytes become a file that a power cut does not take back.

The order is the point: write under a temporary name, sync the file, give it its name, sync the folder. Left
out, the first sync loses the content and the second the name; `tests/vault/power.py` shows both losses. A
sync that fails is never tried again: after a failure the system may have dropped the pages it could not
write, and a second sync would succeed without them.
"""

import errno
import hashlib
import os
import secrets
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

if sys.platform != "win32":
    import fcntl

from microrelief.errors import StorageFailed, StorageFull

TEMPORARY = ".part"
"""How unfinished files end; whoever owns the folder removes them at its start."""

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def replace(path: Path, data: bytes) -> None:
    """Put `data` in the place of the file, or make it; a reader sees the old or the new, never a mixture."""
    temporary = temporary_beside(path)
    try:
        write_synced(temporary, [data])
        os.replace(temporary, path)
    except BaseException:
        remove_quietly(temporary)
        raise
    sync_folder(path.parent)


def create(path: Path, data: bytes) -> None:
    """As `replace`, but raises FileExistsError where the file is there already, whoever was first."""
    temporary = temporary_beside(path)
    try:
        write_synced(temporary, [data])
        os.link(temporary, path)
    finally:
        remove_quietly(temporary)
    sync_folder(path.parent)


def temporary_beside(path: Path) -> Path:
    """A name in the same folder that nobody else has."""
    return path.with_name(f"{path.name}.{secrets.token_hex(8)}{TEMPORARY}")


def write_synced(path: Path, chunks: Iterable[bytes]) -> tuple[int, str]:
    """Write a new file that only this account may read, and sync it. Returns its size and SHA-256."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    size, digest = 0, hashlib.sha256()
    with os.fdopen(os.open(path, flags, 0o600), "wb", buffering=0) as file:
        for chunk in chunks:
            view = memoryview(chunk)
            digest.update(view)
            size += len(view)
            while view:
                view = view[file.write(view) :]
        sync_file(file.fileno())
    return size, digest.hexdigest()


def sync_file(descriptor: int) -> None:
    """Content and size reach the disk before this returns."""
    if sys.platform == "darwin":  # there, fsync leaves the bytes in the drive's own memory
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    else:
        os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """The names in the folder reach the disk before this returns."""
    if sys.platform == "win32":  # a folder cannot be opened there; NTFS logs names with their files
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        sync_file(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """The folder, for this account only, with its own name synced. No harm where it is there."""
    if folder.is_dir():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    sync_folder(folder.parent)


def remove_quietly(path: Path) -> None:
    """Remove the file where it is there and can be removed; what is left is swept at the next start."""
    with suppress(OSError):
        path.unlink()


@contextmanager
def in_plain_words(doing: str) -> Iterator[None]:
    """What the disk says no with, as StorageFull or StorageFailed; `doing` begins the sentence."""
    try:
        yield
    except OSError as failure:
        if failure.errno in NO_ROOM:
            says = (
                f"{doing} needs more room than the disk has; free some room and try again, nothing was kept"
            )
            raise StorageFull(says) from failure
        if failure.errno == errno.EROFS:
            reason = "the disk is set to reading only"
        elif failure.errno in (errno.EACCES, errno.EPERM):
            reason = "this account may not write there"
        else:
            reason = failure.strerror or "the disk failed"
        raise StorageFailed(f"{doing} failed ({reason}); have the disk looked at and try again") from failure
