"""A Change becomes report.html: one file that needs nothing else and may fetch nothing.

The page carries its own policy: only the style and the script in this file may run, told by their hashes, and
pictures come from the page itself. So a file name or a camera model that looks like a script stays text twice
over: it is escaped, and it could not run.

`page_body` is the same page for a site that serves style, script and pictures itself.
"""

import base64
import functools
import hashlib
import importlib.resources
import math
import shlex
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Literal

import jinja2
from markupsafe import Markup

from microrelief import flags
from microrelief.imaging.change.outcome import Change, Outcome
from microrelief.imaging.pair.comparability import Check, CheckVerdict
from microrelief.imaging.photo.photo import CaptureFacts, Photo
from microrelief.report import figures, wording
from microrelief.report.layers import Layers, data_uri, drawn_layers, outline_path, scar_path
from microrelief.report.performance import performance_drawing, performance_sentences
from microrelief.report.result import SCHEMA
from microrelief.version import __version__

_FACTS = {
    "taken_at": "Taken",
    "make": "Maker",
    "model": "Camera",
    "lens": "Lens",
    "software": "Software",
    "focal_length_mm": "Focal length",
    "focal_length_35mm": "Focal length, as 35 mm film",
    "exposure_seconds": "Exposure",
    "f_number": "Aperture",
    "iso": "Sensitivity",
    "flash_fired": "Flash",
    "digital_zoom": "Digital zoom",
    "colour_profile": "Colour profile",
    "file_format": "File format",
    "bits": "Bits a channel",
    "jpeg_quality": "JPEG quality",
}
_MARK_OF_CHECK = {CheckVerdict.OK: "ok", CheckVerdict.CAUTION: "caution", CheckVerdict.REFUSE: "refuse"}


Named = Callable[[str, bytes, Literal["jpeg", "png"]], str]
"""Name, bytes and kind ("jpeg" or "png") of a picture become what its `src` says."""


@dataclass(frozen=True)
class PageBody:
    """What stands between the frame of a site's page, and the pictures it asks for."""

    html: str
    """The trust strip and the page, escaped; no style, no script. A picture's address is `layer/NAME`."""
    pictures: dict[str, tuple[bytes, str]]
    """NAME to bytes and media type."""


def page_html(change: Change) -> str:
    """The whole page as text, UTF-8, a few megabytes."""
    style, script = _packaged("report.css"), _packaged("viewer.js")
    return _template().render(
        style=Markup(style),
        script=Markup(script),
        policy=_policy(style, script),
        title=f"{wording.headline(change)} Microrelief comparison"
        + (" of a close-up" if change.pair.close_up else ""),
        **_context(change, lambda name, content, kind: data_uri(content, kind)),
    )


def page_body(change: Change) -> PageBody:
    """The same page without its frame: the words and drawings are the report's own."""
    pictures: dict[str, tuple[bytes, str]] = {}

    def named(name: str, content: bytes, kind: Literal["jpeg", "png"]) -> str:
        pictures[name] = (content, f"image/{kind}")
        return f"layer/{name}"

    template = _template()
    html = "".join(template.blocks["body"](template.new_context(_context(change, named))))
    return PageBody(html, pictures)


def _context(change: Change, named: Named) -> dict[str, Any]:
    layers = drawn_layers(change)
    return {
        "close_up": change.pair.close_up,
        "comparable": change.comparability.comparable,
        "headline": wording.headline(change),
        "grade": change.comparability.grade,
        "grade_says": wording.grade_sentence(change.comparability),
        "dates": [wording.date_words(photo.facts.taken_at) for photo in (change.before, change.after)],
        "days": wording.days_words(change.before.facts.taken_at, change.after.facts.taken_at),
        "reasons": [
            {"name": wording.legible(c.name), "says": wording.first_sentence(c)}
            for c in change.comparability.worst(2)
        ],
        "measures": _measures(change),
        "cautions": _cautions(change),
        "repeatability": _repeatability(change),
        "viewer": _viewer(change, layers, named),
        "checks": [_check(check) for check in change.comparability.checks],
        "zones": _zones(change),
        "zone_picture": figures.zone_figure(change, layers.frame, _zone_numbers(change)),
        "maps": _maps(layers, named),
        "facts": _facts(change),
        "meanings": wording.meanings(change),
        "does_not_mean": wording.DOES_NOT_MEAN,
        "intended_use": wording.INTENDED_USE,
        "record": performance_drawing(),
        "record_says": performance_sentences(),
        "inputs": [_input("Before", change.before), _input("After", change.after)],
        "scale": _scale(change),
        "version": change.version or __version__,
        "schema": SCHEMA,
        "seconds": {wording.legible(stage): f"{value:.1f}" for stage, value in change.seconds.items()},
        "command": _command(change),
    }


