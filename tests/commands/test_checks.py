"""What `dialogue verify` looks at is what the counters count."""

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from dialogue.accounts.rules import Role
from dialogue.checks import check_counters
from dialogue.conversation.operations.messages import post_message
from dialogue.conversation.operations.moderation import hide_message
from dialogue.notifications.operations.following import follow, stop
from dialogue.notifications.queries.targets import target_of
from dialogue.notifications.rules import Cadence
from dialogue.requests.models import DataRequest
from dialogue.voting.operations import cast_vote, withdraw_vote
from tests.factories import Factory


@pytest.fixture
def counted(session: Session, make: Factory) -> DataRequest:
    """A request with everything that is counted on it, and everything that is not."""
    unit, business = make.unit(), make.organisation()
    data_request = make.request(unit=unit)
    first, second, third = make.person(organisation=business), make.person(organisation=business), make.person()
    for person in (first, second, third):
        cast_vote(session, person, data_request)
        follow(session, person, target_of(data_request), Cadence.WEEKLY, "Ja")
        message = post_message(session, make.viewer(person), data_request, "Vi behöver det.", paced=False)
    withdraw_vote(session, third, data_request)
    stop(session, third, target_of(data_request))
    # Never followed, told as a voter, and has said no to that.
    stop(session, make.person(), target_of(data_request))
    hide_message(session, make.viewer(make.official(unit, Role.COORDINATOR)), data_request, message, "Fel plats.")
    session.commit()
    return data_request


def test_counters_and_verify_count_the_same(session: Session, counted: DataRequest) -> None:
    assert (counted.votes_count, counted.followers_count, counted.messages_count) == (1, 2, 2)
    assert list(check_counters(session)) == []


@pytest.mark.parametrize("name", ["votes_count", "followers_count", "messages_count"])
def test_a_wrong_counter_is_named(name: str, session: Session, counted: DataRequest) -> None:
    right = getattr(counted, name)
    session.execute(update(DataRequest).values({name: 99}))
    session.commit()
    assert list(check_counters(session)) == [f"request {counted.id} says {name} = 99, but there are {right}"]
