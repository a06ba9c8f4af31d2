"""The pace at which mail leaves: rates in all and for one domain, kept by all workers together."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.core.clock import now
from dialogue.mail import outbox
from dialogue.mail.compose import queue_email
from dialogue.mail.models import MailPace, OutgoingEmail
from dialogue.mail.pace import Rates
from dialogue.mail.queries import is_mail_stuck
from dialogue.mail.rules import MailState, Rank, Rate
from dialogue.mail.sender.delivery import Sender
from dialogue.notifications.worker import Worker
from dialogue.web.extensions import db
from tests.mail.postman import configured
from tests.mail.sink import Sink, running

AT = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("a_second", "at_once", "in_ten_seconds"),
    [(10, 5, 104), (2, 1, 20), (1, 1, 10), (0.2, 1, 2), (0.01, 1, 1), (100, 50, 1049)],
)
def test_a_rate_is_kept_on_the_way_and_lets_few_go_at_once(a_second: float, at_once: int, in_ten_seconds: int) -> None:
    rate, free_at, at, left = Rate(a_second), AT, AT, []
    while at < AT + timedelta(seconds=10):
        if rate.opens_at(free_at, at) <= at:
            free_at = rate.after(free_at, at)
            left.append(at)
        else:
            at += timedelta(milliseconds=1)
    assert (left.count(AT), len(left)) == (at_once, in_ten_seconds)


def test_what_cannot_wait_makes_the_others_wait() -> None:
    rate = Rate(1)
    free_at = rate.after(rate.after(rate.after(AT, AT), AT), AT)
    assert rate.opens_at(free_at, AT) == AT + timedelta(seconds=3)


@pytest.mark.parametrize(("a_second", "seconds"), [(1, 60), (0.01, 100)])
def test_a_clock_that_was_put_back_stops_no_mail(a_second: float, seconds: int) -> None:
    assert Rate(a_second).opens_at(AT + timedelta(days=14), AT) == AT + timedelta(seconds=seconds)


def queue(session: Session, *recipients: str, rank: Rank = Rank.NOTICE) -> None:
    for recipient in recipients:
        queue_email(
            session, template="x", recipient=recipient, locale="sv", context={}, dedupe_key=recipient, rank=rank
        )
    session.commit()


def taken(session: Session, rates: Rates, limit: int = 20) -> list[str]:
    """Whose mails one worker gets now."""
    batch = outbox.claim(session, limit, rates)
    for mail in batch.mails:
        outbox.begin(session, mail)
        outbox.finish(session, mail, MailState.SENT)
    session.commit()
    return [mail.recipient for mail in batch.mails]


def test_two_workers_keep_one_pace_and_a_code_never_waits(session: Session) -> None:
    queue(session, *(f"{number}@x.example" for number in range(30)))
    rates = Rates(all=Rate(10))
    with time_machine.travel(now(), tick=False) as clock:
        assert taken(session, rates) == [f"{number}@x.example" for number in range(5)]
        queue(session, "code@x.example", rank=Rank.AT_ONCE)
        assert taken(session, rates) == ["code@x.example"]
        assert taken(session, rates) == []
        clock.shift(timedelta(seconds=1))
        # One turn of the second went to the code.
        assert len(taken(session, rates, 6)) + len(taken(session, rates)) == 5
        clock.shift(timedelta(seconds=10))
        assert len(taken(session, rates)) == 5
        held_up = outbox.claim(session, 20, rates)
        assert (held_up.mails, held_up.held_up_until) == ([], now() + timedelta(seconds=0.1))
        session.commit()
        assert len(taken(session, Rates())) == 15
        assert outbox.claim(session, 20, rates).held_up_until is None  # nothing is due
        session.commit()


def test_a_domain_that_waits_lets_the_others_pass(session: Session) -> None:
    queue(session, *(f"{number}@big_one.example" for number in range(30)), "a@bigxone.example", "b@small.example")
    rates = Rates(domain=Rate(1))
    with time_machine.travel(now(), tick=False) as clock:
        assert taken(session, rates) == ["0@big_one.example"]
        assert taken(session, rates) == ["a@bigxone.example", "b@small.example"]
        assert outbox.claim(session, 20, rates).held_up_until == now() + timedelta(seconds=1)
        session.commit()
        clock.shift(timedelta(seconds=1))
        assert taken(session, rates) == ["1@big_one.example"]
        # A domain whose turn is now needs no memory: nothing that names somebody's domain is kept.
        assert {row.domain for row in session.scalars(select(MailPace))} == {"", "big_one.example"}
        session.commit()


def test_mail_that_waits_for_its_turn_is_not_stuck(session: Session) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        queue(session, *(f"{number}@x.example" for number in range(30)))
        clock.shift(timedelta(minutes=10))
        assert is_mail_stuck(session, now() - timedelta(minutes=5))
        session.commit()
        taken(session, Rates(all=Rate(10)))
        assert not is_mail_stuck(session, now() - timedelta(minutes=5))
        clock.shift(timedelta(minutes=6))
        assert is_mail_stuck(session, now() - timedelta(minutes=5))
        session.commit()


def test_the_worker_waits_until_all_have_left_and_not_longer(app: Flask, session: Session) -> None:
    sink, waits = Sink(), []
    queue(session, *(f"{number}@x.example" for number in range(12)))
    with (
        time_machine.travel(now(), tick=False) as clock,
        running(sink) as port,
        configured(app, MAIL_SERVER="127.0.0.1", MAIL_PORT=port, MAIL_RATE=10.0, MAIL_DOMAIN_RATE=4.0),
    ):

        def wait(seconds: float) -> None:
            waits.append(seconds)
            clock.shift(seconds)

        worker = Worker(app, wait=wait)
        worker.sender.letters = {"x": lambda session, mail: None}
        worker.work()
    session.commit()
    assert {mail.state for mail in session.scalars(select(OutgoingEmail))} == {MailState.CANCELLED}
    session.commit()
    # Two leave at once, ten more a quarter of a second each.
    assert waits == [0.25] * 10


def test_without_a_server_nothing_waits(app: Flask) -> None:
    with app.app_context():
        sessions = db.sessionmaker
    with configured(app, MAIL_SERVER="", MAIL_RATE=10.0):
        assert Sender(app, sessions, {})._rates == Rates()
