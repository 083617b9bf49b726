"""T12, T32: links that open once, sign-in that cannot be guessed, sessions that end."""

import re
import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from microrelief.web.audit.models import Entry
from microrelief.web.people import actions
from microrelief.web.people.models import Invitation, Person, new_token
from microrelief.web.people.once import new_key
from microrelief.web.refusals import EditConflict, LastOwner, LinkSpent, NotAllowed
from tests.web.conftest import PASSWORD, api_key, sign_in

SIGN_IN = "/account/sign-in/"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def no_attempts_before(db):
    cache.clear()


def token_of(link: str) -> str:
    return re.search(r"/join/([^/]+)/", link)[1]


def code(step: int = 0) -> str:
    counter = next(yield_hotp_counters_from_time()) + step
    return format_hotp_value(hotp_value(SECRET, counter))


def with_app(person: Person) -> None:
    Authenticator.objects.filter(user=person).delete()
    TOTP.activate(person, SECRET)


def join_form(client: Client, link: str, **more) -> object:
    client.get(link.replace("http://localhost:8000", ""))
    fields = {"name": "Frida", "email": "frida@clinic.example", "password": PASSWORD, "again": PASSWORD}
    return client.post(reverse("join_form"), fields | more)


# --- T12: one-time links


def test_T12_tokens_are_random_and_only_their_hash_is_kept(cast):
    tokens = {new_token() for _ in range(20_000)}
    assert len(tokens) == 20_000
    assert {len(token) for token in tokens} == {43}  # 256 bits in base64
    link = actions.invite_person(by=cast.actor("alice"), role="assistant")
    kept = Invitation.objects.get()
    assert token_of(link) not in str(kept.__dict__)
    assert not Entry.objects.filter(event__contains=token_of(link)).exists()


def test_T12_a_link_opens_once_makes_one_account_and_leaves_the_address_bar(cast):
    link = actions.invite_person(by=cast.actor("alice"), role="assistant")
    client = Client()
    first = client.get(link.replace("http://localhost:8000", ""))
    assert first.status_code == 302
    assert first.url == reverse("join_form")  # the token stands in no page's address
    assert first["Referrer-Policy"] == "no-referrer"
    assert join_form(client, link).url
    frida = Person.objects.get(name="Frida")
    assert frida.role == "assistant"
    assert Client().get(link.replace("http://localhost:8000", "")).status_code == 410
    with pytest.raises(LinkSpent):
        actions.join(token=token_of(link), name="Eve", email="eve@example.org", password=PASSWORD)
    assert client.get(reverse("patients")).url == reverse("mfa_index")  # no second factor yet


