# ruff: noqa: E501  sentences and selectors read best on one line
"""The sentences people read: right way round, with their interval, and never a claim that is not ours to make."""

import ast
import importlib.resources
import inspect
import re
from dataclasses import replace

import pytest

from microrelief import flags
from microrelief.imaging.change.outcome import Outcome, Verdict
from microrelief.imaging.face.face import Pose
from microrelief.imaging.photo.photo import CaptureFacts
from microrelief.report import figures, page, picture, wording, write
from tests.report import changes

FORBIDDEN = re.compile(
    r"diagnos|severe|severity|\bcur(e|es|ed|ing)\b|\bheal|\bhealthy\b|disease|\bremov(e|es|ed|al)\b|guarantee|proven|miracle"
    r"|% (improvement|better|improved)|\bmild\b|\bmoderate\b|fitzpatrick|\bscore of\b|\bsuccess",
    re.IGNORECASE,
)
GRADE = re.compile(r"\bgrad(e|es|ed|ing)\b", re.IGNORECASE)
DIRECTIONS = re.compile(
    r"\b(better|worse|improved?|improvement|shallower|deeper|fewer|worsen\w*)\b", re.IGNORECASE
)


def plain(text):
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def outcome(change, low, high, detectable=12.0, verdict=None):
    if verdict is None:
        verdict = Verdict.IMPROVED if change < 0 else Verdict.WORSE
    return Outcome(verdict, change, low, high, detectable)


@pytest.mark.parametrize(
    ("key", "given", "said"),
    [
        (
            "relief",
            outcome(-31, -38, -24),
            "Scars read 31 % shallower (95 % interval 24 to 38 % shallower); this pair could have shown a change of 12 % or more.",
        ),
        (
            "relief",
            outcome(18, 6, 30),
            "Scars read 18 % deeper (95 % interval 6 to 30 % deeper); this pair could have shown a change of 12 % or more.",
        ),
        (
            "redness",
            outcome(-20, -31, 2),
            "Redness above clear skin reads 20 % lower (95 % interval 31 % lower to 2 % higher); "
            "this pair could have shown a change of 12 % or more.",
        ),
        (
            "pigment",
            outcome(-2, -9, 9, 14, Verdict.NO_CHANGE),
            "No change we can measure: a change under 14 % would not show in this pair.",
        ),
        (
            "relief",
            Outcome(Verdict.NOT_COMPARABLE, None, None, None, None, (), "hidden in the after photograph"),
            "Not comparable: hidden in the after photograph.",
        ),
    ],
)
def test_sentences(key, given, said):
    assert plain(wording.sentence(key, given)) == said


def test_a_number_that_is_not_one_is_never_printed():
    broken = Outcome(Verdict.IMPROVED, float("nan"), float("nan"), 0.0, 12.0)
    assert wording.sentence("relief", broken).startswith("Not comparable")
    assert wording.signed_interval(broken) == ""


@pytest.mark.parametrize(
    ("value", "said"),
    [(-31.4, "−31 %"), (0.04, "0 %"), (-0.3, "−0.3 %"), (3.5, "+4 %"), (0, "0 %"), (0.96, "+1 %")],
)
def test_signed_numbers(value, said):
    assert plain(wording.signed(value)) == said


def test_headline_follows_the_three_verdicts(found, refused, unchanged):
    assert (
        wording.headline(found)
        == "Scars read shallower. Redness: no change we can measure. Pigment reads higher."
    )
    assert wording.headline(unchanged) == "Relief, redness and pigment: no change we can measure."
    assert wording.headline(refused).startswith("Not comparable")
    both = replace(found, redness=found.relief, pigment=found.pigment)
    assert wording.headline(both) == "Scars read shallower. Redness reads lower. Pigment reads higher."
    turned = replace(found, relief=outcome(31, 24, 38))
    assert "deeper" in wording.headline(turned)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("2026-03-14T09:21:00", "2026-06-20T14:02:10", "98 days apart"),
        ("2026-03-14T23:59:00", "2026-03-15T00:01:00", "1 day apart"),
        ("2026-03-14T09:00:00", "2026-03-14T10:00:00", "same day"),
        ("2026-03-14", "2026-03-10", "after was taken 4 days earlier than before"),
        ("", "2026-03-10", "days between unknown"),
        ("<b>", "0000:00:00", "days between unknown"),
    ],
)
def test_days_between(before, after, said):
    assert wording.days_words(before, after) == said


@pytest.mark.parametrize("name", ["left cheek", "cheek_left", "cheek-left", "Left Cheek"])
def test_zones_are_said_with_the_patients_side_first(name):
    assert wording.zone_name(name) == "Left cheek"


def test_worst_reasons_come_without_the_advice(found):
    assert wording.reasons(found.comparability) == [
        "The before photograph is sharper.",
        "The colour of the light differs.",
    ]


def test_every_flag_is_named_as_its_key_and_says_a_sentence():
    for name, flag in flags.FLAGS.items():
        assert flag.name == name
        assert re.fullmatch(r"[a-z_]+", name)
        assert flag.sentence.endswith(".")
        assert len(flag.short) < 30
    assert flags.flag("never_heard_of").short == "never heard of"


def strings(module):
    """The string constants of a module without its docstrings."""
    tree = ast.parse(inspect.getsource(module))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and isinstance(node.body[0], ast.Expr)
    }
    found = (
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    )
    return [node.value for node in found]


def packaged(name):
    return importlib.resources.files("microrelief.report").joinpath("templates", name).read_text("utf-8")


def texts():
    """Everything the report can say by itself, without the one approved sentence."""
    said = {module.__name__: strings(module) for module in (wording, flags, page, figures, picture, write)}
    said["template"] = [packaged("report.html.j2")]
    said["script"] = re.findall(r"\"[^\"]*\"|`[^`]*`", packaged("viewer.js"))
    return [(where, text) for where, found in said.items() for text in found if text != wording.INTENDED_USE]


def test_t37_no_claim_that_is_not_ours():
    claims = [(where, text, found.group()) for where, text in texts() if (found := FORBIDDEN.search(text))]
    assert claims == []


def test_t37_the_lint_finds_what_it_is_for():
    for claim in (
        "Your scars are cured",
        "a diagnosis",
        "severity: mild",
        "heals the skin",
        "30 % improvement",
    ):
        assert FORBIDDEN.search(claim)
    assert wording.INTENDED_USE in strings(wording), (
        "the approved sentence is one constant, so that only it is let through"
    )


def test_t37_the_page_speaks_of_grades_only_of_photographs(found):
    html = page.page_html(found)
    read = re.sub(r"<(script|style)>.*?</\1>|<[^>]+>", " ", html, flags=re.DOTALL).replace(
        wording.INTENDED_USE, ""
    )
    assert not GRADE.search(read)
    assert not FORBIDDEN.search(read)
    assert wording.INTENDED_USE in html


def test_only_the_wording_says_which_way_is_good():
    said = [(where, text) for where, text in texts() if where != wording.__name__ and DIRECTIONS.search(text)]
    assert said == []


def test_unknown_dates_are_called_unknown(found):
    change = replace(found, before=replace(found.before, facts=CaptureFacts()))
    assert "unknown date" in page.page_html(change)
    assert wording.date_words(changes.BEFORE_FACTS.taken_at).replace("\u00a0", " ") == "14 Mar 2026"


def test_pose_is_said_from_the_patients_side():
    assert wording.pose_words(Pose(4.4, -2.0, 0.5)) == "4° to their left, chin 2° down"
    assert wording.pose_words(Pose(0.2, 0.3, -0.4)) == "straight on"
