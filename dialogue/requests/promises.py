"""What the municipality has promised and by when: read from the dates of a request, never stored.

A wish runs on the municipality's own promise, which pauses while the asker has a question to answer. A formal request
runs on the law's due date too, and that never pauses: lag (2022:818) 5 kap. 1 §.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from dialogue.core.workdays import add_workdays, workdays_between
from dialogue.requests.rules import LIVE, Extent, Kind, Outcome, Status, WaitingOn, Works

#: How far ahead a publication may be planned, and a refusal be looked at again.
PLAN_HORIZON = timedelta(days=2 * 365)
REVIEW_HORIZON = timedelta(days=5 * 365)

#: Working days by which a date is put off, when nothing else is said.
MORE_TIME_DAYS = 10


#: The asker is reminded of a question after so many days, and not waited for longer than so many. Nobody is given up on
#: without having been reminded late enough, and so many days before.
REMIND_AFTER = (timedelta(days=14), timedelta(days=25))
WAIT_FOR = timedelta(days=30)
LAST_CALL = timedelta(days=5)


#: So long after publication those who voted may say whether the data works, when the asker has not; so many of them
#: count as much as the asker.
SILENCE = timedelta(days=30)
VOICES_FOR_ASKER = 3


class Promised(Protocol):
    """What this file reads of a request."""

    @property
    def kind(self) -> Kind: ...
    @property
    def status(self) -> Status: ...
    @property
    def waiting_on(self) -> WaitingOn | None: ...
    @property
    def next_on(self) -> date | None: ...
    @property
    def due_on(self) -> date | None: ...


class Worked(Promised, Protocol):
    """What it reads to tell whose turn it is."""

    @property
    def unit_id(self) -> int | None: ...


class Described(Promised, Protocol):
    """What the words for a state are made from: a request, or a row of a list."""

    @property
    def outcome(self) -> Outcome | None: ...
    @property
    def extent(self) -> Extent | None: ...


class Asked(Protocol):
    """What it reads to tell how long a question has waited."""

    @property
    def kind(self) -> Kind: ...
    @property
    def waiting_on(self) -> WaitingOn | None: ...
    @property
    def asked_on(self) -> date | None: ...


class Patience(StrEnum):
    """What is due with a question that nobody has answered."""

    REMIND = "remind"
    GIVE_UP = "give_up"


class Turn(StrEnum):
    """Who must do something next."""

    REQUESTER = "requester"
    UNIT = "unit"
    COORDINATOR = "coordinator"
    NOBODY = "nobody"


class Step(StrEnum):
    """What is to be done next with a request."""

    ASSIGN = "assign"
    GIVE_FIRST_ANSWER = "give_first_answer"
    GIVE_UPDATE = "give_update"
    GIVE_LATE_UPDATE = "give_late_update"
    DECIDE = "decide"
    PUBLISH = "publish"
    PUBLISH_OR_MOVE = "publish_or_move"
    AWAIT_REQUESTER = "await_requester"
    NOTHING = "nothing"


def promised_on(data_request: Promised) -> date | None:
    """The date that runs now; None when none does (ended, or a wish that waits for its asker)."""
    if data_request.status not in LIVE:
        return None
    if data_request.kind is Kind.FORMAL:
        return min((day for day in (data_request.next_on, data_request.due_on) if day), default=None)
    return None if data_request.waiting_on else data_request.next_on


def is_overdue(data_request: Promised, today: date) -> bool:
    """Whether the date that runs has passed. `today` is the municipality's own day."""
    promised = promised_on(data_request)
    return promised is not None and promised < today


def days_left(data_request: Promised, today: date) -> int | None:
    """Working days from `today` to the date that runs; negative when late, None when no date runs."""
    promised = promised_on(data_request)
    return None if promised is None else workdays_between(today, promised)


def whose_turn(data_request: Worked) -> Turn:
    """Who must act next."""
    if data_request.status not in LIVE:
        return Turn.NOBODY
    if data_request.unit_id is None:
        return Turn.COORDINATOR
    return Turn.REQUESTER if data_request.waiting_on else Turn.UNIT


