"""Brings the catalogues up to date, or with --check says what they lack.

    python -m microrelief.web.languages.catalogue [--check]
    texts in templates, code, rules -> locale/<language>/LC_MESSAGES/django.po -> django.mo

A new English text gets an empty place in every catalogue; what is no longer said is dropped. Write the
translation into the .po file, run it again, and commit both files. Needs Babel (a tool of development); the
site itself reads the .mo files and needs neither Babel nor GNU gettext.
"""

import argparse
import contextlib
import io
import json
import os
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter

import django
from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

SITE = Path(__file__).parent.parent
LOCALE = SITE / "locale"
COMMAND = "python -m microrelief.web.languages.catalogue"
WRITTEN = datetime(2026, 11, 28, tzinfo=UTC)
"""In the head of every catalogue: a date that does not change by itself."""
BABEL_GAP = re.compile(r"%\((\w+)\)[sd]")


def main() -> int:
    """Bring up to date, or check; the exit status is 1 where something lacks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; say what lacks")
    check = parser.parse_args().check
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "microrelief.web.settings")
    django.setup()
    wrongs: list[str] = []
    for language in languages():
        wrongs += checked(language) if check else updated(language)
    for wrong in wrongs[:20]:
        print(wrong)
    if len(wrongs) > 20:
        print(f"... and {len(wrongs) - 20} more")
    return 1 if wrongs else 0


def languages() -> list[str]:
    """The languages that have a catalogue."""
    return sorted(folder.name for folder in LOCALE.iterdir() if (folder / "LC_MESSAGES").is_dir())


def updated(language: str) -> list[str]:
    """Write the catalogue anew with what is said today; what lacks a translation is told."""
    folder = LOCALE / language / "LC_MESSAGES"
    new = merged(language)
    folder.joinpath("django.po").write_bytes(po_bytes(new))
    folder.joinpath("django.mo").write_bytes(mo_bytes(new))
    script = script_file(language)
    script.write_text(script_words(new, language), "utf-8")
    return wrongs_of(new, language)


def checked(language: str) -> list[str]:
    """What lacks or does not fit, as sentences that say what to do."""
    folder = LOCALE / language / "LC_MESSAGES"
    new = merged(language)
    wrongs = wrongs_of(new, language)
    before = {entry.id for entry in catalogue(language) if entry.id}
    for entry in new:
        if entry.id and entry.id not in before:
            wrongs.append(
                f"{language}: not in the catalogue: {_short(entry)}. Run {COMMAND}, then translate it."
            )
    if not wrongs and folder.joinpath("django.mo").read_bytes() != mo_bytes(new):
        wrongs.append(f"{language}: django.mo is not what django.po says. Run {COMMAND}.")
    if not wrongs and script_file(language).read_text("utf-8") != script_words(new, language):
        wrongs.append(f"{language}: {script_file(language).name} is not up to date. Run {COMMAND}.")
    return wrongs


def catalogue(language: str) -> Catalog:
    """The catalogue as it stands."""
    file = LOCALE / language / "LC_MESSAGES" / "django.po"
    if not file.is_file():
        return Catalog(locale=language, domain="django", charset="utf-8")
    with file.open("rb") as opened:
        return read_po(opened, locale=language, domain="django", charset="utf-8")


def merged(language: str) -> Catalog:
    """What is said today, with the translations there are."""
    from microrelief.web.languages.gathered import gathered  # noqa: PLC0415  wants Django set up

    old = {_key(entry): entry for entry in catalogue(language)}
    new = Catalog(
        locale=language,
        domain="django",
        project="Microrelief",
        charset="utf-8",
        fuzzy=False,
        header_comment="# Every text of the site that people read; see docs/how-to/add-a-language.md",
    )
    new.creation_date = new.revision_date = WRITTEN
    for message in gathered().values():
        msgid = (message.msgid, message.plural) if message.plural else message.msgid
        before = old.get(message.msgid)
        said = (
            before.string
            if before is not None and isinstance(before.id, str) == isinstance(msgid, str)
            else None
        )
        new.add(
            msgid,
            said,
            locations=[(place, None) for place in message.places],  # type: ignore[misc]
            flags=before.flags & {"fuzzy"} if before is not None else (),
            user_comments=before.user_comments if before is not None else (),
        )
    return new


def wrongs_of(told: Catalog, language: str) -> list[str]:
    """Untranslated and doubtful messages, and gaps that do not agree."""
    wrongs = []
    for entry in told:
        if not entry.id:
            continue
        said = entry.string if isinstance(entry.string, list | tuple) else (entry.string,)
        if entry.fuzzy or not all(said):
            wrongs.append(
                f"{language}: not translated: {_short(entry)}. Write it into django.po, then run {COMMAND}."
            )
            continue
        asked = gaps(entry.id[-1] if isinstance(entry.id, list | tuple) else entry.id)
        for one in filter(None, said):
            if gaps(one) - asked or (asked - gaps(one) and len(said) == 1):
                wrongs.append(f"{language}: the gaps differ from the English ones: {_short(entry)}.")
    return wrongs


def gaps(text: str) -> set[str]:
    """The names of the gaps, of both kinds."""
    found = {f"%{name}" for name in BABEL_GAP.findall(text)}
    if "%(" not in text:
        with contextlib.suppress(ValueError):  # a brace that is no gap
            found |= {name for _, name, _, _ in Formatter().parse(text) if name}
    return found


def po_bytes(told: Catalog) -> bytes:
    """The .po file: sorted as gathered, no dates and no lines that change by themselves."""
    written = io.BytesIO()
    write_po(written, told, width=110, omit_header=False, include_lineno=False)
    return written.getvalue()


def mo_bytes(told: Catalog) -> bytes:
    """The .mo file, without what is not translated."""
    written = io.BytesIO()
    write_mo(written, told)
    return written.getvalue()


def script_file(language: str) -> Path:
    """The words of our scripts, served from our own address."""
    return SITE / "languages" / "static" / "languages" / f"{language}.js"


def script_words(told: Catalog, language: str) -> str:
    """`window.words`: what our scripts say, in one language."""
    said = {
        entry.id: entry.string
        for entry in told
        if isinstance(entry.id, str)
        and entry.string
        and any(place.endswith(".js") for place, _ in entry.locations)
    }
    return f"window.words = {json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True)};\n"


def _key(entry: Entry) -> str:
    return str(entry.id[0]) if isinstance(entry.id, list | tuple) else str(entry.id)


def _short(entry: Entry) -> str:
    text = " ".join(_key(entry).split())
    return f"“{text if len(text) < 70 else text[:67] + '…'}”"


if __name__ == "__main__":
    sys.exit(main())
