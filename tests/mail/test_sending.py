"""The way of a mail out of the house, one step at a time, against a server that does what it likes."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.core.clock import now
from dialogue.mail import outbox
from dialogue.mail.bounces import list_stops
from dialogue.mail.compose import Letter, MailingList, queue_email
from dialogue.mail.message import build, encoded
from dialogue.mail.models import Bounce, OutgoingEmail
from dialogue.mail.refusals import read_refusal
from dialogue.mail.rules import PAUSES, MailState, Rank
from dialogue.mail.sender import delivery, server
from dialogue.mail.sender.delivery import Sender
from dialogue.web.extensions import db
from tests.mail.sink import Sink, refusing, running


def letter(session: Session, mail: outbox.Claim) -> Letter | None:
    if mail.context.get("poison"):
        raise ZeroDivisionError("poison")
    if mail.context.get("hidden"):
        return None
    values = {"role": None, "municipality": "Prov", "why": None, "contact": None} | {
        "digits": "123456", "token": "0" * 40, "title": "Åäö", "until": now(), "stop_path": None, "choices_path": None
    }  # fmt: skip
    from dialogue.core.language import Sentence

    values["why"] = Sentence("You get this because you wrote it.")
    listed = MailingList("request-1", "Förfrågan", "/unsubscribe/x") if mail.context.get("listed") else None
    return Letter(values, "Dialogue, Provköping", "gata@prov.example", mailing_list=listed)


def queue(session: Session, *recipients: str, **more: object) -> None:
    context = more.pop("context", {"secret": "s"})
    for recipient in recipients:
        queue_email(
            session, template="confirm_request", recipient=recipient, locale="sv", context=context,
            dedupe_key=f"{recipient}{more}", **more,
        )  # fmt: skip
    session.commit()


@pytest.fixture
def sink() -> Iterator[Sink]:
    return Sink()


def sender(app: Flask, port: int | None) -> Sender:
    app.config["MAIL_SERVER"], app.config["MAIL_PORT"] = ("127.0.0.1", port) if port else ("", 25)
    with app.app_context():
        sessions = db.sessionmaker
    made = Sender(app, sessions, {"confirm_request": letter})
    app.config["MAIL_SERVER"] = ""
    return made


def rows(session: Session) -> dict[str, OutgoingEmail]:
    session.commit()
    session.expire_all()
    found = {mail.recipient: mail for mail in session.scalars(select(OutgoingEmail))}
    session.expunge_all()
    session.commit()
    return found


def states(session: Session) -> dict[str, MailState]:
    return {recipient: mail.state for recipient, mail in rows(session).items()}


def test_urgent_first_then_sent_once_and_the_secrets_wiped(app: Flask, session: Session, sink: Sink) -> None:
    queue(session, "late@x.example")
    queue(session, "code@x.example", rank=Rank.AT_ONCE)
    with running(sink) as port:
        assert sender(app, port).send_batch() == 2
        assert sender(app, port).send_batch() == 0
    assert [recipient for recipient, _ in sink.taken] == ["code@x.example", "late@x.example"]
    mail = rows(session)["code@x.example"]
    assert (mail.state, mail.context, mail.attempts, mail.leased_until) == (MailState.SENT, {}, 1, None)
    assert sink.taken[0][1] == f"<{mail.message_id}@127.0.0.1>"
    session.commit()


def test_every_line_is_short_and_the_head_is_ascii(app: Flask, session: Session, sink: Sink) -> None:
    queue(session, "a@x.example", context={"listed": True})
    with running(sink) as port:
        sender(app, port).send_batch()
    content = sink.contents[0]
    assert max(len(line) for line in content.split(b"\r\n")) <= 998
    head = content.partition(b"\r\n\r\n")[0].decode("ascii")
    assert "List-Id: =?utf-8?" in head
    assert "<request-1.127.0.0.1>" in head
    assert head.count("List-Unsubscribe-Post: List-Unsubscribe=One-Click") == 1
    assert b"Content-Transfer-Encoding: quoted-printable" in content


@pytest.mark.parametrize("value", ["a\nX-Evil: 1", "a\r\nX-Evil: 1", "a\rb"])
def test_a_line_break_never_makes_a_header(value: str) -> None:
    with pytest.raises(ValueError, match="line break"):
        encoded(value, "Subject")
    fields = {"sender": ("D", "d@x.example"), "recipient": "a@x.example", "subject": "s", "text": "t", "html": "h"}
    with pytest.raises(ValueError, match="line break"):
        build(**fields, message_id="1@x.example", date=now(), headers={"X": value})  # type: ignore[arg-type]


def test_put_off_is_tried_again_with_growing_pauses_and_refused_never(app: Flask, session: Session, sink: Sink) -> None:
    sink.rcpt = {"later@x.example": "451 not now", "never@x.example": "550 no such user"}
    queue(session, "later@x.example", "never@x.example", "good@x.example")
    with time_machine.travel(now(), tick=False) as clock, running(sink) as port:
        made = sender(app, port)
        for pause in PAUSES:
            made.send_batch()
            mail = rows(session)["later@x.example"]
            assert (mail.state, mail.last_error) == (MailState.WAITING, "451 not now")
            assert mail.not_before_at == now() + pause
            session.commit()
            assert made.send_batch() == 0
            clock.shift(pause)
        made.send_batch()
    assert states(session) == {
        "later@x.example": MailState.FAILED, "never@x.example": MailState.REFUSED, "good@x.example": MailState.SENT
    }  # fmt: skip
    assert rows(session)["never@x.example"].attempts == 1


@pytest.mark.parametrize(
    ("answer", "is_hard"),
    [
        ("550 5.1.1 User unknown", True),
        ("550 5.1.10 Null MX", True),
        ("550 5.2.1 Disabled", True),
        ("550 5.4.1 Recipient address rejected: Access denied", True),
        ("552 5.2.2 Mailbox full", False),
        ("553 5.1.8 Sender domain not found", None),
        ("554 5.7.1 Relay access denied", None),
        ("550 5.7.26 Unauthenticated", None),
        ("550 5.0.0 No such user", True),
        ("550 no such user", True),
        ("556 domain takes no mail", True),
        ("552 quota", False),
        ("550 relay not permitted", None),
        ("530 authentication required", None),
        ("554 transaction failed", None),
    ],
)
def test_what_a_refusal_tells_of_the_address(answer: str, is_hard: bool | None) -> None:
    code, _, words = answer.partition(" ")
    report = read_refusal(int(code), words)
    assert (report and report.is_hard) is is_hard
    assert report is None or report.words == answer


def test_two_refusals_stop_an_address_and_what_is_about_us_stops_none(app: Flask, session: Session, sink: Sink) -> None:
    sink.rcpt = {"gone@x.example": "550 5.1.1 User unknown", "late@x.example": "450 4.2.1 try later"}
    sink.rcpt |= {"relay@x.example": "554 5.7.1 Relay access denied"}
    sink.refuses = {"odd@x.example": "554 5.6.0 content rejected"}
    with running(sink) as port:
        for number in range(3):
            queue(session, *sink.rcpt, *sink.refuses, expires_at=now() + timedelta(days=1 + number))
            sender(app, port).send_batch()
        queue(session, "gone@x.example", rank=Rank.AT_ONCE)
        sender(app, port).send_batch()
    assert [stop.email for stop in list_stops(session)] == ["gone@x.example"]
    counted = session.scalars(select(Bounce)).all()
    assert [(bounce.email, bounce.is_hard) for bounce in counted] == [("gone@x.example", True)] * 3
    of_gone = select(OutgoingEmail).where(OutgoingEmail.recipient == "gone@x.example")
    ended = session.scalars(of_gone.order_by(OutgoingEmail.id))
    # The third is not even tried; somebody who waits at the screen still gets a try.
    assert [mail.state for mail in ended.all()] == [
        MailState.REFUSED, MailState.REFUSED, MailState.CANCELLED, MailState.REFUSED
    ]  # fmt: skip
    odd = session.scalars(
        select(OutgoingEmail).where(OutgoingEmail.recipient.in_(["odd@x.example", "relay@x.example"]))
    )
    assert {(mail.state, mail.attempts) for mail in odd} == {(MailState.REFUSED, 1)}
    session.commit()


def test_a_sender_that_is_refused_is_a_setting_and_no_mail_is_lost(app: Flask, session: Session, sink: Sink) -> None:
    sink.mail = "550 5.7.1 not from here"
    queue(session, "a@x.example")
    with running(sink) as port:
        sender(app, port).send_batch()
    assert states(session) == {"a@x.example": MailState.WAITING}
    assert session.scalars(select(Bounce)).all() == []
    session.commit()


def test_what_is_put_off_and_then_taken_is_sent_once(app: Flask, session: Session, sink: Sink) -> None:
    sink.data = "452 full"
    queue(session, "a@x.example")
    with time_machine.travel(now(), tick=False) as clock, running(sink) as port:
        made = sender(app, port)
        made.send_batch()
        sink.data = ""
        clock.shift(PAUSES[0])
        made.send_batch()
    assert len(sink.taken) == 1
    assert states(session) == {"a@x.example": MailState.SENT}


def test_a_server_that_hangs_after_data_gets_it_once_more(
    app: Flask, session: Session, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Only the step after the mail is impatient: every other one may take its time on a busy machine.
    def send(wire: server._Wire, content: object) -> None:
        sink.arrived.clear()
        sent(wire, content)
        if wire.in_doubt:
            assert sink.arrived.wait(120)
            wire.sock.settimeout(0.1)

    sent = server._Wire.send
    monkeypatch.setattr(server._Wire, "send", send)
    sink.hangs = True
    queue(session, "a@x.example")
    with time_machine.travel(now(), tick=False) as clock, running(sink) as port:
        made = sender(app, port)
        made.send_batch()
        assert states(session) == {"a@x.example": MailState.BEGUN}
        clock.shift(PAUSES[0])
        made.send_batch()
    assert len(sink.taken) == 2
    assert len(set(sink.taken)) == 1
    assert states(session) == {"a@x.example": MailState.FAILED}


def test_a_server_that_is_away_harms_no_mail(app: Flask, session: Session, sink: Sink) -> None:
    queue(session, "a@x.example")
    with time_machine.travel(now(), tick=False) as clock, refusing() as port:
        made = sender(app, port)
        assert made.send_batch() == 1
        assert made.send_batch() == 0  # it rests
        mail = rows(session)["a@x.example"]
        assert (mail.state, mail.attempts, mail.leased_until) == (MailState.WAITING, 0, None)
        assert "Refused" in (mail.last_error or "")
        session.commit()
        clock.shift(timedelta(minutes=10))
        assert made.send_batch() == 1


def test_poison_is_set_aside_and_what_must_not_be_said_is_cancelled(app: Flask, session: Session, sink: Sink) -> None:
    queue(session, "poison@x.example", context={"poison": True})
    queue(session, "hidden@x.example", context={"hidden": True})
    queue(session, "good@x.example")
    with time_machine.travel(now(), tick=False) as clock, running(sink) as port:
        made = sender(app, port)
        for pause in (timedelta(0), *PAUSES):
            clock.shift(pause)
            made.send_batch()
    assert states(session) == {
        "poison@x.example": MailState.FAILED, "hidden@x.example": MailState.CANCELLED, "good@x.example": MailState.SENT
    }  # fmt: skip
    assert "ZeroDivisionError" in (rows(session)["poison@x.example"].last_error or "")


def test_what_has_expired_is_not_sent(app: Flask, session: Session, sink: Sink) -> None:
    queue(session, "a@x.example", expires_at=now() - timedelta(seconds=1))
    assert sender(app, None).send_batch() == 1
    assert states(session) == {"a@x.example": MailState.EXPIRED}


def test_a_worker_that_slept_too_long_notices(app: Flask, session: Session) -> None:
    queue(session, "a@x.example")
    with time_machine.travel(now(), tick=False) as clock:
        (slept,) = outbox.claim(session, 10).mails
        session.commit()
        assert outbox.claim(session, 10).mails == []
        clock.shift(outbox.LEASE + timedelta(seconds=1))
        (other,) = outbox.claim(session, 10).mails
        session.commit()
        assert not outbox.begin(session, slept)
        assert outbox.begin(session, other)
        assert not outbox.finish(session, slept, MailState.SENT)
        session.commit()
        clock.shift(outbox.LEASE + timedelta(seconds=1))
        (again,) = outbox.claim(session, 10).mails
        assert again.is_repeat
        assert again.message_id == slept.message_id
        session.commit()


def test_a_worker_that_froze_before_it_sent_sends_nothing_more(app: Flask, session: Session, sink: Sink) -> None:
    queue(session, "a@x.example", "b@x.example")
    with time_machine.travel(now(), tick=False) as clock, running(sink) as port:
        frozen, other = sender(app, port), sender(app, port)

        def freeze(session: Session, mail: outbox.Claim) -> Letter | None:
            clock.shift(outbox.LEASE + timedelta(seconds=1))
            assert other.send_batch() == (2 if mail.recipient == "a@x.example" else 0)
            return letter(session, mail)

        frozen.letters = {"confirm_request": freeze}
        assert frozen.send_batch() == 2
    assert sorted(recipient for recipient, _ in sink.taken) == ["a@x.example", "b@x.example"]
    assert {(mail.state, mail.attempts) for mail in rows(session).values()} == {(MailState.SENT, 1)}


def test_a_worker_that_froze_while_it_sent_repeats_one_mail_and_changes_no_other(
    app: Flask, session: Session, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(session, "a@x.example", "b@x.example")
    hand_over = server.ServerConnection.hand_over
    with time_machine.travel(now(), tick=False) as clock, running(sink) as port:
        frozen, other = sender(app, port), sender(app, port)

        def freeze(connection: server.ServerConnection, message: server.Message) -> server.Outcome:
            outcome = hand_over(connection, message)
            monkeypatch.setattr(server.ServerConnection, "hand_over", hand_over)
            clock.shift(outbox.LEASE + timedelta(seconds=1))
            assert other.send_batch() == 2
            return outcome

        monkeypatch.setattr(server.ServerConnection, "hand_over", freeze)
        assert frozen.send_batch() == 2
    assert sorted(recipient for recipient, _ in sink.taken) == ["a@x.example", "a@x.example", "b@x.example"]
    assert len(set(sink.taken)) == 2, "the repeat has another Message-ID"
    assert {mail.state for mail in rows(session).values()} == {MailState.SENT}


def test_a_clock_that_was_put_back_holds_no_mail_and_no_worker(app: Flask, session: Session, sink: Sink) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        queue(session, "a@x.example", not_before_at=now() - timedelta(days=2))
        with refusing() as port:
            made = sender(app, port)
            made.send_batch()
            assert made.send_batch() == 0
        (killed,) = outbox.claim(session, 1).mails
        session.commit()
        clock.shift(-timedelta(days=1))
        with running(sink) as port:
            made._server = sender(app, port)._server
            assert made.send_batch() == 1
        assert not outbox.begin(session, killed)
        session.commit()
    assert states(session) == {"a@x.example": MailState.SENT}


def test_a_mail_that_ends_every_worker_is_set_aside(app: Flask, session: Session) -> None:
    queue(session, "a@x.example")
    with time_machine.travel(now(), tick=False) as clock:
        for _ in range(len(PAUSES) + 1):
            (mail,) = outbox.claim(session, 10).mails
            outbox.begin(session, mail)
            session.commit()
            clock.shift(outbox.LEASE + timedelta(seconds=1))
        assert outbox.claim(session, 10).mails == []
        session.commit()
    assert states(session) == {"a@x.example": MailState.FAILED}


def test_a_worker_that_stops_gives_back_what_it_has_not_begun(app: Flask, session: Session, sink: Sink) -> None:
    queue(session, "a@x.example", "b@x.example")
    with running(sink) as port:
        made = sender(app, port)
        made.should_stop = lambda: len(sink.taken) == 1
        made.send_batch()
        assert len(sink.taken) == 1
        assert sorted(states(session).values()) == [MailState.SENT, MailState.WAITING]
        made.should_stop = lambda: False
        made.send_batch()
    assert len(sink.taken) == len(set(sink.taken)) == 2


def test_the_connection_may_break_between_two_mails(app: Flask, session: Session, sink: Sink) -> None:
    queue(session, "a@x.example", "b@x.example")
    sink.rcpt = {"a@x.example": "421 closing"}
    with running(sink) as port:
        sender(app, port).send_batch()
    assert states(session) == {"a@x.example": MailState.WAITING, "b@x.example": MailState.SENT}


def test_nothing_is_kept_of_a_mail_outside_development(app: Flask, session: Session, sink: Sink) -> None:
    queue(session, "a@x.example")
    app.config["DEVELOPMENT"] = False
    try:
        sender(app, None).send_batch()
    finally:
        app.config["DEVELOPMENT"] = True
    assert rows(session)["a@x.example"].sent_copy is None
    assert delivery.BATCH > 0
