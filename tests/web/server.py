"""The real command in a process of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

OURS = ("MICRORELIEF_", "DJANGO_")


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(OURS)}


def run(*arguments: object) -> tuple[int, str]:
    """Exit code and everything said by `microrelief ...`."""
    command = [sys.executable, "-m", "microrelief.cli.main", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment(), check=False)
    return done.returncode, done.stdout + done.stderr


def python(script: str, *arguments: object) -> str:
    """What a script said that works on a data folder in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        capture_output=True, text=True, timeout=60, env=environment(), check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


class Server:
    """`microrelief serve`, with all it says in a file; `before` stands in front of the command."""

    def __init__(
        self, data: Path, log: Path, before: tuple[str, ...] = (), port: int = 0, more: tuple[str, ...] = ()
    ) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = port or free.getsockname()[1]
        self.address, self.log, self.data, self.port = f"http://localhost:{port}", log, data, port
        self._file = log.open("ab")
        self.process = subprocess.Popen(
            [*before, sys.executable, "-m", "microrelief.cli.main",
             "serve", *more, "--data", str(data), "--port", str(port)],
            stdout=self._file, stderr=subprocess.STDOUT, env=environment(),
        )  # fmt: skip
        self._wait()

    @property
    def said(self) -> str:
        return self.log.read_text()

    @property
    def link(self) -> str:
        """Makes the owner's account."""
        return re.findall(r"http://\S+/join/\S+", self.said)[-1]

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        self.process.send_signal(how)
        self.process.wait(180)
        self._file.close()

    def _wait(self) -> None:
        for _ in range(3000):  # a laden machine is slow to start it, and a demonstration is written first
            if self.process.poll() is not None:
                break
            try:
                with urlopen(f"{self.address}/health", timeout=5) as answer:
                    assert answer.read() == b"ok"
                    return
            except (URLError, ConnectionError):
                time.sleep(0.1)
        raise AssertionError(f"the server did not answer: {self.said}")
