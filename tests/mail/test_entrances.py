"""Both entrances: what is taken in, what is refused for good, what for now, and that it is kept once."""

import os
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from dialogue.conversation.models import ReplyPreview
from dialogue.core.clock import now
from dialogue.mail.addresses import MailboxAnswer, local_part
from dialogue.mail.cli import listening
from dialogue.mail.incoming import spool
from dialogue.mail.incoming.entrance import MAX_BYTES, Entrance, UnknownAddress
from dialogue.mail.models import IncomingEmail
from dialogue.mail.rules import IncomingState
from dialogue.web.extensions import db
from tests.conftest import settings
from tests.factories import Factory
from tests.mail.postman import DOMAIN, address_of, configured, written

ROOT = Path(__file__).parent.parent.parent
SECRET = "a secret that only tests know, long enough"
OURS = f"{local_part(SECRET, MailboxAnswer(1, 2))}@{DOMAIN}"
RAW = f"From: bo@elbil.example\nTo: {OURS}\nMessage-ID: <1@elbil.example>\nSubject: Sv\n\nJa.\n".encode()


@pytest.fixture
def open_app(app: Flask) -> Iterator[Flask]:
    """An app that takes answers in."""
    with configured(app, MAIL_REPLY_DOMAIN=DOMAIN, MAIL_SENDER=f"dialogue@{DOMAIN}"):
        yield app


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def port(open_app: Flask) -> Iterator[int]:
    """Where the listener listens."""
    number = free_port()
    with configured(open_app, MAIL_LISTEN=("127.0.0.1", number)), listening(open_app):
        yield number


def pipe(app: Flask, raw: bytes, *more: str) -> int:
    result = app.test_cli_runner().invoke(args=["mail", "receive", *more], input=raw)
    return result.exit_code


def rows(session: Session) -> list[IncomingEmail]:
    found = list(session.scalars(select(IncomingEmail).order_by(IncomingEmail.id)))
    session.expunge_all()
    session.rollback()
    return found


def test_the_same_mail_by_both_ways_is_one(open_app: Flask, session: Session, port: int) -> None:
    for _ in range(3):
        assert pipe(open_app, RAW) == os.EX_OK
    with smtplib.SMTP("127.0.0.1", port) as wire:
        wire.sendmail("bo@elbil.example", [OURS.upper()], RAW.replace(b"\n", b"\r\n"))
    (mail,) = rows(session)
    assert mail.deliveries == 4
    assert mail.state is IncomingState.WAITING


def test_without_a_message_id_the_content_says_that_it_came_before(open_app: Flask, session: Session) -> None:
    nameless = RAW.replace(b"Message-ID: <1@elbil.example>\n", b"")
    assert pipe(open_app, nameless, "--to", OURS) == os.EX_OK
    again = b"Received: by another way\r\n" + nameless.replace(b"\n", b"\r\n") + b"\r\n"
    assert pipe(open_app, again, "--to", OURS) == os.EX_OK
    assert [mail.deliveries for mail in rows(session)] == [2]
    assert pipe(open_app, nameless.replace(b"Ja.", b"Nej."), "--to", OURS) == os.EX_OK
    assert len(rows(session)) == 2


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (OURS, os.EX_OK),
        (OURS.upper(), os.EX_OK),
        (f"{'b' * 34}@{DOMAIN}", os.EX_OK),  # guessed: kept for a person, who guesses learns nothing
        (f"dialogue@{DOMAIN}", os.EX_OK),
        (f"Postmaster@{DOMAIN}", os.EX_OK),
        (f"nobody@{DOMAIN}", os.EX_NOUSER),
        ("dialogue@elsewhere.example", os.EX_NOUSER),
        (OURS.replace(DOMAIN, "elsewhere.example"), os.EX_NOUSER),
        ("@", os.EX_NOUSER),
    ],
)
def test_which_addresses_there_are(open_app: Flask, session: Session, port: int, address: str, status: int) -> None:
    assert pipe(open_app, RAW, "--to", address) == status
    with smtplib.SMTP("127.0.0.1", port) as wire:
        wire.ehlo()
        wire.mail("bo@elbil.example")
        code, words = wire.rcpt(address)
    assert code == 250 if status == os.EX_OK else code in (550, 553)
    assert status == os.EX_OK or address == "@" or words.startswith(b"5.1.1 ")
    assert len(rows(session)) == (1 if status == os.EX_OK else 0)


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (f"To: {OURS}", [OURS]),
        (f"To: Gata <gata@halmstad.example>\nCc: =?utf-8?q?Svar?= <{OURS}>, x@y.example", [OURS]),
        (f"Delivered-To: {OURS}\nTo: {OURS.upper()}", [OURS, OURS.upper()]),
        ("To: dialog@halmstad.example", []),
        ("Subject: nobody", []),
        ("To: (((((\nCc: <<<>>>", []),
    ],
)
def test_the_head_says_for_whom_it_is(head: str, found: list[str]) -> None:
    entrance = Entrance(DOMAIN, f"dialogue@{DOMAIN}")
    assert entrance.addressed_in(f"{head}\n\nTo: nobody@{DOMAIN}\n".encode()) == found


