"""Data that requests have led to."""

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.catalogue.models import Dataset
from dialogue.catalogue.rules import FREQUENCIES, Format, Frequency
from dialogue.requests.models import DataRequest, RequestDataset
from dialogue.requests.queries.lists import PUBLIC_ROWS

#: One dataset may answer several requests; so many a dataset are read.
_REQUESTS_A_DATASET = 4


class PublishedData(NamedTuple):
    """A dataset and how many wanted it."""

    title: str
    url: str
    format: Format
    update_frequency: Frequency
    votes_count: int

    @property
    def frequency_label(self) -> str:
        """How often it is updated (msgid)."""
        return FREQUENCIES[self.update_frequency].label


def list_newest_data(session: Session, municipality_id: int | None, limit: int) -> list[PublishedData]:
    """The datasets that came last of those that requests have led to, each once, by the request that came last."""
    wanted = (
        select(Dataset.title, Dataset.url, Dataset.format, Dataset.update_frequency, DataRequest.votes_count)
        .join(RequestDataset, RequestDataset.dataset_id == Dataset.id)
        .join(DataRequest, DataRequest.id == RequestDataset.request_id)
        .where(*PUBLIC_ROWS)
        .order_by(RequestDataset.dataset_id.desc(), RequestDataset.request_id.desc())
        .limit(_REQUESTS_A_DATASET * limit)
    )
    if municipality_id is not None:
        # Not the dataset's: with that condition SQLite would start there, and sort.
        wanted = wanted.where(DataRequest.municipality_id == municipality_id)
    found: dict[str, PublishedData] = {}
    for row in session.execute(wanted):
        data = PublishedData(*row)
        found.setdefault(data.url, data)
    return list(found.values())[:limit]
