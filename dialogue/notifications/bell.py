"""The bell between web and worker, hung on Huey: a SQLite file beside the database, or Redis for several machines.

It carries no work. What is due stands in our own tables, so a wake-up that is lost costs a minute at most.
"""

import logging
import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Flask

if TYPE_CHECKING:
    from huey import Huey
    from huey.api import TaskWrapper

log = logging.getLogger(__name__)
logging.getLogger("huey").setLevel(logging.WARNING)

_NAME = "dialogue"


def make_engine(app: Flask, work: Callable[[], None]) -> "tuple[Huey, TaskWrapper]":
    """Huey on the queue of `app`, and its one task: `work`, when the bell is rung, at the start and each minute."""
    from huey import RedisHuey, SqliteHuey, crontab  # half a second: not at app start
    from huey.serializer import SignedSerializer

    # Signed, because Huey's messages are pickles and the queue may be on another machine.
    serializer = SignedSerializer(secret=app.config["SECRET_KEY"])
    address = app.config["QUEUE_URL"]
    if address:
        engine = RedisHuey(_NAME, url=address, results=False, serializer=serializer)
    else:
        app.config["VAR"].mkdir(parents=True, exist_ok=True)
        file = app.config["VAR"] / "queue.sqlite3"
        engine = SqliteHuey(_NAME, filename=str(file), results=False, serializer=serializer, fsync=False)

    # Named by where they are written, so both are written here: web and worker must know them by one name.
    def woken() -> None:
        work()

    def swept() -> None:
        work()

    engine.periodic_task(crontab(minute="*"))(swept)
    return engine, engine.task()(woken)


class Bell:
    """Wakes the worker of one app from any process and thread."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self._lock = threading.Lock()
        self._process = 0
        self._engine: Huey
        self._task: TaskWrapper

    def open(self) -> None:
        """Load the queue, once a process. A web process does it at its start, so that no visitor waits for it."""
        try:
            self._open()
        except Exception:
            log.warning("the queue cannot be opened, the worker will look for work by itself", exc_info=True)

    def ring(self) -> None:
        """Wake the worker. Best effort: when it fails, the worker finds the work by itself within a minute."""
        try:
            self._open()
            # A wake-up that hangs there unanswered will see what we have just committed; one is enough.
            if self._engine.pending_count() == 0:
                self._engine.enqueue(self._task.s())
        except Exception:
            log.warning("the worker could not be woken, it will look by itself within a minute", exc_info=True)

    def _open(self) -> None:
        # A web server forks after the app is made, and a connection must not be shared with a child.
        with self._lock:
            if self._process != os.getpid():
                self._engine, self._task = make_engine(self.app, lambda: None)
                self._process = os.getpid()
