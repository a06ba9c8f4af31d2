"""Serving the app: gunicorn inside our own process, with settings that suit one small machine."""

import gc
import signal
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication


class Server(BaseApplication):
    """gunicorn around an app that is made already. `run()` returns when it is told to stop."""

    def __init__(self, app: Flask, **options: Any) -> None:
        self.app = app
        self.options = options
        super().__init__()

    def load_config(self) -> None:
        """Take the options over."""
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The app, made before the workers are forked."""
        return self.app


def _begin(worker: Any) -> None:
    """What each process does before its first visitor comes."""
    # A terminal sends Ctrl-C to parent and child, and one told twice to quit waits for itself until it is killed.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Its queue takes half a second to load, and a connection must not be shared with the parent.
    worker.wsgi.extensions["dialogue.bell"].open()


def serve(app: Flask, host: str, port: int, *, workers: int, threads: int) -> None:
    """Serve `app` on `host`:`port` until SIGTERM or SIGINT; work in hand is finished first."""
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    # What is loaded by now stays: the children need not look through it for what has become garbage.
    gc.collect()
    gc.freeze()
    Server(
        app,
        bind=bind,
        workers=workers,
        threads=threads,
        worker_class="gthread" if threads > 1 else "sync",
        graceful_timeout=25,
        timeout=60,
        keepalive=5,
        loglevel="warning",
        control_socket_disable=True,
        post_worker_init=_begin,
    ).run()
