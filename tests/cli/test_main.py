"""How every call ends: one sentence on stderr, the right exit code, nothing unasked on stdout."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from microrelief.cli import compare as verb
from microrelief.cli.main import DONE, FAULT, STOPPED, UNUSABLE, main
from microrelief.errors import OutputError, SetupError

HOUSE = Path(verb.__file__).parents[1]
DEMO = HOUSE / "phantom" / "demo"


def ended(capsys, *arguments) -> tuple[int, list[str], str]:
    """(exit code, lines of stderr, stdout) of one call."""
    try:
        code = main([str(argument) for argument in arguments])
    except SystemExit as leaving:
        code = int(leaving.code or 0)
    written = capsys.readouterr()
    return code, written.err.splitlines(), written.out


@pytest.fixture
def landscape(tmp_path):
    """A picture without a face."""
    path = tmp_path / "landscape.jpg"
    levels = np.linspace(40, 220, 400)[:, None, None] * np.ones((1, 500, 3))
    Image.fromarray(levels.astype(np.uint8)).save(path)
    return path


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "say what to do first: compare or demo"),
        (["a.jpg", "b.jpg", "--out", "r"], "'a.jpg' is not a verb, say compare or demo or pathway or serve"),
        (["comapre", "a.jpg", "b.jpg"], "'comapre' is not a verb"),
        (["compare", "a.jpg", "--out", "r"], "something is missing: AFTER"),
        (["compare", "--out", "r"], "something is missing: BEFORE, AFTER"),
        (["compare", "a.jpg", "b.jpg"], "something is missing: --out DIR"),
        (["compare", "a.jpg", "b.jpg", "--out", "r", "--fast"], "there is no such option"),
        (["compare", "a.jpg", "b.jpg", "c.jpg", "--out", "r"], "too much was given"),
        (["compare", "a.jpg", "b.jpg", "--out", "r", "--face-before", "0"], "give 1 for the leftmost"),
        (["compare", "a.jpg", "b.jpg", "--out", "r", "--face-after", "left"], "give 1 for the leftmost"),
        (["compare", "a.jpg", "b.jpg", "--out", "r", "--scale-after", "90"], "millimetres per pixel between"),
        (
            ["compare", "a.jpg", "b.jpg", "--out", "r", "--scale-after", "nan"],
            "millimetres per pixel between",
        ),
        (["compare", "a.jpg", "b.jpg", "--out", "r", "--scale-before", "x"], "millimetres per pixel between"),
        (
            ["compare", "a.jpg", "b.jpg", "--out", "r", "--face-model", "none.task"],
            "is not an existing face_landmarker.task file",
        ),
    ],
)
def test_a_mistake_in_the_arguments_is_one_sentence_with_the_way_to_the_examples(
    capsys, tmp_path, monkeypatch, arguments, says
):
    monkeypatch.chdir(tmp_path)
    code, sentences, out = ended(capsys, *arguments)
    assert code == UNUSABLE
    assert len(sentences) == 1
    assert says in sentences[0]
    assert sentences[0].endswith("--help shows examples.")
    assert out == ""
    assert list(tmp_path.iterdir()) == []


def test_help_shows_examples_and_loads_no_measuring_room(capsys):
    for arguments in (["--help"], ["compare", "--help"], ["demo", "--help"]):
        code, sentences, out = ended(capsys, *arguments)
        assert code == DONE
        assert sentences == []
        assert "microrelief compare march" in out or arguments == ["demo", "--help"]


def bad_file(folder: Path, kind: str, landscape: Path) -> Path:
    path = folder / f"{kind}.jpg"
    content = landscape.read_bytes()
    if kind == "folder":
        path.mkdir()
    elif kind != "missing":
        path.write_bytes(
            {"text": b"hello" * 99, "truncated": content[: len(content) // 2], "empty": b""}[kind]
        )
    return path


@pytest.mark.parametrize("which", ["before", "after"])
@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("text", "this is not a picture"),
        ("truncated", "breaks off"),
        ("empty", "the file is empty"),
        ("folder", "this is a folder"),
        ("missing", "there is no such file"),
    ],
)
def test_a_file_that_is_no_photograph_ends_in_one_sentence_and_writes_nothing(
    capsys, tmp_path, landscape, *, kind, says, which
):
    bad = bad_file(tmp_path, kind, landscape)
    pair = (bad, landscape) if which == "before" else (landscape, bad)
    code, sentences, out = ended(capsys, "compare", *pair, "--out", tmp_path / "result", "--quiet")
    assert (code, out) == (UNUSABLE, "")
    assert len(sentences) == 1
    assert f"{kind}.jpg" in sentences[0]
    assert says in sentences[0]
    assert not (tmp_path / "result").exists()
    assert [path for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_the_same_file_under_another_name_is_refused(capsys, tmp_path, landscape):
    copy = tmp_path / "copy.jpg"
    copy.write_bytes(landscape.read_bytes())
    for other in (landscape, copy):
        code, sentences, _ = ended(capsys, "compare", landscape, other, "--out", tmp_path / "r", "--quiet")
        assert code == UNUSABLE
        assert "are the same file: give the photograph of the other visit" in sentences[0]


def test_progress_goes_to_stderr_and_quiet_silences_it(capsys, tmp_path, landscape):
    given = ["compare", landscape, tmp_path / "none.jpg", "--out", tmp_path / "r", "--json"]
    _, sentences, out = ended(capsys, *given)
    assert sentences[0].endswith("reading both photographs ...")
    assert out == ""
    _, sentences, out = ended(capsys, *given, "--quiet")
    assert len(sentences) == 1
    assert out == ""


def test_a_folder_of_other_people_is_refused_before_anything_is_read(capsys, tmp_path, landscape):
    theirs = tmp_path / "holiday"
    theirs.mkdir()
    (theirs / "letter.txt").write_text("dear")
    code, sentences, _ = ended(capsys, "compare", landscape, landscape, "--out", theirs)
    assert code == UNUSABLE
    assert len(sentences) == 1
    assert "holds files that are not an earlier result" in sentences[0]
    assert os.listdir(theirs) == ["letter.txt"]


@pytest.fixture
def fails(monkeypatch):
    """Let the comparison end with this exception."""

    def with_(exception: BaseException) -> None:
        def fall(*_: object, **__: object) -> None:
            raise exception

        monkeypatch.setattr(verb, "compare_and_write", fall)

    return with_


GIVEN = ("compare", "a.jpg", "b.jpg", "--out", "r")


def test_an_unforeseen_fault_is_one_sentence_that_names_what_to_report(capsys, fails):
    fails(ZeroDivisionError("secret-name.jpg"))
    code, sentences, out = ended(capsys, *GIVEN)
    assert (code, out) == (FAULT, "")
    assert len(sentences) == 1
    assert "please report" in sentences[0]
    assert "ZeroDivisionError at " in sentences[0]
    assert "version" in sentences[0]
    assert "secret-name" not in sentences[0]


def test_the_traceback_is_shown_when_asked_for(capsys, fails):
    fails(ZeroDivisionError("why"))
    code, sentences, _ = ended(capsys, *GIVEN, "--traceback")
    assert code == FAULT
    assert sentences[0].startswith("Traceback")
    assert "ZeroDivisionError: why" in sentences


@pytest.mark.parametrize(
    ("exception", "code", "says"),
    [
        (SetupError("The face landmark model is missing."), FAULT, "landmark model is missing"),
        (MemoryError(), FAULT, "ran out of memory: close other programs"),
        (KeyboardInterrupt(), STOPPED, "stopped; nothing was written"),
    ],
)
def test_what_no_photograph_can_help_ends_with_its_own_code(capsys, fails, exception, code, says):
    fails(exception)
    ended_with, sentences, _ = ended(capsys, *GIVEN)
    assert ended_with == code
    assert len(sentences) == 1
    assert says in sentences[0]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_behind_stdout_says_where_the_report_is(monkeypatch, tmp_path):
    with open("/dev/full", "w", encoding="utf-8") as full:
        monkeypatch.setattr("sys.stdout", full)
        with pytest.raises(OutputError, match=r"the report is in .*printing failed"):
            verb._print("x" * 100_000, tmp_path)


def test_a_picture_without_a_face_ends_in_one_sentence(capsys, tmp_path, landscape):
    other = tmp_path / "other.png"
    Image.open(landscape).rotate(90).save(other)
    code, sentences, _ = ended(capsys, "compare", landscape, other, "--out", tmp_path / "r", "--quiet")
    assert code == UNUSABLE
    assert len(sentences) == 1
    assert "landscape.jpg: no face was found" in sentences[0]
    assert not (tmp_path / "r").exists()


@pytest.mark.slow
@pytest.mark.skipif(
    not (DEMO / "before.jpg").is_file(), reason="the demonstration pair is not in the package yet"
)
def test_the_demo_writes_a_report_and_json_leaves_nothing_else_on_stdout(capfd, tmp_path):
    code = main(["demo", "--out", str(tmp_path / "demo"), "--json"])
    written = capfd.readouterr()
    assert code == DONE
    assert json.loads(written.out) == json.loads((tmp_path / "demo" / "result.json").read_bytes())
    assert sorted(os.listdir(tmp_path / "demo")) == ["pair.png", "report.html", "result.json"]
    assert all(line.startswith("[") for line in written.err.splitlines())
