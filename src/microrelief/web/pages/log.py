"""What the process says: where and what kind of thing happened, never what was in it."""

import logging
import traceback
from typing import Any


class NamelessFormatter(logging.Formatter):
    """One line for each event; an exception by its type and places, for its message may quote a patient."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Line ends inside a message become visible: nobody forges a line."""
        return super().format(record).replace("\r", "\\r").replace("\n", "\\n")

    def formatException(self, ei: Any) -> str:  # noqa: N802  logging's name
        """Type and frames, without message and without source lines."""
        kind, _, places = ei
        frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(places)]
        return f"{kind.__name__} at " + " <- ".join(reversed(frames[-8:]))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802  logging's name
        """Nothing: source lines may hold values."""
        return ""
