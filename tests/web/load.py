"""T40: twenty staff at work, and what the bare framework does on the same server, in the same run.

`python -m tests.web.load --seconds 120 --staff 20` prints p95 of pages and of 5 MB uploads, errors, uploads,
pages per second at full speed, and the ratio to a bare Django view. It asserts nothing about time: what
else the computer does changes every figure. Bounded, on this computer only.
"""

import argparse
import http.client
import random
import shutil
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from uuid import uuid4

from tests.web.running import Browser, Program, Site, new_folder, photograph

READS = 0.8
"""Share of steps that only look (evidence T40)."""
THINKING_SECONDS = (0.5, 3.0)
"""Between two steps of one person."""
PATIENTS = 40
FULL_SPEED_SECONDS = 10
AT_FULL_SPEED = 4
BARE = "/health"
"""A view that asks nothing of the database: Django, its middlewares and the server, and no more of ours."""


@dataclass
class Load:
    seconds: float
    staff: int
    times: dict[str, list[float]] = field(default_factory=lambda: {"page": [], "upload": []})
    statuses: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    rates: dict[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        lines = [f"T40: {self.staff} staff for {self.seconds:.0f} s, answers {dict(self.statuses)}"]
        for kind, times in self.times.items():
            if times:
                p50, p95 = (sorted(times)[int(len(times) * share)] for share in (0.5, 0.95))
                lines.append(
                    f"    {kind}: {len(times)}, p50 {p50:.3f} s, p95 {p95:.3f} s, worst {max(times):.3f} s"
                )
        lines += [f"    at full speed: {name} {rate:.1f} a second" for name, rate in self.rates.items()]
        bare = self.rates.get("bare view")
        if bare:
            lines += [
                f"    {name} beside the bare view: {rate / bare:.3f}"
                for name, rate in self.rates.items()
                if name != "bare view"
            ]
        lines.append(
            f"    {len(self.faults)} errors" + "".join(f"\n        {fault}" for fault in self.faults[:5])
        )
        return "\n".join(lines)


def loaded(site: Site, seconds: float, staff: int, photo_pixels: int) -> Load:
    """A working day in short, then each kind of request at full speed for a while."""
    found = Load(seconds, staff)
    seeded = site.seed(PATIENTS, staff=staff)
    site.start()
    photo = photograph("load", photo_pixels)
    program = Program(site, seeded["key"])
    known = [program.upload(patient, photo).json["id"] for patient in seeded["patients"][:4]]
    until = time.monotonic() + seconds
    threads = [
        threading.Thread(
            target=_day, args=(site, session, seeded["patients"], known, photo, found, until, number)
        )
        for number, session in enumerate(seeded["sessions"])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    browser, patient = Browser(site, seeded["sessions"][0]), seeded["patients"][0]
    small = photograph("small", 600)
    for name, step in (
        ("bare view", lambda: site.ask("GET", BARE).status),
        ("page of a patient", lambda: browser.get(f"/patients/{patient}/").status),
        ("page of photographs", lambda: browser.get(f"/patients/{patient}/photos/").status),
        ("thumbnail", lambda: browser.get(f"/photos/{known[0]}/thumbnail/").status),
        ("upload of 0.4 MB", lambda: program.upload(patient, small).status),
        (f"upload of {len(photo) / 1e6:.1f} MB", lambda: program.upload(patient, photo).status),
    ):
        found.rates[name] = _rate(step, found)
    return found


def _day(
    site: Site,
    session: str,
    patients: list[str],
    known: list[str],
    photo: bytes,
    found: Load,
    until: float,
    seed: int,
) -> None:
    browser, draw = Browser(site, session), random.Random(seed)
    while time.monotonic() < until:
        patient = draw.choice(patients)
        if draw.random() < READS:
            path = draw.choice(
                [
                    "/patients/",
                    f"/patients/{patient}/",
                    f"/patients/{patient}/photos/",
                    f"/photos/{draw.choice(known)}/",
                ]
            )
            _timed(found, "page", lambda path=path: browser.get(path).status, {200})
        else:
            fields = {"key": str(uuid4()), "view": "front", "note": ""}
            where = f"/patients/{patient}/photos/"
            _timed(
                found,
                "upload",
                lambda where=where, fields=fields: browser.post(where, fields, photo).status,
                {302},
            )
        time.sleep(draw.uniform(*THINKING_SECONDS))


def _timed(found: Load, kind: str, step: Callable[[], int], good: set[int]) -> None:
    began = time.monotonic()
    try:
        status = step()
    except (OSError, http.client.HTTPException) as failure:
        found.faults.append(f"{kind}: {failure}")
        return
    found.times[kind].append(time.monotonic() - began)
    found.statuses[f"{kind} {status}"] += 1
    if status not in good:
        found.faults.append(f"{kind}: {status}")


def _rate(step: Callable[[], int], found: Load) -> float:
    until = time.monotonic() + FULL_SPEED_SECONDS

    def work(_: int) -> int:
        done = 0
        while time.monotonic() < until:
            status = step()
            if status not in (200, 201):
                found.faults.append(f"at full speed: {status}")
            done += 1
        return done

    began = time.monotonic()
    with ThreadPoolExecutor(AT_FULL_SPEED) as pool:
        done = sum(pool.map(work, range(AT_FULL_SPEED)))
    return done / (time.monotonic() - began)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--staff", type=int, default=20)
    parser.add_argument("--pixels", type=int, default=2360, help="side of the photograph; 2360 are 5 MB")
    given = parser.parse_args()
    place = new_folder()
    try:
        with Site(place / "data") as clinic:
            result = loaded(clinic, given.seconds, given.staff, given.pixels)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    print(result)
    sys.exit(1 if result.faults else 0)
