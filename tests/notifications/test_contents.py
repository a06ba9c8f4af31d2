"""What stands in a digest: how much, what is near its decision, and nothing of what was ended meanwhile."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Person
from dialogue.core.clock import now, today
from dialogue.core.text import whole_words
from dialogue.mail.models import OutgoingEmail
from dialogue.mail.rules import MailState
from dialogue.notifications.models import DigestHint
from dialogue.notifications.operations.following import follow, stop, stop_gathered
from dialogue.notifications.queries.targets import Target, find_any_target, target_of
from dialogue.notifications.rules import Cadence
from dialogue.notifications.worker import Worker
from dialogue.requests.models import DataRequest
from dialogue.requests.operations.moves import record
from dialogue.requests.rules import EventKind, Kind, Status, WaitingOn
from dialogue.voting.operations import cast_vote
from tests.emails.story import Mail, opened
from tests.factories import Factory

MONDAY = datetime(2026, 11, 23, 6, 31, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MONDAY - timedelta(days=4), tick=False) as clock:
        yield clock


def everything(make: Factory, session: Session) -> Target:
    target = find_any_target(session, f"everything:{make.the_municipality().id}")
    assert target is not None
    return target


def reader(make: Factory, session: Session, *targets: Target, cadence: Cadence = Cadence.WEEKLY) -> Person:
    person = make.person()
    for target in targets or (everything(make, session),):
        follow(session, person, target, cadence, "wording")
    session.commit()
    return person


def happen(
    make: Factory, session: Session, data_request: DataRequest, kind: EventKind = EventKind.REQUEST_PLANNED
) -> None:
    record(session, make.viewer(make.person()), data_request, kind)
    session.commit()


def on_monday(app: Flask, session: Session, clock: time_machine.Traveller, weeks: int = 0) -> dict[str, Mail]:
    """The digests of that Monday, by recipient."""
    clock.move_to(MONDAY + timedelta(weeks=weeks))
    began = now()
    session.commit()
    Worker(app).work()
    session.expire_all()
    wanted = select(OutgoingEmail).where(OutgoingEmail.template == "digest", OutgoingEmail.created_at >= began)
    return {
        mail.recipient: opened("digest", mail.sent_copy or "") for mail in session.scalars(wanted) if mail.sent_copy
    }


def test_a_request_close_to_its_decision_is_told_once(
    app: Flask, make: Factory, session: Session, clock: time_machine.Traveller
) -> None:
    unit, soon, late = make.unit(), make.workday(6), make.workday(40)
    news = make.request(Status.PLANNED, unit=unit, title="Bygglov", next_on=late)
    make.request(Status.ASSESSING, unit=unit, title="Badvatten", next_on=soon)
    for number, values in enumerate((
        {"next_on": late},
        {"next_on": soon, "votes_count": 3},
        {"next_on": soon, "status": Status.RECEIVED},
        {"next_on": soon, "hidden_at": now(), "hidden_reason": "Namn."},
    )):  # fmt: skip
        make.request(values.pop("status", Status.ASSESSING), unit=unit, title=f"Inte den {number}", **values)  # type: ignore[arg-type]
    asked = make.request(Status.ASSESSING, unit=unit, title="Inte den heller", next_on=soon)
    asked.waiting_on, asked.waiting_since_on = WaitingOn.REQUESTER, today("Europe/Stockholm")
    formal = {"kind": Kind.FORMAL, "due_on": make.workday(8)}
    make.request(Status.RECEIVED, unit=unit, title="Livsmedelskontroller", **formal)
    subscriber, other = reader(make, session), reader(make, session, target_of(news), cadence=Cadence.WEEKLY)
    happen(make, session, news)
    told = on_monday(app, session, clock)
    text = told[subscriber.email].text
    assert "Avgörs snart, med få röster" in text
    assert text.index("Utreds: Badvatten") < text.index("Mottagen: Livsmedelskontroller")
    assert "Inte den" not in text
    assert "En sak har hänt" in text, "a hint has not happened"
    assert "Avgörs" not in told[other.email].text, "follows one request only"
    happen(make, session, news)
    assert "Badvatten" not in on_monday(app, session, clock, weeks=1)[subscriber.email].text
    assert len(session.scalars(select(DigestHint)).all()) == 2


def test_who_has_voted_asked_or_said_no_is_not_asked_to_vote(
    app: Flask, make: Factory, session: Session, clock: time_machine.Traveller
) -> None:
    unit, asker = make.unit(), make.person()
    news = make.request(Status.PLANNED, unit=unit, title="Bygglov")
    close = make.request(Status.ASSESSING, unit=unit, title="Badvatten", next_on=make.workday(6), asker=asker)
    voter, sulky, later = (reader(make, session) for _ in range(3))
    follow(session, asker, everything(make, session), Cadence.WEEKLY, "wording")
    cast_vote(session, voter, close)
    stop(session, sulky, target_of(close))
    happen(make, session, news)
    clock.move_to(MONDAY)
    worker = Worker(app)
    while worker.gather():
        pass
    cast_vote(session, later, close)  # while the mail waits
    told = on_monday(app, session, clock)
    session.expire_all()
    sent = session.scalars(select(OutgoingEmail).where(OutgoingEmail.template == "digest"))
    texts = {mail.recipient: opened("digest", mail.sent_copy or "").text for mail in sent}
    assert told.keys() == texts.keys() == {person.email for person in (voter, sulky, later, asker)}
    assert all("Bygglov" in text and "Badvatten" not in text for text in texts.values())


def test_a_hint_alone_is_no_digest(app: Flask, make: Factory, session: Session, clock: time_machine.Traveller) -> None:
    make.request(Status.ASSESSING, unit=make.unit(), next_on=make.workday(6))
    reader(make, session)
    assert on_monday(app, session, clock) == {}


def test_an_item_has_two_hundred_characters_at_most(
    app: Flask, make: Factory, session: Session, clock: time_machine.Traveller
) -> None:
    long = {"title": "Öppettider " * 9, "need": "Vi vill veta när det är öppet, varje dag. " * 20}
    data_request = make.request(unit=make.unit(), **long)
    short = make.request(unit=make.unit(), title="Bad", need="Vi vill veta när det är öppet, varje dag. " * 20)
    person = reader(make, session)
    for each in (data_request, short):
        happen(make, session, each, EventKind.REQUEST_CONFIRMED)
    text = on_monday(app, session, clock)[person.email].text
    items = re.findall(r"^(Mottagen: .*)\n(http\S+)\n((?:.+\n)+)", text, re.MULTILINE)
    assert len(items) == 2
    for status, _address, words in items:
        assert 60 < len(status + words.replace("\n", " ").strip()) <= 200
    assert "…" in text


@pytest.mark.parametrize(
    ("room", "left"), [(40, "Öppettider och priser i badhusen"), (31, "Öppettider och priser i…"), (19, "")]
)
def test_whole_words(room: int, left: str) -> None:
    assert whole_words("Öppettider och priser i badhusen", room) == left
    assert whole_words("Öppettiderochpriseribadhusen", 25) == ""


def test_it_says_when_it_covers_more_than_usual(
    app: Flask, make: Factory, session: Session, clock: time_machine.Traveller
) -> None:
    data_request = make.request(Status.ASSESSING, unit=make.unit())
    person = reader(make, session)
    happen(make, session, data_request)
    assert "täcker mer tid än vanligt" not in on_monday(app, session, clock)[person.email].text
    happen(make, session, data_request)
    text = on_monday(app, session, clock, weeks=3)[person.email].text
    assert "täcker mer tid än vanligt" in text
    assert "sedan 23 november" in text.replace("\xa0", " ")


def test_what_is_ended_while_the_mail_waits_is_left_out(
    app: Flask, make: Factory, session: Session, clock: time_machine.Traveller
) -> None:
    unit = make.unit()
    first, second = (make.request(Status.ASSESSING, unit=unit, title=title) for title in ("Bygglov", "Badvatten"))
    both, all_ended, one_digest = (reader(make, session, target_of(first), target_of(second)) for _ in range(3))
    follow(session, one_digest, target_of(first), Cadence.MONTHLY, "wording")
    for each in (first, second):
        happen(make, session, each)
    clock.move_to(MONDAY)
    worker = Worker(app)
    while worker.gather():
        pass
    stop(session, both, target_of(first))
    for each in (first, second):
        stop(session, all_ended, target_of(each))
    stop_gathered(session, one_digest, first.municipality_id, Cadence.WEEKLY)
    session.commit()
    told = on_monday(app, session, clock)
    assert told.keys() == {both.email}
    assert "Badvatten" in told[both.email].text
    assert "Bygglov" not in told[both.email].text
    ended = select(OutgoingEmail.recipient).where(OutgoingEmail.state == MailState.CANCELLED)
    assert set(session.scalars(ended)) == {all_ended.email, one_digest.email}
