"""A real worker process, killed in the middle of five hundred mails: none lost, one repeat a kill at most."""

import multiprocessing
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing import forkserver
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from dialogue.accounts.models import EmailProof, Locale
from dialogue.accounts.rules import ProofPurpose
from dialogue.app import create_app
from dialogue.core.clock import now
from dialogue.core.db import read_only
from dialogue.core.tokens import new_token
from dialogue.mail import outbox
from dialogue.mail.compose import NewEmail, queue_emails
from dialogue.mail.models import OutgoingEmail
from dialogue.mail.rules import OPEN
from dialogue.mail.sender import delivery
from dialogue.mail.sender.writing import Written
from dialogue.notifications.bell import Bell
from dialogue.notifications.worker import run_worker
from dialogue.web.extensions import db
from tests.conftest import settings
from tests.mail.sink import Sink, running

MAILS = 500

#: Seconds that nothing here ever takes, however busy the machine is.
AGES = 600

#: Worker processes are forked from one that has imported everything, which takes a second.
NURSERY = multiprocessing.get_context("forkserver")
NURSERY.set_forkserver_preload([__name__])


def work(database: str, var: Path, port: int, lease: int) -> None:
    """What a worker process runs. All mails have the same words: how they are handed over is what counts here."""
    outbox.LEASE = timedelta(seconds=lease)
    delivery.write = lambda *_: Written("Subject", "Text", "<p>Text</p>")
    run_worker(create_app(settings(database, var, MAIL_SERVER="127.0.0.1", MAIL_PORT=str(port))))


@contextmanager
def running_workers(app: Flask, port: int, *, count: int = 1, lease: int) -> Iterator[list[BaseProcess]]:
    """Workers that hold a mail for `lease` seconds. At the end they are killed -9, whatever they have in hand."""
    values = (app.config["DATABASE_URL"], app.config["VAR"], port, lease)
    workers: list[BaseProcess] = [NURSERY.Process(target=work, args=values) for _ in range(count)]
    for worker in workers:
        worker.start()
    try:
        yield workers
    finally:
        for worker in workers:
            worker.kill()
            worker.join()


def stop(worker: BaseProcess, how: signal.Signals) -> None:
    """Ask `worker` to stop, and wait until it has."""
    assert worker.pid
    os.kill(worker.pid, how)
    worker.join(AGES)
    assert worker.exitcode == 0


@pytest.fixture(autouse=True, scope="module")
def _unmeasured() -> None:
    """Start the nursery without coverage: who is killed cannot report."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("COVERAGE_")]:
            patch.delenv(name)
        forkserver.ensure_running()


def fill(app: Flask) -> None:
    """Queue sign-in mails to MAILS people."""
    at = now()
    with app.app_context(), db.sessionmaker() as session, session.begin():
        proofs = [
            EmailProof(
                act_key=new_token(), purpose=ProofPurpose.SIGN_IN, template="sign_in", email=f"p{number}@x.example",
                token_hash=new_token(), payload={}, locale=Locale.SV, created_at=at, expires_at=at + timedelta(days=1),
            )
            for number in range(MAILS)
        ]  # fmt: skip
        session.add_all(proofs)
        session.flush()
        queue_emails(
            session,
            [
                NewEmail(
                    "sign_in", proof.email, "sv", {"proof_id": proof.id, "token": new_token(), "code": "123456"},
                    f"proof:{proof.id}",
                )
                for proof in proofs
            ],
        )  # fmt: skip


def still_open(app: Flask) -> int:
    with app.app_context(), db.sessionmaker() as session:
        read_only(session)
        return session.scalar(select(func.count()).where(OutgoingEmail.state.in_(OPEN))) or 0


def wait_for(condition: Callable[[], bool], app: Flask) -> None:
    """Wait until `condition()` is true, ringing the bell meanwhile."""
    bell, until = Bell(app), time.monotonic() + AGES
    while not condition():
        assert time.monotonic() < until, "too long"
        bell.ring()
        time.sleep(0.05)


def test_no_kill_loses_a_mail(live_app: Flask) -> None:
    fill(live_app)
    sink, kills = Sink(), 4
    sink.delay = 0.003
    # A mail that a killed worker had in hand is free again when its lease ends: soon, as there is one worker at a time.
    with running(sink) as port:
        for number in range(kills):
            with running_workers(live_app, port, lease=1):
                wanted = len(sink.taken) + 40 + 17 * number
                wait_for(lambda wanted=wanted: len(sink.taken) >= wanted, live_app)
        with running_workers(live_app, port, lease=1) as (worker,):
            wait_for(lambda: still_open(live_app) == 0, live_app)
            stop(worker, signal.SIGTERM)
    repeats = [taken for taken, times in Counter(sink.taken).items() if times > 1]
    assert len({recipient for recipient, _ in sink.taken}) == MAILS
    assert len(set(sink.taken)) == MAILS, "a repeat has another Message-ID"
    assert len(sink.taken) - MAILS <= kills
    assert len(repeats) <= kills


def test_a_polite_stop_repeats_nothing_and_two_workers_double_nothing(live_app: Flask) -> None:
    fill(live_app)
    sink = Sink()
    sink.delay = 0.003
    # A stop gives back what it has not begun, so nobody has to wait for a lease: it is longer than the test.
    with running(sink) as port, running_workers(live_app, port, count=2, lease=2 * AGES) as (first, second):
        wait_for(lambda: len(sink.taken) >= 60, live_app)
        stop(first, signal.SIGTERM)
        wait_for(lambda: still_open(live_app) == 0, live_app)
        stop(second, signal.SIGINT)
    assert len(sink.taken) == len(set(sink.taken)) == MAILS
