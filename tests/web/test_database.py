"""Which database the tests of the site really stand on."""

import os

import pytest
from django.db import connection

from microrelief.web.configuration import Configuration
from microrelief.web.safety import unsafe
from tests.web.postgresql import SETTING


@pytest.mark.django_db
def test_the_database_is_the_one_that_was_asked_for():
    assert connection.vendor == ("postgresql" if SETTING in os.environ else "sqlite")


@pytest.mark.parametrize(
    ("url", "refused"),
    [
        ("postgresql://u:p@localhost/records", False),
        ("postgresql://u@/records?host=/run/postgresql", False),
        ("postgresql://u:p@db.example/records", True),
        ("postgresql://u@/records?host=db.example", True),
        ("postgresql://u@localhost/records?hostaddr=192.0.2.7", True),
        ("postgresql://u@/records?host=db.example&sslmode=verify-full", False),
    ],
)
def test_a_database_on_another_computer_is_reached_by_verified_tls_only(tmp_path, url, refused):
    tmp_path.chmod(0o700)
    found = list(unsafe(Configuration(data=tmp_path, database_url=url)))
    assert any("another computer" in says for says in found) == refused
