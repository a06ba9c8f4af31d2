"""Putting a mail in the outbox, in the transaction of what it tells about; and what it says when it leaves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from dialogue.core.clock import now
from dialogue.core.db import upserting
from dialogue.core.tokens import new_token
from dialogue.core.wake import want_worker
from dialogue.mail.addresses import Purpose
from dialogue.mail.models import OutgoingEmail
from dialogue.mail.outbox import Claim
from dialogue.mail.rules import MailState, Rank


@dataclass(frozen=True)
class MailingList:
    """What one has subscribed to, as mail programs know it (RFC 2369, 2919, 8058)."""

    #: Stable, of letters, digits, hyphens and full stops: "request-128", "area-3".
    key: str
    name: str
    #: Path of the page that ends it by one POST.
    stop_path: str
    #: A mailbox that people read, for programs that unsubscribe by mail.
    mailbox: str | None = None


@dataclass(frozen=True)
class Letter:
    """What a mail says, looked up at the moment it is sent."""

    #: For the three templates, beside those that layout.html names.
    values: Mapping[str, Any]
    #: Whom it is from: "Dialogue, Halmstads kommun".
    sender_name: str
    #: Where an answer goes; none only when the municipality has named no address at all.
    reply_to: str | None = None
    #: The municipality's time zone, for times in the text.
    zone: str | None = None
    #: What an answer by mail would be; then it goes to an address of that meaning, if the house takes answers in.
    answer: Purpose | None = None
    #: Answers a mail without anybody's doing: robots must see that, and no answer to it may come back.
    is_auto_reply: bool = False
    mailing_list: MailingList | None = None


#: Looks up what one mail says. None: it must not or need not be told any more.
LetterOf = Callable[[Session, Claim], Letter | None]

#: Looks up what several mails need, in fewer statements than one by one.
LookAhead = Callable[[Session, Sequence[Claim]], object]


@dataclass(frozen=True)
class NewEmail:
    """A mail to be sent: the one in folder `template` of templates/emails, to `recipient`."""

    template: str
    recipient: str
    locale: str
    #: Ids and secrets. What the mail says is looked up when it is sent.
    context: dict[str, Any]
    #: A second mail with the same key is not queued.
    dedupe_key: str
    person_id: int | None = None
    rank: Rank = Rank.NOTICE
    not_before_at: datetime | None = None
    expires_at: datetime | None = None


def queue_email(
    session: Session,
    *,
    template: str,
    recipient: str,
    locale: str,
    context: dict[str, Any],
    dedupe_key: str,
    person_id: int | None = None,
    rank: Rank = Rank.NOTICE,
    not_before_at: datetime | None = None,
    expires_at: datetime | None = None,
) -> None:
    """Queue one mail; what the values mean stands at NewEmail."""
    mail = NewEmail(template, recipient, locale, context, dedupe_key, person_id, rank, not_before_at, expires_at)
    queue_emails(session, [mail])


def queue_emails(session: Session, mails: Sequence[NewEmail]) -> None:
    """Queue `mails` and ask for the worker. Those whose key is there already are left out."""
    if not mails:
        return
    at = now()
    insert = upserting(session)
    rows = [
        {
            **vars(mail),
            "message_id": new_token(),
            "created_at": at,
            "not_before_at": mail.not_before_at or at,
        }
        for mail in mails
    ]
    session.execute(insert(OutgoingEmail).on_conflict_do_nothing(index_elements=["dedupe_key"]), rows)
    want_worker(session)


def cancel_email(session: Session, dedupe_key: str) -> None:
    """Take back the mail with `dedupe_key`, if it has not left yet."""
    session.execute(
        update(OutgoingEmail)
        .where(OutgoingEmail.dedupe_key == dedupe_key, OutgoingEmail.state == MailState.WAITING)
        .values(state=MailState.CANCELLED, finished_at=now(), context={})
    )
