"""`{{ rule.says|spoken }}`: a sentence of the program in the reader's language, and arrows that follow it."""

from typing import Any

from django import template
from django.forms import BoundField
from django.forms.widgets import ChoiceWidget
from django.utils.translation import get_language_bidi

from microrelief.web.languages import sentences

register = template.Library()


@register.filter
def spoken(text: Any) -> Any:
    """The sentence, or each of several, in the reader's language; what the catalogue lacks stays as it is."""
    if isinstance(text, list | tuple):
        return [sentences.spoken(one) for one in text]
    return sentences.spoken(text)


@register.filter
def spoken_choices(field: BoundField) -> BoundField:
    """A form's field whose choices are said in the reader's language."""
    widget = field.field.widget
    if isinstance(widget, ChoiceWidget):
        widget.choices = [(key, spoken(words)) for key, words in widget.choices]
    return field


@register.simple_tag
def arrow_back() -> str:
    """To where one came from."""
    return "→" if get_language_bidi() else "←"


@register.simple_tag
def arrow_on() -> str:
    """To where it goes on."""
    return "←" if get_language_bidi() else "→"
