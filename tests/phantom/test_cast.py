"""The faces of a set without a head file."""

from dataclasses import replace

import numpy as np
import pytest

from microrelief.errors import SetupError
from microrelief.phantom import phantom_set
from microrelief.phantom.cast import cast_from
from microrelief.phantom.renderer import renderer_is_here, use_threads
from microrelief.phantom.scenes import draw_session


def test_the_mesh_leaves_out_what_it_cannot_show_and_frames_its_own_face():
    drawn, found = draw_session(3, 4), cast_from(None).session(3, 4)
    names = {scene.name for scene in found.scenes}
    assert names == {scene.name for scene in drawn.scenes} - {"smile"}
    assert {shot.scene for shot in found.shots} | {"before"} == names
    kept = {scene.name: scene for scene in drawn.scenes}
    for scene in found.scenes:
        before = kept[scene.name]
        assert scene.lighting == before.lighting
        assert scene.view.mm_per_pixel == before.view.mm_per_pixel
        assert scene.view.centre_mm[1] == before.view.centre_mm[1] - 18


def test_a_head_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(SetupError, match="no parametric head"):
        cast_from(tmp_path / "none.npz")


@pytest.mark.slow
@pytest.mark.renders
@pytest.mark.skipif(
    not renderer_is_here(), reason="needs mitsuba and libllvm19: make test-slow installs the first"
)
def test_a_person_of_the_mesh_has_a_face_that_is_found_and_a_truth(tmp_path, monkeypatch):
    from PIL import Image

    from microrelief.imaging.face.landmarks import find_faces

    use_threads(2)
    cast = cast_from(None)
    session = cast.session(1, 5)
    scene = session.scenes[0]
    view = replace(scene.view, rows=500, columns=400, mm_per_pixel=3 * scene.view.mm_per_pixel)
    small = replace(session, scenes=[replace(scene, view=view)], shots=[])
    monkeypatch.setattr(cast.__class__, "session", lambda self, seed, tone: small)
    phantom_set.make_phantoms(tmp_path, None, subjects=1, seed=0, split="tuning", samples=2)
    with Image.open(tmp_path / "t0000_before.jpg") as picture:
        (face,) = find_faces(np.array(picture))
    assert np.ptp(face.landmarks[:, 0]) > 200
    with np.load(tmp_path / "truth" / "t0000_before.npz") as truth:
        assert truth["scar_seen"].sum() > 20
