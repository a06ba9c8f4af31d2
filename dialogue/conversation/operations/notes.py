"""Internal notes: for colleagues, never on the public page, and an official document all the same.

They leave no event behind, because events are public.
"""

from sqlalchemy.orm import Session

from dialogue.accounts.policy import Permission, Viewer, allows
from dialogue.accounts.queries import get_own_unit
from dialogue.conversation.models import InternalNote
from dialogue.conversation.rules import MAX_BODY
from dialogue.core.clock import now
from dialogue.core.errors import Forbidden, InvalidValue
from dialogue.core.language import N_
from dialogue.core.text import clean_text
from dialogue.requests.models import DataRequest


def write_note(session: Session, viewer: Viewer, data_request: DataRequest, body: str) -> InternalNote:
    """Add a note for the officials of the unit that the request stands with, and the coordinator.

    Raises Forbidden, and InvalidValue when nothing or too much is written.
    """
    if viewer.person_id is None or not allows(viewer, Permission.WRITE_INTERNAL_NOTE, data_request):
        raise Forbidden
    body = clean_text(body)
    if not body.strip():
        raise InvalidValue("body", N_("Write something first"))
    if len(body) > MAX_BODY:
        raise InvalidValue("body", N_("Write at most %(count)s characters"), count=MAX_BODY)
    unit_id = data_request.unit_id or get_own_unit(session, viewer.person_id, data_request.municipality_id).id
    note = InternalNote(
        request_id=data_request.id, author_id=viewer.person_id, unit_id=unit_id, body=body, written_at=now()
    )
    session.add(note)
    session.flush()
    return note
