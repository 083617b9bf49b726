"""A decoding process that was taken over reaches no network, runs no program and writes no file."""

import json
import subprocess
import sys
from dataclasses import asdict

import pytest

from microrelief.imaging.photo.read import USUAL_LIMITS

TAKEN_OVER = """
import ctypes, errno, json, os, platform, socket, sys
from microrelief.imaging.photo.confined import confine
from microrelief.imaging.photo.decode import restrain
tried = {}
def attempt(name, act):
    try:
        act()
        tried[name] = "done"
    except OSError as failure:
        tried[name] = type(failure).__name__
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *values):
    ctypes.set_errno(0)
    if libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, values)) < 0:
        raise OSError(ctypes.get_errno(), "refused")
restrain(json.loads(sys.argv[1]))
attempt("socket", lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM))
attempt("local socket", lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
attempt("program", lambda: os.execv("/bin/true", ["true"]))
attempt("kill", lambda: os.kill(os.getppid(), 0))
parent = os.getppid()
tkill, tgkill = (200, 234) if platform.machine() == "x86_64" else (130, 131)
attempt("signal to a thread", lambda: call(tkill, parent, 0))
attempt("signal to a thread of a process", lambda: call(tgkill, parent, parent, 0))
if platform.machine() == "x86_64":
    attempt("x32", lambda: call(0x40000000 + 39))
attempt("write", lambda: open(sys.argv[2] + "/new", "w"))
attempt("overwrite", lambda: open(sys.argv[2] + "/there", "a"))
attempt("remove", lambda: os.unlink(sys.argv[2] + "/there"))
attempt("folder", lambda: os.mkdir(sys.argv[2] + "/folder"))
attempt("read", lambda: open(sys.argv[2] + "/there").read())
print(json.dumps([sorted(confine()), tried]))
"""
"""`confine` once more tells what is in force: to give up again what was given up is no harm."""


def test_a_decoder_that_was_taken_over_reaches_nothing(tmp_path):
    (tmp_path / "there").write_text("kept")
    limits = json.dumps(asdict(USUAL_LIMITS))
    done = subprocess.run(
        [sys.executable, "-c", TAKEN_OVER, limits, str(tmp_path)], capture_output=True, text=True, check=True
    )
    in_force, tried = json.loads(done.stdout)
    if "seccomp" in in_force:
        refused = ("socket", "local socket", "program", "kill", "signal to a thread")
        refused += ("signal to a thread of a process", *(name for name in tried if name == "x32"))
        assert {tried[name] for name in refused} == {"PermissionError"}
    if "landlock" in in_force:
        assert {tried[name] for name in ("write", "overwrite", "remove", "folder")} == {"PermissionError"}
        assert sorted(path.name for path in tmp_path.iterdir()) == ["there"]
    assert tried["read"] == "done", "libraries are loaded late"
    if not in_force:
        pytest.skip("this system has neither Landlock nor seccomp")
