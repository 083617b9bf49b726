"""Bytes become an encrypted blob and back, in segments, so that a large photograph needs little memory.

A blob is a header and segments of 64 KiB, each authenticated with its place and with whether it is the last:
a segment that was changed, left out, doubled, moved or taken from another blob does not open, and neither
does a blob that was cut off. What a blob is bound to (patient, photograph, kind, version) is not in it but is
authenticated with it, so that it opens only where it was filed. Layout: docs/reference/vault-format.md.
"""

import io
import os
import struct
from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from microrelief.errors import BlobDamaged, NewerFormat, WrongKey
from microrelief.vault.keys import AES_256_GCM, TAG_BYTES, PhotoKey, bound_to, derived

MAGIC = b"MRBLOB\r\n"
"""Begins every blob; the line end shows a transfer that rewrote text."""
BLOB_VERSION = 1
HEADER = struct.Struct(">8sBBBx16s16s32s")
"""Magic, version, algorithm, kind, a zero; id of the photograph's key, id of the patient's key, salt."""
SEGMENT_BYTES = 1 << 16
SEALED_SEGMENT_BYTES = SEGMENT_BYTES + TAG_BYTES
MOST_SEGMENTS = 1 << 32


class Kind(IntEnum):
    """What a blob holds."""

    ORIGINAL = 1
    """The very bytes that were uploaded."""
    THUMBNAIL = 2
    SCREEN = 3
    """A copy to look at."""
    DERIVED = 4
    """Made from photographs: an aligned picture, a report."""


def encrypted(key: PhotoKey, kind: Kind, plain: bytes | IO[bytes], version: int = 1) -> Iterator[bytes]:
    """The blob of the bytes, piece by piece. `version` counts the blobs of one kind of one photograph.

    Each blob has a key of its own, derived from the photograph's with a random salt, and counts its segments
    from zero in the nonce: no nonce ever meets the same key twice.
    """
    salt = os.urandom(32)
    header = HEADER.pack(MAGIC, BLOB_VERSION, AES_256_GCM, kind, key.id, key.patient_key_id, salt)
    cipher = AESGCM(derived(key.key, "blob", salt))
    bound = header + _place(key, kind, version)
    yield header
    for number, segment, last in _segments(_stream(plain), SEGMENT_BYTES):
        yield cipher.encrypt(_nonce(number, last), segment, bound)


def decrypted(key: PhotoKey, kind: Kind, blob: bytes | IO[bytes], version: int = 1) -> Iterator[bytes]:
    """The bytes in the blob, piece by piece; closes nothing.

    Every piece was authenticated before it is yielded, and the first one before this returns, so that an
    error of the key or the place comes before any byte is sent on. That the blob was cut off shows only at
    its end: what must be whole is used after the last piece, or read with `opened`. Raises WrongKey where
    the blob wants another key, BlobDamaged where it was changed, cut off, or belongs elsewhere.
    """
    stream = _stream(blob)
    header = _filled(stream, HEADER.size)
    if len(header) < HEADER.size or header[:8] != MAGIC:
        raise BlobDamaged("This is no encrypted photograph; restore it from a backup")
    _, blob_version, algorithm, _, photo_key_id, _, salt = HEADER.unpack(header)
    if (blob_version, algorithm) != (BLOB_VERSION, AES_256_GCM):
        raise NewerFormat("The photograph was encrypted by a later version of Microrelief; update this one")
    if photo_key_id != key.id:
        raise WrongKey(
            f"The photograph was encrypted with key {photo_key_id.hex()[:8]} and key {key.id.hex()[:8]} was "
            "given; use the key file and the database that belong to it"
        )
    cipher = AESGCM(derived(key.key, "blob", salt))
    pieces = _opened_segments(stream, cipher, header + _place(key, kind, version))
    return _with_first(next(pieces), pieces)


def sealed(key: PhotoKey, kind: Kind, plain: bytes, version: int = 1) -> bytes:
    """The whole blob of the bytes."""
    return b"".join(encrypted(key, kind, plain, version))


def opened(key: PhotoKey, kind: Kind, blob: bytes | IO[bytes], version: int = 1) -> bytes:
    """All the bytes in the blob, and only if it is whole."""
    return b"".join(decrypted(key, kind, blob, version))


def encrypted_size(plain_bytes: int) -> int:
    """Size of the blob of so many bytes."""
    segments = max(1, -(-plain_bytes // SEGMENT_BYTES))
    return HEADER.size + plain_bytes + segments * TAG_BYTES


def _opened_segments(stream: IO[bytes], cipher: AESGCM, bound: bytes) -> Iterator[bytes]:
    for number, segment, last in _segments(stream, SEALED_SEGMENT_BYTES):
        try:
            yield cipher.decrypt(_nonce(number, last), segment, bound)
        except InvalidTag:
            raise BlobDamaged(
                "The encrypted photograph was changed, cut off, or filed under another patient or "
                "photograph; restore it from a backup"
            ) from None


def _with_first(first: bytes, others: Iterable[bytes]) -> Iterator[bytes]:
    yield first
    yield from others


def _place(key: PhotoKey, kind: Kind, version: int) -> bytes:
    return bound_to(key.patient_id, key.photo_id) + struct.pack(">BQ", kind, version)


def _nonce(number: int, last: bool) -> bytes:
    if number >= MOST_SEGMENTS:
        raise ValueError("more segments than a blob may have")
    return struct.pack(">7xIB", number, last)


def _segments(stream: IO[bytes], size: int) -> Iterator[tuple[int, bytes, bool]]:
    """Number, bytes, and whether it is the last: one always is, and it is empty where all is."""
    number, segment = 0, _filled(stream, size)
    while True:
        after = _filled(stream, size) if len(segment) == size else b""
        yield number, segment, not after
        if not after:
            return
        number, segment = number + 1, after


def _filled(stream: IO[bytes], size: int) -> bytes:
    """As many bytes as asked for, fewer only at the end; raw streams may give fewer at a time."""
    data = stream.read(size)
    if len(data) in (0, size):
        return data
    parts = [data]
    missing = size - len(data)
    while missing and (data := stream.read(missing)):
        parts.append(data)
        missing -= len(data)
    return b"".join(parts)


def _stream(data: bytes | IO[bytes]) -> IO[bytes]:
    return io.BytesIO(data) if isinstance(data, bytes) else data
