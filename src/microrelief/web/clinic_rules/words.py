"""A clinic's own limit in words: what it is, instead of what, and why."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from microrelief.pathway.finding import show
from microrelief.pathway.limits import LIMITS
from microrelief.pathway.rulebook import Rule
from microrelief.web.languages.sentences import spoken


def own_limit(rule: Rule) -> str:
    """Beside a finding; "" where the book's own value judged."""
    if rule.whose == "the book":
        return ""
    parts = "; ".join(_parts(rule))
    return _("Your clinic's limit: %(parts)s. Because: %(why)s") % {"parts": parts, "why": rule.why}


def _parts(rule: Rule) -> Iterator[str]:
    for name, value in rule.values.items():
        if value != rule.book_values.get(name):
            title = spoken(LIMITS[name].says) if name in LIMITS else name
            yield _("%(title)s %(own)s, instead of %(book)s (%(unit)s)") % {
                "title": title,
                "own": show(value),
                "book": show(rule.book_values[name]),
                "unit": spoken(rule.unit),
            }
    if rule.book_level:
        yield _("%(own)s instead of %(book)s") % {"own": spoken(rule.level), "book": spoken(rule.book_level)}
