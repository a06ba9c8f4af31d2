"""Requests that somebody may have to be reminded of."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Municipality, Unit
from dialogue.notifications.models import Reminder
from dialogue.notifications.queries.duty import Duty
from dialogue.notifications.reminders import NEW_FOR, Stage, is_alarm, new_since, stage_of, unclaimed_since
from dialogue.notifications.rules import Reason
from dialogue.requests.models import DataRequest
from dialogue.requests.promises import promised_on
from dialogue.requests.rules import LIVE, Kind, Status, WaitingOn


class LiveRow(NamedTuple):
    """A live request, as far as it decides who is reminded of it."""

    id: int
    kind: Kind
    status: Status
    waiting_on: WaitingOn | None
    next_on: date | None
    due_on: date | None
    unit_id: int | None
    mailbox: str | None
    official_id: int | None
    received_at: datetime | None
    assigned_at: datetime | None
    latest_answer_at: datetime | None


class Due(NamedTuple):
    """One reminder: of what, at which stage, counted from which day."""

    row: LiveRow
    stage: Stage
    counted_from: date


class Reached(NamedTuple):
    """Where a reminder goes: to a person, or to a mailbox (no person, no language)."""

    address: str
    reason: Reason
    person_id: int | None = None
    locale: str | None = None


_COLUMNS = (
    DataRequest.id, DataRequest.kind, DataRequest.status, DataRequest.waiting_on, DataRequest.next_on,
    DataRequest.due_on, DataRequest.unit_id, Unit.mailbox, DataRequest.official_id, DataRequest.received_at,
    DataRequest.assigned_at, DataRequest.latest_answer_at,
)  # fmt: skip


def list_live(session: Session, municipality_id: int, horizon: date, at: datetime, duty: Duty) -> list[LiveRow]:
    """Live requests of a municipality with a date no later than `horizon`, or that nobody has, or is at, by `at`."""
    came = func.coalesce(DataRequest.assigned_at, DataRequest.received_at)
    left_alone = [person_id for person_id in duty.away if person_id in duty.colleagues]
    wanted = (
        select(*_COLUMNS)
        .outerjoin(Unit, Unit.id == DataRequest.unit_id)
        .where(
            DataRequest.municipality_id == municipality_id,
            DataRequest.status.in_(LIVE),
            DataRequest.hidden_at.is_(None),
            or_(
                DataRequest.unit_id.is_(None),
                DataRequest.next_on <= horizon,
                DataRequest.due_on <= horizon,
                DataRequest.official_id.in_(left_alone),
                and_(DataRequest.official_id.is_(None), DataRequest.assigned_at > at - timedelta(days=NEW_FOR + 1)),
                and_(
                    came <= at - timedelta(days=1),
                    or_(DataRequest.latest_answer_at.is_(None), DataRequest.latest_answer_at < came),
                ),
            ),
        )
        .order_by(DataRequest.next_on, DataRequest.id)
    )
    return [LiveRow(*row) for row in session.execute(wanted)]  # type: ignore[call-arg]


def read_live(session: Session, request_ids: list[int]) -> dict[int, LiveRow]:
    """Those of `request_ids` that are live and in sight."""
    wanted = select(*_COLUMNS).outerjoin(Unit, Unit.id == DataRequest.unit_id)
    wanted = wanted.where(
        DataRequest.id.in_(request_ids), DataRequest.status.in_(LIVE), DataRequest.hidden_at.is_(None)
    )
    return {row.id: LiveRow(*row) for row in session.execute(wanted)}  # type: ignore[call-arg]


def what_is_due(row: LiveRow, zone: str, day: date, duty: Duty) -> list[Due]:
    """Of what somebody must be told on `day`: that a date is near or past, that it is new, and that nobody is at it."""
    found = []
    stage, promised = stage_of(row, day), promised_on(row)
    if stage is not None and promised is not None:
        found.append(Due(row, stage, promised))
    assigned = new_since(row, zone, day, is_taken=row.official_id is not None)
    if stage is None and assigned is not None:
        found.append(Due(row, Stage.NEW, assigned))
    since = waits_since(row, zone, duty)
    # When the coordinator hears that it is late, that says it all.
    if since is not None and is_alarm(since, day) and stage is not Stage.ESCALATED:
        found.append(Due(row, Stage.UNCLAIMED, since))
    return found


def waits_since(row: LiveRow, zone: str, duty: Duty) -> date | None:
    """The day since when nobody is at it."""
    absence = duty.left_alone_by(row.official_id, row.unit_id)
    return unclaimed_since(
        row,
        zone,
        is_taken=duty.responsible(row.official_id, row.unit_id) is not None,
        left_on=absence.first_on if absence else None,
        back_on=absence.last_on if absence else None,
    )


def recipients_of(row: LiveRow, stage: Stage, duty: Duty, municipality: Municipality) -> list[Reached]:
    """Who is reminded: whoever has taken it, else the unit's mailbox, which hears of what is late in any case.

    The coordinators hear of what no unit has, what is five working days late, and what nobody takes.
    """
    if row.mailbox is None or stage in (Stage.ESCALATED, Stage.UNCLAIMED):
        coordinators = [
            Reached(each.address, Reason.COORDINATOR, each.person_id, each.locale) for each in duty.coordinators()
        ]
        contact = municipality.contact_email
        return coordinators or ([Reached(contact, Reason.CONTACT)] if contact else [])
    responsible = duty.responsible(row.official_id, row.unit_id)
    if responsible is None or stage is Stage.LATE:
        return [Reached(row.mailbox, Reason.UNIT)]
    return [Reached(responsible.address, Reason.OFFICIAL, responsible.person_id, responsible.locale)]


def list_told(session: Session, request_ids: Collection[int], before: date) -> set[tuple[int, Stage, date]]:
    """Which reminders of some requests were sent before a day, or at once: request, stage, day it is counted from."""
    at_once = and_(Reminder.stage == Stage.NEW, Reminder.day == Reminder.counted_from)
    is_past = or_(Reminder.day < before, at_once)
    told = select(Reminder.request_id, Reminder.stage, Reminder.counted_from)
    return {
        (row.request_id, row.stage, row.counted_from)
        for row in session.execute(told.where(Reminder.request_id.in_(request_ids), is_past))
    }
