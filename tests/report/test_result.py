"""The result file keeps its promises to those who read it with a program."""

import copy
import json
from dataclasses import fields, replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from microrelief.imaging.change.outcome import Outcome, Verdict
from microrelief.imaging.photo.photo import CaptureFacts
from microrelief.report.reference import PAGE, main, reference_page
from microrelief.report.result import result_document, result_json, schema, validator
from tests.report import changes

NUMBERS = ("change_percent", "low", "high", "detectable_percent")


def test_the_schema_is_a_valid_schema():
    jsonschema.Draft202012Validator.check_schema(schema())


def test_document_says_what_the_change_says(found):
    document = json.loads(result_json(found))
    assert document["schema"] == "microrelief/comparison/1"
    assert document["relief"] == {
        "verdict": "improved", "change_percent": -31.2, "low": -38.0, "high": -24.1,
        "detectable_percent": 12.0,
        "flags": ["sharpness_matched"], "basis": "41 scars, 6.2 cm² of skin",
    }  # fmt: skip
    assert document["inputs"]["before"]["size"] == [300, 360], "width comes first in the file"
    assert document["inputs"]["before"]["capture"]["model"] == "iPhone 15 Pro"
    assert set(document["zones"]) == set(changes.ZONES)
    assert document["zones"]["left temple"]["relief"]["change_percent"] is None
    assert document["comparability"]["checks"][-1]["value"] is None, "a check that could not be measured"


def test_a_refused_pair_carries_no_numbers(refused):
    document = result_document(refused)
    outcomes = [document[key] for key in ("relief", "redness", "pigment")]
    outcomes += [outcome for zone in document["zones"].values() for outcome in zone.values()]
    assert all(outcome[number] is None for outcome in outcomes for number in NUMBERS)
    assert document["comparability"]["comparable"] is False


def test_what_the_file_does_not_say_is_null(refused):
    assert result_document(refused)["inputs"]["before"]["capture"]["taken_at"] is None


@pytest.mark.parametrize(
    "relief",
    [
        Outcome(Verdict.NOT_COMPARABLE, -3.0, None, None, None),
        Outcome(Verdict.IMPROVED, None, None, None, None),
        Outcome(Verdict.NO_CHANGE, float("nan"), -1.0, 1.0, 5.0),
        Outcome(Verdict.NO_CHANGE, 0.0, -1.0, float("inf"), 5.0),
        Outcome(Verdict.NO_CHANGE, 0.0, -1.0, 1.0, -5.0),
        Outcome(Verdict.IMPROVED, -9.0, -12.0, -6.0, 5.0, ("Not A Flag",)),
    ],
    ids=[
        "number though refused",
        "no number though measured",
        "not a number",
        "infinite",
        "negative size",
        "odd flag",
    ],
)
def test_a_change_that_breaks_its_promises_is_never_written(found, relief):
    with pytest.raises(jsonschema.ValidationError):
        result_document(replace(found, relief=relief))


def test_a_refused_pair_may_not_claim_a_change(found, refused):
    with pytest.raises(jsonschema.ValidationError):
        result_document(replace(found, comparability=refused.comparability))


@pytest.mark.parametrize("missing", ["comparability", "scale_mm_per_pixel", "zones", "version"])
def test_the_schema_misses_what_is_missing(found, missing):
    document = copy.deepcopy(result_document(found))
    del document[missing]
    assert not validator().is_valid(document)


def test_numbers_of_numpy_become_plain(found):
    relief = Outcome(Verdict.NO_CHANGE, np.float32(1), np.float64(-3), np.float32(4), np.float32(8))
    assert json.loads(result_json(replace(found, relief=relief)))["relief"]["high"] == 4.0


def test_every_capture_fact_is_documented():
    known = schema()["$defs"]["photo"]["properties"]["capture"]["properties"]
    assert set(known) == {fact.name for fact in fields(CaptureFacts)}


def test_a_file_name_that_is_not_text_is_still_written(found):
    photo = replace(found.before, path=Path("bad\udcff\u202ename.jpg"))
    document = json.loads(result_json(replace(found, before=photo)).encode("utf-8"))
    assert document["inputs"]["before"]["file"] == "bad��name.jpg"


def test_the_reference_page_is_up_to_date(capsys):
    assert main(["--check"]) == 0, capsys.readouterr().err
    assert PAGE.read_text("utf-8") == reference_page()


def test_the_reference_page_names_every_field():
    page = reference_page()
    for field in ("inputs.before", "capture.iso", "scale.relative_error", "detectable_percent", "`says`"):
        assert field in page
