"""SELECTs for programs: whole rows, a page at a time."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from dialogue.conversation.models import Message
from dialogue.requests.models import DataRequest, RequestEvent
from dialogue.requests.queries.lists import PUBLIC_ROWS
from dialogue.requests.rules import EventKind

_WHOLE = (
    joinedload(DataRequest.municipality),
    joinedload(DataRequest.unit),
    joinedload(DataRequest.area),
    joinedload(DataRequest.organisation),
    selectinload(DataRequest.datasets),
)

#: Kinds of events that concern moderation and the people in it, not the request's way.
_NOT_PUBLIC = (EventKind.MESSAGE_HIDDEN, EventKind.MESSAGE_SHOWN)


def load_requests(session: Session, numbers: list[int]) -> list[DataRequest]:
    """The public requests among `numbers`, whole, in that order."""
    rows = session.scalars(select(DataRequest).where(*PUBLIC_ROWS, DataRequest.id.in_(numbers)).options(*_WHOLE))
    found = {row.id: row for row in rows}
    return [found[number] for number in numbers if number in found]


def stream_requests(session: Session, chunk: int = 500) -> Iterator[DataRequest]:
    """Every public request, oldest first, `chunk` at a time, so that memory does not grow with their number."""
    after = 0
    while True:
        wanted = select(DataRequest).where(*PUBLIC_ROWS, DataRequest.id > after).order_by(DataRequest.id).limit(chunk)
        rows = list(session.scalars(wanted.options(*_WHOLE)))
        yield from rows
        if len(rows) < chunk:
            return
        after = rows[-1].id
        session.expunge_all()


def list_messages(session: Session, request_id: int, after: int, limit: int) -> list[Message]:
    """A page of posts after the one with id `after`, and one more when there is more."""
    wanted = (
        select(Message)
        .where(Message.request_id == request_id, Message.id > after)
        .order_by(Message.id)
        .limit(limit + 1)
        .options(joinedload(Message.unit), joinedload(Message.organisation))
    )
    return list(session.scalars(wanted))


def count_messages(session: Session, request_id: int) -> int:
    """How many posts a request has, hidden ones too."""
    return session.scalar(select(func.count()).where(Message.request_id == request_id)) or 0


def list_events(session: Session, request_id: int, after: int, limit: int) -> list[RequestEvent]:
    """A page of public events after the one with id `after`, and one more when there is more."""
    wanted = (
        select(RequestEvent)
        .where(*_public_event(request_id), RequestEvent.id > after)
        .order_by(RequestEvent.id)
        .limit(limit + 1)
        .options(joinedload(RequestEvent.unit))
    )
    return list(session.scalars(wanted))


def count_events(session: Session, request_id: int) -> int:
    """How many public events a request has."""
    return session.scalar(select(func.count(RequestEvent.id)).where(*_public_event(request_id))) or 0


def list_latest_events(
    session: Session, limit: int, request_id: int | None = None
) -> list[tuple[RequestEvent, DataRequest]]:
    """The newest public events with their requests, of one request or of all."""
    wanted = (
        select(RequestEvent, DataRequest)
        .join(DataRequest, DataRequest.id == RequestEvent.request_id)
        .where(DataRequest.hidden_at.is_(None), RequestEvent.kind.not_in(_NOT_PUBLIC))
        .order_by(RequestEvent.id.desc())
        .limit(limit)
        .options(joinedload(RequestEvent.unit))
    )
    if request_id is not None:
        wanted = wanted.where(RequestEvent.request_id == request_id)
    return [(event, data_request) for event, data_request in session.execute(wanted)]


def _public_event(request_id: int) -> tuple[ColumnElement[bool], ...]:
    return (RequestEvent.request_id == request_id, RequestEvent.kind.not_in(_NOT_PUBLIC))
