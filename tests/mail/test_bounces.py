"""Mails that did not arrive: counted by their own return path, and after a while the address gets no more."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Person, RoleGrant
from dialogue.accounts.operations.proofs import ask_for_proof, use_proof
from dialogue.accounts.rules import ProofPurpose, Role
from dialogue.conversation.models import HeldEmail
from dialogue.conversation.operations.notices import explain_digest
from dialogue.conversation.operations.opening import open_mail
from dialogue.core.clock import now
from dialogue.mail.addresses import BounceOf, local_part
from dialogue.mail.bounces import COUNTED_FOR, Report, find_stop, forget_old_bounces, note_bounce
from dialogue.mail.compose import queue_email
from dialogue.mail.incoming.spool import Taken
from dialogue.mail.models import Bounce, OutgoingEmail
from dialogue.mail.rules import IncomingState, MailState
from dialogue.notifications.worker import drain
from tests.factories import Factory
from tests.mail.postman import DOMAIN, Postman, configured
from tests.mail.sink import Sink, running
from tests.page import Page

GONE = Report(True, "550 5.1.1 User unknown")
FULL = Report(False, "452 4.2.2 Mailbox full")


@pytest.fixture(autouse=True)
def open_app(app: Flask) -> Iterator[Flask]:
    with configured(app, MAIL_REPLY_DOMAIN=DOMAIN, MAIL_SENDER=f"dialogue@{DOMAIN}"):
        yield app


@pytest.fixture
def person(make: Factory) -> Person:
    return make.person("anna@laddkusten.example")


def send(session: Session, person: Person, number: int = 0) -> OutgoingEmail:
    """A mail to `person`."""
    queue_email(
        session, template="role_granted", recipient=person.email, locale="sv", context={"grant_id": number},
        dedupe_key=f"mail:{number}:{now().isoformat()}", person_id=person.id,
    )  # fmt: skip
    session.commit()
    return session.scalars(select(OutgoingEmail).order_by(OutgoingEmail.id.desc())).first()  # type: ignore[return-value]


def delivery_report(to: str, *, action: str = "failed", status: str = "5.1.1") -> bytes:
    return f"""\
From: MAILER-DAEMON@mx.example
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Message-ID: <{action}{status}@mx.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

The mail could not be delivered.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; anna@laddkusten.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} said the server

--B
Content-Type: message/rfc822-headers

Subject: Svar

