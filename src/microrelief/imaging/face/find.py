"""A Photo becomes a Face: the right face in it, its landmarks, pose, expression and scale.

Refuses, in words, what cannot be measured: no face, several, one too small, in profile, or covered.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from microrelief.errors import FaceCovered, FaceTooSmall, NoFace, ProfileView, SeveralFaces
from microrelief.imaging.face.face import Face, Pose, Scale
from microrelief.imaging.face.landmarks import FoundFace, find_faces
from microrelief.imaging.face.zones import LEFT_EYE, RIGHT_EYE, cover_of
from microrelief.imaging.photo.photo import Photo

IRIS_MM = 12.6
"""Width of the iris as the landmark model draws it. Measured here: 0.199 of the distance of the pupils (20
adults of the London set, sd 3 %), which is 63.4 mm in adults (Dodgson 2004). The visible iris itself is 11.7
mm (sd 0.5)."""
IRIS_ERROR = 0.06
OUTER_CORNERS_MM = 88.4
"""Distance of the outer corners of the eyes: 1.394 times the distance of the pupils (same 20 adults, sd 1.6
%)."""
OUTER_CORNERS_ERROR = 0.07
CROP_REACH = 1.8
"""Side of the square crop around a face, in face heights: enough context for the model, little enough of the
room."""
BLINK_CLOSED = 0.5
"""Blendshape above which the eyes count as closed, so that the iris cannot be seen."""
MAX_YAW_DEGREES = 40.0
"""Beyond this the far cheek is hidden."""
MIN_EYE_DISTANCE_PX = 75.0
"""Below this a pixel is wider than 0.85 mm: no scar smaller than a rolling one could be seen."""


def find_face(photo: Photo, choose: int | None = None, mm_per_pixel: float | None = None) -> Face:
    """The face in a photograph.

    Parameters
    ----------
    photo : Photo
    choose : which face, counted from 1 at the left of the picture, when there are several.
    mm_per_pixel : a scale stated by the user (ruler, marker); otherwise the iris or the corners of the eyes
    give it.

    Raises
    ------
    NoFace, SeveralFaces, FaceTooSmall, ProfileView, FaceCovered
    """
    rgb = _eight_bit(photo)
    found = find_faces(rgb)
    if not found:
        raise NoFace(
            photo.path,
            "no face was found: use a photograph of one whole face, seen from the front and in focus, "
            "at least 400 pixels wide; for a close-up of skin without a whole face, add --close-up.",
        )
    chosen = _seen_in_the_middle(rgb, _choose(photo, found, choose))
    face = Face(
        photo=photo,
        landmarks=chosen.landmarks,
        depth=chosen.depth,
        pose=pose_of(chosen.head_transform),
        expression=chosen.expression,
        scale=scale_of(chosen, mm_per_pixel),
    )
    _refuse_what_cannot_be_seen(face, rgb)
    return face


def _seen_in_the_middle(rgb: NDArray[np.uint8], found: FoundFace) -> FoundFace:
    """The same face looked at again in a square crop around it.

    The model takes the middle of the picture for the camera's axis, so a face at the side of a frame reads as
    turned: how a picture was cropped must not change the pose. The first look stands where the second finds
    nothing.
    """
    low, high = found.landmarks.min(axis=0), found.landmarks.max(axis=0)
    centre, half = (low + high) / 2, CROP_REACH * float((high - low).max()) / 2
    first = np.floor(np.maximum(centre - half, 0)).astype(int)
    last = np.ceil(np.minimum(centre + half, np.array(rgb.shape[:2]))).astype(int)
    again = find_faces(np.ascontiguousarray(rgb[first[0] : last[0], first[1] : last[1]]))
    if not again:
        return found
    middle = [
        np.linalg.norm((face.landmarks + first).mean(axis=0) - found.landmarks.mean(axis=0)) for face in again
    ]
    nearest = again[int(np.argmin(middle))]
    if min(middle) > 0.2 * float((high - low).max()):
        return found
    return replace(nearest, landmarks=nearest.landmarks + first)


def pose_of(head_transform: NDArray[np.float64]) -> Pose:
    """Head pose, in degrees, of the model's (4, 4) transform from head to camera (x right, y up, z to the
    camera)."""
    rotation = head_transform[:3, :3] / np.linalg.norm(head_transform[:3, :3], axis=0)
    forward, up = rotation[:, 2], rotation[:, 1]
    return Pose(
        yaw_degrees=float(np.degrees(np.arctan2(forward[0], forward[2]))),
        pitch_degrees=float(np.degrees(np.arcsin(np.clip(forward[1], -1, 1)))),
        roll_degrees=float(np.degrees(np.arctan2(up[0], up[1]))),
    )


def scale_of(found: FoundFace, stated_mm_per_pixel: float | None = None) -> Scale:
    """Millimetres per pixel: stated, else from the irises, else (eyes closed) from the outer corners of the
    eyes."""
    if stated_mm_per_pixel is not None:
        return Scale(stated_mm_per_pixel, 0.02, "stated")
    points = np.column_stack([found.landmarks, found.depth])
    closed = max(found.expression.get("eyeBlinkLeft", 0.0), found.expression.get("eyeBlinkRight", 0.0))
    if closed < BLINK_CLOSED:
        widths = [np.linalg.norm(points[a] - points[b]) for a, b in ((469, 471), (474, 476))]
        return Scale(IRIS_MM / float(np.mean(widths)), IRIS_ERROR, "iris")
    # with depth, because a turned head brings the corners nearer to each other in the picture
    return Scale(
        OUTER_CORNERS_MM / float(np.linalg.norm(points[33] - points[263])), OUTER_CORNERS_ERROR, "eye corners"
    )


def _choose(photo: Photo, found: list[FoundFace], choose: int | None) -> FoundFace:
    left_to_right = sorted(found, key=lambda face: float(face.landmarks[:, 1].mean()))
    if choose is not None:
        if not 1 <= choose <= len(found):
            numbers = (
                f"1 to {len(found)}, counted from the left" if len(found) > 1 else "1, or no number at all"
            )
            raise SeveralFaces(
                photo.path, f"face {choose} was asked for but {_count(len(found))} found: choose {numbers}."
            )
        return left_to_right[choose - 1]
    if len(found) > 1:
        largest = 1 + next(i for i, face in enumerate(left_to_right) if face is found[0])
        raise SeveralFaces(
            photo.path,
            f"{_count(len(found))} found: choose one, counted from the left, with --face-before N or "
            f"--face-after N ({largest} would take the largest), or crop the picture to one person.",
        )
    return found[0]


def _count(faces: int) -> str:
    return "one face was" if faces == 1 else f"{faces} faces were"


def _refuse_what_cannot_be_seen(face: Face, rgb: NDArray[np.uint8]) -> None:
    path = face.photo.path
    between_eyes = float(np.linalg.norm(face.landmarks[RIGHT_EYE].mean(0) - face.landmarks[LEFT_EYE].mean(0)))
    if abs(face.pose.yaw_degrees) > MAX_YAW_DEGREES:
        raise ProfileView(
            path,
            f"the head is turned {abs(face.pose.yaw_degrees):.0f} degrees, so half the face is hidden: "
            f"use a photograph turned less than {MAX_YAW_DEGREES:.0f} degrees, both eyes visible.",
        )
    if between_eyes < MIN_EYE_DISTANCE_PX / (1.0 if abs(face.pose.yaw_degrees) < 20 else 1.3):
        raise FaceTooSmall(
            path,
            f"the face is too small: {between_eyes:.0f} pixels between the eyes, "
            f"at least {MIN_EYE_DISTANCE_PX:.0f} are needed to see any scar and 350 or more to measure most: "
            "come closer or send the original file, not a preview.",
        )
    margin = 0.02 * max(rgb.shape[:2])
    oval = face.landmarks[:468]
    if oval.min() < -margin or (oval > np.array(rgb.shape[:2]) + margin).any():
        raise FaceCovered(
            path, "part of the face lies outside the picture: use a photograph that shows forehead to chin."
        )
    covered = cover_of(rgb, face.landmarks)
    if covered:
        raise FaceCovered(
            path,
            f"{covered} covered or hidden: "
            "use a photograph without glasses, mask, hand, hair or bar over it.",
        )


def _eight_bit(photo: Photo) -> NDArray[np.uint8]:
    levels = photo.srgb if photo.srgb.dtype == np.uint8 else photo.srgb >> 8
    return np.asarray(levels, np.uint8)
