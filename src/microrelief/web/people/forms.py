"""What the pages of accounts take in."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from microrelief.web.people.models import Person
from microrelief.web.people.permissions import ROLE_CHOICES

PASSWORD_HELP = "At least 12 characters; three or four words that belong together only for you are good."


class LanguageForm(forms.Form):
    """One's own language."""

    language = forms.ChoiceField(
        label=_("Language of your pages"),
        choices=[("", _("The clinic's language")), *settings.LANGUAGES],
        required=False,
    )


class PasswordTwice(forms.Form):
    """A new password, judged against what is known of the person."""

    password = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=PASSWORD_HELP,
        max_length=200,
    )
    again = forms.CharField(
        label="The same password again",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        max_length=200,
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        self.person = person
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """Both alike, long enough, not on the list of common ones, not the person's own name."""
        data = super().clean() or {}
        if data.get("password") and data.get("again") and data["password"] != data["again"]:
            self.add_error("again", "The two passwords differ: enter the same one twice.")
        self.person.name = data.get("name", self.person.name)
        self.person.email = data.get("email", self.person.email)
        if data.get("password"):
            try:
                validate_password(data["password"], self.person)
            except ValidationError as error:
                self.add_error("password", error)
        return data


class JoinForm(PasswordTwice):
    """The one who opens an invitation says who they are."""

    name = forms.CharField(label="Your name, as colleagues know it", max_length=200)
    email = forms.EmailField(label="E-mail, with which you sign in", max_length=254)
    field_order = ("name", "email", "password", "again")

    def clean_email(self) -> str:
        """One account for each e-mail."""
        email = str(self.cleaned_data["email"]).strip().lower()
        if Person.objects.filter(email__iexact=email).exists():
            raise ValidationError("There is an account with this e-mail: sign in with it, or use another.")
        return email


class InviteForm(forms.Form):
    """Who may come in, as what."""

    role = forms.ChoiceField(choices=ROLE_CHOICES, initial="clinician")
    email = forms.EmailField(
        label="Their e-mail", required=False, max_length=254, help_text="They may change it when they join."
    )


class RoleForm(forms.Form):
    """Another role for somebody."""

    role = forms.ChoiceField(choices=ROLE_CHOICES)
    version = forms.IntegerField(widget=forms.HiddenInput)
