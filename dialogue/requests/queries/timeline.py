"""SELECTs of what happened to a request."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Unit
from dialogue.core.db import read_rows
from dialogue.requests.models import RequestEvent
from dialogue.requests.rules import EventKind

#: Events that a page shows at most; the newest.
MOST_EVENTS = 200

#: What a post says itself needs no line beside it.
_SAID_BY_POSTS = (
    EventKind.ANSWER_POSTED,
    EventKind.MESSAGE_POSTED,
    EventKind.MESSAGE_HIDDEN,
    EventKind.MESSAGE_SHOWN,
)


class PastEvent(NamedTuple):
    """An event as the page of its request tells it."""

    kind: EventKind
    actor_role: str
    unit_name: str | None
    old: dict[str, Any]
    new: dict[str, Any]
    happened_at: datetime


# Statements of busy pages are put together once: that costs as much as running them. With NOT IN, a part would be put
# together each time.
_EVENTS = (
    select(
        RequestEvent.kind,
        RequestEvent.actor_role,
        Unit.name,
        RequestEvent.old,
        RequestEvent.new,
        RequestEvent.happened_at,
    )
    .outerjoin(Unit, Unit.id == RequestEvent.unit_id)
    .where(RequestEvent.request_id == bindparam("request_id"), *(RequestEvent.kind != kind for kind in _SAID_BY_POSTS))
    .order_by(RequestEvent.id.desc())
    .limit(MOST_EVENTS)
)


def list_events(session: Session, request_id: int) -> list[PastEvent]:
    """What happened to a request beside the conversation, oldest first, with the unit of each."""
    return [PastEvent(*row) for row in read_rows(session, _EVENTS, {"request_id": request_id})][::-1]
