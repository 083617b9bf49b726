"""The demonstration's login, for the page where one signs in."""

from django import template

from microrelief.web.demo_clinic.staff import PASSWORD, STAFF

register = template.Library()


@register.simple_tag
def owners_address() -> str:
    """With which its owner signs in."""
    return STAFF[0][2]


@register.simple_tag
def password_of_all() -> str:
    """Of every account."""
    return PASSWORD
