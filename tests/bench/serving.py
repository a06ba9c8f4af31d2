"""Servers of their own process: gunicorn with two plain workers, and what it costs them."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import click

_TICKS = os.sysconf("SC_CLK_TCK")


class Server(NamedTuple):
    """Where it listens, and its worker processes."""

    port: int
    workers: list[int]

    def seconds_of_work(self) -> float:
        """Processor time that its workers have used so far."""
        return sum(map(_seconds_of_work, self.workers))

    def largest_process(self) -> float:
        """Resident memory of its largest worker, in MB."""
        return max(map(_resident, self.workers)) / 1024


@contextmanager
def served(command: str, port: int, settings: Mapping[str, str]) -> Iterator[Server]:
    """Run the Python `command` that serves on `port`, with `settings` in its environment, until the block ends."""
    environ = os.environ | {"HOST": "127.0.0.1", "PORT": str(port)} | settings
    server = subprocess.Popen([sys.executable, "-c", command, "serve"], env=environ)
    try:
        yield Server(port, _wait_for_workers(server.pid, port))
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


def exchange(port: int, payload: bytes) -> int:
    """Send one request and read its whole answer; its status, 0 when there was none."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall(payload)
            head = b"".join(_read(connection))[:20]
    except OSError:
        return 0
    return int(head[9:12]) if head.startswith(b"HTTP/1.") else 0


def _read(connection: socket.socket) -> Iterator[bytes]:
    while block := connection.recv(65_536):
        yield block


def _wait_for_workers(arbiter: int, port: int) -> list[int]:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        workers = _children(arbiter)
        if len(workers) >= 2 and exchange(port, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"):
            return workers
        time.sleep(0.1)
    raise click.ClickException("a server did not start")


def _children(process: int) -> list[int]:
    listed = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    return [int(child) for child in listed.split()]


def _seconds_of_work(process: int) -> float:
    # After the name, which may hold anything but ends in the last bracket, user and system time are the 12th and 13th.
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _resident(process: int) -> int:
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
