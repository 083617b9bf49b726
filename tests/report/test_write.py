"""The folder is written whole or not at all, and nobody else's files are ever replaced."""

import errno
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from microrelief.errors import OutputError
from microrelief.report import write
from microrelief.report.write import FILES, check_output, write_files, write_report

SOURCE = Path(write.__file__).parents[2]


def result(number: int, size: int = 1000) -> dict[str, bytes]:
    stamp = json.dumps({"schema": "microrelief/comparison/1", "number": number}).encode()
    return {"report.html": b"%d" % number * size, "pair.png": b"%d" % number * size, "result.json": stamp}


def number_in(folder: Path) -> int:
    """Which result stands there; fails unless all three files are of one and the same."""
    held = sorted(entry.name for entry in folder.iterdir())
    assert held == sorted(FILES), held
    number = json.loads((folder / "result.json").read_bytes())["number"]
    for name in ("report.html", "pair.png"):
        content = (folder / name).read_bytes()
        digits = b"%d" % number
        assert content == digits * (len(content) // len(digits)), name
    return number


def test_writes_three_files_and_nothing_beside(found, tmp_path):
    out = tmp_path / "a" / "b" / "out"
    write_report(found, out)
    assert sorted(entry.name for entry in out.iterdir()) == sorted(FILES)
    assert list(out.parent.iterdir()) == [out]
    assert out.stat().st_mode & 0o777 == 0o777 & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@pytest.mark.parametrize("exchange", [True, False], ids=["one step", "two steps"])
def test_replaces_our_own_earlier_result(tmp_path, monkeypatch, exchange):
    if not exchange:
        monkeypatch.setattr(write, "_exchange", lambda folder, out: False)
    out = tmp_path / "out"
    for number in (1, 2):
        write_files(result(number), out)
        assert number_in(out) == number
        assert list(tmp_path.iterdir()) == [out]


def test_exchange_works_here(tmp_path):
    """Linux with a usual disk swaps in one step; else the two-step way is in use and wants to be known."""
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    if not write._exchange(tmp_path / "a", tmp_path / "b"):
        pytest.skip("this disk cannot exchange folders")
    assert (tmp_path / "a" / "b").exists()


def test_an_empty_folder_is_filled_and_a_link_stays_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    write_files(result(3), tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert number_in(tmp_path / "real") == 3


NAMES = [
    "out", "OUT", "M\u00fcller", "Mu\u0308ller", r"..\out", r"\\host\share\out", r"C:\out", "...", "-out",
    "a/../out", "../a/out",
    "../../beside", "{there}/absolute", ".microrelief-new", "CON", "a\r\nb", "linked/out",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_T05_what_out_names_is_written_and_nothing_else(tmp_path, monkeypatch, name):
    """Beside the folder, above it and where a link leads: the listing grows by the result alone."""
    work = tmp_path / "above" / "a"
    for folder in (work / "a", tmp_path / "elsewhere"):
        folder.mkdir(parents=True)
    (work / "linked").symlink_to(tmp_path / "elsewhere")
    monkeypatch.chdir(work)
    out = Path(name.format(there=tmp_path))
    before = set(tmp_path.rglob("*"))
    check_output(out)
    assert set(tmp_path.rglob("*")) == before
    write_files(result(1), out)
    meant = Path(os.path.realpath(out))
    assert set(tmp_path.rglob("*")) - before == {meant, *(meant / file for file in FILES)}
    assert before <= set(tmp_path.rglob("*"))
    assert number_in(meant) == 1


def test_T05_names_that_differ_in_case_or_in_how_they_are_written_keep_their_own_result(tmp_path):
    names = ["out", "OUT", "M\u00fcller", "Mu\u0308ller"]
    for number, name in enumerate(names):
        write_files(result(number), tmp_path / name)
    if len(list(tmp_path.iterdir())) < len(names):
        pytest.skip("this disk holds such names for one")
    assert [number_in(tmp_path / name) for name in names] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    "held",
    [
        {"holiday.jpg": b"x"},
        {**result(1), "notes.txt": b"keep me"},
        {"result.json": b'{"schema": "something/else"}'},
        {"result.json": b"not json"},
        {"result.json": b"[" * 100_000},
        {"report.html": b"mine"},
        {".hidden": b""},
    ],
)
def test_other_peoples_files_are_refused_and_left(tmp_path, held):
    out = tmp_path / "out"
    out.mkdir()
    for name, content in held.items():
        (out / name).write_bytes(content)
    for attempt in (lambda: check_output(out), lambda: write_files(result(2), out)):
        with pytest.raises(OutputError, match="Name a new folder"):
            attempt()
    assert {entry.name: entry.read_bytes() for entry in out.iterdir()} == held
    assert list(tmp_path.iterdir()) == [out]


def test_a_file_in_the_way_is_refused(tmp_path):
    (tmp_path / "file").write_text("x")
    for out in (tmp_path / "file", tmp_path / "file" / "out", tmp_path / ("n" * 300), Path("nul\0")):
        with pytest.raises(OutputError):
            check_output(out)
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_checking_leaves_nothing_behind(tmp_path):
    check_output(tmp_path / "new" / "deep")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OutputError, match="may not write"):
            check_output(tmp_path / "out")
    finally:
        tmp_path.chmod(0o700)


def test_a_read_only_place_is_refused():
    """Works for root too: nobody may make folders in /proc."""
    if not Path("/proc/self").exists():
        pytest.skip("no /proc here")
    with pytest.raises(OutputError, match="Name"):
        check_output(Path("/proc/microrelief-out"))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_said_and_leaves_the_earlier_result(tmp_path, monkeypatch, number):
    out = tmp_path / "out"
    write_files(result(1), out)

    def full(path, content):
        if path.name == "result.json":
            raise OSError(number, "full")
        path.write_bytes(content)

    monkeypatch.setattr(write, "_write_durably", full)
    with pytest.raises(OutputError, match="not enough space"):
        write_files(result(2), out)
    assert number_in(out) == 1
    assert list(tmp_path.iterdir()) == [out]


def test_a_really_full_disk(tmp_path):
    mount = tmp_path / "small"
    mount.mkdir()
    made = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(mount)], capture_output=True, check=False
    )
    if not made or made.returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        with pytest.raises(OutputError, match="not enough space"):
            write_files(result(1, size=200_000), mount / "out")
        assert list(mount.iterdir()) == []
    finally:
        subprocess.run(["umount", str(mount)], check=False)


