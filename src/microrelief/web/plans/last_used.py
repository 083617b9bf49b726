"""When each product that must stop was used last: asked in a plan and again on the day of the session."""

from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils.dateparse import parse_date

from microrelief.pathway.facts import questions

SUN = "sun"
PRODUCTS = (*questions("preparation")["uses"].choices, SUN)


def read_last_used(sent: QueryDict) -> dict[str, str]:
    """Days by product, among what was sent."""
    found = {product: _day(sent.get(f"last_{product}", "")) for product in PRODUCTS}
    return {product: day.isoformat() for product, day in found.items() if day is not None}


def shown_last_used(uses: Any, last_used: dict[str, str]) -> list[dict[str, str]]:
    """What the page asks: each product in use, and the sun."""
    listed = [name for name in uses if name in PRODUCTS] if isinstance(uses, list) else []
    return [
        {
            "name": name,
            "words": "strong sun" if name == SUN else name.replace("_", " "),
            "day": last_used.get(name, ""),
        }
        for name in [*listed, SUN]
    ]


def as_facts(last_used: dict[str, str], uses: Any, until: date) -> list[dict[str, str]]:
    """The rulebook's `last_used`, of what is in use; a day that is still to come is left out."""
    return [
        {"product": product, "on": day}
        for product, day in last_used.items()
        if day <= until.isoformat() and (product == SUN or (isinstance(uses, list) and product in uses))
    ]


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
