"""Mail through a real Postfix, set up with the lines of deploy/postfix: out, bounced, answered, and in again."""

import os
import smtplib
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from flask import Flask
from sqlalchemy import Select, select

from dialogue.accounts.models import RoleGrant
from dialogue.conversation.models import ReplyPreview
from dialogue.core.db import read_only
from dialogue.mail.addresses import BounceOf, MailboxAnswer, local_part
from dialogue.mail.cli import listening
from dialogue.mail.compose import queue_email
from dialogue.mail.incoming.entrance import Entrance
from dialogue.mail.models import Bounce, IncomingEmail
from dialogue.mail.rules import IncomingState
from dialogue.notifications.worker import drain
from dialogue.web.extensions import db
from tests.conftest import ENGINES, dispose, migrated_app, scratch_database
from tests.factories import Factory
from tests.mail.postfix import HOST, LINES, LISTENED, PIPED, Postfix, missing, running_postfix
from tests.mail.postman import address_of, configured, written
from tests.mail.sink import Sink, running
from tests.mail.test_entrances import until

# One server serves all tests of this file.
pytestmark = pytest.mark.xdist_group("postfix")

ASKER, GONE = "anna@laddkusten.example", "borta@laddkusten.example"

#: Seconds that nothing here ever takes, however busy the machine is.
AGES = 300

T = TypeVar("T")


@pytest.fixture(scope="module")
def world() -> Iterator[tuple[Sink, int]]:
    """The mail server of everybody else."""
    sink = Sink()
    sink.rcpt = {GONE: "550 5.1.1 There is nobody of that name"}
    with running(sink) as port:
        yield sink, port


@pytest.fixture(scope="module")
def postfix(world: tuple[Sink, int]) -> Iterator[Postfix]:
    """The municipality's mail server."""
    if why := missing():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(why)
    with running_postfix(world[1]) as server:
        yield server


@pytest.fixture(params=ENGINES)
def house(request: pytest.FixtureRequest, postfix: Postfix) -> Iterator[Flask]:
    """Dialogue behind that server. Its files are those of the user whom Postfix runs the command as."""
    with scratch_database(request.param, postfix.folder) as url:
        more = {
            "MAIL_SERVER": HOST,
            "MAIL_PORT": str(postfix.port),
            "MAIL_SENDER": f"dialogue@{PIPED}",
            "MAIL_REPLY_DOMAIN": PIPED,
        }
        app = migrated_app(url, postfix.folder, **more)
        for file in postfix.folder.iterdir():
            os.chown(file, postfix.account.pw_uid, postfix.account.pw_gid)
        own = {"DATABASE_URL": url, "SECRET_KEY": app.config["SECRET_KEY"]}
        postfix.set_up({f"DIALOGUE_{name}": value for name, value in (more | own).items()})
        yield app
        dispose(app)


def prepared(app: Flask) -> str:
    """A request, and a mail in the outbox to an address that is gone; the local part of the asker's own address."""
    with app.app_context(), db.sessionmaker() as session:
        make = Factory(session)
        asker, unit = make.person(ASKER), make.unit("gata")
        make.official(unit, email=GONE)
        grant = session.scalars(select(RoleGrant.id)).one()
        queue_email(
            session, template="role_granted", recipient=GONE, locale="sv", context={"grant_id": grant},
            dedupe_key="grant",
        )  # fmt: skip
        session.commit()
        return address_of(app, asker, make.request(asker=asker, unit=unit)).partition("@")[0]


def found(app: Flask, wanted: Select[tuple[T]]) -> list[T]:
    """What the database holds. Nothing stays locked: others are to write."""
    with app.app_context(), db.sessionmaker() as session:
        read_only(session)
        return list(session.scalars(wanted))


def answer(postfix: Postfix, to: str, text: str, number: int) -> None:
    """Write as the asker."""
    with smtplib.SMTP(HOST, postfix.port) as wire:
        wire.sendmail(ASKER, [to], written(ASKER, to, text, number=number))


