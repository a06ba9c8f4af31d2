"""SELECTs for answers that are not sent yet."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.requests.models import AnswerDraft


def find_draft(session: Session, request_id: int, person_id: int) -> AnswerDraft | None:
    """The person's own draft of an answer to a request."""
    wanted = select(AnswerDraft).where(AnswerDraft.request_id == request_id, AnswerDraft.person_id == person_id)
    return session.scalar(wanted)
