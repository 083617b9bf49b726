"""An example of a rule: run as a test, and printed in docs/reference/rules.md."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

UNANSWERED = "unknown"
EXPECTED, PLANNED = "expected", "planned"


@dataclass(frozen=True)
class Example:
    """`given` is laid over the chapter's BASE; the rule's finding must have `level` and hold `says`.

    `level` EXPECTED or PLANNED looks among what is usual, or among the steps, instead.
    """

    rule: str
    title: str
    level: str
    given: Mapping[str, Any]
    says: str = ""


def example(rule: str, title: str, level: str, says: str = "", **given: Any) -> Example:
    return Example(rule, title, level, given, says)
