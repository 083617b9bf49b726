"""The one door to Mitsuba: geometry, skin and light become linear radiance, split by where the light came
from.

Mitsuba (a renderer that is not ours) finds what each ray hits and evaluates its rough-plastic skin with
bumps. The sums over light are taken here, one pass per kind of light, so that one rendering can be
photographed under many mixtures of key and ambient light: L = key * (diffuse + gloss) + ambient * (diffuse +
mirror).
"""

import functools
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from microrelief.errors import SetupError
from microrelief.phantom.mesh import Floats, Ints

Images = NDArray[np.float32]

LLVM_PLACES = (
    "/usr/lib/x86_64-linux-gnu/libLLVM.so.19.1",
    "/usr/lib/aarch64-linux-gnu/libLLVM.so.19.1",
    "/usr/lib/llvm-19/lib/libLLVM.so.19.1",
)
"""Where Debian's libllvm19 puts the compiler that Mitsuba needs (LLVM 14 and 15 abort inside Mitsuba 3.9)."""
SKY_EVERY = 2
"""Every second sample also looks at the sky, which varies little within a pixel."""
OCCLUDED_GLOW = 0.25
"""Light that comes back from skin where skin hides the sky, as a share of the ambient light: stands for
interreflection."""
MIRROR = 0.03
"""Ambient light mirrored by the skin's surface, averaged over its roughness."""


@dataclass(frozen=True)
class Part:
    """A mesh with one material."""

    name: str
    positions: Floats
    normals: Floats
    triangles: Ints
    colour: Images
    """(3,) one linear colour, or (T, T, 3) a texture with row 0 at v = 1."""
    roughness: float = 0.35
    texture: Floats | None = None
    """(N, 2): (u, v); needed for textures."""
    bumps_mm: Images | None = None
    """(T, T) height over the mesh, mm."""
    material: int = 1
    """Number that the material map shows: 1 face skin, 2 other skin, 3 anything else; 0 is the background."""


@dataclass(frozen=True)
class View:
    """A pinhole camera on the z axis that looks at the origin's plane z = 0 along -z."""

    rows: int
    columns: int
    mm_per_pixel: float
    """At the plane z = plane_mm."""
    plane_mm: float
    distance_mm: float
    """From the camera to that plane."""
    centre_mm: tuple[float, float] = (0.0, 0.0)
    """(x, y) of the picture's centre on that plane."""

    def project(self, points_mm: Floats) -> Floats:
        """Points (N, 3) to (row, column), pixel centres at whole numbers."""
        camera_z = self.plane_mm + self.distance_mm
        share = self.distance_mm / (camera_z - points_mm[:, 2])
        x = (points_mm[:, 0] - self.centre_mm[0]) * share / self.mm_per_pixel
        y = (points_mm[:, 1] - self.centre_mm[1]) * share / self.mm_per_pixel
        return np.stack([(self.rows - 1) / 2 - y, (self.columns - 1) / 2 + x], axis=1)


@dataclass(frozen=True)
class KeyLight:
    """A round lamp."""

    azimuth_degrees: float
    """Towards the image right."""
    elevation_degrees: float
    """Upwards."""
    radius_mm: float = 60.0
    distance_mm: float = 900.0

    @property
    def direction(self) -> Floats:
        """Unit vector to the lamp: (x to the image right, y up, z to the camera)."""
        azimuth, elevation = np.radians([self.azimuth_degrees, self.elevation_degrees])
        return np.array(
            [np.sin(azimuth) * np.cos(elevation), np.sin(elevation), np.cos(azimuth) * np.cos(elevation)]
        )


@dataclass(frozen=True)
class Passes:
    """What the renderer saw. A white sheet that faces the lamp has key_diffuse 1; one under the open sky has
    ambient 1."""

    key_diffuse: Images
    """(H, W, 3): times the surface's colour."""
    key_gloss: Images
    """(H, W): white."""
    colour: Images
    """(H, W, 3): the surface's own colour, times the share of the pixel that is surface."""
    ambient: Images
    """(H, W, 3): times the surface's colour."""
    ambient_mirror: Images
    """(H, W): white."""
    material: Images
    """(H, W): Part.material of the surface at the pixel's centre."""
    texture: Images
    """(H, W, 2): texture coordinates (u, v) of face skin at the pixel's centre, NaN elsewhere."""
    depth_mm: Images
    """(H, W): z of the surface at the pixel's centre, NaN where nothing is."""
    view: View = field(default=View(1, 1, 1.0, 0.0, 1.0))


