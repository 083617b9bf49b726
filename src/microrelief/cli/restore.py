"""microrelief restore --from FILE --data NEWDIR: a backup becomes a data folder."""

import argparse
from pathlib import Path
from typing import Any

from microrelief.cli.backup import add_passphrase, passphrase


def add_to(verbs: Any) -> None:
    """Add the verb to the parser."""
    parser = verbs.add_parser(
        "restore",
        help="bring a backup back into a new folder",
        description="Bring a backup back into a new folder, and into PostgreSQL where "
        "MICRORELIEF_DATABASE_URL names an empty database. The folder appears only once every row and every "
        "photograph was read and proved.",
    )
    parser.add_argument("--from", metavar="FILE", type=Path, required=True, dest="source", help="the backup")
    parser.add_argument("--data", metavar="NEWDIR", type=Path, required=True, help="a new or empty folder")
    parser.add_argument("--keys", metavar="FILE|DIR", type=Path, help="a copy of the clinic's key file")
    parser.add_argument(
        "--identity", metavar="FILE", type=Path, help="the age identity that opens the key in it"
    )
    add_passphrase(parser, "the passphrase that opens the key in it")
    parser.add_argument(
        "--erased",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="who was erased and what was withdrawn since: erased.json and withdrawn.json of the old data "
        "folder, or a later backup; may be repeated",
    )
    parser.add_argument(
        "--traceback", action="store_true", help="for a report of a fault: show where it happened"
    )
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> None:
    """Restore, and say what was proved."""
    from microrelief.web.backup.restore import Unlocking, restore_backup

    restored = restore_backup(
        given.source,
        given.data,
        Unlocking(given.keys, given.identity, passphrase(given)),
        given.erased,
        say=lambda line: print(line, flush=True),
    )
    print(
        f"Brought back from the backup of {restored.made}: {restored.rows} rows in {restored.tables} tables, "
        f"equal row by row; {restored.photos} files equal hash by hash; {restored.originals} photographs "
        f"opened and found to be what was taken in; {restored.entries} entries of the audit trail verified."
    )
    if restored.erased_again:
        print(f"{restored.erased_again} patients who were erased since were erased again.")
    if restored.withdrawn_again:
        print(f"{restored.withdrawn_again} consents that were withdrawn since were withdrawn again.")
    if not given.erased:
        print(
            "Whoever was erased since is back, and so are withdrawn consents: give erased.json and "
            "withdrawn.json of the old data folder, each with --erased."
        )
    print("Everybody signs in anew, and keys of programs must be made anew: those of then are withdrawn.")
