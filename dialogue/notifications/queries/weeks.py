"""Who gets a Monday mail about their work, and what stands in it."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Municipality, RoleGrant, Unit
from dialogue.accounts.rules import Role
from dialogue.notifications.models import Digest, MailRest, Subscription
from dialogue.notifications.queries.duty import Colleague, Duty
from dialogue.notifications.queries.reminders import LiveRow, list_live, waits_since
from dialogue.notifications.reminders import WeekPart, is_alarm, part_of_week, sunday_of
from dialogue.notifications.rules import Cadence, Scope

_ANSWERING = (Role.OFFICIAL, Role.DECIDER)
_WITH_WORK = (*_ANSWERING, Role.COORDINATOR)


@dataclass(frozen=True)
class WorkPlace:
    """Where somebody works, and whether they want the Monday mail: True or False when they said so, else None."""

    municipality_id: int
    name: str
    wants: bool | None


def list_week_readers(session: Session, municipality_id: int, since: datetime, key: str | None) -> set[int]:
    """People who have worked for a municipality since before `since`, want a Monday mail, let no mail rest, and have
    none yet for the week that `key` names."""
    off = exists().where(
        Subscription.person_id == RoleGrant.person_id,
        Subscription.target == f"{Scope.YOUR_TURN}:{municipality_id}",
        Subscription.cadence == Cadence.OFF,
    )
    rests = exists().where(
        MailRest.person_id == RoleGrant.person_id,
        MailRest.municipality_id == municipality_id,
        MailRest.until_at.is_(None) | (MailRest.until_at > since),
    )
    wanted = (
        select(RoleGrant.person_id)
        .join(Unit, Unit.id == RoleGrant.unit_id)
        .where(
            Unit.municipality_id == municipality_id,
            RoleGrant.role.in_(_WITH_WORK),
            RoleGrant.granted_at < since,
            ~off,
            ~rests,
        )
    )
    if key is not None:
        done = exists().where(
            Digest.person_id == RoleGrant.person_id, Digest.municipality_id == municipality_id, Digest.period == key
        )
        wanted = wanted.where(~done)
    return set(session.scalars(wanted))


def list_work_places(session: Session, person_id: int) -> list[WorkPlace]:
    """Where somebody has work, by name."""
    wanted = (
        select(Municipality.id, Municipality.name, Subscription.cadence != Cadence.OFF)
        .join(Unit, Unit.municipality_id == Municipality.id)
        .join(RoleGrant, RoleGrant.unit_id == Unit.id)
        .outerjoin(
            Subscription,
            (Subscription.person_id == RoleGrant.person_id)
            & (Subscription.scope == Scope.YOUR_TURN)
            & (Subscription.municipality_id == Municipality.id),
        )
        .where(RoleGrant.person_id == person_id, RoleGrant.role.in_(_WITH_WORK))
        .distinct()
        .order_by(Municipality.name)
    )
    return [WorkPlace(*row) for row in session.execute(wanted)]


def list_of_week(session: Session, municipality: Municipality, day: date, at: datetime, duty: Duty) -> list[LiveRow]:
    """Everything in a municipality that could stand in somebody's Monday mail."""
    return list_live(session, municipality.id, sunday_of(day), at, duty)


def week_of(
    colleague: Colleague, rows: list[LiveRow], municipality: Municipality, day: date, duty: Duty
) -> list[tuple[LiveRow, WeekPart]]:
    """What stands in the Monday mail of `colleague`, in its order."""
    reach = frozenset(unit for role in _ANSWERING for unit in colleague.reach.get(role, ()))
    found = []
    for row in rows:
        responsible = duty.responsible(row.official_id, row.unit_id)
        part = part_of_week(
            row,
            day,
            has_unit=row.unit_id is not None,
            assigns=Role.COORDINATOR in colleague.reach,
            is_mine=row.unit_id in reach and (responsible is None or responsible.person_id == colleague.person_id),
            is_unclaimed=is_alarm(waits_since(row, municipality.zone, duty), day),
        )
        if part is not None:
            found.append((row, part))
    order = list(WeekPart)
    return sorted(found, key=lambda each: order.index(each[1]))
