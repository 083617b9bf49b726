"""A frame of the live camera becomes ticks: would a photograph taken now compare with that baseline?

The limits are the audit's own (`imaging.pair.audit.LIMITS`): where every tick is on, the audit should find no
more than a caution. A frame is small and its light is read on a coarse grid, so a tick advises and never
refuses; the audit of the photograph itself decides.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from microrelief.errors import FaceCovered, FaceError, FaceTooSmall, NoFace, ProfileView, SeveralFaces
from microrelief.imaging.arrays import LUMINANCE, Floats
from microrelief.imaging.face.face import Face
from microrelief.imaging.face.find import find_face
from microrelief.imaging.face.zones import pixels_per_mm, zone_masks
from microrelief.imaging.light.relative import LightDifference, compare_light
from microrelief.imaging.pair.audit import LIMITS, MOVING_PARTS
from microrelief.imaging.photo.colour import to_linear
from microrelief.imaging.photo.photo import Photo

GRID_MM = 4.0
"""Pixel of the coarse grid on which the light of a frame is read: twice the light model's low pass. Finer
costs seconds and told no more on the demonstration's photographs."""
COARSE_SLACK = 1.6
"""How much more the pattern of light may differ than the audit's caution: on the coarse grid the faces lie on
each other only by their landmarks."""
OBLIQUE_DEGREES = 35.0
"""Head turn of an oblique view without a baseline: both eyes still in sight, below the 40 degrees at which
the far cheek is hidden (`imaging.face.find.MAX_YAW_DEGREES`)."""
NOMINAL_YAW = {"front": 0.0, "left_45": -OBLIQUE_DEGREES, "right_45": OBLIQUE_DEGREES}
"""Head turn of a view, positive to the patient's own left: the left view shows the left cheek."""
FIRST_POSE_DEGREES = 8.0
"""How near a first photograph must come to the view's own turn. Wider than against a baseline: nothing is
compared yet."""
FACE_OF_PICTURE = (0.4, 0.85)
"""Share of the picture's height from chin to hairline in a first photograph: below, skin is wasted on wall;
above, the lens is near and the face looks narrow."""
RELAXED = 0.45
"""Blendshape of a moving part above which a face is not relaxed: the audit's refusal."""
BLUR_LOSS = 0.45
"""Natural log by which the fine contrast of brows and lids may lie below the baseline's at the same size. On
the demonstration's photographs a blur of 2 pixels at 640 costs 0.6, a JPEG at 60 costs 0.05."""
FINE_MM = 1.6
"""Detail at which focus is judged: what a frame of 640 pixels can still show."""
BURNT = 0.96
"""Linear light above which the sensor has clipped."""
BURNT_SHARE = 0.04
"""Share of burnt-out skin that is worth a word; half the audit's caution for clipping."""


@dataclass(frozen=True)
class Tick:
    """One thing to get right before the shutter."""

    name: str
    """"face", "pose", "distance", "light", "sharpness" or "expression"."""
    ok: bool | None
    """None where it cannot be told."""
    says: str
    """What to do, or that it is fine. Plain words, for the person who holds the camera."""


def find_in_frame(frame: Photo) -> Face | Tick:
    """The face in a frame, or the one tick that says why there is none."""
    try:
        return find_face(frame)
    except FaceError as error:
        return Tick("face", False, NO_FACE.get(type(error), str(error)))


NO_FACE = {
    NoFace: "No face in the picture yet.",
    SeveralFaces: "More than one face: only the patient in the picture.",
    FaceTooSmall: "Come closer: the face is too small.",
    ProfileView: "Turned too far: both eyes must stay in sight.",
    FaceCovered: "Part of the face is covered or outside: hair back, glasses off, whole face.",
}
"""What a refused frame says to the person who holds the camera."""


def judge_frame(face: Face, view: str, baseline: Face | None) -> list[Tick]:
    """The ticks of a frame against the baseline of its view, or against the view's own ideal without one."""
    return [
        Tick("face", True, "One face, uncovered."),
        _pose(face, view, baseline),
        _distance(face, baseline),
        _light(face, baseline),
        _sharpness(face, baseline),
        _expression(face, baseline),
    ]


