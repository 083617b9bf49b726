"""The decoding process gives up what decoding does not need: network, other programs, signals, writing files.

Reading files goes on, for libraries are loaded late.

By Landlock and seccomp of the Linux kernel, through the C library that is loaded anyway. Where there is
neither, as on macOS and Windows, the limits of `decode.restrain` are all there is.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
from dataclasses import dataclass

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
LANDLOCK_CREATE_RULESET, LANDLOCK_RESTRICT_SELF, LANDLOCK_VERSION = 444, 446, 1
"""Numbers of the kernel's calls, the same on every processor (man 7 landlock)."""
WRITES_BY_VERSION = {1: (1 << 13) - 1 - 0b1100, 2: 1 << 13, 3: 1 << 14}
"""Accesses to files that each version of Landlock knows, but for reading files and folders (bits 2 and 3)."""
NET_SINCE, NETWORK = 4, 0b11
"""TCP bind and connect."""

ALLOW, REFUSE, EPERM = 0x7FFF0000, 0x00050000, 1
LOAD, JUMP_EQUAL, JUMP_ABOVE, RETURN = 0x20, 0x15, 0x35, 0x06
"""Of the classic packet filter in which seccomp is written (linux/bpf_common.h)."""
OTHER_PROCESSOR_CALLS = 0x40000000
"""From here on x86 numbers its calls a second time (x32)."""


@dataclass(frozen=True)
class Processor:
    """How the kernel names it, and the calls that are refused there."""

    audit_name: int
    refused: tuple[int, ...]


PROCESSORS = {
    # socket, socketpair, connect, execve, execveat, ptrace, process_vm_readv, process_vm_writev, bpf,
    # io_uring_setup; kill, tkill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo, pidfd_send_signal
    "x86_64": Processor(
        0xC000003E, (41, 53, 42, 59, 322, 101, 310, 311, 321, 425, 62, 200, 234, 129, 297, 424)
    ),
    "aarch64": Processor(
        0xC00000B7, (198, 199, 203, 221, 281, 117, 270, 271, 280, 425, 129, 130, 131, 138, 240, 424)
    ),
}


def confine() -> frozenset[str]:
    """Give it up, for good. Returns what is in force: "landlock", "seccomp", both or neither."""
    if sys.platform != "linux":
        return frozenset()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return frozenset()
    in_force = {"landlock": _landlocked(libc), "seccomp": _filtered(libc)}
    return frozenset(name for name, held in in_force.items() if held)


def _landlocked(libc: ctypes.CDLL) -> bool:
    """No file is written, made or removed, none is run; reading goes on, for libraries are loaded late."""
    version = libc.syscall(LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), LANDLOCK_VERSION)
    if version < 1:
        return False
    accesses = sum(bits for since, bits in WRITES_BY_VERSION.items() if since <= version)
    rules = struct.pack("QQ", accesses, NETWORK) if version >= NET_SINCE else struct.pack("Q", accesses)
    ruleset = libc.syscall(LANDLOCK_CREATE_RULESET, rules, ctypes.c_size_t(len(rules)), 0)
    if ruleset < 0:
        return False
    try:
        return bool(libc.syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def _filtered(libc: ctypes.CDLL) -> bool:
    """No socket, no other program, no signal to another process and no look into it."""
    processor = PROCESSORS.get(platform.machine())
    if processor is None or struct.calcsize("P") != 8:
        return False
    refuse = REFUSE | EPERM
    steps = [
        (LOAD, 0, 0, 4),  # the processor
        (JUMP_EQUAL, 1, 0, processor.audit_name),
        (RETURN, 0, 0, refuse),
        (LOAD, 0, 0, 0),  # the call
        (JUMP_ABOVE, len(processor.refused) + 1, 0, OTHER_PROCESSOR_CALLS),
        *((JUMP_EQUAL, left, 0, call) for left, call in _counting_down(processor.refused)),
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, refuse),
    ]
    program = b"".join(struct.pack("HBBI", *step) for step in steps)
    filter_program = _Program(len(steps), program)
    return bool(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(filter_program), 0, 0) == 0)


def _counting_down(calls: tuple[int, ...]) -> list[tuple[int, int]]:
    """Each call with how many steps lie between it and the refusal."""
    return [(len(calls) - number, call) for number, call in enumerate(calls)]
