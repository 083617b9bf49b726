"""Landmarks become zones, named as clinicians name them; left and right are the patient's.

A zone is a polygon over landmark numbers of MediaPipe's 478-point mesh. The patient's right cheek is on the
left of an unmirrored picture. What is never skin to measure (eyes, brows, lips, nostrils) is cut out with a
margin in millimetres that scales with the distance of the eyes.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Points = NDArray[np.float64]

EYE_DISTANCE_MM = 63.4
"""Mean distance of the pupils in adults (Dodgson 2004); turns millimetre margins into landmark units."""

# fmt: off
OVAL = [10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
        152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109]
RIGHT_EYE = [33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246]
LEFT_EYE = [263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466]
RIGHT_BROW = [70, 63, 105, 66, 107, 55, 65, 52, 53, 46]
LEFT_BROW = [300, 293, 334, 296, 336, 285, 295, 282, 283, 276]
LIPS = [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185]
NOSTRILS = [98, 97, 2, 326, 327, 290, 305, 274, 1, 44, 75, 60]
FOREHEAD_TOP = [54, 103, 67, 109, 10, 338, 297, 332, 284]

ZONES: dict[str, list[int]] = {
    "forehead": [54, 103, 67, 109, 10, 338, 297, 332, 284, 298, 333, 299, 337, 9, 108, 69, 104, 68],
    "right temple": [54, 68, 71, 156, 35, 227, 234, 127, 162, 21],
    "left temple": [284, 298, 301, 383, 265, 447, 454, 356, 389, 251],
    "right cheek": [234, 227, 111, 117, 118, 119, 120, 47, 126, 142, 36, 206, 216, 212, 214, 138,
                    215, 58, 132, 93],
    "left cheek": [454, 447, 340, 346, 347, 348, 349, 277, 355, 371, 266, 426, 436, 432, 434, 367,
                   435, 288, 361, 323],
    "nose": [8, 193, 188, 217, 198, 129, 98, 97, 2, 326, 327, 358, 420, 437, 412, 417],
    "upper lip": [216, 206, 203, 98, 97, 2, 326, 327, 423, 426, 436, 410, 322, 391, 393, 164, 167,
                  165, 92, 186],
    "chin": [212, 43, 106, 182, 83, 18, 313, 406, 335, 273, 432, 434, 367, 364, 394, 395, 369, 377, 152, 148,
             140, 170, 169, 135, 138, 214],
    "right jaw": [58, 215, 138, 135, 169, 170, 140, 148, 176, 149, 150, 136, 172],
    "left jaw": [288, 435, 367, 364, 394, 395, 369, 377, 400, 378, 379, 365, 397],
}
# fmt: on
HIDDEN_WHEN_TURNED = {"right": 1.0, "left": -1.0}
FOREHEAD_LIFT_MM = 20.0
"""The landmark mesh ends in the middle of the forehead; the zone goes on upwards to the hairline, which the
skin mask finds."""
COVER_PIXELS_PER_MM = 2.0
"""Fine enough to see a bar or a mask; averages noise and file artefacts away."""
CLOTH_BLUER = 0.4
"""Natural log by which cloth has more blue against red than the same person's bare skin."""
CLOTH_SHARE = 0.6
"""Share of a cheek. Bare: 0.37 or less on 120 photographs in 9 lights each; under 30 painted masks: 0.81 or
more."""
DARK_GLASSES = 0.2
"""Brightest tenth of eye and lids against cheeks and nose; 0.28 or more on 120 photographs in 9 lights
each."""
BAR_CONTRAST = 0.05
"""Standard deviation of the natural log of light within the eye's rim; 0.09 or more on closed, rendered
lids."""
CUTS_MM = (
    (RIGHT_EYE, 4.0),
    (LEFT_EYE, 4.0),
    (RIGHT_BROW, 2.5),
    (LEFT_BROW, 2.5),
    (LIPS, 3.0),
    (NOSTRILS, 1.5),
)


def pixels_per_mm(landmarks: Points) -> float:
    """Pixels per millimetre by the distance of the eyes' centres; good enough for margins, not for
    measuring."""
    eyes = landmarks[RIGHT_EYE].mean(0) - landmarks[LEFT_EYE].mean(0)
    return float(np.linalg.norm(eyes)) / EYE_DISTANCE_MM


def zone_masks(shape: tuple[int, int], landmarks: Points) -> dict[str, Mask]:
    """A mask (rows, columns) for each zone, eyes, brows, lips and nostrils cut out; zones do not overlap.

    Parameters: shape of the picture, landmarks (478, 2) as (row, column).
    """
    points = _with_lifted_forehead(landmarks)
    scale = pixels_per_mm(landmarks)
    taken = np.zeros(shape, bool)
    for ids, margin_mm in CUTS_MM:
        taken |= polygon(shape, landmarks, ids, margin_mm * scale)
    masks = {}
    for name, ids in ZONES.items():
        source = points if name in ("forehead", "right temple", "left temple") else landmarks
        masks[name] = polygon(shape, source, ids) & ~taken
        taken |= masks[name]
    return masks


