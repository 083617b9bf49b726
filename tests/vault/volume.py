"""Small disks of our own: ext4 or XFS on a loop device, whose power can be cut, and tmpfs of any size."""

import fcntl
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SHUTDOWN = 0x8004587D
"""FS_IOC_SHUTDOWN, _IOR('X', 125, __u32): what `xfs_io -x -c shutdown` calls."""
WITHOUT_LOG = struct.pack("I", 2)
"""GOING_FLAGS_NOLOGFLUSH: nothing that was not synced reaches the disk; worse than most real power cuts."""


def run(*command: str | Path) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise OSError(f"{' '.join(map(str, command))}: {done.stderr.strip() or done.returncode}")


class Volume:
    """A file system in a file, mounted; its power can be cut."""

    def __init__(self, folder: Path, name: str, kind: str = "ext4", options: str = "") -> None:
        self.image, self.path = folder / f"{name}.img", folder / name
        self.options = f"loop,{options}" if options else "loop"
        self.path.mkdir()
        with self.image.open("wb") as file:
            file.truncate(1 << 30)  # holes: only what is written takes room
        run(*{"ext4": ("mkfs.ext4", "-q", "-F"), "xfs": ("mkfs.xfs", "-q", "-f")}[kind], self.image)
        self.mount()

    def mount(self) -> None:
        run("mount", "-o", self.options, self.image, self.path)

    def unmount(self) -> None:
        for _ in range(100):
            try:
                run("umount", self.path)
                return
            except OSError:  # a process that was killed may still be going
                time.sleep(0.05)
        run("umount", self.path)

    def cut_power(self) -> None:
        """From here on nothing reaches the disk, and what was not synced never will."""
        descriptor = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, SHUTDOWN, WITHOUT_LOG)
        finally:
            os.close(descriptor)


@contextmanager
def volumes(
    *names: str, kind: str = "ext4", options: str = "", on: Path | None = None
) -> Iterator[list[Volume]]:
    """Volumes under one temporary folder of `on`, else in memory where there is room; gone afterwards."""
    shared = Path("/dev/shm")
    roomy = shared.is_dir() and os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > 4 << 30
    with tempfile.TemporaryDirectory(dir=on or (shared if roomy else None)) as folder:
        made: list[Volume] = []
        try:
            for name in names:
                made.append(Volume(Path(folder), name, kind, options))
            yield made
        finally:
            for volume in made:
                with suppress(OSError):
                    volume.unmount()


def why_no_power_cuts(kind: str = "ext4") -> str:
    """Why volumes cannot be made here; "" where they can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "power cuts need root on Linux, for loop devices"
    if shutil.which(f"mkfs.{kind}") is None:
        return f"power cuts need mkfs.{kind} (packages e2fsprogs, xfsprogs)"
    try:
        with volumes("try", kind=kind) as (volume,):
            volume.cut_power()
    except OSError as failure:
        return f"power cuts need a loop device that can be mounted and shut down ({failure})"
    return ""


@contextmanager
def memory_disk(size: int) -> Iterator[Path]:
    """A tmpfs of so many bytes."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "disk"
        path.mkdir()
        run("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", path)
        try:
            yield path
        finally:
            run("umount", path)


def why_no_memory_disk() -> str:
    """Why a disk of a given size cannot be made here; "" where it can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "a full disk needs root on Linux, to mount a small one"
    try:
        with memory_disk(1 << 20):
            return ""
    except OSError as failure:
        return f"a full disk needs a tmpfs that can be mounted ({failure})"
