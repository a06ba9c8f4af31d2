"""A question that nobody answers: reminded of twice, then the request ends, or goes on when others wait for it too."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.conversation.operations.answers import answer_with
from dialogue.conversation.operations.messages import post_message
from dialogue.core.errors import InvalidTransition
from dialogue.mail.models import OutgoingEmail
from dialogue.notifications.operations import questions
from dialogue.notifications.operations.questions import tend_questions
from dialogue.notifications.worker import drain
from dialogue.requests.models import DataRequest, RequestEvent
from dialogue.requests.operations.closing import close_unanswered
from dialogue.requests.rules import EventKind, Kind, Outcome, Status
from dialogue.voting.operations import cast_vote
from tests.factories import Factory
from tests.page import Page

#: A Monday in November, so that no clock is changed on the way.
START = "2026-11-23T11:00:00Z"
ANNA = "anna@laddkusten.example"


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(START, tick=False) as travelling:
        yield travelling


@pytest.fixture
def asked(clock: Any, session: Session, make: Factory) -> DataRequest:
    """A request whose asker was asked something today."""
    unit = make.unit("gata", name="Gata och trafik")
    asker = make.person(ANNA, make.organisation("Laddkusten AB"))
    data_request = make.request(Status.ASSESSING, unit=unit, asker=asker, next_on=date(2026, 12, 1))
    ask(session, make, data_request)
    return data_request


def ask(session: Session, make: Factory, data_request: DataRequest) -> None:
    official = make.viewer(make.official(data_request.unit))  # type: ignore[arg-type]
    answer_with(session, official, data_request, "ask", "Räcker en fil i veckan?", version=None)
    session.commit()


def mailed(session: Session, template: str) -> list[str]:
    """Everybody who was sent that mail."""
    wanted = select(OutgoingEmail.recipient).where(OutgoingEmail.template == template)
    return sorted(session.scalars(wanted))


def wait(app: Flask, session: Session, clock: Any, days: int) -> None:
    """Let `days` days pass with a worker that looks every day, and on the last one twice."""
    session.commit()
    for _ in range(days):
        clock.shift(timedelta(days=1))
        drain(app)
    drain(app)
    session.expire_all()


def kinds(session: Session, data_request: DataRequest) -> list[EventKind]:
    wanted = select(RequestEvent.kind).where(RequestEvent.request_id == data_request.id)
    return list(session.scalars(wanted.order_by(RequestEvent.id)))


def test_without_an_answer_the_request_ends(
    app: Flask, page: Page, clock: Any, session: Session, make: Factory, asked: DataRequest
) -> None:
    cast_vote(session, asked.asker, asked)  # one's own vote keeps nothing open
    version, address = asked.version, f"/requests/{asked.id}-{asked.slug}"
    assert "Svaret inväntas till och med 23 december" in page.get(address).words
    wait(app, session, clock, 13)
    assert mailed(session, "question_reminder") == []
    wait(app, session, clock, 1)
    assert mailed(session, "question_reminder") == [ANNA]
    wait(app, session, clock, 15)
    assert mailed(session, "question_reminder") == [ANNA, ANNA]
    assert (asked.status, asked.version) == (Status.ASSESSING, version)  # an open form did not get stale
    wait(app, session, clock, 1)
    assert (asked.status, asked.outcome, asked.asked_on) == (Status.CLOSED, Outcome.WITHDRAWN, None)
    assert kinds(session, asked) == [EventKind.QUESTION_ASKED, EventKind.REQUEST_LAPSED]
    assert mailed(session, "lapsed") == [ANNA]
    assert "så förfrågan avslutades" in page.get(address).words
    asker = Page(page.app, session)
    asker.sign_in(make.cookie(asked.asker))  # type: ignore[arg-type]
    asker.submit(f"/requests/{asked.id}/reopen", {"reason": "Ja, en fil i veckan räcker."})
    wait(app, session, clock, 40)
    assert asked.status is Status.ASSESSING


def test_when_others_wait_for_the_data_the_request_goes_on(
    app: Flask, clock: Any, session: Session, make: Factory, asked: DataRequest
) -> None:
    cast_vote(session, make.person(), asked)
    wait(app, session, clock, 30)
    assert (asked.status, asked.waiting_on) == (Status.ASSESSING, None)
    # 1 December, and the 22 working days that the question took: Christmas, New Year and Epiphany are none.
    assert asked.next_on == date(2027, 1, 7)
    assert kinds(session, asked) == [EventKind.QUESTION_ASKED, EventKind.QUESTION_LAPSED]
    assert mailed(session, "question_lapsed") == [ANNA, "gata@prov.example"]
    wait(app, session, clock, 40)
    assert len(mailed(session, "question_reminder")) == 2


def test_an_answer_ends_the_waiting_and_a_new_question_begins_anew(
    app: Flask, clock: Any, session: Session, make: Factory, asked: DataRequest
) -> None:
    wait(app, session, clock, 29)
    post_message(session, make.viewer(asked.asker), asked, "Ja.", paced=False)  # type: ignore[arg-type]
    wait(app, session, clock, 5)
    assert asked.status is Status.ASSESSING
    ask(session, make, asked)
    wait(app, session, clock, 20)
    ask(session, make, asked)  # another question while the first one waits
    wait(app, session, clock, 13)
    assert (asked.status, len(mailed(session, "question_reminder"))) == (Status.ASSESSING, 3)
    wait(app, session, clock, 17)
    assert (asked.outcome, len(mailed(session, "question_reminder"))) == (Outcome.WITHDRAWN, 5)


def test_after_a_long_stop_nobody_is_given_up_on_without_a_warning(
    app: Flask, clock: Any, session: Session, asked: DataRequest
) -> None:
    clock.shift(timedelta(days=90))
    wait(app, session, clock, 1)
    assert (asked.status, mailed(session, "question_reminder")) == (Status.ASSESSING, [ANNA])
    wait(app, session, clock, 4)
    assert asked.status is Status.ASSESSING
    wait(app, session, clock, 1)
    assert asked.outcome is Outcome.WITHDRAWN


def test_a_formal_request_is_never_given_up(app: Flask, clock: Any, session: Session, make: Factory) -> None:
    data_request = make.request(Status.ASSESSING, unit=make.unit(), asker=make.person(), kind=Kind.FORMAL)
    ask(session, make, data_request)
    wait(app, session, clock, 40)
    assert (data_request.status, len(mailed(session, "question_reminder"))) == (Status.ASSESSING, 2)


def test_what_is_hidden_waits_in_silence_and_who_is_gone_gets_no_mail(
    app: Flask, clock: Any, session: Session, make: Factory, asked: DataRequest
) -> None:
    asked.hidden_at, asked.hidden_reason = asked.created_at, "Personuppgifter."
    gone = make.request(Status.ASSESSING, unit=asked.unit, asker=make.person())
    ask(session, make, gone)
    gone.asker.disabled_at = gone.created_at  # type: ignore[union-attr]
    wait(app, session, clock, 31)
    assert mailed(session, "question_reminder") == []
    assert (asked.status, gone.outcome) == (Status.ASSESSING, Outcome.WITHDRAWN)


def test_a_reminder_that_has_been_overtaken_is_not_sent(
    app: Flask, clock: Any, session: Session, make: Factory, asked: DataRequest
) -> None:
    clock.shift(timedelta(days=14))
    assert tend_questions(session) == 1
    post_message(session, make.viewer(asked.asker), asked, "Ja.", paced=False)  # type: ignore[arg-type]
    session.commit()
    drain(app)
    session.expire_all()
    mail = session.scalars(select(OutgoingEmail).where(OutgoingEmail.template == "question_reminder")).one()
    assert mail.sent_copy is None


def test_what_another_worker_has_done_is_left_alone(
    clock: Any, session: Session, make: Factory, asked: DataRequest
) -> None:
    # As it looks when somebody was quicker between finding what is due and locking its row.
    for request_id in (asked.id, 99999):
        assert not questions._tend(session, request_id)
    assert mailed(session, "question_reminder") == []


def test_nothing_lapses_that_nobody_asked(session: Session, make: Factory) -> None:
    with pytest.raises(InvalidTransition, match="No question waits"):
        close_unanswered(session, make.request(Status.ASSESSING, unit=make.unit()))
