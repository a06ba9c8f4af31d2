"""The data pages."""

from sqlalchemy.orm import Session

from dialogue.catalogue.models import Dataset
from dialogue.catalogue.rules import Format, Frequency, Licence
from dialogue.core.clock import now
from dialogue.requests.models import DataRequest
from dialogue.requests.rules import Status
from tests.factories import Factory
from tests.page import Page


def published(make: Factory, session: Session, name: str, **values: object) -> tuple[DataRequest, Dataset]:
    """A request with the dataset that answers it."""
    request = make.request(Status.PUBLISHED, votes_count=16, **values)
    dataset = Dataset(
        municipality_id=request.municipality_id, title=name, url=f"https://data.example/{request.id}",
        licence=Licence.CC0, format=Format.CSV, update_frequency=Frequency.WEEKLY, published_at=now(),
    )  # fmt: skip
    request.datasets = [dataset]
    session.commit()
    return request, dataset


def test_without_data_the_plan_is_shown(page: Page, make: Factory) -> None:
    planned = make.request(Status.PLANNED, title="Badvatten")
    shown = page.get("/datasets")
    assert "Inget är publicerat än" in shown.words
    assert f"/requests/{planned.id}-badvatten" in shown.links()


def test_data_is_listed_a_page_at_a_time(page: Page, make: Factory, session: Session) -> None:
    for index in range(21):
        published(make, session, f"Datamängd {index:02}")
    first = page.get("/datasets")
    assert len(page.statements) <= 8
    assert "Datamängd 20" in first.words
    assert "efter 16 röster" in first.words
    assert "Datamängd 00" not in first.words
    onwards = next(link for link in first.links() if "before=" in link)
    assert "Datamängd 00" in page.get(onwards).words


def test_a_dataset_says_where_it_is_and_who_asked(page: Page, make: Factory, session: Session) -> None:
    request, dataset = published(make, session, "Badvatten", title="Badvattnets temperatur")
    hidden, _ = published(make, session, "Annat", title="Hemlig rubrik")
    shown = page.get(f"/datasets/{dataset.id}")
    assert dataset.url in shown.links()
    assert f"/requests/{request.id}-badvattnets-temperatur" in shown.links()
    hidden.hidden_at, hidden.hidden_reason = now(), "Personuppgifter"
    session.commit()
    assert "Hemlig rubrik" not in page.get("/datasets").words
    assert "Updated" in page.get(f"/en/datasets/{dataset.id}").words
    page.get("/datasets/999999", 404)
