"""One method on one pair in a process of its own, so that its peak memory is its own: reads a .npz, prints
JSON."""

import json
import resource
import sys
import time
from pathlib import Path

import cv2
import numpy as np

from tests.bench.methods import METHODS, Task, prepare


def run(method: str, path: Path, threads: int) -> dict[str, float | None]:
    """Errors in pixels, seconds from decoded pictures to moved points, peak memory of the whole process in
    MiB."""
    cv2.setNumThreads(threads)
    with np.load(path) as pair:
        truth = pair["points_after"]
        known = [pair.get(name) for name in ("landmarks_before", "landmarks_after")]
        task = Task(pair["before"], pair["after"], pair["points_before"], known[0], known[1])
    # loading libraries and models is not registering
    prepare(method, task)
    started, busy = time.perf_counter(), time.process_time()
    moved = METHODS[method](task)
    seconds, cpu = time.perf_counter() - started, time.process_time() - busy
    error = np.linalg.norm(moved - truth, axis=1)
    return {
        "median_px": float(np.median(error)),
        "p95_px": float(np.percentile(error, 95)),
        "seconds": seconds,
        "cpu_seconds": cpu,
        "peak_mib": peak_mib(),
        "seen": task.seen,
    }


def peak_mib() -> float:
    """Peak resident memory of this process, MiB."""
    status = Path("/proc/self/status")
    if status.exists():
        # ru_maxrss of a started process begins with that of its parent, which has built the pairs
        peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(peak.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))))
