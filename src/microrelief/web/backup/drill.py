"""The proof that a backup is worth something: taken, brought back, read to the last byte, removed."""

import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

from microrelief.errors import BackupUnusable
from microrelief.vault import durable
from microrelief.vault.durable import in_plain_words
from microrelief.web.backup.take import take_backup
from microrelief.web.configuration import configuration

NAMED = "drill-"


def drill(source: Path | None = None) -> str:
    """Bring a backup back beside the records, by the very command one would use; say what came back.

    `source` is a backup that exists; without it, one is taken for this. Raises BackupUnusable.
    """
    data = configuration().data_folder
    for left in data.glob(f"{NAMED}*"):  # of a drill that was broken off
        shutil.rmtree(left, ignore_errors=True)
    folder = data / f"{NAMED}{secrets.token_hex(4)}"
    with in_plain_words("The drill"):
        durable.make_folder(folder)
    try:
        backup = source or take_backup(folder).path
        return _restored(backup, folder / "restored")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _restored(backup: Path, into: Path) -> str:
    configured = configuration()
    asked = [
        *("restore", "--from", str(backup)),
        *("--data", str(into)),
        *("--keys", str(configured.keys_folder)),
    ]
    # its own process, as on another computer: into a database of its own, and by its own settings
    environment = {
        name: value
        for name, value in os.environ.items()
        if name
        not in ("MICRORELIEF_DATABASE_URL", "MICRORELIEF_DATA", "MICRORELIEF_KEYS", "DJANGO_SETTINGS_MODULE")
    }
    done = subprocess.run(
        [sys.executable, "-m", "microrelief.cli.main", *asked],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise BackupUnusable(f"The drill failed: {done.stderr.strip().removeprefix('microrelief: ')}")
    return done.stdout.strip()
