"""Each way of bringing two photographs together, as a function: two pictures and points of the first become
points
of the second. Peers are called as their manuals show, with no tuning for or against."""

import importlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.interpolate import RBFInterpolator
from scipy.ndimage import map_coordinates
from scipy.spatial import cKDTree

Points = NDArray[np.float64]
Bytes = NDArray[np.uint8]


@dataclass
class Task:
    """What a method is given."""

    before: Bytes
    after: Bytes
    points: Points
    """(n, 2) (row, column) in the before photograph."""
    landmarks_before: Points | None
    """None: the method has to find the face itself."""
    landmarks_after: Points | None
    seen: float | None = None
    """Set by methods that say which places they vouch for: the share of the points."""

    def landmarks(self) -> tuple[Points, Points]:
        """Landmarks of both photographs."""
        if self.landmarks_before is not None and self.landmarks_after is not None:
            return self.landmarks_before, self.landmarks_after
        from microrelief.imaging.face.landmarks import find_faces

        found = [find_faces(picture)[0].landmarks for picture in (self.before, self.after)]
        return found[0], found[1]

    def grey(self) -> tuple[Bytes, Bytes]:
        """Both as 8-bit grey."""
        return cv2.cvtColor(self.before, cv2.COLOR_RGB2GRAY), cv2.cvtColor(self.after, cv2.COLOR_RGB2GRAY)


def ours(task: Task) -> Points:
    """microrelief.imaging.pair.geometry.register, with the landmarks found."""
    from microrelief.imaging.pair.geometry import register

    before, after = task.landmarks()
    scales = [63.0 / _eye_distance(points) for points in (before, after)]
    found = register(task.before, task.after, before, after, scales[0], scales[1])
    nearest = cKDTree(found.before_map[::2, ::2].reshape(-1, 2)).query(task.points)[1]
    task.seen = float(found.seen[::2, ::2].reshape(-1)[nearest].mean())
    return found.after_of(task.points)


def ours_whole(task: Task) -> Points:
    """microrelief.compare from files, everything it does included; the points go through its aligned pair."""
    from microrelief.imaging.compare import compare

    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("before.png", "after.png")]
        for path, picture in zip(paths, (task.before, task.after), strict=True):
            Image.fromarray(picture).save(path, compress_level=1)
        pair = compare(*paths).pair
    return _through(pair.before_map, pair.after_map, task.points)


def nothing(task: Task) -> Points:
    """No registration."""
    return task.points


def sift_homography(task: Task) -> Points:
    """OpenCV SIFT, ratio test 0.75, RANSAC homography at 4 px."""
    sift = cv2.SIFT.create()
    (keys_b, words_b), (keys_a, words_a) = (sift.detectAndCompute(grey, None) for grey in task.grey())
    matches = [pair for pair in cv2.BFMatcher().knnMatch(words_b, words_a, k=2) if len(pair) == 2]
    good = [first for first, second in matches if first.distance < 0.75 * second.distance]
    source = np.array([keys_b[m.queryIdx].pt for m in good])
    target = np.array([keys_a[m.trainIdx].pt for m in good])
    matrix, _ = cv2.findHomography(source, target, cv2.RANSAC, 4.0)
    moved = cv2.perspectiveTransform(task.points[None, :, ::-1], matrix)[0]
    return moved[:, ::-1]


def landmark_similarity(task: Task) -> Points:
    """Least-squares similarity of all landmarks."""
    before, after = task.landmarks()
    centre_b, centre_a = before.mean(axis=0), after.mean(axis=0)
    b, a = before - centre_b, after - centre_a
    u, s, vt = np.linalg.svd(a.T @ b)
    sign = np.diag([1, np.sign(np.linalg.det(u @ vt))])
    rotation = u @ sign @ vt
    scale = (s * np.diag(sign)).sum() / (b**2).sum()
    return (task.points - centre_b) @ rotation.T * scale + centre_a


def mesh_tps(task: Task) -> Points:
    """Thin plate through all landmarks (scipy), lightly smoothed."""
    before, after = task.landmarks()
    plate = RBFInterpolator(before, after - before, kernel="thin_plate_spline", smoothing=1.0)
    return task.points + plate(task.points)


def dis(task: Task) -> Points:
    """OpenCV DIS optical flow, medium preset, on grey."""
    before, after = task.grey()
    size = tuple(max(a, b) for a, b in zip(before.shape, after.shape, strict=True))
    padded = [
        cv2.copyMakeBorder(g, 0, size[0] - g.shape[0], 0, size[1] - g.shape[1], cv2.BORDER_REPLICATE)
        for g in (before, after)
    ]
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(padded[0], padded[1], None)
    return task.points + np.stack(
        [map_coordinates(flow[..., k], task.points.T, order=1) for k in (1, 0)], axis=1
    )


