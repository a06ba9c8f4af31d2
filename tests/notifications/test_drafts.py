"""A request that nobody confirms is reminded of once, then removed."""

from datetime import timedelta

import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.core.clock import now
from dialogue.mail.models import OutgoingEmail
from dialogue.mail.rules import MailState
from dialogue.notifications.worker import drain
from dialogue.requests.models import DataRequest
from tests.factories import Factory
from tests.page import Page
from tests.requests.test_file_request import FILLED


def test_a_draft_is_reminded_of_once_and_then_removed(app: Flask, page: Page, make: Factory, session: Session) -> None:
    make.municipality()
    reminders = select(OutgoingEmail).where(OutgoingEmail.template == "draft_reminder")
    with time_machine.travel(now(), tick=False) as clock:
        page.submit("/requests/new", FILLED)
        for days, wanted in ((0, 0), (1, 1), (3, 1), (13, 1)):
            session.commit()
            with time_machine.travel(now() + timedelta(days=days, minutes=1), tick=False):
                drain(app)
            session.expire_all()
            assert len(session.scalars(reminders).all()) == wanted
        assert session.scalars(reminders).one().state is MailState.SENT
        assert len(session.scalars(select(DataRequest)).all()) == 1
        session.commit()
        clock.shift(timedelta(days=14, minutes=2))
        drain(app)
        session.expire_all()
        assert session.scalars(select(DataRequest)).all() == []
