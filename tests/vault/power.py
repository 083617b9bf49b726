"""T16: the power is cut while the clinic keeps photographs: `python -m tests.vault.power --cuts 500`.

Rows and photographs stand on two disks, as they do where photographs have a disk of their own: on one and the
same, ext4 writes the folder's names along with the next row, and a missing sync of the folder would not show.
With `--leave-out file|folder|full` a part of the order is patched out; the photographs that this loses are
the proof that the cuts are cuts.
"""

import argparse
import random
import shutil
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.vault.clinic import Clinic, judge
from tests.vault.volume import volumes, why_no_power_cuts
from tests.vault.worker import Worker


@dataclass
class Cut:
    leave_out: str = ""
    cuts: int = 0
    acknowledged: int = 0
    lost: int = 0
    unfinished: int = 0
    orphans: int = 0
    faults: list[str] = field(default_factory=list)
    """Of cuts after which the clinic was not sound."""

    def __str__(self) -> str:
        without = f" without {self.leave_out}" if self.leave_out else ""
        return (
            f"T16{without}: {self.cuts} power cuts, {self.acknowledged} photographs acknowledged, "
            f"{self.lost} lost; sweeps found {self.unfinished} unfinished files and {self.orphans} files "
            f"without row; {len(self.faults)} cuts left a fault"
            + "".join(f"\n    {fault}" for fault in self.faults[:5])
        )


def power_cut(
    cuts: int,
    leave_out: str = "",
    kind: str = "ext4",
    options: str = "",
    seed: int = 0,
    until_lost: bool = False,
    on: Path | None = None,
) -> Cut:
    """Cut the power of both disks at moments drawn by chance; each time judge that time's photographs."""
    draw = random.Random(seed)
    found = Cut(leave_out)
    with volumes("data", "photos", kind=kind, options=options, on=on) as (data, photos):
        for number in range(cuts):
            here, there = data.path / str(number), photos.path / str(number)
            for folder in (here, there):
                folder.mkdir()
            Clinic(here, there).close()
            worker = Worker(here, there, leave_out)
            worker.wait_ready()
            time.sleep(draw.uniform(0.01, 0.3))
            for volume in draw.sample([photos, data], 2):
                volume.cut_power()
            worker.end()
            for volume in (data, photos):
                volume.unmount()
                volume.mount()
            try:
                judgement = judge(here, there, worker.acknowledged)
            except Exception as failure:  # only where a sync was left out can the clinic itself be gone
                found.faults.append(f"cut {number}: {type(failure).__name__}: {failure}")
                found.lost += len(worker.acknowledged)
            else:
                found.lost += len(set(judgement.lost))
                found.unfinished += judgement.unfinished
                found.orphans += judgement.orphans
                if not judgement.sound:
                    found.faults.append(f"cut {number}: {judgement}"[:300])
            found.cuts += 1
            found.acknowledged += len(worker.acknowledged)
            if until_lost and found.lost:
                break
            for folder in (here, there):  # room for the next
                shutil.rmtree(folder)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cuts", type=int, default=500)
    parser.add_argument("--leave-out", choices=["", "file", "folder", "full"], default="")
    parser.add_argument("--kind", choices=["ext4", "xfs"], default="ext4")
    parser.add_argument("--options", default="", help="mount options, for example data=writeback")
    parser.add_argument(
        "--on", type=Path, help="folder that holds the volumes; else memory where there is room"
    )
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    if says := why_no_power_cuts(given.kind):
        sys.exit(says)
    result = power_cut(given.cuts, given.leave_out, given.kind, given.options, given.seed, on=given.on)
    print(result)
    enough = result.acknowledged >= given.cuts
    sys.exit(0 if enough and not result.lost and not result.faults else 1)
