"""Verbs that change the catalogue."""

from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.catalogue.models import Dataset
from dialogue.catalogue.rules import Format, Frequency, Licence
from dialogue.core.clock import now
from dialogue.core.errors import InvalidValue
from dialogue.core.language import N_


def get_or_create_dataset(
    session: Session,
    *,
    municipality_id: int,
    unit_id: int | None,
    title: str,
    url: str,
    licence: Licence | None = None,
    format: Format | None = None,
    update_frequency: Frequency | None = None,
) -> Dataset:
    """The municipality's dataset at `url`, new if there is none. What is said of it here replaces what was known.

    Raises InvalidValue when `url` is not an address of the web.
    """
    check_web_address(url)
    wanted = select(Dataset).where(Dataset.municipality_id == municipality_id, Dataset.url == url)
    dataset = session.scalar(wanted)
    if dataset is None:
        dataset = Dataset(
            municipality_id=municipality_id,
            unit_id=unit_id,
            title=title,
            url=url,
            licence=licence or Licence.OTHER,
            format=format or Format.OTHER,
            update_frequency=update_frequency or Frequency.UNKNOWN,
            published_at=now(),
        )
        session.add(dataset)
    else:
        dataset.licence = licence or dataset.licence
        dataset.format = format or dataset.format
        dataset.update_frequency = update_frequency or dataset.update_frequency
    session.flush()
    return dataset


def check_web_address(url: str) -> None:
    """Raise InvalidValue unless `url` is a whole http or https address that leads where it seems to lead."""
    try:
        parts = urlsplit(url)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        parts, port_is_fine = urlsplit(""), False
    is_whole = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    if not is_whole or not port_is_fine or len(url) > 1000 or any(letter.isspace() for letter in url):
        raise InvalidValue("dataset_url", N_("Enter a whole address, like https://example.se/data"))
