"""A mailbox that is read by IMAP: what is taken in is seen, what is refused is flagged, and the rest waits."""

import re
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import InvalidSetting
from dialogue.mail.incoming.entrance import MAX_BYTES, return_path_in
from dialogue.mail.models import IncomingEmail
from tests.conftest import settings
from tests.mail.postman import DOMAIN, configured
from tests.mail.test_encryption import certificates  # noqa: F401 (a fixture)
from tests.mail.test_entrances import OURS

SEEN, FLAGGED = r"\Seen", r"\Flagged"


def mail(to: str, number: int, *, path: str = "<bo@elbil.example>") -> bytes:
    head = (
        f"Return-Path: {path}\r\nDelivered-To: {to}\r\nFrom: bo@elbil.example\r\nMessage-ID: <{number}@x.example>\r\n"
    )
    return f"{head}\r\nJa.\r\n".encode()


class Server(socketserver.ThreadingTCPServer):
    """The little of IMAP that is needed to read one folder."""

    daemon_threads = True

    def __init__(self, certificate: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), _Dialogue)
        self.certificate = certificate
        self.mails: dict[int, bytes] = {}
        self.flags: dict[int, str] = {}
        #: A command that is answered with this instead, by its beginning.
        self.instead: dict[str, str] = {}
        self.heard: list[str] = []


class _Dialogue(socketserver.BaseRequestHandler):
    server: Server

    def handle(self) -> None:
        try:
            wire = self.server.certificate.wrap_socket(self.request, server_side=True)
        except OSError:
            return  # the other side does not believe us
        with wire, wire.makefile("rwb") as file:
            file.write(b"* OK here\r\n")
            file.flush()
            for line in file:
                tag, _, command = line.decode().strip().partition(" ")
                self.server.heard.append(command)
                broken = [text for start, text in self.server.instead.items() if command.startswith(start)]
                if broken == [""]:
                    return
                file.write(b"".join(self.answers(command)) if not broken else b"")
                file.write(f"{tag} {broken[0] if broken else 'OK done'}\r\n".encode())
                file.flush()

    def answers(self, command: str) -> Iterator[bytes]:
        mails, flags = self.server.mails, self.server.flags
        if command == "CAPABILITY":
            yield b"* CAPABILITY IMAP4rev1\r\n"
        elif command.startswith("SELECT"):
            yield f"* {len(mails)} EXISTS\r\n".encode()
        elif command == "UID SEARCH UNSEEN UNFLAGGED":
            yield f"* SEARCH {' '.join(str(uid) for uid in mails if not flags.get(uid))}\r\n".encode()
        elif found := re.fullmatch(r"UID FETCH (\d+) \(RFC822.SIZE\)", command):
            yield f"* 1 FETCH (UID {found[1]} RFC822.SIZE {len(mails[int(found[1])])})\r\n".encode()
        elif found := re.fullmatch(r"UID FETCH (\d+) \(BODY\.PEEK\[\]\)", command):
            raw = mails[int(found[1])]
            yield f"* 1 FETCH (UID {found[1]} BODY[] {{{len(raw)}}}\r\n".encode() + raw + b")\r\n"
        elif found := re.fullmatch(r"UID STORE (\d+) \+FLAGS.SILENT \((.+)\)", command):
            flags[int(found[1])] = found[2]


@contextmanager
def serving(app: Flask, certificate: ssl.SSLContext) -> Iterator[Server]:
    """A server, and `app` set up to read its folder Svar."""
    with Server(certificate) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        where = ("127.0.0.1", server.server_address[1], "Svar")
        try:
            with configured(
                app, MAIL_REPLY_DOMAIN=DOMAIN, MAIL_IMAP=where, MAIL_IMAP_USERNAME="svar", MAIL_IMAP_PASSWORD="secret"
            ):
                yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def server(app: Flask, certificates: dict[str, ssl.SSLContext]) -> Iterator[Server]:  # noqa: F811
    with serving(app, certificates["good"]) as server:
        yield server


def fetched(app: Flask) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=["mail", "fetch"])
    return done.exit_code, done.output


def rows(session: Session) -> list[tuple[str, str]]:
    session.rollback()
    kept = session.scalars(select(IncomingEmail).order_by(IncomingEmail.id))
    return [(mail.address, mail.return_path) for mail in kept]


