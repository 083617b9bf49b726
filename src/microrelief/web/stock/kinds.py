"""What a clinic keeps on its shelf, and which answers of a session each kind brings along."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from microrelief.pathway.facts import Question, questions


@dataclass(frozen=True)
class Kind:
    """One kind of thing. `asks` are the rulebook's own questions, so that what is picked is judged alike."""

    title: Promise
    one: Promise
    """How one of it is called on a button."""
    stage: str
    asks: tuple[str, ...]
    needs: tuple[str, ...] = ()
    named_by: str = ""
    """The answer that the name itself gives."""
    has_depths: bool = False

    def question(self, name: str) -> Question:
        """The rulebook's question."""
        return questions(self.stage)[name]


_ZONE = questions("session")["zones"].fields or {}
MOST_MM, MOST_PASSES = _ZONE["needle_length_mm"].high, int(_ZONE["passes"].high)
"""What the rulebook's own questions about a zone accept at most; whether it is too much, the rules judge."""
KINDS = {
    "cream": Kind(
        _("Numbing creams"),
        _("numbing cream"),
        "numbing",
        ("product", "label", "lidocaine_percent"),
        ("product",),
    ),
    "topical": Kind(_("What goes on the skin"), _("product for the skin"), "session", ()),
    "device": Kind(
        _("Devices"),
        _("device"),
        "session",
        (
            "device",
            "device_serial",
            "strokes_per_second",
            "drum_diameter_cm",
            "drum_width_cm",
            "device_evidence_cap_mm",
            "device_evidence_file",
        ),
        ("device", "device_serial"),
        "device_name",
    ),
    "cartridge": Kind(
        _("Cartridges and drums"),
        _("cartridge or drum"),
        "session",
        ("needles", "tip_width_cm"),
        ("needles",),
        has_depths=True,
    ),
}
