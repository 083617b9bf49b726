"""microrelief backup --data DIR --to FILE: a copy of everything; --drill: the proof that it comes back."""

import argparse
import os
from pathlib import Path
from typing import Any

PASSPHRASE = "MICRORELIEF_BACKUP_PASSPHRASE"
NO_KEY = """\
The clinic's key is NOT in it. Without a copy of the key file nobody can open this backup, you included.
The key file is {place}: keep a copy of it in another place than the backup,
or put it in, locked: microrelief backup --recipient age1... or --passphrase-file FILE."""


def add_to(verbs: Any) -> None:
    """Add the verb to the parser."""
    parser = verbs.add_parser(
        "backup",
        help="copy all records and photographs into one file; or prove that such a file can be brought back",
        description="Copy all records and photographs into one encrypted file, while the site works on. "
        "With --drill, bring the backup back into a temporary folder, read all of it, and remove it again.",
    )
    parser.add_argument("--data", metavar="DIR", type=Path, help="the data folder (or MICRORELIEF_DATA)")
    parser.add_argument("--to", metavar="FILE|DIR", type=Path, help="the file to write, or a folder for it")
    parser.add_argument(
        "--drill",
        action="store_true",
        help="prove that it comes back; without --to, of a backup made now",
    )
    parser.add_argument(
        "--from", metavar="FILE", type=Path, dest="source", help="with --drill: prove this backup, make none"
    )
    parser.add_argument(
        "--recipient", metavar="AGE", default="", help="put the key in, locked for this age recipient"
    )
    add_passphrase(parser, "put the key in, locked with the passphrase in this file")
    parser.add_argument(
        "--traceback", action="store_true", help="for a report of a fault: show where it happened"
    )
    parser.set_defaults(run=run)


def add_passphrase(parser: Any, says: str) -> None:
    """The option that names a file with a passphrase."""
    parser.add_argument(
        "--passphrase-file", metavar="FILE", type=Path, help=f"{says} (or the variable {PASSPHRASE})"
    )


def passphrase(given: argparse.Namespace) -> str:
    """The first line of the file, or the environment variable."""
    from microrelief.errors import BackupUnusable

    if given.passphrase_file is None:
        return os.environ.get(PASSPHRASE, "")
    try:
        return str(given.passphrase_file.read_text().splitlines()[0])
    except (OSError, IndexError, UnicodeDecodeError):
        raise BackupUnusable(
            f"There is no passphrase in {given.passphrase_file}: write one line into it"
        ) from None


def run(given: argparse.Namespace) -> None:
    """Take the backup, or do the drill."""
    from microrelief.errors import BackupUnusable
    from microrelief.web.start import open_site

    if not given.to and not given.drill:
        raise BackupUnusable(
            "Say where the backup should be written: --to FILE, or --drill for the proof alone"
        )
    open_site(given.data, migrate=False)
    from microrelief.web.backup.drill import drill
    from microrelief.web.backup.take import take_backup
    from microrelief.web.configuration import configuration

    source = given.source
    if given.to:
        taken = take_backup(given.to, recipient=given.recipient, passphrase=passphrase(given))
        source = source or taken.path
        print(
            f"{taken.path}: {taken.photos} encrypted files, {taken.rows} rows, {taken.bytes} bytes; "
            "read again and whole."
        )
        if not taken.with_keys:
            print(NO_KEY.format(place=configuration().keys_folder / "clinic.json"))
    if given.drill:
        print(drill(source))
        print("The drill succeeded; what it brought back is removed again.")
