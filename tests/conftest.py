"""What every test shares."""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def _free_the_landmark_model() -> Iterator[None]:
    """At the end of the run, before Python takes the model's module apart and it complains."""
    yield
    from microrelief.imaging.face.landmarks import release_model

    release_model()
