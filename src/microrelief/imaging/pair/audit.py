"""The comparability audit: how alike were the two photographs taken, and may a change be claimed at all?

Each check measures one difference, holds it against a limit, and says in a sentence what it found and what to
do at the camera. The limits follow from what each mismatch does to the measurements on rendered skin of known
truth (docs/methods/comparability.md), not from taste. Signs are after against before, so exchanging the
photographs changes words, never verdicts.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from microrelief.imaging.arrays import LUMINANCE, brightest, darkest
from microrelief.imaging.face.face import Face
from microrelief.imaging.light.relative import LightDifference
from microrelief.imaging.pair.alignment import AlignedPair
from microrelief.imaging.pair.comparability import Check, CheckVerdict, Comparability, graded
from microrelief.imaging.pair.texture import TextureDifference
from microrelief.imaging.skin.mask import bearded_share

RELIEF, COLOUR = frozenset({"relief"}), frozenset({"redness", "pigment"})
ALL = RELIEF | COLOUR
MOVING_PARTS = (
    "mouthSmile", "jawOpen", "cheekPuff", "cheekSquint", "browInnerUp", "browDown", "browOuterUp",
    "mouthFrown", "mouthPucker", "mouthFunnel", "mouthStretch", "mouthRollLower", "mouthRollUpper",
    "noseSneer", "mouthPress",
)  # fmt: skip
"""Blendshapes that move or fold the skin that is measured; eyelids and gaze do not."""


@dataclass(frozen=True)
class _Limits:
    """Where caution and refusal begin, in the unit of the check."""

    caution: float
    refuse: float


LIMITS = {
    "head pose": _Limits(6.0, 11.0),
    "expression": _Limits(0.2, 0.45),
    "light direction": _Limits(7.0, 12.0),
    "light evenness": _Limits(0.07, 0.13),
    "light hardness": _Limits(0.35, 0.8),
    "exposure": _Limits(0.6, 1.6),
    "clipping": _Limits(0.08, 0.6),
    "white balance": _Limits(0.12, 0.5),
    "tone curve": _Limits(0.08, 0.16),
    "sharpness": _Limits(0.12, 0.22),
    "noise and processing": _Limits(0.35, 0.9),
    "retouching": _Limits(0.12, 0.25),
    "resolution": _Limits(0.22, 0.5),
    "size in the picture": _Limits(0.14, 0.45),
    "distance": _Limits(0.035, 0.07),
    "registration": _Limits(0.25, 0.5),
    "skin in view": _Limits(0.5, 0.75),
    "shine": _Limits(0.03, 0.15),
    # 1.2 times the most of one person in 49 pairs (0.0196); in 49 pairs of others at most 0.0201, and of two
    # people two pairs in five exceed the limit: a hint, no more
    "same person": _Limits(0.0235, math.inf),
    "same shot": _Limits(0.985, math.inf),
    "beard": _Limits(0.33, math.inf),
}


TURN_SHARE = 0.5
"""How much of a pattern that a small turn of the light explains still counts as another pattern. Set on four
tuning people (seed 45), whose good re-takes reach 0.17, 0.05 of it unexplained (comparability.md)."""


def audit(pair: AlignedPair, light: LightDifference, texture: TextureDifference) -> Comparability:
    """All checks of a pair, in the order a photographer would put them right."""
    before, after = pair.faces
    checks = [
        _pose(before, after),
        _expression(before, after),
        _light_direction(light),
        light_evenness(light),
        _light_hardness(light),
        *_exposure(pair),
        _clipping(pair),
        _white_balance(pair),
        _tone_curve(light, texture),
        _sharpness(texture),
        _noise(texture),
        _retouching(texture),
        _resolution(pair),
        _size_in_the_picture(before, after),
        _distance(before, after),
        _registration(pair),
        _skin_in_view(pair),
        _shine(pair),
        _beard(pair),
        _same_person(before, after),
        _same_shot(texture),
    ]
    return graded(checks)


def plausibility(before: Face, after: Face) -> Check:
    """Whether two faces' proportions fit one person at all: asked where a photograph is filed."""
    return _same_person(before, after)


