"""Pauses that people take from mail."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from dialogue.accounts.models import Person
from dialogue.core.db import read_rows
from dialogue.mail.models import StoppedAddress
from dialogue.notifications.interest import Rest
from dialogue.notifications.models import MailRest
from dialogue.notifications.queries.digests import Reader
from dialogue.requests.models import RequestEvent


def list_ended_rests(session: Session, municipality_id: int, before: datetime, limit: int) -> list[tuple[Reader, Rest]]:
    """Some people whose pause was over at the moment `before`, and who have not had the one digest afterwards."""
    wanted = (
        select(Person.id, Person.email, Person.locale, MailRest)
        .join(MailRest, MailRest.person_id == Person.id)
        .where(
            MailRest.municipality_id == municipality_id,
            MailRest.caught_up_at.is_(None),
            MailRest.until_at <= before,
            Person.disabled_at.is_(None),
        )
        .order_by(Person.id)
        .limit(limit)
    )
    return [
        (Reader(person_id, email, locale), Rest(rest.after_event_id, rest.since_at, rest.until_at or before))
        for person_id, email, locale, rest in session.execute(wanted)
    ]


def rests_from(event: RequestEvent, person_id: ColumnElement[int] | InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Whether the person's mail rested when `event` happened."""
    return exists().where(
        MailRest.person_id == person_id,
        MailRest.municipality_id == event.municipality_id,
        _covers(event.id, event.happened_at),
    )


def is_resting_from(session: Session, person_id: int, event: RequestEvent) -> bool:
    """The same for one person."""
    values = {"person_id": person_id, "place_id": event.municipality_id, "event_id": event.id}
    return bool(read_rows(session, _RESTING, values | {"happened_at": event.happened_at}))


def _covers(event_id: Any, happened_at: Any) -> ColumnElement[bool]:
    until = or_(MailRest.until_at.is_(None), MailRest.until_at > happened_at)
    return and_(MailRest.after_event_id < event_id, until)


# Put together once, because it is asked for every mail.
_RESTING = select(MailRest.id).where(
    MailRest.person_id == bindparam("person_id"),
    MailRest.municipality_id == bindparam("place_id"),
    _covers(bindparam("event_id"), bindparam("happened_at")),
)


def list_rests(session: Session, person_id: int) -> Sequence[MailRest]:
    """The latest pause of a person in each municipality."""
    return session.scalars(select(MailRest).where(MailRest.person_id == person_id).order_by(MailRest.id)).all()


def list_rests_and_stop(session: Session, person_id: int) -> tuple[list[MailRest], StoppedAddress | None]:
    """What keeps mail from a person, in one statement: the latest pauses, and that it does not arrive."""
    wanted = (
        select(MailRest, StoppedAddress)
        .select_from(Person)
        .outerjoin(MailRest, MailRest.person_id == Person.id)
        .outerjoin(StoppedAddress, StoppedAddress.email == Person.email)
        .where(Person.id == person_id)
        .order_by(MailRest.id)
    )
    rows = session.execute(wanted).all()
    return list(filter(None, (rest for rest, _ in rows))), rows[0][1]
