"""The list of scenes and photographs of one person: what differs between before and after, and what that
truly means."""

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from microrelief.phantom.camera import Camera, Curve
from microrelief.phantom.person import Pose, State
from microrelief.phantom.renderer import KeyLight, View

Split = Literal["tuning", "unseen"]

SPLIT_OFFSET: dict[str, int] = {"tuning": 0, "unseen": 500_000}
"""Seeds of the two splits never meet: seeds run from 0 to 499,999 and are moved by this."""
CAMERA_CURVES: tuple[Curve, Curve] = ("srgb", "s")
TONE_ORDER = (2, 5, 3, 6, 1, 4)


@dataclass(frozen=True)
class Lighting:
    """The mixture of light in a photograph."""

    key: KeyLight
    ambient: float
    """Radiance of the sky against a white sheet lit by the key."""
    ambient_slope: tuple[float, float, float]
    warmth: float = 0.0
    """Ambient light's red over blue against the key, as a share."""
    gloss: float = 1.0
    """Times the surface's own reflection: below 1 powdered, above 1 oily."""


@dataclass(frozen=True)
class Scene:
    """One rendering."""

    name: str
    state: State
    lighting: Lighting
    view: View


@dataclass(frozen=True)
class Shot:
    """One photograph of a scene, or two to be compared with the before."""

    name: str
    scene: str
    category: str
    camera: Camera
    note: str = ""
    lighting: Lighting | None = None
    """Where the mixture of light differs from the scene's (its key is the same)."""


@dataclass(frozen=True)
class Session:
    """One person's scenes and photographs."""

    seed: int
    tone: int
    scenes: list[Scene] = field(default_factory=list)
    before: Shot = field(default_factory=lambda: Shot("before", "before", "", Camera()))
    shots: list[Shot] = field(default_factory=list)


def person_seed(split: Split, seed: int, number: int) -> int:
    """The seed of the number-th person of a set; raises ValueError outside the split's range."""
    if not 0 <= seed * 1000 + number < SPLIT_OFFSET["unseen"]:
        raise ValueError(
            f"--seed {seed} with person {number} is out of range: "
            "take --seed 0 to 499 and at most 1000 subjects."
        )
    return SPLIT_OFFSET[split] + seed * 1000 + number


def draw_session(seed: int, tone: int) -> Session:
    """Scenes and photographs of a person; equal seeds give equal sessions."""
    random = np.random.default_rng([seed, 2])
    jitter = np.random.default_rng([seed, 3])
    key = KeyLight(
        azimuth_degrees=float(random.choice([-1, 1]) * random.uniform(5, 50)),
        elevation_degrees=float(random.uniform(20, 52)),
        radius_mm=float(np.exp(random.uniform(np.log(25), np.log(180)))),
        distance_mm=float(random.uniform(700, 1400)),
    )
    slope = random.normal(0, 0.3, 3) + np.array([0, 0.25, 0.1])
    slope *= min(1.0, 0.7 / float(np.linalg.norm(slope)))
    base = Lighting(
        key,
        ambient=float(random.uniform(0.12, 0.4)),
        ambient_slope=(float(slope[0]), float(slope[1]), float(slope[2])),
        warmth=float(random.normal(0, 0.06)),
        gloss=float(random.uniform(0.6, 1.1)),
    )
    pose = Pose(*(float(x) for x in random.normal(0, 1.5, 3)))
    view = View(
        rows=1500,
        columns=1200,
        mm_per_pixel=float(random.uniform(0.128, 0.18)),
        plane_mm=90.0,
        distance_mm=float(random.uniform(700, 1500)),
        centre_mm=(float(random.normal(0, 3)), float(random.normal(14, 4))),
    )
    before = Scene("before", State(pose=pose), base, view)
    scenes = [before]

    def add(
        name: str,
        state: State | None = None,
        key_: KeyLight | None = None,
        turn: tuple[float, float] = (0, 0),
        view_: View | None = None,
    ) -> Scene:
        # the jitter of a good re-take: light 2 degrees, pose 1 degree, a little distance and framing
        retake = Pose(
            pose.yaw + float(jitter.normal(0, 1)) + turn[0],
            pose.pitch + float(jitter.normal(0, 1)) + turn[1],
            pose.roll + float(jitter.normal(0, 1)),
        )
        light = key_ or key
        light = replace(
            light,
            azimuth_degrees=light.azimuth_degrees + float(jitter.normal(0, 1.4)),
            elevation_degrees=light.elevation_degrees + float(jitter.normal(0, 1.4)),
        )
        seen = view_ or view
        seen = replace(
            seen,
            mm_per_pixel=seen.mm_per_pixel * float(np.exp(jitter.normal(0, 0.012))),
            centre_mm=(
                seen.centre_mm[0] + float(jitter.normal(0, 1.5)),
                seen.centre_mm[1] + float(jitter.normal(0, 1.5)),
            ),
        )
        whole = replace(state or State(), pose=retake, fidget=float(jitter.normal(0, 0.08)))
        scene = Scene(name, whole, replace(base, key=light), seen)
        scenes.append(scene)
        return scene

    add("null")
    add("retake")
    for percent in (70, 50, 80, 90, 40):
        add(f"depth{percent}", State(depth_ratio=percent / 100))
    add("redfade", State(redness_ratio=0.0))
    add("pigmentfade", State(pigment_ratio=0.0))
    add("flatlight", key_=replace(key, azimuth_degrees=0.0, elevation_degrees=8.0))
    side = -1 if key.elevation_degrees > 30 else 1
    add("light8", key_=replace(key, elevation_degrees=key.elevation_degrees + 8 * side))
    around = 12 if key.azimuth_degrees < 0 else -12
    add("light12", key_=replace(key, azimuth_degrees=key.azimuth_degrees + around))
    add(
        "light20",
        key_=replace(
            key,
            elevation_degrees=key.elevation_degrees - 12 * (1 if key.elevation_degrees > 25 else -1),
            azimuth_degrees=key.azimuth_degrees + around * 4 / 3,
        ),
    )
    add("otherside", key_=replace(key, azimuth_degrees=-key.azimuth_degrees))
    add("soft", key_=replace(key, radius_mm=min(4.5 * key.radius_mm, 420.0)))
    for yaw in (5, 10, 15):
        add(f"yaw{yaw}", turn=(float(jitter.choice([-1, 1])) * yaw, 0))
    add("pitch8", turn=(0, float(jitter.choice([-1, 1])) * 8))
    add("smile", State(smile=0.3))
    near = replace(view, distance_mm=380.0 if view.distance_mm > 800 else 330.0)
    add("near", view_=near)
    add(
        "depth70light8",
        State(depth_ratio=0.7),
        key_=replace(key, elevation_degrees=key.elevation_degrees + 8),
    )
    return Session(seed, tone, scenes, *_shots(seed, base))


