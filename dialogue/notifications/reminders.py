"""When somebody is reminded of a request, and who: read from its dates on a working day.

A reminder is due, or it is not, whatever was sent before: a day on which nothing ran is caught up by the next one. Only
the newest is due, so a long stop is followed by one mail and not by all that were missed.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from dialogue.core.clock import local_day
from dialogue.core.workdays import workdays_between
from dialogue.requests.promises import Promised, promised_on


class Stage(StrEnum):
    """How far it has come, the most urgent first."""

    ESCALATED = "escalated"
    LATE = "late"
    TODAY = "today"
    SOON = "soon"
    #: It was assigned. The first of a day is told at once, by its event; the others the next morning, all in one mail.
    NEW = "new"
    #: Nobody has taken it, or who has is away and nobody stands in.
    UNCLAIMED = "unclaimed"


#: Working days: so long before its date a request is spoken of, so long after it the coordinator hears of it, and so
#: long may nobody have taken it.
SOON_DAYS = 3
ESCALATED_AFTER = 5
UNCLAIMED_AFTER = 2

#: Days: that a request was assigned is no news after that.
NEW_FOR = 7

#: Requests that one mail names. What is over is counted in one line.
MAX_LISTED = 20


class Waiting(Promised, Protocol):
    """What this file reads of a request."""

    @property
    def received_at(self) -> datetime | None: ...
    @property
    def assigned_at(self) -> datetime | None: ...
    @property
    def latest_answer_at(self) -> datetime | None: ...


def stage_of(data_request: Promised, day: date) -> Stage | None:
    """What the date that runs says on `day`; None while it is far off, or when none runs."""
    promised = promised_on(data_request)
    if promised is None:
        return None
    if promised < day:
        return Stage.ESCALATED if workdays_between(promised, day) >= ESCALATED_AFTER else Stage.LATE
    if promised == day:
        return Stage.TODAY
    return Stage.SOON if workdays_between(day, promised) <= SOON_DAYS else None


def came_at(data_request: Waiting) -> datetime | None:
    """When it came to where it stands now."""
    return data_request.assigned_at or data_request.received_at


def is_answered(data_request: Waiting) -> bool:
    """Whether the municipality has answered since it came to where it stands: then somebody is at it, taken or not."""
    came, answered = came_at(data_request), data_request.latest_answer_at
    return came is not None and answered is not None and answered >= came


def new_since(data_request: Waiting, zone: str, day: date, *, is_taken: bool) -> date | None:
    """The day on which it was assigned, as long as that is news on `day` and nobody is at it; else None."""
    if data_request.assigned_at is None or is_taken or is_answered(data_request) or data_request.waiting_on:
        return None
    assigned = local_day(data_request.assigned_at, zone)
    return assigned if (day - assigned).days <= NEW_FOR else None


def unclaimed_since(
    data_request: Waiting, zone: str, *, is_taken: bool, left_on: date | None, back_on: date | None
) -> date | None:
    """The day since when nobody is at it; None when somebody is, or need not be yet.

    `is_taken`: by an official who is here or has a stand-in. `left_on` and `back_on`: the official who has taken it is
    away from the one to the other, with nobody standing in; that matters when the date falls before they are back.
    """
    came = came_at(data_request)
    if is_taken or came is None:
        return None
    if left_on is not None and back_on is not None:
        promised = promised_on(data_request)
        return left_on if promised is not None and promised <= back_on else None
    return None if is_answered(data_request) or data_request.waiting_on else local_day(came, zone)


def is_alarm(since: date | None, day: date) -> bool:
    """Whether the coordinator must hear on `day` that nobody has been at it since `since`."""
    return since is not None and workdays_between(since, day) >= UNCLAIMED_AFTER


class WeekPart(StrEnum):
    """The parts of a Monday mail about one's work, in their order. A request stands in one of them."""

    ASSIGN = "assign"
    LATE = "late"
    ANSWER = "answer"
    UNCLAIMED = "unclaimed"


def part_of_week(
    data_request: Promised, day: date, *, has_unit: bool, assigns: bool, is_mine: bool, is_unclaimed: bool
) -> WeekPart | None:
    """Where a request stands in somebody's Monday mail, if at all.

    `assigns`: the reader hands requests out. `is_mine`: the reader answers it, or would. `is_unclaimed`: it is time
    that somebody took it.
    """
    if not has_unit:
        return WeekPart.ASSIGN if assigns else None
    promised = promised_on(data_request)
    if promised is not None and promised < day:
        return WeekPart.LATE if assigns or is_mine else None
    if is_mine and promised is not None and promised <= sunday_of(day):
        return WeekPart.ANSWER
    return WeekPart.UNCLAIMED if assigns and is_unclaimed else None


def sunday_of(day: date) -> date:
    """The last day of the week of `day`."""
    return day + timedelta(days=6 - day.weekday())
