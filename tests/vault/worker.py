"""The clinic at work in a process of its own, so that it can be killed, and its disk taken away."""

import subprocess
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Worker:
    """Keeps photographs until it is ended; `acknowledged` grows as it says so: photo id -> SHA-256."""

    def __init__(self, data: Path, photos: Path, leave_out: str = "") -> None:
        self.acknowledged: dict[str, str] = {}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.vault.clinic", data, photos, "--leave-out", leave_out],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.ready = threading.Event()
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()

    def wait_ready(self) -> None:
        if not self.ready.wait(60) or self._process.poll() is not None:
            raise RuntimeError(f"the clinic did not start: {self.end()}")

    def end(self) -> str:
        """SIGKILL, and hear what was said before. Returns what it complained of."""
        self._process.kill()
        self._listener.join()
        assert self._process.stderr is not None
        complaint = self._process.stderr.read()
        self._process.stderr.close()
        self._process.wait()
        return complaint

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as said:
            for line in said:
                if line == "ready\n":
                    self.ready.set()
                elif line.endswith("\n"):  # half a word is no acknowledgement
                    photo, sha256 = line.split()
                    self.acknowledged[photo] = sha256
        self.ready.set()