def next_step(data_request: Worked, today: date) -> Step:
    """What that somebody must do."""
    match whose_turn(data_request):
        case Turn.NOBODY:
            return Step.NOTHING
        case Turn.COORDINATOR:
            return Step.ASSIGN
        case Turn.REQUESTER:
            return Step.AWAIT_REQUESTER
    late = is_overdue(data_request, today)
    if data_request.status is Status.PLANNED:
        return Step.PUBLISH_OR_MOVE if late else Step.PUBLISH
    if data_request.status is Status.RECEIVED:
        return Step.GIVE_FIRST_ANSWER
    if data_request.kind is Kind.FORMAL:
        return Step.DECIDE
    return Step.GIVE_LATE_UPDATE if late else Step.GIVE_UPDATE


def latest_next_word(data_request: Promised, today: date, next_word_days: int) -> date:
    """The last day that may be promised for the next word.

    A wish: `next_word_days` working days from `today`. A formal request: its due date, or as for a wish once that has
    passed, so that a late one can still be given an honest date.
    """
    if data_request.kind is Kind.FORMAL and data_request.due_on is not None and data_request.due_on >= today:
        return data_request.due_on
    return add_workdays(today, next_word_days)


def after_pause(next_on: date, paused_since: date, today: date) -> date:
    """Where a promised date lands when a pause ends: later by as many working days as the pause took."""
    paused = workdays_between(paused_since, today)
    return add_workdays(next_on, paused) if paused > 0 else next_on


def suggest_later(data_request: Promised, today: date, next_word_days: int) -> date | None:
    """A later date for somebody who needs more time: two weeks on, or as late as may be promised. None when the date
    cannot be put off."""
    running = max(data_request.next_on or today, today)
    later = add_workdays(running, MORE_TIME_DAYS)
    if data_request.status is not Status.PLANNED:
        later = min(later, latest_next_word(data_request, today, next_word_days))
    return later if later > running else None


def patience(data_request: Asked, reminded_on: date | None, today: date) -> Patience | None:
    """What is due with the open question; `reminded_on`: when its asker was last reminded. None while nothing is.

    What was missed is caught up with: of two reminders the later one counts. A formal request is decided within its
    time limit, answer or not, so it is not given up.
    """
    asked_on = data_request.asked_on
    if data_request.waiting_on is None or asked_on is None:
        return None
    reached = [asked_on + after for after in REMIND_AFTER if today >= asked_on + after]
    if reached and (reminded_on is None or reminded_on < reached[-1]):
        return Patience.REMIND
    waits_until = answer_by(data_request, reminded_on)
    is_warned = len(reached) == len(REMIND_AFTER)
    return Patience.GIVE_UP if is_warned and waits_until is not None and today >= waits_until else None


def answer_by(data_request: Asked, reminded_on: date | None) -> date | None:
    """The day on which the open question is given up; None when none is open, or it never is."""
    asked_on = data_request.asked_on
    if data_request.waiting_on is None or asked_on is None or data_request.kind is Kind.FORMAL:
        return None
    last_reminder_on = asked_on + REMIND_AFTER[-1]
    warned_on = reminded_on if reminded_on is not None and reminded_on >= last_reminder_on else last_reminder_on
    return max(asked_on + WAIT_FOR, warned_on + LAST_CALL)


def voters_may_confirm(published_at: datetime | None, works: Works | None, at: datetime) -> bool:
    """Whether those who voted may say if the data works: nobody has, for long after publication."""
    return works is None and published_at is not None and at >= published_at + SILENCE


def agreed(said: Iterable[Works]) -> Works | None:
    """What enough voices say of the data: most of them, and of equally many the less happy. None while they are few."""
    counted = Counter(said)
    if counted.total() < VOICES_FOR_ASKER:
        return None
    return max((Works.NO, Works.PARTLY, Works.YES), key=lambda works: counted[works])
