"""The inventory of personal data: where the house keeps something about a person, and what becomes of it.

A test holds it against the tables: a column that points to a person or holds an address cannot be forgotten here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, auto
from typing import Any

from sqlalchemy import Column, Table, func, inspect, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from dialogue.accounts.models import EmailProof, Organisation, Person, RoleGrant, SignInSession
from dialogue.conversation.models import HeldEmail, InternalNote, Message, MessageEdit, ReplyPreview, Report
from dialogue.core import orgnumber
from dialogue.core.db import Base
from dialogue.mail.models import Bounce, OutgoingEmail, StoppedAddress
from dialogue.notifications.models import Absence, Digest, DigestHint, MailRest, Subscription, WorkLink
from dialogue.requests.models import AnswerDraft, DataRequest, DeliveryWord, RequestEvent
from dialogue.voting.models import Vote


class Fate(Enum):
    """What becomes of the rows of a person whose account is deleted."""

    #: The row goes.
    DELETED = auto()
    #: The row stays for what it says to others; it points to a person without name or address.
    KEPT = auto()
    #: The row is about something else; it stays and points to nobody.
    LET_GO = auto()


@dataclass(frozen=True)
class Holding:
    """A table that holds something about a person."""

    #: Equals the person's id, or their address.
    owner: InstrumentedAttribute[Any]
    fate: Fate
    #: Columns that are never handed out: secrets, and the inner workings of the house.
    withheld: frozenset[str] = frozenset()
    #: What it is called when it is handed out, where the table's own name would not say it. Then its ids are all of it:
    #: the rest of the row is about somebody else.
    called: str = ""

    @property
    def table(self) -> Table:
        """Where the rows are."""
        table: Table = inspect(self.owner.class_).local_table
        return table

    @property
    def column(self) -> str:
        """The owner's column as table.column."""
        return f"{self.table.name}.{self.owner.key}"

    def value_of(self, person: Person) -> int | str:
        """What the owner's column holds for `person`."""
        column: Column[Any] = self.table.c[self.owner.key]
        return person.email if column.type.python_type is str else person.id


INVENTORY = (
    Holding(SignInSession.person_id, Fate.DELETED, frozenset({"token_hash"})),
    Holding(RoleGrant.person_id, Fate.DELETED),
    Holding(EmailProof.email, Fate.DELETED, frozenset({"token_hash", "code_hash", "act_key"})),
    Holding(OutgoingEmail.recipient, Fate.DELETED, frozenset({"context", "dedupe_key", "fence", "leased_until"})),
    Holding(Subscription.person_id, Fate.DELETED),
    Holding(Digest.person_id, Fate.DELETED),
    Holding(WorkLink.person_id, Fate.DELETED, frozenset({"token_hash"})),
    Holding(DigestHint.person_id, Fate.DELETED),
    Holding(MailRest.person_id, Fate.DELETED),
    Holding(Absence.person_id, Fate.DELETED, frozenset({"stand_in_id"})),
    Holding(Absence.stand_in_id, Fate.LET_GO, called="standing_in"),
    Holding(AnswerDraft.person_id, Fate.DELETED),
    Holding(Bounce.email, Fate.DELETED),
    Holding(StoppedAddress.email, Fate.DELETED),
    Holding(ReplyPreview.person_id, Fate.DELETED, frozenset({"token_hash", "text_hash"})),
    Holding(HeldEmail.sender, Fate.DELETED, frozenset({"person_id", "settled_by_id"})),
    # What somebody else sent to the person's address, and what the person decided about others' mail: not their words.
    Holding(HeldEmail.person_id, Fate.LET_GO, called="held_for"),
    Holding(HeldEmail.settled_by_id, Fate.LET_GO, called="held_settled"),
    Holding(
        DataRequest.asker_id,
        Fate.KEPT,
        frozenset({"version", "source", "source_key", "filing_key"}),
    ),
    Holding(DataRequest.official_id, Fate.LET_GO, called="taken_request"),
    Holding(RequestEvent.actor_id, Fate.KEPT, frozenset({"fanned_out_at"})),
    Holding(Vote.person_id, Fate.KEPT, frozenset({"voice"})),
    Holding(Message.author_id, Fate.KEPT),
    Holding(Report.person_id, Fate.KEPT, frozenset({"told_at", "settled_at"})),
    Holding(DeliveryWord.person_id, Fate.KEPT, frozenset({"voice"})),
    Holding(InternalNote.author_id, Fate.KEPT),
)

