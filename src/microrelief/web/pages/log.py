"""What is written into the log: which kind of thing happened and where in the program, never to whom.

Messages of exceptions and paths of requests can hold a name, a token, a line break that forges another entry:
so exceptions are named by type and place, requests by their route, and only our own sentences are filled in.
"""

import logging
import traceback
from pathlib import Path

OURS = "microrelief"


class NamelessFormatter(logging.Formatter):
    """One line for each record."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, who says it, what; and where the program was."""
        at = self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z")
        said = f"{at} {record.levelname} {record.name}: {_said(record)}"
        error = record.exc_info[1] if record.exc_info else None
        return " ".join(f"{said} {_places(error)}".split())


def _said(record: logging.LogRecord) -> str:
    request = getattr(record, "request", None)
    if request is not None and hasattr(request, "method"):
        match = getattr(request, "resolver_match", None)
        route = f"/{match.route}" if match else "an address that is none of ours"
        return f"{getattr(record, 'status_code', '')} {request.method} {route}"
    return record.getMessage() if record.name.split(".")[0] == OURS else str(record.msg)


def _places(error: BaseException | None) -> str:
    told: list[str] = []
    while error is not None and len(told) < 5:
        frames = traceback.extract_tb(error.__traceback__)[-8:]
        where = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
        told.append(f"{type(error).__name__} at {where or 'no place'}")
        error = error.__cause__ or error.__context__
    return "; after ".join(told)
