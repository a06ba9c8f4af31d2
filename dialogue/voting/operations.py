"""Casting a vote and taking it back. One a person, counted once an organisation."""

from sqlalchemy import delete
from sqlalchemy.orm import Session

from dialogue.accounts.models import Person
from dialogue.accounts.rules import voice_of
from dialogue.core.clock import now
from dialogue.core.errors import InvalidTransition, InvalidValue
from dialogue.core.language import N_
from dialogue.core.personnummer import refuse_personal_numbers
from dialogue.core.text import clean_text
from dialogue.requests.models import DataRequest
from dialogue.requests.operations.counters import lock_request, set_counter
from dialogue.voting.models import Vote
from dialogue.voting.queries import VOICES, find_own_vote
from dialogue.voting.rules import MAX_REASON, ReasonKind, takes_votes


def cast_vote(
    session: Session,
    person: Person,
    data_request: DataRequest,
    reason_kind: ReasonKind | None = None,
    reason: str = "",
) -> bool:
    """Vote for `data_request` as the business `person` speaks for. True when the vote is new.

    Who has voted already changes the reason by giving another, and nothing by giving none. Raises InvalidTransition
    when the request takes no votes, InvalidValue for a reason that cannot be shown.
    """
    reason = check_reason(reason)
    lock_request(session, data_request)
    refuse_closed(data_request)
    vote = find_own_vote(session, person.id, data_request.id)
    if vote is not None:
        if reason_kind or reason:
            vote.reason_kind, vote.reason = reason_kind, reason
        return False
    session.add(
        Vote(
            request_id=data_request.id,
            person_id=person.id,
            organisation_id=person.organisation_id,
            voice=voice_of(person.organisation_id, person.id),
            reason_kind=reason_kind,
            reason=reason,
            cast_at=now(),
        )
    )
    _count(session, data_request)
    return True


def withdraw_vote(session: Session, person: Person, data_request: DataRequest) -> bool:
    """Take `person`'s vote back. False when there is none. Raises InvalidTransition when votes stand still."""
    lock_request(session, data_request)
    refuse_closed(data_request)
    gone = session.scalars(
        delete(Vote).where(Vote.request_id == data_request.id, Vote.person_id == person.id).returning(Vote.id)
    ).all()
    if gone:
        _count(session, data_request)
    return bool(gone)


def check_reason(reason: str) -> str:
    """`reason` as it is stored. Raises InvalidValue when it is too long or holds a personal identity number."""
    reason = clean_text(reason)
    if len(reason) > MAX_REASON:
        raise InvalidValue("reason", N_("Write at most %(count)s characters"), count=MAX_REASON)
    refuse_personal_numbers("reason", reason)
    return reason


def refuse_closed(data_request: DataRequest) -> None:
    """Raise InvalidTransition when `data_request` takes no votes."""
    if not takes_votes(data_request):
        raise InvalidTransition(N_("The request takes no votes any more."))


def _count(session: Session, data_request: DataRequest) -> None:
    session.flush()
    set_counter(session, data_request, "votes_count", VOICES)
