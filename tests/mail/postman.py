"""Mails as people and machines send them, put through the whole way in."""

from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from itertools import count
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Person, Unit
from dialogue.mail.addresses import MailboxAnswer, PersonsAnswer, local_part
from dialogue.mail.incoming.spool import take_in
from dialogue.mail.models import IncomingEmail, OutgoingEmail
from dialogue.mail.rules import IncomingState
from dialogue.notifications.worker import drain
from dialogue.requests.models import DataRequest

DOMAIN = "svar.example"

_numbers = count(1)


@contextmanager
def configured(app: Flask, **more: object) -> Iterator[Flask]:
    """`app` with other settings, until the block ends."""
    before = {name: app.config[name] for name in more}
    app.config.update(more)
    try:
        yield app
    finally:
        app.config.update(before)


def address_of(app: Flask, writer: Person | Unit, data_request: DataRequest) -> str:
    """The address that `writer` answers to about `data_request`."""
    purpose = (
        MailboxAnswer(writer.id, data_request.id)
        if isinstance(writer, Unit)
        else PersonsAnswer(writer.mail_handle, data_request.id)
    )
    return f"{local_part(app.config['SECRET_KEY'], purpose)}@{DOMAIN}"


class Postman:
    """Brings mails in and lets the worker do its work."""

    def __init__(self, app: Flask, session: Session) -> None:
        self.app, self.session = app, session

    def bring(self, sender: str, to: str, text: str, **headers: str) -> IncomingState:
        """What becomes of a mail."""
        return self.bring_raw(written(sender, to, text, number=next(_numbers), **headers), to, headers)

    def bring_raw(self, raw: bytes, to: str, headers: dict[str, str] | None = None) -> IncomingState:
        """What becomes of the bytes `raw`."""
        path = (headers or {}).get("Return-Path", "somebody@elsewhere.example")
        self.session.rollback()
        with self.session.begin():
            take_in(self.session, raw, [to], path)
        drain(self.app)
        with self.session.begin():
            return self.session.scalars(select(IncomingEmail.state).order_by(IncomingEmail.id.desc())).first()  # type: ignore[return-value]

    def mails(self, template: str) -> list[OutgoingEmail]:
        """The mails of one kind that went out, oldest first."""
        wanted = select(OutgoingEmail).where(OutgoingEmail.template == template).order_by(OutgoingEmail.id)
        return list(self.session.scalars(wanted))


def written(sender: str, to: str, text: str, *, number: int = 1, **headers: str) -> bytes:
    """A mail as a person's program writes it."""
    mail = EmailMessage()
    named: dict[str, Any] = {
        "From": sender,
        "To": to,
        "Subject": "Sv: Lediga laddplatser",
        "Message-ID": f"<{number}@elsewhere.example>",
        "Date": "Mon, 23 Nov 2026 10:00:00 +0100",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in named.items():
        if value:
            mail[name] = value
    mail.set_content(text)
    return mail.as_bytes()
