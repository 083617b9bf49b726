"""What the pages say is so: commands, links, names, examples."""

import argparse
import doctest
import importlib
import re
import subprocess
from importlib import resources
from pathlib import Path

import pytest

from microrelief.cli.main import build_parser

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
README = (ROOT / "README.md").read_text("utf-8")
DEMO = resources.files("microrelief.phantom") / "demo"
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCED = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)


def verbs() -> dict[str, argparse.ArgumentParser]:
    actions = build_parser()._actions
    return next(dict(a.choices) for a in actions if isinstance(a, argparse._SubParsersAction))


def targets() -> set[str]:
    """What `make` can be asked for."""
    return set(re.findall(r"^([a-z][a-z-]*):(?!=)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


@pytest.mark.parametrize("verb", sorted(verbs()))
def test_every_verb_explains_itself_and_stands_in_the_manual(verb):
    parser = verbs()[verb]
    assert parser.description
    for action in parser._actions:
        assert action.help, f"{verb} {action.dest} has no help"
    assert any(f"microrelief {verb}" in page.read_text("utf-8") for page in PAGES), (
        f"{verb} stands on no page"
    )


def test_options_named_in_the_pages_exist():
    known = {
        option
        for parser in verbs().values()
        for action in parser._actions
        for option in action.option_strings
    }
    known |= {option for action in build_parser()._actions for option in action.option_strings}
    for page in PAGES:
        for command in re.findall(r"microrelief (?:compare|demo)\b[^`\n]*", page.read_text("utf-8")):
            assert set(re.findall(r"--[a-z-]+", command)) <= known, f"{page.name}: {command}"


def test_the_two_commands_of_the_readme_are_targets():
    block = next(found for found in FENCED.findall(README) if "make" in found)
    assert re.findall(r"^make ([a-z-]+)", block, re.MULTILINE) == ["run", "test"]


def test_every_make_command_in_the_pages_is_a_target():
    for page in PAGES:
        asked = set(re.findall(r"(?:`|^)make ([a-z][a-z-]+)", page.read_text("utf-8"), re.MULTILINE))
        assert asked <= targets(), f"{page.name}: make {asked - targets()}"


def test_both_commands_set_up_what_they_need():
    dry = subprocess.run(
        ["make", "-n", "-B", "run", "test"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert dry.stdout.index("requirements/dev.lock") < dry.stdout.index("microrelief demo")
    assert dry.stdout.index("requirements/dev.lock") < dry.stdout.index("-m pytest")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for target in LINK.findall(FENCED.sub("", page.read_text("utf-8"))):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        name, _, anchor = target.partition("#")
        found = (page.parent / name).resolve() if name else page
        assert found.exists(), f"{page.name} leads to {target}, which is not there"
        assert found.is_relative_to(ROOT), f"{page.name} leads out of the project: {target}"
        if anchor:
            assert anchor in anchors(found), f"{page.name}: {found.name} has no heading #{anchor}"


def anchors(page: Path) -> set[str]:
    """The headings of a page as GitHub links to them, and its named places."""
    text = FENCED.sub("", page.read_text("utf-8"))
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    named = set(re.findall(r'<a id="([^"]+)">', text))
    return named | {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_method_and_decision_is_numbered_once():
    numbers = [page.name[:4] for page in (ROOT / "docs" / "decisions").glob("*.md")]
    assert sorted(numbers) == [f"{n:04d}" for n in range(1, len(numbers) + 1)]


def glossary() -> list[str]:
    rows = re.findall(r"^\|.*\| `([a-zA-Z_.]+)` \|$", (ROOT / "GLOSSARY.md").read_text("utf-8"), re.MULTILINE)
    assert len(rows) > 20
    return rows


@pytest.mark.parametrize("name", glossary())
def test_each_word_of_the_glossary_has_its_name_in_code(name):
    if name.startswith("web."):
        importlib.import_module("tests.web.conftest")  # Django's models want a data folder
    parts = f"microrelief.{name}".split(".")
    for split in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:split]))
        except ModuleNotFoundError:
            continue
        break
    for part in parts[split:]:
        # a field without a default stands only among the annotations
        assert hasattr(found, part) or part in getattr(found, "__annotations__", {}), f"{name}: no {part}"
        found = getattr(found, part, None)


@pytest.mark.parametrize(
    "file",
    [
        p
        for p in sorted((ROOT / "src").rglob("*.py"))
        if re.search(r"^ *>>> (?!.*doctest: \+SKIP)", p.read_text("utf-8"), re.MULTILINE)
    ],
    ids=lambda file: str(file.relative_to(ROOT / "src")),
)
def test_examples_in_docstrings_run(file):
    module = importlib.import_module(".".join(file.relative_to(ROOT / "src").with_suffix("").parts))
    tried = doctest.testmod(module)
    assert tried.attempted
    assert not tried.failed


def python_blocks() -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        for block in re.findall(
            r"^ *```python\n(.*?)^ *```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL
        ):
            if "microrelief.compare(" in block:
                indent = len(block) - len(block.lstrip(" "))
                lines = (line[indent:] for line in block.splitlines())
                found.append((str(page.relative_to(ROOT)), "\n".join(lines)))
    return found


@pytest.mark.slow
@pytest.mark.skipif(
    not (DEMO / "before.jpg").is_file(), reason="the demonstration pair is not in the package"
)
@pytest.mark.parametrize(
    ("page", "code"), python_blocks(), ids=lambda value: value if value.endswith(".md") else ""
)
def test_python_of_the_pages_runs_on_the_demonstration_pair(page, code, tmp_path, monkeypatch, capsys):
    for name in ("before.jpg", "after.jpg"):
        (tmp_path / name).write_bytes((DEMO / name).read_bytes())
    monkeypatch.chdir(tmp_path)
    exec(compile(code, page, "exec"), {})
    assert capsys.readouterr().out.strip()
