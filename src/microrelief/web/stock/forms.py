"""What the page of one thing takes in: its name and the rulebook's own questions about it."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.formats import localize
from django.utils.translation import gettext as spoken_now
from django.utils.translation import gettext_lazy as _

from microrelief.pathway.facts import Question
from microrelief.web.face_map.zones import IN_LIST
from microrelief.web.languages.sentences import spoken
from microrelief.web.stock.kinds import KINDS, MOST_MM, MOST_PASSES
from microrelief.web.stock.models import StockItem

RULE_ZONES = tuple(dict.fromkeys(zone.rule for zone in IN_LIST))


class ItemForm(forms.Form):
    """One cream, device or cartridge."""

    name = forms.CharField(label=_("Name, as on the package"), max_length=120)
    limits = forms.CharField(
        label=_("What the label says: strength, amount, time"), max_length=400, required=False
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._kind = KINDS[kind]
        for name in self._kind.asks:
            self.fields[f"a_{name}"] = _field(self._kind.question(name), name in self._kind.needs)
        if self._kind.has_depths:
            for at, zone in enumerate(RULE_ZONES):
                self.fields[f"mm_{at}"] = forms.FloatField(
                    label=_("Depth, mm"), min_value=0.1, max_value=MOST_MM, required=False
                )
                self.fields[f"passes_{at}"] = forms.IntegerField(
                    label=_("Passes"), min_value=1, max_value=MOST_PASSES, required=False
                )
                for field in (f"mm_{at}", f"passes_{at}"):
                    self.fields[field].widget.attrs["aria-label"] = f"{self.fields[field].label}, {zone}"
        self.order_fields(["name", *(f"a_{name}" for name in self._kind.asks), "limits"])

    @property
    def plain_fields(self) -> list[forms.BoundField]:
        """Those above the table of zones."""
        return [field for field in self.visible_fields() if not field.name.startswith(("mm_", "passes_"))]

    @property
    def zone_rows(self) -> list[dict[str, Any]]:
        """The table of zones."""
        if not self._kind.has_depths:
            return []
        return [
            {"zone": zone, "mm": self[f"mm_{at}"], "passes": self[f"passes_{at}"]}
            for at, zone in enumerate(RULE_ZONES)
        ]

    def clean(self) -> dict[str, Any]:
        """A zone has both depth and passes, or neither."""
        data = super().clean() or {}
        for row in self.zone_rows:
            both = [data.get(row["mm"].name), data.get(row["passes"].name)]
            if any(both) and not all(both):
                self.add_error(row["mm"].name, _("Give depth and passes, or neither."))
        return data

    @property
    def changes(self) -> dict[str, Any]:
        """What the action takes."""
        data = self.cleaned_data
        answers = {name: data[f"a_{name}"] for name in self._kind.asks if data[f"a_{name}"] not in (None, "")}
        depths = {
            zone: {"mm": data[f"mm_{at}"], "passes": data[f"passes_{at}"]}
            for at, zone in enumerate(RULE_ZONES)
            if self._kind.has_depths and data.get(f"mm_{at}") and data.get(f"passes_{at}")
        }
        return {
            "name": data["name"].strip(),
            "limits": data["limits"].strip(),
            "answers": answers,
            "depths": depths,
        }

    def in_words(self, values: Mapping[str, Any]) -> dict[str, str]:
        """A thing's values as people read them, by the names that they have on the page."""
        told = {str(self.fields[name].label): str(values[name]) for name in ("name", "limits")}
        for name in self._kind.asks:
            question, value = self._kind.question(name), values["answers"].get(name, "")
            told[question.asks] = spoken(value) if question.kind == "choice" else localize(value)
        for zone in RULE_ZONES if self._kind.has_depths else ():
            both = values["depths"].get(zone)
            told[zone.capitalize()] = both and spoken_now("%(mm)s mm, %(passes)s passes") % {
                "mm": localize(both["mm"]),
                "passes": both["passes"],
            }
        return {label: value or "–" for label, value in told.items()}

    @staticmethod
    def of(item: StockItem) -> dict[str, Any]:
        """What the form shows at first."""
        shown: dict[str, Any] = {"name": item.name, "limits": item.limits, "version": item.version}
        shown |= {f"a_{name}": value for name, value in item.answers.items()}
        for at, zone in enumerate(RULE_ZONES):
            if zone in item.depths:
                shown |= {f"mm_{at}": item.depths[zone]["mm"], f"passes_{at}": item.depths[zone]["passes"]}
        return shown


def _field(question: Question, required: bool) -> forms.Field:
    if question.kind == "choice":
        words = [(word, word) for word in question.choices if word != "none"]
        choices = words if required else [("", _("Not stated")), *words]
        return forms.ChoiceField(label=question.asks, choices=choices, required=required)
    if question.kind in ("number", "whole number"):
        whole = question.kind == "whole number"
        return (forms.IntegerField if whole else forms.FloatField)(
            label=f"{question.asks} ({question.unit})",
            required=required,
            widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        )
    return forms.CharField(label=question.asks, max_length=200, required=required)
