"""T15 through the real server: it is killed while photographs are uploaded, at a moment drawn by chance.

`python -m tests.web.kill --kills 200` (10 to 20 minutes), `--postgresql` for the other database.
"""

import argparse
import hashlib
import http.client
import json
import random
import shutil
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from tests.web.judge import Judgement
from tests.web.postgresql import cluster, database, why_no_postgresql
from tests.web.running import Program, Site, new_folder, photograph

AT_ONCE = 3
"""Uploads under way when the kill comes."""
JUDGE_EVERY = 50


@dataclass
class Killed:
    kills: int = 0
    acknowledged: dict[str, str] = field(default_factory=dict)
    unanswered: int = 0
    """Uploads that got no answer: sent again under the same key after the next start."""
    answered_otherwise: list[str] = field(default_factory=list)
    unfinished: int = 0
    without_row: int = 0
    last: Judgement = field(default_factory=lambda: Judgement(0))

    def __str__(self) -> str:
        return (
            f"T15: {self.kills} kills through the server, {len(self.acknowledged)} photographs acknowledged, "
            f"{self.unanswered} sent again after no answer; {len(self.last.lost)} lost, {self.last.doubled} "
            f"doubled; starts swept {self.unfinished} unfinished and put {self.without_row} without row "
            "aside; "
            f"{'all sound' if self.last.sound else self.last}"
            + "".join(f"\n    {fault}" for fault in self.answered_otherwise[:5])
        )


def killed(
    folder: Path, kills: int, seed: int = 0, database_url: str = "", minutes: float = float("inf")
) -> Killed:
    """Start, upload from several threads, kill, start again; what got no answer is sent again first.

    After so many minutes no more is killed, and what was done so far is judged.
    """
    until = time.monotonic() + 60 * minutes
    draw = random.Random(seed)
    found = Killed()
    site = Site(folder / "data", database_url)
    seeded = site.seed()
    waiting: list[tuple[str, bytes]] = []
    for number in range(kills + 1):
        found.unfinished += _count(site.data, "*.part")
        aside = _count(site.data.parent / "data/photos", "aside/*")
        site.start()
        found.without_row += _count(site.data.parent / "data/photos", "aside/*") - aside
        program = Program(site, seeded["key"])
        if number == kills or time.monotonic() > until:
            waiting = _uploaded(program, seeded["patients"][0], waiting, found)
            break
        waiting = _round(site, program, seeded["patients"][0], waiting, found, draw)
        found.kills += 1
        if found.kills % 10 == 0:
            print(f"{found.kills} kills, {len(found.acknowledged)} acknowledged", file=sys.stderr)
        if found.kills % JUDGE_EVERY == 0:
            found.last = judged(site, found.acknowledged)
            if not found.last.sound:
                return found
    site.stop()
    found.last = judged(site, found.acknowledged)
    return found


def judged(site: Site, acknowledged: dict[str, str]) -> Judgement:
    """By a process of its own; the server must be down."""
    known = site.data.parent / "acknowledged.json"
    known.write_text(json.dumps(acknowledged))
    done = site.run(str(site.data), str(known), module="tests.web.judge")
    return Judgement(**json.loads(done.stdout))


def _round(
    site: Site,
    program: Program,
    patient: str,
    waiting: list[tuple[str, bytes]],
    found: Killed,
    draw: random.Random,
) -> list[tuple[str, bytes]]:
    over = threading.Event()
    left: list[tuple[str, bytes]] = []
    lists = [waiting[number::AT_ONCE] for number in range(AT_ONCE)]

    def work(first: list[tuple[str, bytes]]) -> None:
        todo = list(first)
        while not over.is_set():
            todo = todo or [_new()]
            todo = _uploaded(program, patient, todo, found, over)
        left.extend(todo)

    threads = [threading.Thread(target=work, args=(each,)) for each in lists]
    for thread in threads:
        thread.start()
    time.sleep(draw.uniform(0.1, 3.0))
    over.set()
    site.kill()
    for thread in threads:
        thread.join()
    return left


def _uploaded(
    program: Program,
    patient: str,
    todo: list[tuple[str, bytes]],
    found: Killed,
    over: threading.Event | None = None,
) -> list[tuple[str, bytes]]:
    """Upload; returns what got no answer."""
    left = []
    for key, photo in todo:
        if over is not None and over.is_set():
            left.append((key, photo))
            continue
        try:
            answer = program.upload(patient, photo, key)
        except (OSError, http.client.HTTPException):
            found.unanswered += 1
            left.append((key, photo))
            continue
        if answer.status == 201:
            found.acknowledged[answer.json["id"]] = hashlib.sha256(photo).hexdigest()
        else:
            found.answered_otherwise.append(f"{answer.status} {answer.body[:200]!r}")
    return left


def _new() -> tuple[str, bytes]:
    key = str(uuid4())
    return key, photograph(key, 64)


def _count(folder: Path, pattern: str) -> int:
    return sum(1 for _ in folder.rglob(pattern)) if folder.exists() else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=float("inf"), help="end sooner, with fewer kills")
    parser.add_argument("--postgresql", action="store_true")
    given = parser.parse_args()
    place = new_folder()
    try:
        if given.postgresql:
            if says := why_no_postgresql():
                sys.exit(says)
            with cluster() as server:
                result = killed(place, given.kills, given.seed, database(server, "killed"), given.minutes)
        else:
            result = killed(place, given.kills, given.seed, minutes=given.minutes)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    print(result)
    sys.exit(0 if result.last.sound and not result.answered_otherwise and result.kills == given.kills else 1)
