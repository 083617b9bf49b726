"""The spine of one patient, for the page of the record."""

from typing import Any

from django import template
from django.utils import timezone

from microrelief.web.visits import gathered
from microrelief.web.visits.timeline_entry import TimelineEntry

register = template.Library()

PHOTO_SET = "photo_set"


@register.inclusion_tag("visits/spine.html", takes_context=True)
def spine(context: dict[str, Any]) -> dict[str, Any]:
    """Everything of the patient, the newest first; the baseline pinned on top, photo sets to tick."""
    request, actor, patient = context["request"], context["actor"], context["patient"]
    entries = gathered.spine(actor, patient)
    only = request.GET.get("only", "")
    today = timezone.localdate()
    kinds = list(dict.fromkeys(entry.kind for entry in entries))
    shown = [entry for entry in entries if not only or entry.kind == only]
    sets = [entry for entry in entries if entry.kind == PHOTO_SET]
    return {
        "patient": patient,
        "baseline": next((entry for entry in sets if entry.badge == "baseline"), None),
        "ahead": _rows([entry for entry in reversed(shown) if entry.on > today]),
        "past": _rows([entry for entry in shown if entry.on <= today]),
        "kinds": [{"kind": kind, "words": _plural(kind)} for kind in kinds] if len(kinds) > 1 else [],
        "only": only,
        "may_compare": len(sets) > 1,
        # the form that compares posts: an included template does not see the page's own token
        "csrf_token": context.get("csrf_token", ""),
    }


def _rows(entries: list[TimelineEntry]) -> list[dict[str, Any]]:
    """A day is said once. A photo set carries its id, which stands in its address, to be ticked."""
    return [
        {
            "entry": entry,
            "says_day": at == 0 or entries[at - 1].on != entry.on,
            "set_id": entry.url.rstrip("/").rsplit("/", 1)[-1] if entry.kind == PHOTO_SET else "",
        }
        for at, entry in enumerate(entries)
    ]


def _plural(kind: str) -> str:
    return {PHOTO_SET: "photo sets", "diary": "diary"}.get(kind, f"{kind}s").capitalize()
