"""T27 through the real server: a disk with room for so much more and not a byte beyond, step by step.

`python -m tests.web.full --most 640` tries every 4 KiB of room (one page of the disk) up to 640 KiB.
"""

import argparse
import hashlib
import os
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from tests.vault.volume import memory_disk, run, why_no_memory_disk
from tests.web.judge import Judgement
from tests.web.kill import judged
from tests.web.running import Answer, Program, Site, photograph

ROOM = 64 << 20
PAGE = 4 << 10
FULL = 507


@dataclass
class Filled:
    steps: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    says: Counter[str] = field(default_factory=Counter)
    """Which sentence a full disk was answered with: each stands for a step of the way."""
    acknowledged: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    last: Judgement = field(default_factory=lambda: Judgement(0))

    def __str__(self) -> str:
        return (
            f"T27: {self.steps} sizes of room, answers {dict(self.answers)}, sentences {dict(self.says)}; "
            f"{len(self.acknowledged)} photographs acknowledged, {len(self.last.lost)} lost, "
            f"{self.last.without_row} files without row swept at the end; {len(self.faults)} faults; "
            f"{'all sound' if self.last.sound else self.last}"
            + "".join(f"\n    {fault}" for fault in self.faults[:8])
        )


def filled(most: int, step: int = PAGE) -> Filled:
    """One server all the while. With each amount of room: upload, look at what is there, add a patient."""
    found = Filled()
    with memory_disk(ROOM) as disk:
        site = Site(disk / "data", starter="tests.web.reserveless")
        seeded = site.seed()
        with site.start():
            program, patient = Program(site, seeded["key"]), seeded["patients"][0]
            first = photograph("first", 160)
            answer = program.upload(patient, first)
            _note(found, answer, first)
            known = answer.json["id"]
            for room in range(0, most + 1, step):
                _step(found, disk, program, patient, known, room)
            site.stop()
        _resize(disk, ROOM)
        found.last = judged(site, found.acknowledged)
    return found


def _step(found: Filled, disk: Path, program: Program, patient: str, known: str, room: int) -> None:
    photo, key = photograph(room, 160), str(uuid4())
    _resize(disk, _used(disk) + room)
    full = program.upload(patient, photo, key)
    found.steps += 1
    found.answers[f"upload {full.status}"] += 1
    if full.status not in (201, FULL):
        found.faults.append(f"{room >> 10} KiB: upload answered {full.status} {full.body[:200]!r}")
    if full.status == FULL:
        found.says[full.json["says"].partition(" needs")[0][:40]] += 1
    seen = program.get(f"/photos/{known}/screen")
    found.answers[f"look {seen.status}"] += 1
    if seen.status != 200:
        found.faults.append(
            f"{room >> 10} KiB: what was kept could not be seen: {seen.status} {seen.body[:200]!r}"
        )
    person = {"family_name": f"Room{room}", "birth_date": "1990-01-01", "although_similar": True}
    added = program.send("/patients", person, key)
    found.answers[f"patient {added.status}"] += 1
    if added.status not in (201, FULL):
        found.faults.append(f"{room >> 10} KiB: a patient answered {added.status} {added.body[:200]!r}")
    _resize(disk, ROOM)  # room again: without a new start, the very same upload is kept
    again = program.upload(patient, photo, key)
    if again.status != 201 or (full.status == 201 and again.json["id"] != full.json["id"]):
        found.faults.append(f"{room >> 10} KiB: with room again {again.status} {again.body[:200]!r}")
    _note(found, again, photo)


def _note(found: Filled, answer: Answer, photo: bytes) -> None:
    if answer.status == 201:
        found.acknowledged[answer.json["id"]] = hashlib.sha256(photo).hexdigest()


def _used(disk: Path) -> int:
    state = os.statvfs(disk)
    return (state.f_blocks - state.f_bfree) * state.f_frsize


def _resize(disk: Path, size: int) -> None:
    run("mount", "-o", f"remount,size={size}", disk)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=640, help="KiB of room at the last step")
    parser.add_argument("--step", type=int, default=4, help="KiB between two steps")
    given = parser.parse_args()
    if says := why_no_memory_disk():
        sys.exit(says)
    result = filled(given.most << 10, given.step << 10)
    print(result)
    sys.exit(1 if result.faults or not result.last.sound else 0)
