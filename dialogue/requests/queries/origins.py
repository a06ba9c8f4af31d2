"""Which requests a dataset answers, and which data is promised but not there yet."""

from datetime import date
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.core.text import slugify
from dialogue.requests.models import DataRequest, RequestDataset
from dialogue.requests.queries.lists import PUBLIC_ROWS
from dialogue.requests.rules import Status


class Origin(NamedTuple):
    """A request, as much of it as stands beside a dataset."""

    id: int
    title: str
    votes_count: int
    next_on: date | None

    @property
    def slug(self) -> str:
        """The readable part of its address."""
        return slugify(self.title)


_COLUMNS = (DataRequest.id, DataRequest.title, DataRequest.votes_count, DataRequest.next_on)


def list_origins(session: Session, dataset_ids: list[int]) -> dict[int, list[Origin]]:
    """The public requests that each of the datasets answers."""
    wanted = (
        select(RequestDataset.dataset_id, *_COLUMNS)
        .join(DataRequest, DataRequest.id == RequestDataset.request_id)
        .where(*PUBLIC_ROWS, RequestDataset.dataset_id.in_(dataset_ids))
        .order_by(DataRequest.id)
    )
    origins: dict[int, list[Origin]] = {}
    for row in session.execute(wanted):
        origins.setdefault(row[0], []).append(Origin(*row[1:]))
    return origins


def list_planned(session: Session, limit: int) -> list[Origin]:
    """Requests whose data will be published by a stated date, the nearest first."""
    wanted = select(*_COLUMNS).where(*PUBLIC_ROWS, DataRequest.status == Status.PLANNED)
    rows = session.execute(wanted.order_by(DataRequest.next_on, DataRequest.id).limit(limit))
    return [Origin(*row) for row in rows]
