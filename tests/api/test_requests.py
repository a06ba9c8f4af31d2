"""What programs read: fields, pages, ETags, refusals, and nothing private."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from dialogue.catalogue.models import Dataset
from dialogue.catalogue.rules import Format, Frequency, Licence
from dialogue.conversation.models import Message
from dialogue.core.clock import now
from dialogue.requests.rules import Status
from tests.factories import Factory
from tests.page import Page

DESCRIPTION = json.loads((Path(__file__).parents[2] / "dialogue/api/openapi.json").read_text(encoding="utf-8"))


def told(page: Page, path: str) -> Any:
    answer = page.get(path).response
    assert answer.mimetype == "application/json"
    return answer.json


def assert_described(body: dict[str, Any], schema: str) -> None:
    """`body` has the fields that the description promises, and no other."""
    assert body.keys() == DESCRIPTION["components"]["schemas"][schema]["properties"].keys()


def test_a_request_has_the_promised_fields(page: Page, make: Factory) -> None:
    unit = make.unit("gata", name="Gata och trafik")
    asker = make.person("hemlig@prov.example", make.organisation("Laddkusten AB"))
    request = make.request(Status.PLANNED, unit=unit, asker=asker)
    body = told(page, f"/api/v1/requests/{request.id}")
    assert_described(body, "Request")
    assert (body["number"], body["status"], body["unit"]) == (request.id, "planned", "Gata och trafik")
    assert body["organisation"] == "Laddkusten AB"
    assert "hemlig" not in json.dumps(body)


def test_a_sole_trader_is_not_named(page: Page, make: Factory) -> None:
    asker = make.person(organisation=make.organisation("Åsa Östs Rör", "8112289874"))
    request = make.request(asker=asker)
    assert told(page, f"/api/v1/requests/{request.id}")["organisation"] is None
    assert "Åsa" not in page.get("/requests.csv").text


def test_asking_again_costs_nothing(page: Page, make: Factory) -> None:
    request = make.request()
    path = f"/api/v1/requests/{request.id}"
    tag = page.get(path).response.headers["ETag"]
    page.get(path, 304, headers={"If-None-Match": tag})


def test_the_list_is_narrowed_and_paged_like_the_site_s(page: Page, make: Factory) -> None:
    unit = make.unit("gata")
    numbers = {make.request(Status.PLANNED, unit=unit, votes_count=index % 3).id for index in range(23)}
    make.request(Status.RECEIVED)
    make.request(Status.DRAFT)
    first = told(page, "/api/v1/requests?status=planned&unit=gata")
    assert (first["total"], len(first["items"])) == (23, 20)
    assert len(page.statements) <= 8
    second = told(page, first["next"].partition("5000")[2])
    assert {item["number"] for item in first["items"] + second["items"]} == numbers
    assert second["next"] is None
    assert told(page, "/api/v1/requests")["total"] == 24


def test_words_find_requests_for_programs_too(page: Page, make: Factory) -> None:
    found = make.request(title="Badvattnets temperatur")
    make.request(title="Laddplatser")
    body = told(page, "/api/v1/requests?q=temperaturer")
    assert (body["total"], [item["number"] for item in body["items"]]) == (1, [found.id])


@pytest.mark.parametrize("part", ["", "/messages", "/events", ".atom", ".ics"])
def test_what_is_not_public_is_refused_in_words(page: Page, make: Factory, part: str) -> None:
    draft, hidden = make.request(Status.DRAFT), make.request(hidden_at=now(), hidden_reason="Personuppgifter")
    root = "/requests" if part.startswith(".") else "/api/v1/requests"
    for number, status in ((draft.id, 404), (hidden.id, 410), (99_999, 404)):
        refused = page.get(f"{root}/{number}{part}", status)
        if root.startswith("/api"):
            assert refused.response.mimetype == "application/problem+json"
            assert json.loads(refused.text)["status"] == status


def test_messages_come_a_page_at_a_time_and_hidden_ones_without_text(
    page: Page, make: Factory, session: Session
) -> None:
    request = make.request()
    for index in range(25):
        hidden = now() if index == 0 else None
        session.add(
            Message(
                request_id=request.id, body=f"Inlägg {index}", body_html=f"<p>Inlägg {index}</p>", posted_at=now(),
                hidden_at=hidden, hidden_reason="Reklam" if hidden else None,
            )
        )  # fmt: skip
    session.commit()
    first = told(page, f"/api/v1/requests/{request.id}/messages")
    assert (first["total"], len(first["items"])) == (25, 20)
    assert_described(first["items"][0], "Message")
    assert (first["items"][0]["body"], first["items"][0]["hidden_reason"]) == (None, "Reklam")
    second = told(page, first["next"].partition("5000")[2])
    assert [item["body"] for item in second["items"]] == [f"Inlägg {index}" for index in range(20, 25)]
    assert second["next"] is None


def test_datasets_name_the_requests_they_answer(page: Page, make: Factory, session: Session) -> None:
    request = make.request(Status.PUBLISHED)
    request.datasets = [
        Dataset(
            municipality_id=request.municipality_id, title="Badvatten", url="https://data.example/bad",
            licence=Licence.CC0, format=Format.CSV, update_frequency=Frequency.HOURLY, published_at=now(),
        )
    ]  # fmt: skip
    session.commit()
    body = told(page, "/api/v1/datasets")
    assert body["total"] == 1
    assert body["items"][0]["requests"] == [request.id]
    assert body["items"][0]["licence"] == "http://creativecommons.org/publicdomain/zero/1.0/"


def test_the_table_neutralises_formulas_and_keeps_numbers(page: Page, make: Factory) -> None:
    make.request(title='=HYPERLINK("http://elak.example")', votes_count=3)
    text = page.get("/requests.csv").text
    assert "'=HYPERLINK" in text
    assert ",3," in text


def test_feeds_and_calendar_are_well_formed(page: Page, make: Factory) -> None:
    title = "Å, ä; ö\\ " + "mycket lång titel " * 5
    request = make.request(title=title.strip())
    assert page.get("/requests.atom").response.mimetype == "application/atom+xml"
    calendar = page.get(f"/requests/{request.id}.ics").text
    assert all(len(line.encode()) <= 75 for line in calendar.split("\r\n"))
    assert "SUMMARY:Å\\, ä\\; ö\\\\" in calendar.replace("\r\n ", "")


def test_the_description_names_every_address(page: Page) -> None:
    rules = {
        rule.rule.replace("<int:number>", "{number}")
        for rule in page.app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1")
    }
    assert rules - {"/api/v1/openapi.json"} == DESCRIPTION["paths"].keys()
    assert told(page, "/api/v1/openapi.json")["openapi"] == "3.1.0"