def test_T12_a_link_runs_out_and_can_be_withdrawn(cast):
    old, gone = (actions.invite_person(by=cast.actor("alice"), role="assistant") for _ in range(2))
    first, second = Invitation.objects.order_by("made_at")
    Invitation.objects.filter(pk=first.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    sign_in(cast.alice).post(reverse("revoke_link", args=[second.pk]))
    for link in (old, gone):
        response = Client().get(link.replace("http://localhost:8000", ""))
        assert response.status_code == 410
        assert b"ask the owner for a new one" in response.content


def test_T12_a_role_in_the_form_changes_nothing(cast):
    link = actions.invite_person(by=cast.actor("alice"), role="assistant")
    join_form(Client(), link, role="owner", is_active="1")
    assert Person.objects.get(name="Frida").role == "assistant"


# --- T32: passwords and second factors


@pytest.mark.parametrize("password", ["short", "password1234", "frida@clinic.example", "123456789012"])
def test_T32_a_weak_password_is_refused_before_the_link_is_spent(cast, password):
    link = actions.invite_person(by=cast.actor("alice"), role="assistant")
    client = Client()
    response = join_form(client, link, password=password, again=password)
    assert response.status_code == 200
    assert response.context["form"].errors["password"]
    assert join_form(client, link).status_code == 302


def test_T32_guessing_is_locked_whoever_says_to_be_asking(cast):
    answers = []
    for number in range(12):
        response = Client().post(
            SIGN_IN,
            {"login": "bob@clinic.example", "password": f"wrong {number}"},
            headers={"x-forwarded-for": f"10.0.0.{number}", "user-agent": f"browser {number}"},
        )
        answers.append(response.status_code)
    assert answers[-1] in (403, 429) or b"Too many" in response.content
    right = Client().post(SIGN_IN, {"login": "bob@clinic.example", "password": PASSWORD})
    assert right.status_code != 302
    assert Entry.objects.filter(kind="person.locked_out").exists()
    failed = Entry.objects.filter(kind="person.sign_in_failed")
    assert 5 <= failed.count() <= 10
    assert "wrong" not in "".join(failed.values_list("event", flat=True))


def test_T32_a_password_alone_opens_nothing(cast):
    with_app(cast.bob)
    client = Client()
    response = client.post(SIGN_IN, {"login": "Bob@Clinic.example", "password": PASSWORD})
    assert response.url == reverse("mfa_authenticate")
    assert client.get(reverse("patients")).url.startswith(SIGN_IN)
    assert client.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
    assert client.post(reverse("mfa_authenticate"), {"code": code()}).status_code == 302
    assert client.get(reverse("patients")).status_code == 200


def test_T32_a_code_is_good_once(cast):
    with_app(cast.bob)
    used = code()
    for number, status in enumerate((302, 200)):
        client = Client()
        client.post(SIGN_IN, {"login": "bob@clinic.example", "password": PASSWORD})
        assert client.post(reverse("mfa_authenticate"), {"code": used}).status_code == status, number


def test_T32_codes_cannot_be_guessed(cast):
    with_app(cast.bob)
    client = Client()
    client.post(SIGN_IN, {"login": "bob@clinic.example", "password": PASSWORD})
    for number in range(12):
        response = client.post(reverse("mfa_authenticate"), {"code": f"{number:06d}"})
    assert b"Too many" in response.content
    assert client.post(reverse("mfa_authenticate"), {"code": code()}).status_code == 200


def test_T32_a_secret_of_an_app_is_unreadable_in_the_row(cast):
    with_app(cast.bob)
    assert SECRET not in str(Authenticator.objects.get(user=cast.bob).data)


def test_T32_a_new_password_link_keeps_the_second_factor_and_ends_every_session(cast):
    with_app(cast.bob)
    old = sign_in(cast.bob)
    link = actions.new_password_link(by=cast.actor("alice"), person=cast.bob)
    client = Client()
    client.get(link.replace("http://localhost:8000", ""))
    fields = {"password": "another set of four words", "again": "another set of four words"}
    response = client.post(reverse("join_form"), fields)
    assert response.url == reverse("mfa_authenticate")
    assert old.get(reverse("patients")).url.startswith(SIGN_IN)
    assert client.get(reverse("patients")).url.startswith(SIGN_IN)


def test_T32_the_session_gets_a_new_name_at_sign_in(cast):
    with_app(cast.bob)
    client = Client()
    client.get(SIGN_IN)
    client.post(SIGN_IN, {"login": "bob@clinic.example", "password": PASSWORD})
    before = client.cookies["session"].value
    client.post(reverse("mfa_authenticate"), {"code": code()})
    assert client.cookies["session"].value != before


def test_T32_whoever_is_disabled_is_out_at_once_by_every_door(cast):
    browser, other, key = sign_in(cast.bob), sign_in(cast.bob), api_key(cast.bob)
    link = actions.new_password_link(by=cast.actor("alice"), person=cast.bob)
    assert Client().get("/api/v1/patients", headers=key).status_code == 200
    actions.disable_person(by=cast.actor("alice"), person=cast.bob, version=cast.bob.version)
    for client in (browser, other):
        assert client.get(reverse("patients")).url.startswith(SIGN_IN)
    assert Client().get("/api/v1/patients", headers=key).status_code == 401
    assert Client().get(link.replace("http://localhost:8000", "")).status_code == 410
    again = Client()
    again.post(SIGN_IN, {"login": cast.bob.email, "password": PASSWORD})
    assert again.get(reverse("patients")).url.startswith(SIGN_IN)


@pytest.mark.parametrize(
    ("field", "seconds"), [("seen", 15 * 60 + 1), ("began", 12 * 3600 + 1), ("seen", -600)]
)
def test_T32_a_session_ends(cast, field, seconds):
    client = sign_in(cast.bob)
    assert client.get(reverse("patients")).status_code == 200
    session = client.session
    session[field] = time.time() - seconds
    session.save()
    response = client.get(reverse("patients"))
    assert response.url.startswith(SIGN_IN)
    assert client.get(reverse("patients")).url.startswith(SIGN_IN)


def test_T32_a_look_by_a_script_keeps_no_session_alive(cast):
    client = sign_in(cast.bob)
    client.get(reverse("patients"))
    session = client.session
    session["seen"] = seen = time.time() - 600
    session.save()
    client.get(reverse("patients"), headers={"x-background": "1"})
    assert client.session["seen"] == seen
    client.get(reverse("patients"))
    assert client.session["seen"] > seen


def test_T32_a_sensitive_step_asks_again_and_goes_on_by_itself(cast):
    client = sign_in(cast.alice)
    session = client.session
    session["account_authentication_methods"][0]["at"] -= 3600
    session.save()
    asked = client.post(reverse("staff"), {"role": "assistant"})
    assert asked.status_code == 302
    assert "confirm" in asked.url or "reauthenticate" in asked.url
    assert not Invitation.objects.exists()
    done = client.post(asked.url, {"password": PASSWORD, "next": reverse("staff")})
    assert Invitation.objects.count() == 1
    assert b"Hand this link over yourself" in done.content


def test_T32_signing_out_everywhere_else(cast):
    here, there = sign_in(cast.bob), sign_in(cast.bob)
    for client in (here, there):
        client.get(reverse("usersessions_list"))
    from allauth.usersessions.models import UserSession

    for client in (here, there):
        UserSession.objects.get_or_create(
            user=cast.bob,
            session_key=client.session.session_key,
            defaults={"ip": "127.0.0.1", "user_agent": "x"},
        )
    here.post(reverse("usersessions_list"))
    assert here.get(reverse("patients")).status_code == 200
    assert there.get(reverse("patients")).url.startswith(SIGN_IN)


# --- roles


def test_the_clinic_keeps_an_owner(cast):
    alice = cast.actor("alice")
    with pytest.raises(LastOwner):
        actions.disable_person(by=alice, person=cast.alice, version=1)
    with pytest.raises(LastOwner):
        actions.change_role(by=alice, person=cast.alice, role="auditor", version=1)
    actions.change_role(by=alice, person=cast.bob, role="owner", version=1)
    actions.change_role(by=alice, person=cast.alice, role="auditor", version=1)
    assert sign_in(cast.alice).get(reverse("staff")).status_code == 403


def test_T14_two_owners_change_one_role(cast):
    actions.change_role(by=cast.actor("alice"), person=cast.bob, role="assistant", version=1)
    with pytest.raises(EditConflict):
        actions.change_role(
            by=cast.actor("alice"), person=Person.objects.get(name="Bob"), role="auditor", version=1
        )
    assert Person.objects.get(name="Bob").role == "assistant"


def test_nobody_else_manages_staff(cast):
    for name in ("bob", "carol", "dan"):
        with pytest.raises(NotAllowed):
            actions.invite_person(by=cast.actor(name), role="owner")


def test_a_key_never_raises_its_own_rights(cast):
    from microrelief.web.api.actions import actor_of, make_key
    from microrelief.web.refusals import Unusable

    for scopes in (["people.manage"], ["keys.own"], ["patients.erase"], ["no such"], []):
        with pytest.raises(Unusable):
            make_key(by=cast.actor("bob"), name="x", scopes=scopes, days=1)
    header = api_key(cast.bob)
    actor = actor_of(header["authorization"].split()[1], "")
    with pytest.raises(NotAllowed):
        make_key(by=actor, name="x", scopes=["patients.see"], days=1)
    actions.change_role(by=cast.actor("alice"), person=cast.bob, role="auditor", version=1)
    assert (
        Client().get("/api/v1/patients", headers=header).status_code == 403
    )  # the role shrank, so the key did


def test_T13_the_api_answers_a_repeated_key_with_the_same_record(cast):
    body = {"family_name": "Herbst", "given_name": "Clara", "birth_date": "1990-01-01"}
    headers = {**api_key(cast.bob), "idempotency-key": new_key()}
    made = [
        Client().post("/api/v1/patients", body, content_type="application/json", headers=headers)
        for _ in range(3)
    ]
    assert [one.status_code for one in made] == [201, 201, 201]
    assert len({one.json()["id"] for one in made}) == 1
    other = Client().post(
        "/api/v1/patients", body | {"given_name": "Klara"}, content_type="application/json", headers=headers
    )
    assert other.status_code == 409
