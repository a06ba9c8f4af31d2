"""Who is told of what: every kind of event, every audience."""

from collections import Counter

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.rules import Role
from dialogue.mail.models import OutgoingEmail
from dialogue.mail.rules import MailState
from dialogue.notifications.contents import SECTIONS
from dialogue.notifications.operations.fan_out import fan_out
from dialogue.notifications.operations.following import follow
from dialogue.notifications.queries.targets import target_of
from dialogue.notifications.rules import MAILS, Cadence, is_optional_to_asker, told_at_once, told_in_digest
from dialogue.notifications.worker import Worker
from dialogue.requests.models import RequestEvent
from dialogue.requests.operations.moves import record
from dialogue.requests.rules import ACTIONS, TELLINGS, Audience, EventKind, Kind, Status
from dialogue.voting.operations import cast_vote
from tests.conftest import statements
from tests.factories import Factory


def is_ending(kind: EventKind) -> bool:
    """Whether an event of `kind` closes the request or says that the data is out."""
    return any(
        action.event is kind and action.target in (Status.CLOSED, Status.PUBLISHED) for action in ACTIONS.values()
    )


def test_every_kind_that_tells_has_a_mail() -> None:
    assert set(MAILS) == {kind for kind, telling in TELLINGS.items() if telling.at_once or telling.in_digest}


def test_every_kind_that_a_digest_tells_has_its_part_there() -> None:
    gathered = {kind for kind in EventKind if told_in_digest(kind) or is_optional_to_asker(kind, Kind.WISH)}
    assert set(SECTIONS) == gathered


@pytest.mark.parametrize("kind", [kind for kind in EventKind if is_ending(kind)])
def test_followers_hear_of_every_ending(kind: EventKind) -> None:
    assert Audience.FOLLOWERS in told_at_once(kind)
    assert Audience.FOLLOWERS in told_in_digest(kind)


@pytest.mark.parametrize("kind", sorted(set(MAILS) - {EventKind.MESSAGE_HIDDEN, EventKind.MESSAGE_SHOWN}))
def test_each_audience_of_each_kind_gets_one_mail(app: Flask, make: Factory, session: Session, kind: EventKind) -> None:
    unit, asker, voter, follower, weekly = make.unit(), *(make.person() for _ in range(4))
    actor = make.official(unit)
    data_request = make.request(Status.ASSESSING, unit=unit, asker=asker)
    for person in (voter, follower, actor):
        cast_vote(session, person, data_request) if person is not follower else None
        follow(session, person, target_of(data_request), Cadence.INSTANT, "")
    follow(session, weekly, target_of(data_request), Cadence.WEEKLY, "")
    event = record(session, make.viewer(actor), data_request, kind)
    session.commit()
    for _ in range(2):
        assert fan_out(session, event.id, 0, "sv") is None
        session.commit()
        session.get_one(RequestEvent, event.id).fanned_out_at = None  # a worker that was killed starts over
        session.commit()
    told = told_at_once(kind)
    wanted = {asker.email} if told & {Audience.ASKER, Audience.AUTHOR} else set()
    wanted |= {unit.mailbox} if Audience.UNIT in told else set()
    wanted |= {voter.email} if Audience.VOTERS in told else set()
    wanted |= {voter.email, follower.email} if Audience.FOLLOWERS in told else set()
    assert sorted(session.scalars(select(OutgoingEmail.recipient))) == sorted(wanted)


def test_without_a_unit_the_coordinators_are_told_or_the_contact(app: Flask, make: Factory, session: Session) -> None:
    data_request = make.request(Status.RECEIVED, asker=make.person())
    told = select(OutgoingEmail.recipient).where(OutgoingEmail.template == "new_for_unit").order_by(OutgoingEmail.id)
    for _ in range(2):
        event = record(session, make.viewer(make.person()), data_request, EventKind.REQUEST_CONFIRMED)
        session.commit()
        fan_out(session, event.id, 0, "sv")
        session.commit()
        if not session.scalars(told).all()[1:]:
            make.official(make.unit(), Role.COORDINATOR, email=f"kim{event.id}@prov.example")
    first, second = session.scalars(told)
    assert first == "dialog@prov.example"
    assert second.startswith("kim")


def test_a_crowd_is_told_in_pieces(
    app: Flask, make: Factory, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dialogue.notifications.operations.fan_out.TOLD_AT_A_TIME", 2)
    data_request = make.request(Status.ASSESSING, unit=make.unit())
    people = [make.person() for _ in range(5)]
    for person in people:
        follow(session, person, target_of(data_request), Cadence.INSTANT, "")
    event = record(session, make.viewer(make.person()), data_request, EventKind.REQUEST_PLANNED)
    session.commit()
    after: int | None = 0
    steps = 0
    while after is not None:
        after = fan_out(session, event.id, after, "sv")
        session.commit()
        steps += 1
    assert steps == 3
    assert set(session.scalars(select(OutgoingEmail.recipient))) == {person.email for person in people}


def test_mails_of_the_same_news_share_what_they_look_up(
    app: Flask, make: Factory, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dialogue.mail.sender.delivery.LOOK_LASTS", 600)
    data_request, people = make.request(Status.ASSESSING, unit=make.unit(), asker=make.person()), 12
    for _ in range(people):
        follow(session, make.person(), target_of(data_request), Cadence.INSTANT, "")
    event = record(session, make.viewer(make.person()), data_request, EventKind.REQUEST_PLANNED)
    session.commit()
    fan_out(session, event.id, 0, "sv")
    session.commit()
    with statements(session) as asked:
        Worker(app).sender.send_batch()
    read = Counter(statement for statement in asked if statement.startswith("SELECT"))
    # Of each reader on their own: what they follow, whether they have voted, and whether their mail rests.
    assert len([times for times in read.values() if times > 2]) == 3
    assert set(session.scalars(select(OutgoingEmail.state))) == {MailState.SENT}