def _pose(face: Face, view: str, baseline: Face | None) -> Tick:
    limit = LIMITS["head pose"].caution if baseline else FIRST_POSE_DEGREES
    wanted_yaw = baseline.pose.yaw_degrees if baseline else NOMINAL_YAW.get(view, face.pose.yaw_degrees)
    wanted_pitch = baseline.pose.pitch_degrees if baseline else 0.0
    wanted_roll = baseline.pose.roll_degrees if baseline else 0.0
    yaw = wanted_yaw - face.pose.yaw_degrees
    pitch = wanted_pitch - face.pose.pitch_degrees
    roll = wanted_roll - face.pose.roll_degrees
    if math.hypot(yaw, pitch) <= limit and abs(roll) <= 2 * limit:
        return Tick("pose", True, "The head is held right.")
    if abs(yaw) >= max(abs(pitch), abs(roll) / 2):
        way = "their left" if yaw > 0 else "their right"
        return Tick("pose", False, f"Turn the head {abs(yaw):.0f}° to {way}.")
    if abs(pitch) >= abs(roll) / 2:
        return Tick("pose", False, f"Chin {abs(pitch):.0f}° {'up' if pitch > 0 else 'down'}.")
    return Tick(
        "pose", False, f"Straighten the head: tilt it to {'their left' if roll > 0 else 'their right'}."
    )


def _distance(face: Face, baseline: Face | None) -> Tick:
    share = _share_of_picture(face)
    if baseline is None:
        low, high = FACE_OF_PICTURE
        if share < low:
            return Tick("distance", False, "Come closer, or zoom in with the lens.")
        if share > high:
            return Tick("distance", False, "Step back a little.")
        return Tick("distance", True, "The face fills the picture well.")
    difference = math.log(share / min(_share_of_picture(baseline), FACE_OF_PICTURE[1]))
    if abs(difference) <= LIMITS["size in the picture"].caution:
        return Tick("distance", True, "As far away as in the baseline.")
    way = "Step back" if difference > 0 else "Come closer"
    return Tick("distance", False, f"{way}: the face is {math.exp(abs(difference)):.1f} times "
                f"{'larger' if difference > 0 else 'smaller'} than in the baseline.")  # fmt: skip


def _light(face: Face, baseline: Face | None) -> Tick:
    _, picture, skin = _on_coarse_grid(face, None)
    if not skin.any():
        return Tick("light", None, "The light cannot be read here.")
    burnt = float((picture[skin].max(axis=1) > BURNT).mean())
    if burnt > BURNT_SHARE:
        return Tick("light", False, "Skin is burnt out: expose darker.")
    level = float(np.median(picture[skin] @ LUMINANCE))
    if baseline is None:
        if level < 0.04:
            return Tick("light", False, "Too dark: more light, from the same lamp each time.")
        return Tick("light", True, "Bright enough; note where the lamp stands.")
    grid, earlier, skin_before = _on_coarse_grid(baseline, None)
    _, now, skin_now = _on_coarse_grid(face, grid)
    both = skin_before & skin_now
    if both.sum() < 50:
        return Tick("light", None, "The light cannot be read here.")
    depth = baseline.depth[:468] / _size(baseline.landmarks[:468]) * _size(grid[:468])
    found = compare_light(earlier, now, both, grid[:468], depth, GRID_MM)
    stops = math.log2(
        max(float(np.median(now[both] @ LUMINANCE)), 1e-5)
        / max(float(np.median(earlier[both] @ LUMINANCE)), 1e-5)
    )
    return _light_against(found, stops)


def _light_against(found: LightDifference, stops: float) -> Tick:
    if found.angle_degrees > LIMITS["light direction"].caution:
        higher = found.after.elevation_degrees - found.before.elevation_degrees
        side = found.after.azimuth_degrees - found.before.azimuth_degrees
        way = (
            ("lower" if higher > 0 else "higher")
            if abs(higher) >= abs(side)
            else ("further left" if side > 0 else "further right")
        )
        return Tick(
            "light", False, f"Lamp about {found.angle_degrees:.0f}° off: move it {way} in the picture."
        )
    if found.pattern > COARSE_SLACK * LIMITS["light evenness"].caution:
        return Tick("light", False, "Light falls in another pattern: close the curtains, same lamps.")
    if abs(stops) > LIMITS["exposure"].caution:
        return Tick("light", False, f"{abs(stops):.1f} stops too {'bright' if stops > 0 else 'dark'}.")
    return Tick("light", True, "The light is as in the baseline.")


