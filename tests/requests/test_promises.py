"""What is promised and by when: over holidays, while a question waits, for wishes and formal requests."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.core.errors import InvalidValue
from dialogue.requests.models import DataRequest
from dialogue.requests.operations.planning import ask_requester, check_next_date, note_answer_from_asker
from dialogue.requests.operations.routing import reclassify_request
from dialogue.requests.promises import (
    SILENCE,
    Patience,
    Step,
    Turn,
    after_pause,
    agreed,
    answer_by,
    days_left,
    is_overdue,
    latest_next_word,
    next_step,
    patience,
    promised_on,
    voters_may_confirm,
    whose_turn,
)
from dialogue.requests.queries.promises import overdue
from dialogue.requests.rules import LIVE, EventKind, Kind, Status, WaitingOn, Works
from tests.factories import Factory

TODAY = date(2026, 11, 23)
BEFORE, AFTER = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


@dataclass
class Fake:
    """As much of a request as the promises read."""

    status: Status = Status.ASSESSING
    kind: Kind = Kind.WISH
    waiting_on: WaitingOn | None = None
    unit_id: int | None = 1
    next_on: date | None = AFTER
    due_on: date | None = None
    asked_on: date | None = None


@pytest.mark.parametrize(
    ("fake", "promised"),
    [
        (Fake(), AFTER),
        (Fake(next_on=None), None),
        (Fake(status=Status.CLOSED), None),
        (Fake(status=Status.PUBLISHED), None),
        (Fake(status=Status.DRAFT), None),
        (Fake(waiting_on=WaitingOn.REQUESTER), None),  # a wish pauses
        (Fake(kind=Kind.FORMAL, due_on=BEFORE), BEFORE),  # the law's date counts
        (Fake(kind=Kind.FORMAL, due_on=AFTER, next_on=BEFORE), BEFORE),  # and so does the municipality's own
        (Fake(kind=Kind.FORMAL, due_on=AFTER, next_on=None), AFTER),
        (Fake(kind=Kind.FORMAL, due_on=AFTER, waiting_on=WaitingOn.REQUESTER), AFTER),  # a formal clock never pauses
    ],
)
def test_the_date_that_runs(fake: Fake, promised: date | None) -> None:
    assert promised_on(fake) == promised
    assert is_overdue(fake, TODAY) == (promised == BEFORE)


@pytest.mark.parametrize(
    ("fake", "turn", "step"),
    [
        (Fake(status=Status.CLOSED), Turn.NOBODY, Step.NOTHING),
        (Fake(unit_id=None), Turn.COORDINATOR, Step.ASSIGN),
        (Fake(waiting_on=WaitingOn.REQUESTER), Turn.REQUESTER, Step.AWAIT_REQUESTER),
        (Fake(status=Status.RECEIVED), Turn.UNIT, Step.GIVE_FIRST_ANSWER),
        (Fake(), Turn.UNIT, Step.GIVE_UPDATE),
        (Fake(next_on=BEFORE), Turn.UNIT, Step.GIVE_LATE_UPDATE),
        (Fake(kind=Kind.FORMAL), Turn.UNIT, Step.DECIDE),
        (Fake(status=Status.PLANNED), Turn.UNIT, Step.PUBLISH),
        (Fake(status=Status.PLANNED, next_on=BEFORE), Turn.UNIT, Step.PUBLISH_OR_MOVE),
    ],
)
def test_whose_turn_it_is_and_what_to_do(fake: Fake, turn: Turn, step: Step) -> None:
    assert whose_turn(fake) is turn
    assert next_step(fake, TODAY) is step


@pytest.mark.parametrize(
    ("today", "next_on", "left"),
    [
        (date(2026, 6, 18), date(2026, 6, 22), 1),  # Midsummer's Eve and the weekend are no working days
        (date(2026, 12, 23), date(2026, 12, 28), 1),  # Christmas
        (date(2026, 12, 30), date(2027, 1, 4), 1),  # New Year
        (date(2026, 6, 22), date(2026, 6, 18), -1),
        (date(2026, 6, 18), date(2026, 6, 18), 0),
    ],
)
def test_days_left_are_working_days(today: date, next_on: date, left: int) -> None:
    assert days_left(Fake(next_on=next_on), today) == left
    assert days_left(Fake(next_on=None), today) is None


def test_the_next_word_comes_within_the_promise_or_the_law() -> None:
    assert latest_next_word(Fake(), date(2026, 12, 21), 5) == date(2026, 12, 30)
    formal = Fake(kind=Kind.FORMAL, due_on=AFTER)
    assert latest_next_word(formal, TODAY, 20) == AFTER
    assert latest_next_word(formal, AFTER, 20) == AFTER
    assert latest_next_word(formal, AFTER + timedelta(days=1), 1) > AFTER  # late already: an honest date is better


def test_a_pause_is_given_back_in_working_days() -> None:
    assert after_pause(date(2026, 12, 22), date(2026, 12, 21), date(2026, 12, 28)) == date(2026, 12, 29)
    assert after_pause(date(2026, 12, 26), date(2026, 12, 21), date(2026, 12, 21)) == date(2026, 12, 26)


def test_lists_count_as_overdue_what_pages_show_as_overdue(session: Session, make: Factory) -> None:
    days = (None, BEFORE, TODAY, AFTER)
    for status, kind, waiting, next_on, due_on in product(Status, Kind, (None, WaitingOn.REQUESTER), days, days):
        if status in LIVE:
            if kind is Kind.FORMAL and due_on is None:
                continue  # the tables do not allow it
            make.request(status, kind=kind, waiting_on=waiting, next_on=next_on, due_on=due_on)
    listed = set(session.scalars(select(DataRequest.id).where(overdue(TODAY))))
    others = set(session.scalars(select(DataRequest.id).where(~overdue(TODAY))))
    shown = {row.id for row in session.scalars(select(DataRequest)) if is_overdue(row, TODAY)}
    assert listed == shown
    assert listed
    assert len(listed) + len(others) == len(session.scalars(select(DataRequest.id)).all())


@pytest.mark.parametrize(
    ("promised", "last_day"),
    [
        (date(2026, 6, 18), date(2026, 6, 18)),  # the day before Midsummer's Eve
        (date(2026, 12, 23), date(2026, 12, 23)),  # the day before Christmas Eve
    ],
)
def test_a_promise_is_late_on_the_next_calendar_day(
    promised: date, last_day: date, session: Session, make: Factory
) -> None:
    make.request(Status.ASSESSING, next_on=promised)
    for day, late in ((last_day, False), (last_day + timedelta(days=1), True)):
        assert bool(session.scalars(select(DataRequest).where(overdue(day))).all()) is late


def ask(session: Session, make: Factory, data_request: DataRequest, **more: Any) -> None:
    viewer = make.viewer(make.official(data_request.unit))
    ask_requester(session, viewer, data_request, version=data_request.version, message_id=1, **more)


def asked(make: Factory, **more: Any) -> DataRequest:
    return make.request(Status.ASSESSING, unit=make.unit(), asker=make.person(), **more)


def test_a_wish_waits_over_christmas_for_its_asker(session: Session, make: Factory) -> None:
    with time_machine.travel("2026-12-21T09:00+01:00", tick=False):
        data_request = asked(make, next_on=date(2026, 12, 22))
        ask(session, make, data_request)
        stranger, asker = make.viewer(make.person()), make.viewer(data_request.asker)  # type: ignore[arg-type]
    assert data_request.waiting_since_on == date(2026, 12, 21)
    with time_machine.travel("2026-12-28T09:00+01:00", tick=False):
        assert not is_overdue(data_request, date(2026, 12, 28))
        assert note_answer_from_asker(session, stranger, data_request, 2) is None
        event = note_answer_from_asker(session, asker, data_request, 2)
    assert event is not None
    assert event.kind is EventKind.QUESTION_ANSWERED
    assert event.old == {"waiting_on": "requester", "next_on": "2026-12-22"}
    # 22, 23 and 28 December are the working days that passed; 28 + 22 December's one day left.
    assert event.new == {"waiting_on": None, "next_on": "2026-12-29"}
    assert data_request.waiting_on is None
    assert note_answer_from_asker(session, asker, data_request, 3) is None


def test_a_formal_clock_runs_on_while_a_question_waits(session: Session, make: Factory) -> None:
    data_request = asked(make, kind=Kind.FORMAL, next_on=AFTER, due_on=AFTER)
    ask(session, make, data_request)
    assert is_overdue(data_request, AFTER + timedelta(days=1))
    assert note_answer_from_asker(session, make.viewer(data_request.asker), data_request, 2)  # type: ignore[arg-type]
    assert data_request.next_on == data_request.due_on == AFTER


def test_a_question_may_set_a_new_date_and_must_when_there_is_none(session: Session, make: Factory) -> None:
    data_request = asked(make)
    ask(session, make, data_request, next_on=make.workday(3))
    assert data_request.next_on == make.workday(3)
    data_request = asked(make, next_on=None)
    with pytest.raises(InvalidValue, match="no date"):
        ask(session, make, data_request)


def test_a_second_question_does_not_begin_the_pause_anew(session: Session, make: Factory) -> None:
    with time_machine.travel("2026-11-16T09:00+01:00", tick=False):
        data_request = asked(make)
        ask(session, make, data_request)
        session.commit()
    with time_machine.travel("2026-11-18T09:00+01:00", tick=False):
        ask(session, make, data_request)
    assert data_request.waiting_since_on == date(2026, 11, 16)


@time_machine.travel("2026-11-23T23:30+00:00", tick=False)  # 24 November in Sweden
@pytest.mark.parametrize(
    ("status", "typed", "is_fine"),
    [
        (Status.ASSESSING, date(2026, 11, 23), False),
        (Status.ASSESSING, date(2026, 11, 24), True),
        (Status.ASSESSING, date(2026, 11, 29), True),  # a Sunday is allowed, only not suggested
        (Status.ASSESSING, date(2026, 12, 22), True),  # 20 working days ahead
        (Status.ASSESSING, date(2026, 12, 23), False),
        (Status.PLANNED, date(2027, 5, 1), True),  # publications may be further away
        (Status.PLANNED, date(2028, 11, 23), True),
        (Status.PLANNED, date(2028, 11, 24), False),
        (Status.PLANNED, date(9999, 12, 31), False),
    ],
)
def test_dates_have_a_reach(status: Status, typed: date, is_fine: bool, session: Session, make: Factory) -> None:
    data_request = make.request(status)
    if is_fine:
        assert check_next_date(data_request, typed) == typed
    else:
        with pytest.raises(InvalidValue) as refused:
            check_next_date(data_request, typed)
        assert refused.value.field == "next_on"


@time_machine.travel("2026-11-23T10:00+01:00", tick=False)
def test_a_reclassified_request_is_due_from_its_receipt(session: Session, make: Factory) -> None:
    unit = make.unit()
    viewer = make.viewer(make.official(unit))
    with time_machine.travel("2026-10-31T23:30+01:00", tick=False):
        data_request = make.request(Status.ASSESSING, unit=unit, next_on=date(2026, 12, 10))

    def classify(kind: Kind) -> None:
        reclassify_request(session, viewer, data_request, version=data_request.version, kind=kind, reason="Fel slag.")
        session.commit()

    data_request.waiting_on, data_request.waiting_since_on = WaitingOn.REQUESTER, date(2026, 11, 2)
    session.commit()
    classify(Kind.FORMAL)
    assert data_request.due_on == date(2026, 11, 28)
    assert data_request.next_on == date(2026, 11, 28)
    assert data_request.waiting_since_on == TODAY
    with pytest.raises(InvalidValue, match="already"):
        classify(Kind.FORMAL)
    session.rollback()
    classify(Kind.WISH)
    assert data_request.due_on is None
    assert data_request.next_on == date(2026, 11, 28)
    data_request.next_on = None
    session.commit()
    classify(Kind.FORMAL)
    assert data_request.next_on == data_request.due_on
    classify(Kind.WISH)
    data_request.next_on, data_request.kind = None, Kind.FORMAL
    data_request.due_on = TODAY
    session.commit()
    classify(Kind.WISH)
    assert data_request.next_on == make.workday(5)


def ago(days: int | None) -> date | None:
    return None if days is None else TODAY - timedelta(days=days)


@pytest.mark.parametrize(
    ("asked", "reminded", "kind", "due"),
    [
        (None, None, Kind.WISH, None),  # nothing was asked
        (0, None, Kind.WISH, None),
        (13, None, Kind.WISH, None),
        (14, None, Kind.WISH, Patience.REMIND),
        (14, 0, Kind.WISH, None),  # done today
        (24, 10, Kind.WISH, None),
        (24, None, Kind.WISH, Patience.REMIND),  # nothing ran for ten days
        (25, 11, Kind.WISH, Patience.REMIND),
        (25, 0, Kind.WISH, None),
        (29, 4, Kind.WISH, None),
        (30, 5, Kind.WISH, Patience.GIVE_UP),
        (30, 4, Kind.WISH, None),  # the last reminder came a day late, so the end does
        (31, 5, Kind.WISH, Patience.GIVE_UP),
        (60, None, Kind.WISH, Patience.REMIND),  # nothing ran for months: a reminder first
        (60, 40, Kind.WISH, Patience.REMIND),
        (65, 4, Kind.WISH, None),
        (65, 5, Kind.WISH, Patience.GIVE_UP),
        (14, None, Kind.FORMAL, Patience.REMIND),
        (60, 5, Kind.FORMAL, None),  # it is decided within its time limit
    ],
)
def test_how_long_a_question_is_waited_for(
    asked: int | None, reminded: int | None, kind: Kind, due: Patience | None
) -> None:
    fake = Fake(waiting_on=WaitingOn.REQUESTER if asked is not None else None, kind=kind, asked_on=ago(asked))
    assert patience(fake, ago(reminded), TODAY) == due


@pytest.mark.parametrize(
    ("asked", "reminded", "kind", "by"),
    [
        (0, None, Kind.WISH, TODAY + timedelta(days=30)),
        (20, 6, Kind.WISH, TODAY + timedelta(days=10)),  # the first reminder moves nothing
        (28, 0, Kind.WISH, TODAY + timedelta(days=5)),  # a late last one does
        (5, None, Kind.FORMAL, None),
        (None, None, Kind.WISH, None),
    ],
)
def test_until_when_a_question_is_waited_for(
    asked: int | None, reminded: int | None, kind: Kind, by: date | None
) -> None:
    fake = Fake(waiting_on=WaitingOn.REQUESTER if asked is not None else None, kind=kind, asked_on=ago(asked))
    assert answer_by(fake, ago(reminded)) == by


PUBLISHED = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("published_at", "works", "at", "may"),
    [
        (None, None, PUBLISHED, False),  # not published
        (PUBLISHED, None, PUBLISHED, False),
        (PUBLISHED, None, PUBLISHED + SILENCE - timedelta(seconds=1), False),
        (PUBLISHED, None, PUBLISHED + SILENCE, True),
        (PUBLISHED, Works.NO, PUBLISHED + SILENCE, False),  # somebody has said it
    ],
)
def test_voters_may_speak_when_nobody_has_for_thirty_days(
    published_at: datetime | None, works: Works | None, at: datetime, may: bool
) -> None:
    assert voters_may_confirm(published_at, works, at) is may


@pytest.mark.parametrize(
    ("said", "counts"),
    [
        ("", None),
        ("yy", None),
        ("yyy", Works.YES),
        ("yyn", Works.YES),
        ("ypn", Works.NO),  # of equally many, the less happy
        ("yypp", Works.PARTLY),
        ("ppn", Works.PARTLY),
    ],
)
def test_three_voices_count_as_much_as_the_asker(said: str, counts: Works | None) -> None:
    letters = {"y": Works.YES, "p": Works.PARTLY, "n": Works.NO}
    assert agreed(letters[letter] for letter in said) is counts
