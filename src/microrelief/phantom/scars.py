"""Atrophic acne scars of known depth, width and volume.

Shapes follow Jacob, Dover and Kaminer (2001): icepick (narrow, deep, V-shaped), boxcar (steep walls, flat
floor), rolling (wide, shallow, smooth). A scar is a height map h(u, v) <= 0 over its tangent plane, in
millimetres:

    h = -depth * profile(rho),   rho = r / R(theta),   R(theta) = radius * outline(theta)
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Kind = Literal["icepick", "boxcar", "rolling"]

KIND_SHARE: dict[Kind, float] = {"icepick": 0.5, "boxcar": 0.27, "rolling": 0.23}
"""Icepick scars are the most frequent of the three (60-70%, 20-30%, 15-25% in Jacob 2001)."""
WIDTH_MM: dict[Kind, tuple[float, float]] = {
    "icepick": (0.8, 2.0),
    "boxcar": (1.6, 4.0),
    "rolling": (4.0, 7.0),
}
DEPTH_MM: dict[Kind, tuple[float, float]] = {
    "icepick": (0.3, 1.0),
    "boxcar": (0.15, 0.5),
    "rolling": (0.15, 0.5),
}


@dataclass(frozen=True)
class Scar:
    """One scar: where it is on the resting face, how deep and wide, how red and how pigmented."""

    kind: Kind
    centre_mm: tuple[float, float, float]
    """On the resting head's unscarred surface."""
    width_mm: float
    """Mean full width at the rim, where the depth reaches zero."""
    depth_mm: float
    """At the deepest point, below the surrounding skin."""
    elongation: float
    """Long over short axis, 1 or more."""
    angle_degrees: float
    """Of the long axis in the tangent plane."""
    wobble: tuple[float, float, float, float]
    """Cosine and sine shares of the third and fifth harmonics of the outline."""
    wall: float
    """Share of the radius that a boxcar's wall takes."""
    redness: float
    """Excess of blood over the skin around it, as a share (1 = twice the blood)."""
    pigment: float
    """Excess of melanin over the skin around it, as a share; negative is pale."""

    @property
    def radius_mm(self) -> float:
        """Half the mean width."""
        return self.width_mm / 2.0


def outline(scar: Scar, theta: Floats) -> Floats:
    """Rim radius as a share of the mean radius, over the angle in radians."""
    long = np.sqrt(scar.elongation)
    turned = theta - np.radians(scar.angle_degrees)
    ellipse = 1.0 / np.sqrt((np.cos(turned) / long) ** 2 + (np.sin(turned) * long) ** 2)
    a3, b3, a5, b5 = scar.wobble
    result: Floats = ellipse * (
        1 + a3 * np.cos(3 * theta) + b3 * np.sin(3 * theta) + a5 * np.cos(5 * theta) + b5 * np.sin(5 * theta)
    )
    return result


def profile(scar: Scar, rho: Floats) -> Floats:
    """Depth as a share of the deepest, over the radius as a share of the rim; 1 at the centre, 0 from the rim
    on."""
    inside = np.clip(rho, 0.0, 1.0)
    if scar.kind == "boxcar":
        step = np.clip((1.0 - inside) / scar.wall, 0.0, 1.0)
        return step * step * (3 - 2 * step)
    if scar.kind == "icepick":
        # between a cone and a bell: a narrow floor, steep walls and a soft rim
        return (1.0 - inside) ** 1.6 * (1 + 1.6 * inside)
    return (1.0 - inside**2) ** 2


def height_mm(scar: Scar, across_mm: Floats, along_mm: Floats, depth_ratio: float = 1.0) -> Floats:
    """Height of the scarred over the unscarred skin, mm (0 or negative), at points of the tangent plane about
    the centre."""
    rho = rim_share(scar, across_mm, along_mm)
    return -scar.depth_mm * depth_ratio * profile(scar, rho)


def rim_share(scar: Scar, across_mm: Floats, along_mm: Floats) -> Floats:
    """Distance from the centre as a share of the rim in that direction."""
    theta = np.arctan2(along_mm, across_mm)
    result: Floats = np.hypot(across_mm, along_mm) / (scar.radius_mm * outline(scar, theta))
    return result


def volume_mm3(scar: Scar) -> float:
    """Missing volume from the formula: area within the rim times the profile's mean, independent of any
    grid."""
    theta = np.linspace(0, 2 * np.pi, 2000, endpoint=False)
    rho = (np.arange(4000) + 0.5) / 4000
    sector = np.mean((scar.radius_mm * outline(scar, theta)) ** 2) * 2 * np.pi
    return float(scar.depth_mm * sector * np.mean(profile(scar, rho) * rho))


def draw_scar(random: np.random.Generator, centre_mm: Floats, severity: float = 1.0) -> Scar:
    """One random scar. severity scales the depth (0.6 mild to 1.2 severe)."""
    kinds: list[Kind] = list(KIND_SHARE)
    share = np.array(list(KIND_SHARE.values()))
    kind = kinds[int(random.choice(len(kinds), p=share / share.sum()))]
    low, high = WIDTH_MM[kind]
    width = float(low + (high - low) * random.beta(1.3, 1.8))
    shallow, deep = DEPTH_MM[kind]
    depth = float(shallow + (deep - shallow) * random.beta(1.5, 1.8)) * severity
    if kind == "icepick":
        depth = min(depth, 0.75 * width)
    return Scar(
        kind=kind,
        centre_mm=(float(centre_mm[0]), float(centre_mm[1]), float(centre_mm[2])),
        width_mm=width,
        depth_mm=depth,
        elongation=float(1 + random.exponential(0.18 if kind == "icepick" else 0.3)),
        angle_degrees=float(random.uniform(0, 180)),
        wobble=(
            float(random.normal(0, 0.03)),
            float(random.normal(0, 0.03)),
            float(random.normal(0, 0.025)),
            float(random.normal(0, 0.025)),
        ),
        wall=float(np.clip(random.uniform(0.2, 0.35) * 2.0 / width, 0.12, 0.5)),
        redness=float(random.choice([0.0, 1.0], p=[0.25, 0.75]) * random.gamma(2.5, 0.35)),
        pigment=float(random.choice([-0.08, 0.0, 1.0], p=[0.15, 0.45, 0.4]) * random.gamma(2.5, 0.12)),
    )


def place_scars(
    random: np.random.Generator, candidates_mm: Floats, weights: Floats, count: int, severity: float = 1.0
) -> list[Scar]:
    """Scars at random candidate points, none overlapping another.

    candidates_mm: (N, 3) points of the resting surface; weights: (N,) how likely each is. May return fewer
    than `count` when the candidates leave no room.
    """
    chosen: list[Scar] = []
    order = random.choice(
        len(candidates_mm), size=min(len(candidates_mm), count * 12), replace=False, p=weights / weights.sum()
    )
    for index in order:
        scar = draw_scar(random, candidates_mm[index], severity)
        if all(
            np.linalg.norm(np.subtract(scar.centre_mm, other.centre_mm))
            > 1.35 * (scar.radius_mm + other.radius_mm) + 0.4
            for other in chosen
        ):
            chosen.append(scar)
        if len(chosen) == count:
            break
    return chosen


def scaled(scar: Scar, depth_ratio: float, redness_ratio: float = 1.0, pigment_ratio: float = 1.0) -> Scar:
    """The same scar after treatment."""
    return replace(
        scar,
        depth_mm=scar.depth_mm * depth_ratio,
        redness=scar.redness * redness_ratio,
        pigment=scar.pigment * pigment_ratio,
    )