def test_out_bounced_answered_and_in_again(house: Flask, postfix: Postfix, world: tuple[Sink, int]) -> None:
    sink, local = world[0], prepared(house)
    states = select(IncomingEmail.state).order_by(IncomingEmail.state)
    drain(house)
    answer(postfix, f"{local}@{PIPED}", "Vi behöver läget varje minut.", 1)
    until(lambda: len(found(house, states)) == 2, seconds=AGES, told=postfix.log)

    # The bounce is counted. The answer is shown to its writer, by a mail that arrives.
    sink.taken.clear()
    sink.contents.clear()
    drain(house)
    assert found(house, states) == [IncomingState.BOUNCED, IncomingState.PREVIEWED]
    (bounce,) = found(house, select(Bounce))
    assert (bounce.email, bounce.is_hard) == (GONE, True)
    assert "There is nobody of that name" in bounce.words
    assert found(house, select(ReplyPreview.body)) == ["Vi behöver läget varje minut."]
    until(lambda: [recipient for recipient, _ in sink.taken] == [ASKER], seconds=AGES, told=postfix.log)
    assert b"/reply/" in sink.contents[0]

    # The other way in: handed to the worker.
    own = {"MAIL_REPLY_DOMAIN": LISTENED, "MAIL_LISTEN": ("127.0.0.1", postfix.listen)}
    with configured(house, **own), listening(house):
        answer(postfix, f"{local}@{LISTENED}", "Det räcker med CSV.", 2)
        until(lambda: len(found(house, states)) == 3, seconds=AGES, told=postfix.log)
        drain(house)
    assert len(found(house, select(ReplyPreview.body))) == 2


def test_what_dialogue_does_not_know_is_refused_at_the_door(postfix: Postfix) -> None:
    entrance = Entrance(PIPED, f"dialogue@{PIPED}")
    ours = [local_part("secret", purpose) for purpose in (MailboxAnswer(1, 2), BounceOf(3))]
    others = ["dialogue", "Postmaster", "b" * 34, "b" * 40, "b" * 33, "1" * 28, f"x+{ours[0]}", "dialogue+x", "anna"]
    with smtplib.SMTP(HOST, postfix.port) as wire:
        wire.ehlo()
        wire.mail("somebody@elsewhere.example")
        for local in (*ours, *map(str.upper, ours), *others):
            code, words = wire.rcpt(f"{local}@{PIPED}")
            assert (code == 250) is entrance.knows(f"{local}@{PIPED}"), (local, words)
            assert code == 250 or words.startswith(b"5.1.1 ")


@pytest.mark.parametrize(
    ("command", "program", "status"),
    [
        ("mail receive", "exit 0", os.EX_OK),
        ("mail receive", "exit 67", os.EX_NOUSER),
        ("mail receive --to x@y.example", "exit 65", os.EX_DATAERR),
        ("mail receive", "exit 1", os.EX_TEMPFAIL),
        ("mail receive", "kill -9 $$", os.EX_TEMPFAIL),
        ("mail receive", None, os.EX_TEMPFAIL),
        ("mail receive", "no settings", os.EX_TEMPFAIL),
        ("doctor", "exit 1", 1),
        ("verify", "exit 0", 0),
        ("verify", None, 127),
    ],
)
def test_only_a_status_that_is_meant_is_a_refusal(
    tmp_path: Path, command: str, program: str | None, status: int
) -> None:
    script = (LINES.parent / "dialogue").read_text(encoding="utf-8").replace('"$(id -u)" = 0', '"$(id -u)" = root')
    (tmp_path / "script").write_text(
        script.replace("/opt/dialogue", str(tmp_path)).replace("/etc/dialogue.env", "./env")
    )
    if program != "no settings":
        (tmp_path / "env").write_text("DIALOGUE_LOCALE='sv'\n")
    if program:
        (tmp_path / ".venv" / "bin").mkdir(parents=True)
        made = tmp_path / ".venv" / "bin" / "dialogue"
        made.write_text(f'#!/bin/sh\n[ "$DIALOGUE_LOCALE$DIALOGUE_VAR" = sv/var/lib/dialogue ] || exit 9\n{program}\n')
        made.chmod(0o755)
    done = subprocess.run(["sh", tmp_path / "script", *command.split()], capture_output=True, check=False)
    assert done.returncode == status, done.stderr
