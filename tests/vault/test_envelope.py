"""T04: whatever is encrypted comes back, and nothing else does."""

import dataclasses
import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microrelief.errors import BlobDamaged, NewerFormat, WrongKey
from microrelief.vault.envelope import (
    HEADER,
    MAGIC,
    SEALED_SEGMENT_BYTES,
    SEGMENT_BYTES,
    Kind,
    decrypted,
    encrypted,
    encrypted_size,
    opened,
    sealed,
)
from microrelief.vault.keys import PhotoKey

SEVERAL_SEGMENTS = bytes(range(256)) * 1024  # 4 segments exactly
contents = st.one_of(
    st.binary(max_size=300),
    st.builds(
        lambda size, seed: (seed * (size // len(seed) + 1))[:size],
        st.one_of(
            st.integers(0, 4 * SEGMENT_BYTES),
            st.sampled_from([n * SEGMENT_BYTES + d for n in (1, 2, 3) for d in (-1, 0, 1)]),
        ),
        st.binary(min_size=1, max_size=32),
    ),
)
names = st.text(max_size=40).filter(lambda text: text.isprintable())
keys = st.builds(
    PhotoKey, names, names, st.binary(min_size=16, max_size=16), st.binary(min_size=32, max_size=32)
)
kinds = st.sampled_from(Kind)


class Trickle(io.RawIOBase):
    """A stream that gives fewer bytes than it is asked for, as sockets do."""

    def __init__(self, data: bytes, most: int) -> None:
        self._data, self._most = io.BytesIO(data), most

    def read(self, size=-1):
        return self._data.read(min(size, self._most))


@given(key=keys, kind=kinds, plain=contents, version=st.integers(0, 2**64 - 1), most=st.integers(1000, 99999))
def test_T04_what_goes_in_comes_out(key, kind, plain, version, most):
    blob = sealed(key, kind, plain, version)
    assert opened(key, kind, blob, version) == plain
    assert len(blob) == encrypted_size(len(plain))
    assert b"".join(decrypted(key, kind, Trickle(blob, most), version)) == plain
    assert opened(key, kind, b"".join(encrypted(key, kind, Trickle(plain, most), version)), version) == plain


@given(key=keys, plain=contents, at=st.integers(0), flip=st.integers(1, 255))
def test_T04_a_changed_byte_never_opens(key, plain, at, flip):
    blob = bytearray(sealed(key, Kind.ORIGINAL, plain))
    blob[at % len(blob)] ^= flip
    with pytest.raises((BlobDamaged, WrongKey, NewerFormat)):
        opened(key, Kind.ORIGINAL, bytes(blob))


@given(key=keys, plain=contents, cut=st.integers(1))
def test_T04_a_blob_cut_short_never_opens(key, plain, cut):
    blob = sealed(key, Kind.ORIGINAL, plain)
    with pytest.raises(BlobDamaged):
        opened(key, Kind.ORIGINAL, blob[: len(blob) - 1 - cut % len(blob)])


@given(
    key=keys,
    other=keys,
    kind=kinds,
    other_kind=kinds,
    version=st.integers(0, 3),
    other_version=st.integers(0, 3),
)
def test_T04_a_blob_opens_only_where_it_was_filed(key, other, kind, other_kind, version, other_version):
    blob = sealed(key, kind, b"a face", version)
    for names_of in ({"patient_id": other.patient_id}, {"photo_id": other.photo_id}):
        elsewhere = dataclasses.replace(key, **names_of)
        if elsewhere != key:
            with pytest.raises(BlobDamaged):
                opened(elsewhere, kind, blob, version)
    if (other_kind, other_version) != (kind, version):
        with pytest.raises(BlobDamaged):
            opened(key, other_kind, blob, other_version)
    if other.key != key.key:
        with pytest.raises(WrongKey):
            opened(dataclasses.replace(key, key=other.key), kind, blob, version)


@given(patient=names, photo=names)
def test_names_that_run_together_are_told_apart(patient, photo):
    key = PhotoKey(patient, photo, bytes(16), bytes(32))
    blob = sealed(key, Kind.ORIGINAL, b"a face")
    joined = patient + photo
    for at in range(len(joined) + 1):
        elsewhere = dataclasses.replace(key, patient_id=joined[:at], photo_id=joined[at:])
        if elsewhere != key:
            with pytest.raises(BlobDamaged):
                opened(elsewhere, Kind.ORIGINAL, blob)


def segments(blob: bytes) -> list[bytes]:
    body = blob[HEADER.size :]
    return [body[at : at + SEALED_SEGMENT_BYTES] for at in range(0, len(body), SEALED_SEGMENT_BYTES)]


@given(order=st.lists(st.integers(0, 7), max_size=8))
def test_T04_segments_open_only_in_their_order_and_their_blob(order):
    key = PhotoKey("p", "f", bytes(16), bytes(32))
    blobs = [sealed(key, Kind.ORIGINAL, SEVERAL_SEGMENTS) for _ in range(2)]
    pieces = [piece for blob in blobs for piece in segments(blob)]
    assert len(pieces) == 8
    made = blobs[0][: HEADER.size] + b"".join(pieces[i] for i in order)
    if order == [0, 1, 2, 3]:
        assert opened(key, Kind.ORIGINAL, made) == SEVERAL_SEGMENTS
    else:
        with pytest.raises(BlobDamaged):
            opened(key, Kind.ORIGINAL, made)


@pytest.mark.parametrize(
    "order",
    [[0], [0, 1], [0, 1, 2], [1, 0, 2, 3], [0, 1, 3], [0, 1, 2, 2, 3], [0, 1, 2, 3, 3], [0, 5, 2, 3], [3]],
)
def test_T04_truncated_reordered_doubled_and_swapped_segments(order, photo_key):
    blobs = [sealed(photo_key, Kind.ORIGINAL, SEVERAL_SEGMENTS) for _ in range(2)]
    pieces = [piece for blob in blobs for piece in segments(blob)]
    with pytest.raises(BlobDamaged):
        opened(photo_key, Kind.ORIGINAL, blobs[0][: HEADER.size] + b"".join(pieces[i] for i in order))


def test_the_same_bytes_never_encrypt_alike(photo_key):
    blobs = {sealed(photo_key, Kind.ORIGINAL, b"a face") for _ in range(100)}
    assert len({blob[HEADER.size :] for blob in blobs}) == 100
    assert not any(b"a face" in blob for blob in blobs)
    assert all(blob.startswith(MAGIC) for blob in blobs)


def test_an_error_comes_before_the_first_byte_is_sent_on(photo_key):
    blob = bytearray(sealed(photo_key, Kind.ORIGINAL, SEVERAL_SEGMENTS))
    blob[HEADER.size] ^= 1
    with pytest.raises(BlobDamaged):
        decrypted(photo_key, Kind.ORIGINAL, bytes(blob))
    with pytest.raises(BlobDamaged):
        decrypted(photo_key, Kind.THUMBNAIL, sealed(photo_key, Kind.ORIGINAL, b"x"))


def test_a_blob_of_a_later_version_is_not_called_damaged(photo_key):
    blob = bytearray(sealed(photo_key, Kind.ORIGINAL, b"x"))
    blob[len(MAGIC)] = 2
    with pytest.raises(NewerFormat, match="update"):
        opened(photo_key, Kind.ORIGINAL, bytes(blob))


def test_a_large_photograph_needs_little_memory(photo_key, tmp_path):
    size = 60 << 20
    with (tmp_path / "blob").open("wb") as file:
        tracemalloc.start()
        plain = io.BufferedReader(Zeros(size))
        file.writelines(encrypted(photo_key, Kind.ORIGINAL, plain))
        with (tmp_path / "blob").open("rb") as blob:
            file.flush()
            assert sum(map(len, decrypted(photo_key, Kind.ORIGINAL, blob))) == size
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert most < 2 << 20


class Zeros(io.RawIOBase):
    """So many zeros."""

    def __init__(self, left: int) -> None:
        self.left = left

    def readable(self):
        return True

    def readinto(self, buffer):
        count = min(len(buffer), self.left)
        buffer[:count] = bytes(count)
        self.left -= count
        return count
