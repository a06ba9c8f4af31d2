"""The public list of requests: filtered, ordered and read a page at a time, each page at the same cost.

Every order walks one of the indexes `ix_data_request_public_*` from where the last page ended. What is not shown is
not read, and nothing is counted: the figures beside the filters are kept in StatusTally.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, literal, literal_column, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from dialogue.accounts.models import Area
from dialogue.catalogue.models import Dataset
from dialogue.core.db import read_rows
from dialogue.requests.models import DataRequest, RequestDataset
from dialogue.requests.queries.listed import ListedRequest, Place
from dialogue.requests.queries.promises import overdue
from dialogue.requests.rules import Outcome, Status

#: How much of the long texts is read for a row's one line.
_SUMMARY_READ = 400

#: Whole numbers from here on are no numbers to a database.
_TOO_LARGE = 2**31


class Sort(StrEnum):
    """The orders of a list."""

    VOTES = "votes"
    NEWEST = "newest"
    ACTIVITY = "activity"
    #: The next promised day first; requests without one come last.
    DUE = "due"


class State(StrEnum):
    """What a list can be narrowed to. `closed` holds every ending, `overdue` is told by the calendar."""

    RECEIVED = "received"
    ASSESSING = "assessing"
    PLANNED = "planned"
    PUBLISHED = "published"
    DECLINED = "declined"
    CLOSED = "closed"
    OVERDUE = "overdue"


@dataclass(frozen=True)
class Narrowing:
    """Which requests a list holds. Several units or areas: the same name in several municipalities."""

    municipality_id: int | None = None
    state: State | None = None
    unit_ids: tuple[int, ...] = ()
    area_ids: tuple[int, ...] = ()


def read_place(sort: Sort, key: object, number: object) -> Place | None:
    """The place that `as_values` wrote down in the order of `sort`; None for what it cannot have written."""
    if type(number) is not int or not 0 < number < _TOO_LARGE:
        return None
    if sort is Sort.VOTES:
        return Place(key, number) if type(key) is int and 0 <= key < _TOO_LARGE else None
    if sort is Sort.DUE and key is None:
        return Place(None, number)
    try:
        return Place(_READERS[sort](str(key)), number)
    except (ValueError, OverflowError):
        return None


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(text)
    return at.astimezone(UTC)


_READERS: dict[Sort, Callable[[str], datetime | date]] = {
    Sort.NEWEST: _moment,
    Sort.ACTIVITY: _moment,
    Sort.DUE: date.fromisoformat,
}

_KEYS: dict[Sort, InstrumentedAttribute[Any]] = {
    Sort.VOTES: DataRequest.votes_count,
    Sort.NEWEST: DataRequest.received_at,
    Sort.ACTIVITY: DataRequest.active_at,
    Sort.DUE: DataRequest.next_on,
}


def list_requests(
    session: Session,
    narrowing: Narrowing,
    sort: Sort,
    *,
    today: date,
    locale: str,
    after: Place | None = None,
    among: Sequence[int] | None = None,
    voted: ColumnElement[bool] | None = None,
    limit: int = 20,
) -> list[ListedRequest]:
    """At most `limit` public requests in the order of `sort`, those behind `after`. `today` decides what is overdue.

    With `among`, only those numbers: what a search has found. `voted` says of a row whether whoever looks has voted.
    """
    found: list[ListedRequest] = []
    for walk in _walks(sort, locale, narrowing, today, after, limit):
        wanted = _with_votes(walk, voted)
        if among is not None:
            wanted = wanted.where(DataRequest.id.in_(among))
        found += [ListedRequest(*row) for row in read_rows(session, wanted)]
        if len(found) >= limit:
            break
    return found[:limit]


def count_requests(session: Session, narrowing: Narrowing, today: date) -> int:
    """How many public requests there are. Reads them all: for programs that ask for the figure, not for pages."""
    wanted = select(func.count()).select_from(DataRequest).where(*PUBLIC_ROWS, *narrowed(narrowing, today))
    return session.scalar(wanted) or 0


def list_requests_by_number(
    session: Session, numbers: Sequence[int], *, locale: str, voted: ColumnElement[bool] | None = None
) -> list[ListedRequest]:
    """The public requests with `numbers`, in that order."""
    wanted = _with_votes(_listed(Sort.VOTES, locale), voted).where(DataRequest.id.in_(numbers))
    rows = {row[0]: ListedRequest(*row) for row in read_rows(session, wanted)}
    return [rows[number] for number in numbers if number in rows]


def _with_votes(wanted: Select[Any], voted: ColumnElement[bool] | None) -> Select[Any]:
    return wanted if voted is None else wanted.add_columns(voted)


@cache
def _listed(sort: Sort, locale: str) -> Select[Any]:
    """The columns of a row, of everything public."""
    area_name = Area.name_en if locale == "en" else Area.name_sv
    area = select(area_name).where(Area.id == DataRequest.area_id).scalar_subquery()
    dataset = (
        select(Dataset.url)
        .join(RequestDataset, RequestDataset.dataset_id == Dataset.id)
        .where(RequestDataset.request_id == DataRequest.id)
        .order_by(RequestDataset.dataset_id)
        .limit(1)
        .scalar_subquery()
    )
    return select(
        DataRequest.id,
        DataRequest.title,
        func.substr(DataRequest.need, 1, _SUMMARY_READ),
        DataRequest.kind,
        DataRequest.status,
        DataRequest.outcome,
        DataRequest.extent,
        DataRequest.waiting_on,
        DataRequest.next_on,
        DataRequest.due_on,
        DataRequest.votes_count,
        DataRequest.messages_count,
        func.substr(DataRequest.explanation, 1, _SUMMARY_READ),
        DataRequest.published_at,
        area,
        dataset,
        DataRequest.municipality_id,
        _KEYS[sort].label("key"),
    ).where(*PUBLIC_ROWS)


#: What everybody may see. Said in the words of the partial indexes, or they are not used.
PUBLIC_ROWS = (DataRequest.status != literal_column("'draft'"), DataRequest.hidden_at.is_(None))


def narrowed(narrowing: Narrowing, today: date) -> Iterator[ColumnElement[bool]]:
    """`narrowing` as conditions."""
    if narrowing.municipality_id is not None:
        yield DataRequest.municipality_id == narrowing.municipality_id
    for column, ids in ((DataRequest.unit_id, narrowing.unit_ids), (DataRequest.area_id, narrowing.area_ids)):
        if len(ids) == 1:
            yield column == ids[0]
        elif ids:
            yield column.in_(ids)
    match narrowing.state:
        case None:
            return
        case State.DECLINED:
            yield DataRequest.outcome == _constant(Outcome.DECLINED, DataRequest.outcome)
        case State.OVERDUE:
            # Says less than the next line, but in columns of the index: rows that are not late are not looked up.
            yield or_(DataRequest.next_on < today, DataRequest.due_on < today)
            yield overdue(today)
        case state:
            yield DataRequest.status == _constant(Status(state.value), DataRequest.status)


def _constant(value: StrEnum, column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    return bindparam(None, value, type_=column.type, literal_execute=True)


# Kept, because putting a statement together costs as much as running it, and most visitors ask for the same few.
@lru_cache(maxsize=128)
def _walks(
    sort: Sort, locale: str, narrowing: Narrowing, today: date, after: Place | None, limit: int
) -> tuple[Select[Any], ...]:
    """The stretches of index that make the order, one after the other."""
    wanted = _listed(sort, locale).where(*narrowed(narrowing, today)).limit(limit)
    key, number = _KEYS[sort], DataRequest.id
    if sort is not Sort.DUE:
        if after is not None:
            wanted = wanted.where(tuple_(key, number) < tuple_(literal(after.key, key.type), literal(after.number)))
        return (wanted.order_by(key.desc(), number.desc()),)
    # Engines disagree on where NULLs go, so days and no days are two walks.
    dated = wanted.where(key.is_not(None)).order_by(key, number)
    undated = wanted.where(key.is_(None)).order_by(number.desc())
    if after is None:
        return dated, undated
    if after.key is None:
        return (undated.where(number < after.number),)
    behind = tuple_(key, number) > tuple_(literal(after.key, key.type), literal(after.number))
    return dated.where(behind), undated
