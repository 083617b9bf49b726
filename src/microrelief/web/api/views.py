"""The page of one's own API keys."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from microrelief.web.api import actions
from microrelief.web.api.models import ApiKey
from microrelief.web.people.doors import asked_by, confirmed_lately, needs
from microrelief.web.people.permissions import IN_WORDS, Permission


class KeyForm(forms.Form):
    """Name, rights, days."""

    name = forms.CharField(max_length=80, help_text="Which program uses it.")
    days = forms.IntegerField(
        label="For how many days", min_value=1, max_value=actions.LONGEST_DAYS, initial=90
    )
    scopes = forms.MultipleChoiceField(label="What it may do", widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, possible: frozenset[Permission], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(one.value, IN_WORDS[one]) for one in Permission if one in possible]
        self.fields["scopes"].choices = choices  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
@needs(Permission.MANAGE_OWN_KEYS)
def api_keys(request: HttpRequest) -> HttpResponse:
    """One's own keys, and the form that makes one."""
    actor = asked_by(request)
    possible = actions.possible_scopes(actor)
    form = KeyForm(request.POST or None, possible=possible)
    secret = ""
    if request.method == "POST" and form.is_valid():
        confirmed_lately(request)
        secret = actions.make_key(by=actor, **form.cleaned_data)
        form = KeyForm(possible=possible)
    keys = ApiKey.objects.filter(person_id=actor.person.pk, revoked_at=None).order_by("-made_at")
    status = 422 if form.is_bound else 200
    return render(request, "api/keys.html", {"keys": keys, "form": form, "secret": secret}, status=status)


@require_POST
@needs(Permission.MANAGE_OWN_KEYS)
def revoke(request: HttpRequest, key_id: UUID) -> HttpResponse:
    """Withdraw a key."""
    actions.revoke_key(by=asked_by(request), key_id=key_id)
    messages.success(request, "The key opens nothing any more.")
    return redirect("api_keys")
