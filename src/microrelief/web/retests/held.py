"""Photographs of volunteers who are no patients: held in memory until they are compared, and nowhere else."""

import threading
from uuid import UUID

from microrelief.web.refusals import Unusable

MOST_HELD = 4
"""Pairs; more wait at the camera and not in memory."""
_lock = threading.Lock()
_held: dict[UUID, tuple[bytes, bytes]] = {}


def hold(pair: UUID, photographs: tuple[bytes, bytes]) -> None:
    """Keep them until `take`. Raises Unusable while too many wait."""
    with _lock:
        if len(_held) >= MOST_HELD:
            raise Unusable("Several pairs are still being compared: wait a minute, then add this one.")
        _held[pair] = photographs


def take(pair: UUID) -> tuple[bytes, bytes] | None:
    """Them, once; None where the program was started again since."""
    with _lock:
        return _held.pop(pair, None)


def forget(pair: UUID) -> None:
    """Let them go unread."""
    take(pair)
