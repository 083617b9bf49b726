"""T01, T02: files made to break decoders, sent to the real server: `python -m tests.web.hostile FOLDER`.

Each must be answered: accepted, or refused with the reason; no 5xx, no file left over, in bounded memory.
"""

import argparse
import hashlib
import shutil
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.web.judge import Judgement
from tests.web.kill import judged
from tests.web.running import Program, Site, new_folder, photograph

AT_ONCE = 2


@dataclass
class Tried:
    files: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    seconds: list[tuple[float, str]] = field(default_factory=list)
    server_peak_mib: int = 0
    server_mib_before: int = 0
    faults: list[str] = field(default_factory=list)
    acknowledged: dict[str, str] = field(default_factory=dict)
    last: Judgement = field(default_factory=lambda: Judgement(0))

    def __str__(self) -> str:
        slowest = sorted(self.seconds, reverse=True)
        p99 = slowest[len(slowest) // 100][0]
        return (
            f"T01: {self.files} files, answers {dict(self.answers)}; p99 {p99:.2f} s, "
            f"worst {slowest[0][0]:.2f} s ({slowest[0][1]}); server's memory {self.server_mib_before} MiB "
            f"before, {self.server_peak_mib} MiB at most; {len(self.faults)} faults; "
            f"{'all sound' if self.last.sound else self.last}"
            + "".join(f"\n    {fault}" for fault in self.faults[:10])
        )


def tried(folder: Path, files: list[Path]) -> Tried:
    """Upload every file, two at a time; then everything that was accepted opens and nothing is left over."""
    found = Tried(len(files))
    site = Site(folder / "data")
    seeded = site.seed()
    with site.start():
        program, patient = Program(site, seeded["key"]), seeded["patients"][0]
        assert program.upload(patient, photograph("first")).status == 201
        found.server_mib_before = _peak(site)

        def send(file: Path) -> None:
            content = file.read_bytes()
            name = "/".join(file.parts[-2:])
            began = time.monotonic()
            try:
                answer = program.upload(patient, content, name=file.name)
            except OSError as failure:
                found.faults.append(f"{name}: no answer: {failure}")
                return
            found.seconds.append((time.monotonic() - began, name))
            found.answers[answer.status] += 1
            if answer.status == 201:
                found.acknowledged[answer.json["id"]] = hashlib.sha256(content).hexdigest()
            elif answer.status not in (413, 422) or not answer.json.get("says"):
                found.faults.append(f"{name}: {answer.status} {answer.body[:200]!r}")

        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(send, files))
        assert program.upload(patient, photograph("last")).status == 201
        found.server_peak_mib = _peak(site)
        site.stop()
    found.last = judged(site, found.acknowledged)
    found.last.doubled = 0  # the same bytes stand in the corpus under several names
    return found


def _peak(site: Site) -> int:
    assert site.process is not None
    status = Path(f"/proc/{site.process.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) >> 10


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    place = new_folder()
    try:
        result = tried(place, sorted(path for path in given.folder.rglob("*") if path.is_file()))
    finally:
        shutil.rmtree(place, ignore_errors=True)
    print(result)
    sys.exit(1 if result.faults or not result.last.sound else 0)
