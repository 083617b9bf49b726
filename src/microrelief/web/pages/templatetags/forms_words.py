"""What templates of forms ask of a field."""

from django import template
from django.forms import BoundField, CheckboxInput

register = template.Library()


@register.filter
def kind(field: BoundField) -> str:
    """`one box` to tick, or the widget's own type."""
    if isinstance(field.field.widget, CheckboxInput):
        return "one box"
    return str(getattr(field.field.widget, "input_type", "area"))
