"""Two close-ups become points that show the same skin in both, or a refusal.

Pores, furrows, moles and scars, as SIFT describes them (Lowe 2004) on luminance whose local mean and contrast
are taken out, are paired where each is the other's nearest; the pairs that agree on one rotation, size and
shift (RANSAC, Fischler and Bolles 1981) say where the photographs overlap, and an affine map is fitted to
them. What it leaves, the dense registration follows (`pair.geometry`).

The photographs are looked at in the order of their fingerprints, not of before and after, so that exchanging
them mirrors the answer to the last bit.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from microrelief.errors import NotTheSameSkin
from microrelief.imaging.arrays import LUMINANCE, Floats, Mask, shrunk, smooth
from microrelief.imaging.photo.colour import to_linear
from microrelief.imaging.photo.photo import Photo
from microrelief.imaging.skin.close_up import SkinArea

Points = NDArray[np.float64]

MATCH_SIDE = 1100
"""Longest side of the picture in which features are looked for: at 40 mm a furrow is some pixels wide."""
LOCAL_PX = 14.0
"""Standard deviation of the window whose mean and contrast are taken out: light and vignetting go."""
DETAIL_PX = 0.8
LIGHT_FLOOR, CONTRAST_FLOOR = 0.002, 0.012
"""As in the dense registration (`pair.flow`)."""
FEATURES = 2500
NEAREST_RATIO = 0.95
"""Distance of the nearest description to the second: above it either could be meant."""
TOLERANCE_SHARE = 0.012
"""Of the longest side: what a cheek's curvature and stretch leave over a similarity."""
TURN_DEGREES, SIZE_LOG = 25.0, 0.5
"""How far the direction and the size of a pair's two features may be from what the similarity says."""
LARGEST_ENLARGEMENT = 3.0
LEAST_MATCHES = 8
"""Agreeing pairs below which two photographs do not show the same skin. Photographs of different skin agreed
in at most 4 (docs/methods/close-up.md); and what then does not repeat densely is not in view."""
LATTICE = 13
"""Points along each side of the overlap."""
LEAST_POINTS = 20


@dataclass(frozen=True)
class SkinMatch:
    """The skin that two close-ups share."""

    points_before: Points
    """(n, 2): (row, column), a lattice over the shared skin."""
    points_after: Points
    """(n, 2): the same places in the after photograph, as far as an affine map goes."""
    agreeing: int
    """Features that agreed on it."""

    @property
    def size_ratio(self) -> float:
        """How many pixels of the after photograph one pixel of the before covers, along a line."""
        return _size(self.points_after) / _size(self.points_before)


def match_skin(before: Photo, after: Photo, skin_before: SkinArea, skin_after: SkinArea) -> SkinMatch:
    """Find the skin that two close-ups share. Raises NotTheSameSkin when too few features agree."""
    turned = before.sha256 > after.sha256
    photos, skins = (before, after), (skin_before, skin_after)
    if turned:
        photos, skins = photos[::-1], skins[::-1]
    found = [_features(photo, skin) for photo, skin in zip(photos, skins, strict=True)]
    first, second = _paired(found[0], found[1])
    tolerance = TOLERANCE_SHARE * max(photos[1].srgb.shape[:2])
    affine, agreeing = _affine(first, second, tolerance)
    if agreeing < LEAST_MATCHES:
        raise NotTheSameSkin(
            f"{before.path.name} and {after.path.name} do not show the same skin, or too little of it: "
            f"{agreeing} features of the skin agree, {LEAST_MATCHES} are needed; take the after of the same "
            "place, unmirrored, in focus and from the same side."
        )
    there = _lattice(skins[0], skins[1], affine)
    if len(there) < LEAST_POINTS:
        raise NotTheSameSkin(
            f"{before.path.name} and {after.path.name} share too little skin: use the before as a ghost "
            "image and take the after of the same place."
        )
    sides = (there, _moved(affine, there))
    if turned:
        sides = sides[::-1]
    return SkinMatch(sides[0], sides[1], agreeing)


@dataclass(frozen=True)
class _Features:
    """What stands out on the skin of one photograph."""

    places: Points
    """(n, 2): (row, column) in the photograph."""
    degrees: Points
    """(n,): direction, clockwise from the right."""
    sizes: Points
    """(n,): photograph pixels."""
    described: Floats
    """(n, 128), of length one."""

    def chosen(self, index: NDArray[np.int64]) -> "_Features":
        return _Features(self.places[index], self.degrees[index], self.sizes[index], self.described[index])


def _features(photo: Photo, skin: SkinArea) -> _Features:
    rows, columns = photo.srgb.shape[:2]
    step = max(1.0, max(rows, columns) / MATCH_SIDE)
    size = (round(columns / step), round(rows / step))
    small = cv2.resize(photo.srgb, size, interpolation=cv2.INTER_AREA) if step > 1 else photo.srgb
    log = np.log(np.maximum(to_linear(small) @ LUMINANCE, LIGHT_FLOOR)).astype(np.float32)
    log = smooth(log, DETAIL_PX)
    high = log - smooth(log, LOCAL_PX)
    contrast = np.sqrt(np.maximum(smooth(high * high, LOCAL_PX), 0) + CONTRAST_FLOOR**2)
    eight = np.clip(high / contrast * 40 + 128, 0, 255).astype(np.uint8)
    where = np.stack(np.meshgrid(*(np.arange(n) for n in eight.shape), indexing="ij"), axis=-1)
    scale = np.array([rows / size[1], columns / size[0]])
    # at the skin's edge stands the edge, not the skin
    mask = shrunk(skin.at((where + 0.5) * scale - 0.5), 4).astype(np.uint8)
    sift = cv2.SIFT.create(nfeatures=FEATURES, contrastThreshold=0.015)
    points, described = sift.detectAndCompute(eight, mask)
    if described is None:
        points, described = (), np.zeros((0, 128), np.float32)
    # square roots compare histograms better than the counts do (Arandjelovic and Zisserman 2012)
    share = described / np.maximum(described.sum(axis=1, keepdims=True), 1e-6)
    return _Features(
        places=(np.array([point.pt[::-1] for point in points]).reshape(-1, 2) + 0.5) * scale - 0.5,
        degrees=np.array([point.angle for point in points], np.float64),
        sizes=np.array([point.size for point in points], np.float64) * step,
        described=np.sqrt(share).astype(np.float32),
    )


