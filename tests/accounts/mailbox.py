"""What was put in the outbox, as the one it was written to would see it."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dialogue.mail.models import OutgoingEmail


def newest_mail(session: Session, to: str = "") -> OutgoingEmail:
    """The last mail that was queued (to `to`)."""
    wanted = select(OutgoingEmail).order_by(OutgoingEmail.id.desc()).limit(1)
    mail = session.scalar(wanted.where(OutgoingEmail.recipient == to) if to else wanted)
    assert mail is not None, "no mail was queued"
    return mail


def count_mails(session: Session, template: str = "sign_in") -> int:
    """How many mails of a kind were queued."""
    wanted = select(func.count()).select_from(OutgoingEmail).where(OutgoingEmail.template == template)
    return session.scalar(wanted) or 0
