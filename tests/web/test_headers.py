"""T31: what every answer says to the browser."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from microrelief.web.configuration import Configuration
from tests.web.conftest import sign_in

PLACES = (
    "home",
    "account_login",
    "patients",
    "new_patient",
    "audit",
    "staff",
    "clinic_settings",
    "you",
    "api_keys",
)


@pytest.mark.parametrize("name", PLACES)
def test_T31_each_page_is_closed_to_other_sites_and_to_caches(cast, name):
    response = sign_in(cast.alice).get(reverse(name))
    policy = response["Content-Security-Policy"]
    for part in ("default-src 'none'", "script-src 'self'", "style-src 'self'", "object-src 'none'"):
        assert part in policy
    for part in ("base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"):
        assert part in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Cache-Control"] == "no-store, private"
    assert "camera=(self)" in response["Permissions-Policy"]
    assert "geolocation=()" in response["Permissions-Policy"]
    assert "Server" not in response


def test_T31_no_page_holds_anything_inline(cast):
    client = sign_in(cast.alice)
    for name in PLACES[1:]:
        page = client.get(reverse(name), follow=True).content.decode()
        assert " style=" not in page
        assert " onclick" not in page
        assert "javascript:" not in page
        for script in page.split("<script")[1:]:
            assert "src=" in script[:200] or "application/json" in script[:200]


def test_T31_cookies_are_for_this_site_alone(cast):
    client = Client()
    client.get("/account/sign-in/")
    assert client.cookies["csrf"]["httponly"]
    assert client.cookies["csrf"]["samesite"] == "Strict"
    session = sign_in(cast.bob).get(reverse("patients")).cookies["session"]
    assert session["httponly"]
    assert session["samesite"] == "Lax"
    assert not session["domain"]


def test_T31_with_https_cookies_are_bound_to_the_host():
    """The settings follow from the address; a process of its own reads them."""
    from tests.web.server import python

    said = python(
        "import os; os.environ.update(MICRORELIEF_ADDRESS='https://records.example');"
        "import microrelief.web.settings as s;"
        "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.SECURE_HSTS_SECONDS,"
        " s.ALLOWED_HOSTS, s.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN)"
    )
    assert said.split() == [
        "__Host-session",
        "__Host-csrf",
        "True",
        "31536000",
        "['records.example']",
        "False",
    ]
    assert Configuration(address="https://records.example").encrypted_transport


def test_T31_a_form_of_another_site_changes_nothing(cast):
    client = Client(enforce_csrf_checks=True)
    sign_in(cast.alice, client)
    response = client.post(reverse("staff"), {"role": "owner"}, headers={"origin": "https://evil.example"})
    assert response.status_code == 403
    assert b"open for too long" in response.content


def test_T31_another_host_name_is_refused(cast):
    response = Client().get("/account/sign-in/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert set(settings.ALLOWED_HOSTS) <= {"localhost", "testserver"}


@pytest.mark.parametrize("path", ["/static/", "/media/", "/admin/", "/.git/config", "/static/../settings.py"])
def test_T31_nothing_is_listed(cast, path):
    assert Client().get(path).status_code == 404


def test_T31_a_fault_shows_nothing(cast, monkeypatch):
    from microrelief.web.patients import views

    monkeypatch.setattr(views, "find_patients", lambda *_: 1 / 0)
    client = sign_in(cast.bob)
    client.raise_request_exception = False
    response = client.get(reverse("patients"))
    assert response.status_code == 500
    assert b"ZeroDivision" not in response.content
    assert b"Something went wrong on our side" in response.content


def test_the_answers_of_the_api_are_not_kept_either(cast):
    response = Client().get("/api/v1/patients")
    assert response.status_code == 401
    assert response["Cache-Control"] == "no-store, private"


def test_T35_a_fault_is_told_by_its_place_and_not_by_what_was_in_it():
    import logging

    from microrelief.web.pages.log import NamelessFormatter

    try:
        int("Anna Sommer")
    except ValueError:
        import sys

        record = logging.LogRecord("x", logging.ERROR, "f", 1, "at %s", ("a\r\nFORGED",), sys.exc_info())
    said = NamelessFormatter().format(record)
    assert "Sommer" not in said
    assert "ValueError at" in said
    assert "test_headers.py" in said
    assert "\n" not in said


def test_messages_with_names_stand_in_no_cookie(cast):
    client = sign_in(cast.alice)
    response = client.post(reverse("sign_out_person", args=[cast.bob.pk]))
    assert response.status_code == 302
    assert "messages" not in response.cookies
    assert b"Bob is signed out everywhere" in client.get(response.url).content


def test_the_description_of_the_api_is_for_insiders(cast):
    from tests.web.conftest import api_key

    assert Client().get("/api/v1/openapi.json").status_code == 302
    assert sign_in(cast.carol).get("/api/v1/openapi.json").status_code == 200
    assert Client().get("/api/v1/openapi.json", headers=api_key(cast.bob)).status_code == 200


@pytest.mark.parametrize("name", ["\ud800", "\0x", "a" * 5000])
def test_the_api_refuses_odd_text_with_a_sentence(cast, name):
    import json

    from tests.web.conftest import api_key

    said = {"family_name": name, "birth_date": "1990-01-01"}
    headers = {**api_key(cast.bob), "idempotency-key": "a-key-of-mine"}
    response = Client().post("/api/v1/patients", json.dumps(said), "application/json", headers=headers)
    assert response.status_code in (201, 422)
    assert response.json()
