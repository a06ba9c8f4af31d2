"""The invented municipality is the one of the mock-ups: seen on their day it stands as they show it."""

from datetime import date

import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.demo.operations import fill_when_empty
from dialogue.requests.models import DataRequest
from dialogue.requests.rules import Status

#: The Monday on which the mock-ups were drawn.
MONDAY = "2026-11-23T11:00:00Z"


@time_machine.travel(MONDAY, tick=False)
def test_the_mock_ups_are_recognisable(session: Session) -> None:
    fill_when_empty(session)
    session.commit()
    found = {row.id: (row.status, row.next_on, row.votes_count) for row in session.scalars(select(DataRequest))}
    drawn = {
        74: (Status.PUBLISHED, None, 58),
        96: (Status.PLANNED, date(2027, 1, 22), 41),
        128: (Status.ASSESSING, date(2026, 12, 3), 27),
        112: (Status.ASSESSING, date(2026, 11, 19), 19),
        131: (Status.RECEIVED, date(2026, 11, 27), 12),
        107: (Status.CLOSED, None, 9),
    }
    assert {number: found[number] for number in drawn} == drawn
