"""`python -m tests.web.seed DATA --patients N`: staff who can sign in, an API key, patients; as JSON."""

import argparse
import json
import sys
from datetime import date
from pathlib import Path

from microrelief.web.start import open_site

PASSWORD = "a long password, for tests"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def seed(data: Path, patients: int, names: list[str], staff: int) -> dict[str, object]:
    open_site(data, create=True)
    from allauth.account.models import EmailAddress
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import TOTP
    from django.db import transaction

    from microrelief.web.api.actions import make_key, possible_scopes
    from microrelief.web.audit.trail import record
    from microrelief.web.consents.actions import bring_texts
    from microrelief.web.patients.actions import add_patient
    from microrelief.web.people.actor import Actor
    from microrelief.web.people.models import Person

    bring_texts()
    people = []
    for number in range(staff):
        with transaction.atomic():
            role = "owner" if number == 0 else "clinician"
            person = Person(email=f"staff{number}@clinic.example", name=f"Staff {number}", role=role)
            person.set_password(PASSWORD)
            person.save()
            EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
            TOTP.activate(person, TOTP_SECRET)
            assert Authenticator.objects.filter(user=person).exists()
            record("person.joined", by=Actor(person), about=person, facts={"role": person.role})
        people.append(person)
    owner = Actor(people[0])
    key = make_key(by=owner, name="tests", scopes=possible_scopes(owner), days=30)
    made = [
        add_patient(
            by=owner,
            key=f"seed-patient-{number}",
            identity={
                "family_name": names[number] if number < len(names) else f"Family{number}",
                "given_name": "Given",
                "birth_date": date(1990, 1, 1),
            },
            team=[person.pk for person in people[1:]],
            although_similar=True,
        )
        for number in range(patients)
    ]
    return {
        "key": key,
        "emails": [person.email for person in people],
        "password": PASSWORD,
        "totp": TOTP_SECRET,
        "sessions": [_session(person) for person in people],
        "patients": [str(patient.pk) for patient in made],
    }


def _session(person) -> str:
    """As if somebody had just given password and second factor."""
    import time

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[1]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time(), "reauthenticated": True}
    ]
    session["account_authentication_methods_user"] = str(person.pk)
    session.create()
    return str(session.session_key)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--patients", type=int, default=1)
    parser.add_argument("--names", default="", help="family names, with commas")
    parser.add_argument("--staff", type=int, default=1)
    given = parser.parse_args()
    json.dump(
        seed(given.data, given.patients, [n for n in given.names.split(",") if n], given.staff), sys.stdout
    )
