"""The encrypted way to the mail server: only one that proves its name gets anything, and why not is said."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from trustme import CA

from dialogue.accounts.models import RoleGrant
from dialogue.checks import check_mail
from dialogue.core.clock import now
from dialogue.mail.models import OutgoingEmail
from dialogue.mail.rules import SERVER_PAUSES, MailState
from dialogue.notifications.worker import Worker
from tests.conftest import settings
from tests.factories import Factory
from tests.mail.postman import configured
from tests.mail.sink import Sink, refusing, running
from tests.mail.test_bounces import send

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC)


def certificate(ca: CA, name: str, *, expired: bool = False) -> ssl.SSLContext:
    """What a server called `name` shows."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    begins, ends = LONG_AGO if expired else (None, None)
    ca.issue_cert(name, not_before=begins, not_after=ends).configure_cert(context)
    return context


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, ssl.SSLContext]]:
    """Certificates good and bad. Of the two that issued them, this machine knows one."""
    known, stranger = CA(), CA()
    file = tmp_path_factory.mktemp("certificates") / "known.pem"
    known.cert_pem.write_to_path(file)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(file))
        patch.setenv("SSL_CERT_DIR", str(file.parent / "none"))
        yield {
            "good": certificate(known, "127.0.0.1"),
            "of another": certificate(known, "mail.elsewhere.example"),
            "expired": certificate(known, "127.0.0.1", expired=True),
            "of a stranger": certificate(stranger, "127.0.0.1"),
        }


def site(folder: Path, port: int, security: str) -> Flask:
    """An app's settings, which are all that the way out needs."""
    app = Flask("settings")
    more = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(port), "MAIL_SECURITY": security}
    app.config.from_object(settings("sqlite://", folder, MAIL_USERNAME="dialogue", MAIL_PASSWORD="secret", **more))
    return app


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize(
    ("shown", "trouble"),
    [
        ("good", ""),
        ("of another", "not accepted: IP address mismatch"),
        ("expired", "not accepted: certificate has expired"),
        ("of a stranger", "not accepted: unable to get local issuer certificate"),
    ],
)
def test_who_cannot_prove_its_name_hears_no_password(
    tmp_path: Path, certificates: dict[str, ssl.SSLContext], security: str, shown: str, trouble: str
) -> None:
    sink = Sink()
    with running(sink, security, certificates[shown]) as port:
        found = list(check_mail(site(tmp_path, port, security)))
    assert [trouble in sentence for sentence in found] == [True] * bool(trouble)
    assert sink.heard == ([] if trouble else [("AUTH", True)])


@pytest.mark.parametrize(
    ("asked", "offered", "trouble"),
    [
        ("starttls", "none", "does not offer what DIALOGUE_MAIL_SECURITY"),
        ("tls", "none", "cannot be spoken to encrypted"),
        ("tls", "starttls", "is it starttls or tls?"),
    ],
)
def test_encryption_that_is_not_there_is_not_done_without(
    tmp_path: Path, certificates: dict[str, ssl.SSLContext], asked: str, offered: str, trouble: str
) -> None:
    sink = Sink()
    with running(sink, offered, certificates["good"]) as port:
        (found,) = check_mail(site(tmp_path, port, asked))
    assert trouble in found
    assert sink.heard == []


def test_doctor_sees_what_else_is_wrong(tmp_path: Path) -> None:
    with refusing() as port:
        (found,) = check_mail(site(tmp_path, port, "none"))
    assert "Connection refused" in found
    sink = Sink()
    sink.lets_in = False
    with running(sink) as port:
        (found,) = check_mail(site(tmp_path, port, "none"))
    assert "does not accept DIALOGUE_MAIL_USERNAME and DIALOGUE_MAIL_PASSWORD: 535" in found
    app = site(tmp_path, 1, "none")
    app.config["MAIL_SERVER"] = "mail.invalid"
    assert "in clear: set DIALOGUE_MAIL_SECURITY" in list(check_mail(app))[-1]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_mail_waits_until_the_server_proves_its_name(
    app: Flask, session: Session, make: Factory, certificates: dict[str, ssl.SSLContext], security: str
) -> None:
    person = make.official(make.unit("gata"))
    mail_id = send(session, person, session.scalars(select(RoleGrant.id)).one()).id
    session.rollback()
    sink = Sink()
    way = {"MAIL_SERVER": "127.0.0.1", f"MAIL_USE_{'TLS' if security == 'starttls' else 'SSL'}": True}
    with time_machine.travel(now(), tick=False) as clock:
        for shown in ("of another", "good"):
            with running(sink, security, certificates[shown]) as port, configured(app, MAIL_PORT=port, **way):
                Worker(app).work()
            mail = session.get_one(OutgoingEmail, mail_id, populate_existing=True)
            if shown == "good":
                break
            assert (mail.state, sink.heard) == (MailState.WAITING, [])
            assert "is not accepted: IP address mismatch" in (mail.last_error or "")
            session.rollback()
            clock.shift(SERVER_PAUSES[0])
    assert (mail.state, sink.heard) == (MailState.SENT, [("MAIL", True)])
    session.rollback()