def _check(
    name: str, value: float, unit: str, affects: frozenset[str], ok: str, found: str, advice: str
) -> Check:
    """Hold a value against the limits of `name`; the sentence is `ok`, or `found` with the advice."""
    limits = LIMITS[name]
    size = abs(value)
    verdict = (
        CheckVerdict.REFUSE
        if size > limits.refuse
        else CheckVerdict.CAUTION
        if size > limits.caution
        else CheckVerdict.OK
    )
    says = ok if verdict is CheckVerdict.OK else f"{found} {advice}"
    shown = limits.refuse if math.isfinite(limits.refuse) else limits.caution
    return Check(
        name,
        round(value, 4),
        unit,
        shown,
        verdict,
        says,
        caution=limits.caution,
        affects=tuple(sorted(affects)),
    )


def _pose(before: Face, after: Face) -> Check:
    yaw = after.pose.yaw_degrees - before.pose.yaw_degrees
    pitch = after.pose.pitch_degrees - before.pose.pitch_degrees
    turned = math.hypot(yaw, pitch)
    way = (
        ("to the patient's left" if yaw > 0 else "to the patient's right")
        if abs(yaw) >= abs(pitch)
        else ("upwards" if pitch > 0 else "downwards")
    )
    return _check(
        "head pose", turned, "degrees", ALL,
        f"The head is held alike, within {max(turned, 1):.0f} degrees.",
        f"In the after the head is turned {turned:.0f} degrees {way}, so the light grazes the skin "
        "differently.",
        "Use the before as a ghost image and match eyes and nose to it.",
    )  # fmt: skip


def _expression(before: Face, after: Face) -> Check:
    differences = {
        name: after.expression.get(name, 0.0) - before.expression.get(name, 0.0)
        for name in set(before.expression) | set(after.expression)
        if name.startswith(MOVING_PARTS)
    }
    name, value = max(differences.items(), key=lambda item: abs(item[1]), default=("", 0.0))
    words = "".join(
        " " + c.lower() if c.isupper() else c for c in name.removesuffix("Left").removesuffix("Right")
    )
    more = "more" if value > 0 else "less"
    return _check(
        "expression", abs(value), "of 1", ALL,
        "The face is equally relaxed in both.",
        f"The expression differs ({words}, {more} in the after): a smile stretches the cheeks and "
        "shallows scars.",
        "Ask for a relaxed face, lips together, in both photographs.",
    )  # fmt: skip


def _light_direction(light: LightDifference) -> Check:
    higher = light.after.elevation_degrees - light.before.elevation_degrees
    side = light.after.azimuth_degrees - light.before.azimuth_degrees
    way = (
        ("higher" if higher > 0 else "lower")
        if abs(higher) >= abs(side)
        else ("further right" if side > 0 else "further left")
    )
    return _check(
        "light direction", light.angle_degrees, "degrees", RELIEF,
        f"The main light comes from the same place, within {max(light.angle_degrees, 1):.0f} degrees.",
        f"The main light has moved about {light.angle_degrees:.0f} degrees (in the after it stands {way} "
        "in the picture): "
        "flatter light hides scars, grazing light deepens them.",
        "Put lamp and chair back on their marks, or use the same lamp fixed to the camera.",
    )  # fmt: skip


def light_evenness(light: LightDifference) -> Check:
    """Whether light falls on the face in the same pattern; a small turn of it is the direction's to judge."""
    pattern = light.pattern
    if light.angle_degrees <= LIMITS["light direction"].caution:
        # the head turned a little under a hard or near lamp: `light direction` and the measure see to that
        turned = math.sqrt(max(light.pattern**2 - light.unexplained**2, 0.0))
        pattern = math.hypot(light.unexplained, TURN_SHARE * turned)
    percent = 100 * light.pattern
    return _check(
        "light evenness", pattern, "log units", RELIEF,
        f"Light falls on the face in the same pattern, within {percent:.0f} %.",
        f"Light falls on the face in another pattern: places differ by {percent:.0f} % against one another.",
        "Close the curtains and use the same lamps in the same places.",
    )  # fmt: skip


def _light_hardness(light: LightDifference) -> Check:
    change = math.log(light.after.ambient / light.before.ambient)
    # without a strong key light the ambient share cannot be told, and does not matter
    change *= min(1.0, 1.0 / max(light.before.ambient, light.after.ambient, 0.3) / 2)
    way = "softer" if change > 0 else "harder"
    return _check(
        "light hardness", change, "log ratio", RELIEF,
        "The light is equally hard.",
        f"The light of the after is {way}: softer light fills scars in, harder light digs them out.",
        "Keep windows, ceiling light and diffuser the same.",
    )  # fmt: skip