def polygon(shape: tuple[int, int], landmarks: Points, ids: list[int], grow_px: float = 0.0) -> Mask:
    """The filled polygon over landmarks `ids`, grown (or shrunk, when negative) by so many pixels."""
    mask = np.zeros(shape, np.uint8)
    corners = np.rint(landmarks[ids][:, ::-1] * 16).astype(np.int32)
    cv2.fillPoly(mask, [corners], 1, shift=4)
    radius = round(abs(grow_px))
    if radius:
        disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
        mask = cv2.dilate(mask, disk) if grow_px > 0 else cv2.erode(mask, disk)
    return mask.astype(bool)


def zone_outlines(landmarks: Points) -> dict[str, Points]:
    """The polygon (n, 2) of each zone as (row, column), for drawing."""
    lifted = _with_lifted_forehead(landmarks)
    return {
        name: (lifted if "temple" in name or name == "forehead" else landmarks)[ids]
        for name, ids in ZONES.items()
    }


def cover_of(rgb: NDArray[np.uint8], landmarks: Points) -> str:
    """What of the face is hidden by something that is not skin, in words; empty when nothing is.

    Skin is redder and less blue than cloth. How much so depends on the person and on the white balance, so a
    cheek is held against the same person's forehead and eye surroundings, never against a table of skin
    colours. An eye, open or closed, has lashes, folds and highlights; a bar has none of them, and dark
    glasses leave nothing bright.

    Parameters: uint8 array (H, W, 3), sRGB; landmarks (478, 2) as (row, column). In a greyscale picture only
    covered eyes can be told.
    """
    small, points = _reduced(rgb, landmarks)
    zones = zone_masks(small.shape[:2], points)
    linear = (small.astype(np.float32) / 255) ** 2.2 + 1e-4
    bright = linear.mean(axis=2)
    around_eyes = np.zeros(bright.shape, bool)
    for ids in (RIGHT_EYE, LEFT_EYE):
        ring = polygon(bright.shape, points, ids, 9.0 * COVER_PIXELS_PER_MM)
        around_eyes |= ring & ~polygon(bright.shape, points, ids, 3.0 * COVER_PIXELS_PER_MM)

    blue_to_red = np.log(linear[..., 2] / linear[..., 0])
    level = linear.max(axis=2)
    measurable = (level < 0.95) & (level > 0.002)
    bare = [blue_to_red[part & measurable] for part in (zones["forehead"], around_eyes)]
    usual = min((float(np.median(values)) for values in bare if values.size > 50), default=np.inf)
    for side in ("right cheek", "left cheek"):
        cheek = blue_to_red[zones[side] & measurable]
        if cheek.size > 0.3 * zones[side].sum() and (cheek > usual + CLOTH_BLUER).mean() > CLOTH_SHARE:
            return f"the patient's {side} is"

    face = zones["right cheek"] | zones["left cheek"] | zones["nose"]
    reference = float(np.median(bright[face])) if face.any() else 0.0
    for name, ids in (("right eye", RIGHT_EYE), ("left eye", LEFT_EYE)):
        lids = bright[polygon(bright.shape, points, ids, 4.0 * COVER_PIXELS_PER_MM)]
        eye = bright[polygon(bright.shape, points, ids)]
        if eye.size < 10:
            continue
        if (
            float(np.percentile(lids, 90)) < DARK_GLASSES * reference
            or float(np.std(np.log(eye))) < BAR_CONTRAST
        ):
            return f"the patient's {name} is"
    return ""


def _reduced(rgb: NDArray[np.uint8], landmarks: Points) -> tuple[NDArray[np.uint8], Points]:
    """The picture and its landmarks at COVER_PIXELS_PER_MM, or as they are when already that small."""
    factor = COVER_PIXELS_PER_MM / max(pixels_per_mm(landmarks), 1e-6)
    if factor >= 1:
        return rgb, landmarks
    size = (max(1, round(rgb.shape[1] * factor)), max(1, round(rgb.shape[0] * factor)))
    share = np.array([size[1] / rgb.shape[0], size[0] / rgb.shape[1]])
    return cv2.resize(rgb, size, interpolation=cv2.INTER_AREA).astype(np.uint8), (
        landmarks + 0.5
    ) * share - 0.5


def _with_lifted_forehead(landmarks: Points) -> Points:
    """The landmarks with the forehead's upper edge moved up along the face by FOREHEAD_LIFT_MM."""
    up = landmarks[10] - landmarks[152]
    up = up / (np.linalg.norm(up) or 1.0)
    lifted = landmarks.copy()
    lift = FOREHEAD_LIFT_MM * pixels_per_mm(landmarks)
    for place, index in enumerate(FOREHEAD_TOP):
        # less at the temples, where the hairline comes down
        share = 1.0 - 0.6 * abs(place - 4) / 4
        lifted[index] = landmarks[index] + share * lift * up
    return lifted
