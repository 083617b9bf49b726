"""What the pages of visits take in."""

from django import forms

from microrelief.web.visits.models import Visit

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
CLOCK = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class VisitForm(forms.Form):
    """A day, perhaps a time, and what for."""

    purpose = forms.ChoiceField(
        label="What for", choices=[(key, name.capitalize()) for key, name in Visit.PURPOSES]
    )
    on = forms.DateField(label="Day", widget=DAY)
    at = forms.TimeField(label="Time", widget=CLOCK, required=False)
    note = forms.CharField(max_length=200, required=False)
    key = forms.CharField(widget=forms.HiddenInput, max_length=80)


class StateForm(forms.Form):
    """How far a visit has come."""

    state = forms.ChoiceField(choices=Visit.STATES)
    version = forms.IntegerField()
