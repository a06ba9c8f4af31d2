"""SELECTs of internal notes."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from dialogue.accounts.policy import Permission, Viewer, allows
from dialogue.conversation.models import InternalNote
from dialogue.requests.models import DataRequest


def list_notes(session: Session, viewer: Viewer, data_request: DataRequest) -> list[InternalNote]:
    """The notes on a request, oldest first, for those who may see them; for everybody else there are none."""
    if not allows(viewer, Permission.SEE_INTERNAL_NOTES, data_request):
        return []
    wanted = (
        select(InternalNote)
        .where(InternalNote.request_id == data_request.id)
        .options(joinedload(InternalNote.author), joinedload(InternalNote.unit))
        .order_by(InternalNote.id)
    )
    return list(session.scalars(wanted))
