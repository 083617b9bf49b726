"""A data folder becomes a site; what is unsafe is refused with its name."""

import os
import sqlite3
from pathlib import Path

import pytest
from django.db import connection
from pydantic import SecretStr

from microrelief.errors import SettingsRefused
from microrelief.web.configuration import Configuration
from microrelief.web.safety import unsafe
from microrelief.web.sqlcipher.base import REQUIRED_PRAGMAS
from tests.web.conftest import DATA
from tests.web.postgresql import SETTING
from tests.web.server import run

SAFE: dict[str, object] = {}
UNSAFE = [
    ({"debug": True}, "MICRORELIEF_DEBUG"),
    ({"host": "0.0.0.0"}, "MICRORELIEF_HOST"),
    ({"host": "0.0.0.0", "address": "https://records.example"}, "MICRORELIEF_TRUSTED_PROXY"),
    ({"address": "http://records.example"}, "MICRORELIEF_ADDRESS"),
    ({"address": "records.example"}, "MICRORELIEF_ADDRESS"),
    ({"address": "https://records.example/clinic"}, "MICRORELIEF_ADDRESS"),
    (
        {"host": "0.0.0.0", "address": "https://records.example", "trusted_proxy": "10.0.0.0/8"},
        "MICRORELIEF_TRUSTED_PROXY",
    ),
    ({"database_url": SecretStr("mysql://x/y")}, "MICRORELIEF_DATABASE_URL"),
    ({"database_url": SecretStr("postgresql://u:p@db.example/clinic")}, "sslmode=verify-full"),
]

encrypted_file = pytest.mark.skipif(
    SETTING in os.environ, reason="asks the encrypted file, this is PostgreSQL"
)


def made(tmp_path: Path, **settings: object) -> Configuration:
    return Configuration(**{"data": tmp_path / "clinic"} | settings)


@pytest.mark.parametrize(("settings", "names"), UNSAFE)
def test_T31_an_unsafe_setting_is_named(tmp_path, settings, names):
    found = "; ".join(unsafe(made(tmp_path, **settings)))
    assert names in found
    assert "postgresql://u:p@" not in found


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"host": "127.0.0.1"},
        {"host": "0.0.0.0", "address": "https://records.example", "trusted_proxy": "10.0.0.7"},
        {"database_url": SecretStr("postgresql://u:p@localhost/clinic")},
        {"database_url": SecretStr("postgresql://u:p@db.example/clinic?sslmode=verify-full")},
    ],
)
def test_what_is_safe_is_let_through(tmp_path, settings):
    assert not list(unsafe(made(tmp_path, **settings)))


def test_T31_folders_and_keys_of_others_are_refused(tmp_path):
    clinic = tmp_path / "clinic"
    (clinic / "keys").mkdir(parents=True, mode=0o700)
    clinic.chmod(0o755)
    key = clinic / "keys" / "clinic.json"
    key.write_text("{}")
    key.chmod(0o644)
    found = "; ".join(unsafe(made(tmp_path)))
    assert "data folder" in found
    assert "clinic.json" in found
    (tmp_path / "link").symlink_to(clinic)
    assert "is a link" in "; ".join(unsafe(Configuration(data=tmp_path / "link")))


def test_no_data_folder_is_a_sentence():
    with pytest.raises(SettingsRefused, match="--data DIR"):
        _ = Configuration(data=None).data_folder


@encrypted_file
@pytest.mark.django_db
def test_the_live_connection_gives_its_guarantees():
    with connection.cursor() as cursor:
        for name, wanted in REQUIRED_PRAGMAS.items():
            cursor.execute(f"PRAGMA {name}")
            row = cursor.fetchone()
            assert row
            assert wanted is None or row[0] == wanted


@encrypted_file
@pytest.mark.django_db
def test_T21_the_database_file_is_no_sqlite_to_anybody_else():
    data = (DATA / "test.sqlite3").read_bytes()
    assert not data.startswith(b"SQLite format 3")
    assert b"CREATE TABLE" not in data
    plain = sqlite3.connect(DATA / "test.sqlite3")
    with pytest.raises(sqlite3.DatabaseError):
        plain.execute("SELECT * FROM sqlite_master")
    plain.close()


def test_another_clinics_key_is_refused_and_nothing_changed(tmp_path, clinic_folder):
    other = tmp_path / "other"
    assert run("serve", "--data", other, "--port", "0")[
        1
    ].strip()  # port 0 is no port: refused, folder untouched
    assert not other.exists()
    stolen = tmp_path / "stolen"
    stolen.mkdir(mode=0o700)
    (stolen / "records.sqlite3").write_bytes((clinic_folder / "records.sqlite3").read_bytes())
    code, said = run("audit", "verify", "--data", stolen)
    assert code == 2
    assert "key" in said
    assert "missing" in said
    assert os.listdir(stolen) == ["records.sqlite3"]


def test_an_empty_folder_is_no_clinic_for_a_command_that_only_reads(tmp_path):
    code, said = run("audit", "verify", "--data", tmp_path / "none")
    assert code == 2
    assert "microrelief serve --data" in said
    assert not (tmp_path / "none").exists()
