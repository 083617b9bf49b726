"""A data folder for the run, and the standing cast.

Alice owns the clinic, Bob and Erin are clinicians, Carol assists, Dan audits. Bob and Carol treat Anna; Erin
treats Ben, of whom Bob, Carol and Alice must see nothing. Alice treats Anna too.
"""

import atexit
import os
import shutil
import tempfile
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import pytest

DATA = Path(tempfile.mkdtemp(prefix="microrelief-web-"))
atexit.register(shutil.rmtree, DATA, ignore_errors=True)
os.environ.update(MICRORELIEF_DATA=str(DATA), DJANGO_SETTINGS_MODULE="microrelief.web.settings")
for name in ("MICRORELIEF_ADDRESS", "MICRORELIEF_HOST", "MICRORELIEF_KEYS"):
    os.environ.pop(name, None)

from tests.web.postgresql import SETTING, database  # noqa: E402

if SETTING in os.environ:  # python -m tests.web.postgresql ... python -m pytest tests/web
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    os.environ["MICRORELIEF_DATABASE_URL"] = database(os.environ[SETTING], f"site_{worker}")
else:
    os.environ.pop("MICRORELIEF_DATABASE_URL", None)

from microrelief.web.configuration import configuration  # noqa: E402
from microrelief.web.start import prepare  # noqa: E402

configuration.cache_clear()
_umask = os.umask(0o077)
prepare(DATA, create=True)
os.umask(_umask)

import django  # noqa: E402

django.setup()

from allauth.mfa.models import Authenticator  # noqa: E402
from django.contrib.auth.hashers import make_password  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import translation  # noqa: E402

from microrelief.phantom import demo as demo_pictures  # noqa: E402
from microrelief.web.audit.trail import record, seal_all_versions_once  # noqa: E402
from microrelief.web.consents.actions import bring_texts  # noqa: E402
from microrelief.web.patients.actions import add_patient  # noqa: E402
from microrelief.web.patients.models import Patient  # noqa: E402
from microrelief.web.people.actor import Actor  # noqa: E402
from microrelief.web.people.models import Person  # noqa: E402
from microrelief.web.people.once import new_key  # noqa: E402
from microrelief.web.people.permissions import Permission  # noqa: E402

PICTURES = Path(demo_pictures.__file__).parent / "demo"
BEFORE, AFTER = PICTURES / "before.jpg", PICTURES / "after.jpg"


@pytest.fixture(autouse=True)
def _language_ends_with_the_test():
    """A page in German leaves it behind for whatever runs next in this thread."""
    yield
    translation.deactivate()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Each process makes a folder and a database of its own, and finds none of the one that began it."""
    for ours in ("DJANGO_SETTINGS_MODULE", "MICRORELIEF_DATA", "MICRORELIEF_DATABASE_URL"):
        os.environ.pop(ours, None)


@pytest.fixture(scope="session")
def django_db_modify_db_settings():
    """A file and not memory: encrypted, in WAL, like the real one."""
    from django.conf import settings

    if SETTING not in os.environ:
        settings.DATABASES["default"]["TEST"]["NAME"] = str(DATA / "test.sqlite3")
    else:
        settings.DATABASES["default"]["TEST"]["TEMPLATE"] = "template0"


@dataclass
class Cast:
    """Everybody, and two patients."""

    alice: Person
    bob: Person
    carol: Person
    dan: Person
    erin: Person
    anna: Patient
    ben: Patient

    def actor(self, name: str, **more) -> Actor:
        return Actor(getattr(self, name), **more)


@pytest.fixture(autouse=True)
def _no_head_of_another_test() -> None:
    """A test that commits leaves a head of its own trail, which says nothing of the next test's trail."""
    (DATA / "trail.head").unlink(missing_ok=True)


@pytest.fixture(autouse=True)
def _nothing_held_of_another_test() -> None:
    """Volunteers' photographs wait in the process's memory, which knows nothing of a test's end."""
    from microrelief.web.retests import held

    held._held.clear()


