"""What the pages of patients take in."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from microrelief.web.languages.sentences import spoken
from microrelief.web.patients.models import Patient
from microrelief.web.people.actor import Actor
from microrelief.web.people.models import Person
from microrelief.web.people.permissions import ROLES, Permission

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class IdentityForm(forms.Form):
    """Who somebody is: two identifiers at least."""

    family_name = forms.CharField(max_length=120)
    given_name = forms.CharField(label="First name", max_length=120, required=False)
    birth_date = forms.DateField(label="Date of birth", widget=DAY)
    phone = forms.CharField(max_length=40, required=False)
    email = forms.EmailField(label="E-mail", max_length=254, required=False)
    language = forms.ChoiceField(
        label=_("Language of letters and of the patient's link"),
        choices=[("", _("The clinic's language")), *settings.LANGUAGES],
        required=False,
    )
    note = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), max_length=4000, required=False)


class NewPatientForm(IdentityForm):
    """And who treats them."""

    team = forms.MultipleChoiceField(
        label="Who else treats this patient", widget=forms.CheckboxSelectMultiple, required=False
    )
    although_similar = forms.BooleanField(required=False, widget=forms.HiddenInput)
    key = forms.CharField(widget=forms.HiddenInput, max_length=80)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = colleagues().exclude(pk=actor.person.pk)
        choices = [(str(one.pk), f"{one.name}, {spoken(one.role_facts.name)}") for one in others]
        self.fields["team"].choices = choices  # type: ignore[attr-defined]
        if not others:
            del self.fields["team"]


class ChangePatientForm(IdentityForm):
    """A correction, of the version that was seen."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    @staticmethod
    def of(patient: Patient) -> dict[str, Any]:
        """What the form shows at first."""
        return {name: getattr(patient, name) for name in (*Patient.words, "version")}


class BreakGlassForm(forms.Form):
    """Both identifiers and the reason."""

    number = forms.CharField(label="Number of the record", max_length=9)
    birth_date = forms.DateField(label="Date of birth", widget=DAY)
    reason = forms.CharField(
        label="Why you need this record now",
        widget=forms.Textarea(attrs={"rows": 3}),
        min_length=10,
        max_length=1000,
        help_text="The owner of the clinic reads this.",
    )


class MergeForm(forms.Form):
    """The record that stays, by both identifiers."""

    number = forms.CharField(label="Number of the record that stays", max_length=9)
    birth_date = forms.DateField(label="Date of birth, to confirm", widget=DAY)


def colleagues() -> Any:
    """Everybody who may treat somebody."""
    treating = [key for key, role in ROLES.items() if Permission.SEE_PATIENTS in role.may]
    return Person.objects.filter(is_active=True, role__in=treating).order_by("name")
