"""Votes: one a person, counted once an organisation, exact whatever happens."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.core.errors import InvalidTransition, InvalidValue
from dialogue.requests.models import DataRequest
from dialogue.requests.rules import Outcome, Status
from dialogue.voting.operations import cast_vote, withdraw_vote
from dialogue.voting.queries import (
    find_own_vote,
    list_reasons,
    list_voter_ids,
    summarise_votes,
    voted_by,
)
from dialogue.voting.rules import MAX_REASON, ReasonKind
from tests.factories import Factory

#: Valid by its check digit, given to nobody (Skatteverket's list of numbers for tests).
PERSONAL_NUMBER = "19811228-9874"


def test_two_people_of_one_organisation_are_one_voice(session: Session, make: Factory) -> None:
    data_request = make.request()
    business = make.organisation("Laddkusten AB")
    first, second, other = make.person(organisation=business), make.person(organisation=business), make.person()
    assert cast_vote(session, first, data_request, ReasonKind.SAVES_TIME)
    assert cast_vote(session, second, data_request, ReasonKind.SAVES_TIME)
    assert data_request.votes_count == 1
    assert cast_vote(session, other, data_request, ReasonKind.NEW_SERVICE)
    assert data_request.votes_count == 2
    session.commit()
    session.refresh(data_request)
    assert data_request.votes_count == 2
    assert summarise_votes(session, data_request.id).kinds == ((ReasonKind.NEW_SERVICE, 1), (ReasonKind.SAVES_TIME, 1))
    withdraw_vote(session, first, data_request)
    assert data_request.votes_count == 2
    withdraw_vote(session, second, data_request)
    assert data_request.votes_count == 1


def test_a_business_stands_in_one_bar_of_the_reasons(session: Session, make: Factory) -> None:
    data_request, business = make.request(), make.organisation("Laddkusten AB")
    silent, first, second = (make.person(organisation=business) for _ in range(3))
    cast_vote(session, silent, data_request)
    cast_vote(session, first, data_request, ReasonKind.SAVES_TIME, "Vi slipper ringa.")
    cast_vote(session, second, data_request, ReasonKind.NEW_SERVICE, "En tjänst för förare.")
    summary = summarise_votes(session, data_request.id)
    assert (summary.kinds, summary.written) == (((ReasonKind.SAVES_TIME, 1),), 2)
    cast_vote(session, first, data_request, ReasonKind.LEGAL_REQUIREMENT)
    assert summarise_votes(session, data_request.id).kinds == ((ReasonKind.LEGAL_REQUIREMENT, 1),)
    withdraw_vote(session, first, data_request)
    assert summarise_votes(session, data_request.id).kinds == ((ReasonKind.NEW_SERVICE, 1),)
    cast_vote(session, make.person(), data_request, ReasonKind.NEW_SERVICE)
    assert summarise_votes(session, data_request.id).kinds == ((ReasonKind.NEW_SERVICE, 2),)
    assert data_request.votes_count == 2


def test_a_vote_leaves_the_version_and_the_activity_of_the_request_alone(session: Session, make: Factory) -> None:
    data_request = make.request()
    version, active_at = data_request.version, data_request.active_at
    cast_vote(session, make.person(), data_request)
    session.commit()
    session.refresh(data_request)
    assert (data_request.version, data_request.active_at) == (version, active_at)


def test_voting_again_says_so_and_changes_only_a_reason_that_is_given(session: Session, make: Factory) -> None:
    data_request, person = make.request(), make.person()
    assert cast_vote(session, person, data_request, ReasonKind.OTHER, "Vi behöver den.")
    assert not cast_vote(session, person, data_request)
    vote = find_own_vote(session, person.id, data_request.id)
    assert vote is not None
    assert (vote.reason_kind, vote.reason) == (ReasonKind.OTHER, "Vi behöver den.")
    assert not cast_vote(session, person, data_request, ReasonKind.SAVES_TIME, "")
    assert (vote.reason_kind, vote.reason) == (ReasonKind.SAVES_TIME, "")
    assert data_request.votes_count == 1


def test_there_is_nothing_to_take_back_without_a_vote(session: Session, make: Factory) -> None:
    data_request = make.request()
    assert not withdraw_vote(session, make.person(), data_request)
    assert data_request.votes_count == 0


@pytest.mark.parametrize(
    "values",
    [
        {"status": Status.PUBLISHED},
        {"status": Status.CLOSED, "outcome": Outcome.REDIRECTED},
        {"status": Status.DRAFT},
    ],
)
def test_votes_stand_still_unless_the_request_is_open(session: Session, make: Factory, values: dict[str, str]) -> None:
    data_request, person = make.request(**values), make.person()  # type: ignore[arg-type]
    with pytest.raises(InvalidTransition):
        cast_vote(session, person, data_request)
    with pytest.raises(InvalidTransition):
        withdraw_vote(session, person, data_request)


@pytest.mark.parametrize("reason", ["x" * (MAX_REASON + 1), f"Fråga {PERSONAL_NUMBER}"])
def test_a_reason_that_cannot_be_shown_is_refused(session: Session, make: Factory, reason: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        cast_vote(session, make.person(), make.request(), None, reason)
    assert refused.value.field == "reason"


def test_written_reasons_are_read_newest_first_in_pages(session: Session, make: Factory) -> None:
    data_request = make.request()
    business = make.organisation("Vindrosens Cykelbud")
    cast_vote(session, make.person(organisation=business), data_request, None, "Först")
    cast_vote(session, make.person(), data_request)
    cast_vote(session, make.person(), data_request, ReasonKind.OTHER, "Sist")
    newest = list_reasons(session, data_request.id, before=None, limit=1)
    assert [(row.reason, row.organisation) for row in newest] == [("Sist", None)]
    older = list_reasons(session, data_request.id, before=newest[0].vote_id, limit=10)
    assert [(row.reason, row.organisation) for row in older] == [("Först", "Vindrosens Cykelbud")]
    assert summarise_votes(session, data_request.id).written == 2


def test_voters_are_found_for_lists_and_mails(session: Session, make: Factory) -> None:
    voted, other = make.request(), make.request()
    person, gone = make.person(), make.person()
    cast_vote(session, person, voted)
    cast_vote(session, gone, voted)
    gone.disabled_at = voted.created_at
    session.flush()
    is_voted = voted_by(person.id)
    assert is_voted is not None
    assert dict(session.execute(select(DataRequest.id, is_voted)).all()) == {voted.id: True, other.id: False}
    assert voted_by(None) is None
    assert list_voter_ids(session, voted.id) == [person.id]
    voted.hidden_at = voted.created_at
    session.flush()
    assert list_voter_ids(session, voted.id) == []
