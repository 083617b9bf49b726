"""The one worker: takes tasks from the database, oldest first, for as long as the process lives.

A task is enqueued in the transaction of what it is about, so that neither stands without the other. A process
that dies leaves its task as running; the next start makes it ready again, since one process serves a data
folder. A task counts its own attempts where it might take the process down.
"""

import logging
import threading
import time
from functools import cache
from typing import Any

from django.db import DatabaseError, close_old_connections
from django.utils import timezone
from django_tasks_db.compat import TaskResultStatus
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

WAIT_SECONDS = 0.4
WORKER = "in the server"
log = logging.getLogger(__name__)


def start_worker() -> threading.Thread:
    """Take up what an earlier process left, then work until this one ends."""
    take_up_left()
    thread = threading.Thread(target=_work, name="background work", daemon=True)
    thread.start()
    return thread


def take_up_left() -> int:
    """Tasks that an earlier process began and did not end become ready again. Returns how many."""
    return int(DBTaskResult.objects.running().update(status=TaskResultStatus.READY))


def work_off() -> None:
    """Everything that is ready, the oldest first: what the thread does in turn, and what a test calls."""
    while (claimed := _claimed()) is not None:
        _runner().run_task(claimed)


def _claimed() -> "DBTaskResult[..., Any] | None":
    """The next task; one conditional update says whether it is ours."""
    task = DBTaskResult.objects.ready().first()
    if task is None:
        return None
    ready = DBTaskResult.objects.filter(pk=task.pk, status=TaskResultStatus.READY)
    if not ready.update(
        status=TaskResultStatus.RUNNING, started_at=timezone.now(), worker_ids=[*task.worker_ids, WORKER]
    ):
        return _claimed()
    task.refresh_from_db()
    return task


@cache
def _runner() -> Worker:
    """Runs one task and notes how it ended; its own loop is for a process of its own."""
    return Worker(
        queue_names=["*"],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=WORKER,
        excluded_queue_names=[],
    )


def _work() -> None:
    while True:
        try:
            close_old_connections()
            work_off()
        except DatabaseError:  # a full disk, a locked file: the next round asks again
            log.warning("background work waits: the database does not answer")
        time.sleep(WAIT_SECONDS)  # an event's timed wait never ends under faketime, which the stories run in
