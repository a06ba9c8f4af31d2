"""Tables: who wants to be told, the digests they got, and of what the municipality's own people were reminded."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dialogue.accounts.models import Person
from dialogue.core.db import Base, choice
from dialogue.notifications.reminders import Stage
from dialogue.notifications.rules import Cadence, Scope, WorkAct


class SavedSearch(Base):
    """What was searched for in the list of a municipality. Nobody's own: all who save the same search share one row."""

    __tablename__ = "saved_search"
    __table_args__ = (UniqueConstraint("municipality_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    #: The filters in one word, so that one UNIQUE serves both engines.
    key: Mapped[str] = mapped_column(String(300))
    question: Mapped[str] = mapped_column(String(200))
    #: A requests.queries.lists.State.
    state: Mapped[str | None] = mapped_column(String(20))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    #: What it looks for in words, as it was saved.
    name_sv: Mapped[str] = mapped_column(String(400))
    name_en: Mapped[str] = mapped_column(String(400))
    created_at: Mapped[datetime]


class Subscription(Base):
    """A person's wish to be told. Confirmed by e-mail (double opt-in); the wording agreed to is kept."""

    __tablename__ = "subscription"
    __table_args__ = (
        UniqueConstraint("person_id", "target"),
        CheckConstraint(
            "(scope = 'request') = (request_id IS NOT NULL) AND (scope = 'area') = (area_id IS NOT NULL)"
            " AND (scope = 'unit') = (unit_id IS NOT NULL) AND (scope = 'search') = (search_id IS NOT NULL)",
            name="scope_has_target",
        ),
        CheckConstraint("(cadence = 'off') = (ended_at IS NOT NULL)", name="off_has_end"),
        Index("ix_subscription_request", "request_id"),
        Index("ix_subscription_target", "target", "person_id"),
        Index("ix_subscription_due", "municipality_id", "cadence", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    scope: Mapped[Scope] = mapped_column(choice(Scope))
    request_id: Mapped[int | None] = mapped_column(ForeignKey("data_request.id"))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    search_id: Mapped[int | None] = mapped_column(ForeignKey("saved_search.id"))
    #: The same as scope and id in one word ("request:12", "everything:1"), so that one UNIQUE serves both engines.
    target: Mapped[str] = mapped_column(String(40))
    cadence: Mapped[Cadence] = mapped_column(choice(Cadence))
    wording: Mapped[str] = mapped_column(Text)
    confirmed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    #: The last event that a digest has told of for this subscription, or that came before it. So each event is told
    #: once, however often the cadence changes.
    told_up_to: Mapped[int] = mapped_column(default=0)

    person: Mapped[Person] = relationship()


class Digest(Base):
    """One digest for one person and period, sent or found empty: the half-open window of events that it covers."""

    __tablename__ = "digest"
    __table_args__ = (UniqueConstraint("person_id", "municipality_id", "period"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    #: "weekly:2026-W48", "daily:2026-11-23", "monthly:2026-11".
    period: Mapped[str] = mapped_column(String(24))
    after_event_id: Mapped[int]
    up_to_event_id: Mapped[int]
    items: Mapped[int]
    built_at: Mapped[datetime]


class Absence(Base):
    """A period in which an official is away, and who stands in: they get the mail about what the official has taken."""

    __tablename__ = "absence"
    __table_args__ = (
        UniqueConstraint("person_id", "first_on"),
        CheckConstraint("first_on <= last_on", name="in_order"),
        CheckConstraint("stand_in_id <> person_id", name="somebody_else"),
        # A number is not used again: a mail that waits for an absence that is gone finds none.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    stand_in_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    first_on: Mapped[date]
    last_on: Mapped[date]

    stand_in: Mapped[Person | None] = relationship(foreign_keys=[stand_in_id])


class ReminderRound(Base):
    """That a municipality's reminders of one working day are written. Whoever writes the row writes them all."""

    __tablename__ = "reminder_round"

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    built_at: Mapped[datetime]


class Reminder(Base):
    """That somebody has been reminded of a request at one stage of one date: once, whatever happens to the worker."""

    __tablename__ = "reminder"
    __table_args__ = (UniqueConstraint("request_id", "stage", "counted_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("data_request.id"))
    stage: Mapped[Stage] = mapped_column(choice(Stage))
    #: The date that was promised; for a request that nobody takes, the day it began to wait. Another one, and it is
    #: another reminder.
    counted_from: Mapped[date]
    day: Mapped[date]


class WorkLink(Base):
    """A link in a mail by which one person may do one thing with one request, once. The mail holds the token.

    It stands for what the person may do anyway: their role is looked up when it is used.
    """

    __tablename__ = "work_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("data_request.id"))
    #: With which unit the request stood then. Once it stands elsewhere, the link is pointless.
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    act: Mapped[WorkAct] = mapped_column(choice(WorkAct))
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class DigestHint(Base):
    """That a person was told of a request that is close to its decision and short of votes: once ever."""

    __tablename__ = "digest_hint"
    __table_args__ = (UniqueConstraint("person_id", "request_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    request_id: Mapped[int] = mapped_column(ForeignKey("data_request.id"))
    hinted_at: Mapped[datetime]


class MailRest(Base):
    """A pause that a person takes from everything that may be turned down. The latest one is kept.

    What would have come at once, and what digests would have told, comes in one digest afterwards.
    """

    __tablename__ = "mail_rest"
    __table_args__ = (
        UniqueConstraint("person_id", "municipality_id"),
        Index("ix_mail_rest_due", "municipality_id", "caught_up_at", "until_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    since_at: Mapped[datetime]
    #: The last event before it began.
    after_event_id: Mapped[int]
    #: None: until the person says so.
    until_at: Mapped[datetime | None]
    #: When the one digest afterwards was built, or found empty.
    caught_up_at: Mapped[datetime | None]
