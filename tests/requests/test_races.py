"""Many people at one request at once: one wins, the others are told, and nothing is written twice."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select

from dialogue.conversation.models import Message
from dialogue.mail.models import OutgoingEmail
from dialogue.requests.models import DataRequest, RequestEvent
from dialogue.requests.rules import Status
from dialogue.web.extensions import db
from tests.factories import Factory
from tests.page import Page, fields_of
from tests.races import sessions_of
from tests.requests.test_file_request import FILLED

RIVALS = 20


def test_of_twenty_answers_to_one_version_one_wins(live_app: Flask) -> None:
    with live_app.app_context():
        maker = db.sessionmaker
    with maker() as session:
        make = Factory(session)
        unit = make.unit("gata")
        data_request = make.request(unit=unit, asker=make.person())
        number, version = data_request.id, data_request.version
        day = make.workday(5).isoformat()
        pages = []
        for _ in range(RIVALS):
            page = Page(live_app, session)
            page.sign_in(make.cookie(make.official(unit)))
            pages.append((page, page.csrf_token()))
        session.commit()
    start = Barrier(RIVALS)

    def answer(rival: tuple[Page, str]) -> int:
        page, token = rival
        typed = {"answer": "Vi utreder.", "next_on": day, "version": str(version), "csrf_token": token}
        start.wait()
        return page.client.post(f"/requests/{number}/assess", data=typed).status_code

    with ThreadPoolExecutor(RIVALS) as rivals:
        answers = sorted(rivals.map(answer, pages))
    assert answers == [303] + [409] * (RIVALS - 1)
    with maker() as session:
        assert len(session.scalars(select(RequestEvent)).all()) == 1
        assert len(session.scalars(select(Message)).all()) == 1
        data_request = session.scalars(select(DataRequest)).one()
        assert data_request.status is Status.ASSESSING
        assert data_request.messages_count == 1


@pytest.mark.usefixtures("stopped_clock")  # ten presses are one moment, however long they take
def test_a_form_pressed_ten_times_at_once_is_one_request_and_one_mail(live_app: Flask) -> None:
    with sessions_of(live_app)() as session:
        Factory(session).municipality()
        page = Page(live_app, session)
        form = fields_of(page.get("/requests/new").form("/requests/new"))
        typed = form | FILLED | {"csrf_token": page.csrf_token()}
        assert _pressed(live_app, page, "/requests/new", typed) == [(303, "/check-email")] * 10
        assert len(session.scalars(select(DataRequest)).all()) == 1
        address = f"/confirm/{session.scalars(select(OutgoingEmail)).one().context['token']}"
        session.commit()

        assert {status for status, _ in _pressed(live_app, page, address, {"csrf_token": typed["csrf_token"]})} == {303}
        data_request = session.scalars(select(DataRequest)).one()
        session.refresh(data_request)
        assert data_request.status is Status.RECEIVED
        assert len(session.scalars(select(RequestEvent)).all()) == 1


def _pressed(app: Flask, page: Page, address: str, typed: dict[str, str]) -> list[tuple[int, str]]:
    """What a button answers that is pressed ten times at once in the browser of `page`."""
    cookie, start = page.client.get_cookie("dialogue"), Barrier(10)
    assert cookie is not None

    def press(_: int) -> tuple[int, str]:
        client = app.test_client()
        client.set_cookie("dialogue", cookie.value)
        start.wait()
        answer = client.post(address, data=typed)
        return answer.status_code, answer.headers.get("Location", "")

    with ThreadPoolExecutor(10) as pool:
        return list(pool.map(press, range(10)))
