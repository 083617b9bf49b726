"""What is installed is whole: every data file is in the wheel, every import is a declared dependency."""

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


DEVELOPERS_ONLY = {"src/microrelief/web/languages/catalogue.py"}
"""Modules that only a checkout runs, to write generated files again: they may import the `dev` extra."""


def test_every_data_file_is_in_the_wheel(tmp_path):
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    package = ROOT / "src" / "microrelief"
    wanted = {
        str(file.relative_to(package.parent))
        for file in package.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert {"microrelief/report/templates/viewer.js", "microrelief/report/comparison-1.schema.json"} <= wanted
    assert wanted <= held


def test_every_import_is_declared():
    """The lock is installed without following dependencies, so one that is not declared would be missing."""
    requirements = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["phantom"]]
    declared = {_plain(re.match(r"[\w.-]+", requirement)[0]) for requirement in requirements}
    carriers = importlib.metadata.packages_distributions()
    own_or_standard = sys.stdlib_module_names | {"microrelief"}
    missing = set()
    for file in (ROOT / "src").rglob("*.py"):
        for name in _imported(ast.parse(file.read_text("utf-8"))) - own_or_standard:
            if str(file.relative_to(ROOT)) in DEVELOPERS_ONLY and name == "babel":
                continue
            if not {_plain(carrier) for carrier in carriers.get(name, [name])} & declared:
                missing.add(f"{name} in {file.relative_to(ROOT)}")
    assert not missing


def test_locks_hold_hashes_and_no_addresses():
    for lock in (ROOT / "requirements").glob("*.lock"):
        text = lock.read_text("utf-8")
        pins = re.findall(r"^[\w.-]+==.*\\\n +--hash=sha256:", text, re.MULTILINE)
        assert len(pins) == len(re.findall(r"^[\w.-]+", text, re.MULTILINE))
        assert "://" not in text
        assert "index" not in text
        assert not re.search(r"^opencv-(contrib-)?python==", text, re.MULTILINE), "only one OpenCV may stand"


def _imported(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
