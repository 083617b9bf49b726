"""What the pages of photographs take in."""

from django import forms

from microrelief.web.photos.models import Photo

TYPES = "image/jpeg,image/png,image/tiff,image/webp,image/heic,image/heif,.heic,.heif"
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class UploadForm(forms.Form):
    """A file, and how the face is turned in it."""

    photo = forms.FileField(
        label="Photograph",
        widget=forms.FileInput(attrs={"accept": TYPES}),
        help_text="JPEG, PNG, TIFF, WebP or HEIC, as the camera wrote it.",
        max_length=255,
    )
    view = forms.ChoiceField(choices=Photo.VIEWS)
    note = forms.CharField(max_length=1000, required=False)
    key = forms.CharField(widget=forms.HiddenInput, max_length=80)


class DescribeForm(forms.Form):
    """Another view or note."""

    view = forms.ChoiceField(choices=Photo.VIEWS)
    note = forms.CharField(max_length=1000, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


class MoveForm(forms.Form):
    """The right patient, by both identifiers."""

    number = forms.CharField(label="Number of the right patient", max_length=9)
    birth_date = forms.DateField(label="Their date of birth, to confirm", widget=DAY)
    version = forms.IntegerField(widget=forms.HiddenInput)