@functools.cache
def _mitsuba() -> tuple[Any, Any]:
    if "DRJIT_LIBLLVM_PATH" not in os.environ:
        for place in LLVM_PLACES:
            if Path(place).exists():
                os.environ["DRJIT_LIBLLVM_PATH"] = place
                break
    try:
        # wanted only by those who render: an extra, and slow to load
        import drjit
        import mitsuba
    except ImportError:
        raise SetupError("Phantoms need the renderer Mitsuba: pip install 'microrelief[phantom]'.") from None
    try:
        mitsuba.set_variant("llvm_ad_rgb")
        mitsuba.Float(0.0) + 1.0
    except (ImportError, RuntimeError):
        raise SetupError(
            "Mitsuba needs LLVM 19: apt-get install libllvm19 (or set DRJIT_LIBLLVM_PATH)."
        ) from None
    return mitsuba, drjit


def renderer_is_here() -> bool:
    """Whether pictures can be rendered on this machine."""
    try:
        _mitsuba()
    except SetupError:
        return False
    return True


def use_threads(count: int) -> None:
    """Limit the renderer to so many threads (one of them is the caller's)."""
    _, drjit = _mitsuba()
    drjit.set_thread_count(count)


def bake_positions(texture: Floats, triangles: Ints, values: Floats, size: int) -> Images:
    """Spread values (N, K) of a mesh's points over its texture square: (size, size, K), NaN where no triangle
    is."""
    mi, _ = _mitsuba()
    flat = np.concatenate([texture, np.zeros((len(texture), 1))], axis=1)
    mesh = _mesh(
        mi,
        Part("bake", flat, np.tile([0.0, 0.0, 1.0], (len(flat), 1)), triangles, np.zeros(3, np.float32)),
        None,
    )
    scene = mi.load_dict({"type": "scene", "mesh": mesh})
    result = np.empty((size, size, values.shape[1]), dtype=np.float32)
    step = max(1, (1 << 21) // size)
    column = (np.arange(size) + 0.5) / size
    table = values.astype(np.float32)
    corners = triangles.astype(np.int64)
    for first in range(0, size, step):
        rows = np.arange(first, min(first + step, size))
        v = 1 - (rows + 0.5) / size
        u_, v_ = np.meshgrid(column, v)
        origin = mi.Point3f(mi.Float(u_.ravel()), mi.Float(v_.ravel()), 1.0)
        hit = scene.ray_intersect_preliminary(mi.Ray3f(origin, mi.Vector3f(0, 0, -1)))
        found = np.array(hit.is_valid())
        triangle = corners[np.array(hit.prim_index)[found]]
        b = np.array(hit.prim_uv)[:, found]
        b1, b2 = b[0][:, None], b[1][:, None]
        block = np.full((len(found), values.shape[1]), np.nan, dtype=np.float32)
        block[found] = (
            table[triangle[:, 0]] * (1 - b1 - b2) + table[triangle[:, 1]] * b1 + table[triangle[:, 2]] * b2
        )
        result[rows] = block.reshape(len(rows), size, -1)
    return result


def render(  # noqa: PLR0915  # one sum per kind of light, in one place
    parts: list[Part], view: View, key: KeyLight, *, ambient_slope: Floats, samples: int = 16, seed: int = 0
) -> Passes:
    """Light a scene.

    ambient_slope: (3,) the sky's radiance is 1 + slope . direction (length below 1: brighter above than
    below, say). samples: rays per pixel. Equal input gives equal output.
    """
    mi, dr = _mitsuba()
    meshes = [_mesh(mi, part, _material(mi, part)) for part in parts]
    scene = mi.load_dict({"type": "scene", **{f"part{k}": mesh for k, mesh in enumerate(meshes)}})
    pixels = view.rows * view.columns
    index = dr.arange(mi.UInt32, pixels)
    column, row = mi.Float(index % view.columns), mi.Float(index // view.columns)
    lamp_centre = mi.Point3f(
        *(key.direction * key.distance_mm + [view.centre_mm[0], view.centre_mm[1], view.plane_mm]).tolist()
    )
    lamp_frame = mi.Frame3f(mi.Vector3f(*(-key.direction).tolist()))
    slope = mi.Vector3f(*[float(x) for x in ambient_slope])
    camera_z = view.plane_mm + view.distance_mm
    diffuse_only, gloss_only = mi.BSDFContext(), mi.BSDFContext()
    gloss_only.component, diffuse_only.component = 0, 1
    sky_samples = -(-samples // SKY_EVERY)
    random = np.random.default_rng([seed, 77])
    # every stratum is used: with some left out, lamp and sky lean to a side that changes with the seed
    order = [(random.permutation(n), *_strata(n)) for n in (samples, samples, sky_samples)]
    sums: list[Any] = [mi.Color3f(0), mi.Float(0), mi.Color3f(0), mi.Color3f(0), mi.Float(0)]
    for s in range(samples):
        generator = mi.PCG32(size=pixels, initstate=seed * 1000 + s, initseq=index)

        def cell(which: int, s: int, generator: Any = generator) -> Any:
            cells, rows, columns = order[which]
            k = int(cells[s])
            return mi.Point2f(
                (k % columns + generator.next_float32()) / columns,
                (k // columns + generator.next_float32()) / rows,
            )

        jitter, on_lamp = cell(0, s), cell(1, s)
        x = (column + jitter.x - 0.5 - (view.columns - 1) / 2) * view.mm_per_pixel + view.centre_mm[0]
        y = ((view.rows - 1) / 2 - row - jitter.y + 0.5) * view.mm_per_pixel + view.centre_mm[1]
        origin = mi.Point3f(view.centre_mm[0], view.centre_mm[1], camera_z)
        ray = mi.Ray3f(origin, dr.normalize(mi.Point3f(x, y, view.plane_mm) - origin))
        hit = scene.ray_intersect(ray)
        active = hit.is_valid()
        bsdf = hit.bsdf(ray)

        disk = mi.warp.square_to_uniform_disk_concentric(on_lamp) * key.radius_mm
        lamp = lamp_centre + lamp_frame.to_world(mi.Vector3f(disk.x, disk.y, 0))
        to_lamp = lamp - hit.p
        squared = dr.squared_norm(to_lamp)
        direction = to_lamp * dr.rsqrt(squared)
        power = key.distance_mm**2 / squared * dr.maximum(dr.dot(-direction, lamp_frame.n), 0) * dr.pi
        seen = active & ~scene.ray_test(hit.spawn_ray_to(lamp), active)
        local = hit.to_local(direction)
        lit_diffuse = dr.select(seen, bsdf.eval(diffuse_only, hit, local, seen) * power, 0)
        lit_gloss = dr.select(seen, bsdf.eval(gloss_only, hit, local, seen).x * power, 0)

        colour = dr.select(active, bsdf.eval_diffuse_reflectance(hit, active), 0)
        new = [lit_diffuse, lit_gloss, colour]
        sums[:3] = [total + value for total, value in zip(sums[:3], new, strict=True)]
        if s % SKY_EVERY:
            dr.eval(sums)
            continue
        sky = mi.warp.square_to_cosine_hemisphere(cell(2, s // SKY_EVERY))
        world = hit.to_world(sky)
        hidden = scene.ray_test(hit.spawn_ray(world), active)
        radiance = dr.select(hidden, OCCLUDED_GLOW, 1 + dr.dot(slope, world))
        weight = radiance * dr.rcp(dr.maximum(mi.warp.square_to_cosine_hemisphere_pdf(sky), 1e-4))
        sky_diffuse = dr.select(active, bsdf.eval(diffuse_only, hit, sky, active) * weight, 0)
        mirror = dr.select(active, MIRROR * radiance, 0)
        new = [sky_diffuse, mirror]
        sums[3:] = [total + value for total, value in zip(sums[3:], new, strict=True)]
        dr.eval(sums)

    material, uv, depth = _truth_maps(scene, meshes, parts, view)

    def image(value: Any, share: int) -> Images:
        array: Images = np.array(value, dtype=np.float32) / np.float32(share)
        return (
            array.T.reshape(view.rows, view.columns, 3)
            if array.ndim == 2
            else array.reshape(view.rows, view.columns)
        )

    return Passes(
        key_diffuse=image(sums[0], samples),
        key_gloss=image(sums[1], samples),
        colour=image(sums[2], samples),
        ambient=image(sums[3], sky_samples),
        ambient_mirror=image(sums[4], sky_samples),
        material=material.reshape(view.rows, view.columns),
        texture=uv.reshape(view.rows, view.columns, 2),
        depth_mm=depth.reshape(view.rows, view.columns),
        view=view,
    )


def _strata(count: int) -> tuple[int, int]:
    """Rows and columns of a grid of so many cells, as square as it can be."""
    rows = next(n for n in range(int(np.sqrt(count)), 0, -1) if count % n == 0)
    return rows, count // rows


def _truth_maps(
    scene: Any, meshes: list[Any], parts: list[Part], view: View
) -> tuple[Images, Images, Images]:
    """What stands at the middle of each pixel, for truth and not for light: material, (u, v), z (flat)."""
    mi, dr = _mitsuba()
    pixels = view.rows * view.columns
    index = dr.arange(mi.UInt32, pixels)
    column, row = mi.Float(index % view.columns), mi.Float(index // view.columns)
    camera_z = view.plane_mm + view.distance_mm
    origin = mi.Point3f(view.centre_mm[0], view.centre_mm[1], camera_z)
    x = (column - (view.columns - 1) / 2) * view.mm_per_pixel + view.centre_mm[0]
    y = ((view.rows - 1) / 2 - row) * view.mm_per_pixel + view.centre_mm[1]
    ray = mi.Ray3f(origin, dr.normalize(mi.Point3f(x, y, view.plane_mm) - origin))
    hit = scene.ray_intersect(ray)
    shape = np.array(dr.reinterpret_array(mi.UInt32, hit.shape))
    numbers = [int(np.array(dr.reinterpret_array(mi.UInt32, mi.ShapePtr(mesh)))[0]) for mesh in meshes]
    material = np.zeros(pixels, dtype=np.float32)
    for number, part in zip(numbers, parts, strict=True):
        material[shape == number] = part.material
    uv = np.array(hit.uv).T.astype(np.float32)
    uv[material != 1] = np.nan
    depth = np.array(hit.p.z).astype(np.float32)
    depth[material == 0] = np.nan
    return material, uv, depth


def _material(mi: Any, part: Part) -> Any:
    if part.colour.ndim == 1:
        colour: Any = {"type": "rgb", "value": [float(x) for x in part.colour]}
    else:
        bitmap = mi.Bitmap(np.ascontiguousarray(part.colour[::-1], dtype=np.float32))
        colour = {"type": "bitmap", "bitmap": bitmap, "raw": True, "wrap_mode": "clamp"}
    skin: dict[str, Any] = {
        "type": "roughplastic",
        "distribution": "ggx",
        "alpha": part.roughness,
        "int_ior": 1.40,
        "ext_ior": 1.0,
        "diffuse_reflectance": colour,
    }
    if part.bumps_mm is None:
        return mi.load_dict(skin)
    heights = mi.Bitmap(np.ascontiguousarray(part.bumps_mm[::-1, :, None], dtype=np.float32))
    return mi.load_dict(
        {
            "type": "bumpmap",
            "arbitrary": {"type": "bitmap", "bitmap": heights, "raw": True, "wrap_mode": "clamp"},
            "bsdf": skin,
        }
    )


def _mesh(mi: Any, part: Part, material: Any) -> Any:
    properties = mi.Properties()
    if material is not None:
        properties["bsdf"] = material
    mesh = mi.Mesh(
        part.name,
        vertex_count=len(part.positions),
        face_count=len(part.triangles),
        has_vertex_normals=True,
        has_vertex_texcoords=part.texture is not None,
        props=properties,
    )
    parameters = mi.traverse(mesh)
    parameters["vertex_positions"] = mi.Float(part.positions.astype(np.float32).ravel())
    parameters["vertex_normals"] = mi.Float(part.normals.astype(np.float32).ravel())
    parameters["faces"] = mi.UInt32(part.triangles.astype(np.uint32).ravel())
    if part.texture is not None:
        parameters["vertex_texcoords"] = mi.Float(part.texture.astype(np.float32).ravel())
    parameters.update()
    return mesh
