"""A sentence of the program, as plain Python made it, becomes a sentence in the reader's language.

The rules, the measurements and the report know no language but English, and what a comparison or a signature
keeps is kept in English. Whoever shows such a sentence looks it up here: as it stands, or by its pattern, for
a sentence that holds a number, a day or another sentence ("{passed} days have passed; free from {day}.").
What stands in the gaps is looked up in the same way, so that a sentence within a sentence is said as well.
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from gettext import GNUTranslations
from html import escape, unescape
from pathlib import Path
from typing import Any

from django.utils.dateformat import format as day_in_words
from django.utils.formats import get_format
from django.utils.translation import get_language, gettext, override

CATALOGUES = Path(__file__).parent.parent / "locale"
LANGUAGE_OF_THE_PROGRAM = "en"
GAP = re.compile(r"\{(\w+)\}")
DEEPEST = 6
"""A sentence holds another, which holds a list, which holds a number: more than that is nobody's sentence."""
SURE_LETTERS = 24
"""A pattern with fewer letters of its own is taken only where its gaps are known or may be names."""
_LETTERS = re.compile(r"[^\W\d_]")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER = re.compile(r"[-+−]?\d+\.\d+")
_NUMBERS = re.compile(r"(?<![\d.])(\d+)\.(\d+)(?![\d.])")
_REMEMBERED = 4096
LEAP_YEAR = 2000
"""For a day without its year: any year that has every day."""
_SAID_TO_SCRIPTS = ("says", "title")
_TAGS = re.compile(r"(<[^>]*>)")
_READ_ALOUD = re.compile(r'\b(aria-label|title|alt|data-label)="([^"]*)"')
_PARTINGS = tuple(
    re.compile(f"({parting})")
    for parting in (
        r"(?<=^The photograph):\s+",  # the refusal of an upload, which may hold a semicolon
        r"(?<=[.!?])\s+",
        r"[.!?]$",
        r";\s+",
        r"\s·\s",
        r"\s?\(|\)\.?",
        r":\s+",
        r",\s+",
    )
)
"""What parts a text, the strongest first."""
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_OF_MONTHS = {short: at for at, name in enumerate(_MONTHS, start=1) for short in (name, name[:3])}
"""As the program writes them: in full, or their first three letters. "2 Octenisept" is no day."""
_WHOLE = r".+?(?:[.!?:]|$)"
"""A gap named `says` is a whole sentence, with its stop."""
_FIGURES = r"[-+−±]?\d[\d.,]*(?:[\s\u00a0\u202f]?%)?"
_MEASURED = re.compile(r"([-+−±]?\d+(?:\.\d+)?)(\s)(.+)|(.+?)(\s)([-+−±]?\d+(?:\.\d+)?)", re.DOTALL)
"""A number and its unit, or what it is a number of."""
_DAY_IN_WORDS = re.compile(rf"(?<![\w.,])(\d{{1,2}})\s({'|'.join(_OF_MONTHS)})(?:\s(\d{{4}}))?(?!\w)")


def spoken(text: Any) -> Any:
    """The sentence in the language that is active; what the catalogue does not know stays as it is."""
    language = get_language() or LANGUAGE_OF_THE_PROGRAM
    said = str(text) if text is not None else ""
    if language == LANGUAGE_OF_THE_PROGRAM or not said.strip():
        return _day(said, language) or text
    return _said(said, language)


def spoken_answer(answer: Any) -> Any:
    """What a script is answered: `says` and `title`, wherever they stand, in the reader's language."""
    if isinstance(answer, dict):
        return {
            name: spoken(value)
            if name in _SAID_TO_SCRIPTS and isinstance(value, str)
            else spoken_answer(value)
            for name, value in answer.items()
        }
    return [spoken_answer(one) for one in answer] if isinstance(answer, list | tuple) else answer


def spoken_page(page: str) -> str:
    """Markup of the report, which knows one language: what stands between its tags and what is read aloud."""
    if (get_language() or LANGUAGE_OF_THE_PROGRAM) == LANGUAGE_OF_THE_PROGRAM:
        return page
    return "".join(
        _tag(piece) if piece.startswith("<") else _spoken_markup(piece) for piece in _TAGS.split(page)
    )


def _tag(tag: str) -> str:
    return _READ_ALOUD.sub(lambda found: f'{found.group(1)}="{_spoken_markup(found.group(2))}"', tag)


def _spoken_markup(text: str) -> str:
    if not _LETTERS.search(text) and not _NUMBERS.search(text):
        return text
    return escape(spoken(unescape(text)))


@lru_cache(maxsize=_REMEMBERED)
def _said(text: str, language: str) -> str:
    with override(language):
        return _look_up(text, language, DEEPEST)


def _look_up(text: str, language: str, depth: int) -> str:
    return _known(text, language, depth) or text


def _known(text: str, language: str, depth: int) -> str:
    """What the catalogue, its patterns or a part of the text say; "" where none of them knows it."""
    core = text.strip()
    if not core:
        return ""
    lead, trail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    said = (
        _whole(core)
        or _by_pattern(core, language, depth)
        or _measured(core, language)
        or _part_by_part(core, language, depth)
        or _value(core, language)
    )
    return f"{lead}{said}{trail}" if said else ""


