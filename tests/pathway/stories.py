"""Worked stories in docs/ that run: files and commands in the text, and what the commands print.

    python -m tests.pathway.stories      run them and write what they print into the pages

A fenced block ```toml name.toml is a file; a fenced block ```console holds commands after "$ " and their
output.
"""

import contextlib
import io
import os
import re
import shlex
import tempfile
from pathlib import Path

from microrelief.cli.main import main

DOCS = Path(__file__).parents[2] / "docs"
STORIES = (
    DOCS / "tutorial" / "pathway-straightforward.md",
    DOCS / "tutorial" / "pathway-deferred.md",
    DOCS / "tutorial" / "pathway-red-flag.md",
    DOCS / "how-to" / "pathway.md",
)
_BLOCK = re.compile(r"^```(toml|console)( [\w.-]+)?\n(.*?)^```$", re.M | re.S)


def told_again(page: Path) -> str:
    """The page as it would read with what its commands print today."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        return _BLOCK.sub(_retell, page.read_text(encoding="utf-8"))


def _retell(block: re.Match[str]) -> str:
    kind, name, text = block.groups()
    if kind == "toml":
        if name:
            Path(name.strip()).write_text(text, encoding="utf-8")
        return block.group(0)
    commands = [line for line in text.splitlines() if line.startswith("$ ")]
    return "```console\n" + "".join(f"{line}\n{_run(line[2:])}" for line in commands) + "```"


def _run(command: str) -> str:
    words = shlex.split(command)
    if words[0] == "cat":
        return Path(words[1]).read_text(encoding="utf-8").replace("\r\n", "\n")
    assert words[0] == "microrelief", command
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(words[1:])
    lines = (out.getvalue() + err.getvalue()).rstrip("\n").splitlines()
    lines += [f"(exit code {code})"] if code else []
    return "".join(f"{line}".rstrip() + "\n" for line in lines)


if __name__ == "__main__":
    os.environ["COLUMNS"] = "100"
    for page in STORIES:
        page.write_text(told_again(page), encoding="utf-8")
        print(page.name)