def _exposure(pair: AlignedPair) -> list[Check]:
    levels = [_skin_levels(picture, pair) @ LUMINANCE for picture in (pair.before_linear, pair.after_linear)]
    stops = math.log2(max(float(levels[1]), 1e-5) / max(float(levels[0]), 1e-5))
    found = _check(
        "exposure", stops, "stops", ALL,
        f"Exposure is alike, within {abs(stops):.1f} stops; what is left is corrected.",
        f"The after is {abs(stops):.1f} stops {'brighter' if stops > 0 else 'darker'}.",
        "Lock the exposure on the skin, or set it by hand.",
    )  # fmt: skip
    return [found]


def _clipping(pair: AlignedPair) -> Check:
    lost = 1 - float(pair.valid.sum()) / max(float(pair.skin.sum()), 1.0)
    edge = 0.12  # what the margin along the mask's own edge costs on unclipped photographs
    share = max(0.0, lost - edge)
    return _check(
        "clipping", share, "of the skin", ALL,
        "Hardly any skin is burnt out or black.",
        f"{100 * share:.0f} % of the skin is burnt out or black in one of the photographs; it is left out.",
        "Expose darker, until no part of the skin flashes as overexposed, and soften the lamp.",
    )  # fmt: skip


def _white_balance(pair: AlignedPair) -> Check:
    levels = [
        np.log(_skin_levels(picture, pair) + 1e-5) for picture in (pair.before_linear, pair.after_linear)
    ]
    casts = [(level[0] - level[1], level[2] - level[1]) for level in levels]
    red, blue = casts[1][0] - casts[0][0], casts[1][1] - casts[0][1]
    value = float(max(abs(red), abs(blue)))
    way = "warmer" if red - blue > 0 else "cooler"
    return _check(
        "white balance", value, "log units", COLOUR,
        "Colours are balanced alike; what is left is corrected.",
        f"The after is {way} in colour by {100 * value:.0f} %: either the white balance or the whole "
        "face's colour differs.",
        "Set one fixed white balance, not automatic.",
    )  # fmt: skip


def _tone_curve(light: LightDifference, texture: TextureDifference) -> Check:
    # a tone curve scales shading of every size alike; light and focus do not
    skin = float(np.mean(texture.skin[1:]))
    large = math.log(max(light.contrast, 0.05)) if light.agreement > 0.9 else 0.0
    value = skin if abs(skin) < abs(large) else large
    if skin * large < 0:
        value = 0.0
    value = 0.5 * (skin + large) if value else 0.0
    return _check(
        "tone curve", value, "log contrast", ALL,
        "Contrast is rendered alike.",
        f"The after shows {100 * abs(math.expm1(value)):.0f} % {'more' if value > 0 else 'less'} contrast "
        "at every size, as a tone curve, HDR or an edit does.",
        "Use the plain camera with HDR, portrait mode and styles off, and the file as it left the camera.",
    )  # fmt: skip


def _sharpness(texture: TextureDifference) -> Check:
    # the finest contrast that skin and features lost alike; half of it reaches the relief band, and that half
    # is matched before anything is measured
    value = max(texture.skin[1], texture.defocus / 2, key=abs)
    return _check(
        "sharpness", value, "log contrast", RELIEF,
        "Both are equally sharp.",
        f"The after is {'sharper' if value > 0 else 'less sharp'}: its fine skin texture has "
        f"{100 * abs(math.expm1(value)):.0f} % {'more' if value > 0 else 'less'} contrast.",
        "Focus on the cheek, hold still, clean the lens, and use the same distance.",
    )  # fmt: skip


def _noise(texture: TextureDifference) -> Check:
    value = texture.noise
    return _check(
        "noise and processing", value, "log ratio", RELIEF,
        "Grain and file processing are alike.",
        f"The after has {'more' if value > 0 else 'less'} fine grain (factor {math.exp(abs(value)):.1f}): "
        "another sensitivity, denoising, or resized file.",
        "Compare original files from the same camera and setting.",
    )  # fmt: skip


