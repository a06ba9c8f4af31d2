"""What people write in the conversation, and change within some minutes. What the municipality answers is elsewhere."""

from sqlalchemy.orm import Session

from dialogue.accounts.models import Person
from dialogue.accounts.policy import Viewer
from dialogue.accounts.rules import Role
from dialogue.conversation.models import Message, MessageEdit
from dialogue.conversation.operations.latest import refresh_latest_answer
from dialogue.conversation.operations.writing import check_body, write_message
from dialogue.conversation.rules import (
    EDITS_PER_HOUR,
    NEWCOMER_FOR,
    NEWCOMER_LINKS,
    NEWCOMER_POSTS,
    POSTS_PER_HOUR,
    is_editable,
    takes_posts,
)
from dialogue.core import markdown
from dialogue.core.clock import now
from dialogue.core.errors import Forbidden, InvalidTransition, InvalidValue
from dialogue.core.language import N_
from dialogue.core.limits import count_try
from dialogue.requests.models import DataRequest
from dialogue.requests.operations.counters import lock_request
from dialogue.requests.operations.moves import record
from dialogue.requests.operations.planning import note_answer_from_asker
from dialogue.requests.rules import EventKind


def post_message(
    session: Session, viewer: Viewer, data_request: DataRequest, body: str, *, paced: bool = True
) -> Message:
    """Write `body` (Markdown) as the business that `viewer` speaks for. The asker's words answer an open question.

    `paced` is off for what does not come from a person typing (import, demo). Raises InvalidTransition when the
    request takes no posts, InvalidValue for a body that cannot be shown, RateLimited.
    """
    refuse_closed(data_request)
    assert viewer.person_id is not None  # noqa: S101 (views ask for proof of an address first)
    if paced and not viewer.is_staff:
        keep_pace(session, session.get_one(Person, viewer.person_id), body)
    message = write_message(
        session,
        data_request,
        body,
        author_id=viewer.person_id,
        organisation_id=viewer.organisation_id,
        unit_id=_own_unit(viewer, data_request),
    )
    if note_answer_from_asker(session, viewer, data_request, message.id) is None:
        record(session, viewer, data_request, EventKind.MESSAGE_POSTED, message_id=message.id)
    return message


def edit_message(session: Session, viewer: Viewer, data_request: DataRequest, message: Message, body: str) -> bool:
    """Change what `viewer` wrote a moment ago; what it said before is kept. False when nothing differs.

    Raises Forbidden for somebody else's post, InvalidTransition when the time is over or the request takes no posts,
    RateLimited.
    """
    if message.author_id != viewer.person_id:
        raise Forbidden
    body = check_body(body)
    lock_request(session, data_request)
    session.refresh(message)
    at = now()
    refuse_closed(data_request)
    if not is_editable(message.posted_at, message.hidden_at, at):
        raise InvalidTransition(N_("A post can be changed for 15 minutes. Write a new one instead."))
    if body == message.body:
        return False
    count_try(session, EDITS_PER_HOUR, str(viewer.person_id), at)
    session.add(MessageEdit(message_id=message.id, body=message.body, replaced_at=at))
    message.body, message.body_html, message.edited_at = body, markdown.render(body), at
    session.flush()
    refresh_latest_answer(session, data_request)
    return True


def refuse_closed(data_request: DataRequest) -> None:
    """Raise InvalidTransition when `data_request` takes no posts."""
    if not takes_posts(data_request):
        raise InvalidTransition(N_("The conversation has ended, because the request was withdrawn or hidden."))


def keep_pace(session: Session, person: Person, body: str) -> None:
    """Count one post of `person`. Raises RateLimited, and InvalidValue for a newcomer's post full of links."""
    at = now()
    count_try(session, POSTS_PER_HOUR, str(person.id), at)
    if at - person.created_at < NEWCOMER_FOR:
        count_try(session, NEWCOMER_POSTS, str(person.id), at)
        if markdown.render(body).count("<a ") > NEWCOMER_LINKS:
            raise InvalidValue(
                "body", N_("Keep at most %(count)s links in a post during your first day."), count=NEWCOMER_LINKS
            )


def _own_unit(viewer: Viewer, data_request: DataRequest) -> int | None:
    """A colleague of another unit does not answer for the municipality, but the thread says where they work."""
    units = (
        unit
        for held in viewer.roles
        if held.municipality_id == data_request.municipality_id and held.role is not Role.ADMINISTRATOR
        for unit in held.unit_ids
    )
    return min(units, default=None)
