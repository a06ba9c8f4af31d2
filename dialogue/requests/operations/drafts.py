"""Answers that are not sent yet: kept for their author, seen by nobody else."""

from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from dialogue.core.clock import now
from dialogue.requests.models import AnswerDraft
from dialogue.requests.queries.drafts import find_draft


def save_draft(session: Session, person_id: int, request_id: int, fields: dict[str, Any]) -> AnswerDraft:
    """Keep `fields` as the person's one draft for the request."""
    draft = find_draft(session, request_id, person_id)
    if draft is None:
        draft = AnswerDraft(request_id=request_id, person_id=person_id)
        session.add(draft)
    draft.fields, draft.saved_at = fields, now()
    session.flush()
    return draft


def discard_draft(session: Session, person_id: int, request_id: int) -> None:
    """Drop the draft: it was sent, or is not wanted any more."""
    session.execute(delete(AnswerDraft).where(AnswerDraft.request_id == request_id, AnswerDraft.person_id == person_id))
