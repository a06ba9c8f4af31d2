"""Hiding a post with a reason and showing it again. The text is kept, its author is told."""

from sqlalchemy.orm import Session

from dialogue.accounts.policy import Permission, Viewer, allows
from dialogue.conversation.models import Message
from dialogue.conversation.operations.latest import refresh_latest_answer
from dialogue.conversation.operations.reports import settle_reports_of
from dialogue.conversation.operations.writing import count_messages
from dialogue.core.clock import now
from dialogue.core.errors import Forbidden, InvalidTransition, InvalidValue
from dialogue.core.language import N_
from dialogue.core.text import clean_line
from dialogue.requests.models import DataRequest
from dialogue.requests.operations.counters import lock_request
from dialogue.requests.operations.moves import record
from dialogue.requests.rules import EventKind

MAX_HIDING_REASON = 300


def hide_message(session: Session, viewer: Viewer, data_request: DataRequest, message: Message, reason: str) -> None:
    """Take a post off the page; the reason stands in its place. Raises InvalidValue without a reason."""
    reason = clean_line(reason, MAX_HIDING_REASON)
    if not reason:
        raise InvalidValue("reason", N_("Say why the post is hidden. Everybody can read the reason."))
    _lock(session, viewer, data_request, message)
    if message.hidden_at is not None:
        raise InvalidTransition(N_("It is already so."))
    message.hidden_at, message.hidden_reason = now(), reason
    settle_reports_of(session, message)
    _settle(session, data_request)
    record(session, viewer, data_request, EventKind.MESSAGE_HIDDEN, message_id=message.id, note=reason)


def show_message(session: Session, viewer: Viewer, data_request: DataRequest, message: Message) -> None:
    """Put a hidden post back."""
    _lock(session, viewer, data_request, message)
    if message.hidden_at is None:
        raise InvalidTransition(N_("It is already so."))
    message.hidden_at = message.hidden_reason = None
    _settle(session, data_request)
    record(session, viewer, data_request, EventKind.MESSAGE_SHOWN, message_id=message.id)


def _lock(session: Session, viewer: Viewer, data_request: DataRequest, message: Message) -> None:
    if not allows(viewer, Permission.HIDE_MESSAGE, data_request):
        raise Forbidden
    lock_request(session, data_request)
    session.refresh(message)


def _settle(session: Session, data_request: DataRequest) -> None:
    count_messages(session, data_request)
    refresh_latest_answer(session, data_request)