@functools.cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_packaged("report.html.j2"))


@functools.cache
def _packaged(name: str) -> str:
    return importlib.resources.files("microrelief.report").joinpath("templates", name).read_text("utf-8")


def _policy(style: str, script: str) -> str:
    def told(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}'"

    return (
        f"default-src 'none'; img-src data:; style-src {told(style)}; script-src {told(script)}; "
        "connect-src 'none'; base-uri 'none'; form-action 'none'"
    )


def _measures(change: Change) -> list[dict[str, Any]]:
    outcomes = {found.key: getattr(change, found.key) for found in wording.MEASURES}
    span = figures.common_span(outcomes.values())
    return [
        {
            "key": found.key,
            "title": found.title,
            "mark": wording.verdict_mark(outcomes[found.key]),
            "word": wording.verdict_word(found.key, outcomes[found.key]),
            "sentence": wording.sentence(found.key, outcomes[found.key]),
            "figure": figures.interval_figure(found.key, outcomes[found.key], span),
            "basis": wording.legible(outcomes[found.key].basis),
            **_numbers(outcomes[found.key]),
        }
        for found in wording.MEASURES
    ]


def _numbers(outcome: Outcome) -> dict[str, str]:
    interval = wording.signed_interval(outcome)
    if not interval or outcome.change_percent is None:
        return {"change": "", "interval": "", "could": "", "could_short": ""}
    could = wording.could_show(outcome)
    return {
        "change": wording.signed(outcome.change_percent),
        "interval": interval,
        "could": could,
        "could_short": could.replace(" from ", " "),
    }


def _repeatability(change: Change) -> dict[str, str] | None:
    used = change.repeatability
    return None if used is None else {"says": wording.repeatability_sentence(used), "sha256": used.sha256}


def _cautions(change: Change) -> list[dict[str, str]]:
    """Each flag once, with the measures it is about."""
    about: dict[str, list[str]] = {}
    for found in wording.MEASURES:
        for name in getattr(change, found.key).flags:
            about.setdefault(name, []).append(found.title.lower())
    return [
        {"short": flags.flag(name).short, "sentence": flags.flag(name).sentence, "about": ", ".join(measures)}
        for name, measures in about.items()
    ]


def _viewer(change: Change, layers: Layers, named: Named) -> dict[str, Any]:
    frame = layers.frame
    zones = [outline_path(mask, frame) for mask in change.pair.zones.values() if mask.any()]
    return {
        "width": frame.width,
        "height": frame.height,
        "mm": f"{frame.mm_per_pixel:.6f}",
        "before": named("before", layers.before, "jpeg"),
        "after": named("after", layers.after, "jpeg"),
        "after_matched": named("after_matched", layers.after_matched, "jpeg"),
        "before_original": named("before_original", layers.before_original, "jpeg"),
        "after_original": named("after_original", layers.after_original, "jpeg"),
        "zones": zones,
        "scars": scar_path(change.scar_outlines, frame),
        "share": f"{frame.share:.2f}",
        "ruler_mm": 20,
        "ruler_px": f"{20 / frame.mm_per_pixel:.1f}",
        "gains": " · ".join(
            f"{name} × {gain:.2f}" for name, gain in zip(("red", "green", "blue"), layers.gains, strict=True)
        ),
    }


def _check(check: Check) -> dict[str, str]:
    return {
        "name": wording.legible(check.name[:1].upper() + check.name[1:]),
        "found": _with_unit(check.value, check.unit),
        "limit": _with_unit(check.limit, check.unit),
        "mark": _MARK_OF_CHECK[check.verdict],
        "word": wording.check_word(check.verdict),
        "says": wording.legible(check.says, longest=1000),
    }


def _with_unit(value: float, unit: str) -> str:
    if not math.isfinite(value):
        return "–"
    sign = "−" if value < 0 else ""
    return f"{sign}{abs(value):.3g} {wording.legible(unit)}".strip()


def _zone_numbers(change: Change) -> dict[str, int]:
    return {zone: number for number, zone in enumerate(change.zones, start=1)}


def _zones(change: Change) -> list[dict[str, Any]]:
    if not change.comparability.comparable:
        return []
    spans = {
        found.key: figures.common_span(outcomes[found.key] for outcomes in change.zones.values())
        for found in wording.MEASURES
    }
    return [
        {
            "number": number,
            "name": wording.zone_name(zone),
            "cells": [
                {
                    "title": found.title,
                    "mark": wording.verdict_mark(change.zones[zone][found.key]),
                    "word": wording.verdict_word(found.key, change.zones[zone][found.key]),
                    "figure": figures.small_interval_figure(
                        found.key, change.zones[zone][found.key], spans[found.key]
                    )
                    if wording.signed_interval(change.zones[zone][found.key])
                    else "",
                    "flags": [flags.flag(name).short for name in change.zones[zone][found.key].flags],
                    "basis": wording.legible(change.zones[zone][found.key].basis),
                    **_numbers(change.zones[zone][found.key]),
                }
                for found in wording.MEASURES
            ],
        }
        for zone, number in _zone_numbers(change).items()
    ]


