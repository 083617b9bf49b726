"""What the page of one rule takes in."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from microrelief.pathway.limits import graver_levels, limits_of
from microrelief.pathway.rulebook import Rule
from microrelief.web.languages.sentences import spoken

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class LimitForm(forms.Form):
    """The clinic's own values for one rule, its reason and its first day."""

    since = forms.DateField(label=_("Holds from"), widget=DAY)
    why = forms.CharField(
        label=_("Why"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        help_text=_("Staff read it beside every finding of this rule."),
    )
    knowingly = forms.BooleanField(
        label=_("If this asks less than the book: I know it, and answer for it"), required=False
    )

    def __init__(self, *args: Any, rule: Rule, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._limits = limits_of(rule)
        self.fields["since"].initial = timezone.localdate()
        for name, limit in self._limits.items():
            stricter = _("higher is stricter") if limit.higher_is_stricter else _("lower is stricter")
            self.fields[f"v_{name}"] = forms.FloatField(
                label=spoken(limit.says),
                min_value=0,
                widget=forms.TextInput(attrs={"inputmode": "decimal"}),
                help_text=_("The book: %(value)s (%(unit)s); %(stricter)s.")
                % {"value": f"{rule.number(name):g}", "unit": spoken(rule.unit), "stricter": stricter},
                initial=f"{rule.number(name):g}",
            )
        if levels := graver_levels(rule):
            choices = [("", _("%(level)s, as the book has it") % {"level": spoken(rule.level)})]
            self.fields["level"] = forms.ChoiceField(
                label=_("How grave it is here"),
                choices=[*choices, *((one, spoken(one)) for one in levels)],
                required=False,
            )
        if not self._limits:
            del self.fields["knowingly"]
        self.order_fields([*(f"v_{name}" for name in self._limits), "level", "since", "why", "knowingly"])

    def changes(self, rule: Rule) -> dict[str, Any]:
        """What the action takes: only values that differ from the book's."""
        data = self.cleaned_data
        values = {name: data[f"v_{name}"] for name in self._limits}
        whole = {name: int(value) if value == int(value) else value for name, value in values.items()}
        return {
            "values": {name: value for name, value in whole.items() if value != rule.values[name]},
            "level": data.get("level", ""),
            "why": data["why"],
            "since": data["since"],
            "knowingly": bool(data.get("knowingly")),
        }
