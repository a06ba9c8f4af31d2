"""Tables: the outbox and its pace, the spool of what comes in, and addresses that mail does not reach."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from dialogue.core.db import Base, choice
from dialogue.mail.rules import IncomingState, MailState, Rank

#: Which rows an index holds, in the words of the queries that use it: SQLite does not see through bound values.
_OPEN = "state IN ('waiting', 'begun')"
_SET_ASIDE = "state IN ('refused', 'failed', 'expired')"
_COME = "state = 'waiting'"

IS_OPEN = text(f"outgoing_email.{_OPEN}")
IS_SET_ASIDE = text(f"outgoing_email.{_SET_ASIDE}")
HAS_COME = text(f"incoming_email.{_COME}")


class OutgoingEmail(Base):
    """A mail to be sent, written in the transaction of the change it tells about."""

    __tablename__ = "outgoing_email"
    __table_args__ = (
        CheckConstraint("attempts >= 0", name="attempts_positive"),
        Index(
            "ix_outgoing_email_due",
            "rank",
            "not_before_at",
            "id",
            sqlite_where=text(_OPEN),
            postgresql_where=text(_OPEN),
        ),
        Index(
            "ix_outgoing_email_set_aside",
            "finished_at",
            sqlite_where=text(_SET_ASIDE),
            postgresql_where=text(_SET_ASIDE),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Folder under templates/emails.
    template: Mapped[str] = mapped_column(String(60))
    recipient: Mapped[str] = mapped_column(String(254), index=True)
    person_id: Mapped[int | None] = mapped_column(index=True)
    locale: Mapped[str] = mapped_column(String(2))
    #: Ids and secrets that the template needs; what it may say is looked up when it is sent.
    context: Mapped[dict[str, Any]]
    message_id: Mapped[str] = mapped_column(String(120), unique=True)
    #: One mail per event and person, per proof, per digest period.
    dedupe_key: Mapped[str] = mapped_column(String(120), unique=True)
    state: Mapped[MailState] = mapped_column(choice(MailState), default=MailState.WAITING)
    #: A mail.rules.Rank: the lowest is sent first.
    rank: Mapped[int] = mapped_column(SmallInteger, default=Rank.NOTICE)
    created_at: Mapped[datetime]
    not_before_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    #: Who is sending it, until when; the fence grows with every lease, so a worker that slept too long notices.
    leased_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(500))
    #: Development only: the whole message as it was sent, for /dev/mail.
    sent_copy: Mapped[str | None] = mapped_column(Text)


class MailPace(Base):
    """How far the workers of one installation have used up a rate: in all, and for each domain that has to wait."""

    __tablename__ = "mail_pace"

    #: A recipient's domain; empty for all mail together.
    domain: Mapped[str] = mapped_column(String(254), primary_key=True)
    #: See mail.rules.Rate.
    free_at: Mapped[datetime]


class IncomingEmail(Base):
    """A mail that came in, written before its sender is told so. Once it is handled, only its keys are left."""

    __tablename__ = "incoming_email"
    __table_args__ = (
        CheckConstraint("(state = 'waiting') = (finished_at IS NULL)", name="waiting_is_not_finished"),
        CheckConstraint("finished_at IS NULL OR raw IS NULL", name="finished_is_wiped"),
        Index(
            "ix_incoming_email_due",
            "id",
            sqlite_where=text(_COME),
            postgresql_where=text(_COME),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Of the address and the Message-ID (or the content, where there is none): the same mail again is the same row.
    message_key: Mapped[str] = mapped_column(String(64), unique=True)
    #: Envelope recipient and sender.
    address: Mapped[str] = mapped_column(String(254))
    return_path: Mapped[str] = mapped_column(String(254))
    raw: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    state: Mapped[IncomingState] = mapped_column(choice(IncomingState), default=IncomingState.WAITING)
    #: How often it came.
    deliveries: Mapped[int] = mapped_column(default=1)
    attempts: Mapped[int] = mapped_column(default=0)
    received_at: Mapped[datetime]
    not_before_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class Bounce(Base):
    """A mail of ours that did not arrive."""

    __tablename__ = "bounce"
    __table_args__ = (Index("ix_bounce_address", "email", "happened_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    #: The outgoing mail, which is forgotten before long: each counts once.
    mail_id: Mapped[int] = mapped_column(unique=True)
    email: Mapped[str] = mapped_column(String(254))
    #: It will never arrive, as far as that server knows.
    is_hard: Mapped[bool]
    words: Mapped[str] = mapped_column(String(300))
    happened_at: Mapped[datetime] = mapped_column(index=True)


class StoppedAddress(Base):
    """An address that gets no mail but what somebody waits for, because mail does not arrive there."""

    __tablename__ = "stopped_address"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    stopped_at: Mapped[datetime]
    words: Mapped[str] = mapped_column(String(300))
