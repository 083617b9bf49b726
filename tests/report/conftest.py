import pytest

from tests.report import changes


@pytest.fixture(scope="session")
def found():
    """A comparison of two drawn faces that found something."""
    return changes.drawn_change()


@pytest.fixture(scope="session")
def refused(found):
    return changes.refused(found)


@pytest.fixture(scope="session")
def unchanged(found):
    return changes.unchanged(found)