def _paired(first: _Features, second: _Features) -> tuple[_Features, _Features]:
    """The features of both that are each other's nearest, and clearly so, in pairs."""
    if min(len(first.places), len(second.places)) < 2:
        nothing = np.zeros(0, np.int64)
        return first.chosen(nothing), second.chosen(nothing)
    alike = first.described @ second.described.T
    there, back = alike.argmax(axis=1), alike.argmax(axis=0)
    each_others = np.flatnonzero(back[there] == np.arange(len(there)))
    partners = there[each_others]
    clear = _stands_apart(alike[each_others]) & _stands_apart(alike[:, partners].T)
    return first.chosen(each_others[clear]), second.chosen(partners[clear])


def _stands_apart(alike: Floats) -> Mask:
    two = -np.partition(-alike, 1, axis=1)[:, :2]
    distance = np.sqrt(np.maximum(2 - 2 * two, 0))
    return np.asarray(distance[:, 0] < NEAREST_RATIO * distance[:, 1])


def _affine(first: _Features, second: _Features, tolerance_px: float) -> tuple[Points, int]:
    """The (2, 3) affine map from first to second, and how many pairs agree on it; (row, column) points."""
    turned = second.degrees - first.degrees
    best: Points = np.zeros((2, 3))
    agreeing: Mask = np.zeros(len(turned), bool)
    # pairs that turn alike are asked together: strangers' features turn every way
    for turn in np.arange(0.0, 360.0, TURN_DEGREES):
        alike = np.flatnonzero(np.abs(_wrapped(turned - turn)) < TURN_DEGREES)
        if len(alike) < LEAST_MATCHES or len(alike) <= agreeing.sum():
            continue
        found, _ = cv2.estimateAffinePartial2D(
            first.places[alike],
            second.places[alike],
            method=cv2.RANSAC,
            ransacReprojThreshold=tolerance_px,
            maxIters=5000,
        )
        similar = None if found is None else np.asarray(found, np.float64)
        inside = _agreeing(similar, first, second, tolerance_px)
        if similar is not None and inside.sum() > agreeing.sum():
            best, agreeing = similar, inside
    for _ in range(3):
        if agreeing.sum() < LEAST_MATCHES:
            break
        design = np.column_stack([first.places[agreeing], np.ones(int(agreeing.sum()))])
        affine = np.asarray(np.linalg.lstsq(design, second.places[agreeing], rcond=None)[0].T, np.float64)
        inside = _agreeing(affine, first, second, tolerance_px)
        if inside.sum() < agreeing.sum():
            break
        best, agreeing = affine, inside
    return best, int(agreeing.sum())


def _agreeing(found: Points | None, first: _Features, second: _Features, tolerance_px: float) -> Mask:
    """Which pairs lie, turn and grow as a map says; none when it is no map of skin."""
    if found is None:
        return np.zeros(len(first.places), bool)
    size = float(np.sqrt(abs(np.linalg.det(found[:, :2]))))
    if not 1 / LARGEST_ENLARGEMENT < size < LARGEST_ENLARGEMENT:
        return np.zeros(len(first.places), bool)
    # a feature's direction is told in (x, y), the map in (row, column): it turns the other way round
    turn = -np.degrees(np.arctan2(found[1, 0] - found[0, 1], found[0, 0] + found[1, 1]))
    return np.asarray(
        (np.linalg.norm(_moved(found, first.places) - second.places, axis=1) < tolerance_px)
        & (np.abs(_wrapped(second.degrees - first.degrees - turn)) < TURN_DEGREES)
        & (np.abs(np.log(second.sizes / first.sizes / size)) < SIZE_LOG)
    )


def _wrapped(degrees: Points) -> Points:
    return np.asarray((degrees + 180) % 360 - 180)


def _moved(affine: Points, points: Points) -> Points:
    return np.asarray(points @ affine[:, :2].T + affine[:, 2])


def _lattice(skin: SkinArea, other: SkinArea, affine: Points) -> Points:
    """(n, 2): places on the first photograph whose skin both show, evenly spread."""
    rows, columns = skin.mask.shape
    centres = np.stack(np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij"), axis=-1)
    where = np.asarray((centres + 0.5) * skin.step - 0.5, np.float64)
    shared = skin.mask & other.at(_moved(affine, where))
    if not shared.any():
        return np.zeros((0, 2))
    at = where[shared]
    low, high = at.min(axis=0), at.max(axis=0)
    lines = [np.linspace(low[k], high[k], LATTICE) for k in range(2)]
    points = np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1).reshape(-1, 2)
    return np.asarray(points[skin.at(points) & other.at(_moved(affine, points))])


def _size(points: Points) -> float:
    return float(np.sqrt(((points - points.mean(axis=0)) ** 2).sum()))
