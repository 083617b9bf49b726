"""The demonstration clinic's door: seeded when it is not there or no longer of today, then served.

The past is written in a process of its own, which alone has its clock set back, into a folder beside the
one that is served; a seeding that is stopped leaves nothing half. `python -m microrelief.web.demo look|seed
FOLDER` are those processes.
"""

import errno
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from microrelief.errors import MicroreliefError, SettingsRefused
from microrelief.web.start import apply_migrations, claim, open_site, serve

PORTS = range(8000, 8020)
"""Tried in turn where no port was asked for."""


def serve_demo(data: Path, port: int | None, say: Callable[[str], None], *, fresh: bool = False) -> None:
    """Open the demonstration in this folder and answer until stopped. Raises SettingsRefused."""
    os.environ["MICRORELIEF_DEMO"] = "1"
    data = data.absolute()
    found = _look(data) if _holds_records(data) else {"state": "missing"}
    if fresh and found["state"] != "missing":
        found = {**found, "state": "asked anew"}
    if found["state"] == "old and visited":
        say(
            f"This demonstration was made on {found['day']}, and somebody has worked in it since: it is "
            "kept, and its days are those of then; --fresh makes it anew."
        )
    elif found["state"] != "fresh":
        _seed_anew(data, say)
    serve(data, port or _free_port(), say, demo=True)


def _holds_records(data: Path) -> bool:
    return data.is_dir() and any(data.iterdir())


def _look(data: Path) -> dict[str, str]:
    answer = _child("look", data)
    told: dict[str, str] = json.loads(answer.splitlines()[-1])
    return told


def _seed_anew(data: Path, say: Callable[[str], None]) -> None:
    say("Writing the demonstration clinic: ten invented people, their photographs, their visits.")
    data.parent.mkdir(parents=True, exist_ok=True)
    # beside it, so that it can be renamed; a name of its own, for whatever lies there is not ours to remove
    coming = Path(tempfile.mkdtemp(prefix=f"{data.name}.", dir=data.parent))
    try:
        _child("seed", coming, say)
        if data.is_dir():
            claim(data)  # nobody else serves it while it goes
            shutil.rmtree(data)
        coming.rename(data)
    finally:
        shutil.rmtree(coming, ignore_errors=True)


def _child(verb: str, folder: Path, say: Callable[[str], None] | None = None) -> str:
    """Run one of this module's processes; its last line of complaint is the refusal."""
    command = [sys.executable, "-m", "microrelief.web.demo", verb, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        said = []
        for line in child.stdout:
            said.append(line)
            if say is not None:
                say(f"  {line.strip()}")
        complaint = child.stderr.read().strip()
    if child.returncode:
        raise SettingsRefused(
            complaint.splitlines()[-1] if complaint else "the demonstration could not be written"
        )
    return "".join(said)


def _free_port() -> int | None:
    """The first free port; None leaves the choice to the configuration, where one was set or none is free."""
    if "MICRORELIEF_PORT" in os.environ:
        return None
    for port in PORTS:
        try:
            for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
                with socket.socket(family, socket.SOCK_STREAM) as probe:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    probe.bind((address, port))
        except OSError as error:
            if error.errno in (
                errno.EAFNOSUPPORT,
                errno.EADDRNOTAVAIL,
            ):  # this computer knows one family only
                return port
            continue
        return port
    return None


def _tell_state(folder: Path) -> None:
    """Whether the folder is a demonstration, whole, of today, and unvisited."""
    open_site(folder)
    from django.utils import timezone  # noqa: PLC0415

    from microrelief.web.demo_clinic.models import demo_mark, refuse_mixture, visited  # noqa: PLC0415

    refuse_mixture(demo=True)
    mark = demo_mark()
    assert mark is not None
    state, day = "unfinished", ""
    if mark.seeded_at is not None:
        local = timezone.localtime(mark.seeded_at).date()
        day = f"{local:%-d %B %Y}"
        state = "fresh" if local == timezone.localdate() else "old and visited" if visited(mark) else "old"
    print(json.dumps({"state": state, "day": day}))


def _seed(folder: Path) -> None:
    open_site(folder, create=True, migrate=False)
    apply_migrations()  # the trail's first entry is the mark, under the clock that is set back
    from microrelief.web.demo_clinic.seed import seed_demo  # noqa: PLC0415

    seed_demo(lambda line: print(line, flush=True))


def main(arguments: list[str]) -> int:
    """Run one of the processes; 0 when done, 2 with one sentence when refused."""
    verb, folder = arguments
    try:
        {"look": _tell_state, "seed": _seed}[verb](Path(folder))
    except MicroreliefError as error:
        print(f"{error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
