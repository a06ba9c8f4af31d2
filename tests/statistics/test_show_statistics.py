"""The statistics page, its file and its JSON say the same."""

import csv
import io
from datetime import timedelta

from sqlalchemy.orm import Session

from dialogue.accounts.policy import NOBODY
from dialogue.core.clock import as_of, now, today
from dialogue.requests.operations.moves import record
from dialogue.requests.rules import EventKind, Status
from tests.factories import Factory
from tests.page import Page


def a_year_of_requests(make: Factory, session: Session) -> None:
    """Six requests of one unit: two published, one declined, one promise kept and one missed."""
    unit = make.unit("gata", name="Gata och trafik")
    for status in (
        Status.RECEIVED,
        Status.ASSESSING,
        Status.PLANNED,
        Status.PUBLISHED,
        Status.PUBLISHED,
        Status.CLOSED,
    ):
        make.request(status, unit=unit, votes_count=3, first_answered_at=now() + timedelta(days=1))
    request = make.request(Status.PLANNED, unit=unit)
    for promised, answered in ((10, 10), (12, 15)):
        with as_of(now() - timedelta(days=30 - answered)):
            promised_on = today(request.municipality.zone) - timedelta(days=answered - promised)
            record(session, NOBODY, request, EventKind.DATE_MOVED, old={"next_on": promised_on})
    session.commit()


def test_the_first_sentence_says_how_often_dates_are_kept(page: Page, make: Factory, session: Session) -> None:
    a_year_of_requests(make, session)
    shown = page.get("/statistics")
    assert "Kommunen höll 50 % av sina datum de senaste tolv månaderna." in shown.words
    assert len(page.statements) <= 16
    assert "The municipality kept 50 % of its dates" in page.get("/en/statistics").words


def test_page_file_and_json_agree(page: Page, make: Factory, session: Session) -> None:
    a_year_of_requests(make, session)
    rows = list(csv.DictReader(io.StringIO(page.get("/statistics.csv").text.lstrip("\ufeff"))))
    told = page.get("/api/v1/statistics").response.json
    assert told is not None
    assert (told["promises_due"], told["promises_kept"], told["requests"]) == (2, 1, 7)
    for row in rows:
        value = told[row["table"]][row["group"]][row["measure"]]
        assert row["value"] == ("" if value is None else str(value)), row
    shown = page.get("/statistics")
    states = {row[0]: row[1] for row in table(shown, "states-table")}
    assert states == {"Mottagen": "1", "Utreds": "1", "Planerad": "2", "Publicerad": "2", "Kan inte publiceras": "1"}
    flow = {row[0]: row[1:] for row in table(shown, "flow-chart-table")}
    told_flow = told["requests_by_quarter"]
    assert {name: [str(cells["received"]), str(cells["published"])] for name, cells in told_flow.items()} == flow


def test_few_requests_are_told_without_charts(page: Page, make: Factory) -> None:
    make.request()
    shown = page.get("/statistics")
    assert "Inget datum har infallit" in shown.words
    assert not list(shown.tree.iter("figure"))


def test_municipalities_are_counted_apart(page: Page, make: Factory) -> None:
    first, second = make.municipality("a-kommun", name="A kommun"), make.municipality("b-kommun", name="B kommun")
    make.request(municipality=first)
    make.request(municipality=second)
    for slug in ("a-kommun", "b-kommun"):
        told = page.get(f"/api/v1/statistics?municipality={slug}").response.json
        assert told is not None
        assert told["requests"] == 1
    page.get("/statistics?municipality=b-kommun")
    page.get("/statistics?municipality=ingen", 404)
    page.get("/api/v1/statistics?municipality=ingen", 404)


def table(shown: object, name: str) -> list[list[str]]:
    """The body of a table, row by row."""
    found = next(element for element in shown.tree.iter("table") if element.get("id") == name)  # type: ignore[attr-defined]
    body = next(found.iter("tbody"))
    return [["".join(cell.itertext()).strip() for cell in row] for row in body.iter("tr")]
