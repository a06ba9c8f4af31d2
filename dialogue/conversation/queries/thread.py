"""SELECTs of the conversation."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, false, func, or_, select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Organisation, Person, Unit
from dialogue.conversation.models import Message, MessageEdit
from dialogue.conversation.rules import ENDS_SHOWN, PAGE_OF_POSTS
from dialogue.core.db import read_rows
from dialogue.core.errors import NotFound
from dialogue.requests.models import DataRequest


class Post(NamedTuple):
    """A post as it is shown. A hidden one keeps its place, its reason, and for the public nothing else."""

    id: int
    author_id: int | None
    organisation: str | None
    unit: str | None
    is_official: bool
    body_html: str
    posted_at: datetime
    edited_at: datetime | None
    hidden_at: datetime | None
    hidden_reason: str | None
    #: The author's account has been deleted.
    author_is_gone: bool
    #: What the caller asked about the author of each.
    author_has_voted: bool = False


@dataclass(frozen=True)
class Thread:
    """Some or all posts of a conversation, oldest first."""

    posts: list[Post]
    #: All posts of the conversation, hidden ones too.
    total: int
    #: Posts left out in the middle, before the post with this index.
    skipped: int = 0
    gap_at: int | None = None
    #: The last post shown, when more come after it.
    after: int | None = None


#: Posts of a request that everybody can read.
SHOWN_POSTS: ColumnElement[int] = (
    select(func.count())
    .where(Message.request_id == DataRequest.id, Message.hidden_at.is_(None))
    .correlate(DataRequest)
    .scalar_subquery()
)

_OF_REQUEST = Message.request_id == bindparam("request_id")
_IDS = select(Message.id).where(_OF_REQUEST)


def list_thread(
    session: Session,
    request_id: int,
    *,
    whole: bool = False,
    after: int = 0,
    has_voted: ColumnElement[bool] | None = None,
) -> Thread:
    """The first and last posts of a conversation, or with `whole` a page of all of them that come after post `after`.

    One statement, whatever the number of posts; nothing is loaded that is not shown. `has_voted` says of a post
    whether its author has voted.
    """
    wanted = {"request_id": request_id} | ({"after": after} if whole else {})
    rows = read_rows(session, _page(has_voted) if whole else _ends(has_voted), wanted)
    posts = [Post._make(row[:-1]) for row in rows[:PAGE_OF_POSTS]]
    total = rows[0][-1] if rows else 0
    if whole:
        return Thread(posts, total, after=posts[-1].id if len(rows) > PAGE_OF_POSTS else None)
    skipped = total - len(rows)
    return Thread(posts, total, skipped, ENDS_SHOWN if skipped else None)


# Statements of busy pages are put together once: that costs as much as running them.
@cache
def _posts(has_voted: ColumnElement[bool] | None) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Message.id,
            Message.author_id,
            Organisation.name,
            Unit.name,
            Message.is_official,
            Message.body_html,
            Message.posted_at,
            Message.edited_at,
            Message.hidden_at,
            Message.hidden_reason,
            Person.erased_at.is_not(None),
            false() if has_voted is None else has_voted,
            select(func.count()).where(_OF_REQUEST).correlate(None).scalar_subquery(),
        )
        .outerjoin(Organisation, Organisation.id == Message.organisation_id)
        .outerjoin(Unit, Unit.id == Message.unit_id)
        .outerjoin(Person, Person.id == Message.author_id)
        .where(_OF_REQUEST)
        .order_by(Message.id)
    )


@cache
def _ends(has_voted: ColumnElement[bool] | None) -> Select[*tuple[Any, ...]]:
    first, last = (
        _IDS.order_by(order).limit(ENDS_SHOWN).scalar_subquery() for order in (Message.id, Message.id.desc())
    )
    return _posts(has_voted).where(or_(Message.id.in_(first), Message.id.in_(last)))


@cache
def _page(has_voted: ColumnElement[bool] | None) -> Select[*tuple[Any, ...]]:
    return _posts(has_voted).where(Message.id > bindparam("after")).limit(PAGE_OF_POSTS + 1)


def get_message(session: Session, message_id: int) -> Message:
    """The post with `message_id`. Raises NotFound. Whether its request may be seen is the caller's to check."""
    message = session.get(Message, message_id)
    if message is None:
        raise NotFound
    return message


def list_versions(session: Session, message_id: int) -> list[MessageEdit]:
    """What a post said before each change, oldest first."""
    return list(
        session.scalars(select(MessageEdit).where(MessageEdit.message_id == message_id).order_by(MessageEdit.id))
    )
