"""The drawn face for a template."""

from typing import Any

from django import template

from microrelief.web.face_map.zones import HEIGHT, WIDTH, ZONES

register = template.Library()


@register.inclusion_tag("face_map/face.html")
def face(
    use: str,
    values: dict[str, str] | None = None,
    points: list[dict[str, Any]] | None = None,
    live: bool = True,
    left_out: list[str] | None = None,
) -> dict[str, Any]:
    """`use` is `scars` (tap to put a point) or `needles` (tap to set a zone); `values` stand on the zones;
    zones that are `left_out` and hold no value are drawn and cannot be tapped."""
    values = values or {}
    zones = [
        {
            "zone": zone,
            "value": values.get(zone.key, ""),
            "out": zone.key in (left_out or ()) and zone.key not in values,
        }
        for zone in ZONES.values()
    ]
    shown = [
        {**point, "number": at, "left": point["x"] * WIDTH / 1000, "top": point["y"] * HEIGHT / 1000}
        for at, point in enumerate(points or [], 1)
        if isinstance(point.get("x"), int) and isinstance(point.get("y"), int)
    ]
    return {"use": use, "zones": zones, "points": shown, "live": live, "width": WIDTH, "height": HEIGHT}
