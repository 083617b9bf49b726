"""Pages of accounts: joining by a link, staff."""

from typing import Any

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from microrelief.web.people import actions
from microrelief.web.people.account_adapter import client_address
from microrelief.web.people.doors import asked_by, confirmed_lately, needs
from microrelief.web.people.forms import InviteForm, JoinForm, LanguageForm, PasswordTwice, RoleForm
from microrelief.web.people.models import Invitation, Person
from microrelief.web.people.permissions import ROLES, Permission
from microrelief.web.people.sessions import has_second_factor

LINK = "one_time_link"


@require_GET
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Take the token out of the address at once: it shall not stand in the history or on a screen."""
    actions.find_link(token)
    request.session[LINK] = token
    response = redirect("join_form")
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_http_methods(["GET", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """Make the account, or set the new password, that the link is for; then sign in."""
    token = str(request.session.get(LINK, ""))
    link = actions.find_link(token)
    new = link.kind == Invitation.JOIN
    person = link.person or Person(email=link.email, role=link.role)
    form_class = JoinForm if new else PasswordTwice
    initial = {"email": link.email} if new else {}
    form = form_class(request.POST or None, person=person, initial=initial)
    if request.method == "POST" and form.is_valid():
        data, address = form.cleaned_data, client_address(request)
        if new:
            person = actions.join(
                token=token,
                name=data["name"],
                email=data["email"],
                password=data["password"],
                address=address,
            )
        else:
            person = actions.set_new_password(token=token, password=data["password"], address=address)
        request.session.pop(LINK, None)
        return perform_password_login(request, {"email": person.email}, Login(user=person))  # type: ignore[no-any-return]
    return render(
        request, "people/join.html", {"form": form, "link": link, "role": ROLES[link.role], "new": new}
    )


@require_GET
@needs(None)
def you(request: HttpRequest) -> HttpResponse:
    """Your own account."""
    may_have_keys = asked_by(request).may(Permission.MANAGE_OWN_KEYS)
    context = {"may_have_keys": may_have_keys, "form": _language_form(asked_by(request).person.language)}
    return render(request, "people/you.html", context)


@require_POST
@needs(None)
def choose_language(request: HttpRequest) -> HttpResponse:
    """One's own language."""
    form = LanguageForm(request.POST)
    if form.is_valid():
        actions.choose_language(by=asked_by(request), language=form.cleaned_data["language"])
        messages.success(request, _("Saved."))
    return redirect("you")


def _language_form(language: str) -> LanguageForm:
    return LanguageForm(initial={"language": language})


@require_http_methods(["GET", "POST"])
@needs(Permission.MANAGE_STAFF)
def staff(request: HttpRequest) -> HttpResponse:
    """Everybody who works here, and the form that invites."""
    form = InviteForm(request.POST or None)
    link = ""
    if request.method == "POST" and form.is_valid():
        confirmed_lately(request)
        link = actions.invite_person(by=asked_by(request), **form.cleaned_data)
        form = InviteForm()
    context = {
        "people": Person.objects.order_by("-is_active", "name"),
        "links": [one for one in Invitation.objects.filter(used_at=None, revoked_at=None) if one.usable],
        "form": form,
        "link": link,
        "roles": ROLES.values(),
    }
    return render(request, "people/staff.html", context)


@require_GET
@needs(Permission.MANAGE_STAFF)
def colleague(request: HttpRequest, person_id: Any, link: str = "") -> HttpResponse:
    """One person: role, sessions, what the owner may do."""
    person = get_object_or_404(Person, pk=person_id)
    context = {
        "person": person,
        "form": RoleForm(initial={"role": person.role, "version": person.version}),
        "sessions": UserSession.objects.filter(user=person).order_by("-last_seen_at"),
        "second_factor": has_second_factor(person.pk),
        "link": link,
    }
    return render(request, "people/colleague.html", context)


@require_POST
@needs(Permission.MANAGE_STAFF)
def change_role(request: HttpRequest, person_id: Any) -> HttpResponse:
    """Give another role."""
    person = get_object_or_404(Person, pk=person_id)
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose one of the roles.")
        return redirect("colleague", person_id)
    confirmed_lately(request)
    actions.change_role(by=asked_by(request), person=person, **form.cleaned_data)
    messages.success(request, f"{person.name} is now {person.role_facts.name.lower()}.")
    return redirect("colleague", person_id)


@require_POST
@needs(Permission.MANAGE_STAFF)
def disable(request: HttpRequest, person_id: Any) -> HttpResponse:
    """Close or open the account."""
    person = get_object_or_404(Person, pk=person_id)
    confirmed_lately(request)
    version = int(request.POST.get("version") or 0)
    if person.is_active:
        actions.disable_person(by=asked_by(request), person=person, version=version)
        messages.success(request, f"{person.name} is signed out everywhere and cannot sign in any more.")
    else:
        actions.enable_person(by=asked_by(request), person=person, version=version)
        messages.success(request, f"{person.name} may sign in again.")
    return redirect("colleague", person_id)


@require_POST
@needs(Permission.MANAGE_STAFF)
def sign_out(request: HttpRequest, person_id: Any) -> HttpResponse:
    """End every session of a colleague."""
    person = get_object_or_404(Person, pk=person_id)
    actions.end_sessions(by=asked_by(request), person=person)
    messages.success(request, f"{person.name} is signed out everywhere.")
    return redirect("colleague", person_id)


@require_POST
@needs(Permission.MANAGE_STAFF)
def new_password(request: HttpRequest, person_id: Any) -> HttpResponse:
    """A link with which a colleague sets a new password."""
    person = get_object_or_404(Person, pk=person_id)
    confirmed_lately(request)
    link = actions.new_password_link(by=asked_by(request), person=person)
    request.method = "GET"
    return colleague(request, person_id, link=link)


@require_POST
@needs(Permission.MANAGE_STAFF)
def remove_second_factors(request: HttpRequest, person_id: Any) -> HttpResponse:
    """For somebody who lost phone and recovery codes."""
    person = get_object_or_404(Person, pk=person_id)
    confirmed_lately(request)
    actions.remove_second_factors(by=asked_by(request), person=person)
    messages.success(request, f"{person.name} sets up a new second factor at the next sign-in.")
    return redirect("colleague", person_id)


@require_POST
@needs(Permission.MANAGE_STAFF)
def revoke_link(request: HttpRequest, link_id: Any) -> HttpResponse:
    """Withdraw an invitation."""
    actions.revoke_link(by=asked_by(request), invitation=get_object_or_404(Invitation, pk=link_id))
    messages.success(request, "The link does not open any more.")
    return redirect("staff")
