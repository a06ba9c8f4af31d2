"""Tables: requests, what happened to them, and what is kept beside them. The search index is in a file of its own."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dialogue.accounts.models import Area, Locale, Municipality, Organisation, Person, Unit
from dialogue.catalogue.models import Dataset
from dialogue.catalogue.rules import Frequency
from dialogue.core.db import Base, choice
from dialogue.core.text import slugify
from dialogue.requests.rules import (
    EventKind,
    Extent,
    Ground,
    Kind,
    Outcome,
    Status,
    WaitingOn,
    Works,
)

# Conditions of partial indexes. A query uses such an index when it says the same in the same words.
_PUBLIC = "status <> 'draft' AND hidden_at IS NULL"
_LIVE = "status IN ('received', 'assessing', 'planned') AND hidden_at IS NULL"

#: What lists can be filtered by.
_FILTERS = ("status", "outcome", "unit_id", "area_id", "municipality_id", "next_on", "due_on")


class DataRequest(Base):
    """A request for open data. Its id is the public number.

    Counters and the search index are written with Core statements that leave `version` alone: a vote must not make an
    official's open form stale. `version` moves when the request itself changes.
    """

    __tablename__ = "data_request"
    __table_args__ = (
        CheckConstraint("(status = 'closed') = (outcome IS NOT NULL)", name="closed_has_outcome"),
        CheckConstraint(
            "outcome IS NULL OR outcome <> 'declined' OR (ground IS NOT NULL AND explanation IS NOT NULL)",
            name="declined_has_ground",
        ),
        CheckConstraint("status = 'draft' OR received_at IS NOT NULL", name="public_has_receipt"),
        CheckConstraint("status <> 'published' OR extent IS NOT NULL", name="published_has_extent"),
        CheckConstraint("kind <> 'formal' OR status = 'draft' OR due_on IS NOT NULL", name="formal_has_due_date"),
        CheckConstraint("votes_count >= 0 AND followers_count >= 0 AND messages_count >= 0", name="counts_positive"),
        # A list walks one of these and stops after a page, whatever it is filtered by: filters stand behind the key, so
        # that a row that is passed over costs a glance at the index. No index starts with a filter, on purpose: SQLite
        # would take it and sort all it finds.
        *(
            Index(
                f"ix_data_request_public_{name}",
                key,
                "id",
                *(column for column in _FILTERS if column != key),
                sqlite_where=text(_PUBLIC),
                postgresql_where=text(_PUBLIC),
            )
            for name, key in {
                "votes": "votes_count",
                "newest": "received_at",
                "activity": "active_at",
                "due": "next_on",
            }.items()
        ),
        Index(
            "ix_data_request_unit_queue",
            "unit_id",
            "next_on",
            "id",
            sqlite_where=text(_LIVE),
            postgresql_where=text(_LIVE),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    asker_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    #: The official who has taken it. Asked only of the unit's own: who leaves the unit or the house has it no longer.
    official_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    #: Where an imported request came from, and what makes it the same one when the import is run again.
    source: Mapped[str | None] = mapped_column(String(200))
    source_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    #: One filing, however often the form is sent.
    filing_key: Mapped[str | None] = mapped_column(String(64), unique=True)

    kind: Mapped[Kind] = mapped_column(choice(Kind), default=Kind.WISH)
    status: Mapped[Status] = mapped_column(choice(Status), default=Status.DRAFT)
    outcome: Mapped[Outcome | None] = mapped_column(choice(Outcome))
    waiting_on: Mapped[WaitingOn | None] = mapped_column(choice(WaitingOn))
    waiting_since_on: Mapped[date | None]
    #: The day of the newest question that waits for its answer.
    asked_on: Mapped[date | None]

    title: Mapped[str] = mapped_column(String(120))
    need: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(Text, default="")
    update_frequency: Mapped[Frequency] = mapped_column(choice(Frequency), default=Frequency.UNKNOWN)
    format: Mapped[str] = mapped_column(String(200), default="")
    example_url: Mapped[str] = mapped_column(String(1000), default="")
    benefit: Mapped[str] = mapped_column(Text, default="")
    locale: Mapped[Locale] = mapped_column(choice(Locale), default=Locale.SV)

    #: The next date that the municipality has promised; and the legal due date of a formal request.
    next_on: Mapped[date | None]
    due_on: Mapped[date | None]
    moves_count: Mapped[int] = mapped_column(default=0)

    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    active_at: Mapped[datetime]
    received_at: Mapped[datetime | None]
    #: When it came to where it stands now, if it has been assigned since it was received.
    assigned_at: Mapped[datetime | None]
    first_answered_at: Mapped[datetime | None]
    assessed_at: Mapped[datetime | None]
    planned_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    hidden_at: Mapped[datetime | None]
    hidden_reason: Mapped[str | None] = mapped_column(Text)
    #: The asker may reopen a request once.
    reopened_by_asker_at: Mapped[datetime | None]
    #: When somebody was last reminded of what waits for them: a draft to confirm, a question to answer.
    reminded_at: Mapped[datetime | None]

    extent: Mapped[Extent | None] = mapped_column(choice(Extent))
    ground: Mapped[Ground | None] = mapped_column(choice(Ground))
    explanation: Mapped[str | None] = mapped_column(Text)
    what_would_change_it: Mapped[str | None] = mapped_column(Text)
    review_on: Mapped[date | None]
    #: Whose rights stand in the way, when it is known (ground third_party_rights).
    rights_holder: Mapped[str | None] = mapped_column(String(200))
    redirected_to: Mapped[str | None] = mapped_column(String(300))
    confirmed_at: Mapped[datetime | None]
    works: Mapped[Works | None] = mapped_column(choice(Works))
    use_note: Mapped[str | None] = mapped_column(Text)

    #: Organisations that want this data; a person who speaks for no business counts as one.
    votes_count: Mapped[int] = mapped_column(default=0)
    followers_count: Mapped[int] = mapped_column(default=0)
    messages_count: Mapped[int] = mapped_column(default=0)
    #: The latest official answer in plain words, cut, with its day: lists and the state card show it without a join.
    latest_answer: Mapped[str | None] = mapped_column(String(400))
    latest_answer_id: Mapped[int | None]
    latest_answer_at: Mapped[datetime | None]

    municipality: Mapped[Municipality] = relationship()
    unit: Mapped[Unit | None] = relationship()
    area: Mapped[Area | None] = relationship()
    asker: Mapped[Person | None] = relationship(foreign_keys=[asker_id])
    organisation: Mapped[Organisation | None] = relationship()
    datasets: Mapped[list[Dataset]] = relationship(secondary="request_dataset", order_by="Dataset.id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (the base class says what it is)

    @property
    def slug(self) -> str:
        """The readable part of the address."""
        return slugify(self.title)


class RequestDataset(Base):
    """The data that answers a request."""

    __tablename__ = "request_dataset"
    __table_args__ = (Index("ix_request_dataset_dataset", "dataset_id", "request_id"),)

    request_id: Mapped[int] = mapped_column(ForeignKey("data_request.id"), primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id"), primary_key=True)


class DeliveryWord(Base):
    """What somebody who voted says of the published data, while the asker is silent."""

    __tablename__ = "delivery_word"
    __table_args__ = (UniqueConstraint("request_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("data_request.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    #: What is counted, as with votes.
    voice: Mapped[str] = mapped_column(String(20))
    works: Mapped[Works] = mapped_column(choice(Works))
    note: Mapped[str | None] = mapped_column(Text)
    said_at: Mapped[datetime]


class RequestEvent(Base):
    """Something that happened to a request. Written in the transaction that made it happen, never changed after.

    Events are the outbox of notifications too: the worker reads those with no `fanned_out_at`.
    """

    __tablename__ = "request_event"
    __table_args__ = (
        Index("ix_request_event_request", "request_id", "id"),
        Index(
            "ix_request_event_unprocessed",
            "id",
            sqlite_where=text("fanned_out_at IS NULL"),
            postgresql_where=text("fanned_out_at IS NULL"),
        ),
        Index("ix_request_event_happened_at", "happened_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    request_id: Mapped[int] = mapped_column(ForeignKey("data_request.id"))
    kind: Mapped[EventKind] = mapped_column(choice(EventKind))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    #: In what capacity: asker, official, coordinator, system, ….
    actor_role: Mapped[str] = mapped_column(String(20))
    #: The unit that acted or received, for "the unit answers", never a person's name.
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    message_id: Mapped[int | None]
    old: Mapped[dict[str, Any]]
    new: Mapped[dict[str, Any]]
    note: Mapped[str | None] = mapped_column(Text)
    happened_at: Mapped[datetime]
    fanned_out_at: Mapped[datetime | None]

    unit: Mapped[Unit | None] = relationship()

    @property
    def unit_name(self) -> str | None:
        """The unit's name."""
        return self.unit.name if self.unit else None


class StatusTally(Base):
    """How many public requests a municipality has in each state, kept so that no list has to count."""

    __tablename__ = "status_tally"
    __table_args__ = (CheckConstraint("requests >= 0", name="requests_positive"),)

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), primary_key=True)
    #: A Status, and for closed requests the Outcome: "assessing", "closed:declined".
    state: Mapped[str] = mapped_column(String(40), primary_key=True)
    requests: Mapped[int] = mapped_column(default=0)


class AnswerDraft(Base):
    """An official's answer that is not sent yet. Seen by its author alone."""

    __tablename__ = "answer_draft"
    __table_args__ = (UniqueConstraint("request_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("data_request.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    fields: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]