def test_a_head_that_names_only_strangers_is_refused() -> None:
    with pytest.raises(UnknownAddress):
        Entrance(DOMAIN, "x@y.example").addressed_in(f"To: nobody@{DOMAIN}\n\nJa.\n".encode())


def test_lmtp_and_one_recipient_at_a_time(port: int, session: Session) -> None:
    with smtplib.LMTP("127.0.0.1", port) as wire:
        assert wire.ehlo()[0] == 250
        assert int(wire.esmtp_features["size"]) == MAX_BYTES
        wire.mail("")
        assert wire.rcpt(OURS)[0] == 250
        assert wire.rcpt(f"postmaster@{DOMAIN}")[0] == 452
        assert wire.data(RAW.replace(b"\n", b"\r\n"))[0] == 250
    (mail,) = rows(session)
    assert (mail.address, mail.return_path) == (OURS, "")


def test_too_long_is_refused_for_good(open_app: Flask, session: Session, port: int) -> None:
    assert pipe(open_app, RAW + b"x" * MAX_BYTES, "--to", OURS) == os.EX_DATAERR
    with smtplib.SMTP("127.0.0.1", port) as wire:
        wire.ehlo()
        assert wire.mail("bo@elbil.example", [f"size={MAX_BYTES + 1}"])[0] == 552
    assert rows(session) == []


def test_postfix_names_the_empty_sender(open_app: Flask, session: Session) -> None:
    assert pipe(open_app, RAW, "--to", OURS, "--from", "MAILER-DAEMON") == os.EX_OK
    assert [mail.return_path for mail in rows(session)] == [""]


