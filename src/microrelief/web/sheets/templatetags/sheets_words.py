"""What templates of sheets ask of a level, and of a mapping."""

from collections.abc import Mapping
from typing import Any

from django import template

from microrelief.web.clinic_rules.words import own_limit
from microrelief.web.sheets.pages import tone_of

register = template.Library()
register.filter("tone", tone_of)
register.filter("own_limit", own_limit)


@register.filter
def at(mapping: Mapping[str, Any], name: str) -> Any:
    """The value under a name, or nothing."""
    return mapping.get(name, "")