def _retouching(texture: TextureDifference) -> Check:
    # a filter smooths skin and spares brows, lashes and lips; defocus takes both
    gap = (texture.skin[1] - texture.features[1] + texture.skin[0] - texture.features[0]) / 2
    smoothed = gap if min(abs(texture.skin[1]), abs(gap)) > 0 and texture.skin[1] * gap > 0 else 0.0
    which = "after" if gap < 0 else "before"
    return _check(
        "retouching", smoothed, "log contrast", ALL,
        "Skin and features are rendered alike: no sign of a beauty filter.",
        f"The skin of the {which} is smoother than its brows and lips would have it: a beauty filter, "
        "denoising or make-up.",
        "Switch beauty, portrait and skin-smoothing modes off; no make-up.",
    )  # fmt: skip


def _resolution(pair: AlignedPair) -> Check:
    value = pair.mm_per_pixel
    return _check(
        "resolution", value, "mm per pixel", RELIEF,
        f"A pixel covers {value:.2f} mm of skin: fine enough for scars of a millimetre.",
        f"A pixel covers {value:.2f} mm of skin: scars narrower than about {3 * value:.1f} mm cannot be "
        "measured.",
        "Fill the frame with the face and send the original file; 350 pixels or more between the eyes.",
    )  # fmt: skip


def _size_in_the_picture(before: Face, after: Face) -> Check:
    def extent(face: Face) -> float:
        return float(np.linalg.norm(face.landmarks[10] - face.landmarks[152]))

    value = math.log(extent(after) / extent(before))
    times = math.exp(abs(value))
    return _check(
        "size in the picture",
        value,
        "log ratio",
        ALL,
        "The face is equally large in both pictures.",
        f"The face is {times:.1f} times as large in the {'after' if value > 0 else 'before'}: lens and file "
        "render fine relief of the larger one more strongly.",
        "Keep distance and zoom; match the face's outline to the before.",
    )


def _distance(before: Face, after: Face) -> Check:
    # perspective: near the camera the face looks narrow against its middle
    def width(face: Face) -> float:
        points = np.column_stack([face.landmarks, face.depth])
        return float(
            np.linalg.norm((points[234] - points[454])[:2]) / np.linalg.norm((points[33] - points[263])[:2])
        )

    value = math.log(width(after) / width(before))
    return _check(
        "distance", value, "log ratio", ALL,
        "Both were taken from a similar distance.",
        f"The after was taken from {'further away' if value > 0 else 'nearer'}: perspective and light "
        "differ.",
        "Keep one distance, about an arm's length and a half or more, and zoom rather than step in.",
    )  # fmt: skip


def _registration(pair: AlignedPair) -> Check:
    inside = pair.residual_px[pair.skin]
    value = float(np.percentile(inside, 95)) * pair.mm_per_pixel if inside.size else 9.0
    return _check(
        "registration", value, "mm", ALL,
        f"The two faces were laid over each other to {max(value, 0.01):.2f} mm (95 % of the skin).",
        f"The two faces could be laid over each other only to {value:.2f} mm (95 % of the skin).",
        "Match pose and expression to the before.",
    )  # fmt: skip


def _skin_in_view(pair: AlignedPair) -> Check:
    whole = sum(pair.zone_areas_px.values())
    value = 1 - float(pair.skin.sum()) / max(whole, 1)
    return _check(
        "skin in view", value, "of the zones hidden", ALL,
        f"{100 * (1 - value):.0f} % of the face's skin is seen in both photographs.",
        f"Only {100 * (1 - value):.0f} % of the face's skin is seen in both photographs.",
        "Tie the hair back, take glasses off, and show the whole face.",
    )  # fmt: skip


def _shine(pair: AlignedPair) -> Check:
    shares = []
    for picture in (pair.before_linear, pair.after_linear):
        bright = brightest(picture)
        chroma = 1 - darkest(picture) / np.maximum(bright, 1e-4)
        level = np.median(bright[pair.skin]) if pair.skin.any() else 1.0
        usual = np.median(chroma[pair.skin]) if pair.skin.any() else 1.0
        shares.append(
            float(((chroma < 0.6 * usual) & (bright > 1.5 * level))[pair.skin].mean())
            if pair.skin.any()
            else 0.0
        )
    value = shares[1] - shares[0]
    return _check(
        "shine", value, "of the skin", RELIEF,
        "The skin shines alike.",
        f"The {'after' if value > 0 else 'before'} shines more: oil, sweat, cream or powder changes how "
        "scars catch the light.",
        "Wash and dry the face ten minutes before, no cream or make-up.",
    )  # fmt: skip


