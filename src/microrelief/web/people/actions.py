"""What changes accounts. Each is atomic and writes the trail together with the change."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from microrelief.web.audit.trail import record
from microrelief.web.configuration import configuration
from microrelief.web.people.actor import Actor
from microrelief.web.people.models import LINK_LASTS, Invitation, Person, hash_token, new_token
from microrelief.web.people.permissions import Permission
from microrelief.web.refusals import EditConflict, LastOwner, LinkSpent, NotAllowed


@transaction.atomic
def choose_language(*, by: Actor, language: str) -> None:
    """One's own language on the pages; "" is the clinic's."""
    Person.objects.filter(pk=by.person.pk).update(language=language, version=F("version") + 1)
    person = Person.objects.get(pk=by.person.pk)
    record("person.language_chosen", by=by, about=person, facts={"language": language})


@transaction.atomic
def owner_link() -> str:
    """The link that makes the owner's account, or "" once there is one. An earlier link stops opening."""
    if Person.objects.filter(role="owner", is_active=True).exists():
        return ""
    Invitation.objects.filter(role="owner", used_at=None, revoked_at=None).update(revoked_at=timezone.now())
    token, invitation = _new_link(kind=Invitation.JOIN, role="owner")
    record("person.first_link", by=None, about=invitation)
    return link_address(token)


@transaction.atomic
def invite_person(*, by: Actor, role: str, email: str = "") -> str:
    """A one-time link for a new colleague; shown once, kept only as a hash."""
    _require(by)
    token, invitation = _new_link(kind=Invitation.JOIN, role=role, email=email, made_by=by.person)
    record("person.invited", by=by, about=invitation, facts={"role": role})
    return link_address(token)


@transaction.atomic
def new_password_link(*, by: Actor, person: Person) -> str:
    """A one-time link with which somebody sets a new password; their second factor stays asked for."""
    _require(by)
    _revoke_links(person)
    token, invitation = _new_link(
        kind=Invitation.RESET, role=person.role, email=person.email, person=person, made_by=by.person
    )
    record("person.password_link", by=by, about=invitation, facts={"person": str(person.pk)})
    return link_address(token)


@transaction.atomic
def revoke_link(*, by: Actor, invitation: Invitation) -> None:
    """The link stops opening at once."""
    _require(by)
    if Invitation.objects.filter(pk=invitation.pk, used_at=None, revoked_at=None).update(
        revoked_at=timezone.now()
    ):
        invitation.refresh_from_db()
        record("person.link_revoked", by=by, about=invitation)


def find_link(token: str) -> Invitation:
    """The usable link of this token. Raises LinkSpent."""
    found = Invitation.objects.filter(token_hash=hash_token(token)).select_related("person").first()
    if found is None or not found.usable or (found.person and not found.person.is_active):
        raise LinkSpent("This link was used, withdrawn, or is older than a day: ask the owner for a new one.")
    return found


@transaction.atomic
def join(*, token: str, name: str, email: str, password: str, address: str = "") -> Person:
    """Make the account the invitation is for; of two at the same time, one wins."""
    invitation = _use_link(token, Invitation.JOIN)
    person = Person(email=email.strip().lower(), name=name.strip(), role=invitation.role)
    person.set_password(password)
    person.save()
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    Invitation.objects.filter(pk=invitation.pk).update(person=person)
    record("person.joined", by=Actor(person, address=address), about=person, facts={"role": person.role})
    return person


@transaction.atomic
def set_new_password(*, token: str, password: str, address: str = "") -> Person:
    """Replace the password; every session of the person ends. The second factor is not touched."""
    invitation = _use_link(token, Invitation.RESET)
    person = invitation.person
    if person is None:
        raise LinkSpent("This link belongs to nobody: ask the owner for a new one.")
    person.set_password(password)
    person.save(update_fields=["password"])
    _end_sessions(person)
    record("person.password_set", by=Actor(person, address=address), about=person)
    return person


