"""Tables: what people and the municipality write to each other, and what of it comes by mail."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dialogue.accounts.models import Organisation, Person, Unit
from dialogue.conversation.rules import Fate, Held, ReportKind
from dialogue.core.db import Base, choice
from dialogue.requests.models import DataRequest


class Message(Base):
    """A post in the conversation. An official one is written as the unit."""

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint("NOT is_official OR unit_id IS NOT NULL", name="official_has_unit"),
        Index("ix_message_request", "request_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("data_request.id"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    is_official: Mapped[bool] = mapped_column(default=False)
    #: What was typed, and the safe HTML it became (rendered once, when written).
    body: Mapped[str] = mapped_column(Text)
    body_html: Mapped[str] = mapped_column(Text)
    posted_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    hidden_at: Mapped[datetime | None]
    hidden_reason: Mapped[str | None] = mapped_column(Text)

    author: Mapped[Person | None] = relationship()
    organisation: Mapped[Organisation | None] = relationship()
    unit: Mapped[Unit | None] = relationship()


class MessageEdit(Base):
    """What a message said before it was edited."""

    __tablename__ = "message_edit"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), index=True)
    body: Mapped[str] = mapped_column(Text)
    replaced_at: Mapped[datetime]


class Report(Base):
    """What somebody reports to those who moderate: a post, or the request itself. Seen by coordinators alone."""

    __tablename__ = "report"
    __table_args__ = (
        Index(
            "ix_report_open", "id",
            sqlite_where=text("settled_at IS NULL"), postgresql_where=text("settled_at IS NULL"),
        ),
        Index(
            "ix_report_untold", "id",
            sqlite_where=text("told_at IS NULL"), postgresql_where=text("told_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("data_request.id"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[ReportKind] = mapped_column(choice(ReportKind))
    words: Mapped[str] = mapped_column(Text, default="")
    reported_at: Mapped[datetime]
    #: When a mail to the coordinators was written, and when one of them was done with it.
    told_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]


class InternalNote(Base):
    """A note for colleagues in one municipality. Never public on the page, but an official document."""

    __tablename__ = "internal_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("data_request.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    body: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]

    author: Mapped[Person] = relationship()
    unit: Mapped[Unit] = relationship()


class ReplyPreview(Base):
    """An answer that came by mail and waits for its writer's yes. From a unit's mailbox: for the yes of an official."""

    __tablename__ = "reply_preview"
    __table_args__ = (
        CheckConstraint("(person_id IS NULL) = (unit_id IS NOT NULL)", name="one_writer"),
        CheckConstraint("(published_at IS NULL) = (message_id IS NULL)", name="published_has_message"),
        Index("ix_reply_preview_thread", "request_id", "sender", "received_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("data_request.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    sender: Mapped[str] = mapped_column(String(254), index=True)
    body: Mapped[str] = mapped_column(Text)
    #: Of the text: the same text again is counted and not shown again.
    text_hash: Mapped[str] = mapped_column(String(64))
    repeats: Mapped[int] = mapped_column(default=0)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    received_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))

    data_request: Mapped[DataRequest] = relationship()
    person: Mapped[Person | None] = relationship()
    unit: Mapped[Unit | None] = relationship()


class HeldEmail(Base):
    """A mail that somebody of the municipality looks at: what a robot wrote, or nobody knows who. Kept for a month."""

    __tablename__ = "held_email"
    __table_args__ = (
        CheckConstraint("(fate IS NULL) = (settled_at IS NULL)", name="settled_has_fate"),
        CheckConstraint("fate <> 'discarded' OR note IS NOT NULL", name="discarded_has_reason"),
        CheckConstraint("fate <> 'published' OR message_id IS NOT NULL", name="published_has_message"),
        Index("ix_held_email_waiting", "municipality_id", "settled_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: None when the mail does not say, and there are several.
    municipality_id: Mapped[int | None] = mapped_column(ForeignKey("municipality.id"))
    request_id: Mapped[int | None] = mapped_column(ForeignKey("data_request.id"))
    #: To whom the address that it came to was given: one of the two, or nobody we know.
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    held: Mapped[Held] = mapped_column(choice(Held))
    #: The very rule that matched, for those who wonder.
    rule: Mapped[str] = mapped_column(String(200))
    sender: Mapped[str] = mapped_column(String(254), index=True)
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    #: What was written, without quotes and signature, if it came from whoever the address was given to.
    reply: Mapped[str | None] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(index=True)
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    fate: Mapped[Fate | None] = mapped_column(choice(Fate))
    note: Mapped[str | None] = mapped_column(Text)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))

    data_request: Mapped[DataRequest | None] = relationship()
    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
    unit: Mapped[Unit | None] = relationship()
