"""Which people, scenes and photographs the card stands on, and which of them are compared."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np

from microrelief.phantom.camera import Camera, photograph, to_jpeg
from microrelief.phantom.head import read_head_model
from microrelief.phantom.negatives import develop, load_negative, render_negative, save_negative
from microrelief.phantom.person import colouring_of, draw_person, wandering_of
from microrelief.phantom.renderer import KeyLight, View
from microrelief.phantom.scenes import (
    TONE_ORDER,
    Lighting,
    Scene,
    Session,
    Shot,
    draw_session,
    person_seed,
)

SEED, PEOPLE = 66, 8
"""Of the unseen split; nobody looked at these people before the method was frozen. Seeds 50 and 60 to 65
have been looked at."""
FINE_MM = 0.1
"""Every scene is rendered this fine; a whole face as a phone takes it is the same scene, photographed with
fewer pixels."""
SAME_SKIN_SCENES = ("before", "null", "retake")
RETAKES = 3
"""Photographs of each scene of the same skin, every one with its own exposure, focus, framing and noise."""
EVERYDAY = 6
"""Photographs of each later scene of the same skin with a little of everything that differs between two
visits."""


@dataclass(frozen=True)
class Group:
    """One way to photograph the people, and the scenes of it."""

    name: str
    people: int
    scenes: tuple[str, ...]
    fine: bool = False

    def names(self) -> Iterator[tuple[str, Session]]:
        """Each person's name and session; the seeds are of the unseen split."""
        for number in range(self.people):
            session = draw_session(person_seed("unseen", SEED, number), TONE_ORDER[number % len(TONE_ORDER)])
            yield f"u{SEED:02d}{number:02d}", session


LAMP = "lamp, pose and colour"
DEPTHS = ("depth80", "depth70", "depth50")
GROUPS = (
    Group("whole faces", PEOPLE, (*SAME_SKIN_SCENES, *DEPTHS)),
    Group("0.1 mm per pixel", PEOPLE, (*SAME_SKIN_SCENES, *DEPTHS), fine=True),
    Group(LAMP, 3, ("light8", "light12", "otherside", "yaw5", "redfade", "pigmentfade")),
)


@dataclass(frozen=True)
class Taken:
    """A photograph that is to be taken."""

    person: str
    scene: str
    shot: Shot
    number: int
    """Of its noise."""

    @property
    def file(self) -> str:
        """Its name in the folder of photographs."""
        return f"{self.person}_{self.shot.name}.jpg"


@dataclass(frozen=True)
class Pair:
    """Two photographs and the truth between them."""

    name: str
    category: str
    before: Taken
    after: Taken
    tone: int
    depth_ratio: float
    redness_ratio: float
    pigment_ratio: float
    colouring: float
    wandering: float
    swapped: bool = False
    turn: int = 0
    """Pairs of turn 0 are measured first, of everybody, so that a run that was stopped is no lopsided one."""


TURNS = 4


def pairs_of(group: Group, person: str, session: Session) -> list[Pair]:
    """Every pair of a person in a group, those to be measured first in front."""
    smaller = 1.0 if group.fine else FINE_MM / session.scenes[0].view.mm_per_pixel

    def retake(scene: str, number: int) -> Taken:
        return _smaller(_retake(person, session, scene, number), smaller)

    def planned(shot: Shot) -> Taken:
        return _smaller(Taken(person, shot.scene, shot, session.shots.index(shot)), smaller)

    before = retake("before", 0)
    if group.name == LAMP:
        shots = [next(shot for shot in session.shots if shot.scene == scene) for scene in group.scenes]
        return [_pair(session, shot.category, before, planned(shot)) for shot in shots]
    tricks = {
        shot.name: (shot.category, planned(shot))
        for shot in session.shots
        if shot.scene in SAME_SKIN_SCENES and shot.category.startswith("trick")
    }
    everyday = [
        _smaller(_everyday(person, session, scene, n), smaller)
        for scene in SAME_SKIN_SCENES[1:]
        for n in range(EVERYDAY)
    ]
    found = [_pair(session, category, before, after, 1) for category, after in tricks.values()]
    for n in range(RETAKES):
        taken = {scene: retake(scene, n) for scene in (*SAME_SKIN_SCENES, *DEPTHS)}
        for first, second in combinations(SAME_SKIN_SCENES, 2):
            found.append(_pair(session, "well taken", taken[first], taken[second], n))
        found += [_pair(session, scene, taken["before"], taken[scene], n) for scene in DEPTHS]
        found += [_pair(session, "everyday", taken["before"], after, n + 1) for after in everyday]
    for scene in ("null", *DEPTHS):
        found.append(_pair(session, "swapped", retake(scene, 0), before, swapped=True))
    for after in (tricks["oily"][1], tricks["blur-slight"][1], everyday[0]):
        found.append(_pair(session, "swapped", after, before, 1, swapped=True))
    for turn, quality in ((0, 75), (1, 92), (1, 60)):
        camera = replace(before.shot.camera, jpeg_quality=quality)
        again = replace(before.shot, name=f"before-again{quality}", camera=camera)
        found.append(_pair(session, "saved again", before, replace(before, shot=again), turn))
    return sorted(found, key=lambda pair: pair.turn)


def _pair(
    session: Session, category: str, before: Taken, after: Taken, turn: int = 0, *, swapped: bool = False
) -> Pair:
    states = {scene.name: scene.state for scene in session.scenes}
    first, second = states[before.scene], states[after.scene]
    return Pair(
        f"{before.person}-{before.shot.name}-{after.shot.name}", category, before, after, session.tone,
        second.depth_ratio / first.depth_ratio,
        _ratio(second.redness_ratio, first.redness_ratio),
        _ratio(second.pigment_ratio, first.pigment_ratio),
        colouring_of(session.seed), wandering_of(session.seed), swapped, turn,
    )  # fmt: skip