def test_a_limit_on_file_size_is_told_like_a_full_disk(tmp_path):
    code = (
        "import resource, pathlib, sys\n"
        "from microrelief.errors import OutputError\n"
        "from microrelief.report.write import write_files\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))\n"
        "try:\n    write_files({'report.html': b'x' * 50_000}, pathlib.Path(sys.argv[1]))\n"
        "except OutputError as no:\n    print(no)\n"
    )
    assert resource.RLIMIT_FSIZE >= 0
    said = _python(
        code,
        tmp_path / "out",
    ).stdout
    assert "not enough space" in said
    assert list(tmp_path.iterdir()) == []


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(SOURCE)}


def _python(code: str, out: Path) -> subprocess.CompletedProcess:
    command = [sys.executable, "-c", code, str(out)]
    return subprocess.run(command, env=_environment(), capture_output=True, text=True, check=True)


WRITER = """
import pathlib, sys, json
from microrelief.report import write
if sys.argv[2] == "two steps":
    write._exchange = lambda folder, out: False
print("ready", flush=True)
for number in range(int(sys.argv[3]), 10**9):
    stamp = json.dumps({"schema": "microrelief/comparison/1", "number": number}).encode()
    text = b"%d" % number * 20_000
    files = {"report.html": text, "pair.png": text, "result.json": stamp}
    write.write_files(files, pathlib.Path(sys.argv[1]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("way", ["one step", "two steps"])
def test_killed_at_any_moment_the_old_or_the_new_result_stands(tmp_path, way):
    """Thirty kills each way, at random moments of writing without pause."""
    out = tmp_path / "out"
    write_files(result(0), out)
    moments = random.Random(20261122)
    leftovers = 0
    for kill in range(30):
        child = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(out), way, str(1 + kill * 10**5)],
            env=_environment(),
            stdout=subprocess.PIPE,
        )
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        time.sleep(moments.uniform(0.0, 0.04))
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        leftovers += len(list(tmp_path.iterdir())) > 1
        if way == "two steps":
            check_output(out)  # the next run begins with this, and finishes what was begun
        number_in(out)
        check_output(out)
        assert list(tmp_path.iterdir()) == [out], "leftovers are swept by the next run"
    assert leftovers, "no kill fell into the writing: the test has tested nothing"


def test_a_result_set_aside_by_a_killed_run_comes_back(tmp_path):
    out = tmp_path / "out"
    write_files(result(1), out)
    out.rename(tmp_path / ".out.microrelief-old-abc")
    check_output(out)
    assert number_in(out) == 1


def test_a_living_run_keeps_its_hidden_folder(tmp_path):
    out = tmp_path / "out"
    with write._hidden_folder(out) as folder:
        (folder / "report.html").write_bytes(b"half")
        check_output(out)
        assert (folder / "report.html").exists()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_two_runs_at_once_leave_one_whole_result(tmp_path):
    """The last one wins; neither fails, and neither sweeps the other's unfinished folder away."""
    out = tmp_path / "out"
    code = WRITER.replace("10**9", "int(sys.argv[3]) + 150")
    children = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(out), "one step", str(start)],
            env=_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for start in (1, 10**6)
    ]
    assert [child.communicate()[1] for child in children] == [b"", b""]
    assert number_in(out) in (150, 10**6 + 149)
    assert list(tmp_path.iterdir()) == [out]