#: Columns that point to a person and are told of elsewhere: the mail is found by its address.
FOUND_OTHERWISE = frozenset({"outgoing_email.person_id", "reply_preview.sender"})


def export_person(session: Session, person: Person) -> dict[str, Any]:
    """Everything the house keeps about `person`, as plain values, by table. Nothing about anybody else."""
    return {
        "person": {
            "email": person.email,
            "name": person.name,
            "locale": person.locale.value,
            "created_at": person.created_at.isoformat(),
            "alive_at": person.alive_at.isoformat(),
            "asked_at": _plain(person.asked_at),
        },
        "organisation": _organisation(person.organisation),
        **{holding.called or holding.table.name: list(_rows(session, holding, person)) for holding in INVENTORY},
        "message_edit": _edits(session, person),
    }


def organisations_of(session: Session, person: Person) -> set[int]:
    """Every organisation that `person` ever spoke for."""
    found = {person.organisation_id}
    for organisation_id, owner in _SPOKEN:
        found |= set(session.scalars(select(organisation_id).where(owner == person.id)))
    return {key for key in found if key is not None}


def somebody_else_speaks_for(session: Session, organisation_id: int, person: Person) -> bool:
    """Whether anybody but `person` speaks, or spoke, for an organisation."""
    others = [select(Person.id).where(Person.organisation_id == organisation_id, Person.id != person.id)]
    others += [
        select(owner).where(column == organisation_id, owner.is_distinct_from(person.id)) for column, owner in _SPOKEN
    ]
    return any(session.execute(wanted.limit(1)).first() for wanted in others)


_SPOKEN: tuple[tuple[InstrumentedAttribute[int | None], InstrumentedAttribute[Any]], ...] = (
    (DataRequest.organisation_id, DataRequest.asker_id),
    (Message.organisation_id, Message.author_id),
    (Vote.organisation_id, Vote.person_id),
)


def count_messages_of(session: Session, person_id: int) -> int:
    """How many posts a person has written."""
    return session.scalar(select(func.count()).select_from(Message).where(Message.author_id == person_id)) or 0


def _organisation(organisation: Organisation | None) -> dict[str, Any] | None:
    if organisation is None:
        return None
    number = organisation.number
    is_shown = number is not None and not orgnumber.is_personal(number)
    return {"name": organisation.name, "number": number if is_shown else None}


def _rows(session: Session, holding: Holding, person: Person) -> Iterator[dict[str, Any]]:
    table = holding.table
    columns = [column for column in table.c if column.key not in holding.withheld]
    if holding.called:
        columns = [table.c.id]
    wanted = select(*columns).where(table.c[holding.owner.key] == holding.value_of(person)).order_by(table.c.id)
    for row in session.execute(wanted).mappings():
        yield {str(name): _plain(value) for name, value in row.items()}


def _edits(session: Session, person: Person) -> list[dict[str, Any]]:
    wanted = (
        select(MessageEdit.message_id, MessageEdit.body, MessageEdit.replaced_at)
        .join(Message, Message.id == MessageEdit.message_id)
        .where(Message.author_id == person.id)
        .order_by(MessageEdit.id)
    )
    return [{name: _plain(value) for name, value in row.items()} for row in session.execute(wanted).mappings()]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


def personal_columns() -> set[str]:
    """Every column of the database that points to a person or holds an address, as table.column."""
    return {
        f"{table.name}.{column.key}"
        for table in Base.metadata.tables.values()
        for column in table.c
        if table.name != "person"
        and (
            any(key.column.table.name == "person" for key in column.foreign_keys)
            or column.key in ("email", "recipient", "sender", "person_id")
        )
    }
