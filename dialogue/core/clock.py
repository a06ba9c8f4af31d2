"""The one place that reads the clock. Times are UTC inside the house and local only where they are shown."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_replayed: ContextVar[datetime | None] = ContextVar("replayed", default=None)


def now() -> datetime:
    """The present moment as an aware UTC time; while history is replayed, the moment that is replayed."""
    return _replayed.get() or datetime.now(UTC)


@contextmanager
def as_of(moment: datetime) -> Iterator[None]:
    """Replay what happened at `moment` (aware): demo data and imports run the real operations with their own dates."""
    token = _replayed.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _replayed.reset(token)


def today(zone: str) -> date:
    """The calendar day it is now in `zone` (IANA name): promises are counted in the municipality's own days."""
    return local_day(now(), zone)


def local_day(at: datetime, zone: str) -> date:
    """The calendar day on which the moment `at` falls in `zone` (IANA name)."""
    return at.astimezone(ZoneInfo(zone)).date()


def local_time(at: datetime, zone: str) -> str:
    """The moment `at` as the wall clock of `zone` shows it: 2026-11-23 07:31."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
