"""T01 and T02 on files made to break readers: each is read or refused, soon, in little memory."""

import json
import os
import resource
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from microrelief.errors import PhotoError
from microrelief.imaging.photo.read import USUAL_LIMITS, read_photo
from tests.imaging.photo.conftest import children

SHARED = Path(os.environ.get("MICRORELIEF_SHARED", Path(__file__).parents[3].parent / "shared"))
HOSTILE = SHARED / "data" / "hostile"
FEWEST_FILES = 1000
FEWEST_READ = 150
MOST_SECONDS = USUAL_LIMITS.seconds + 2


def outcome(path: Path) -> tuple[str, float, str]:
    start = time.monotonic()
    try:
        read_photo(path)
        result = "read"
    except PhotoError as refusal:
        result = type(refusal).__name__
    return result, time.monotonic() - start, str(path.relative_to(HOSTILE))


def say_outcomes() -> None:
    """Print what became of each, and the most memory of a child in MiB, as JSON."""
    files = sorted(p for p in HOSTILE.rglob("*") if p.is_file())
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(outcome, files))
    assert not children()
    print(json.dumps([outcomes, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10]))


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.skipif(not HOSTILE.is_dir(), reason="the hostile files are in ../shared/data, which is not here")
def test_T01_T02_every_hostile_file_is_read_or_refused(capsys):
    files = sorted(p for p in HOSTILE.rglob("*") if p.is_file())
    assert len(files) >= FEWEST_FILES
    # in a process that has had no other children: the system keeps the peak of them all
    alone = f"from {__name__} import say_outcomes; say_outcomes()"
    said = subprocess.run([sys.executable, "-c", alone], check=True, stdout=subprocess.PIPE)
    outcomes, peak_mib = json.loads(said.stdout)
    counts = Counter(result for result, _, _ in outcomes)
    seconds = sorted(outcomes, key=lambda o: o[1])
    with capsys.disabled():
        print(f"\nT01: {len(files)} files: {dict(counts)}; children at most {peak_mib} MiB")
        p50, p99 = (seconds[int(len(seconds) * share)][1] for share in (0.5, 0.99))
        print(f"T01: p50 {p50:.2f} s, p99 {p99:.2f} s; slowest:")
        for result, took, path in seconds[:-6:-1]:
            print(f"    {took:5.2f} s {result} {path}")
    assert counts["read"] >= FEWEST_READ
    assert sum(counts.values()) == len(files)
    assert seconds[-1][1] <= MOST_SECONDS
    assert peak_mib <= USUAL_LIMITS.memory_bytes >> 20
