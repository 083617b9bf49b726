"""Whose faces a set of phantoms shows: a parametric head from a file, or the landmark model's own mesh.

The mesh has one identity and no expressions: its people differ in tone, scars, pigment, light and camera, and
scenes with a smile are left out. Cap and drape hide what it lacks.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from microrelief.imaging.face.landmarks import model_path
from microrelief.phantom.canonical import CanonicalFace, read_canonical_face
from microrelief.phantom.demo import canonical_head, drape
from microrelief.phantom.head import read_head_model
from microrelief.phantom.person import Person, clothe, colouring_of, draw_person
from microrelief.phantom.scenes import Scene, Session, draw_session

MESH_PLANE_MM = 45.0
MESH_LOWER_MM = 18.0
"""The mesh's face lies 45 mm before its origin, the parametric head's 90 mm before its own; 18 mm lower."""


class Cast(Protocol):
    """Where people come from."""

    def session(self, seed: int, tone: int) -> Session:
        """What of the scenes and photographs of a person these faces can do."""

    def draw(self, session: Session) -> Person:
        """The person of a session."""


def cast_from(head_file: Path | None) -> Cast:
    """The parametric head of a file, the mesh where none is given. Raises SetupError when it is not there."""
    if head_file is None:
        return _Mesh(read_canonical_face(model_path()))
    return _Parametric(read_head_model(head_file))


@dataclass(frozen=True)
class _Parametric:
    model: dict[str, NDArray[Any]]

    def session(self, seed: int, tone: int) -> Session:
        return draw_session(seed, tone)

    def draw(self, session: Session) -> Person:
        return draw_person(self.model, session.seed, session.tone)


@dataclass(frozen=True)
class _Mesh:
    face: CanonicalFace

    def session(self, seed: int, tone: int) -> Session:
        drawn = draw_session(seed, tone)
        scenes = [_moved(scene) for scene in drawn.scenes if scene.state.smile == 0]
        names = {scene.name for scene in scenes}
        return replace(drawn, scenes=scenes, shots=[shot for shot in drawn.shots if shot.scene in names])

    def draw(self, session: Session) -> Person:
        random = np.random.default_rng([session.seed, 1])
        head = canonical_head(self.face, random)
        person = clothe(head, random, session.seed, session.tone, colouring_of(session.seed))
        return replace(person, worn=drape(self.face, head.skin, random))


def _moved(scene: Scene) -> Scene:
    across, up = scene.view.centre_mm
    view = replace(scene.view, plane_mm=MESH_PLANE_MM, centre_mm=(across, up - MESH_LOWER_MM))
    return replace(scene, view=view)
