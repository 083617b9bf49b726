"""A Retest becomes a small JSON file in the schema `microrelief/repeatability/1`, and such a file becomes a
Repeatability that comparisons use.

No name of a person or of a file goes in: photographs stand there by their SHA-256.
"""

import dataclasses
import functools
import hashlib
import importlib.resources
import json
import os
import secrets
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

from microrelief.cohort.retest import Compared, Retest
from microrelief.errors import OutputError, RepeatsError
from microrelief.imaging.change.repeatability import SCALES, Repeatability, Scatter, off_scale

SCHEMA = "microrelief/repeatability/1"
SCHEMA_FILE = "repeatability-1.schema.json"
NAME = "repeatability.json"
MOST_BYTES = 20_000_000
"""Far more than ten thousand pairs take."""
_ON_SCALE = ("bias", "bias_low", "bias_high", "within_deviation", "coefficient", "detectable")


def repeatability_json(retest: Retest) -> str:
    """The text of the file; checked against its schema."""
    document = {
        "schema": SCHEMA,
        "version": retest.repeatability.version,
        "made_on": retest.made_on,
        "pairs": [_pair(pair) for pair in retest.compared],
        "refused": {"pairs": retest.repeatability.refused, "reasons": dict(retest.reasons)},
        "measures": {
            measure: {
                **dataclasses.asdict(scatter),
                "scale": SCALES[measure],
                **percentages(measure, scatter),
            }
            for measure, scatter in retest.repeatability.measures.items()
        },
    }
    Draft202012Validator(schema()).validate(document)
    return json.dumps(document, indent=1, allow_nan=False) + "\n"


def percentages(measure: str, scatter: Scatter) -> dict[str, float]:
    """The figures that people read, in percent; sizes are those of a decrease, as in every comparison."""
    return {
        "bias_percent": off_scale(measure, scatter.bias),
        "bias_low_percent": off_scale(measure, scatter.bias_low),
        "bias_high_percent": off_scale(measure, scatter.bias_high),
        "coefficient_percent": -off_scale(measure, -scatter.coefficient),
        "detectable_percent": -off_scale(measure, -scatter.detectable),
    }


def read_repeatability(path: Path) -> Repeatability:
    """Such a file, or the folder that holds it. Raises RepeatsError when it cannot be used."""
    file = path / NAME if path.is_dir() else path
    try:
        with open(file, "rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except OSError as problem:
        raise RepeatsError(
            f"{file} cannot be read ({problem.strerror}): name the file that microrelief repeatability wrote."
        ) from problem
    return parse_repeatability(content, str(file))


def parse_repeatability(content: bytes, name: str) -> Repeatability:
    """The same from the content of such a file. Raises RepeatsError."""
    try:
        document = json.loads(content)
        Draft202012Validator(schema()).validate(document)
    except (ValueError, RecursionError, ValidationError) as problem:
        raise RepeatsError(
            f"{name} is no file of microrelief repeatability, or was changed by hand: make it again."
        ) from problem
    fields = [field.name for field in dataclasses.fields(Scatter)]
    return Repeatability(
        made_on=document["made_on"],
        version=document["version"],
        sha256=hashlib.sha256(content).hexdigest(),
        pairs=len(document["pairs"]),
        refused=document["refused"]["pairs"],
        measures={
            measure: Scatter(**{name: values[name] for name in fields})
            for measure, values in document["measures"].items()
        },
    )


def write_file(path: Path, content: bytes) -> None:
    """Put one file in place in one step; its folder is made. Raises OutputError, with nothing written."""
    partial = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open(partial, "xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as problem:
        raise OutputError(
            f"{path} cannot be written ({problem.strerror}): name another place with --out."
        ) from problem


@functools.cache
def schema() -> dict[str, Any]:
    """The published JSON Schema of `microrelief/repeatability/1`."""
    text = importlib.resources.files("microrelief.cohort").joinpath(SCHEMA_FILE).read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def _pair(pair: Compared) -> dict[str, Any]:
    return {
        "person": pair.person,
        "before": pair.before_sha256,
        "after": pair.after_sha256,
        "grade": pair.grade,
        "comparable": pair.comparable,
        "reasons": list(pair.reasons),
        "percent": {measure: list(reading) for measure, reading in pair.readings.items()},
    }