--B--
""".encode()


@pytest.mark.parametrize(
    ("reports", "stops"),
    [
        ([GONE], False),
        ([GONE, GONE], True),
        ([FULL] * 4, False),
        ([FULL] * 5, True),
        ([GONE, FULL, FULL, FULL], False),
        ([GONE, FULL, FULL, FULL, FULL], True),
    ],
)
def test_when_an_address_gets_no_more_mail(
    session: Session, person: Person, reports: list[Report], stops: bool
) -> None:
    for number, report in enumerate(reports):
        assert note_bounce(session, send(session, person, number).id, report)
    assert (find_stop(session, person.email) is not None) is stops


def test_one_mail_counts_once_as_the_worse(session: Session, person: Person) -> None:
    mail = send(session, person)
    for report in (FULL, GONE, FULL, GONE):
        note_bounce(session, mail.id, report)
    session.commit()
    (bounce,) = session.scalars(select(Bounce))
    assert bounce.is_hard
    assert find_stop(session, person.email) is None


def test_what_is_long_ago_does_not_count(session: Session, person: Person) -> None:
    note_bounce(session, send(session, person, 1).id, GONE)
    session.commit()
    with time_machine.travel(now() + COUNTED_FOR + timedelta(hours=1)):
        note_bounce(session, send(session, person, 2).id, GONE)
        assert find_stop(session, person.email) is None
        forget_old_bounces(session, now())
    assert len(session.scalars(select(Bounce)).all()) == 1
    session.commit()


def test_a_mail_that_is_forgotten_counts_for_nobody(session: Session) -> None:
    assert not note_bounce(session, 4711, GONE)


def test_real_reports_with_their_token_stop_mail_and_sign_in_still_goes(
    app: Flask, session: Session, page: Page, make: Factory, person: Person
) -> None:
    post = Postman(app, session)
    for number in range(2):
        mail = send(session, person, number)
        to = f"{local_part(app.config['SECRET_KEY'], BounceOf(mail.id))}@{DOMAIN}"
        assert post.bring_raw(delivery_report(to), to, {"Return-Path": "<>"}) is IncomingState.BOUNCED
    stopped = send(session, person, 7)
    grant = make.official(make.unit("gata"), Role.ADMINISTRATOR)
    queue_email(
        session, template="role_granted", recipient=person.email, locale="sv", context={"grant_id": 1},
        dedupe_key="again", person_id=person.id,
    )  # fmt: skip
    proof = ask_for_proof(
        session, ProofPurpose.SIGN_IN, person.email, {"next": ""}, locale="sv", ip="", template="sign_in"
    ).proof
    session.commit()
    drain(app)
    session.expire_all()
    assert (stopped.state, stopped.last_error) == (MailState.CANCELLED, "mail to this address does not arrive")
    assert [mail.state for mail in post.mails("sign_in")] == [MailState.SENT]
    page.sign_in(make.cookie(person))
    assert person.email in page.get("/account").words
    assert any("banner--warning" in (element.get("class") or "") for element in page.get("/account").tree.iter())
    place = make.the_municipality().slug
    page.sign_in(make.cookie(grant))
    assert "a…@laddkusten.example" in page.get(f"/settings/{place}/mail").words
    assert use_proof(session, proof)
    session.commit()
    assert find_stop(session, person.email) is None
    assert session.scalars(select(Bounce)).all() == []


def test_the_administrator_starts_a_units_mailbox_again(session: Session, page: Page, make: Factory) -> None:
    unit = make.unit("gata", mailbox="gata@halmstad.example")
    other = make.unit(municipality=make.municipality("laholm"), mailbox="vatten@laholm.example")
    page.sign_in(make.cookie(make.official(unit, Role.ADMINISTRATOR)))
    place = make.the_municipality().slug
    for mailbox in (unit.mailbox, other.mailbox, "bo@elbil.example"):
        for number in range(2):
            mail = OutgoingEmail(
                template="x", recipient=mailbox, locale="sv", context={}, message_id=f"{mailbox}{number}",
                dedupe_key=f"{mailbox}{number}", created_at=now(), not_before_at=now(), state=MailState.SENT,
            )  # fmt: skip
            session.add(mail)
            session.flush()
            note_bounce(session, mail.id, GONE)
    session.commit()
    opened = page.get(f"/settings/{place}/mail")
    assert unit.mailbox in opened.words
    assert "5.1.1" in opened.words
    assert "laholm" not in opened.words
    assert "elbil" not in opened.words  # whose it is, is nobody's business when there are several municipalities
    (form,) = [form for form in opened.forms() if "/start" in (form.get("action") or "")]
    page.post(form.get("action") or "")
    assert find_stop(session, unit.mailbox) is None
    assert find_stop(session, other.mailbox) is not None
    page.post(f"/settings/{place}/mail/4711/start", status=404)


def test_forged_reports_and_robots_have_no_effect(app: Flask, session: Session, person: Person) -> None:
    post, mail = Postman(app, session), send(session, person)
    right = f"{local_part(app.config['SECRET_KEY'], BounceOf(mail.id))}@{DOMAIN}"
    forged = f"bounce+{'b' * 28}@{DOMAIN}"
    assert post.bring_raw(delivery_report(forged), forged) is IncomingState.HELD
    plain = f"dialogue@{DOMAIN}"
    assert post.bring_raw(delivery_report(plain, status="5.1.2"), plain) is IncomingState.HELD
    away = {"Auto-Submitted": "auto-replied"}
    assert post.bring(person.email, right, "Jag är borta till måndag.", **away) is IncomingState.IGNORED
    assert post.bring_raw(delivery_report(right, action="delayed", status="4.4.7"), right) is IncomingState.IGNORED
    assert post.bring("bo@elbil.example", right, "Varför skriver ni till mig?") is IncomingState.HELD
    assert session.scalars(select(Bounce)).all() == []
    assert len(session.scalars(select(HeldEmail)).all()) == 3
    other = f"{local_part(app.config['SECRET_KEY'], BounceOf(4711))}@{DOMAIN}"
    assert post.bring_raw(delivery_report(other), other) is IncomingState.IGNORED


@pytest.mark.parametrize(
    ("status", "is_hard"),
    [
        ("5.1.1", True),
        ("5.1.10", True),
        ("5.2.1", True),
        ("5.4.4", True),
        ("5.2.2", False),
        ("5.7.1", False),
        ("4.2.2", False),
    ],
)
def test_hard_and_soft(status: str, is_hard: bool) -> None:
    taken = Taken(1, "x@y.example", "", delivery_report("x@y.example", status=status), now(), False)
    report = open_mail(taken, DOMAIN, "https://dialogue.example").report
    assert report is not None
    assert report.is_hard is is_hard
    assert status in report.words


def test_each_mail_leaves_with_a_return_path_of_its_own(app: Flask, session: Session, make: Factory) -> None:
    sink, unit = Sink(), make.unit("gata")
    person = make.official(unit)
    digest_of = make.person("anna@laddkusten.example")
    with running(sink) as port, configured(app, MAIL_SERVER="127.0.0.1", MAIL_PORT=port):
        grant = session.scalars(select(RoleGrant)).one()
        queue_email(
            session, template="role_granted", recipient=person.email, locale="sv", context={"grant_id": grant.id},
            dedupe_key="grant", person_id=person.id,
        )  # fmt: skip
        explain_digest(session, digest_of)
        session.commit()
        drain(app)
        mail = session.scalars(select(OutgoingEmail).order_by(OutgoingEmail.id)).first()
        assert mail is not None
        secret, number = app.config["SECRET_KEY"], mail.id
        session.commit()
        with configured(app, MAIL_REPLY_DOMAIN=""):
            queue_email(
                session, template="role_granted", recipient=person.email, locale="sv", context={"grant_id": grant.id},
                dedupe_key="again", person_id=person.id,
            )  # fmt: skip
            session.commit()
            drain(app)
    own = f"{local_part(secret, BounceOf(number))}@{DOMAIN}"
    assert [sender.strip("<>") for sender in sink.senders] == [own, "", f"dialogue@{DOMAIN}"]
