"""What the pages of the clinic's repeatability take in."""

from django import forms
from django.utils.translation import gettext_lazy as _

from microrelief.web.photos.forms import TYPES

ASKED = _("The volunteer was asked and said yes; the photographs are compared and not kept")
PHOTO = {"accept": TYPES, "capture": "environment"}


class VolunteerForm(forms.Form):
    """Two photographs of somebody who is no patient here."""

    first = forms.FileField(label=_("First photograph"), widget=forms.FileInput(attrs=PHOTO), max_length=255)
    second = forms.FileField(
        label=_("Second photograph"), widget=forms.FileInput(attrs=PHOTO), max_length=255
    )
    consented = forms.BooleanField(label=ASKED)


class RecordForm(forms.Form):
    """A patient of whom two sets were taken on one day."""

    number = forms.CharField(label=_("Number of the record"), max_length=9)
    consented = forms.BooleanField(label=_("The patient was asked and said yes"))
