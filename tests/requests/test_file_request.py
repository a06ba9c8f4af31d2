"""Filing a request: form → code or link → published."""

import re

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.catalogue.rules import Frequency
from dialogue.core.clock import now
from dialogue.core.errors import InvalidTransition, InvalidValue
from dialogue.mail.models import OutgoingEmail
from dialogue.requests.models import DataRequest
from dialogue.requests.operations.filing import Filing, confirm_request, file_request, proof_payload, revise_draft
from dialogue.requests.operations.indexing import index_request
from dialogue.requests.rules import Kind, Status
from tests.factories import Factory
from tests.page import Page

FILLED = {
    "title": "Lediga laddplatser i realtid",
    "need": "Vilka av kommunens laddplatser som är lediga just nu.",
    "purpose": "En tjänst som visar förare en ledig plats.",
    "update_frequency": "CONT",
    "organisation": "Laddkusten AB",
    "email": "anna@laddkusten.example",
}


def newest_mail(session: Session) -> OutgoingEmail:
    mail = session.scalar(select(OutgoingEmail).order_by(OutgoingEmail.id.desc()))
    assert mail is not None
    return mail


def test_a_request_is_public_when_its_link_is_used(page: Page, make: Factory, session: Session) -> None:
    make.municipality()
    sent = page.submit("/requests/new", FILLED)
    assert sent.location == "/check-email"
    data_request = session.scalars(select(DataRequest)).one()
    assert data_request.status is Status.DRAFT
    page.get(f"/requests/{data_request.id}", 404)
    mail = newest_mail(session)
    assert mail.recipient == "anna@laddkusten.example"
    confirmed = page.submit(f"/confirm/{mail.context['token']}")
    assert re.fullmatch(r"/requests/\d+-lediga-laddplatser-i-realtid", confirmed.location)
    session.refresh(data_request)
    assert data_request.status is Status.RECEIVED
    shown = page.follow(confirmed)
    assert shown.h1 == "Lediga laddplatser i realtid"
    assert f"Klart. Förfrågan {data_request.id} är publicerad" in shown.words


def test_a_formal_request_names_its_law_before_it_is_sent_and_when_it_is_received(
    page: Page, make: Factory, session: Session
) -> None:
    make.municipality()
    law = "5 kap. lagen (2022:818) om den offentliga sektorns tillgängliggörande av data"
    assert law in page.get("/requests/new").words
    page.submit("/requests/new", FILLED | {"kind": "formal", "format": "GeoJSON", "benefit": "Färre tomma resor."})
    token = newest_mail(session).context["token"]
    check = page.get(f"/confirm/{token}")
    assert f"Begäran om vidareutnyttjande. Enligt {law}." in check.words
    for typed in ("GeoJSON", "Färre tomma resor.", "Löpande, ungefär varje minut"):
        assert typed in check.words
    edit = page.get(f"/requests/drafts/{token}")
    ids = {element.get("id") for element in edit.tree.iter()}
    changes = {link.partition("#")[2] for link in check.links() if "/drafts/" in link}
    assert changes <= ids
    assert len(changes) == 8
    assert "Kommunen beslutar senast" in page.follow(page.submit(f"/confirm/{token}")).words


def test_a_number_that_only_looks_like_a_personal_one_is_asked_about_before_it_is_published(
    page: Page, make: Factory, session: Session
) -> None:
    make.municipality()
    page.submit("/requests/new", FILLED | {"need": "Allt om 811228-XXXX."})
    token = newest_mail(session).context["token"]
    assert "811228-XXXX ser ut som ett personnummer." in page.get(f"/confirm/{token}").words
    assert page.submit(f"/confirm/{token}").location.startswith("/requests/")


def test_a_wish_names_no_law(page: Page, make: Factory, session: Session) -> None:
    make.municipality()
    page.submit("/requests/new", FILLED)
    check = page.get(f"/confirm/{newest_mail(session).context['token']}")
    assert "Typ av förfråganÖnskemål" in check.words
    assert "2022:818" not in check.words


def test_the_code_leads_where_the_link_leads(page: Page, make: Factory, session: Session) -> None:
    make.municipality()
    page.submit("/requests/new", FILLED)
    code = newest_mail(session).context["code"]
    page.submit("/check-email", {"code": "12"}, 422)
    led = page.submit("/check-email", {"code": f"{code[:3]} {code[3:]}"})
    assert led.location.startswith("/confirm/")
    page.submit(led.location)
    assert session.scalars(select(DataRequest)).one().status is Status.RECEIVED


def test_a_site_without_a_municipality_says_so(page: Page) -> None:
    refused = page.submit("/requests/new", FILLED, 404)
    assert "talar inte för någon kommun än" in refused.words


def file_again(page: Page, **changed: str) -> None:
    page.submit("/requests/new", FILLED | changed)


