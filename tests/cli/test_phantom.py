"""The verb that renders: what it refuses, and that nothing heavy loads before it is asked for."""

import subprocess
import sys

import pytest

from microrelief.cli.main import UNUSABLE
from microrelief.phantom import renderer
from tests.cli.test_main import ended


def test_without_the_renderer_it_says_what_to_install(capsys, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "mitsuba", None)  # what Python does where it is not installed
    renderer._mitsuba.cache_clear()
    code, sentences, out = ended(capsys, "phantom", tmp_path / "made")
    assert (code, out) == (UNUSABLE, "")
    assert len(sentences) == 1
    assert "pip install 'microrelief[phantom]'" in sentences[0]
    assert "LLVM 19" in sentences[0]
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["--head", "none.npz"], "there is no head at none.npz"),
        (["--seed", "900"], "take --seed 0 to 499"),
        (["--seed", "-1"], "is not a whole number"),
        (["--subjects", "0"], "at least 1"),
        (["--subjects", "many"], "is not a whole number"),
        (["--split", "test"], "invalid choice"),
    ],
)
def test_a_mistake_is_one_sentence_and_nothing_is_made(capsys, tmp_path, given, says):
    code, sentences, _ = ended(capsys, "phantom", tmp_path / "made", *given)
    assert code == UNUSABLE
    assert len(sentences) == 1
    assert says in sentences[0]
    assert not (tmp_path / "made").exists()


def test_the_renderer_is_loaded_by_no_other_verb_and_by_no_help():
    script = (
        "import sys; from microrelief.cli.main import main\n"
        "try: main(['phantom', '--help'])\n"
        "except SystemExit: pass\n"
        "sys.exit(bool({'mitsuba', 'drjit', 'numpy', 'matplotlib'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, check=False).returncode == 0
