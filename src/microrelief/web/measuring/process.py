"""A question with photographs becomes an answer from the measuring child.

    answer = live().ask({"ask": "frame", "view": "front"}, [frame, baseline], seconds=8)
    answer = thorough().ask({"ask": "pair"}, [before, after], seconds=600, progress=note)

Two children at most: one answers the live camera and keeps the landmark model warm, one compares. Each is
started when it is first needed, without the site's settings in its environment, and again when it died.
"""

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from microrelief.errors import MicroreliefError
from microrelief.web.measuring.wire import Message, receive, send

UNKNOWN_TO_THE_CHILD = ("MICRORELIEF_", "CREDENTIALS_DIRECTORY", "DJANGO_")
WARM_SECONDS = 300.0
JOB_NICENESS = 3
"""A comparison gives way to the pages."""


class NotMeasured(MicroreliefError):
    """The child refuses: a sentence for the person who asked. `kind` is the name of the error."""

    def __init__(self, kind: str, sentence: str) -> None:
        self.kind = kind
        super().__init__(sentence)


class MeasuringFailed(MicroreliefError):
    """The child died, took too long, or hit a fault of the program."""


class MeasuringBusy(MicroreliefError):
    """Somebody else's question is being answered."""


class MeasuringProcess:
    """One child and whoever waits for it."""

    def __init__(self, niceness: int = 0) -> None:
        self._niceness = niceness
        self._turn = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def ask(
        self,
        question: dict[str, Any],
        parts: Sequence[bytes],
        *,
        seconds: float,
        patience: float = -1,
        progress: Callable[[str], None] = lambda stage: None,
    ) -> Message:
        """The answer, within `seconds`; waits `patience` seconds for its turn, for ever by default.

        Raises NotMeasured, MeasuringFailed or MeasuringBusy.
        """
        if not self._turn.acquire(timeout=patience):
            raise MeasuringBusy("Another photograph is being looked at.")
        try:
            return self._answered(Message(question, list(parts)), seconds, progress)
        finally:
            self._turn.release()

    def warm(self) -> None:
        """Let the child load its model while the person still arranges the camera; nobody waits for it."""
        if self._turn.locked() or (self._child is not None and self._child.poll() is None):
            return
        threading.Thread(target=self._warmed, name="warming the camera's child", daemon=True).start()

    def _warmed(self) -> None:
        with contextlib.suppress(MicroreliefError):
            self.ask({"ask": "warm"}, [], seconds=WARM_SECONDS, patience=0)

    def stop(self) -> None:
        """End the child; the next question starts another."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait()
            for stream in (child.stdin, child.stdout):
                if stream is not None:
                    stream.close()

    def _answered(self, question: Message, seconds: float, progress: Callable[[str], None]) -> Message:
        child = self._running()
        assert child.stdin is not None
        assert child.stdout is not None
        too_long = threading.Timer(seconds, child.kill)
        too_long.start()
        try:
            send(child.stdin, question)
            while (message := receive(child.stdout)) is not None:
                if "stage" in message.says:
                    progress(str(message.says["stage"]))
                    continue
                return _told(message)
        except (OSError, ValueError) as gone:
            self.stop()
            raise MeasuringFailed("The measuring process ended; ask again.") from gone
        finally:
            too_long.cancel()
        self.stop()
        raise MeasuringFailed("The measuring process ended or took too long; ask again.")

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self.stop()
            environment = {
                name: value for name, value in os.environ.items() if not name.startswith(UNKNOWN_TO_THE_CHILD)
            }
            self._child = subprocess.Popen(
                [sys.executable, "-m", "microrelief.web.measuring.child", str(self._niceness)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**environment, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
                bufsize=1 << 16,
            )
        return self._child


@cache
def live() -> MeasuringProcess:
    """The child that answers the camera."""
    return MeasuringProcess()


@cache
def thorough() -> MeasuringProcess:
    """The child that compares."""
    return MeasuringProcess(JOB_NICENESS)


def stop_all() -> None:
    """At the end of the process, and of tests."""
    live().stop()
    thorough().stop()


def _told(message: Message) -> Message:
    if "refusal" in message.says:
        raise NotMeasured(str(message.says["refusal"]), str(message.says["sentence"]))
    if "fault" in message.says:
        raise MeasuringFailed(str(message.says["fault"]))
    return message