def test_a_database_that_cannot_write_is_a_temporary_refusal(
    open_app: Flask, session: Session, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> bool:
        raise OSError("database or disk is full")

    with monkeypatch.context() as broken:
        broken.setattr("dialogue.mail.cli.take_in", full)
        assert pipe(open_app, RAW) == os.EX_TEMPFAIL
        with smtplib.SMTP("127.0.0.1", port) as wire, pytest.raises(smtplib.SMTPDataError) as refusal:
            wire.sendmail("bo@elbil.example", [OURS], RAW)
        assert refusal.value.smtp_code == 451
    assert rows(session) == []
    assert pipe(open_app, RAW) == os.EX_OK
    assert len(rows(session)) == 1


def test_a_process_refuses_for_now_while_another_writes(live_app: Flask, tmp_path: Path) -> None:
    environ = os.environ | {
        "DIALOGUE_DATABASE_URL": live_app.config["DATABASE_URL"],
        "DIALOGUE_VAR": str(tmp_path),
        "DIALOGUE_SECRET_KEY": SECRET,
        "DIALOGUE_MAIL_REPLY_DOMAIN": DOMAIN,
        "PGOPTIONS": "-c lock_timeout=1000",
    }
    command = [sys.executable, "-c", "from dialogue.app import main; main()", "mail", "receive"]

    def receive() -> int:
        return subprocess.run(command, input=RAW, env=environ, cwd=ROOT, capture_output=True, check=False).returncode

    with live_app.app_context():
        engine = db.engine
    with engine.begin() as other:
        if engine.dialect.name == "postgresql":
            other.execute(text("LOCK TABLE incoming_email IN ACCESS EXCLUSIVE MODE"))
        assert receive() == os.EX_TEMPFAIL
    assert receive() == os.EX_OK
    assert receive() == os.EX_OK
    with engine.connect() as connection:
        assert connection.scalars(select(IncomingEmail.deliveries)).all() == [2]


@pytest.mark.parametrize("name", ["MAIL_LISTEN", "LOCALE"])
def test_a_slip_in_a_setting_loses_no_mail(tmp_path: Path, name: str) -> None:
    environ = os.environ | {"DIALOGUE_VAR": str(tmp_path), f"DIALOGUE_{name}": "nonsense"}
    command = [sys.executable, "-c", "from dialogue.app import main; main()", "mail", "receive"]
    done = subprocess.run(command, input=RAW, env=environ, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == os.EX_TEMPFAIL
    assert f"DIALOGUE_{name}".encode() in done.stderr


def test_without_a_domain_nothing_is_taken_in(app: Flask, session: Session) -> None:
    assert pipe(app, RAW) == os.EX_TEMPFAIL
    assert rows(session) == []


def test_listening_where_somebody_else_does_is_said(open_app: Flask) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with (
            configured(open_app, MAIL_LISTEN=taken.getsockname()),
            pytest.raises(Exception, match="cannot listen at"),
            listening(open_app),
        ):
            raise AssertionError("it listens")


def test_nothing_to_listen_at_is_said(open_app: Flask) -> None:
    result = open_app.test_cli_runner().invoke(args=["mail", "listen"])
    assert result.exit_code == 1
    assert "DIALOGUE_MAIL_LISTEN" in result.output


def test_where_to_listen(tmp_path: Path) -> None:
    assert settings("sqlite://", tmp_path).MAIL_LISTEN is None
    assert settings("sqlite://", tmp_path, MAIL_LISTEN="[::1]:8024").MAIL_LISTEN == ("::1", 8024)


def test_a_mail_is_handled_by_one_and_once(session: Session) -> None:
    assert spool.take_in(session, RAW, [OURS], "bo@elbil.example")
    (mail_id,) = spool.list_due(session, 10)
    taken = spool.begin(session, mail_id)
    assert taken is not None
    assert (taken.raw, taken.address, taken.return_path, taken.is_given_up) == (RAW, OURS, "bo@elbil.example", False)
    assert spool.list_due(session, 10) == []  # for a minute it is somebody's
    assert spool.begin(session, mail_id) is None
    assert spool.settle(session, mail_id, IncomingState.PREVIEWED)
    assert not spool.settle(session, mail_id, IncomingState.HELD)
    session.expire_all()
    (mail,) = session.scalars(select(IncomingEmail))
    assert (mail.raw, mail.address, mail.return_path, mail.state) == (None, "", "", IncomingState.PREVIEWED)
    assert not spool.take_in(session, RAW, [OURS], "bo@elbil.example")
    spool.forget_settled(session, now())
    assert session.scalars(select(IncomingEmail)).all() == []


def test_a_mail_that_nobody_survives_is_given_up(session: Session) -> None:
    spool.take_in(session, RAW, [OURS], "")
    (mail_id,) = spool.list_due(session, 10)
    for given_up in (False, False, False, True):
        session.execute(update(IncomingEmail).values(not_before_at=now()))
        taken = spool.begin(session, mail_id)
        assert taken is not None
        session.expire_all()
        assert taken.is_given_up is given_up


def test_a_worker_listens_and_the_same_mail_at_once_by_both_ways_is_one_preview(
    live_app: Flask, tmp_path: Path
) -> None:
    with live_app.app_context(), db.sessionmaker() as session:
        make = Factory(session)
        asker = make.person("anna@laddkusten.example")
        to = address_of(live_app, asker, make.request(asker=asker))
        session.commit()
    port = free_port()
    environ = os.environ | {
        "DIALOGUE_DATABASE_URL": live_app.config["DATABASE_URL"],
        "DIALOGUE_VAR": str(tmp_path),
        "DIALOGUE_SECRET_KEY": SECRET,
        "DIALOGUE_MAIL_REPLY_DOMAIN": DOMAIN,
        "DIALOGUE_MAIL_LISTEN": f"127.0.0.1:{port}",
    }
    raw = written(asker_email := "anna@laddkusten.example", to, "Vi behöver läget varje minut.")
    command = [sys.executable, "-c", "from dialogue.app import main; main()"]
    with subprocess.Popen([*command, "work"], env=environ, cwd=ROOT) as worker:
        try:
            until(lambda: socket.create_connection(("127.0.0.1", port), 1).close() is None)
            pipe = subprocess.Popen([*command, "mail", "receive"], stdin=subprocess.PIPE, env=environ, cwd=ROOT)
            assert pipe.stdin is not None
            pipe.stdin.write(raw)
            pipe.stdin.close()
            for _ in range(2):
                with smtplib.SMTP("127.0.0.1", port) as wire:
                    wire.sendmail(asker_email, [to], raw.replace(b"\n", b"\r\n"))
            assert pipe.wait() == os.EX_OK
            with live_app.app_context(), db.engine.connect() as connection:
                waiting = select(IncomingEmail.id).where(IncomingEmail.state == IncomingState.WAITING)
                until(lambda: connection.scalars(waiting).first() is None and not connection.rollback())
                assert connection.scalars(select(IncomingEmail.deliveries)).all() == [3]
                assert connection.scalars(select(ReplyPreview.sender)).all() == [asker_email]
        finally:
            worker.terminate()
    assert worker.returncode == 0


def until(condition: Callable[[], bool], seconds: float = 60, told: Callable[[], str] = str) -> None:
    """Wait until `condition` holds; what is not there yet may raise OSError. `told` says why it may not have come."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(OSError):
            if condition():
                return
        time.sleep(0.2)
    raise AssertionError(f"too long\n{told()}")


def test_the_listener_alone_stops_when_told(live_app: Flask, tmp_path: Path) -> None:
    port = free_port()
    environ = os.environ | {
        "DIALOGUE_DATABASE_URL": live_app.config["DATABASE_URL"],
        "DIALOGUE_VAR": str(tmp_path),
        "DIALOGUE_SECRET_KEY": SECRET,
        "DIALOGUE_MAIL_REPLY_DOMAIN": DOMAIN,
        "DIALOGUE_MAIL_LISTEN": f"127.0.0.1:{port}",
    }
    command = [sys.executable, "-c", "from dialogue.app import main; main()", "mail", "listen"]
    with subprocess.Popen(command, env=environ, cwd=ROOT, stdout=subprocess.PIPE) as listener:
        try:
            assert listener.stdout is not None
            assert listener.stdout.readline() == f"Listening at 127.0.0.1:{port}.\n".encode()
            with smtplib.LMTP("127.0.0.1", port) as wire:
                wire.sendmail("bo@elbil.example", [OURS], RAW)
        finally:
            listener.terminate()
    assert listener.returncode == 0
    with live_app.app_context(), db.engine.connect() as connection:
        assert connection.scalars(select(IncomingEmail.deliveries)).all() == [1]


def test_a_long_mail_comes_out_of_the_spool_as_it_went_in(session: Session) -> None:
    for size in (0, 1, 4 * 1024 * 1024, 9_000_001):
        raw = b"Message-ID: <%d@x.example>\n\n" % size + bytes(range(256)) * (size // 256)
        spool.take_in(session, raw, [OURS], "")
        taken = spool.begin(session, spool.list_due(session, 1)[0])
        assert taken is not None
        assert taken.raw == raw


def test_lines_may_be_longer_than_the_standard_says(port: int, session: Session) -> None:
    with smtplib.SMTP("127.0.0.1", port) as wire:
        wire.sendmail("bo@elbil.example", [OURS], RAW.replace(b"\n", b"\r\n") + b"x" * 500_000 + b"\r\n")
    assert len(rows(session)) == 1
