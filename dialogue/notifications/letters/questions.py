"""The mail that reminds the one who asked for data of the municipality's question."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.conversation.models import Message
from dialogue.core.clock import local_day
from dialogue.core.language import Sentence
from dialogue.mail.compose import Letter
from dialogue.mail.outbox import Claim
from dialogue.notifications.letters.frame import choices_path, find_reader, letter
from dialogue.notifications.rules import Reason
from dialogue.notifications.wording import WHY
from dialogue.requests.models import DataRequest, RequestEvent
from dialogue.requests.promises import answer_by
from dialogue.requests.rules import EventKind


def question_reminder(session: Session, mail: Claim) -> Letter | None:
    """The question once more, and until when it is waited for. None when it has been answered, or another was asked."""
    person = find_reader(session, mail)
    data_request = session.get_one(DataRequest, mail.context["request_id"])
    is_open = str(data_request.asked_on) == mail.context["asked_on"] and data_request.hidden_at is None
    if person is None or not is_open or person.id != data_request.asker_id:
        return None
    municipality, path = data_request.municipality, f"/requests/{data_request.id}-{data_request.slug}"
    reminded = data_request.reminded_at
    message = _question(session, data_request)
    return letter(
        municipality,
        Sentence(WHY[Reason.ASKER]),
        {
            "unit": (data_request.unit or municipality).name,
            "number": data_request.id,
            "title": data_request.title,
            "question": message.body if message else None,
            "path": f"{path}#message-{message.id}" if message else path,
            "kind": data_request.kind.value,
            "answer_by": answer_by(data_request, local_day(reminded, municipality.zone) if reminded else None),
        },
        unit=data_request.unit,
        choices_path=choices_path(session, person),
    )


def _question(session: Session, data_request: DataRequest) -> Message | None:
    asked = (
        select(Message)
        .join(RequestEvent, RequestEvent.message_id == Message.id)
        .where(
            RequestEvent.request_id == data_request.id,
            RequestEvent.kind == EventKind.QUESTION_ASKED,
            Message.hidden_at.is_(None),
        )
        .order_by(RequestEvent.id.desc())
        .limit(1)
    )
    return session.scalar(asked)
