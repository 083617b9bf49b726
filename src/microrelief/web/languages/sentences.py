"""A sentence of the program, as plain Python made it, becomes a sentence in the reader's language.

The rules, the report and the refusals know no language but English, and what a comparison or a signature
keeps is kept in English. Whoever shows such a sentence looks it up here: as it stands, or by its pattern, for
a sentence that holds a number, a day or another sentence ("{passed} days have passed; free from {day}.").
"""

from typing import Any


def spoken(text: Any) -> Any:
    """The sentence in the language that is active; what the catalogue does not know stays as it is."""
    return text
