"""How often the measurement is right: the performance card's figures, as sentences and one drawing.

`make bench-truth` writes the figures into performance.json beside this file, and all of them into
docs/performance-card.md.
"""

import functools
import importlib.resources
import json
from typing import Any

from markupsafe import Markup


@functools.cache
def read_performance() -> dict[str, Any]:
    """The card's figures."""
    text = (importlib.resources.files("microrelief.report") / "performance.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def performance_sentences() -> list[str]:
    """What a reader of a report should know of the method's own record, plain and short."""
    card = read_performance()
    holds, of = card["interval_holds"]
    found = ", ".join(
        _found(hits, trials, change.replace("-", "−")) for change, (hits, trials) in card["found"].items()
    )
    return [
        f"On {card['same_skin_pairs']} pairs of made faces whose skin had not changed, photographed well and "
        "with bad light, focus, files and filters, it called "
        f"{card['same_skin_called_improved']} improved (at most {card['same_skin_upper_percent']} %, 95 % "
        "bound). A plain measure of fine detail, falling by a tenth, would have called "
        f"{card['plain_detail_called_improved']}.",
        f"It found {found}. Its interval held the truth in {of and round(100 * holds / of)} % of {of} pairs.",
        "Made faces are not patients: they show that the method is right about skin and light as modelled.",
    ]


def _found(number1: int, number2: int, number3: str) -> str:
    """Named for the catalogue: a gap called number takes figures only, so that a list is parted rightly."""
    return f"{number1} of {number2} true changes of {number3} %"


def performance_drawing() -> Markup:
    """Bars of the share of true changes found, by size, and of unchanged skin called improved."""
    card = read_performance()
    bars = [
        ("unchanged, called improved", card["same_skin_called_improved"], card["same_skin_pairs"]),
        *((f"{change.replace('-', '−')} %, found", *pair) for change, pair in card["found"].items()),
    ]
    rows = []
    for k, (name, hits, trials) in enumerate(bars):
        y, share = 8 + 26 * k, hits / max(trials, 1)
        rows.append(
            Markup(
                '<text x="0" y="{}" class="name">{}</text>'
                '<rect x="190" y="{}" width="300" height="12" rx="2" class="trough"/>'
                '<rect x="190" y="{}" width="{:.1f}" height="12" rx="2" class="bar"/>'
                '<text x="500" y="{}">{} of {}</text>'
            ).format(y + 10, name, y, y, 300 * share, y + 10, hits, trials)
        )
    said = "; ".join(f"{name}: {hits} of {trials}" for name, hits, trials in bars)
    return Markup('<svg class="record" viewBox="0 0 560 {}" role="img" aria-label="{}">{}</svg>').format(
        8 + 26 * len(bars), said, Markup("").join(rows)
    )
