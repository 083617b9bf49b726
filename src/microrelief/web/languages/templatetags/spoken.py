"""`{{ rule.says|spoken }}`: a sentence of the program in the reader's language."""

from typing import Any

from django import template

from microrelief.web.languages import sentences

register = template.Library()


@register.filter
def spoken(text: Any) -> Any:
    """The sentence in the reader's language; what the catalogue does not know is shown as it stands."""
    return sentences.spoken(text)