def _beard(pair: AlignedPair) -> Check:
    value = bearded_share(pair.bare, pair.whole_zones)
    return _check(
        "beard", value, "of lip, chin, jaw", ALL,
        "Upper lip, chin and jaw are bare skin.",
        "Hair or a beard covers much of lip, chin and jaw; it is left out.",
        "Shave before both photographs to have these zones measured.",
    )  # fmt: skip


def _same_person(before: Face, after: Face) -> Check:
    """Median mismatch of the two faces' geometry after the best rotation and scale. Plausibility, never
    identity."""
    shapes = []
    for face in (before, after):
        points = np.column_stack([face.landmarks, face.depth])[_STEADY]
        points = points - points.mean(axis=0)
        shapes.append(points / np.sqrt((points**2).sum()))
    turn, _, back = np.linalg.svd(shapes[0].T @ shapes[1])
    flip = np.diag([1, 1, np.sign(np.linalg.det(turn @ back))])
    mismatch = np.linalg.norm(shapes[0] @ turn @ flip @ back - shapes[1], axis=1)
    eyes = np.linalg.norm(shapes[0][0] - shapes[0][1])
    value = float(np.median(mismatch) / eyes)
    return _check(
        "same person", value, "of the eye distance", frozenset(),
        "The two faces' proportions fit one person.",
        "The two faces' proportions hardly fit one person.",
        "Check that both photographs are of the same patient; this is a plausibility check, not an "
        "identification.",
    )  # fmt: skip


# fmt: off
_STEADY = [33, 263, 133, 362, 168, 6, 197, 195, 5, 4, 1, 98, 327, 129, 358, 127, 356, 234,
           454, 93, 323, 116, 345, 10, 67, 297]
# fmt: on
"""Landmarks that expression hardly moves: eye corners, nose, cheekbones, forehead."""


def _same_shot(texture: TextureDifference) -> Check:
    value = texture.coherence[0]
    return _check(
        "same shot", value, "correlation", frozenset(),
        "Two separate exposures.",
        "Even the grain is the same: this is one photograph saved twice, so no change can be seen in it.",
        "Give the file of the other visit.",
    )  # fmt: skip


def _skin_levels(picture: np.ndarray, pair: AlignedPair) -> np.ndarray:
    chosen = pair.valid if pair.valid.any() else np.ones(pair.valid.shape, bool)
    return np.asarray(np.median(picture[chosen], axis=0))


CLOSE_UP_LIMITS = {
    # stated the same: 0, not stated: 1; the doubt stands in change.measure
    "light stated": _Limits(0.5, math.inf),
    # one out-of-focus pair in the grain of a dark skin read 0.95, pairs in focus 0.90 and less
    "texture found again": _Limits(0.92, math.inf),
}
"""Checks that only close-ups have; the others are held against LIMITS."""


def audit_close_up(
    pair: AlignedPair,
    light: LightDifference,
    texture: TextureDifference,
    size_log_ratio: float,
    *,
    light_is_the_same: bool,
) -> Comparability:
    """The checks that make sense without a face.

    Head, expression, direction and hardness of the light, beauty filters and identity cannot be told from a
    patch of skin, so nothing is said of them.

    Parameters: `size_log_ratio`, log of after / before of how many pixels a millimetre of skin has;
    `light_is_the_same`, whether the user says so.
    """
    checks = [
        _light_stated(light_is_the_same),
        _evenness_on_skin(light),
        *_exposure(pair),
        _clipping(pair),
        _white_balance_of_skin(pair),
        _tone_curve_on_skin(light, texture),
        _sharpness(texture),
        _texture_found_again(texture),
        _noise(texture),
        _resolution_of_skin(pair),
        _size_of_skin(size_log_ratio),
        _registration_of_skin(pair),
        _shared_skin(pair),
        _shine(pair),
        _same_shot(texture),
    ]
    return graded(checks)


