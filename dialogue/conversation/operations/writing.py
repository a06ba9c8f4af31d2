"""The one writer of posts, for people and for the municipality."""

from sqlalchemy.orm import Session

from dialogue.conversation.models import Message
from dialogue.conversation.queries.thread import SHOWN_POSTS
from dialogue.conversation.rules import MAX_BODY
from dialogue.core import markdown
from dialogue.core.clock import now
from dialogue.core.errors import InvalidValue
from dialogue.core.language import N_
from dialogue.core.personnummer import refuse_personal_numbers
from dialogue.core.text import clean_text
from dialogue.requests.models import DataRequest
from dialogue.requests.operations.counters import lock_request, set_counter


def write_message(
    session: Session,
    data_request: DataRequest,
    body: str,
    *,
    author_id: int | None,
    organisation_id: int | None = None,
    unit_id: int | None = None,
    is_official: bool = False,
) -> Message:
    """Append `body` (Markdown) to the conversation, rendered once and counted; the request is locked from here on.

    Records no event: the verb that calls does. Raises InvalidValue for a body that cannot be shown.
    """
    body = check_body(body)
    lock_request(session, data_request)
    message = Message(
        request_id=data_request.id,
        author_id=author_id,
        organisation_id=organisation_id,
        unit_id=unit_id,
        is_official=is_official,
        body=body,
        body_html=markdown.render(body),
        posted_at=now(),
    )
    session.add(message)
    count_messages(session, data_request)
    return message


def check_body(body: str) -> str:
    """`body` as it is stored. Raises InvalidValue when it is empty, too long or holds a personal identity number."""
    body = clean_text(body)
    if not body.strip():
        raise InvalidValue("body", N_("Write something first"))
    if len(body) > MAX_BODY:
        raise InvalidValue("body", N_("Write at most %(count)s characters"), count=MAX_BODY)
    refuse_personal_numbers("body", body)
    return body


def count_messages(session: Session, data_request: DataRequest) -> None:
    """Write the number of posts that are shown to the locked request."""
    session.flush()
    set_counter(session, data_request, "messages_count", SHOWN_POSTS)
