"""Load on loopback: a few connections that ask one after the other for a bounded time, on plain sockets."""

import itertools
import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.bench.serving import Server, exchange

CONNECTIONS = 8


@dataclass
class Load:
    """Requests to send round and round to a server, and what they took so far."""

    server: Server
    requests: Sequence[bytes]
    times: list[float] = field(default_factory=list)
    #: Requests a second, of each turn.
    rates: list[float] = field(default_factory=list)
    errors: int = 0
    seconds_of_work: float = 0

    def __post_init__(self) -> None:
        self._turn = itertools.cycle(self.requests)
        self._lock = threading.Lock()

    def ask(self, seconds: float) -> None:
        """Ask on CONNECTIONS connections for `seconds`, going on where the turn before ended."""
        before, work_before, began = len(self.times), self.server.seconds_of_work(), time.perf_counter()
        threads = [threading.Thread(target=self._ask_until, args=(began + seconds,)) for _ in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.rates.append((len(self.times) - before) / (time.perf_counter() - began))
        self.seconds_of_work += self.server.seconds_of_work() - work_before

    def forget(self) -> None:
        """Start over: what came before was to warm up."""
        self.times, self.rates, self.errors, self.seconds_of_work = [], [], 0, 0

    @property
    def per_second(self) -> float:
        """Requests a second, in the middle one of its turns."""
        return statistics.median(self.rates)

    @property
    def median_ms(self) -> float:
        """The median of the times, in milliseconds."""
        return statistics.median(self.times) * 1000

    @property
    def p95_ms(self) -> float:
        """The 95th percentile of the times, in milliseconds."""
        return sorted(self.times)[int(len(self.times) * 0.95)] * 1000

    @property
    def work_ms(self) -> float:
        """Processor time of the server for one request, in milliseconds."""
        return self.seconds_of_work / len(self.times) * 1000

    def _ask_until(self, ends_at: float) -> None:
        while time.perf_counter() < ends_at:
            with self._lock:
                payload = next(self._turn)
            began = time.perf_counter()
            status = exchange(self.server.port, payload)
            took = time.perf_counter() - began
            with self._lock:
                self.times.append(took)
                self.errors += not 200 <= status < 400


def median_ratio(load: Load, other: Load) -> float:
    """What part of the other's rate `load` reached. They took turns, so each turn is compared with its neighbour."""
    return statistics.median(mine / theirs for mine, theirs in zip(load.rates, other.rates, strict=True))


def get(path: str, headers: str = "") -> bytes:
    """A GET of `path`."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{headers}\r\n".encode()


def post(path: str, body: str, cookie: str) -> bytes:
    """A POST of an encoded form to `path`."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nCookie: {cookie}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body.encode())}\r\n\r\n"
    )
    return head.encode() + body.encode()
