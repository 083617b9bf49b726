"""A Change becomes a folder with report.html, pair.png and result.json: the whole folder or nothing.

Everything is built in a hidden folder beside the final one and made durable there. Then one rename puts it in
place: onto nothing, or in exchange for our own earlier result (Linux `renameat2`). A process killed at any
moment leaves the earlier folder or the new one, and at most a hidden leftover, which the next run sweeps
away.
"""

import contextlib
import ctypes
import errno
import fcntl
import io
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from microrelief.errors import OutputError
from microrelief.imaging.change.outcome import Change
from microrelief.report.page import page_html
from microrelief.report.picture import pair_picture
from microrelief.report.result import result_json

FILES = ("report.html", "pair.png", "result.json")
"""What a result folder holds, and all it holds."""

_OURS = "microrelief/comparison/"
_AT_CWD = -100  # AT_FDCWD of fcntl.h
_EXCHANGE = 2  # RENAME_EXCHANGE of linux/fs.h
_ATTEMPTS = 5


def write_report(change: Change, out: Path) -> None:
    """Write the three files into the folder `out`, replacing our own earlier result, whole or not at all.

    Raises OutputError, with nothing written, when `out` cannot be a result folder or the disk is full.
    """
    check_output(out)
    picture = io.BytesIO()
    pair_picture(change).save(picture, "PNG", compress_level=3)
    write_files(
        {
            "report.html": page_html(change).encode("utf-8"),
            "pair.png": picture.getvalue(),
            "result.json": result_json(change).encode("utf-8"),
        },
        out,
    )


def check_output(out: Path) -> None:
    """Say no before the long computation when `out` could not be written after it.

    `out` may be missing (it and its parents are made), empty, or an earlier result of ours. Anything else is
    refused, so that nobody's files are ever replaced. Finishes an exchange that a killed run left half-way,
    sweeps its leftovers. Raises OutputError.
    """
    out = _absolute(out)
    with _sentences(out):
        standing = out.parent
        while not standing.exists():
            standing = standing.parent
        if not standing.is_dir():
            raise OutputError(
                f"{standing} is a file, so no folder can be made in it. Name another folder with --out."
            )
        if standing == out.parent:
            _sweep(out)
        probe = standing / f".microrelief-probe-{secrets.token_hex(6)}"
        probe.mkdir()
        probe.rmdir()
        _refuse_other_peoples(out)


def write_files(files: Mapping[str, bytes], out: Path) -> None:
    """Put the named files, and nothing else, into the folder `out` in one step. Raises OutputError."""
    out = _absolute(out)
    with _sentences(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        _sweep(out)
        with _hidden_folder(out) as folder:
            for name, content in files.items():
                _write_durably(folder / name, content)
            _make_durable(folder)
            _put_in_place(folder, out)
            _make_durable(out.parent)


def _absolute(out: Path) -> Path:
    """Through symbolic links, so that a link to a result folder stays a link."""
    try:
        return Path(os.path.realpath(out))
    except ValueError:
        raise OutputError(
            "The name of the result folder contains a null character: name another with --out."
        ) from None


@contextlib.contextmanager
def _sentences(out: Path) -> Iterator[None]:
    """Turn what the system says into what to do next."""
    try:
        yield
    except OSError as problem:
        raise OutputError(f"{out}: {_sentence(problem)} Nothing was written.") from problem


def _sentence(problem: OSError) -> str:
    if problem.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return "there is not enough space. Free about 20 MB, or name a folder on another disk with --out."
    if problem.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "you may not write there. Name a folder of your own with --out."
    if problem.errno == errno.ENAMETOOLONG:
        return "the name is too long. Name a shorter one with --out."
    if problem.errno == errno.ENOTDIR:
        return "a part of this path is a file. Name another folder with --out."
    return f"the folder cannot be written ({problem.strerror or problem}). Name another with --out."


def _refuse_other_peoples(out: Path) -> None:
    try:
        out.lstat()
    except FileNotFoundError:
        return
    if not out.is_dir():
        raise OutputError(f"{out} is a file. Name a new folder with --out. Nothing was written.")
    held = sorted(entry.name for entry in out.iterdir())
    strange = [name for name in held if name not in FILES]
    if strange or (held and not _is_result(out / "result.json")):
        first = (strange or held)[0]
        raise OutputError(
            f"{out} holds files that are not an earlier result ({first!r}"
            f"{f' and {len(strange) - 1} more' if len(strange) > 1 else ''}). "
            "Name a new folder with --out. Nothing was written."
        )


def _is_result(path: Path) -> bool:
    try:
        schema = json.loads(path.read_bytes())["schema"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False
    return isinstance(schema, str) and schema.startswith(_OURS)


def _prefix(out: Path) -> str:
    # the name is cut so that the hidden one stays below 255 bytes
    return f".{os.fsdecode(os.fsencode(out.name)[:180])}.microrelief-"


@contextlib.contextmanager
def _hidden_folder(out: Path) -> Iterator[Path]:
    """A locked hidden folder beside `out`; whatever stands under its name at the end is removed."""
    while True:
        folder = out.parent / f"{_prefix(out)}new-{secrets.token_hex(6)}"
        folder.mkdir()
        try:
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:  # another run swept it before the lock was ours
            continue
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.exists():
            break
        os.close(lock)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _sweep(out: Path) -> None:
    """Put back an earlier result that a killed run set aside; remove hidden folders that nobody holds."""
    leftovers = [entry for entry in out.parent.iterdir() if entry.name.startswith(_prefix(out))]
    for entry in leftovers:
        if "microrelief-old-" in entry.name and not out.exists() and _is_result(entry / "result.json"):
            entry.rename(out)
    for entry in leftovers:
        with contextlib.suppress(OSError):
            lock = os.open(entry, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # a run that still lives holds its own
                shutil.rmtree(entry, ignore_errors=True)
            finally:
                os.close(lock)


def _write_durably(path: Path, content: bytes) -> None:
    with open(path, "xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _make_durable(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _put_in_place(folder: Path, out: Path) -> None:
    for _ in range(_ATTEMPTS):
        _refuse_other_peoples(out)
        try:
            if not os.path.lexists(out) or not any(out.iterdir()):
                folder.rename(out)  # onto nothing or onto an empty folder: one step either way
                return
            folder.chmod(out.stat().st_mode & 0o7777)
            if not _exchange(folder, out):
                _set_aside_and_replace(folder, out)
            return
        except (FileNotFoundError, FileExistsError) as problem:
            if not folder.exists():
                raise OutputError(
                    f"{out}: the unfinished result was taken away by someone else. Run again."
                ) from problem
        except OSError as problem:  # somebody else wrote there between the look and the rename: look again
            if problem.errno != errno.ENOTEMPTY:
                raise
    raise OutputError(f"{out} is being written by others at the same time. Name another folder with --out.")


def _exchange(folder: Path, out: Path) -> bool:
    """Swap two folders in one step; False where the system or the disk cannot."""
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    if renameat2(_AT_CWD, os.fsencode(folder), _AT_CWD, os.fsencode(out), _EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
        return False
    raise OSError(number, os.strerror(number), str(out))


def _set_aside_and_replace(folder: Path, out: Path) -> None:
    """Two renames where one is not to be had; `_sweep` puts the earlier result back after a kill between."""
    aside = out.parent / f"{_prefix(out)}old-{secrets.token_hex(6)}"
    out.rename(aside)
    try:
        folder.rename(out)
    except OSError:
        aside.rename(out)
        raise
    shutil.rmtree(aside, ignore_errors=True)
