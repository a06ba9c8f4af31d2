"""The preview of an answer that came by mail, for its writer."""

import hashlib

from sqlalchemy import update
from sqlalchemy.orm import Session

from dialogue.accounts.models import Person, Unit
from dialogue.conversation.models import ReplyPreview
from dialogue.conversation.operations.notices import send_preview
from dialogue.conversation.queries.replies import find_same_text
from dialogue.conversation.rules import PREVIEW_LASTS, SAME_TEXT_FOR
from dialogue.core.clock import now
from dialogue.core.tokens import hash_token, new_token
from dialogue.requests.models import DataRequest


def make_preview(
    session: Session,
    data_request: DataRequest,
    person: Person | None,
    unit: Unit | None,
    sender: str,
    text: str,
    locale: str,
) -> bool:
    """Mail `sender`, who is `person` or writes from the mailbox of `unit`, what `text` will look like. `locale` is for
    mailboxes. False, and counted, when the sender has a preview of the same words.
    """
    at = now()
    text_hash = hashlib.sha256(" ".join(text.split()).encode("utf-8", "replace")).hexdigest()
    same = find_same_text(session, data_request.id, sender, text_hash, at - SAME_TEXT_FOR)
    if same is not None:
        again = update(ReplyPreview).where(ReplyPreview.id == same.id).values(repeats=ReplyPreview.repeats + 1)
        session.execute(again)
        return False
    token = new_token()
    preview = ReplyPreview(
        request_id=data_request.id,
        person_id=person.id if person else None,
        unit_id=unit.id if unit else None,
        sender=sender,
        body=text,
        text_hash=text_hash,
        token_hash=hash_token(token),
        received_at=at,
        expires_at=at + PREVIEW_LASTS,
    )
    session.add(preview)
    session.flush()
    send_preview(session, preview, token, person.locale if person else locale)
    return True
