"""Every SELECT about votes."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, bindparam, case, exists, func, literal, select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Organisation, Person
from dialogue.accounts.policy import Viewer
from dialogue.core.db import read_rows
from dialogue.requests.models import DataRequest
from dialogue.voting.models import Vote
from dialogue.voting.rules import ReasonKind


@dataclass(frozen=True)
class VoteSummary:
    """Why organisations want the data: how many gave each kind of reason, most first, and how many wrote one."""

    kinds: tuple[tuple[ReasonKind, int], ...] = ()
    written: int = 0


@dataclass(frozen=True)
class WrittenReason:
    """A reason that somebody wrote, as the public sees it."""

    vote_id: int
    reason_kind: ReasonKind | None
    reason: str
    organisation: str | None
    cast_at: datetime


#: Organisations, and people who speak for none, that have voted for a request.
VOICES: ColumnElement[int] = (
    select(func.count(Vote.voice.distinct()))
    .where(Vote.request_id == DataRequest.id)
    .correlate(DataRequest)
    .scalar_subquery()
)

# Statements of busy pages and mails are put together once: that costs as much as running them.
_OF_REQUEST = Vote.request_id == bindparam("request_id")
_OWN = select(Vote).where(_OF_REQUEST, Vote.person_id == bindparam("person_id"))
_FIRST_OF_VOICE = select(func.min(Vote.id)).where(_OF_REQUEST, Vote.reason_kind.is_not(None)).group_by(Vote.voice)
_SUMMARY = (
    select(
        Vote.reason_kind,
        func.sum(case((Vote.id.in_(_FIRST_OF_VOICE), 1), else_=0)),
        func.sum(case((Vote.reason != "", 1), else_=0)),
    )
    .where(_OF_REQUEST)
    .group_by(Vote.reason_kind)
)


def summarise_votes(session: Session, request_id: int) -> VoteSummary:
    """Reasons behind the votes for a request.

    An organisation counts once, as in the number of votes: in the kind that the first of its people gave. So the bars
    never add up to more than the votes, and a colleague who votes later does not move an earlier one.
    """
    rows = read_rows(session, _SUMMARY, {"request_id": request_id})
    kinds = sorted(((kind, count) for kind, count, _ in rows if kind and count), key=lambda pair: (-pair[1], pair[0]))
    return VoteSummary(tuple(kinds), sum(written for _, _, written in rows))


def list_reasons(session: Session, request_id: int, *, before: int | None, limit: int) -> list[WrittenReason]:
    """At most `limit` written reasons, newest first, older than the vote with id `before`."""
    wanted = (
        select(Vote.id, Vote.reason_kind, Vote.reason, Organisation.name, Vote.cast_at)
        .outerjoin(Organisation, Organisation.id == Vote.organisation_id)
        .where(Vote.request_id == request_id, Vote.reason != "")
        .order_by(Vote.id.desc())
        .limit(limit)
    )
    if before is not None:
        wanted = wanted.where(Vote.id < before)
    return [WrittenReason(*row) for row in session.execute(wanted)]


def find_own_vote(session: Session, person_id: int, request_id: int) -> Vote | None:
    """The person's vote for a request."""
    return session.scalar(_OWN, {"request_id": request_id, "person_id": person_id})


def with_vote(session: Session, viewer: Viewer, request_id: int) -> Viewer:
    """`viewer`, of whom it is known now whether they have voted for the request."""
    has_voted = viewer.person_id is not None and find_own_vote(session, viewer.person_id, request_id) is not None
    return replace(viewer, voted_for=frozenset({request_id})) if has_voted else viewer


def voted_by(person_id: int | None) -> ColumnElement[bool] | None:
    """Says of each row of a list whether the person has voted for it: the pressed buttons. None for nobody."""
    if person_id is None:
        return None
    return has_voted(DataRequest.id, literal(person_id))


def has_voted(request_id: SQLColumnExpression[Any], person_id: SQLColumnExpression[Any]) -> ColumnElement[bool]:
    """Says of each row of another statement whether the person in it has voted for the request in it."""
    return exists().where(Vote.request_id == request_id, Vote.person_id == person_id)


def list_voter_ids(session: Session, request_id: int) -> list[int]:
    """Everybody who may be told as a voter: nobody with a closed account, and nobody while the request is hidden."""
    wanted = (
        select(Vote.person_id)
        .join(Person, Person.id == Vote.person_id)
        .join(DataRequest, DataRequest.id == Vote.request_id)
        .where(Vote.request_id == request_id, Person.disabled_at.is_(None), DataRequest.hidden_at.is_(None))
        .order_by(Vote.id)
    )
    return list(session.scalars(wanted))


def find_earliest_other_vote(session: Session, data_request: DataRequest) -> Vote | None:
    """The first vote by somebody else than the asker: who takes the request over when the asker leaves it."""
    wanted = (
        select(Vote)
        .join(Person, Person.id == Vote.person_id)
        .where(
            Vote.request_id == data_request.id,
            Vote.person_id != data_request.asker_id,
            Person.disabled_at.is_(None),
        )
        .order_by(Vote.id)
        .limit(1)
    )
    return session.scalar(wanted)


@dataclass(frozen=True)
class OwnVote:
    """A vote as the one who cast it sees it."""

    vote_id: int
    request_id: int
    title: str
    reason_kind: ReasonKind | None
    cast_at: datetime


def list_own_votes(session: Session, person_id: int, *, before: int | None, limit: int) -> list[OwnVote]:
    """At most `limit` votes of a person, newest first, older than the vote with id `before`; not for what is hidden."""
    wanted = (
        select(Vote.id, Vote.request_id, DataRequest.title, Vote.reason_kind, Vote.cast_at)
        .join(DataRequest, DataRequest.id == Vote.request_id)
        .where(Vote.person_id == person_id, DataRequest.hidden_at.is_(None))
        .order_by(Vote.id.desc())
        .limit(limit)
    )
    if before is not None:
        wanted = wanted.where(Vote.id < before)
    return [OwnVote(*row) for row in session.execute(wanted)]
