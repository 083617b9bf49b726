"""Sessions and what happened in them, on the spine."""

from django.urls import reverse

from microrelief.web.patients.models import Patient
from microrelief.web.people.actor import Actor
from microrelief.web.treatments.models import Treatment
from microrelief.web.visits.timeline_entry import TimelineEntry


def entries(actor: Actor, patient: Patient) -> list[TimelineEntry]:
    """Sessions that count, the draft, and each event as a line of its own."""
    found = Treatment.objects.for_user(actor).filter(patient_id__in=patient.all_ids())
    signed = list(found.signed().select_related("signed_by"))
    number = {one.pk: at for at, one in enumerate(sorted(signed, key=lambda one: one.on), 1)}
    lines = []
    for one in [*found.open(), *signed]:
        url = reverse("treatment", args=[one.pk])
        at = one.signed_at or one.began_at
        title = f"Session {number[one.pk]}" if one.pk in number else "Session"
        badge = "" if one.signed_at else "begun" if one.started_at else "draft"
        lines.append(TimelineEntry(one.on, at, "session", title, _line(one), url, badge))
        lines += [
            TimelineEntry(
                one.on,
                at,
                "event",
                f"Event: {event['kind']}",
                "",
                url,
                badge=event["grade"],
                quote=event["says"],
            )
            for event in one.events
        ]
    return lines


def _line(sheet: Treatment) -> str:
    depths = [zone["mm"] for zone in sheet.zones]
    if not depths:
        return "No zones yet"
    span = f"{min(depths):g} to {max(depths):g}" if min(depths) < max(depths) else f"{depths[0]:g}"
    lot = sheet.answers.get("cartridge_lot", "")
    return f"{len(depths)} zones, {span} mm" + (f", lot {lot}" if lot else "")