def test_a_fresh_form_with_the_same_words_revises_the_waiting_draft(
    page: Page, make: Factory, session: Session
) -> None:
    make.municipality()
    file_again(page)
    file_again(page, need="Vilka platser som är lediga, minut för minut.")
    file_again(page, need="Vilka platser som är lediga, minut för minut.", title="Lediga laddplatser")
    draft = session.scalars(select(DataRequest)).one()
    assert (draft.title, draft.need) == ("Lediga laddplatser", "Vilka platser som är lediga, minut för minut.")
    page.submit(f"/confirm/{newest_mail(session).context['token']}")
    session.refresh(draft)
    assert draft.status is Status.RECEIVED
    # What is public is not changed by a form; that is a new request.
    file_again(page, need="Något mer.", title="Lediga laddplatser")
    assert [each.status for each in session.scalars(select(DataRequest).order_by(DataRequest.id))] == [
        Status.RECEIVED,
        Status.DRAFT,
    ]


def test_other_words_or_another_address_make_another_draft(
    page: Page, app: Flask, make: Factory, session: Session
) -> None:
    make.municipality()
    file_again(page)
    file_again(page, title="Badplatser", need="Vattnets temperatur.")
    file_again(page, title="Badplatser", email="bert@laddkusten.example")
    # Somebody else's browser that names the address does not touch what waits in this one.
    file_again(Page(app, session), title="Badplatser", need="Ändrat av någon annan.", email="bert@laddkusten.example")
    drafts = session.scalars(select(DataRequest).order_by(DataRequest.id)).all()
    assert [draft.need for draft in drafts] == [
        FILLED["need"],
        "Vattnets temperatur.",
        FILLED["need"],
        "Ändrat av någon annan.",
    ]


def test_a_signed_in_person_who_goes_back_revises_too(page: Page, make: Factory, session: Session) -> None:
    make.municipality()
    page.sign_in(make.cookie(make.person(FILLED["email"])))
    file_again(page)
    file_again(page, title="Lediga laddplatser")
    assert session.scalars(select(DataRequest)).one().title == "Lediga laddplatser"


@pytest.mark.parametrize("field", ["title", "need", "purpose", "format", "benefit"])
def test_a_personal_number_cannot_be_published(page: Page, make: Factory, session: Session, field: str) -> None:
    make.municipality()
    refused = page.submit("/requests/new", FILLED | {field: "Ring 19811228-9874"}, 422)
    assert refused.title.startswith("Fel: ")
    assert "ser ut som ett personnummer" in refused.words
    assert session.scalar(select(DataRequest)) is None


def test_what_waits_can_be_changed_before_it_is_published(page: Page, make: Factory, session: Session) -> None:
    make.municipality()
    page.submit("/requests/new", FILLED)
    token = newest_mail(session).context["token"]
    change = next(link for link in page.get(f"/confirm/{token}").links() if link.startswith("/requests/drafts/"))
    refused = page.submit(change, {"title": ""}, 422, action=f"/requests/drafts/{token}")
    assert refused.title.startswith("Fel: ")
    saved = page.submit(
        change, {"need": "Bara i centrum.", "organisation": "Laddkusten Väst AB"}, action=f"/requests/drafts/{token}"
    )
    shown = page.follow(saved)
    assert "Bara i centrum." in shown.words
    assert "Laddkusten Väst AB" in shown.words
    page.submit(f"/confirm/{token}")
    assert session.scalars(select(DataRequest)).one().need == "Bara i centrum."
    page.get(f"/requests/drafts/{token}", 404)


def a_filing(**changes: str) -> Filing:
    values = {"title": "Laddplatser", "need": "Läge.", "purpose": "Karta."} | changes
    return Filing(update_frequency=Frequency.UNKNOWN, kind=Kind.WISH, **values)


def test_what_is_public_is_neither_revised_nor_confirmed_again(make: Factory, session: Session) -> None:
    place, person = make.municipality(), make.person("kim@prov.example")
    draft = file_request(session, place, a_filing(), email=person.email, form_key="k", locale="sv")
    payload = proof_payload(draft, "Bolaget AB", "556677-8899")
    confirm_request(session, person, draft, payload)
    session.commit()
    with pytest.raises(InvalidTransition):
        revise_draft(draft, a_filing(need="Annat."))
    with pytest.raises(InvalidTransition):
        confirm_request(session, person, draft, payload)
    # The same form once more changes nothing, and a stale hint of a draft makes a new one.
    assert file_request(session, place, a_filing(need="Annat."), email=person.email, form_key="k", locale="sv") is draft
    assert draft.need == "Läge."
    again = file_request(session, place, a_filing(), email=person.email, form_key="n", locale="sv", draft_id=draft.id)
    assert again is not draft


def test_a_personal_number_is_refused_when_a_draft_changes_too(make: Factory, session: Session) -> None:
    draft = file_request(session, make.municipality(), a_filing(), email="a@b.example", form_key="k", locale="sv")
    with pytest.raises(InvalidValue):
        revise_draft(draft, a_filing(need="Ring 811228-9874."))


def test_a_request_without_a_number_gets_one_before_it_is_indexed(make: Factory, session: Session) -> None:
    place = make.municipality()
    at = now()
    data_request = DataRequest(
        municipality_id=place.id, title="Badvatten", need="Temperatur.", created_at=at, updated_at=at, active_at=at
    )
    session.add(data_request)
    index_request(session, data_request)
    assert data_request.id
