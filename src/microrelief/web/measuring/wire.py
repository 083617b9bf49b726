"""What the site and its measuring child say to each other: JSON with bytes behind it.

A message is four bytes of length, that much JSON, and the parts whose lengths the JSON names. No pickles:
what comes back from a process that read a stranger's picture is data, never an object.
"""

import json
import struct
from dataclasses import dataclass, field
from typing import IO, Any

LENGTH = struct.Struct(">I")
MOST_JSON = 32 << 20
MOST_PART = 512 << 20


@dataclass(frozen=True)
class Message:
    """Words and bytes."""

    says: dict[str, Any]
    parts: list[bytes] = field(default_factory=list)


def send(stream: IO[bytes], message: Message) -> None:
    """Write the message and flush."""
    text = json.dumps({**message.says, "parts": [len(part) for part in message.parts]}).encode()
    stream.write(LENGTH.pack(len(text)) + text)
    for part in message.parts:
        stream.write(part)
    stream.flush()


def receive(stream: IO[bytes]) -> Message | None:
    """The next message; None where the other side has gone. Raises ValueError for what is no message."""
    head = _exactly(stream, LENGTH.size)
    if head is None:
        return None
    (size,) = LENGTH.unpack(head)
    if size > MOST_JSON:
        return None
    text = _exactly(stream, size)
    if text is None:
        return None
    says, lengths = _words(text)
    parts = []
    for length in lengths:
        part = _exactly(stream, length) if 0 <= length <= MOST_PART else None
        if part is None:
            return None
        parts.append(part)
    return Message(says, parts)


def _words(text: bytes) -> tuple[dict[str, Any], list[int]]:
    """What is said, and the lengths of the parts behind it."""
    try:
        says = json.loads(text)
    except RecursionError:
        raise ValueError("nested more deeply than any message") from None
    lengths = says.pop("parts", None) if isinstance(says, dict) else None
    if not isinstance(lengths, list) or not all(isinstance(length, int) for length in lengths):
        raise ValueError("no message: it does not say what parts it has")
    return says, lengths


def _exactly(stream: IO[bytes], size: int) -> bytes | None:
    """So many bytes, or None at the end."""
    found = bytearray()
    while len(found) < size:
        piece = stream.read(size - len(found))
        if not piece:
            return None
        found += piece
    return bytes(found)
