"""Every SELECT about the outbox that is not part of sending."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dialogue.core.errors import NotFound
from dialogue.mail.models import MailPace, OutgoingEmail
from dialogue.mail.rules import OPEN


def is_mail_stuck(session: Session, since: datetime) -> bool:
    """Whether a mail could have been sent before `since` and nobody has tried, nor sent others by the rate."""
    wanted = select(OutgoingEmail.id).where(
        OutgoingEmail.state.in_(OPEN), OutgoingEmail.not_before_at < since, OutgoingEmail.attempts == 0
    )
    paced = select(MailPace.domain).where(MailPace.domain == "", MailPace.free_at > since)
    return session.scalar(wanted.where(~paced.exists()).limit(1)) is not None


def list_sent_copies(session: Session, recipient: str = "", limit: int = 100) -> list[OutgoingEmail]:
    """The newest mails of which the whole message was kept (development only), to `recipient` if one is named."""
    wanted = select(OutgoingEmail).where(OutgoingEmail.sent_copy.is_not(None))
    if recipient:
        wanted = wanted.where(OutgoingEmail.recipient == recipient)
    return list(
        session.scalars(wanted.order_by(OutgoingEmail.finished_at.desc(), OutgoingEmail.id.desc()).limit(limit))
    )


def get_sent_copy(session: Session, mail_id: int) -> OutgoingEmail:
    """One mail with its whole message. Raises NotFound."""
    mail = session.get(OutgoingEmail, mail_id)
    if mail is None or mail.sent_copy is None:
        raise NotFound
    return mail


def count_queued(session: Session, template: str) -> int:
    """How many mails of one kind are in the outbox, sent ones too."""
    return session.scalar(select(func.count()).where(OutgoingEmail.template == template)) or 0


def was_queued_since(session: Session, template: str, recipient: str, since: datetime) -> bool:
    """Whether a mail of one kind to one address was queued after a moment."""
    wanted = select(OutgoingEmail.id).where(
        OutgoingEmail.recipient == recipient, OutgoingEmail.template == template, OutgoingEmail.created_at > since
    )
    return session.scalar(wanted.limit(1)) is not None
