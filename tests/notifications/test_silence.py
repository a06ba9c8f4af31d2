"""Half a year without a sign of life: asked once, then the mail rests. Opening pages is no sign, pressing is."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Person
from dialogue.core.clock import now
from dialogue.mail.models import OutgoingEmail
from dialogue.notifications.keys import key_to_choose, key_to_end
from dialogue.notifications.operations.following import follow, stop
from dialogue.notifications.operations.silence import ask_the_silent, rest_the_silent
from dialogue.notifications.queries.targets import target_of
from dialogue.notifications.rules import ANSWER_WAITED, SILENT_AFTER, Cadence
from dialogue.notifications.worker import Worker
from dialogue.requests.models import DataRequest
from dialogue.requests.operations.moves import record
from dialogue.requests.rules import EventKind, Status
from tests.emails.story import opened
from tests.factories import Factory
from tests.page import Page

SECRET = "a secret that only tests know, long enough"
BEGINS = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(BEGINS, tick=False) as clock:
        yield clock


def reader(make: Factory, session: Session) -> tuple[Person, DataRequest]:
    person, data_request = make.person(), make.request(Status.ASSESSING, unit=make.unit())
    follow(session, person, target_of(data_request), Cadence.WEEKLY, "wording")
    session.commit()
    return person, data_request


def happen(app: Flask, make: Factory, session: Session, data_request: DataRequest) -> None:
    record(session, make.viewer(make.person()), data_request, EventKind.REQUEST_PLANNED)
    session.commit()


def mails(app: Flask, session: Session, person: Person) -> list[str]:
    """What is sent now."""
    session.commit()
    Worker(app).work()
    session.expire_all()
    wanted = select(OutgoingEmail.template).where(
        OutgoingEmail.recipient == person.email, OutgoingEmail.created_at == now()
    )
    return list(session.scalars(wanted.order_by(OutgoingEmail.id)))


def address_of(person: Person) -> str:
    return f"/preferences/{key_to_choose(SECRET, person.mail_handle)}"


def test_asked_once_then_it_rests_until_somebody_presses(
    app: Flask, page: Page, make: Factory, session: Session, clock: time_machine.Traveller
) -> None:
    person, data_request = reader(make, session)
    happen(app, make, session, data_request)
    clock.move_to(BEGINS + timedelta(days=7))
    assert mails(app, session, person) == ["digest"]
    for address in (address_of(person), address_of(person) + "/keep", f"/requests/{data_request.id}"):
        for _ in range(3):  # a scanner, or a reader who only looks
            page.get(address, 301 if address.startswith("/requests") else 200)
    clock.move_to(BEGINS + SILENT_AFTER - timedelta(days=1))
    assert mails(app, session, person) == []
    clock.move_to(BEGINS + SILENT_AFTER + timedelta(days=1))
    assert mails(app, session, person) == ["still_there"]
    clock.shift(timedelta(days=2))
    assert mails(app, session, person) == []
    happen(app, make, session, data_request)
    clock.shift(timedelta(days=8))
    assert mails(app, session, person) == ["digest"], "nobody waits for an answer in silence"
    clock.move_to(BEGINS + SILENT_AFTER + ANSWER_WAITED + timedelta(days=2))
    assert mails(app, session, person) == []
    happen(app, make, session, data_request)
    clock.shift(timedelta(days=60))
    assert mails(app, session, person) == [], "it rests, and nobody asks again"
    assert "Dina mejl vilar tills" in page.get(address_of(person)).words
    page.submit(address_of(person) + "/keep")
    clock.shift(timedelta(minutes=2))
    assert mails(app, session, person) == ["digest"], "one digest covers the time"
    session.refresh(person)
    assert person.asked_at is None


def test_the_question_names_what_one_gets(
    app: Flask, make: Factory, session: Session, clock: time_machine.Traveller
) -> None:
    person, data_request = reader(make, session)
    for _ in range(8):
        follow(session, person, target_of(make.request(unit=data_request.unit)), Cadence.DAILY, "wording")
    happen(app, make, session, data_request)
    clock.move_to(BEGINS + timedelta(days=7))
    mails(app, session, person)
    clock.move_to(BEGINS + SILENT_AFTER)
    assert mails(app, session, person) == ["still_there"]
    wanted = select(OutgoingEmail.sent_copy).where(OutgoingEmail.template == "still_there")
    mail = opened("still_there", session.scalars(wanted).one() or "")
    assert mail.subject == "Vill du fortsätta få det här?"
    assert " …" in mail.text
    assert "/keep" in mail.text
    assert "<img" not in mail.html


@pytest.mark.parametrize("sign", ["key", "one click", "sign-in", "signed-in form", "asked, then alive", "ended all"])
def test_a_sign_of_life(
    app: Flask, page: Page, make: Factory, session: Session, clock: time_machine.Traveller, sign: str
) -> None:
    person, data_request = reader(make, session)
    other = make.request(Status.ASSESSING, unit=data_request.unit)
    follow(session, person, target_of(other), Cadence.WEEKLY, "wording")
    happen(app, make, session, data_request)
    clock.move_to(BEGINS + timedelta(days=7))
    assert mails(app, session, person) == ["digest"]
    clock.move_to(BEGINS + timedelta(days=150))
    match sign:
        case "key":
            page.post(address_of(person), {"language": "en"})
        case "one click":
            key = key_to_end(SECRET, person.mail_handle, f"request:{other.id}")
            session.commit()
            page.client.post(f"/unsubscribe/{key}", data={"List-Unsubscribe": "One-Click"})
        case "sign-in":
            make.cookie(person)
        case "signed-in form":
            page.sign_in(make.cookie(person))
            clock.shift(timedelta(days=20))
            page.post(f"/requests/{other.id}/follow", {"frequency": "monthly"})
        case "asked, then alive":
            clock.move_to(BEGINS + SILENT_AFTER)
            assert ask_the_silent(session) == 1
            session.commit()
            page.submit(address_of(person) + "/keep")
        case "ended all":
            for each in (data_request, other):
                stop(session, person, target_of(each))
    clock.move_to(BEGINS + SILENT_AFTER + timedelta(days=20))
    assert "still_there" not in mails(app, session, person)
    assert ask_the_silent(session) == 0
    clock.shift(ANSWER_WAITED)
    assert rest_the_silent(session) == 0


def test_who_got_nothing_is_not_asked(make: Factory, session: Session, clock: time_machine.Traveller) -> None:
    reader(make, session)
    clock.move_to(BEGINS + SILENT_AFTER * 2)
    assert ask_the_silent(session) == 0


def test_an_answer_takes_the_waiting_question_back(
    app: Flask, make: Factory, session: Session, clock: time_machine.Traveller
) -> None:
    person, data_request = reader(make, session)
    happen(app, make, session, data_request)
    clock.move_to(BEGINS + timedelta(days=7))
    mails(app, session, person)
    clock.move_to(BEGINS + SILENT_AFTER)
    assert ask_the_silent(session) == 1
    make.cookie(person)
    mails(app, session, person)
    states = select(OutgoingEmail.state).where(OutgoingEmail.template == "still_there")
    assert session.scalars(states).all() == ["cancelled"]
