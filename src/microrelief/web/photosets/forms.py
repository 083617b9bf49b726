"""What the pages of photo sets take in."""

from datetime import date
from uuid import UUID

from django import forms
from django.http import QueryDict

from microrelief.web.photos.forms import DAY, TYPES
from microrelief.web.photos.models import Photo
from microrelief.web.photosets.models import SetView


class TakeForm(forms.Form):
    """One photograph of the capture page, by camera or as a file."""

    photo = forms.FileField(max_length=255)
    view = forms.ChoiceField(choices=Photo.VIEWS)
    number = forms.IntegerField(min_value=1, max_value=99, required=False)
    source = forms.ChoiceField(choices=[("camera", "camera"), ("upload", "upload")])
    set_key = forms.CharField(max_length=80)
    key = forms.CharField(max_length=80)


class SkipForm(forms.Form):
    """A view that is left out."""

    view = forms.ChoiceField(choices=Photo.VIEWS)
    reason = forms.CharField(max_length=300)
    set_key = forms.CharField(max_length=80)


class FrameForm(forms.Form):
    """A small frame of the live camera."""

    frame = forms.FileField(max_length=255)
    view = forms.ChoiceField(choices=Photo.VIEWS)
    against = forms.UUIDField(required=False)


class DescribeSetForm(forms.Form):
    """What may be corrected of a set."""

    day = forms.DateField(label="Taken on", widget=DAY)
    last_session_on = forms.DateField(
        label="Last session before it",
        widget=DAY,
        required=False,
        help_text="Decides whether it is too early to call a change a result.",
    )
    note = forms.CharField(max_length=1000, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


class ImportForm(forms.Form):
    """Files of a legacy folder, one or many."""

    photo = forms.FileField(
        label="Photographs", widget=forms.FileInput(attrs={"accept": TYPES}), required=False, max_length=255
    )
    folder = forms.CharField(max_length=500, required=False)
    key = forms.CharField(max_length=80, required=False)


class ReviewForm:
    """The list of imported photographs: tick, view and day of each. `chosen` once it is valid."""

    def __init__(self, data: QueryDict, waiting: list[SetView]) -> None:
        self.wrong = ""
        self.chosen: dict[UUID, tuple[str, date]] = {}
        for one in waiting:
            if f"take-{one.pk}" not in data:
                continue
            try:
                day = date.fromisoformat(data.get(f"day-{one.pk}", ""))
            except ValueError:
                self.wrong = "Give the day of every photograph that is ticked."
                continue
            self.chosen[one.pk] = (data.get(f"view-{one.pk}", ""), day)
        if not self.chosen and not self.wrong:
            self.wrong = "Tick the photographs that shall be filed."
