"""How many mails a second one worker and four render and hand over, beside a bare script that does the same.

The bare script knows every mail's content beforehand: it renders the same templates, builds the message with the
standard library and sends it with smtplib over one connection. It keeps no outbox, so it may lose or repeat mails.
Both begin warm: a worker lives for weeks.
All take turns on the same sink, a process of its own, because machines are noisy.
"""

import multiprocessing
import smtplib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from multiprocessing.synchronize import Barrier
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import click
from flask import Flask
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from dialogue.accounts.models import Person
from dialogue.app import create_app
from dialogue.core.clock import now
from dialogue.core.db import read_only
from dialogue.core.tokens import new_handle
from dialogue.mail.models import OutgoingEmail
from dialogue.mail.rules import MailState
from dialogue.mail.sender.writing import list_headers, write
from dialogue.notifications.letters.table import LETTERS
from dialogue.notifications.models import Subscription
from dialogue.notifications.rules import Cadence, Scope
from dialogue.notifications.worker import Worker
from dialogue.requests.models import RequestEvent
from dialogue.requests.rules import EventKind
from dialogue.web.extensions import db
from tests.bench.sink import serve_sink
from tests.conftest import settings

MAILS = 2_000
TURNS = 3
_SPAWN = multiprocessing.get_context("spawn")


class Turn(NamedTuple):
    """What one turn took: seconds by the clock, and of the processors, for so many mails."""

    seconds: float
    work: float
    mails: float


def measure_mails(engine: str, url: str, folder: Path) -> None:
    """Show mails a second on the filled database at `url`."""
    with _sink() as port:
        config = {"MODE": "development", "MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(port)}
        app = create_app(settings(url, folder, **config))
        app.config["DEVELOPMENT"] = False  # keeps no copies, as in production
        _followers(app)
        figures: dict[str, list[Turn]] = {"bare script": [], "1 worker": [], "4 workers": []}
        for _ in range(TURNS):
            _queue(app)
            figures["bare script"].append(_timed(1, _send_bare, url, folder, port))
            figures["1 worker"].append(_timed(1, _work, url, folder, port))
            _queue(app)
            figures["4 workers"].append(_timed(4, _work, url, folder, port))
    click.echo(f"\n{engine}, {MAILS:,} notices to a mail server on this machine")
    rates = {name: median(each.mails / each.seconds for each in turns) for name, turns in figures.items()}
    works = {name: 1_000 * median(each.work / each.mails for each in turns) for name, turns in figures.items()}
    for name, rate in rates.items():
        share = f"{rate / rates['bare script']:5.2f} of the bare script (work {works['bare script'] / works[name]:.2f})"
        if name == "4 workers":
            share += f", {rate / rates['1 worker']:.2f} of one worker"
        click.echo(f"  {name:12} {rate:6.0f} mails/s   work {works[name]:5.2f} ms   {share}")


def _followers(app: Flask) -> None:
    at = now()
    with app.app_context(), db.engine.begin() as connection:
        people = [
            {"id": n, "email": f"f{n}@b.example", "locale": "sv", "created_at": at, "mail_handle": new_handle()}
            for n in range(1_000_001, 1_000_001 + MAILS)
        ]
        connection.execute(insert(Person), people)
        follows = [
            {
                "person_id": person["id"], "municipality_id": 1, "scope": Scope.REQUEST, "request_id": 3,
                "target": "request:3", "cadence": Cadence.INSTANT, "wording": "", "confirmed_at": at, "told_up_to": 0,
            }
            for person in people
        ]  # fmt: skip
        connection.execute(insert(Subscription), follows)


def _queue(app: Flask) -> None:
    """Let something happen that all followers are told of."""
    with app.app_context(), db.sessionmaker() as session, session.begin():
        session.execute(update(RequestEvent).values(fanned_out_at=now()))
        session.execute(update(OutgoingEmail).values(state=MailState.SENT))
        event = RequestEvent(
            municipality_id=1, request_id=3, kind=EventKind.DATE_MOVED, actor_role="official", unit_id=1, actor_id=1, happened_at=now(),
            new={"next_on": "2027-01-22"}, old={},
        )  # fmt: skip
        session.add(event)
    worker = Worker(app)
    while worker.tell():
        pass


def _timed(processes: int, task: Callable[..., tuple[int, float]], *values: Any) -> Turn:
    """What it takes from when all `processes` are ready until all are done."""
    ready, result = _SPAWN.Barrier(processes + 1), _SPAWN.Array("d", 2)
    running = [_SPAWN.Process(target=_do, args=(task, ready, result, *values)) for _ in range(processes)]
    for process in running:
        process.start()
    ready.wait()
    began = time.perf_counter()
    for process in running:
        process.join()
    if any(process.exitcode for process in running):
        raise click.ClickException("a process of the bench failed")
    return Turn(time.perf_counter() - began, *result)


def _do(task: Callable[..., tuple[int, float]], ready: Barrier, result: Any, *values: Any) -> None:
    """Do `task` and add the processor time that it takes once all are ready, and its mails."""
    mails, began = task(ready, *values)
    with result.get_lock():
        result[0] += time.process_time() - began
        result[1] += mails


def _app(url: str, folder: Path, port: int) -> Flask:
    app = create_app(settings(url, folder, MAIL_SERVER="127.0.0.1", MAIL_PORT=str(port)))
    app.config["DEVELOPMENT"] = False
    return app


def _work(ready: Barrier, url: str, folder: Path, port: int) -> tuple[int, float]:
    sender = Worker(_app(url, folder, port)).sender
    sender.send_batch()  # compiles templates and statements, which a worker does once in its life
    ready.wait()
    began, mails = time.process_time(), 0
    while sent := sender.send_batch():
        mails += sent
    return mails, began


def _send_bare(ready: Barrier, url: str, folder: Path, port: int) -> tuple[int, float]:
    app = _app(url, folder, port)
    with app.app_context():
        with db.sessionmaker() as session:
            letters = list(_letters(session))
        write(letters[0][0].template, letters[0][0].locale, letters[0][1])  # compiles templates
        ready.wait()
        began = time.process_time()
        with smtplib.SMTP("127.0.0.1", port) as server:
            for mail, letter in letters:
                written = write(mail.template, mail.locale, letter)
                message = EmailMessage()
                message["From"], message["To"] = f"{letter.sender_name} <d@b.example>", mail.recipient
                message["Subject"], message["Message-ID"] = written.subject, f"<{mail.message_id}@b.example>"
                if letter.mailing_list:
                    for name, value in list_headers(letter.mailing_list, mail.locale, "b.example").items():
                        message[name] = value.replace("\r\n", "")
                message.set_content(written.text)
                message.add_alternative(written.html, subtype="html")
                server.send_message(message)
    return len(letters), began


def _letters(session: Session) -> Iterator[tuple[Any, Any]]:
    read_only(session)
    waiting = select(OutgoingEmail).where(OutgoingEmail.state == MailState.WAITING)
    for mail in session.scalars(waiting):
        yield mail, LETTERS[mail.template](session, mail)  # type: ignore[arg-type]  # has what a claim has


@contextmanager
def _sink() -> Iterator[int]:
    port = _SPAWN.Value("i", 0)
    process = _SPAWN.Process(target=serve_sink, args=(port,), daemon=True)
    process.start()
    while not port.value:
        time.sleep(0.05)
    try:
        yield port.value
    finally:
        process.terminate()
        process.join()
