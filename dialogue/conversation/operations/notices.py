"""Mails about mails: the preview for its writer, and who is told when something is not right."""

from datetime import timedelta

from sqlalchemy.orm import Session

from dialogue.accounts.models import Person, Unit
from dialogue.conversation.models import ReplyPreview
from dialogue.core.clock import now
from dialogue.core.tokens import hash_token
from dialogue.mail.compose import queue_email
from dialogue.mail.queries import was_queued_since
from dialogue.mail.rules import Rank
from dialogue.requests.models import DataRequest

#: How long a mail about a mail is worth sending.
_NOTICE_LASTS = timedelta(days=7)
_DAY = timedelta(days=1)


def send_preview(session: Session, preview: ReplyPreview, token: str, locale: str) -> None:
    """Show its writer what an answer will look like, with the link that publishes it."""
    queue_email(
        session,
        template="reply_preview",
        recipient=preview.sender,
        locale=locale,
        context={"preview_id": preview.id, "token": token},
        dedupe_key=f"reply:{preview.id}",
        person_id=preview.person_id,
        rank=Rank.AT_ONCE,
        expires_at=preview.expires_at,
    )


def tell_holder(
    session: Session, data_request: DataRequest, person: Person | None, unit: Unit | None, sender: str, locale: str
) -> None:
    """Tell whose address it is that somebody else wrote to it: once a day for a request, however many write."""
    recipient = person.email if person is not None else unit.mailbox if unit is not None else ""
    at = now()
    queue_email(
        session,
        template="reply_held",
        recipient=recipient,
        locale=person.locale if person is not None else locale,
        context={"request_id": data_request.id, "sender": sender, "unit_id": unit.id if unit else None},
        dedupe_key=f"held:{data_request.id}:{_name(recipient)}:{at.date().isoformat()}",
        person_id=person.id if person is not None else None,
        expires_at=at + _NOTICE_LASTS,
    )


def warn_of_robot(session: Session, data_request: DataRequest, sender: str, locale: str) -> None:
    """Tell those who have the request, once, that a sender writes as robots do."""
    unit = data_request.unit
    recipient = unit.mailbox if unit is not None else data_request.municipality.contact_email
    if recipient is None:
        return
    queue_email(
        session,
        template="reply_robot",
        recipient=recipient,
        locale=locale,
        context={"request_id": data_request.id, "sender": sender, "unit_id": unit.id if unit else None},
        dedupe_key=f"robot:{data_request.id}:{_name(sender)}",
        expires_at=now() + _NOTICE_LASTS,
    )


def explain_digest(session: Session, person: Person) -> bool:
    """Say that nobody reads what is sent to a digest. False when it was said within a day."""
    at = now()
    if was_queued_since(session, "reply_explained", person.email, at - _DAY):
        return False
    queue_email(
        session,
        template="reply_explained",
        recipient=person.email,
        locale=person.locale,
        context={},
        dedupe_key=f"explained:{person.id}:{at.isoformat()}",
        person_id=person.id,
        expires_at=at + _DAY,
    )
    return True


def _name(address: str) -> str:
    return hash_token(address)[:24]
