"""Every SELECT about the outbox that is not part of handing over."""

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from dialogue.core.errors import NotFound
from dialogue.mail.models import IS_OPEN, IS_SET_ASIDE, MailPace, OutgoingEmail
from dialogue.mail.rules import KEPT_TO_SEND, MailState


def is_mail_stuck(session: Session, since: datetime) -> bool:
    """Whether a mail could have been sent before `since` and nobody has tried, nor sent others by the rate."""
    wanted = select(OutgoingEmail.id).where(IS_OPEN, OutgoingEmail.not_before_at < since, OutgoingEmail.attempts == 0)
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


def can_be_sent(at: datetime) -> ColumnElement[bool]:
    """Mails that were set aside and may be sent once more, as a condition."""
    lasts = or_(OutgoingEmail.expires_at.is_(None), OutgoingEmail.expires_at > at)
    return and_(OutgoingEmail.state.in_(KEPT_TO_SEND), lasts)


def list_unsent(session: Session, states: Collection[MailState]) -> Iterator[OutgoingEmail]:
    """Every mail that is in one of `states`, in the order in which they were written."""
    wanted = select(OutgoingEmail).where(OutgoingEmail.state.in_(states)).order_by(OutgoingEmail.id)
    return iter(session.scalars(wanted.execution_options(yield_per=500)))


def list_set_aside(
    session: Session, at: datetime, limit: int, recipients: Collection[str] | None = None
) -> list[tuple[OutgoingEmail, bool]]:
    """Mails that were set aside, each with whether it may be sent once more: those first, and the newest first. To
    `recipients` alone if given."""
    can = can_be_sent(at)
    wanted = select(OutgoingEmail, can).where(IS_SET_ASIDE)
    if recipients is not None:
        wanted = wanted.where(OutgoingEmail.recipient.in_(recipients))
    ordered = wanted.order_by(can.desc(), OutgoingEmail.finished_at.desc(), OutgoingEmail.id.desc())
    return [(row[0], bool(row[1])) for row in session.execute(ordered.limit(limit))]


def find_outgoing(session: Session, mail_ids: Collection[int]) -> dict[int, OutgoingEmail]:
    """Those of `mail_ids` that there are."""
    return {mail.id: mail for mail in session.scalars(select(OutgoingEmail).where(OutgoingEmail.id.in_(mail_ids)))}