def is_rendered(pair: Pair, negatives: Path) -> bool:
    """Whether both scenes of a pair are there."""
    return all(_negative(taken, negatives).exists() for taken in (pair.before, pair.after))


def make_negatives(group: Group, person: str, session: Session, folder: Path, head_file: Path) -> None:
    """Render what is missing of a person's scenes."""
    clothed = None
    for scene in session.scenes:
        file = folder / f"{person}_{scene.name}.npz"
        if scene.name not in group.scenes or file.exists():
            continue
        clothed = clothed or draw_person(read_head_model(head_file), session.seed, session.tone)
        save_negative(render_negative(clothed, session, scene, view_of(session, scene)), file)
        print(f"rendered {file.stem}", flush=True)


def view_of(session: Session, scene: Scene) -> View:
    """The scene's view at FINE_MM per pixel."""
    scale = FINE_MM / session.scenes[0].view.mm_per_pixel
    return replace(scene.view, rows=2150, columns=1650, mm_per_pixel=scene.view.mm_per_pixel * scale)


def take(session: Session, photographs: list[Taken], negatives: Path, folder: Path) -> None:
    """Take the photographs that are missing; each mixture of light is developed once."""
    folder.mkdir(parents=True, exist_ok=True)
    scenes = {scene.name: scene for scene in session.scenes}
    missing: dict[tuple[str, Lighting], list[Taken]] = {}
    for taken in photographs:
        if not (folder / taken.file).exists():
            lighting = taken.shot.lighting or scenes[taken.scene].lighting
            # the lamp itself stays where it stood when the scene was rendered
            missing.setdefault((taken.scene, replace(lighting, key=_NO_LAMP)), []).append(taken)
    for (scene, lighting), wanted in missing.items():
        passes = load_negative(_negative(wanted[0], negatives), view_of(session, scenes[scene]))
        light = develop(passes, session, lighting)
        for taken in wanted:
            noise = np.random.default_rng([session.seed, 6, taken.number])
            file = folder / taken.file
            partial = file.with_suffix(".part")
            picture = photograph(light, taken.shot.camera, noise)
            partial.write_bytes(to_jpeg(picture, taken.shot.camera.jpeg_quality))
            partial.rename(file)


_NO_LAMP = KeyLight(0.0, 0.0)


def _negative(taken: Taken, negatives: Path) -> Path:
    return negatives / f"{taken.person}_{taken.scene}.npz"


def _retake(person: str, session: Session, scene: str, number: int) -> Taken:
    """A well-taken photograph: exposure within 0.1 stop, white balance within 2 %, as the camera falls."""
    number_of_scene = [s.name for s in session.scenes].index(scene)
    random = np.random.default_rng([session.seed, 14, number_of_scene, number])
    maker = session.before.camera
    camera = replace(
        maker,
        exposure_ev=float(random.normal(0, 0.07)),
        white_balance=_balance(maker, random, 0.013),
        lens_blur_px=maker.lens_blur_px * float(np.exp(random.normal(0, 0.05))),
        roll_degrees=float(random.normal(0, 0.5)),
        shift_px=(float(random.normal(0, 6)), float(random.normal(0, 6))),
    )
    return Taken(
        person, scene, Shot(f"{scene}{number}", scene, "", camera), 100 + 10 * number_of_scene + number
    )


def _everyday(person: str, session: Session, scene: str, number: int) -> Taken:
    """A photograph of an ordinary visit: a little of every difference at once."""
    number_of_scene = [s.name for s in session.scenes].index(scene)
    random = np.random.default_rng([session.seed, 15, number_of_scene, number])
    maker = session.before.camera
    camera = replace(
        maker,
        exposure_ev=float(random.normal(0, 0.15)),
        white_balance=_balance(maker, random, 0.03),
        lens_blur_px=maker.lens_blur_px * float(np.exp(random.normal(0, 0.08))),
        defocus_px=float(random.uniform(0, 0.6)),
        shot_noise=maker.shot_noise * float(np.exp(random.normal(0, 0.25))),
        jpeg_quality=int(random.integers(75, 97)),
        roll_degrees=float(random.normal(0, 1.5)),
        shift_px=(float(random.normal(0, 12)), float(random.normal(0, 12))),
    )
    base = next(s for s in session.scenes if s.name == scene).lighting
    shine = replace(base, gloss=1.15 * base.gloss, ambient=1.08 * base.ambient) if number % 2 else base
    shot = Shot(f"{scene}-everyday{number}", scene, "", camera, lighting=shine)
    return Taken(person, scene, shot, 1000 + 100 * number_of_scene + number)


def _balance(maker: Camera, random: np.random.Generator, spread: float) -> tuple[float, float, float]:
    red, green, blue = maker.white_balance
    return (
        red * float(np.exp(random.normal(0, spread))),
        green,
        blue * float(np.exp(random.normal(0, spread))),
    )


def _smaller(taken: Taken, times: float) -> Taken:
    """The same photograph with fewer pixels; what blurs stays as wide in its pixels."""
    camera = taken.shot.camera
    camera = replace(
        camera,
        resize=camera.resize * times,
        defocus_px=camera.defocus_px / times,
        motion_px=camera.motion_px / times,
    )
    return replace(taken, shot=replace(taken.shot, camera=camera))


def _ratio(after: float, before: float) -> float:
    return after / before if before else 1.0
