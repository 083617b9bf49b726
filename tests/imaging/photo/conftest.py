import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image


@pytest.fixture
def colours() -> NDArray[np.uint8]:
    """A picture whose every corner is different: (40, 60, 3)."""
    rows, columns = np.mgrid[0:40, 0:60]
    return np.stack([rows * 6, columns * 4, (rows + columns) * 2], axis=-1).astype(np.uint8)


@pytest.fixture
def picture(colours: NDArray[np.uint8]) -> Image.Image:
    return Image.fromarray(colours)


@pytest.fixture(autouse=True)
def others() -> Iterator[set[str]]:
    """T01: every reading has ended its child by the time it returns; servers of other tests may run on."""
    before = children()
    yield before
    assert children() <= before


def children() -> set[str]:
    """Processes whose parent is this one (Linux; elsewhere nothing is found)."""
    found: set[str] = set()
    for task in Path(f"/proc/{os.getpid()}/task").glob("*"):
        with suppress(FileNotFoundError):  # a thread that has just ended
            found |= set((task / "children").read_text().split())
    return found
