"""Mails that were set aside on their way out: seen, sent once more, and never what may not be told any more."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Person
from dialogue.accounts.operations.proofs import ask_for_proof
from dialogue.accounts.rules import ProofPurpose, Role
from dialogue.cli import run_command
from dialogue.core.clock import now
from dialogue.mail import outbox
from dialogue.mail.bounces import start_again
from dialogue.mail.compose import queue_email
from dialogue.mail.incoming.spool import list_due
from dialogue.mail.models import OutgoingEmail, StoppedAddress
from dialogue.mail.queries import is_mail_stuck, list_set_aside
from dialogue.mail.rules import PAUSES, MailState
from dialogue.notifications.letters.table import LETTERS
from dialogue.notifications.operations.following import follow, stop
from dialogue.notifications.queries.targets import target_of
from dialogue.notifications.rules import Cadence
from dialogue.notifications.worker import Worker, drain
from dialogue.requests.models import DataRequest
from dialogue.requests.operations.moves import record
from dialogue.requests.operations.routing import hide_request
from dialogue.requests.rules import EventKind, Status
from tests.factories import Factory
from tests.mail.postman import configured
from tests.mail.sink import Sink, running
from tests.page import Page

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(
    app: Flask, session: Session, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Command:
    """Runs `dialogue mail …` and returns its exit status, what it said, and what it complained of."""

    def run(*words: str) -> tuple[int, str, str]:
        session.commit()
        monkeypatch.setattr("sys.argv", ["dialogue", "mail", *words])
        status = run_command(app)
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


@pytest.fixture
def sink(app: Flask) -> Iterator[Sink]:
    """The mail server of the app."""
    made = Sink()
    with running(made) as port, configured(app, MAIL_SERVER="127.0.0.1", MAIL_PORT=port):
        yield made


def planned(make: Factory, session: Session, *followers: Person) -> DataRequest:
    """A request of which its followers are told something."""
    data_request = make.request(Status.ASSESSING, unit=make.unit())
    for person in followers:
        follow(session, person, target_of(data_request), Cadence.INSTANT, "")
    record(session, make.viewer(make.person()), data_request, EventKind.REQUEST_PLANNED)
    session.commit()
    return data_request


def states(session: Session) -> dict[str, MailState]:
    found = {row.recipient: row.state for row in session.execute(select(OutgoingEmail.recipient, OutgoingEmail.state))}
    session.commit()
    return found


def test_one_that_cannot_be_written_harms_no_other_and_leaves_once_it_can_be(
    app: Flask, session: Session, make: Factory, sink: Sink, monkeypatch: pytest.MonkeyPatch, command: Command
) -> None:
    people = [make.person(email=f"{name}@x.example") for name in ("anna", "poison", "bo")]
    planned(make, session, *people)
    written = LETTERS["planned"]

    def write(session: Session, mail: outbox.Claim) -> object:
        if mail.recipient.startswith("poison"):
            raise ZeroDivisionError("division by zero")
        return written(session, mail)

    with time_machine.travel(now(), tick=False) as clock:
        monkeypatch.setitem(LETTERS, "planned", write)  # type: ignore[arg-type]
        worker = Worker(app)
        worker.work()
        assert sorted(recipient for recipient, _ in sink.taken) == ["anna@x.example", "bo@x.example"]
        for pause in PAUSES:
            clock.shift(pause)
            worker.sender.send_batch()
        assert states(session)["poison@x.example"] is MailState.FAILED
        monkeypatch.setitem(LETTERS, "planned", written)
        worker.work()
        assert len(sink.taken) == 2
        status, said, _ = command("list", "--failed")
        line = said.split("\t")
        assert (status, line[1], line[3], line[4]) == (0, "failed", "planned", "poison@x.example")
        assert "ZeroDivisionError: division by zero" in line[6]
        assert command("replay", line[0]) == (0, "To be sent again: 1. The worker does it.\n", "")
        worker.work()
    assert set(states(session).values()) == {MailState.SENT}
    mail = session.scalars(select(OutgoingEmail).where(OutgoingEmail.recipient == "poison@x.example")).one()
    assert (mail.attempts, mail.context) == (1, {})
    assert sink.taken[2:] == [("poison@x.example", f"<{mail.message_id}@127.0.0.1>")]
    session.commit()


def test_what_may_not_be_told_any_more_is_not_sent_again(
    app: Flask, session: Session, make: Factory, sink: Sink, command: Command
) -> None:
    stays, ends, follows_hidden, moved = (make.person(email=f"{name}@x.example") for name in "abcd")
    shown, hidden = planned(make, session, stays, ends, moved), planned(make, session, follows_hidden)
    sink.data = "554 5.6.0 not like this"
    drain(app)
    refused = states(session)
    assert set(refused.values()) == {MailState.REFUSED}
    message_id = session.scalar(select(OutgoingEmail.message_id).where(OutgoingEmail.recipient == stays.email))
    stop(session, ends, target_of(shown))
    hide_request(
        session, make.viewer(make.official(make.unit(), Role.COORDINATOR)), hidden, reason="Telefonnummer", version=None
    )
    moved.disabled_at = now()
    session.commit()
    sink.data = ""
    assert command("replay", "--all")[1] == "To be sent again: 4. The worker does it.\n"
    drain(app)
    assert states(session) == {
        "a@x.example": MailState.SENT,
        "b@x.example": MailState.CANCELLED,
        "c@x.example": MailState.CANCELLED,
        "d@x.example": MailState.CANCELLED,
    }
    assert sink.taken == [("a@x.example", f"<{message_id}@127.0.0.1>")]


def test_what_is_too_old_stays_and_its_secrets_go(app: Flask, session: Session, sink: Sink, command: Command) -> None:
    sink.data = "554 no"
    ask_for_proof(session, ProofPurpose.SIGN_IN, "a@x.example", {"next": ""}, locale="sv", ip="", template="sign_in")
    session.commit()
    drain(app)
    (mail,) = session.scalars(select(OutgoingEmail))
    assert mail.state is MailState.REFUSED
    assert "token" in mail.context
    session.commit()
    with time_machine.travel(now() + timedelta(days=2)):
        assert list_set_aside(session, now(), 5) == [(mail, False)]
        answer = command("replay", str(mail.id))
        assert answer == (
            0,
            "To be sent again: 0. The worker does it.\nToo old, or to an address that mail does not reach: 1.\n",
            "",
        )
        Worker(app).keep_house()
        session.refresh(mail)
        assert (mail.state, mail.context) == (MailState.EXPIRED, {})
        session.commit()
        assert command("list", "--failed")[1].split("\t")[1] == "expired"
        assert command("replay", "--all")[1] == "To be sent again: 0. The worker does it.\n"


def test_a_worker_that_slept_through_it_changes_nothing(session: Session) -> None:
    queue_email(session, template="x", recipient="a@x.example", locale="sv", context={}, dedupe_key="x")
    (slept,) = outbox.claim(session, 1).mails
    assert outbox.finish(session, slept, MailState.FAILED)
    assert outbox.send_again(session, [slept.id]) == 1
    assert not outbox.begin(session, slept)
    assert not outbox.finish(session, slept, MailState.SENT)
    assert outbox.send_again(session, [slept.id]) == 0
    session.commit()


def test_an_address_that_is_stopped_is_started_first(session: Session) -> None:
    set_aside(session, "a@x.example", error="550 5.1.1 gone")
    session.add(StoppedAddress(email="a@x.example", stopped_at=now(), words=""))
    session.flush()
    assert outbox.send_again(session) == 0
    start_again(session, "a@x.example")
    assert outbox.send_again(session) == 1
    session.commit()


def test_what_the_commands_refuse(session: Session, command: Command) -> None:
    assert command("list")[2] == "No mail waits.\n"
    assert command("list", "--failed")[2] == "No mail was set aside.\n"
    queue_email(session, template="x", recipient="a@x.example", locale="sv", context={}, dedupe_key="x")
    session.commit()
    number = command("list")[1].split("\t")[0]
    assert "waiting" in command("list")[1]
    assert command("replay")[0] == 2
    assert command("replay", number, "--all")[0] == 2
    status, _, complaint = command("replay", number)
    assert (status, complaint) == (1, f"Error: No mail {number} was set aside, and none is sent again.\n")
    assert command("replay", "4711")[0] == 1
    assert states(session) == {"a@x.example": MailState.WAITING}
    session.commit()


def set_aside(session: Session, *recipients: str, error: str) -> None:
    for recipient in recipients:
        session.add(
            OutgoingEmail(
                template="planned", recipient=recipient, locale="sv", context={}, message_id=recipient,
                dedupe_key=recipient, created_at=now(), not_before_at=now(), finished_at=now(),
                state=MailState.REFUSED, last_error=error,
            )
        )  # fmt: skip
    session.commit()


def test_the_administrator_sends_one_again(session: Session, page: Page, make: Factory) -> None:
    unit = make.unit("gata", mailbox="gata@halmstad.example")
    page.sign_in(make.cookie(make.official(unit, Role.ADMINISTRATOR)))
    error = "550 5.7.1 <anna@laddkusten.example> is not welcome"
    set_aside(session, unit.mailbox, "anna@laddkusten.example", error=error)
    address = f"/settings/{make.the_municipality().slug}/mail"
    opened = page.get(address)
    # A private address is seen in part, also where the other server repeats it.
    assert opened.text.count("anna@laddkusten.example") == 1
    assert "a…@laddkusten.example" in opened.words
    assert opened.words.count("550 5.7.1") == 2
    forms = [form.get("action") or "" for form in opened.forms() if "/set-aside/" in (form.get("action") or "")]
    assert len(forms) == 2
    assert "Nekat" in opened.words
    page.post(forms[0])
    assert sorted(states(session).values()) == [MailState.REFUSED, MailState.WAITING]
    assert "skickas igen" in page.get(address).words
    page.post(forms[0])
    assert "väntar redan" in page.get(address).words
    page.post(f"{address}/set-aside/4711/send", status=404)
    for mail in session.scalars(select(OutgoingEmail)):
        mail.state, mail.expires_at = MailState.REFUSED, now() - timedelta(hours=1)
    session.commit()
    opened = page.get(address)
    assert opened.words.count("För gammalt för att skickas") == 2
    assert "/set-aside/" not in opened.text


def test_other_municipalities_mail_is_not_seen(session: Session, page: Page, make: Factory) -> None:
    unit = make.unit("gata", mailbox="gata@halmstad.example")
    other = make.unit(municipality=make.municipality("laholm"), mailbox="vatten@laholm.example")
    page.sign_in(make.cookie(make.official(unit, Role.ADMINISTRATOR)))
    set_aside(session, other.mailbox, "anna@laddkusten.example", error="550 5.7.1 no")
    address = f"/settings/{make.the_municipality().slug}/mail"
    assert "/set-aside/" not in page.get(address).text
    for mail_id in session.scalars(select(OutgoingEmail.id)).all():
        page.post(f"{address}/set-aside/{mail_id}/send", status=404)
    assert set(states(session).values()) == {MailState.REFUSED}
    session.commit()


def test_sqlite_finds_what_is_due_without_looking_at_what_has_left(session: Session) -> None:
    seen: list[tuple[str, object]] = []
    engine = session.get_bind()

    def note(connection: object, cursor: object, statement: str, values: object, *rest: object) -> None:
        if "FROM outgoing_email" in statement or "FROM incoming_email" in statement:
            seen.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    outbox.claim(session, 1)
    is_mail_stuck(session, now())
    list_set_aside(session, now(), 1)
    list_due(session, 1)
    event.remove(engine, "before_cursor_execute", note)
    if engine.dialect.name == "sqlite":  # the other plans by what there is
        driver = session.connection().connection.driver_connection
        assert driver is not None
        plans = [driver.execute(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()[0][3] for sql, values in seen]
        indexes = ("outgoing_email_due", "outgoing_email_due", "outgoing_email_set_aside", "incoming_email_due")
        assert all(f"INDEX ix_{index}" in plan for plan, index in zip(plans, indexes, strict=True)), plans
    session.commit()
