"""What the pages of consent take in."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone

from microrelief.web.consents.models import PURPOSE_CHOICES, Consent
from microrelief.web.consents.purposes import CHANNELS, HOW, SIGNERS
from microrelief.web.patients.models import Patient

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ConsentForm(forms.Form):
    """One answer to one purpose."""

    answer = forms.ChoiceField(
        label="The answer",
        choices=[(Consent.GIVEN, "Yes, consent is given"), (Consent.REFUSED, "No, it is refused")],
        widget=forms.RadioSelect,
    )
    channels = forms.MultipleChoiceField(
        label="Where the pictures may be shown",
        choices=list(CHANNELS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    photos = forms.MultipleChoiceField(
        label="Which photographs", widget=forms.CheckboxSelectMultiple, required=False
    )
    signer = forms.ChoiceField(label="Who answers", choices=list(SIGNERS.items()))
    signer_name = forms.CharField(
        label="Name of who signs",
        max_length=200,
        required=False,
        help_text="Empty is the patient. Who types the name instead of drawing it types it here.",
    )
    how = forms.ChoiceField(label="How", choices=list(HOW.items()))
    witness = forms.CharField(max_length=200, required=False)
    signed_on = forms.DateField(label="Day of the answer", widget=DAY)
    expires_on = forms.DateField(label="Runs out on", widget=DAY, required=False)
    remark = forms.CharField(max_length=1000, required=False)
    signature = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60_000)
    text_id = forms.UUIDField(widget=forms.HiddenInput)
    key = forms.CharField(widget=forms.HiddenInput, max_length=80)

    def __init__(self, *args: Any, patient: Patient, shows_faces: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["signed_on"].initial = timezone.localdate()
        if not shows_faces:
            del self.fields["channels"], self.fields["photos"]
            return
        taken = patient.photos.filter(removed_at=None, from_diary=False)
        choices = [
            (str(one.pk), f"{one.get_view_display()}, {(one.taken_at or one.added_at):%d %b %Y}")
            for one in taken
        ]
        self.fields["photos"].choices = choices  # type: ignore[attr-defined]


class TextForm(forms.Form):
    """The clinic's own words for a purpose."""

    purpose = forms.ChoiceField(choices=PURPOSE_CHOICES)
    language = forms.ChoiceField(choices=settings.LANGUAGES)
    version = forms.CharField(max_length=40, help_text="For example the date.")
    text = forms.CharField(widget=forms.Textarea(attrs={"rows": 8}), max_length=20_000)
