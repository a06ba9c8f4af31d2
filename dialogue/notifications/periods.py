"""The periods that digests cover. Each begins at a time of the wall clock in the municipality's own zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dialogue.notifications.rules import Cadence


@dataclass(frozen=True)
class Period:
    """One period: its digest is due from its beginning, and tells what happened before."""

    key: str
    first_on: date
    starts_at: datetime


def newest_period(cadence: Cadence, at: datetime, zone: str, starts: time) -> Period:
    """The period of `cadence` (daily, weekly or monthly) that `at` lies in. Only its digest is built, however many
    were missed."""
    day = digest_day(at, zone, starts)
    match cadence:
        case Cadence.WEEKLY:
            first = day - timedelta(days=day.weekday())
            year, week, _ = first.isocalendar()
            key = f"{cadence}:{year}-W{week:02}"
        case Cadence.MONTHLY:
            first = day.replace(day=1)
            key = f"{cadence}:{first:%Y-%m}"
        case _:
            first = day
            key = f"{cadence}:{day.isoformat()}"
    return Period(key, first, starts_on(first, zone, starts))


def digest_day(at: datetime, zone: str, starts: time) -> date:
    """The day whose digest is the newest one due at the moment `at`."""
    day = at.astimezone(ZoneInfo(zone)).date()
    return day if at >= starts_on(day, zone, starts) else day - timedelta(days=1)


def starts_on(day: date, zone: str, starts: time) -> datetime:
    """The moment at which the digests of `day` are due.

    Days are told apart by this one moment, not by what the wall clock shows: on the night that the clocks go back it
    shows half past two twice, and when they go forward never. Then it is the first of the two, or an hour later.
    """
    return datetime.combine(day, starts, ZoneInfo(zone)).astimezone(UTC)
