"""What came from the page of a consultation becomes the changes of its draft."""

from typing import Any

from django.http import QueryDict

from microrelief.pathway.finding import DECISIONS
from microrelief.pathway.instruments import items
from microrelief.web.consultations.groups import BY_KEY, NAMES, STAGE
from microrelief.web.consultations.judged import SCALES, SCAR_KINDS
from microrelief.web.consultations.models import Consultation
from microrelief.web.face_map.zones import ZONES
from microrelief.web.sheets.answers import fill_rest, read_answers, read_overrides

MOST_SCARS = 300
LONGEST = 4000


def read_page(sent: QueryDict, sheet: Consultation) -> dict[str, Any]:
    """All of the page; what a person did not touch comes as it stood."""
    answers = read_answers(STAGE, NAMES, sent)
    if (group := BY_KEY.get(sent.get("rest", ""))) is not None:
        answers = fill_rest(STAGE, group.names, answers)
    return {
        "answers": answers,
        "copied": {} if sent.get("confirm") else sheet.copied,
        "scars": read_scars(sent),
        "grades": _grades(sent),
        "wish": sent.get("wish", "").strip()[:LONGEST],
        "findings": sent.get("findings", "").strip()[:LONGEST],
        "does": sent.get("does", "") if sent.get("does") in DECISIONS else "",
        "why": " ".join(sent.get("why", "").split())[:LONGEST],
        "overrides": read_overrides(sent, sheet.overrides),
    }


def read_scars(sent: QueryDict) -> list[dict[str, Any]]:
    """The lines of the list beside the map; a line without a kind is none."""
    columns = [sent.getlist(f"scar_{name}") for name in ("kind", "zone", "size", "count", "x", "y")]
    found = []
    for kind, zone, size, count, x, y in zip(*columns, strict=False):
        if kind not in SCAR_KINDS:
            continue
        scar: dict[str, Any] = {"kind": kind, "zone": zone if zone in ZONES else ""}
        if (mm := _decimal(size)) is not None and 0 < mm <= 100:
            scar["size_mm"] = mm
        scar["count"] = min(int(count), 999) if count.isdecimal() and int(count) > 0 else 1
        if x.isdecimal() and y.isdecimal() and int(x) <= 1000 and int(y) <= 1000:
            scar |= {"x": int(x), "y": int(y)}
        found.append(scar)
    return found[:MOST_SCARS]


def _grades(sent: QueryDict) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name in SCALES:
        answers: dict[str, Any] = {}
        for item in items(name):
            text = sent.get(f"g-{name}-{item.name}", "").strip()
            if not text:
                continue
            if item.yes_or_no:
                answers[item.name] = text == "yes"
            else:
                value = _decimal(text)
                whole = value is not None and value == int(value)
                answers[item.name] = text[:20] if value is None else int(value) if whole else value
        if answers:
            found[name] = answers
    return found


def _decimal(text: str) -> float | None:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return None
    return value if abs(value) < 10**6 else None
