"""Two photo sets of every patient."""

from datetime import date

from microrelief.web.visits.timeline_entry import TimelineEntry

FIRST, SECOND = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"


def entries(actor, patient):
    return [
        TimelineEntry(
            date(2026, 1, 5), None, "photo_set", "Photo set", "5 views", f"/photosets/{FIRST}/", "baseline"
        ),
        TimelineEntry(date(2026, 6, 5), None, "photo_set", "Photo set", "5 views", f"/photosets/{SECOND}/"),
    ]
