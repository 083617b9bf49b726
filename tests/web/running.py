"""The real server: a process of its own, started with the command a clinic uses, spoken to by HTTP."""

import http.client
import io
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from PIL import Image

CLOCK = Path(__file__).with_name("clock")
"""Stands on the PYTHONPATH of a process whose clock is not the machine's."""
CLI = (sys.executable, "-m", "microrelief.cli.main")
START_SECONDS = 240


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Site:
    """A data folder, and the process that serves it."""

    data: Path
    database_url: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    starter: str = "microrelief.cli.main"
    """The module that is started; `tests.web.reserveless` leaves the disk no reserve."""
    before: tuple[str, ...] = ()
    """Words in front of the command, for example `faketime`."""
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        ours = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("MICRORELIEF_", "DJANGO_"))
        }
        ours |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", **self.settings}
        return ours | ({"MICRORELIEF_DATABASE_URL": self.database_url} if self.database_url else {})

    @property
    def log(self) -> Path:
        return self.data.with_name(self.data.name + ".log")

    def run(self, *arguments: str, module: str = "", check: bool = True) -> subprocess.CompletedProcess[str]:
        """A command beside the server: a verb of ours, or a module of the tests."""
        words = (sys.executable, "-m", module) if module else CLI
        done = subprocess.run(
            [*self.before, *words, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(
                f"{arguments}: {done.returncode}: {done.stdout[-1500:]} {done.stderr[-3000:]}"
            )
        return done

    def seed(self, patients: int = 1, **more: object) -> dict[str, Any]:
        """An owner, a key of the API for everything it may do, and some patients."""
        asked = [
            "--patients",
            str(patients),
            *(word for name, value in more.items() for word in (f"--{name}", str(value))),
        ]
        seeded: dict[str, Any] = json.loads(self.run(str(self.data), *asked, module="tests.web.seed").stdout)
        return seeded

    def start(self) -> "Site":
        """Start, and wait until it answers."""
        self.port = self.port or free_port()
        words = [
            sys.executable,
            "-m",
            self.starter,
            "serve",
            "--data",
            str(self.data),
            "--port",
            str(self.port),
        ]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self.before, *words], env=self.environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise AssertionError(f"the site did not start: {self.log.read_text()[-2000:]}")
            try:
                self.ask("GET", "/health")
            except OSError:
                time.sleep(0.05)
            else:
                return self
        raise AssertionError("the site did not answer")

    def kill(self) -> None:
        """SIGKILL, and its decoding children end by themselves."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """As Ctrl-C does, or as systemd where the tests run behind `nohup` or `&` and Ctrl-C is ignored."""
        ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        self._end(signal.SIGTERM if ignored else signal.SIGINT)

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(START_SECONDS)
            self.process = None

    def __enter__(self) -> "Site":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        seconds: float = 90,
    ) -> Answer:
        """One request. Raises OSError or HTTPException where no whole answer comes."""
        connection = http.client.HTTPConnection("localhost", self.port, timeout=seconds)
        try:
            connection.request(method, path, body or None, headers or {})
            response = connection.getresponse()
            return Answer(response.status, {n.lower(): v for n, v in response.getheaders()}, response.read())
        finally:
            connection.close()


@dataclass
class Browser:
    """Somebody who is signed in, by a session that `seed` made."""

    site: Site
    session: str
    token: str = "a" * 32

    def get(self, path: str) -> Answer:
        return self.site.ask("GET", path, headers={"Cookie": f"session={self.session}"})

    def post(
        self, path: str, fields: dict[str, str], photo: bytes | None = None, name: str = "p.jpg"
    ) -> Answer:
        given = {"csrfmiddlewaretoken": self.token, **fields}
        if photo is None:
            kind, body = "application/x-www-form-urlencoded", urlencode(given).encode()
        else:
            kind, body = multipart(given, "photo", name, photo)
        cookies = f"session={self.session}; csrf={self.token}"
        return self.site.ask("POST", path, body, {"Cookie": cookies, "Content-Type": kind})


@dataclass
class Program:
    """A program with a key of the API."""

    site: Site
    key: str

    def get(self, path: str) -> Answer:
        return self.site.ask("GET", f"/api/v1{path}", headers=self._headers())

    def send(self, path: str, content: object, idempotency: str = "", method: str = "POST") -> Answer:
        headers = self._headers() | {"Content-Type": "application/json"}
        headers |= {"Idempotency-Key": idempotency} if idempotency else {}
        return self.site.ask(method, f"/api/v1{path}", json.dumps(content).encode(), headers)

    def upload(
        self, patient: str, photo: bytes, idempotency: str = "", name: str = "photo.jpg", note: str = ""
    ) -> Answer:
        fields = {"view": "front", "note": note}
        content_type, body = multipart(fields, "photo", name, photo)
        headers = self._headers() | {
            "Content-Type": content_type,
            "Idempotency-Key": idempotency or str(uuid4()),
        }
        return self.site.ask("POST", f"/api/v1/patients/{patient}/photos", body, headers)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}


def multipart(fields: dict[str, str], file_field: str, name: str, content: bytes) -> tuple[str, bytes]:
    """A form with one file, and its content type."""
    mark = uuid4().hex
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in fields.items()
    ]
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    head = f'--{mark}\r\nContent-Disposition: form-data; name="{file_field}"; filename="{quoted}"\r\n'
    parts += [
        head.encode("utf-8", "surrogatepass"),
        b"Content-Type: application/octet-stream\r\n\r\n",
        content,
    ]
    return f"multipart/form-data; boundary={mark}", b"".join([*parts, f"\r\n--{mark}--\r\n".encode()])


def photograph(seed: object, pixels: int = 96, quality: int = 90) -> bytes:
    """A JPEG of noise, another for each seed: 96 pixels square are 10 kB, 1450 are 2.5 MB."""
    draw = random.Random(str(seed))
    picture = Image.frombytes("RGB", (pixels, pixels), draw.randbytes(pixels * pixels * 3))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return file.getvalue()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("localhost", 0))
        return int(found.getsockname()[1])


def new_folder() -> Path:
    """For a data folder and what lies beside it; the caller removes it."""
    return Path(tempfile.mkdtemp(prefix="microrelief-run-"))
