"""Being away: from when to when, and who stands in."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Person
from dialogue.core.errors import InvalidValue, NotFound
from dialogue.core.language import N_
from dialogue.mail.compose import queue_email
from dialogue.notifications.models import Absence


@dataclass(frozen=True)
class AbsenceFields:
    """What the form says."""

    first_on: date
    last_on: date
    stand_in: Person | None = None


def add_absence(session: Session, person: Person, fields: AbsenceFields, today: date) -> Absence:
    """Note that `person` is away, and tell who stands in. Raises InvalidValue for days that do not fit."""
    if fields.last_on < fields.first_on:
        raise InvalidValue("last_on", N_("The last day comes before the first. Choose the same day or a later one."))
    if fields.last_on < today:
        raise InvalidValue("last_on", N_("That day has passed. Choose today or a later day."))
    overlapping = select(Absence.id).where(
        Absence.person_id == person.id, Absence.first_on <= fields.last_on, Absence.last_on >= fields.first_on
    )
    if session.scalar(overlapping.limit(1)) is not None:
        raise InvalidValue("first_on", N_("You are away then already. Remove that period first."))
    absence = Absence(
        person_id=person.id,
        first_on=fields.first_on,
        last_on=fields.last_on,
        stand_in_id=fields.stand_in.id if fields.stand_in else None,
    )
    session.add(absence)
    session.flush()
    if fields.stand_in is not None:
        queue_email(
            session,
            template="stand_in",
            recipient=fields.stand_in.email,
            person_id=fields.stand_in.id,
            locale=fields.stand_in.locale,
            context={"absence_id": absence.id},
            dedupe_key=f"stand-in:{absence.id}",
        )
    return absence


def end_absence(session: Session, person: Person, absence_id: int) -> None:
    """Forget one of the person's absences. Raises NotFound for those of others."""
    absence = session.get(Absence, absence_id)
    if absence is None or absence.person_id != person.id:
        raise NotFound
    session.delete(absence)
    session.flush()
