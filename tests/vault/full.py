"""T27: disks that are full, one size after the other: `python -m tests.vault.full --most 16`."""

import argparse
import hashlib
import sys
from dataclasses import dataclass, field
from pathlib import Path

from sqlcipher3 import dbapi2 as sqlcipher

from microrelief.errors import StorageFull
from tests.vault.clinic import Clinic, content, judge
from tests.vault.volume import memory_disk, run, why_no_memory_disk

STEP = 64 << 10
LEAST = 64 << 10


@dataclass
class Filled:
    disks: int = 0
    refused_at_once: int = 0
    """Disks too small for an empty clinic."""
    acknowledged: int = 0
    orphans: int = 0
    full_for: dict[str, int] = field(default_factory=dict)
    """Who met the full disk, and how often."""
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"T27: {self.disks} disk sizes, {self.refused_at_once} too small to begin, "
            f"{self.acknowledged} photographs acknowledged, {self.orphans} files without row swept; "
            f"full for {self.full_for}; {len(self.faults)} faults"
            + "".join(f"\n    {fault}" for fault in self.faults[:5])
        )


def filled(most: int, step: int = STEP) -> Filled:
    """On each size of disk: keep photographs until it is full, twice; judge; make room; go on."""
    found = Filled()
    for size in range(LEAST, most + 1, step):
        found.disks += 1
        with memory_disk(size) as disk:
            try:
                _fill(disk, size, found)
            except Exception as failure:
                found.faults.append(f"{size >> 10} KiB: {type(failure).__name__}: {failure}"[:300])
    return found


def _fill(disk: Path, size: int, found: Filled) -> None:
    acknowledged: dict[str, str] = {}
    try:
        clinic = Clinic(disk, disk / "photos")
    except (StorageFull, sqlcipher.OperationalError) as failure:
        _count(failure, found)
        found.refused_at_once += 1
        run("mount", "-o", f"remount,size={size + (8 << 20)}", disk)
        clinic = Clinic(disk, disk / "photos")
    try:
        refusals = 0
        for number in range(1000):
            photo, bytes_of_it = f"{size}-{number}", content(f"{size} {number}", 90_000)
            try:
                clinic.keep(photo, bytes_of_it)
            except (StorageFull, sqlcipher.OperationalError) as failure:
                _count(failure, found)
                refusals += 1
                for known, sha256 in acknowledged.items():  # what was kept before can still be read
                    if hashlib.sha256(clinic.original(known)).hexdigest() != sha256:
                        found.faults.append(f"{size >> 10} KiB: {known} changed while the disk was full")
                if refusals == 3:
                    break
            else:
                acknowledged[photo] = hashlib.sha256(bytes_of_it).hexdigest()
        if refusals < 3:
            found.faults.append(f"{size >> 10} KiB: never full")
        run("mount", "-o", f"remount,size={size + (16 << 20)}", disk)
        clinic.keep("after", b"room again")  # without a new start
        acknowledged["after"] = hashlib.sha256(b"room again").hexdigest()
    finally:
        clinic.close()
    judgement = judge(disk, disk / "photos", acknowledged)
    found.acknowledged += len(acknowledged)
    found.orphans += judgement.orphans
    if not judgement.sound or judgement.unfinished:
        found.faults.append(f"{size >> 10} KiB: {judgement}"[:400])


def _count(failure: Exception, found: Filled) -> None:
    if isinstance(failure, sqlcipher.OperationalError) and "full" not in str(failure):
        raise failure
    who = (
        "the database"
        if isinstance(failure, sqlcipher.OperationalError)
        else str(failure).partition(" needs")[0]
    )
    found.full_for[who] = found.full_for.get(who, 0) + 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=float, default=16, help="MiB of the largest disk")
    given = parser.parse_args()
    if says := why_no_memory_disk():
        sys.exit(says)
    result = filled(int(given.most * (1 << 20)))
    print(result)
    sys.exit(1 if result.faults or result.acknowledged < result.disks else 0)
