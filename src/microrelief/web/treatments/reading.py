"""What came from the page of a session becomes the changes of its draft."""

from typing import Any
from uuid import UUID

from django.http import QueryDict

from microrelief.web.clinic.models import the_clinic
from microrelief.web.face_map.zones import IN_LIST
from microrelief.web.plans.last_used import read_last_used
from microrelief.web.sheets.answers import fill_rest, read_answers, read_overrides
from microrelief.web.stock.kinds import MOST_MM, MOST_PASSES
from microrelief.web.stock.models import StockItem
from microrelief.web.treatments.actions import nothing_new
from microrelief.web.treatments.groups import EVENT_GRADES, EVENT_KINDS, SINCE, STAGES
from microrelief.web.treatments.gs1 import read_package
from microrelief.web.treatments.models import Treatment

LONGEST = 4000
MOST_EVENTS = 40


def read_page(sent: QueryDict, sheet: Treatment) -> dict[str, Any]:
    """All of the page; what a person did not touch comes as it stood."""
    answers: dict[str, Any] = {}
    for stage, group in STAGES:
        answers |= read_answers(stage, group.names, sent)
    if sent.get("rest") == SINCE.key:
        answers = nothing_new(sheet, answers)
        asked = [name for name in SINCE.names if name != "isotretinoin_stopped_on"]
        answers = fill_rest("suitability", asked, answers)
    if (package := read_package(sent.get("scan", "")[:200])) is not None:
        read = {
            "cartridge_lot": package.lot,
            "cartridge_serial": package.serial,
            "cartridge_expires_on": package.expires_on,
        }
        answers |= {name: value for name, value in read.items() if value}
    zones = _zones(sent)
    if (item := picked(sent.get("use", ""))) is not None:
        answers = with_item(answers, item)
    if (item := picked(sent.get("use_depths", ""))) is not None:
        zones = with_depths(zones, item)
    return {
        "answers": answers,
        "kept_to_sheet": {"yes": True, "no": False}.get(sent.get("kept_to_sheet", "")),
        "last_used": read_last_used(sent),
        "zones": zones,
        "events": _events(sent),
        "note": sent.get("note", "").strip()[:LONGEST],
        "overrides": read_overrides(sent, sheet.overrides),
    }


def with_item(answers: dict[str, Any], item: StockItem) -> dict[str, Any]:
    """The answers with what the picked thing brings; what its kind answers otherwise is wiped first."""
    if item.kind == "topical":
        used = [word for word in answers.get("topicals") or [] if word != item.name]
        return {**answers, "topicals": [*used, item.name]}
    kept = {name: value for name, value in answers.items() if name not in item.facts.asks}
    return {**kept, **item.brings}


def with_depths(zones: list[dict[str, Any]], item: StockItem) -> list[dict[str, Any]]:
    """The usual depth and passes of the cartridge, in the zones that hold none yet."""
    held = {one["zone"] for one in zones}
    left_out = the_clinic().zones_left_out
    return zones + [
        {"zone": zone.key, **item.depths[zone.rule]}
        for zone in IN_LIST
        if zone.rule in item.depths and zone.key not in held and zone.key not in left_out
    ]


def picked(text: str) -> StockItem | None:
    """The thing on the shelf that was picked, None where there is none of that id."""
    try:
        return StockItem.objects.filter(pk=UUID(text), retired_at=None).first()
    except ValueError:
        return None


def _zones(sent: QueryDict) -> list[dict[str, Any]]:
    """A zone counts once both depth and passes stand there."""
    found = []
    for zone in IN_LIST:
        depth, passes = sent.get(f"depth_{zone.key}", "").strip(), sent.get(f"passes_{zone.key}", "").strip()
        try:
            mm = float(depth.replace(",", "."))
        except ValueError:
            continue
        if 0 < mm <= MOST_MM and passes.isdecimal() and 0 < int(passes) <= MOST_PASSES:
            found.append({"zone": zone.key, "mm": mm, "passes": int(passes)})
    return found


def _events(sent: QueryDict) -> list[dict[str, str]]:
    columns = [sent.getlist(f"event_{name}") for name in ("kind", "grade", "says")]
    return [
        {"kind": kind, "grade": grade if grade in EVENT_GRADES else "mild", "says": says.strip()[:LONGEST]}
        for kind, grade, says in zip(*columns, strict=False)
        if kind in EVENT_KINDS
    ][:MOST_EVENTS]
