"""The mail server, reached through Flask-Mail with what it leaves out: time limits and checked certificates.

Flask-Mail's own message is left out too: it asks the name server what this machine is called, once a mail.
"""

import re
import smtplib
import ssl
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any

from flask_mail import Connection, Mail

from dialogue.mail.bounces import Report
from dialogue.mail.refusals import read_refusal
from dialogue.mail.rules import TIMEOUT_SECONDS

_GO_AHEAD = 354
_FOR_EVER = 500
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)


class Verdict(Enum):
    """What became of a hand-over."""

    TAKEN = "taken"
    #: Not now (4xx), or the dialogue broke off before the server had the mail.
    LATER = "later"
    #: The dialogue broke off after the server had the mail: it may have taken it.
    UNKNOWN = "unknown"
    NEVER = "never"


@dataclass(frozen=True)
class Outcome:
    """What became of a hand-over, in the server's words, and what they tell of the recipient's address, if anything."""

    verdict: Verdict
    words: str = ""
    report: Report | None = None


class ServerAway(Exception):
    """The server cannot be reached, will not let us in, or cannot prove who it is."""


@dataclass(frozen=True)
class Message:
    """A message that is written already (mail/message.py)."""

    #: Where to tell that it did not arrive; empty: nowhere.
    return_path: str
    recipient: str
    content: bytes


class _Wire(smtplib.SMTP):
    """Knows whether the server has the mail and has not said what it thinks: then a broken dialogue is an unknown."""

    in_doubt = False

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Hand over the mail itself (RFC 5321, 4.1.1.4). Raises SMTPDataError when the server does not want it."""
        code, words = self.docmd("DATA")
        if code != _GO_AHEAD:
            raise smtplib.SMTPDataError(code, words)
        self.in_doubt = True
        self.send(_LEADING_DOT.sub(b"..", msg) + b".\r\n")
        answer = self.getreply()
        self.in_doubt = False
        return answer


class _EncryptedWire(_Wire, smtplib.SMTP_SSL):
    pass


class ServerConnection(Connection):
    """One connection for many mails."""

    mail: "MailServer"
    wire: _Wire

    def configure_host(self) -> smtplib.SMTP:
        """Connect, encrypt and log in as the settings say. Raises ServerAway."""
        try:
            self.wire = self._connect()
            return self.wire
        except (OSError, smtplib.SMTPException) as error:
            raise ServerAway(_why_away(error, f"{self.mail.server}:{self.mail.port}")) from error

    def _connect(self) -> _Wire:
        settings = self.mail
        if settings.use_ssl:
            host: _Wire = _EncryptedWire(
                settings.server, settings.port, timeout=TIMEOUT_SECONDS, context=settings.proof
            )
        else:
            host = _Wire(settings.server, settings.port, timeout=TIMEOUT_SECONDS)
        try:
            if settings.use_tls:
                host.starttls(context=settings.proof)
            if settings.username and settings.password:
                host.login(settings.username, settings.password)
            host.ehlo_or_helo_if_needed()
        except BaseException:
            host.close()
            raise
        return host

    def hand_over(self, message: Message) -> Outcome:
        """Give `message` to the server. Never raises."""
        try:
            self.wire.sendmail(message.return_path, [message.recipient], message.content)
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            return _refused(code, said, read_refusal(code, _text(said)) if code >= _FOR_EVER else None)
        except smtplib.SMTPSenderRefused as error:
            # Not this mail's fault: a setting is wrong, and when it is put right the mail goes out.
            return Outcome(Verdict.LATER, f"{error.smtp_code} {_text(error.smtp_error)}")
        except smtplib.SMTPResponseException as error:
            # To DATA: what is wrong is the mail, or we, but never the address.
            return _refused(error.smtp_code, error.smtp_error)
        except (OSError, smtplib.SMTPException) as error:
            verdict = Verdict.UNKNOWN if self.wire.in_doubt else Verdict.LATER
            return Outcome(verdict, f"{type(error).__name__}: {error}")
        return Outcome(Verdict.TAKEN)

    @property
    def is_open(self) -> bool:
        """Whether another mail can be handed over on this connection."""
        return self.wire.sock is not None

    def __exit__(self, *failure: Any) -> None:
        """Say goodbye; a server that is gone already is no failure."""
        try:
            self.wire.quit()
        except (OSError, smtplib.SMTPException):
            self.wire.close()


class MailServer(Mail):
    """Flask-Mail with our connection."""

    @cached_property
    def proof(self) -> ssl.SSLContext:
        """Whose word is taken for who the server is. Made once: reading the machine's certificates takes 15 ms."""
        return ssl.create_default_context()

    def connect(self) -> ServerConnection:
        """A connection to the server, opened by `with`."""
        return ServerConnection(self)


def _refused(code: int, said: bytes | str, report: Report | None = None) -> Outcome:
    verdict = Verdict.NEVER if code >= _FOR_EVER else Verdict.LATER
    return Outcome(verdict, f"{code} {_text(said)}", report)


def _why_away(error: Exception, server: str) -> str:
    """What keeps us from the server, for whoever set it up."""
    match error:
        case ssl.SSLCertVerificationError():
            return f"the certificate of {server} is not accepted: {error.verify_message}"
        case ssl.SSLError():
            return f"{server} cannot be spoken to encrypted ({error.reason}): is it starttls or tls?"
        case smtplib.SMTPNotSupportedError():
            return f"{server} does not offer what DIALOGUE_MAIL_SECURITY or DIALOGUE_MAIL_USERNAME asks for: {error}"
        case smtplib.SMTPAuthenticationError():
            return f"{server} does not accept DIALOGUE_MAIL_USERNAME and DIALOGUE_MAIL_PASSWORD: {error.smtp_code}"
    return f"{type(error).__name__}: {error}"


def _text(said: bytes | str) -> str:
    return " ".join((said.decode("utf-8", "replace") if isinstance(said, bytes) else said).split())
