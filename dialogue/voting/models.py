"""Tables: votes."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dialogue.accounts.models import Organisation, Person
from dialogue.core.db import Base, choice
from dialogue.voting.rules import ReasonKind


class Vote(Base):
    """One person's vote for one request, cast as the business the person spoke for then."""

    __tablename__ = "vote"
    __table_args__ = (
        UniqueConstraint("request_id", "person_id"),
        # Counting the voices of a request reads this index alone.
        Index("ix_vote_voice", "request_id", "voice"),
        # Reasons that people wrote, in the order in which they are read.
        Index(
            "ix_vote_written",
            "request_id",
            "id",
            sqlite_where=text("reason <> ''"),
            postgresql_where=text("reason <> ''"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("data_request.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    #: What is counted: "o12" for an organisation, "p34" for a person who speaks for none.
    voice: Mapped[str] = mapped_column(String(20))
    reason_kind: Mapped[ReasonKind | None] = mapped_column(choice(ReasonKind))
    reason: Mapped[str] = mapped_column(Text, default="")
    cast_at: Mapped[datetime]

    person: Mapped[Person] = relationship()
    organisation: Mapped[Organisation | None] = relationship()