def simpleitk_bspline(task: Task) -> Points:
    """SimpleITK: affine, then B-spline of 12 x 12 cells, Mattes mutual information, three levels."""
    import SimpleITK as sitk  # noqa: N813

    fixed, moving = (sitk.GetImageFromArray(grey.astype(np.float32)) for grey in task.grey())
    start = sitk.CenteredTransformInitializer(
        fixed, moving, sitk.AffineTransform(2), sitk.CenteredTransformInitializerFilter.MOMENTS
    )
    transform: sitk.Transform = start
    for stage in ("affine", "spline"):
        method = sitk.ImageRegistrationMethod()
        method.SetMetricAsMattesMutualInformation(50)
        method.SetMetricSamplingStrategy(method.RANDOM)
        method.SetMetricSamplingPercentage(0.05, 1)
        method.SetInterpolator(sitk.sitkLinear)
        method.SetShrinkFactorsPerLevel([4, 2, 1])
        method.SetSmoothingSigmasPerLevel([2, 1, 0])
        if stage == "affine":
            method.SetOptimizerAsRegularStepGradientDescent(1.0, 1e-4, 200)
            method.SetOptimizerScalesFromPhysicalShift()
            method.SetInitialTransform(start, inPlace=False)
            transform = method.Execute(fixed, moving)
        else:
            method.SetOptimizerAsLBFGSB(gradientConvergenceTolerance=1e-5, numberOfIterations=50)
            method.SetMovingInitialTransform(transform)
            spline = sitk.BSplineTransformInitializer(fixed, [12, 12], 3)
            method.SetInitialTransform(spline, inPlace=True)
            method.Execute(fixed, moving)
            transform = sitk.CompositeTransform([transform, spline])
    return np.array([transform.TransformPoint((c, r))[::-1] for r, c in task.points])


def elastix(task: Task) -> Points:
    """itk-elastix with its default parameter maps: translation, affine, B-spline."""
    import itk

    fixed, moving = (itk.image_from_array(grey.astype(np.float32)) for grey in task.grey())
    parameters = itk.ParameterObject.New()
    for name in ("translation", "affine", "bspline"):
        parameters.AddParameterMap(parameters.GetDefaultParameterMap(name, 4))
    _, found = itk.elastix_registration_method(
        fixed, moving, parameter_object=parameters, log_to_console=False
    )
    with tempfile.TemporaryDirectory() as folder:
        field = itk.transformix_deformation_field(moving, found, output_directory=folder)
    moves = np.asarray(itk.array_from_image(field))
    return task.points + np.stack(
        [map_coordinates(moves[..., k], task.points.T, order=1) for k in (1, 0)], axis=1
    )


METHODS: dict[str, Callable[[Task], Points]] = {
    "ours": ours,
    "ours, whole comparison": ours_whole,
    "OpenCV DIS": dis,
    "mesh TPS": mesh_tps,
    "landmark similarity": landmark_similarity,
    "OpenCV SIFT homography": sift_homography,
    "itk-elastix B-spline": elastix,
    "SimpleITK B-spline": simpleitk_bspline,
    "no registration": nothing,
}
NEEDS_LANDMARKS = ("ours", "ours, whole comparison", "mesh TPS", "landmark similarity")
NEEDS_PACKAGES = {
    "ours": ("microrelief.imaging.pair.geometry",),
    "ours, whole comparison": ("microrelief.imaging.compare",),
    "itk-elastix B-spline": ("itk",),
    "SimpleITK B-spline": ("SimpleITK",),
}
SLOW = ("itk-elastix B-spline", "SimpleITK B-spline")


def prepare(method: str, task: Task) -> None:
    """Loads what a method needs, and nothing else, so that neither its seconds nor another's memory hold
    it."""
    for package in NEEDS_PACKAGES.get(method, ()):
        importlib.import_module(package)
    if method in NEEDS_LANDMARKS:
        task.landmarks()


def _eye_distance(points: Points) -> float:
    if len(points) == 478:
        return float(np.linalg.norm(points[473] - points[468]))
    return float(np.ptp(points[:, 1]) * 0.45)


def _through(before_map: NDArray[np.float32], after_map: NDArray[np.float32], points: Points) -> Points:
    """Points of the before photograph through two dense maps of one grid."""
    rows, columns = before_map.shape[:2]
    nearest = cKDTree(before_map.reshape(-1, 2)).query(points)[1]
    at = np.stack(np.unravel_index(nearest, (rows, columns)), axis=1).astype(np.float64)

    def look(layer: NDArray[np.float32], where: Points) -> Points:
        return np.stack(
            [map_coordinates(layer[..., k], where.T, order=1, mode="nearest") for k in range(2)], axis=1
        )

    for _ in range(8):
        jacobian = np.stack(
            [look(before_map, at + e) - look(before_map, at - e) for e in 0.5 * np.eye(2)], axis=2
        )
        at = at + np.linalg.solve(jacobian, (points - look(before_map, at))[..., None])[..., 0]
    return look(after_map, at)