def _maps(layers: Layers, named: Named) -> list[dict[str, Any]]:
    return [
        {
            "key": found.key,
            "title": wording.measure(found.key).title,
            "unit": wording.legible(found.unit),
            "less": wording.measure(found.key).less,
            "more": wording.measure(found.key).more,
            "figure": named(f"{found.key}_figure", found.figure, "jpeg"),
            "overlay": named(f"{found.key}_map", found.overlay, "png"),
            "scale": figures.colour_scale(found.limit),
        }
        for found in layers.maps
    ]


def _facts(change: Change) -> list[dict[str, Any]]:
    rows = [
        {
            "name": "Size",
            "before": "{1} × {0} pixels".format(*change.before.shape),
            "after": "{1} × {0} pixels".format(*change.after.shape),
            "differs": change.before.shape != change.after.shape,
        },
    ]
    if change.pair.close_up:
        scales = (change.pair.before.scale, change.pair.after.scale)
        before, after = (f"{scale.mm_per_pixel:.3f} mm per pixel, {scale.source}" for scale in scales)
        rows.append({"name": "Scale", "before": before, "after": after, "differs": False})
    else:
        before, after = (wording.pose_words(face.pose) for face in change.pair.faces)
        rows.append({"name": "Head turned", "before": before, "after": after, "differs": False})
    for fact in fields(CaptureFacts):
        before, after = (getattr(photo.facts, fact.name) for photo in (change.before, change.after))
        if before in ("", None) and after in ("", None):
            continue
        rows.append(
            {
                "name": _FACTS.get(fact.name, fact.name.replace("_", " ").capitalize()),
                "before": _fact_words(fact.name, before),
                "after": _fact_words(fact.name, after),
                # two photographs are meant to be taken at different times
                "differs": before != after and fact.name != "taken_at",
            }
        )
    return rows


_FACT_WORDS: dict[str, Callable[[Any], str]] = {
    "taken_at": wording.time_words,
    "exposure_seconds": lambda value: f"1/{1 / value:.0f} s" if 0 < value < 0.5 else f"{value:g} s",
    "f_number": lambda value: f"f/{value:g}",
    "iso": lambda value: f"ISO {value}",
    "focal_length_mm": lambda value: f"{value:g} mm",
    "focal_length_35mm": lambda value: f"{value:g} mm",
    "flash_fired": lambda value: "fired" if value else "off",
    "digital_zoom": lambda value: f"{value:g} ×",
}


def _fact_words(name: str, value: Any) -> str:
    if value is None or value == "":
        return "not stated"
    return wording.legible(_FACT_WORDS.get(name, str)(value))


def _input(side: str, photo: Photo) -> dict[str, str]:
    return {
        "side": side,
        "file": wording.legible(photo.path.name, longest=255),
        "sha256": photo.sha256,
        "size": f"{photo.file_bytes / 1e6:.1f} MB",
    }


def _scale(change: Change) -> str:
    scales = (change.pair.before.scale, change.pair.after.scale)
    worst = max(scales, key=lambda scale: scale.relative_error)
    return (
        f"{change.pair.mm_per_pixel:.3f} mm per pixel of the measuring grid, "
        f"± {worst.relative_error * 100:.0f} %, from the {wording.legible(worst.source)}"
    )


def _command(change: Change) -> str:
    names = [
        shlex.quote(wording.legible(photo.path.name, longest=255)) for photo in (change.before, change.after)
    ]
    # a name that begins with a dash would be read as an option
    names = [f"./{name}" if name.startswith("-") else name for name in names]
    return f"microrelief compare {names[0]} {names[1]} --out result{_close_up_options(change)}"


def _close_up_options(change: Change) -> str:
    if not change.pair.close_up:
        return ""
    sides = (("before", change.pair.before.scale), ("after", change.pair.after.scale))
    scales = [
        f" --scale-{side} {scale.mm_per_pixel:.4g}" for side, scale in sides if scale.source == "stated"
    ]
    stated = any(
        c.name == "light stated" and c.verdict is CheckVerdict.OK for c in change.comparability.checks
    )
    return f" --close-up{''.join(scales)}{' --light same' if stated else ''}"
