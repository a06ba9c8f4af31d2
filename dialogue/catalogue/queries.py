"""Every SELECT about datasets."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dialogue.catalogue.models import Dataset
from dialogue.core.errors import NotFound


def list_datasets_before(session: Session, before: int | None, limit: int) -> list[Dataset]:
    """At most `limit` datasets, newest first, older than the one with id `before`."""
    wanted = select(Dataset).order_by(Dataset.id.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(Dataset.id < before)
    return list(session.scalars(wanted))


def count_datasets(session: Session) -> int:
    """How many datasets there are."""
    return session.scalar(select(func.count(Dataset.id))) or 0


def get_dataset(session: Session, dataset_id: int) -> Dataset:
    """The dataset with `dataset_id`. Raises NotFound."""
    dataset = session.get(Dataset, dataset_id)
    if dataset is None:
        raise NotFound
    return dataset
