"""Microrelief: did the microneedling work?

The house, in the order two photographs walk through it:

    imaging.photo    a file becomes a Photo, decoded in a child process, in linear light
    imaging.face     a Photo becomes a Face: landmarks, pose, expression, zones, scale
    imaging.light    what light fell on the face, from the face's own shape
    imaging.skin     colour separated into melanin, haemoglobin and shading
    imaging.pair     two Faces become an AlignedPair, with a comparability audit that can refuse
    imaging.change   an AlignedPair becomes a Change: relief, redness, pigment, each with its interval
    pathway          the care pathway: dated rules with sources, facts in, findings out; no pixels
    vault            photographs kept: encrypted, written so that no power cut loses one, with a trail
    report           what people read: page, picture, result file
    phantom          skin of known truth, on which every measurement is validated
    cohort           many pairs: a clinic's own repeats and what they say of its comparisons
    web              the clinic's site, thin: one folder per noun
    cli              one file per verb
"""

from typing import TYPE_CHECKING, Any

from microrelief.version import __version__

if TYPE_CHECKING:
    from microrelief.imaging.change.outcome import Change
    from microrelief.imaging.compare import compare

__all__ = ["Change", "__version__", "compare"]


def __getattr__(name: str) -> Any:
    """Load the measuring rooms only when asked for: `microrelief --help` should not wait for them."""
    if name == "compare":
        from microrelief.imaging.compare import compare

        return compare
    if name == "Change":
        from microrelief.imaging.change.outcome import Change

        return Change
    raise AttributeError(f"module 'microrelief' has no attribute {name!r}")
