"""Two ticked photo sets become the address that compares them: the earlier is the before."""

from urllib.parse import urlencode

from microrelief.web.refusals import Unusable
from microrelief.web.visits.timeline_entry import TimelineEntry

PHOTO_SET = "photoset"
NEW_COMPARISON = "/comparisons/new"


def set_id(entry: TimelineEntry) -> str:
    """The id of a photo set, which ends its address."""
    return entry.url.split("?")[0].rstrip("/").rsplit("/", 1)[-1] if entry.kind == PHOTO_SET else ""


def comparison_url(entries: list[TimelineEntry], chosen: list[str]) -> str:
    """Raises Unusable unless exactly two of the patient's photo sets were ticked."""
    found = [entry for entry in entries if entry.kind == PHOTO_SET and set_id(entry) in chosen]
    if len(found) != 2 or len(set(chosen)) != 2:
        raise Unusable("Tick two photo sets on the timeline, then compare them.")
    before, after = sorted(found, key=lambda one: (one.on, one.at.timestamp() if one.at else 0.0))
    return f"{NEW_COMPARISON}?{urlencode({'before': set_id(before), 'after': set_id(after)})}"