def _sharpness(face: Face, baseline: Face | None) -> Tick:
    if baseline is None:
        return Tick("sharpness", None, "Hold still; focus on the cheek.")
    loss = _fine_contrast(baseline) - _fine_contrast(face)
    if loss > BLUR_LOSS:
        return Tick("sharpness", False, "Not sharp: hold still, focus on the cheek, clean the lens.")
    return Tick("sharpness", True, "Sharp.")


def _expression(face: Face, baseline: Face | None) -> Tick:
    limit = LIMITS["expression"].caution if baseline else RELAXED
    still = baseline.expression if baseline else {}
    # without a baseline the brows say little: how high they rest is each face's own
    judged = MOVING_PARTS if baseline else tuple(part for part in MOVING_PARTS if not part.startswith("brow"))
    moved = {
        name: value - still.get(name, 0.0)
        for name, value in face.expression.items()
        if name.startswith(judged)
    }
    name, value = max(moved.items(), key=lambda item: abs(item[1]), default=("", 0.0))
    if abs(value) <= limit:
        return Tick("expression", True, "Relaxed." if baseline is None else "As relaxed as in the baseline.")
    part = (
        "the brows"
        if name.startswith("brow")
        else "the mouth"
        if name.startswith(("mouth", "jaw"))
        else "the cheeks"
    )
    return Tick("expression", False, f"Relax {part}, lips together.")


def _share_of_picture(face: Face) -> float:
    height: int = face.photo.srgb.shape[0]
    return float(np.linalg.norm(face.landmarks[10] - face.landmarks[152])) / height


def _size(points: NDArray[np.float64]) -> float:
    return float(np.sqrt(((points - points.mean(axis=0)) ** 2).sum()))


def _on_coarse_grid(
    face: Face, grid: NDArray[np.float64] | None
) -> tuple[NDArray[np.float64], Floats, NDArray[np.bool_]]:
    """The face at GRID_MM: landmarks, linear light (h, w, 3), skin; laid on another face's grid if given."""
    scale = 1.0 / (pixels_per_mm(face.landmarks) * GRID_MM)
    if grid is None:
        points = face.landmarks * scale
        grid = points - points.min(axis=0) + 4
    shape = tuple(int(side) + 4 for side in np.ceil(grid.max(axis=0)))
    design = np.column_stack([face.landmarks[:468] * scale, np.ones(468)])
    fit, *_ = np.linalg.lstsq(design, grid[:468], rcond=None)  # photograph (row, column) to grid
    photo = face.photo.srgb if face.photo.srgb.dtype == np.uint8 else (face.photo.srgb >> 8).astype(np.uint8)
    size = (max(1, round(photo.shape[1] * scale)), max(1, round(photo.shape[0] * scale)))
    small = np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA))
    matrix = np.array([[fit[1, 1], fit[0, 1], fit[2, 1]], [fit[1, 0], fit[0, 0], fit[2, 0]]])
    laid = cv2.warpAffine(small, matrix, (shape[1], shape[0]), flags=cv2.INTER_LINEAR)
    skin = np.logical_or.reduce(list(zone_masks((shape[0], shape[1]), grid).values()))
    linear = to_linear(np.asarray(laid, np.uint8))
    return grid, linear, skin & (linear.min(axis=2) > 0)


def _fine_contrast(face: Face) -> float:
    """Natural log of the contrast of the whole face at FINE_MM, its size taken out."""
    scale = 1.0 / (pixels_per_mm(face.landmarks) * FINE_MM / 2)
    photo = face.photo.srgb if face.photo.srgb.dtype == np.uint8 else (face.photo.srgb >> 8).astype(np.uint8)
    low = np.clip(face.landmarks.min(axis=0).astype(int), 0, None)
    high = np.minimum(np.ceil(face.landmarks.max(axis=0)).astype(int) + 1, photo.shape[:2])
    part = photo[low[0] : high[0], low[1] : high[1]]
    size = (max(8, round(part.shape[1] * scale)), max(8, round(part.shape[0] * scale)))
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    light = np.log(to_linear(np.asarray(small, np.uint8)) @ LUMINANCE + 0.01).astype(np.float32)
    fine = light - cv2.GaussianBlur(light, (0, 0), 1.2)
    return 0.5 * math.log(max(float(np.percentile(fine**2, 95)), 1e-9))
