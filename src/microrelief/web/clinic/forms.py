"""What the pages of the clinic's own settings take in."""

from typing import ClassVar
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from microrelief.web.clinic.models import Clinic


class _OfAVersion(forms.ModelForm):  # type: ignore[type-arg]
    version = forms.IntegerField(widget=forms.HiddenInput)


class DetailsForm(_OfAVersion):
    """Who the clinic is."""

    class Meta:
        model = Clinic
        fields: ClassVar[list[str]] = ["name", "phone", "address", "opening_hours"]
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "phone": forms.TextInput(attrs={"type": "tel"}),
            "address": forms.Textarea(attrs={"rows": 3}),
            "opening_hours": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts: ClassVar[dict[str, object]] = {
            "phone": _("Printed on every sheet, and what a patient calls when something is wrong."),
            "opening_hours": _("Say also whom to call outside them."),
        }


class TimeForm(_OfAVersion):
    """Where the clinic's clock stands, and what its pages speak."""

    time_zone = forms.ChoiceField(label=_("Time zone"))
    language = forms.ChoiceField(
        label=_("Language"),
        choices=settings.LANGUAGES,
        help_text=_("Each person and each patient may have another one."),
    )

    class Meta:
        model = Clinic
        fields: ClassVar[list[str]] = ["time_zone", "language"]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        known = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
        choices = [(zone, zone.replace("_", " ")) for zone in ("UTC", *known)]
        self.fields["time_zone"].choices = choices  # type: ignore[attr-defined]


class RetentionForm(_OfAVersion):
    """How long what stays."""

    class Meta:
        model = Clinic
        fields: ClassVar[list[str]] = ["retention_years", "glass_hours"]
        help_texts: ClassVar[dict[str, object]] = {
            "retention_years": _(
                "Nothing is erased by itself: after these years a record may be. Ask what your law asks for."
            ),
        }