def test_new_mail_is_taken_in_once(app: Flask, session: Session, server: Server) -> None:
    assert fetched(app) == (0, "Taken in: 0. Refused and flagged: 0.\n")
    server.mails = {
        3: mail(OURS, 3),
        4: mail(OURS, 4, path="<>"),
        5: mail(f"nobody@{DOMAIN}", 5),
        6: mail(OURS, 6) + b"x" * MAX_BYTES,
        7: mail(OURS, 7),
    }
    server.flags = {7: SEEN}
    assert fetched(app) == (0, "Taken in: 2. Refused and flagged: 2.\n")
    assert server.flags == {3: SEEN, 4: SEEN, 5: FLAGGED, 6: FLAGGED, 7: SEEN}
    assert rows(session) == [(OURS, "bo@elbil.example"), (OURS, "")]
    assert 'SELECT "Svar"' in server.heard
    assert "UID FETCH 6 (BODY.PEEK[])" not in server.heard
    assert fetched(app) == (0, "Taken in: 0. Refused and flagged: 0.\n")


def test_what_cannot_be_marked_comes_again_and_is_one(app: Flask, session: Session, server: Server) -> None:
    server.mails = {3: mail(OURS, 3)}
    for words in ("NO read-only", ""):
        server.instead = {"UID STORE": words}
        status, said = fetched(app)
        assert status == 1
        assert "The mailbox cannot be read" in said
    assert server.flags == {}
    server.instead = {}
    assert fetched(app)[0] == 0
    assert rows(session) == [(OURS, "bo@elbil.example")]


def test_a_database_that_cannot_write_leaves_mail_unseen(
    app: Flask, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> bool:
        raise RuntimeError("database or disk is full")

    server.mails = {3: mail(OURS, 3)}
    monkeypatch.setattr("dialogue.mail.cli.take_in", full)
    assert fetched(app)[0] == 1
    assert server.flags == {}


@pytest.mark.parametrize(
    ("instead", "words"),
    [
        ({"LOGIN": "NO wrong password"}, "wrong password"),
        ({"SELECT": "NO no such folder"}, "no such folder"),
        ({"UID SEARCH": "BAD what"}, "what"),
        ({"UID FETCH 3 (BODY": "OK nothing"}, "does not bring mail 3"),
    ],
)
def test_why_a_mailbox_cannot_be_read(app: Flask, server: Server, instead: dict[str, str], words: str) -> None:
    server.mails, server.instead = {3: mail(OURS, 3)}, instead
    status, said = fetched(app)
    assert status == 1
    assert words in said
    assert server.flags == {}


@pytest.mark.parametrize("shown", ["of another", "expired", "of a stranger"])
def test_who_cannot_prove_its_name_gets_no_password(
    app: Flask,
    certificates: dict[str, ssl.SSLContext],  # noqa: F811
    shown: str,
) -> None:
    with serving(app, certificates[shown]) as server:
        status, said = fetched(app)
    assert status == 1
    assert "its certificate is not accepted: " in said
    assert server.heard == []


def test_without_settings_it_says_which(app: Flask) -> None:
    assert "DIALOGUE_MAIL_IMAP_URL" in fetched(app)[1]
    with configured(app, MAIL_IMAP=("127.0.0.1", 1, "INBOX")):
        done = app.test_cli_runner().invoke(args=["mail", "fetch"])
    assert "DIALOGUE_MAIL_REPLY_DOMAIN" in str(done.exception)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("", None),
        ("imaps://mail.kommun.example", ("mail.kommun.example", 993, "INBOX")),
        ("imaps://mail.kommun.example:1993/Svar/Nya%20mejl/", ("mail.kommun.example", 1993, "Svar/Nya mejl")),
    ],
)
def test_where_the_mailbox_is(tmp_path: Path, url: str, found: tuple[str, int, str] | None) -> None:
    mailbox = settings("sqlite://", tmp_path, MAIL_IMAP_URL=url).MAIL_IMAP
    assert mailbox == found


@pytest.mark.parametrize(
    "url", ["imap://mail.kommun.example", "mail.kommun.example", "imaps://", "imaps://a:b@c.example", "imaps://x:99999"]
)
def test_a_mailbox_without_encryption_is_none(tmp_path: Path, url: str) -> None:
    with pytest.raises(InvalidSetting, match="DIALOGUE_MAIL_IMAP_URL is not understood"):
        settings("sqlite://", tmp_path, MAIL_IMAP_URL=url)


@pytest.mark.parametrize(
    ("head", "path"),
    [
        ("Return-Path: <bo@elbil.example>\nReturn-Path: <x@y.example>\nFrom: z@y.example", "bo@elbil.example"),
        ("Return-Path: <>\nFrom: bo@elbil.example", ""),
        ("From: Bo <bo@elbil.example>", "bo@elbil.example"),
        ("Subject: nobody", ""),
        ("From: (((((", ""),
    ],
)
def test_the_head_says_who_sent_it(head: str, path: str) -> None:
    assert return_path_in(f"{head}\n\nReturn-Path: <no@y.example>\n".encode()) == path
