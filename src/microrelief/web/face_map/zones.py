"""The zones of the drawn face. Drawn by us, seen from in front: the patient's right is at the left.

Shapes are closed lists of (x, y) on a page of WIDTH by HEIGHT; the patient's left mirrors the right.
Points on the face are kept in thousandths of the page, so that another drawing size changes nothing.
"""

from dataclasses import dataclass

WIDTH, HEIGHT = 400, 500
SIDES = {"right": "patient's right", "left": "patient's left", "": ""}
Shape = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Zone:
    """One zone: its key in a record, its name in the rulebook, and where it is drawn."""

    key: str
    rule: str
    side: str
    shape: Shape
    """Empty for what is not drawn."""
    needled: bool = True

    @property
    def label(self) -> str:
        """As it is read."""
        name = self.rule.capitalize()
        return f"{name}, {SIDES[self.side]}" if self.side else name

    @property
    def points(self) -> str:
        """For SVG."""
        return " ".join(f"{x},{y}" for x, y in self.shape)

    @property
    def path(self) -> str:
        """A closed, rounded line: through the middles of the edges, bent at the corners."""
        corners = self.shape
        middles = [
            ((x + nx) / 2, (y + ny) / 2)
            for (x, y), (nx, ny) in zip(corners, (*corners[1:], corners[0]), strict=True)
        ]
        start = middles[-1]
        bends = "".join(f"Q{x} {y} {mx:g} {my:g}" for (x, y), (mx, my) in zip(corners, middles, strict=True))
        return f"M{start[0]:g} {start[1]:g}{bends}Z"

    @property
    def middle(self) -> tuple[int, int]:
        """Where its label stands."""
        xs, ys = [x for x, _ in self.shape], [y for _, y in self.shape]
        return _MIDDLES.get(self.rule, {}).get(self.side) or (
            (min(xs) + max(xs)) // 2,
            (min(ys) + max(ys)) // 2,
        )

    @property
    def middle_thousandths(self) -> tuple[int, int]:
        """The same in thousandths of the page."""
        x, y = self.middle
        return round(x * 1000 / WIDTH), round(y * 1000 / HEIGHT)


_MIDDLES: dict[str, dict[str, tuple[int, int]]] = {
    "around the eye": {"right": (148, 244), "left": (252, 244)},
    "cheek": {"right": (118, 282), "left": (282, 282)},
    "jaw line": {"right": (117, 366), "left": (283, 366)},
    "around the mouth": {"": (200, 372)},
    "temple": {"right": (93, 178), "left": (307, 178)},
    "nasal bridge": {"": (200, 212)},
}
_MIDDLE: dict[str, Shape] = {
    "neck": ((140, 412), (168, 436), (200, 446), (232, 436), (260, 412), (266, 496), (134, 496)),
    "forehead": (
        (96, 150), (110, 108), (150, 76), (200, 66), (250, 76), (290, 108), (304, 150),
        (286, 176), (240, 168), (200, 176), (160, 168), (114, 176),
    ),
    "around the mouth": (
        (170, 288), (146, 318), (146, 352), (162, 378), (200, 384), (238, 378), (254, 352),
        (254, 318), (230, 288),
    ),
    "chin": ((162, 386), (200, 392), (238, 386), (238, 416), (218, 436), (200, 440), (182, 436), (162, 416)),
    "nasal bridge": ((188, 178), (212, 178), (216, 240), (184, 240)),
    "nose tip": ((186, 240), (214, 240), (230, 268), (222, 284), (200, 290), (178, 284), (170, 268)),
    "upper lip": ((176, 292), (200, 296), (224, 292), (232, 322), (200, 316), (168, 322)),
}  # fmt: skip
_RIGHT: dict[str, Shape] = {
    "temple": ((92, 148), (112, 158), (114, 182), (100, 222), (74, 226), (78, 184)),
    "around the eye": (
        (102, 208), (112, 184), (148, 178), (180, 186), (186, 212), (178, 240), (148, 252), (114, 240),
    ),
    "inside the orbital rim": (
        (118, 210), (130, 196), (150, 192), (170, 198), (176, 212), (166, 224), (148, 228), (128, 222),
    ),
    "cheek": (
        (74, 228), (98, 226), (114, 246), (148, 258), (182, 244), (166, 272), (164, 290), (140, 318),
        (138, 350),
        (112, 340), (88, 300),
    ),
    "jaw line": ((86, 304), (110, 344), (138, 356), (158, 384), (158, 414), (138, 408), (104, 360)),
}  # fmt: skip


def _mirrored(shape: Shape) -> Shape:
    return tuple((WIDTH - x, y) for x, y in shape)


def _all() -> tuple[Zone, ...]:
    found = []
    for rule, shape in _MIDDLE.items():
        found.append(Zone(rule.replace(" ", "-"), rule, "", shape))
    for rule, shape in _RIGHT.items():
        key, needled = rule.replace(" ", "-"), rule != "inside the orbital rim"
        found.append(Zone(f"{key}-right", rule, "right", shape, needled))
        found.append(Zone(f"{key}-left", rule, "left", _mirrored(shape), needled))
    return tuple(found)


ZONES = {zone.key: zone for zone in _all()}
"""By key, in the order of drawing: what lies on top comes last."""
IN_LIST = sorted(
    (zone for zone in ZONES.values() if zone.needled),
    key=lambda zone: (zone.shape[0][1] // 100, zone.rule, zone.side == "left"),
)
"""As the list beside the drawing has them: from above to below, right before left."""
