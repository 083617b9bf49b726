"""On the path of a process whose clock is set ahead: Python imports it before anything else.

faketime 0.9.10 that leaves the monotonic clock alone still takes its shift from the moment until which Python
3.11 sleeps, and the sleep is refused (github.com/wolfcw/libfaketime/issues/426). A lock's wait comes through.
"""

import threading
import time


def sleep(seconds: float) -> None:
    threading.Event().wait(seconds)


time.sleep = sleep
