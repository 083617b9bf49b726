"""A rendered scene kept as a negative: developed again under any mixture of light, photographed in many ways.

Rendering costs seconds, a photograph of the result a tenth of one; so a scene is rendered once.
"""

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from microrelief.phantom.light_mix import Picture, meter, mix
from microrelief.phantom.person import Person, parts_of, wandering_of
from microrelief.phantom.renderer import Passes, View, render
from microrelief.phantom.scenes import Lighting, Scene, Session

SAMPLES = 8
"""Rays per pixel."""
_KEPT = ("key_diffuse", "key_gloss", "colour", "ambient", "ambient_mirror")


def render_negative(
    person: Person, session: Session, scene: Scene, view: View | None = None, samples: int = SAMPLES
) -> Passes:
    """Render a scene of a session; `view` takes the place of the scene's own."""
    number = [other.name for other in session.scenes].index(scene.name)
    return render(
        parts_of(person, scene.state),
        view or scene.view,
        scene.lighting.key,
        ambient_slope=np.array(scene.lighting.ambient_slope),
        samples=samples,
        seed=session.seed * 100 + number,
    )


def save_negative(passes: Passes, file: Path) -> None:
    """Write the passes with half precision, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".part.npz")
    kept = {name: getattr(passes, name).astype(np.float16) for name in _KEPT}
    np.savez(partial, **kept, material=passes.material.astype(np.uint8))
    os.replace(partial, file)


def load_negative(file: Path, view: View) -> Passes:
    """Read the passes back; texture coordinates and depth are not kept."""
    with np.load(file) as stored:
        material: NDArray[Any] = stored["material"]
        found = {name: stored[name].astype(np.float32) for name in _KEPT}
    blank = np.full(material.shape, np.nan, np.float32)
    return Passes(
        **found, material=material, texture=np.repeat(blank[..., None], 2, axis=2), depth_mm=blank, view=view
    )


def develop(passes: Passes, session: Session, lighting: Lighting) -> Picture:
    """Linear light (H, W, 3) of a negative under a mixture of light, exposed as a meter would."""
    light = mix(
        passes, lighting, backdrop=0.02 + 0.05 * (session.seed % 3), wandering=wandering_of(session.seed)
    )
    return light * np.float32(meter(light, passes, session.tone))
