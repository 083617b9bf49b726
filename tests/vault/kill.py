"""T15: the clinic is killed while it keeps photographs: `python -m tests.vault.kill --kills 1000`."""

import argparse
import random
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.vault.clinic import Clinic, Judgement, judge
from tests.vault.worker import Worker

JUDGE_EVERY = 50
"""All photographs are read again after so many kills, and at the end."""


@dataclass
class Killed:
    kills: int
    unfinished: int = 0
    orphans: int = 0
    last: Judgement = field(default_factory=Judgement)

    def __str__(self) -> str:
        lost = len(set(self.last.lost))
        return (
            f"T15: {self.kills} kills, {self.last.acknowledged} photographs acknowledged, {lost} lost; "
            f"sweeps found {self.unfinished} unfinished files and {self.orphans} files without row; "
            f"{'all sound' if self.last.sound else self.last}"
        )


def killed(folder: Path, kills: int, seed: int = 0) -> Killed:
    """Start, kill at a moment drawn by chance, start again; half the starts have leftovers to sweep."""
    draw = random.Random(seed)
    found, acknowledged = Killed(kills), {}
    Clinic(folder, folder / "photos").close()
    for number in range(kills):
        worker = Worker(folder, folder / "photos")
        if number % 4:
            worker.wait_ready()
            time.sleep(draw.uniform(0, 0.25))
        else:
            time.sleep(draw.uniform(0.1, 0.4))  # perhaps while it starts
        worker.end()
        acknowledged |= worker.acknowledged
        if number % JUDGE_EVERY == JUDGE_EVERY - 1 or number == kills - 1:
            found.last = judge(folder, folder / "photos", acknowledged)
            if not found.last.sound:
                break
        elif number % 2:  # else the next start sweeps
            clinic = Clinic(folder, folder / "photos")
            swept = clinic.store.sweep(clinic.names())
            clinic.close()
            found.unfinished += swept.unfinished
            found.orphans += len(swept.without_row)
    found.unfinished += found.last.unfinished
    found.orphans += found.last.orphans
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        result = killed(Path(name), given.kills, given.seed)
    print(result)
    sys.exit(0 if result.last.sound and result.last.acknowledged >= given.kills else 1)
