"""What officials and coordinators have before them: rows of the queue and of the inbox."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, case, func, select, union_all
from sqlalchemy.orm import Session

from dialogue.accounts.models import Organisation, Unit
from dialogue.core.text import slugify
from dialogue.requests.models import DataRequest
from dialogue.requests.promises import Step, days_left, next_step, promised_on
from dialogue.requests.rules import LIVE, Extent, Kind, Outcome, Status, WaitingOn
from dialogue.requests.wording.states import status_word

#: So many rows are worked through on one page; what is done leaves it.
MOST_ROWS = 100

#: What is done is shown newest first, this many.
MOST_DONE = 50

_DONE = (Status.PUBLISHED, Status.CLOSED)


class WorkRow(NamedTuple):
    """A request in somebody's work, as much of it as a row says."""

    id: int
    title: str
    kind: Kind
    status: Status
    outcome: Outcome | None
    extent: Extent | None
    waiting_on: WaitingOn | None
    next_on: date | None
    due_on: date | None
    unit_id: int | None
    official_id: int | None
    municipality_id: int
    version: int
    votes_count: int
    received_at: datetime
    assessed_at: datetime | None
    planned_at: datetime | None
    active_at: datetime
    organisation: str | None
    unit: str | None

    @property
    def address(self) -> str:
        """The local address of the request."""
        return f"/requests/{self.id}-{slugify(self.title)}"

    @property
    def promised_on(self) -> date | None:
        """The date that runs."""
        return promised_on(self)

    @property
    def since(self) -> datetime:
        """Since when it has stood where it stands."""
        reached = {Status.ASSESSING: self.assessed_at, Status.PLANNED: self.planned_at}.get(self.status)
        return reached or self.received_at

    def word(self, today: date) -> str:
        """Where it stands (msgid)."""
        return status_word(self, today)

    def step(self, today: date) -> Step:
        """What is to be done next."""
        return next_step(self, today)

    def days_left(self, today: date) -> int | None:
        """Working days to the date that runs; negative when late."""
        return days_left(self, today)


@dataclass(frozen=True)
class Group:
    """Rows whose dates fall together."""

    name: str
    rows: list[WorkRow]


def list_to_do(session: Session, unit_ids: Collection[int]) -> list[WorkRow]:
    """Live requests of the units that wait for the municipality, the nearest date first."""
    wanted = _of(unit_ids).where(DataRequest.status.in_(LIVE), DataRequest.waiting_on.is_(None))
    return _rows(session, wanted.order_by(*_nearest(DataRequest)).limit(MOST_ROWS))


def list_waiting(session: Session, unit_ids: Collection[int]) -> list[WorkRow]:
    """Live requests of the units that wait for those who asked."""
    wanted = _of(unit_ids).where(DataRequest.status.in_(LIVE), DataRequest.waiting_on.is_not(None))
    return _rows(session, wanted.order_by(*_nearest(DataRequest)).limit(MOST_ROWS))


def list_done(session: Session, unit_ids: Collection[int]) -> list[WorkRow]:
    """What the units have published or closed, the newest first."""
    wanted = _of(unit_ids).where(DataRequest.status.in_(_DONE))
    return _rows(session, wanted.order_by(DataRequest.active_at.desc()).limit(MOST_DONE))


class Figures(NamedTuple):
    """How many requests of some units stand in each part of the queue."""

    to_do: int
    waiting: int
    done: int


def count_work(session: Session, unit_ids: Collection[int]) -> Figures:
    """How many requests of the units wait for the municipality and for those who asked, and how many are done."""
    of_units = (DataRequest.unit_id.in_(unit_ids), DataRequest.hidden_at.is_(None))
    live = select(func.count()).where(*of_units, DataRequest.status.in_(LIVE))
    counted = select(
        live.where(DataRequest.waiting_on.is_(None)).scalar_subquery(),
        live.where(DataRequest.waiting_on.is_not(None)).scalar_subquery(),
        select(func.count()).where(*of_units, DataRequest.status.in_(_DONE)).scalar_subquery(),
    )
    return Figures(*session.execute(counted).one())


class ToCoordinate(NamedTuple):
    """What the inbox is about: live requests that no unit has, and those with a unit whose date has passed."""

    #: The one that has waited longest first.
    unassigned: list[WorkRow]
    #: The latest first.
    late: list[WorkRow]


def list_to_coordinate(session: Session, municipality_ids: Collection[int], late: ColumnElement[bool]) -> ToCoordinate:
    """Both parts of the inbox in one statement. `late` is queries/promises.overdue."""
    unassigned = _in(municipality_ids).where(DataRequest.unit_id.is_(None), DataRequest.status.in_(LIVE))
    overdue = _in(municipality_ids).where(DataRequest.unit_id.is_not(None), late)
    both = union_all(
        select(unassigned.order_by(DataRequest.received_at, DataRequest.id).limit(MOST_ROWS).subquery()),
        select(overdue.order_by(*_nearest(DataRequest)).limit(MOST_ROWS).subquery()),
    ).subquery()
    waited_since = case((both.c.unit_id.is_(None), both.c.received_at))
    rows = _rows(session, select(both).order_by(waited_since, *_nearest(both.c)))
    return ToCoordinate([row for row in rows if row.unit_id is None], [row for row in rows if row.unit_id is not None])


def group_by_promise(rows: list[WorkRow], today: date) -> list[Group]:
    """`rows` in the groups late, today, week, later; empty groups are left out. Weeks end on Sunday."""
    sunday = today + timedelta(days=6 - today.weekday())
    groups: dict[str, list[WorkRow]] = {"late": [], "today": [], "week": [], "later": []}
    for row in rows:
        day = row.promised_on
        if day is None or day > sunday:
            groups["later"].append(row)
        else:
            groups["late" if day < today else "today" if day == today else "week"].append(row)
    return [Group(name, found) for name, found in groups.items() if found]


_COLUMNS = (
    DataRequest.id, DataRequest.title, DataRequest.kind, DataRequest.status, DataRequest.outcome, DataRequest.extent,
    DataRequest.waiting_on,
    DataRequest.next_on, DataRequest.due_on, DataRequest.unit_id, DataRequest.official_id, DataRequest.municipality_id,
    DataRequest.version, DataRequest.votes_count, DataRequest.received_at, DataRequest.assessed_at,
    DataRequest.planned_at, DataRequest.active_at, Organisation.name, Unit.name,
)  # fmt: skip


def _shown() -> Select[*tuple[object, ...]]:
    return (
        select(*_COLUMNS)
        .outerjoin(Organisation, Organisation.id == DataRequest.organisation_id)
        .outerjoin(Unit, Unit.id == DataRequest.unit_id)
        .where(DataRequest.hidden_at.is_(None))
    )


def _nearest(columns: Any) -> tuple[ColumnElement[Any], ...]:
    """The nearest date first. Rows without one come last on both engines."""
    return columns.next_on.is_(None), columns.next_on, columns.votes_count.desc(), columns.id


def _of(unit_ids: Collection[int]) -> Select[*tuple[object, ...]]:
    return _shown().where(DataRequest.unit_id.in_(unit_ids))


def _in(municipality_ids: Collection[int]) -> Select[*tuple[object, ...]]:
    return _shown().where(DataRequest.municipality_id.in_(municipality_ids))


def _rows(session: Session, wanted: Select[*tuple[object, ...]]) -> list[WorkRow]:
    return [WorkRow(*row) for row in session.execute(wanted)]  # type: ignore[arg-type]