def _may_be_a_name(text: str) -> bool:
    """A name, a number, a lot: no word of it begins with a small letter."""
    return not any(word[0].islower() for word in text.split())


def _measured(text: str, language: str) -> str:
    """A number and words, as in "0.069 of the skin" or "comparing light and camera 1.1": each for itself."""
    fits = _MEASURED.fullmatch(text)
    if fits is None or _DAY_IN_WORDS.search(text):
        return ""
    pieces = [piece for piece in fits.groups() if piece is not None]
    words = 2 if fits.group(1) else 0
    said = "" if _may_be_a_name(pieces[words]) else _whole(pieces[words])
    if not said:
        return ""
    number = 2 - words
    pieces[words], pieces[number] = said, _value(pieces[number], language)
    return "".join(pieces)


def _part_by_part(text: str, language: str, depth: int) -> str:
    """Several sentences in one text, or parts of a list: each for itself, where one of them is known."""
    if depth == 0:
        return ""
    for parting in _PARTINGS:
        pieces = parting.split(text)
        if len(pieces) > 1:  # between two pieces stands what parted them
            said = [_known(piece, language, depth - 1) for piece in pieces[::2]]
            if any(said):
                pieces[::2] = [new or old for new, old in zip(said, pieces[::2], strict=True)]
                return "".join(pieces)
    return ""


def _whole(text: str) -> str:
    """As it stands, or with the other case of its first letter: a template may have changed that."""
    msgid = text.replace("%", "%%") if "%" in text else text
    for asked in (text, msgid):
        found = gettext(asked)
        if found != asked:
            return found.replace("%%", "%")
    other = text[0].swapcase() + text[1:]
    found = gettext(other)
    if found != other:
        return found[0].upper() + found[1:] if text[0].isupper() else found
    return ""


def _by_pattern(text: str, language: str, depth: int) -> str:
    if depth == 0:
        return ""
    for pattern in patterns(language):
        if pattern.first not in text:
            continue
        fits = pattern.shape.fullmatch(text)
        if fits:
            said = {name: _known(value, language, depth - 1) for name, value in fits.groupdict().items()}
            gaps = {name: said[name] or value for name, value in fits.groupdict().items()}
            if pattern.sure or all(said[name] or _may_be_a_name(gaps[name]) for name in gaps):
                return pattern.says.format_map(gaps)
    return ""


def _value(text: str, language: str) -> str:
    """What no catalogue holds: a day, a number, or several of both; "" for everything else."""
    if _DAY.fullmatch(text):
        return _day(text, language)
    said = _DAY_IN_WORDS.sub(lambda found: _day_again(found, language), text)
    if _LETTERS.search(text) and not _NUMBER.match(text):
        return said if said != text else ""
    return _NUMBERS.sub(rf"\1{get_format('DECIMAL_SEPARATOR', language)}\2", said)


def _day(text: str, language: str) -> str:
    """A day as a form keeps it, "2026-11-28", in words; "" for everything else."""
    if not _DAY.fullmatch(text):
        return ""
    try:
        return day_in_words(date.fromisoformat(text), get_format("j F Y", language))
    except ValueError:
        return ""


def _day_again(found: re.Match[str], language: str) -> str:
    number, month, year = found.groups()
    try:
        day = date(int(year or LEAP_YEAR), _OF_MONTHS[month], int(number))
    except ValueError:  # "31 Feb", as somebody wrote it
        return found.group()
    shape = ("j F" if len(month) > 3 else "j M") + (" Y" if year else "")
    said = day_in_words(day, get_format(shape, language))
    return said.replace(" ", "\u00a0")


@dataclass(frozen=True)
class Pattern:
    """A sentence with gaps: what it must hold, its shape, and how the language says it."""

    first: str
    """The longest piece between two gaps, to look for before the shape is tried."""
    shape: re.Pattern[str]
    says: str
    sure: bool
    """Has so many words of its own that its gaps may hold what somebody wrote."""


@cache
def patterns(language: str) -> tuple[Pattern, ...]:
    """The sentences with gaps of a catalogue; those with more words of their own first."""
    file = CATALOGUES / language / "LC_MESSAGES" / "django.mo"
    if not file.is_file():
        return ()
    with file.open("rb") as opened:
        told = GNUTranslations(opened)._catalog  # type: ignore[attr-defined]
    found = [
        (msgid, says) for msgid, says in told.items() if isinstance(msgid, str) and GAP.search(msgid) and says
    ]
    found.sort(key=lambda one: (-len(GAP.sub("", one[0])), one[0]))
    return tuple(_pattern(msgid, says) for msgid, says in found)


def _pattern(msgid: str, says: str) -> Pattern:
    pieces = GAP.split(msgid)  # words, gap, words, gap, words
    shape, seen = "", set()
    for place, piece in enumerate(pieces):
        if place % 2 == 0:
            shape += re.escape(piece)
        elif piece in seen:
            shape += f"(?P={piece})"
        else:
            seen.add(piece)
            shape_of = _FIGURES if piece.startswith("number") else _WHOLE if piece == "says" else ".+?"
            shape += f"(?P<{piece}>{shape_of})"
    own = len(_LETTERS.findall("".join(pieces[::2])))
    return Pattern(max(pieces[::2], key=len), re.compile(shape, re.DOTALL), says, own >= SURE_LETTERS)
