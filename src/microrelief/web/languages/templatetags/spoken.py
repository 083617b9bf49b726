"""`{{ rule.says|spoken }}`: a sentence of the program in the reader's language, and arrows that follow it."""

from typing import Any

from django import template
from django.utils.translation import get_language_bidi

from microrelief.web.languages import sentences

register = template.Library()


@register.filter
def spoken(text: Any) -> Any:
    """The sentence, or each of several, in the reader's language; what the catalogue lacks stays as it is."""
    if isinstance(text, list | tuple):
        return [sentences.spoken(one) for one in text]
    return sentences.spoken(text)


@register.simple_tag
def arrow_back() -> str:
    """To where one came from."""
    return "→" if get_language_bidi() else "←"


@register.simple_tag
def arrow_on() -> str:
    """To where it goes on."""
    return "←" if get_language_bidi() else "→"