@pytest.fixture(autouse=True, scope="module")
def _children_end():
    """The children that measure end with the tests that asked for them."""
    from microrelief.web.measuring.process import stop_all

    yield
    stop_all()


PASSWORD = "violet harbour nine lamps"


@cache
def hashed_password() -> str:
    return make_password(PASSWORD)  # slow on purpose, so once


def person(name: str, role: str) -> Person:
    made = Person(email=f"{name.lower()}@clinic.example", name=name, role=role)
    made.password = hashed_password()
    made.save()
    record("person.joined", by=Actor(made), about=made, facts={"role": role})
    Authenticator.objects.create(user=made, type=Authenticator.Type.TOTP, data={"secret": "none"})
    return made


def patient(by: Person, family_name: str, given_name: str, born: date, team=()) -> Patient:
    return add_patient(
        by=Actor(by),
        key=new_key(),
        identity={"family_name": family_name, "given_name": given_name, "birth_date": born},
        team=[one.pk for one in team],
    )


@pytest.fixture
def cast(db) -> Cast:
    seal_all_versions_once()
    bring_texts()
    alice, bob, carol = person("Alice", "owner"), person("Bob", "clinician"), person("Carol", "assistant")
    dan, erin = person("Dan", "auditor"), person("Erin", "clinician")
    anna = patient(bob, "Sommer", "Anna", date(1991, 4, 12), team=(alice, carol))
    ben = patient(erin, "Winter", "Ben", date(1985, 11, 2))
    return Cast(alice, bob, carol, dan, erin, anna, ben)


def sign_in(who: Person, client: Client | None = None) -> Client:
    """A browser of somebody who has just given password and second factor."""
    import time

    client = client or Client()
    client.force_login(who, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time(), "reauthenticated": True}
    ]
    session["account_authentication_methods_user"] = str(who.pk)
    session.save()
    return client


def api_key(who: Person, *scopes: Permission) -> dict[str, str]:
    """The header of a key with these scopes, all that are possible where none is named."""
    from microrelief.web.api.actions import make_key, possible_scopes

    actor = Actor(who)
    secret = make_key(by=actor, name="test", scopes=scopes or possible_scopes(actor), days=1)
    return {"authorization": f"Bearer {secret}"}


SEED = """
import json, sys
from datetime import date
from pathlib import Path
from microrelief.web.start import open_site
open_site(Path(sys.argv[1]), create=True)
from django.db import transaction
from microrelief.web.api.actions import make_key, possible_scopes
from microrelief.web.audit.trail import record
from microrelief.web.consents.actions import bring_texts
from microrelief.web.patients.actions import add_patient
from microrelief.web.people.actor import Actor
from microrelief.web.people.models import Person
bring_texts()
with transaction.atomic():
    bob = Person(email="bob@clinic.example", name="Bob", role="clinician")
    bob.set_unusable_password()
    bob.save()
    record("person.joined", by=Actor(bob), about=bob, facts={"role": "clinician"})
actor = Actor(bob)
identity = {"family_name": "Sommer", "given_name": "Anna", "birth_date": date(1991, 4, 12)}
anna = add_patient(by=actor, key="seed-0001", identity=identity)
key = make_key(by=actor, name="t", scopes=possible_scopes(actor), days=1)
print(json.dumps({"key": key, "anna": str(anna.pk)}))
"""


@pytest.fixture(scope="session")
def clinic_folder(tmp_path_factory) -> Path:
    """A clinic of its own for real processes: Bob, who treats Anna."""
    from tests.web.server import python

    folder = tmp_path_factory.mktemp("real") / "clinic"
    (folder.parent / "seed.json").write_text(python(SEED, folder).splitlines()[-1])
    return folder


@pytest.fixture(scope="session")
def server(clinic_folder):
    """The real server on it."""
    from tests.web.server import Server

    running = Server(clinic_folder, clinic_folder.parent / "server.log")
    yield running
    running.stop()


@pytest.fixture(scope="session")
def seeded(clinic_folder) -> dict[str, str]:
    """Bob's API key and Anna's id."""
    import json

    return json.loads((clinic_folder.parent / "seed.json").read_text())
