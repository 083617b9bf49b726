"""The rulebook this clinic works by: the program's, with the clinic's own limits over it."""

from functools import cache

from django.conf import settings

from microrelief.pathway.rulebook import Rulebook, read_rulebook, with_overrides
from microrelief.web.clinic.models import the_clinic
from microrelief.web.clinic_rules.models import OwnLimit


def clinic_book() -> Rulebook:
    """Ask it for the rules of a day: `clinic_book().on(day)`."""
    own = [limit.override for limit in OwnLimit.objects.all() if not limit.never_held]
    return with_overrides(book(), the_clinic().name or "the clinic", own) if own else book()


@cache
def book() -> Rulebook:
    """The program's own."""
    found = read_rulebook()
    return found.reaching_back() if settings.DEMO else found
