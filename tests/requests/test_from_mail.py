"""Working from the mail: one button, one person, one request, once; and never a sign-in."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Person, RoleGrant, Unit
from dialogue.accounts.rules import Role
from dialogue.conversation.models import Message
from dialogue.core.clock import now
from dialogue.core.workdays import add_workdays
from dialogue.notifications.models import WorkLink
from dialogue.notifications.operations.work_links import find_link, forget_links, make_links, use_link
from dialogue.notifications.rules import WORK_LINK_LASTS, WorkAct
from dialogue.requests.models import DataRequest, RequestEvent
from dialogue.requests.operations.routing import assign_request, take_request
from dialogue.requests.promises import MORE_TIME_DAYS, suggest_later
from dialogue.requests.rules import EventKind, Kind, Status
from tests.factories import Factory
from tests.page import Page, fields_of
from tests.races import sessions_of, side_by_side
from tests.requests.acts import take

#: Monday 23 November 2026, noon.
NOON = "2026-11-23T11:00:00Z"


def token_of(session: Session, person: Person, data_request: DataRequest, act: WorkAct) -> str:
    assert data_request.unit_id is not None
    links = make_links(session, person.id, [(data_request.id, data_request.unit_id, None)])
    session.commit()
    return links[str(data_request.id)][act]


def events(session: Session) -> int:
    session.expire_all()
    return session.scalar(select(func.count()).select_from(RequestEvent)) or 0


@pytest.fixture
def unit(make: Factory) -> Unit:
    return make.unit("gata", name="Gata och trafik")


@pytest.fixture
def official(make: Factory, unit: Unit) -> Person:
    return make.official(unit, email="olle@prov.example")


def test_take_it_by_one_button_without_a_sign_in(
    page: Page, make: Factory, session: Session, unit: Unit, official: Person
) -> None:
    data_request = make.request(unit=unit, title="Bänkar i parken")
    address = f"/work/{token_of(session, official, data_request, WorkAct.TAKE)}"
    for method in ("GET", "HEAD", "OPTIONS") * 10:
        assert page.client.open(address, method=method).status_code == 200
    assert events(session) == 0
    opened = page.get(address)
    assert "Bänkar i parken" in opened.h1 + opened.words
    assert "o…@prov.example" in opened.words
    assert len(list(opened.form(address).iter("button"))) == 1
    done = page.follow(page.submit(address))
    assert "Klart. Någon på Gata och trafik har tagit hand om förfrågan." in done.words
    assert done.h1 == "Det är gjort"
    session.refresh(data_request)
    event = session.scalars(select(RequestEvent)).one()
    assert (data_request.official_id, event.actor_id, event.kind) == (official.id, official.id, EventKind.REQUEST_TAKEN)
    assert page.get("/queue", 302).location.startswith("/sign-in"), "nobody is signed in by it"
    again = page.post(address, {"version": str(data_request.version)}, 409)
    assert "Den fungerar en gång" in again.words
    assert events(session) == 1


def test_not_ours_goes_back_to_the_coordinator_with_a_reason(
    page: Page, make: Factory, session: Session, unit: Unit, official: Person
) -> None:
    data_request = make.request(Status.ASSESSING, unit=unit)
    address = f"/work/{token_of(session, official, data_request, WorkAct.NOT_OURS)}"
    empty = page.submit(address, {"reason": " "}, 422)
    assert "Skriv varför den inte är er" in empty.words
    done = page.follow(page.submit(address, {"reason": "Parkenheten har den."}))
    assert "Skickad tillbaka till samordnaren" in done.words
    session.refresh(data_request)
    assert data_request.unit_id is None
    assert session.scalars(select(RequestEvent.note)).one() == "Parkenheten har den."


@pytest.mark.parametrize("status", [Status.RECEIVED, Status.ASSESSING, Status.PLANNED])
def test_more_time_suggests_a_date_and_a_reason(
    page: Page, make: Factory, session: Session, unit: Unit, official: Person, status: Status
) -> None:
    with time_machine.travel(NOON, tick=False):
        data_request = make.request(status, unit=unit, next_on=date(2026, 11, 25))
        address = f"/work/{token_of(session, official, data_request, WorkAct.MORE_TIME)}"
        suggested = fields_of(page.get(address).form(address))
        assert suggested["next_on"] == "2026-12-09"
        assert "mer tid" in suggested["answer"]
        refused = page.submit(address, {"next_on": "2026-11-02", "answer": "Leverantören svarar inte."}, 422)
        assert fields_of(refused.form(address))["answer"] == "Leverantören svarar inte."
        assert page.submit(address, {"next_on": "snart"}, 422)
        page.follow(page.submit(address))
        session.refresh(data_request)
        assert data_request.next_on == date(2026, 12, 9)
        assert data_request.status is (Status.PLANNED if status is Status.PLANNED else Status.ASSESSING)
        message = session.scalars(select(Message)).one()
        assert message.is_official
        assert message.author_id == official.id


@pytest.mark.parametrize(
    ("values", "later"),
    [
        ({"next_on": date(2026, 11, 25)}, date(2026, 12, 9)),
        ({"next_on": date(2026, 11, 2)}, date(2026, 12, 7)),  # late: counted from today
        ({"next_on": None}, date(2026, 12, 7)),
        ({"next_on": date(2026, 12, 15)}, date(2026, 12, 21)),  # no later than the next word may be
        ({"next_on": date(2026, 12, 21)}, None),
        ({"next_on": date(2026, 12, 21), "status": Status.PLANNED}, date(2027, 1, 11)),
        ({"next_on": date(2026, 11, 25), "kind": Kind.FORMAL, "due_on": date(2026, 12, 1)}, date(2026, 12, 1)),
        ({"next_on": date(2026, 12, 1), "kind": Kind.FORMAL, "due_on": date(2026, 12, 1)}, None),
    ],
)
def test_how_much_later(values: dict[str, Any], later: date | None) -> None:
    data_request = DataRequest(**{"kind": Kind.WISH, "status": Status.ASSESSING, **values})
    assert suggest_later(data_request, date(2026, 11, 23), 20) == later
    assert add_workdays(date(2026, 11, 25), MORE_TIME_DAYS) == date(2026, 12, 9)


def test_what_changed_meanwhile_is_shown_before_it_is_done(
    page: Page, make: Factory, session: Session, unit: Unit, official: Person
) -> None:
    data_request = make.request(Status.ASSESSING, unit=unit)
    address = f"/work/{token_of(session, official, data_request, WorkAct.TAKE)}"
    fields = fields_of(page.get(address).form(address))
    take_request(session, make.viewer(make.official(unit)), data_request, version=None)
    session.commit()
    conflict = page.post(address, fields, 409)
    assert "Förfrågan har ändrats" in conflict.words
    assert "En kollega har tagit den." in conflict.words
    assert events(session) == 1
    page.post(address, fields_of(conflict.form(address)))
    session.refresh(data_request)
    assert data_request.official_id == official.id


def close(session: Session, make: Factory, door: str, data_request: DataRequest, person: Person) -> None:
    """Make what is behind the link impossible."""
    match door:
        case "elsewhere" | "both":
            other = make.unit()
            if door == "both":
                session.add(RoleGrant(person_id=person.id, unit_id=other.id, role=Role.OFFICIAL, granted_at=now()))
            assign_request(session, make.viewer(person), data_request, version=None, unit=other)
        case "role":
            session.query(RoleGrant).where(RoleGrant.person_id == person.id).delete()
        case "account":
            person.disabled_at = now()
        case "hidden":
            data_request.hidden_at, data_request.hidden_reason = now(), "Namn"
        case "closed":
            take("redirect", session, make, make.viewer(person), data_request)
        case "mine":
            take_request(session, make.viewer(person), data_request, version=None)
        case "old":
            session.query(WorkLink).update({"expires_at": now()})
        case "far":
            data_request.next_on = make.workday(20)
    session.commit()


@pytest.mark.parametrize(
    ("door", "act", "words"),
    [
        ("elsewhere", WorkAct.TAKE, "ligger hos en annan enhet nu"),
        ("both", WorkAct.TAKE, "ligger hos en annan enhet nu"),
        ("role", WorkAct.NOT_OURS, "Du svarar inte längre på"),
        ("account", WorkAct.TAKE, "Du svarar inte längre på"),
        ("hidden", WorkAct.MORE_TIME, "finns inte kvar"),
        ("closed", WorkAct.MORE_TIME, "går inte att göra"),
        ("mine", WorkAct.TAKE, "Du har redan tagit hand om den"),
        ("old", WorkAct.TAKE, "Länken är för gammal"),
        ("far", WorkAct.MORE_TIME, "kan inte skjutas upp mer"),
    ],
)
def test_a_closed_door_says_why(
    page: Page, make: Factory, session: Session, unit: Unit, official: Person, door: str, act: WorkAct, words: str
) -> None:
    data_request = make.request(Status.ASSESSING, unit=unit, title="Hemlig titel")
    address = f"/work/{token_of(session, official, data_request, act)}"
    fields = fields_of(page.get(address).form(address))
    close(session, make, door, data_request, official)
    before = events(session)
    for opened in (page.get(address), page.post(address, fields, 409)):
        assert opened.h1 == "Det går inte att göra nu"
        assert words in opened.words
        assert ("Hemlig titel" in opened.words) is (door != "hidden")
    assert events(session) == before


def test_a_link_that_is_not_whole_is_not_there(page: Page, make: Factory) -> None:
    make.municipality()
    assert "Länken är inte hel" in page.get("/work/" + "0" * 40, 404).words
    page.post("/work/" + "0" * 40, {}, 404)


def test_the_database_holds_no_token_and_forgets_old_links(
    session: Session, make: Factory, unit: Unit, official: Person
) -> None:
    token = token_of(session, official, make.request(unit=unit), WorkAct.TAKE)
    rows = session.scalars(select(WorkLink)).all()
    assert len({row.token_hash for row in rows}) == len(WorkAct)
    assert token not in {row.token_hash for row in rows}
    forget_links(session, now() + WORK_LINK_LASTS + timedelta(days=29))
    assert find_link(session, token) is not None
    forget_links(session, now() + WORK_LINK_LASTS + timedelta(days=31))
    assert find_link(session, token) is None
    assert make_links(session, official.id, []) == {}


def test_who_presses_twice_at_once_is_heard_once(live_app: Flask) -> None:
    with sessions_of(live_app)() as session:
        make = Factory(session)
        unit = make.unit()
        token = token_of(session, make.official(unit), make.request(unit=unit), WorkAct.TAKE)

    def press(session: Session) -> bool:
        link = find_link(session, token, lock=True)
        assert link is not None
        was_open = link.used_at is None
        use_link(link)
        return was_open

    assert sorted(side_by_side(live_app, *[press] * 5)) == [False, False, False, False, True]  # type: ignore[type-var]