def _light_stated(light_is_the_same: bool) -> Check:
    limits = CLOSE_UP_LIMITS["light stated"]
    says = (
        "You state that lamps and camera stood in the same places."
        if light_is_the_same
        else "Nobody stated that the light was the same, and a close-up cannot show it: a lamp that moved by "
        "a hand's breadth alone changes how deep scars look. "
        "Fix the lamp to the camera or mark its place, and say so with --light same."
    )
    return Check(
        "light stated",
        0.0 if light_is_the_same else 1.0,
        "not stated",
        limits.caution,
        CheckVerdict.OK if light_is_the_same else CheckVerdict.CAUTION,
        says,
        caution=limits.caution,
        affects=("relief",),
    )


def _evenness_on_skin(light: LightDifference) -> Check:
    percent = 100 * light.pattern
    return _check(
        "light evenness", light.pattern, "log units", RELIEF,
        f"Light falls on the skin in the same pattern, within {percent:.0f} %.",
        f"Light falls on the skin in another pattern: places differ by {percent:.0f} % against one another.",
        "Put lamp, camera and skin back on their marks, and close the curtains.",
    )  # fmt: skip


def _white_balance_of_skin(pair: AlignedPair) -> Check:
    found = _white_balance(pair)
    return replace(found, says=found.says.replace("the whole face's colour", "the skin's own colour"))


def _tone_curve_on_skin(light: LightDifference, texture: TextureDifference) -> Check:
    found = _tone_curve(light, texture)
    return replace(found, says=found.says.replace("as a tone curve,", "as flatter light, a tone curve,"))


def _texture_found_again(texture: TextureDifference) -> Check:
    limits = CLOSE_UP_LIMITS["texture found again"]
    value = 1 - texture.coherence[1]
    unclear = value > limits.caution
    says = (
        "The fine texture of one photograph hardly returns in the other: either one is out of focus or both "
        "are too grainy to tell. Focus on the skin, and give more light."
        if unclear
        else "The skin's fine texture is found again, so focus can be told."
    )
    return Check(
        "texture found again",
        round(value, 4),
        "not repeated",
        limits.caution,
        CheckVerdict.CAUTION if unclear else CheckVerdict.OK,
        says,
        caution=limits.caution,
        affects=("relief",),
    )


def _resolution_of_skin(pair: AlignedPair) -> Check:
    value = pair.mm_per_pixel
    return _check(
        "resolution", value, "mm per pixel", RELIEF,
        f"A pixel covers {value:.2f} mm of skin: fine enough for scars of a millimetre.",
        f"A pixel covers {value:.2f} mm of skin: scars narrower than about {3 * value:.1f} mm cannot be "
        "measured.",
        "Go nearer, fill the frame with the scars, and send the original file.",
    )  # fmt: skip


def _size_of_skin(size_log_ratio: float) -> Check:
    times = math.exp(abs(size_log_ratio))
    return _check(
        "size in the picture", size_log_ratio, "log ratio", ALL,
        "The skin is equally large in both pictures.",
        f"The skin is {times:.1f} times as large in the {'after' if size_log_ratio > 0 else 'before'}: lens "
        "and file render fine relief of the larger one more strongly.",
        "Keep distance and zoom; use the before as a ghost image.",
    )  # fmt: skip


def _registration_of_skin(pair: AlignedPair) -> Check:
    inside = pair.residual_px[pair.skin]
    value = float(np.percentile(inside, 95)) * pair.mm_per_pixel if inside.size else 9.0
    return _check(
        "registration", value, "mm", ALL,
        f"The two patches of skin were laid over each other to {max(value, 0.01):.2f} mm (95 % of them).",
        f"The two patches of skin could be laid over each other only to {value:.2f} mm (95 % of them).",
        "Hold the camera square to the skin at the same distance, and let the skin lie relaxed.",
    )  # fmt: skip


def _shared_skin(pair: AlignedPair) -> Check:
    value = 1 - float(pair.skin.sum()) / max(sum(pair.zone_areas_px.values()), 1)
    return _check(
        "skin in view", value, "of the patch hidden", ALL,
        f"{100 * (1 - value):.0f} % of the patch is skin that was found in both photographs.",
        f"Only {100 * (1 - value):.0f} % of the patch is skin that was found in both photographs.",
        "Keep hair, fingers and rulers off the scars, and take the same patch from the same side.",
    )  # fmt: skip
