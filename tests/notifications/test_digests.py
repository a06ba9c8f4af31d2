"""Digests: on time, once, nothing when empty, each item once ever."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Person
from dialogue.core.clock import now
from dialogue.mail.models import OutgoingEmail
from dialogue.mail.rules import MailState
from dialogue.notifications.contents import MAX_ITEMS, MAX_NEW, Happening, choose_items
from dialogue.notifications.digesting import Digester
from dialogue.notifications.models import Digest
from dialogue.notifications.operations.digests import plan_digests, write_digests
from dialogue.notifications.operations.following import follow, stop
from dialogue.notifications.periods import newest_period
from dialogue.notifications.queries.targets import Target, target_of
from dialogue.notifications.rules import Cadence, Scope
from dialogue.notifications.worker import Worker, drain
from dialogue.requests.models import DataRequest
from dialogue.requests.rules import EventKind, Status
from tests.emails.story import opened
from tests.factories import Factory
from tests.requests.acts import take

#: Thursday 19 November 2026, 10:00 in Stockholm; Monday half past seven is four days on.
THURSDAY = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 6, 31, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(THURSDAY, tick=False) as clock:
        yield clock


def reader(session: Session, make: Factory, data_request: DataRequest, cadence: Cadence = Cadence.WEEKLY) -> Person:
    person = make.person()
    follow(session, person, target_of(data_request), cadence, "wording")
    session.commit()
    return person


def plan(session: Session, make: Factory, data_request: DataRequest) -> None:
    take("plan", session, make, make.viewer(make.official(data_request.unit)), data_request)
    session.commit()


def digests(app: Flask, session: Session) -> list[OutgoingEmail]:
    session.commit()
    drain(app)
    session.expire_all()
    return list(session.scalars(select(OutgoingEmail).where(OutgoingEmail.template == "digest")))


def test_one_digest_on_monday_with_the_news_in_its_subject(
    app: Flask, make: Factory, session: Session, clock: time_machine.Traveller
) -> None:
    data_request = make.request(Status.ASSESSING, unit=make.unit("gata", name="Gata"), title="Lediga laddplatser")
    person = reader(session, make, data_request)
    plan(session, make, data_request)
    assert digests(app, session) == []
    clock.move_to(MONDAY - timedelta(minutes=2))
    assert digests(app, session) == []
    clock.move_to(MONDAY)
    (mail,) = digests(app, session)
    assert (mail.recipient, mail.state) == (person.email, MailState.SENT)
    shown = opened("digest", mail.sent_copy or "")
    assert shown.subject == "Vecka 47: svar, Lediga laddplatser"
    assert "Planerad: Lediga laddplatser" in shown.text
    assert "List-Unsubscribe-Post" in shown.message
    for later in (timedelta(0), timedelta(minutes=5), timedelta(days=7)):
        clock.move_to(MONDAY + later)
        assert len(digests(app, session)) == 1


def test_nothing_when_nothing_happened(
    app: Flask, make: Factory, session: Session, clock: time_machine.Traveller
) -> None:
    reader(session, make, make.request(unit=make.unit()))
    clock.move_to(MONDAY)
    assert digests(app, session) == []
    assert session.scalars(select(Digest.items)).all() == [0]


def test_fourteen_days_down_is_one_mail_that_says_so(
    app: Flask, make: Factory, session: Session, clock: time_machine.Traveller
) -> None:
    data_request = make.request(Status.ASSESSING, unit=make.unit())
    person = reader(session, make, data_request)
    plan(session, make, data_request)
    clock.move_to(MONDAY + timedelta(days=14, hours=3))
    (mail,) = digests(app, session)
    assert "sedan 19 november" in opened("digest", mail.sent_copy or "").text.replace("\xa0", " ")
    assert session.scalar(select(func.count()).where(Digest.person_id == person.id)) == 1


def test_each_item_once_however_the_cadence_changes(
    app: Flask, make: Factory, session: Session, clock: time_machine.Traveller
) -> None:
    data_request = make.request(Status.ASSESSING, unit=make.unit())
    person = reader(session, make, data_request, Cadence.DAILY)
    plan(session, make, data_request)
    clock.move_to(THURSDAY + timedelta(days=1))
    assert len(digests(app, session)) == 1
    follow(session, person, target_of(data_request), Cadence.WEEKLY, "wording")
    session.commit()
    clock.move_to(MONDAY + timedelta(days=1))
    assert len(digests(app, session)) == 1


def test_what_was_told_at_once_is_not_told_again(
    app: Flask, make: Factory, session: Session, clock: time_machine.Traveller
) -> None:
    data_request = make.request(Status.ASSESSING, unit=make.unit())
    person = reader(session, make, data_request, Cadence.INSTANT)
    place = make.the_municipality()
    everything = Target(Scope.EVERYTHING, place.id, place, place.name, place.name)
    follow(session, person, everything, Cadence.WEEKLY, "wording")
    plan(session, make, data_request)
    clock.move_to(MONDAY)
    assert digests(app, session) == []


def test_what_is_hidden_meanwhile_is_not_told(
    app: Flask, make: Factory, session: Session, clock: time_machine.Traveller
) -> None:
    data_request = make.request(Status.ASSESSING, unit=make.unit())
    reader(session, make, data_request)
    plan(session, make, data_request)
    data_request.hidden_at, data_request.hidden_reason = now(), "Namn."
    session.commit()
    clock.move_to(MONDAY)
    assert digests(app, session) == []


@pytest.mark.parametrize(
    ("cadence", "at", "key"),
    [
        (Cadence.WEEKLY, "2026-11-23T06:29:59+00:00", "weekly:2026-W47"),
        (Cadence.WEEKLY, "2026-11-23T06:30:00+00:00", "weekly:2026-W48"),
        (Cadence.DAILY, "2026-03-29T05:29:59+00:00", "daily:2026-03-28"),  # the night that clocks go forward
        (Cadence.DAILY, "2026-03-29T05:30:00+00:00", "daily:2026-03-29"),
        (Cadence.DAILY, "2026-10-25T06:30:00+00:00", "daily:2026-10-25"),  # and back
        (Cadence.DAILY, "2026-10-25T06:29:59+00:00", "daily:2026-10-24"),
        (Cadence.MONTHLY, "2026-11-01T06:29:59+00:00", "monthly:2026-10"),
        (Cadence.MONTHLY, "2026-11-01T06:30:00+00:00", "monthly:2026-11"),
        (Cadence.WEEKLY, "2027-01-03T12:00:00+00:00", "weekly:2026-W53"),
    ],
)
def test_periods_follow_the_wall_clock(cadence: Cadence, at: str, key: str) -> None:
    period = newest_period(cadence, datetime.fromisoformat(at), "Europe/Stockholm", time(7, 30))
    assert period.key == key
    assert period.starts_at <= datetime.fromisoformat(at)
    assert newest_period(cadence, period.starts_at, "Europe/Stockholm", time(7, 30)) == period


def test_strongest_first_one_item_a_request_and_not_too_many() -> None:
    new = [Happening(number, number, EventKind.REQUEST_CONFIRMED) for number in range(1, 11)]
    answers = [Happening(20 + number, 20 + number, EventKind.ANSWER_POSTED) for number in range(10)]
    both = [Happening(50, 99, EventKind.MESSAGE_POSTED), Happening(40, 99, EventKind.REQUEST_PUBLISHED)]
    chosen, left_out = choose_items([*new, *answers, *both])
    assert chosen[0] == 40
    assert 50 not in chosen
    assert len(chosen) == MAX_ITEMS
    assert left_out == 21 - MAX_ITEMS
    assert len(choose_items(new)[0]) == MAX_NEW


def test_who_chooses_otherwise_while_it_is_worked_out_gets_what_they_chose(
    app: Flask, make: Factory, session: Session, clock: time_machine.Traveller
) -> None:
    data_request = make.request(Status.ASSESSING, unit=make.unit())
    stays, leaves, changes = (reader(session, make, data_request) for _ in range(3))
    plan(session, make, data_request)
    place, zone = data_request.municipality_id, data_request.municipality.zone
    clock.move_to(MONDAY)
    period = newest_period(Cadence.WEEKLY, now(), zone, time(7, 30))
    worked_out = plan_digests(session, place, Cadence.WEEKLY, period)
    assert worked_out is not None
    stop(session, leaves, target_of(data_request))
    follow(session, changes, target_of(data_request), Cadence.MONTHLY, "wording")
    session.commit()
    for _ in range(2):  # another worker may have worked out the same
        write_digests(session, worked_out, worked_out.gathered)
        session.commit()
    told = select(OutgoingEmail.person_id).where(OutgoingEmail.template == "digest")
    assert session.scalars(told).all() == session.scalars(select(Digest.person_id)).all() == [stays.id]
    assert len(digests(app, session)) == 1


def test_the_rounds_go_on_where_they_were_and_look_again_at_the_end(
    app: Flask,
    make: Factory,
    session: Session,
    clock: time_machine.Traveller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dialogue.notifications.operations.digests.GATHERED_AT_A_TIME", 2)
    monkeypatch.setattr("dialogue.notifications.digesting.WRITTEN_AT_A_TIME", 1)
    data_request = make.request(Status.ASSESSING, unit=make.unit())
    people = [reader(session, make, data_request, Cadence.DAILY) for _ in range(3)]
    plan(session, make, data_request)
    clock.move_to(MONDAY)
    digester = Digester(Worker(app).sessions, time(7, 30))
    assert digester.gather()
    session.execute(delete(Digest).where(Digest.person_id == people[0].id))  # left for later, behind the last one
    session.commit()
    assert [digester.gather() for _ in range(5)] == [True, True, True, True, False]
    assert session.scalars(select(Digest.person_id).order_by(Digest.id)).all()[-1] == people[0].id
    assert len(session.scalars(select(OutgoingEmail.id)).all()) == len(people)
    session.commit()
    clock.shift(timedelta(days=1))
    assert digester.gather()
    clock.shift(timedelta(days=1))
    assert digester.gather(), "another period begins with the first person"
    built = session.execute(select(Digest.period, Digest.person_id).order_by(Digest.id)).all()[-4:]
    assert [person_id for _, person_id in built] == 2 * [person.id for person in people[:2]]
    assert len({period for period, _ in built}) == 2