def _shots(seed: int, base: Lighting) -> tuple[Shot, list[Shot]]:
    random = np.random.default_rng([seed, 4])
    maker = Camera(
        vignetting=float(random.uniform(0, 0.2)),
        lens_blur_px=float(random.uniform(0.45, 0.75)),
        shot_noise=float(random.uniform(0.004, 0.014)),
        read_noise=float(random.uniform(0.0005, 0.002)),
        denoise=float(random.choice([0.0, 0.3, 0.6], p=[0.5, 0.3, 0.2])),
        curve=CAMERA_CURVES[int(random.choice(2, p=[0.6, 0.4]))],
        curve_strength=float(random.uniform(0.3, 0.8)),
        sharpen=float(random.choice([0.0, 0.25, 0.5], p=[0.5, 0.3, 0.2])),
        jpeg_quality=int(random.integers(84, 97)),
        white_balance=(float(np.exp(random.normal(0, 0.03))), 1.0, float(np.exp(random.normal(0, 0.03)))),
    )

    def again(**changes: object) -> Camera:
        # exposure within 0.1 stop, white balance within 2%, quality and focus as the camera falls
        red, green, blue = maker.white_balance
        small = {
            "exposure_ev": float(random.normal(0, 0.07)),
            "white_balance": (
                red * float(np.exp(random.normal(0, 0.013))),
                green,
                blue * float(np.exp(random.normal(0, 0.013))),
            ),
            "lens_blur_px": maker.lens_blur_px * float(np.exp(random.normal(0, 0.05))),
            "roll_degrees": float(random.normal(0, 0.5)),
            "shift_px": (float(random.normal(0, 6)), float(random.normal(0, 6))),
        }
        for name, value in changes.items():
            if name == "exposure_ev":
                small[name] = small[name] + value  # type: ignore[operator]
            else:
                small[name] = value
        return replace(maker, **small)  # type: ignore[arg-type]

    shots = [
        Shot("null", "null", "null", again()),
        Shot("retake", "retake", "null", again()),
        Shot("null-quality", "null", "null", again(jpeg_quality=int(random.integers(80, 97)))),
        *(Shot(f"depth{p}", f"depth{p}", f"depth{p}", again()) for p in (90, 80, 70, 50, 40)),
        Shot(
            "redfade", "redfade", "redness-only", again(), "redness of scars and marks gone, relief unchanged"
        ),
        Shot(
            "pigmentfade",
            "pigmentfade",
            "pigment-only",
            again(),
            "pigment of scars and marks gone, relief unchanged",
        ),
        Shot("flatlight", "flatlight", "trick-light", again(), "key light flat from the front"),
        Shot("light8", "light8", "trick-light8", again(), "key light moved 8 degrees in elevation"),
        Shot("light12", "light12", "trick-light12", again(), "key light moved 12 degrees in azimuth"),
        Shot(
            "light20",
            "light20",
            "trick-light20",
            again(),
            "key light moved about 20 degrees towards the camera",
        ),
        Shot("otherside", "otherside", "trick-side", again(), "key light moved to the other side"),
        Shot("soft", "soft", "trick-soft", again(), "a lamp 4.5 times as wide"),
        Shot("yaw5", "yaw5", "trick-pose5", again(), "head turned 5 degrees"),
        Shot("yaw10", "yaw10", "trick-pose10", again(), "head turned 10 degrees"),
        Shot("turned", "yaw15", "trick-pose", again(), "head turned 15 degrees"),
        Shot("pitch8", "pitch8", "trick-pitch8", again(), "chin 8 degrees up or down"),
        Shot("smile", "smile", "trick-smile", again(), "a slight smile"),
        Shot("near", "near", "trick-near", again(), "camera at a third of a metre: stronger perspective"),
        Shot(
            "depth70light8",
            "depth70light8",
            "depth70-light8",
            again(),
            "70% as deep under a key light 8 degrees higher",
        ),
        Shot(
            "ambient",
            "null",
            "trick-ambient",
            again(),
            "twice the ambient light",
            replace(base, ambient=2 * base.ambient),
        ),
        Shot(
            "powder",
            "retake",
            "trick-powder",
            again(),
            "shine reduced to 40%",
            replace(base, gloss=0.4 * base.gloss),
        ),
        Shot(
            "oily",
            "retake",
            "trick-oily",
            again(),
            "shine 1.8 times as strong",
            replace(base, gloss=1.8 * base.gloss),
        ),
        Shot(
            "blur",
            "null",
            "trick-blur",
            again(defocus_px=float(random.uniform(1.5, 2.6))),
            "after out of focus",
        ),
        Shot(
            "blur-slight",
            "retake",
            "trick-blur-slight",
            again(defocus_px=float(random.uniform(0.7, 1.1))),
            "after slightly out of focus",
        ),
        Shot(
            "motion",
            "null",
            "trick-motion",
            again(motion_px=float(random.uniform(3, 6)), motion_degrees=float(random.uniform(0, 180))),
            "after shaken",
        ),
        Shot(
            "smooth",
            "null",
            "trick-filter",
            again(filter="bilateral", filter_strength=0.9),
            "bilateral beauty filter",
        ),
        Shot(
            "guided",
            "retake",
            "trick-filter-guided",
            again(filter="guided", filter_strength=0.8),
            "edge-keeping surface blur",
        ),
        Shot(
            "frequency",
            "null",
            "trick-filter-frequency",
            again(filter="frequency", filter_strength=0.7),
            "frequency-separation retouch",
        ),
        Shot(
            "mean",
            "retake",
            "trick-filter-mean",
            again(filter="mean", filter_strength=0.9),
            "local-mean skin smoothing",
        ),
        Shot(
            "smooth-half",
            "retake",
            "trick-filter-half",
            again(filter="bilateral", filter_strength=0.4),
            "bilateral beauty filter, mild",
        ),
        Shot(
            "denoised",
            "null",
            "trick-denoise",
            again(denoise=1.0, shot_noise=0.02),
            "low light: more noise, strong noise reduction",
        ),
        Shot(
            "noisy",
            "retake",
            "trick-noise",
            again(shot_noise=0.035, read_noise=0.004, denoise=0.0),
            "low light: four times the noise",
        ),
        Shot(
            "bright", "null", "trick-exposure", again(exposure_ev=0.75), "three quarters of a stop brighter"
        ),
        Shot(
            "dark",
            "retake",
            "trick-exposure-dark",
            again(exposure_ev=-0.75),
            "three quarters of a stop darker",
        ),
        Shot(
            "lowcontrast",
            "null",
            "trick-tone",
            again(curve="flat", curve_strength=0.8),
            "flattened tone curve",
        ),
        Shot(
            "contrast",
            "retake",
            "trick-tone-steep",
            again(curve="s", curve_strength=1.0),
            "steeper tone curve",
        ),
        Shot("hdr", "null", "trick-hdr", again(curve="hdr", curve_strength=0.8), "local tone mapping"),
        Shot(
            "warm", "retake", "trick-white", again(white_balance=(1.13, 1.0, 0.86)), "white balance 3/4 off"
        ),
        Shot("small", "null", "trick-small", again(resize=0.5), "half the pixels"),
        Shot("jpeg50", "retake", "trick-jpeg", again(jpeg_quality=50), "JPEG quality 50"),
        Shot("sharpened", "null", "trick-sharpen", again(sharpen=1.0), "sharpened"),
        Shot(
            "device",
            "retake",
            "trick-camera",
            again(
                curve="s" if maker.curve == "srgb" else "srgb",
                curve_strength=0.7,
                sharpen=0.6,
                denoise=0.5,
                lens_blur_px=maker.lens_blur_px * 1.25,
                resize=0.85,
            ),
            "another camera",
        ),
        Shot(
            "depth70-bright",
            "depth70",
            "depth70-exposure",
            again(exposure_ev=0.5),
            "70% as deep, half a stop brighter",
        ),
        Shot(
            "depth50-blur",
            "depth50",
            "depth50-blur",
            again(defocus_px=0.9),
            "50% as deep, slightly out of focus",
        ),
    ]
    return Shot("before", "before", "", maker), shots
