"""A clinic's folder becomes pairs of photographs of the same skin.

Three ways to say who is who, tried in this order: a file pairs.csv, a sub-folder for each person, or names
that differ in their last part only. What was understood is said in one sentence; nothing is asked.
"""

import csv
import io
import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from microrelief.errors import RepeatsError

LIST = "pairs.csv"
READ = {".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".heic", ".heif"}
"""What a photograph's name ends in; what is inside is looked at when it is read."""
NUMBERED = re.compile(r"(.+?)[ _.-]*(?:(?<!\d)\(?\d{1,2}\)?|[_ -][a-z])", re.IGNORECASE)
"""A name, then a number of one or two digits or, after a separator, one letter: anna_1, anna-b, anna (2). A
camera's IMG_1234 is no name of a person."""
WAYS = (
    "Give each person a sub-folder with two or more photographs, or name them anna_1.jpg and anna_2.jpg, or "
    f"write {LIST} with the columns before and after."
)


@dataclass(frozen=True)
class Repeat:
    """Two photographs of one person with nothing done between."""

    person: int
    """Counted from 1; no name goes on from here."""
    before: Path
    after: Path


@dataclass(frozen=True)
class Repeats:
    """All pairs of a folder."""

    pairs: tuple[Repeat, ...]
    understood: str
    """One sentence."""


def find_repeats(folder: Path) -> Repeats:
    """Every pair of one person in the folder. Raises RepeatsError when there is none.

    A name or a link that leads out of the folder is refused: a folder that came from elsewhere has no say in
    what else of this computer is read.
    """
    if not folder.is_dir():
        raise RepeatsError(f"{folder} is not a folder: name the folder that holds your repeated photographs.")
    try:
        if (folder / LIST).is_file():
            _refuse_outside(folder / LIST, folder)
            return _listed(folder / LIST)
        for path in folder.iterdir():
            if not path.name.startswith(".") and (path.is_dir() or path.suffix.lower() in READ):
                _refuse_outside(path, folder)
                for below in _photographs(path) if path.is_dir() else ():
                    _refuse_outside(below, folder)
        people = [found for below in _folders(folder) if len(found := _photographs(below)) > 1]
        if people:
            return _paired(
                people, "sub-folders", sum(len(_photographs(below)) == 1 for below in _folders(folder))
            )
        named: dict[str, list[Path]] = {}
        for path in _photographs(folder):
            match = NUMBERED.fullmatch(path.stem)
            named.setdefault((match.group(1) if match else path.stem).casefold(), []).append(path)
    except OSError as problem:
        raise RepeatsError(
            f"{folder} cannot be read ({problem.strerror}): name a folder you may read."
        ) from problem
    people = [paths for paths in named.values() if len(paths) > 1]
    if not people:
        raise RepeatsError(f"{folder} holds no two photographs that belong to one person. {WAYS}")
    return _paired(people, "names", sum(len(paths) == 1 for paths in named.values()))


def _paired(people: list[list[Path]], by: str, alone: int) -> Repeats:
    pairs = tuple(
        Repeat(person, before, after)
        for person, photographs in enumerate(people, 1)
        for before, after in itertools.combinations(photographs, 2)
    )
    return Repeats(pairs, _understood(people, pairs, f"by {by}", alone))


def _understood(people: Iterable[Iterable[object]], pairs: tuple[Repeat, ...], by: str, alone: int) -> str:
    sizes = [len(list(own)) for own in people]
    left = f"; {_count(alone, 'photograph')} without a second one left out" if alone else ""
    return (
        f"Understood {by}: {_count(len(sizes), 'person', 'people')}, {_count(sum(sizes), 'photograph')}, "
        f"{_count(len(pairs), 'pair')}{left}."
    )


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def _photographs(folder: Path) -> list[Path]:
    found = (
        path for path in folder.iterdir() if path.suffix.lower() in READ and not path.name.startswith(".")
    )
    return sorted(
        (path for path in found if path.is_file()), key=lambda path: _by_number(path.name.casefold())
    )


def _by_number(name: str) -> list[tuple[int, str]]:
    """anna_2 before anna_10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name)]


def _listed(file: Path) -> Repeats:
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RepeatsError(f"{file} is not UTF-8 text: save it as CSV UTF-8.") from None
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    rows = list(csv.DictReader(io.StringIO(text), delimiter=delimiter, skipinitialspace=True))
    links: list[tuple[Path, Path]] = []
    for line, row in enumerate(rows, 2):
        named = {
            (key or "").strip().lower(): (value or "") for key, value in row.items() if isinstance(value, str)
        }
        both = [named.get(column, "").strip() for column in ("before", "after")]
        if not all(both):
            raise RepeatsError(
                f"{file}, line {line}: a photograph is missing. Write the columns before and after, with a "
                "file name in each."
            )
        before, after = (file.parent / name for name in both)
        for path in (before, after):
            _refuse_outside(path, file.parent)  # first: nothing is said of what stands elsewhere
            if not path.is_file():
                raise RepeatsError(f"{file}, line {line}: there is no file {path.name}. Correct the name.")
        links.append((before, after))
    if not links:
        raise RepeatsError(
            f"{file} lists no pair. Write the columns before and after, then a line for each pair."
        )
    people = _tied(links)
    pairs = tuple(Repeat(people[before], before, after) for before, after in links)
    groups: dict[int, list[Path]] = {}
    for path, person in people.items():
        groups.setdefault(person, []).append(path)
    return Repeats(pairs, _understood(groups.values(), pairs, f"by {LIST}", 0))


def _refuse_outside(path: Path, folder: Path) -> None:
    try:
        inside = path.resolve().is_relative_to(folder.resolve())
    except (ValueError, RuntimeError):  # a null character; a link that leads to itself
        inside = False
    if not inside:
        raise RepeatsError(
            f"{path.name!r} leads out of {folder}: copy the photographs into the folder, and name them there."
        )


def _tied(links: list[tuple[Path, Path]]) -> dict[Path, int]:
    """Photographs that a chain of pairs ties together are of one person."""
    people: dict[Path, int] = {}
    for number, (before, after) in enumerate(links):
        joined = {people[path] for path in (before, after) if path in people}
        for path in (before, after):
            people[path] = number
        for path, person in people.items():
            if person in joined:
                people[path] = number
    order = {person: place for place, person in enumerate(dict.fromkeys(people.values()), 1)}
    return {path: order[person] for path, person in people.items()}