@transaction.atomic
def change_role(*, by: Actor, person: Person, role: str, version: int) -> None:
    """Another role from the next click on. The clinic keeps at least one owner."""
    _require(by)
    if person.role == "owner" and role != "owner":
        _keep_an_owner(person)
    before = person.role
    _changed(person, version, role=role)
    record("person.role_changed", by=by, about=person, facts={"from": before, "to": role})


@transaction.atomic
def disable_person(*, by: Actor, person: Person, version: int) -> None:
    """Nobody signs in with this account any more, and its sessions and keys are dead at once."""
    _require(by)
    if person.role == "owner":
        _keep_an_owner(person)
    _changed(person, version, is_active=False, disabled_at=timezone.now())
    _revoke_links(person)
    _end_sessions(person)
    record("person.disabled", by=by, about=person)


@transaction.atomic
def enable_person(*, by: Actor, person: Person, version: int) -> None:
    """The account may sign in again."""
    _require(by)
    _changed(person, version, is_active=True, disabled_at=None)
    record("person.enabled", by=by, about=person)


@transaction.atomic
def end_sessions(*, by: Actor, person: Person) -> None:
    """Sign somebody out everywhere; oneself needs no permission."""
    if by.person.pk != person.pk:
        _require(by)
    _end_sessions(person)
    record("person.sessions_ended", by=by, about=person)


@transaction.atomic
def remove_second_factors(*, by: Actor, person: Person) -> None:
    """For somebody who lost phone and recovery codes: the next sign-in asks for a new one."""
    _require(by)
    if by.person.pk == person.pk:
        raise NotAllowed("Your own second factor is changed on your own page: another owner may reset it.")
    removed, _ = Authenticator.objects.filter(user=person).delete()
    _end_sessions(person)
    record("person.second_factors_removed", by=by, about=person, facts={"count": removed})


def link_address(token: str) -> str:
    """The whole address of a one-time link."""
    return configuration().site_address + reverse("join", args=[token])


def _require(by: Actor) -> None:
    if not by.may(Permission.MANAGE_STAFF):
        raise NotAllowed("Only the owner manages staff.")


def _new_link(
    *, kind: str, role: str, email: str = "", person: Person | None = None, made_by: Person | None = None
) -> tuple[str, Invitation]:
    token = new_token()
    invitation = Invitation.objects.create(
        kind=kind,
        role=role,
        email=email,
        person=person,
        made_by=made_by,
        token_hash=hash_token(token),
        expires_at=timezone.now() + LINK_LASTS,
    )
    return token, invitation


def _use_link(token: str, kind: str) -> Invitation:
    """Claimed by a conditional update whose count says who won."""
    claimed = Invitation.objects.filter(
        token_hash=hash_token(token),
        kind=kind,
        used_at=None,
        revoked_at=None,
        expires_at__gt=timezone.now(),
    ).update(used_at=timezone.now())
    if not claimed:
        raise LinkSpent("This link was used, withdrawn, or is older than a day: ask the owner for a new one.")
    return Invitation.objects.select_related("person").get(token_hash=hash_token(token))


def _revoke_links(person: Person) -> None:
    Invitation.objects.filter(person=person, used_at=None, revoked_at=None).update(revoked_at=timezone.now())


def _changed(person: Person, version: int, **fields: object) -> None:
    if not Person.objects.filter(pk=person.pk, version=version).update(version=F("version") + 1, **fields):
        raise EditConflict(Person.objects.get(pk=person.pk), fields)
    person.refresh_from_db()


def _keep_an_owner(person: Person) -> None:
    others = Person.objects.select_for_update().filter(role="owner", is_active=True).exclude(pk=person.pk)
    if not others.exists():
        raise LastOwner("The clinic would have no owner: make somebody else owner first.")


def _end_sessions(person: Person) -> None:
    Person.objects.filter(pk=person.pk).update(session_generation=F("session_generation") + 1)
    for session in UserSession.objects.filter(user=person):
        session.end()
