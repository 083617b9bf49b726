"""A PostgreSQL of one's own, in a temporary folder, for as long as a block lasts.

`python -m tests.web.postgresql COMMAND ...` runs it with MICRORELIEF_TEST_POSTGRESQL set to its address:
the same tests, on the other database. It needs Debian's package postgresql; where it cannot start, it
says why and ends with 0, for nothing was tested.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SETTING = "MICRORELIEF_TEST_POSTGRESQL"
"""Names a server whose owner may create databases."""
ACCOUNT = "postgres"
"""PostgreSQL refuses to run as root; Debian's package makes this account."""


def why_no_postgresql() -> str:
    """A sentence where it cannot be started, "" where it can."""
    if not _programs():
        return "PostgreSQL is not installed (Debian: apt-get install postgresql)"
    if os.geteuid() == 0:
        try:
            pwd.getpwnam(ACCOUNT)
        except KeyError:
            return f"PostgreSQL does not run as root, and there is no account {ACCOUNT}"
    return ""


@contextmanager
def cluster() -> Iterator[str]:
    """Its address, without a database; stopped and removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="microrelief-pg-"))
    account = pwd.getpwnam(ACCOUNT) if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    os.chown(folder, account.pw_uid, account.pw_gid)
    try:
        _run(
            account, "initdb", "-D", folder / "data", "-A", "trust", "-U", "owner", "-E", "UTF8", "--no-sync"
        )
        # on a socket in a folder that only the account enters; enough connections for a whole run
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c max_connections=120"
        # it ends with the run, so what a power cut would leave of it matters to nobody
        options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        _run(account, "pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log", "-o", options, "start")
        folder.chmod(0o755)
        try:
            yield f"postgresql://owner@/?host={folder}"
        finally:
            _run(account, "pg_ctl", "-D", folder / "data", "-w", "-m", "fast", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def database(server: str, name: str) -> str:
    """The address of a new, empty database."""
    import psycopg

    with psycopg.connect(server.replace("@/?", "@/postgres?"), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}"')  # a name we made ourselves
        # of template0, which nobody can be connected to: two processes are never in each other's way
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    return server.replace("@/?", f"@/{name}?")


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


def _run(account: pwd.struct_passwd, program: str, *arguments: object) -> None:
    programs = _programs()
    assert programs is not None
    extra = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    subprocess.run(
        [str(programs / program), *map(str, arguments)],
        cwd="/",
        check=True,
        stdout=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        **extra,
    )


if __name__ == "__main__":
    if says := why_no_postgresql():
        print(f"skipped on PostgreSQL: {says}")
        sys.exit(0)
    with cluster() as address:
        sys.exit(subprocess.run(sys.argv[1:], env={**os.environ, SETTING: address}, check=False).returncode)
