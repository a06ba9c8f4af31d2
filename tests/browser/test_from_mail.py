"""Working from the mail, on a phone without script and without a login."""

from playwright.sync_api import expect
from sqlalchemy import select

from dialogue.accounts.models import Person
from dialogue.notifications.operations.work_links import make_links
from dialogue.requests.models import DataRequest
from dialogue.requests.rules import Status
from tests.browser.conftest import Site, Visitor, press

#: The mailbox of a unit, which is an official's account too.
OFFICIAL = "gata@halmstad.example"


def test_more_time_by_one_button_and_only_once(site: Site, visit: Visitor) -> None:
    with site.session() as session:
        person = session.scalars(select(Person).where(Person.email == OFFICIAL)).one()
        wanted = select(DataRequest).where(DataRequest.status == Status.PLANNED, DataRequest.unit_id.is_not(None))
        data_request = next(
            each for each in session.scalars(wanted.order_by(DataRequest.id)) if each.unit.slug == "gata-och-trafik"
        )
        number, unit_id, was = data_request.id, data_request.unit_id, data_request.next_on
        assert unit_id is not None
        links = make_links(session, person.id, [(number, unit_id, None)])
        session.commit()
    page = visit()
    page.goto(f"/work/{links[str(number)]['more_time']}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Jag behöver mer tid")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("main button").count() == 1
    press(page.get_by_role("button", name="Publicera det nya datumet"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Det är gjort")
    expect(page.locator("main")).to_contain_text("Den fungerar en gång")
    expect(page.get_by_role("link", name="Logga in").first).to_be_visible()
    with site.session() as session:
        moved = session.get_one(DataRequest, number)
        assert was is not None
        assert moved.next_on is not None
        assert moved.next_on > was
        session.rollback()
    page.goto(f"/requests/{number}")
    expect(page.locator("main")).to_contain_text("Vi behöver mer tid")
