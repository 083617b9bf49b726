"""A clinic with keys, one patient and one photograph's key."""

import pytest

from microrelief.vault.keys import ClinicKeys, PhotoKey


@pytest.fixture(scope="session")
def keys(tmp_path_factory) -> ClinicKeys:
    return ClinicKeys.create(tmp_path_factory.mktemp("data") / "keys")


@pytest.fixture(scope="session")
def photo_key(keys) -> PhotoKey:
    patient = keys.patient_key("p1", keys.new_patient_key("p1"))
    return patient.photo_key("f1", patient.new_photo_key("f1"))
