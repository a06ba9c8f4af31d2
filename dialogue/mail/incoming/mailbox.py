"""The third way in: a mailbox at somebody else's server, read by IMAP (RFC 3501), always encrypted.

A mail is marked as seen when the spool has it and not before, so that a crash in between brings it once more, and the
spool knows it again. What is refused stays unseen with a flag, for a person who looks into the mailbox.
"""

import imaplib
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from dialogue.mail.incoming.entrance import MAX_BYTES, TooLong, UnknownAddress
from dialogue.mail.rules import TIMEOUT_SECONDS

_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")

#: Neither read by anybody nor refused before.
_NEW = ("UNSEEN", "UNFLAGGED")


class MailboxAway(Exception):
    """The mailbox cannot be reached, will not let us in, or cannot prove whose it is."""


@contextmanager
def opened(host: str, port: int, folder: str, username: str, password: str) -> Iterator[imaplib.IMAP4]:
    """A connection that has `folder` open, until the block ends. Raises MailboxAway, also when it breaks off inside."""
    try:
        connection = imaplib.IMAP4_SSL(host, port, ssl_context=ssl.create_default_context(), timeout=TIMEOUT_SECONDS)
        try:
            connection.login(username, password)
            _answer(connection.select(f'"{folder}"'))
            yield connection
        finally:
            # Both: the package leaves the connection open when the goodbye fails.
            for farewell in (connection.logout, connection.shutdown):
                with suppress(imaplib.IMAP4.error, OSError):
                    farewell()
    except (imaplib.IMAP4.error, OSError) as error:
        raise MailboxAway(_why(error)) from error


def fetch(connection: imaplib.IMAP4, receive: Callable[[bytes], object]) -> tuple[int, int]:
    """Give each new mail to `receive`; how many it has kept, and how many it refused. What else it raises ends it."""
    kept = refused = 0
    for uid in b" ".join(_lines(connection.uid("SEARCH", *_NEW))).split():
        number = uid.decode("ascii")
        try:
            receive(_content(connection, number))
        except (UnknownAddress, TooLong):
            refused += 1
            _answer(connection.uid("STORE", number, "+FLAGS.SILENT", r"(\Flagged)"))
        else:
            kept += 1
            _answer(connection.uid("STORE", number, "+FLAGS.SILENT", r"(\Seen)"))
    return kept, refused


def _content(connection: imaplib.IMAP4, number: str) -> bytes:
    """A mail, left unseen. Raises TooLong before it is brought here."""
    size = _SIZE.search(b" ".join(_lines(connection.uid("FETCH", number, "(RFC822.SIZE)"))))
    if size is not None and int(size[1]) > MAX_BYTES:
        raise TooLong
    for part in _answer(connection.uid("FETCH", number, "(BODY.PEEK[])")):
        if isinstance(part, tuple):
            return bytes(part[1])
    raise imaplib.IMAP4.error(f"the server does not bring mail {number}")


def _answer(answer: tuple[str, list[Any]]) -> list[Any]:
    """What was answered. Raises IMAP4.error for a no."""
    if answer[0] != "OK":
        raise imaplib.IMAP4.error(b" ".join(_lines(("OK", answer[1]))).decode("utf-8", "replace"))
    return answer[1]


def _lines(answer: tuple[str, list[Any]]) -> list[bytes]:
    """What was answered, without contents."""
    return [part for part in _answer(answer) if isinstance(part, bytes)]


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted: {error.verify_message}"
    return str(error) or type(error).__name__
