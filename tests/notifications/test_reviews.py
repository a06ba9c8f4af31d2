"""A declined request is taken up again on the day that the refusal named, once, and everybody who waits is told."""

from datetime import date, timedelta

import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.mail.models import OutgoingEmail
from dialogue.notifications.worker import drain
from dialogue.requests.models import RequestEvent
from dialogue.requests.rules import EventKind, Kind, Status
from dialogue.voting.operations import cast_vote
from tests.factories import Factory
from tests.page import Page

#: Noon in Sweden on the day before the day.
NOON = "2026-11-24T11:00:00Z"


def test_a_refusal_is_looked_at_again_on_its_day(app: Flask, page: Page, make: Factory, session: Session) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        unit, voter = make.unit("gata", name="Gata och trafik"), make.person()
        data_request = make.request(Status.ASSESSING, unit=unit, asker=make.person())
        cast_vote(session, voter, data_request)
        official = Page(page.app, session)
        official.sign_in(make.cookie(make.official(unit)))
        refusal = {
            "ground": "security", "explanation": "Det går inte.", "what_would_change_it": "Ett nytt beslut.",
            "review_on": "2026-11-25",
        }  # fmt: skip
        official.submit(f"/requests/{data_request.id}/decline", refusal)
        hidden = make.request(Status.CLOSED, unit=unit, review_on=date(2026, 11, 24), hidden_at=data_request.created_at)
        hidden.hidden_reason = "Personuppgifter."
        formal = make.request(Status.CLOSED, unit=unit, review_on=date(2026, 11, 25), kind=Kind.FORMAL)
        session.commit()
        drain(app)
        session.expire_all()
        assert data_request.status is Status.CLOSED
        clock.move_to("2026-11-24T23:30:00Z")  # past midnight in Sweden
        for _ in range(2):
            session.commit()
            drain(app)
        session.expire_all()
        assert (data_request.status, data_request.next_on) == (Status.ASSESSING, date(2026, 12, 2))
        assert (data_request.ground, data_request.review_on) == (None, None)
        assert hidden.status is Status.CLOSED
        assert (formal.status, formal.due_on) == (Status.ASSESSING, date(2026, 12, 23))
        (event,) = session.scalars(
            select(RequestEvent).where(
                RequestEvent.kind == EventKind.REQUEST_REOPENED, RequestEvent.request_id == data_request.id
            )
        )
        assert (event.actor_id, event.actor_role, event.note) == (None, "system", None)
        told = select(OutgoingEmail.recipient).where(OutgoingEmail.template == "reopened")
        assert {data_request.asker.email, voter.email, unit.mailbox} <= set(session.scalars(told))
        shown = page.get(f"/requests/{data_request.id}-{data_request.slug}")
        assert "Dagen för en ny prövning har kommit" in shown.words
        clock.shift(timedelta(days=1))
        session.commit()
        drain(app)
        session.expire_all()
        assert data_request.status is Status.ASSESSING
