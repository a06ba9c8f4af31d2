"""The latest official answer, kept in brief on the request's own row for lists and the state card."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.conversation.models import Message
from dialogue.core import markdown
from dialogue.requests.models import DataRequest

#: Characters of the answer that are kept.
BRIEF = 280


def refresh_latest_answer(session: Session, data_request: DataRequest) -> None:
    """Look up which answer is the latest that is shown, and what it says now."""
    answer = session.scalar(
        select(Message)
        .where(Message.request_id == data_request.id, Message.is_official, Message.hidden_at.is_(None))
        .order_by(Message.id.desc())
        .limit(1)
    )
    data_request.latest_answer = markdown.excerpt(answer.body, BRIEF) if answer else None
    data_request.latest_answer_id = answer.id if answer else None
    data_request.latest_answer_at = answer.posted_at if answer else None
