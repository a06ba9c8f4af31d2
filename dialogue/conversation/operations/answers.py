"""The municipality's answers: the message, as the unit, and with it the move it explains.

Nothing changes status without an answer: the verbs of requests/operations ask for the id of a message, and this is
where official messages come from.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from dialogue.accounts.policy import Permission, Viewer, allows
from dialogue.accounts.queries import get_own_unit
from dialogue.conversation.models import Message
from dialogue.conversation.operations.latest import refresh_latest_answer
from dialogue.conversation.operations.writing import write_message
from dialogue.core.errors import Forbidden, InvalidTransition, InvalidValue, StaleVersion
from dialogue.core.language import N_
from dialogue.requests.models import DataRequest, RequestEvent
from dialogue.requests.operations.answer_times import refresh_usual_answer
from dialogue.requests.operations.closing import decline_request, redirect_request, set_aside_request
from dialogue.requests.operations.moves import guard, record
from dialogue.requests.operations.planning import (
    ask_requester,
    assess_request,
    move_date,
    plan_request,
    today_of,
)
from dialogue.requests.operations.publishing import publish_request, say_already_available
from dialogue.requests.rules import LIVE, EventKind, Status

#: The verb behind each action that an answer explains.
VERBS: dict[str, Callable[..., RequestEvent]] = {
    "assess": assess_request,
    "ask": ask_requester,
    "plan": plan_request,
    "move_date": move_date,
    "publish": publish_request,
    "decline": decline_request,
    "redirect": redirect_request,
    "already_available": say_already_available,
    "not_a_data_request": set_aside_request,
}

#: What the answer is called where it is not simply the answer.
TEXT_FIELDS = {"ask": "question", "decline": "explanation"}

#: Of these, the ones that speak for themselves when nothing is written.
ANSWER_IS_OPTIONAL = frozenset({"publish"})


def answer_with(
    session: Session,
    viewer: Viewer,
    data_request: DataRequest,
    name: str,
    text: str,
    *,
    version: int | None,
    **values: Any,
) -> RequestEvent:
    """Answer with `text` (Markdown) and take the action `name` with its `values`, in one.

    Raises Forbidden, StaleVersion, InvalidTransition before anything is written; InvalidValue names the field at fault.
    """
    guard(viewer, data_request, name, version)
    if not text and name in ANSWER_IS_OPTIONAL:
        return VERBS[name](session, viewer, data_request, version=version, **values)
    message = _write(session, viewer, data_request, text, TEXT_FIELDS.get(name, "answer"))
    if data_request.unit_id is None:
        values["unit_id"] = message.unit_id
    event = VERBS[name](session, viewer, data_request, version=version, message_id=message.id, **values)
    _show(session, data_request, message)
    return event


def post_answer(
    session: Session, viewer: Viewer, data_request: DataRequest, text: str, *, version: int | None
) -> RequestEvent:
    """Answer with `text` (Markdown) and leave the status where it is.

    Raises InvalidValue when that would leave a live request without a date ahead.
    """
    if not allows(viewer, Permission.POST_ANSWER, data_request):
        raise Forbidden
    if version is not None and version != data_request.version:
        raise StaleVersion(N_("The request has changed since you opened the page."))
    if data_request.status is Status.DRAFT:
        raise InvalidTransition(N_("That cannot be done from where the request stands now."))
    if data_request.status in LIVE and not _has_date_ahead(data_request):
        raise InvalidValue("next_on", N_("Say when the next word comes: the date has passed, or there is none."))
    message = _write(session, viewer, data_request, text)
    event = record(
        session,
        viewer,
        data_request,
        EventKind.ANSWER_POSTED,
        message_id=message.id,
        unit_id=message.unit_id,
    )
    _show(session, data_request, message)
    return event


def _has_date_ahead(data_request: DataRequest) -> bool:
    next_on: date | None = data_request.next_on
    return next_on is not None and (data_request.waiting_on is not None or next_on >= today_of(data_request))


def _write(session: Session, viewer: Viewer, data_request: DataRequest, text: str, field: str = "answer") -> Message:
    unit_id = data_request.unit_id
    if unit_id is None:
        unit_id = get_own_unit(session, viewer.person_id or 0, data_request.municipality_id).id
    try:
        return write_message(session, data_request, text, author_id=viewer.person_id, unit_id=unit_id, is_official=True)
    except InvalidValue as error:
        raise InvalidValue(field, error.message, **error.values) from error


def _show(session: Session, data_request: DataRequest, message: Message) -> None:
    refresh_latest_answer(session, data_request)
    if data_request.first_answered_at is None:
        data_request.first_answered_at = message.posted_at
        if data_request.unit is not None:
            refresh_usual_answer(session, data_request.unit)
