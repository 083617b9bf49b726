"""What every test shares."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

# The same examples every time: a run that fails by chance stops other people's work. New examples are for a
# search by hand (pytest --hypothesis-profile=default).
settings.register_profile("repeatable", derandomize=True)
settings.register_profile("long", max_examples=10_000, deadline=None)  # pytest --hypothesis-profile=long
settings.load_profile("repeatable")


@pytest.fixture(scope="session", autouse=True)
def _free_the_landmark_model() -> Iterator[None]:
    """At the end of the run, before Python takes the model's module apart and it complains."""
    yield
    from microrelief.imaging.face.landmarks import release_model

    release_model()
