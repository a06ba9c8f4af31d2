"""Verbs that say when the next word comes. Each follows an official answer that is already written (`message_id`)."""

from datetime import date
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from dialogue.accounts.policy import SYSTEM, Viewer
from dialogue.core import clock
from dialogue.core.clock import now
from dialogue.core.errors import InvalidValue
from dialogue.core.language import N_
from dialogue.requests.models import DataRequest, RequestEvent
from dialogue.requests.operations.moves import carry_out, guard, record
from dialogue.requests.promises import PLAN_HORIZON, after_pause, latest_next_word
from dialogue.requests.rules import EventKind, Kind, Status, WaitingOn


def assess_request(
    session: Session, viewer: Viewer, data_request: DataRequest, *, version: int | None, message_id: int, next_on: date
) -> RequestEvent:
    """The first answer is given, and the next word comes by `next_on`. Raises InvalidValue for a date out of reach."""
    action = guard(viewer, data_request, "assess", version)
    changes = {"next_on": check_next_word(data_request, next_on)}
    return carry_out(session, viewer, data_request, action, changes, message_id=message_id)


def plan_request(
    session: Session, viewer: Viewer, data_request: DataRequest, *, version: int | None, message_id: int, next_on: date
) -> RequestEvent:
    """The data is to be published by `next_on`. Raises InvalidValue for a date that has passed or lies too far off."""
    action = guard(viewer, data_request, "plan", version)
    changes = {"next_on": check_publication(data_request, next_on)}
    return carry_out(session, viewer, data_request, action, changes, message_id=message_id)


def move_date(
    session: Session, viewer: Viewer, data_request: DataRequest, *, version: int | None, message_id: int, next_on: date
) -> RequestEvent:
    """The promised date becomes `next_on`, for the reason given in the answer. Every move is counted and shown."""
    action = guard(viewer, data_request, "move_date", version)
    if next_on == data_request.next_on:
        raise InvalidValue("next_on", N_("That is the date it has already. Choose another one."))
    changes: dict[str, Any] = {
        "next_on": check_next_date(data_request, next_on),
        "moves_count": data_request.moves_count + 1,
    }
    if data_request.waiting_on:
        # The new date was chosen knowing of the pause so far.
        data_request.waiting_since_on = today_of(data_request)
    return carry_out(session, viewer, data_request, action, changes, message_id=message_id)


def ask_requester(
    session: Session,
    viewer: Viewer,
    data_request: DataRequest,
    *,
    version: int | None,
    message_id: int,
    next_on: date | None = None,
) -> RequestEvent:
    """The asker has a question to answer. A wish's promise pauses meanwhile; a formal request's clock never does."""
    action = guard(viewer, data_request, "ask", version)
    changes: dict[str, Any] = {"waiting_on": WaitingOn.REQUESTER}
    if next_on is not None:
        changes["next_on"] = check_next_date(data_request, next_on)
    elif data_request.next_on is None:
        raise InvalidValue("next_on", N_("Say when the next word comes: the request has no date yet."))
    today = today_of(data_request)
    if not data_request.waiting_on or next_on is not None:
        data_request.waiting_since_on = today
    data_request.asked_on, data_request.reminded_at = today, None
    return carry_out(session, viewer, data_request, action, changes, message_id=message_id)


def note_answer_from_asker(
    session: Session, viewer: Viewer, data_request: DataRequest, message_id: int
) -> RequestEvent | None:
    """Note that the asker wrote `message_id`. When a question waited for that, it is the municipality's turn again.

    A wish's date moves forward by the working days that it waited. None when nothing waited, or somebody else wrote.
    """
    if data_request.waiting_on is None or viewer.person_id is None or viewer.person_id != data_request.asker_id:
        return None
    return _stop_waiting(session, viewer, data_request, EventKind.QUESTION_ANSWERED, message_id)


def go_on_without_answer(session: Session, data_request: DataRequest) -> RequestEvent:
    """Nobody answered in time, and others wait for the data too: it is the municipality's turn again."""
    return _stop_waiting(session, SYSTEM, data_request, EventKind.QUESTION_LAPSED, None)


def note_reminder(session: Session, data_request: DataRequest) -> None:
    """Note that the asker is reminded of the question. `version` stays: no open form gets stale by it."""
    table, at = DataRequest.__table__, now()
    session.execute(update(table).where(table.c.id == data_request.id).values(reminded_at=at))  # type: ignore[arg-type]
    set_committed_value(data_request, "reminded_at", at)


def _stop_waiting(
    session: Session, viewer: Viewer, data_request: DataRequest, kind: EventKind, message_id: int | None
) -> RequestEvent:
    old_next_on, since = data_request.next_on, data_request.waiting_since_on
    data_request.waiting_on = data_request.waiting_since_on = data_request.asked_on = None
    if data_request.kind is Kind.WISH and old_next_on and since:
        data_request.next_on = after_pause(old_next_on, since, today_of(data_request))
    old: dict[str, Any] = {"waiting_on": WaitingOn.REQUESTER}
    new: dict[str, Any] = {"waiting_on": None}
    if data_request.next_on != old_next_on:
        old, new = old | {"next_on": old_next_on}, new | {"next_on": data_request.next_on}
    return record(session, viewer, data_request, kind, old=old, new=new, message_id=message_id)


def check_next_date(data_request: DataRequest, next_on: date) -> date:
    """`next_on`, when the request may promise it from where it stands. Raises InvalidValue."""
    if data_request.status is Status.PLANNED:
        return check_publication(data_request, next_on)
    return check_next_word(data_request, next_on)


def check_next_word(data_request: DataRequest, next_on: date) -> date:
    """`next_on`, when it is a day on which the next word may be promised. Raises InvalidValue."""
    today = today_of(data_request)
    last = latest_next_word(data_request, today, data_request.municipality.next_word_days)
    return _between(next_on, today, last)


def check_publication(data_request: DataRequest, next_on: date) -> date:
    """`next_on`, when it is a day by which data may be promised. Raises InvalidValue."""
    today = today_of(data_request)
    return _between(next_on, today, today + PLAN_HORIZON)


def today_of(data_request: DataRequest) -> date:
    """The calendar day it is in the municipality of `data_request`."""
    return clock.today(data_request.municipality.zone)


def _between(day: date, first: date, last: date) -> date:
    if day < first:
        raise InvalidValue("next_on", N_("That day has passed. Choose today or a later day."))
    if day > last:
        raise InvalidValue("next_on", N_("Choose %(day)s or an earlier day."), day=last)
    return day
