"""A Change becomes result.json: plain data in the schema `microrelief/comparison/1`, checked before use."""

import dataclasses
import functools
import importlib.resources
import json
import math
from typing import Any

from jsonschema import Draft202012Validator, validators

from microrelief.imaging.change.outcome import Change, Outcome, Verdict
from microrelief.imaging.change.repeatability import Repeatability, off_scale
from microrelief.imaging.pair.comparability import Check
from microrelief.imaging.photo.photo import Photo
from microrelief.report.wording import legible
from microrelief.version import __version__

SCHEMA = "microrelief/comparison/1"
SCHEMA_FILE = "comparison-1.schema.json"


def result_document(change: Change) -> dict[str, Any]:
    """The whole comparison as JSON-ready data, already checked against its schema.

    Numbers that are not finite become null where the schema allows it (a check that could not be measured).
    Raises jsonschema.ValidationError when the change breaks its own promises, for example a number beside
    "not comparable": that is a fault in the program, never in the photographs.
    """
    faces = (change.pair.before.scale, change.pair.after.scale)
    worst = max(faces, key=lambda scale: scale.relative_error)
    document = {
        "schema": SCHEMA,
        "version": change.version or __version__,
        "subject": "close-up" if change.pair.close_up else "face",
        "inputs": {"before": _photo(change.before), "after": _photo(change.after)},
        "comparability": {
            "grade": change.comparability.grade,
            "comparable": change.comparability.comparable,
            "checks": [_check(check) for check in change.comparability.checks],
        },
        "relief": _outcome(change.relief),
        "redness": _outcome(change.redness),
        "pigment": _outcome(change.pigment),
        "zones": {
            zone: {measure: _outcome(outcomes[measure]) for measure in ("relief", "redness", "pigment")}
            for zone, outcomes in change.zones.items()
        },
        "scale_mm_per_pixel": float(change.pair.mm_per_pixel),
        "scale": {"relative_error": float(worst.relative_error), "source": worst.source},
        "seconds": {stage: float(seconds) for stage, seconds in change.seconds.items()},
    }
    if change.repeatability is not None:
        document["repeatability"] = _repeatability(change.repeatability)
    validator().validate(document)
    return document


def result_json(change: Change) -> str:
    """The text of result.json; strict JSON, no NaN."""
    return json.dumps(result_document(change), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


@functools.cache
def schema() -> dict[str, Any]:
    """The published JSON Schema of `microrelief/comparison/1`."""
    text = importlib.resources.files("microrelief.report").joinpath(SCHEMA_FILE).read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


@functools.cache
def validator() -> Any:
    """A validator of that schema that also refuses NaN and infinity, which JSON cannot carry."""

    def finite(checker: Any, instance: Any) -> bool:
        number = isinstance(instance, int | float) and not isinstance(instance, bool)
        return number and math.isfinite(instance)

    checker = Draft202012Validator.TYPE_CHECKER.redefine("number", finite)
    return validators.extend(Draft202012Validator, type_checker=checker)(schema())


def _photo(photo: Photo) -> dict[str, Any]:
    rows, columns = photo.shape
    facts = dataclasses.asdict(photo.facts)
    capture = {name: _fact(value) for name, value in facts.items()}
    return {
        "file": legible(photo.path.name, longest=255),
        "sha256": photo.sha256,
        "size": [columns, rows],
        "bytes": photo.file_bytes,
        "capture": capture,
    }


def _fact(value: Any) -> Any:
    """What the file does not say is null; a damaged number is as good as none."""
    if isinstance(value, str):
        return legible(value) or None
    if isinstance(value, float):
        return _finite(value)
    return value


def _check(check: Check) -> dict[str, Any]:
    return {
        "name": check.name,
        "value": _finite(check.value),
        "unit": check.unit,
        "limit": _finite(check.limit),
        "verdict": check.verdict.value,
        "says": legible(check.says, longest=1000),
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    refused = outcome.verdict is Verdict.NOT_COMPARABLE
    numbers = {
        name: None if value is None else float(value)
        for name, value in (
            ("change_percent", outcome.change_percent),
            ("low", outcome.low),
            ("high", outcome.high),
            ("detectable_percent", outcome.detectable_percent),
        )
    }
    # numpy's NaN in a refused outcome is "no number" as much as None is
    if refused:
        numbers = {
            name: None if value is None or not math.isfinite(value) else value
            for name, value in numbers.items()
        }
    return {"verdict": outcome.verdict.value, **numbers, "flags": list(outcome.flags), "basis": outcome.basis}


def _repeatability(used: Repeatability) -> dict[str, Any]:
    return {
        "sha256": used.sha256,
        "made_on": used.made_on,
        "version": used.version,
        "pairs": used.pairs,
        "refused": used.refused,
        "measures": {
            measure: {
                "pairs": scatter.pairs,
                "factor": scatter.factor,
                "coefficient_percent": -off_scale(measure, -scatter.coefficient),
                "detectable_percent": -off_scale(measure, -scatter.detectable),
            }
            for measure, scatter in used.measures.items()
        },
    }


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)
